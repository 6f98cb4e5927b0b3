//! A connected BigCommerce store: name, credentials, mapping and policies.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{mapping::Mapping, secret::Secret};

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

/// What may happen without a person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Policies {
    /// Who wins when both sides changed one field differently.
    pub authority: Authority,
    /// What a change at the store may do in the directory.
    pub to_directory: Operations,
    /// What a change in the directory may do at the store.
    pub to_store: Operations,
    /// What to do when a user and a customer that are not linked have one e-mail address.
    pub match_by_email: MatchPolicy,
    /// What the deletion of a customer at the store does to its user.
    pub on_customer_deleted: OnCustomerDeleted,
    /// What the deletion of a user does to its customer.
    pub on_user_deleted: OnUserDeleted,
    /// What the deactivation of a user does to its customer.
    pub on_user_deactivated: OnUserDeactivated,
    /// How much of the store's request quota is left to the merchant's other apps, in percent.
    pub quota_reserve_percent: u8,
    /// After how many hours all customers are compared with the directory again, for what the store
    /// failed to tell although its webhooks are on; 0: never.
    pub survey_every_hours: u16,
    /// How many customers may be found gone in one walk before a person is asked.
    pub deletion_brake: Brake,
}

/// Above both, deletions stop and a person is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Brake {
    /// How many deletions.
    pub number: u32,
    /// Which share of what is linked, in percent.
    pub percent: u8,
}

impl Default for Brake {
    fn default() -> Brake {
        Brake { number: 10, percent: 20 }
    }
}

impl Brake {
    /// Whether `gone` of `known` are too many.
    pub fn stops(self, gone: u64, known: u64) -> bool {
        gone > self.number.into() && gone * 100 > known * u64::from(self.percent)
    }
}

impl Default for Policies {
    fn default() -> Policies {
        Policies {
            authority: Authority::default(),
            to_directory: Operations::default(),
            to_store: Operations::default(),
            match_by_email: MatchPolicy::default(),
            on_customer_deleted: OnCustomerDeleted::default(),
            on_user_deleted: OnUserDeleted::default(),
            on_user_deactivated: OnUserDeactivated::default(),
            quota_reserve_percent: 20,
            survey_every_hours: 24,
            deletion_brake: Brake::default(),
        }
    }
}

/// The side whose value stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Authority {
    /// The directory's value stands.
    #[default]
    Directory,
    /// The store's value stands.
    Store,
}

/// Which operations one direction may carry out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Operations {
    /// May create.
    pub create: bool,
    /// May update.
    pub update: bool,
    /// May delete, deactivate or unlink.
    pub delete: bool,
}

impl Default for Operations {
    fn default() -> Operations {
        Operations { create: true, update: true, delete: true }
    }
}

/// What to do when a user and a customer that are not linked have one e-mail address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum MatchPolicy {
    /// They are one person: link them and merge.
    #[default]
    Adopt,
    /// Ask a person.
    Ask,
    /// They are not to be linked: tell a person, change neither.
    Refuse,
}

/// What the deletion of a customer at the store does to its user.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum OnCustomerDeleted {
    /// Delete the user when no other link remains, else unlink.
    #[default]
    DeleteUser,
    /// Deactivate the user when no other link remains, and unlink.
    DeactivateUser,
    /// Unlink only.
    Unlink,
}

/// What the deletion of a user does to its customer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum OnUserDeleted {
    /// Delete the customer.
    #[default]
    DeleteCustomer,
    /// Leave the customer as it is.
    KeepCustomer,
}

/// What the deactivation of a user does to its customer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum OnUserDeactivated {
    /// Nothing: the store has no switch for it.
    #[default]
    Nothing,
    /// Delete the customer.
    DeleteCustomer,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_brake_stops_above_its_number_and_its_share() {
        let brake = Brake { number: 10, percent: 20 };
        assert!(!brake.stops(10, 10), "few are let pass, whatever their share");
        assert!(!brake.stops(20, 100), "and a small share, however many");
        assert!(brake.stops(11, 50) && brake.stops(21, 100) && brake.stops(1_000, 1_000));
    }
}
