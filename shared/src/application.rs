//! A connected BigCommerce store: name, credentials, mapping and policies.

mod activation;
mod check;
mod policies;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{mapping::Mapping, secret::Secret, user::digest};

pub use activation::{ActivationSettings, NotSettings};
pub use check::PolicyFlaw;
pub use policies::{Authority, Brake, MatchPolicy, Offboarding, OnCustomerDeleted, Operations, Policies};

/// The identifier of an application: lower-case letters, digits and hyphens, at most 64, chosen
/// when it is connected and part of its webhook address.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct ApplicationId(String);

/// The text is no identifier of an application.
#[derive(Debug, thiserror::Error)]
#[error("no application identifier (1 to 64 lower-case letters, digits and hyphens)")]
pub struct NotAnApplicationId;

impl ApplicationId {
    /// The identifier as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ApplicationId {
    type Error = NotAnApplicationId;

    fn try_from(id: String) -> Result<ApplicationId, NotAnApplicationId> {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if (1..=64).contains(&id.len()) && id.bytes().all(allowed) {
            Ok(ApplicationId(id))
        } else {
            Err(NotAnApplicationId)
        }
    }
}

impl std::str::FromStr for ApplicationId {
    type Err = NotAnApplicationId;

    fn from_str(id: &str) -> Result<ApplicationId, NotAnApplicationId> {
        ApplicationId::try_from(id.to_owned())
    }
}

impl<'de> Deserialize<'de> for ApplicationId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<ApplicationId, D::Error> {
        ApplicationId::try_from(String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

impl fmt::Display for ApplicationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The events of a store that tell of its customers. Each by its own name: whether
/// `store/customer/*` tells of addresses and access too is not documented.
pub const WEBHOOK_SCOPES: [&str; 7] = [
    "store/customer/created",
    "store/customer/updated",
    "store/customer/deleted",
    "store/customer/address/created",
    "store/customer/address/updated",
    "store/customer/address/deleted",
    "store/customer/channel/login/access/updated",
];

/// A connected BigCommerce store. Its secrets are sealed before they reach a table.
#[derive(Clone, Debug)]
pub struct Application {
    /// Its identifier.
    pub id: ApplicationId,
    /// The name by which people know it, and by which reports are filtered.
    pub name: String,
    /// The store's hash: the path of its API and the `producer` of its webhooks.
    pub store_hash: String,
    /// The API account's values.
    pub credentials: Credentials,
    /// How its webhooks are known to be its own.
    pub webhook: WebhookPolicy,
    /// Which directory attribute is which customer field.
    pub mapping: Mapping,
    /// What may happen without a person.
    pub policies: Policies,
}

impl Application {
    /// Tells one mapping with policies from another: what is in step by the one need not be so by
    /// the other. Schedules, the brake and the quota's reserve are no such rules.
    pub fn rules_digest(&self) -> String {
        digest(&(&self.mapping, &self.policies.rules()))
    }
}

/// The values of a store-level API account.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// Names the account; its webhooks are visible to it alone.
    pub client_id: String,
    /// Signs webhooks.
    pub client_secret: Secret,
    /// The client secret before the last rotation, still accepted on webhooks.
    pub previous_client_secret: Option<Secret>,
    /// Opens the API (`X-Auth-Token`).
    pub access_token: Secret,
}

/// The header of a delivery that carries the app secret; the hook is registered with it.
pub const WEBHOOK_SECRET_HEADER: &str = "x-clientele-secret";

/// How a delivery is known to be the store's own.
#[derive(Clone, Debug)]
pub struct WebhookPolicy {
    /// Sent by the store in the header that we gave it with the hook.
    pub app_secret: Secret,
    /// The app secret before the last rotation, still accepted.
    pub previous_app_secret: Option<Secret>,
    /// What is asked of the signature.
    pub signature: SignatureMode,
}

/// What is asked of the Standard Webhooks signature of a delivery.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SignatureMode {
    /// Not looked at.
    Off,
    /// Looked at; a mismatch is logged and let pass.
    Observe,
    /// A wrong one is refused; a delivery without any is let pass on its app secret.
    #[default]
    WhenPresent,
    /// A missing or wrong one is refused.
    Require,
}
