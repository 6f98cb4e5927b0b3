//! A person in the directory: the one record, which is also the item in the users table.

mod sent;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    application::ApplicationId,
    bigcommerce::CustomerId,
    client::ClientId,
    clock::random_id,
    group::GroupId,
    mapping::{AddressAttribute, AddressFields, Fields},
    report::AttentionKey,
    secret::{EmailAddress, fold},
};

pub use sent::Sent;

/// The identifier of a user: a random UUID, never re-used.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UserId(String);

impl UserId {
    /// A new identifier.
    pub fn random() -> UserId {
        UserId(random_id())
    }

    /// The identifier as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for UserId {
    fn from(id: String) -> UserId {
        UserId(id)
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A person in the directory. Attribute names and meanings are those of SCIM (RFC 7643, 4.1).
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// Who this is, for ever.
    pub id: UserId,
    /// Unique over the directory by [`fold`].
    pub user_name: String,
    /// Whether the person may be served at all.
    pub active: bool,
    /// Whether a client took the attribute `active` away, so that none is told one. What the person
    /// may be served stays as it was.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub active_unassigned: bool,
    /// Which client deactivated the user, as long as the user is inactive: the one whose creation
    /// of the same person may activate the user again (see [`crate::client::Client::reactivates`]).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deactivated_by: Option<ClientId>,
    /// The parts of the name.
    #[serde(default)]
    pub name: Name,
    /// Single-valued text attributes that are kept as sent: `displayName`, `title`, `locale`, …
    /// by their SCIM names.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, String>,
    /// E-mail addresses; each is unique over the directory by [`fold`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub emails: Vec<Email>,
    /// Telephone numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub phone_numbers: Vec<PhoneNumber>,
    /// Postal addresses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<Address>,
    /// Multi-valued attributes that are kept as sent, by their SCIM names: `ims`, `photos`,
    /// `entitlements`, `roles`, `x509Certificates`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub others: BTreeMap<String, Vec<Value>>,
    /// Who the person reports to (RFC 7643, 4.3).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manager: Option<Manager>,
    /// What each client calls the user: unique among the users of that client, and exact.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub external_ids: BTreeMap<ClientId, String>,
    /// The profile fields that an admin defined, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, Value>,
    /// The groups this user is a direct member of, by their identifiers.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub groups: BTreeSet<GroupId>,
    /// The customers this user is, by application.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub links: BTreeMap<ApplicationId, Link>,
    /// The applications at which the user was a customer until that ended there. None is created
    /// there anew: what the store deleted would come back.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub unlinked: BTreeSet<ApplicationId>,
    /// Grows by one with each write: the ETag, and the condition of the next write.
    pub version: u64,
    /// When the user was created.
    pub created: Timestamp,
    /// When the user was last written.
    pub last_modified: Timestamp,
}

/// The parts of a name (RFC 7643, 4.1.1).
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Name {
    /// First name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given_name: Option<String>,
    /// Last name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family_name: Option<String>,
    /// Middle names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub middle_name: Option<String>,
    /// The whole name as displayed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub formatted: Option<String>,
    /// "Ms.", "Dr."
    #[serde(skip_serializing_if = "Option::is_none")]
    pub honorific_prefix: Option<String>,
    /// "III"
    #[serde(skip_serializing_if = "Option::is_none")]
    pub honorific_suffix: Option<String>,
}

/// One e-mail address of a user.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Email {
    /// The address.
    pub value: EmailAddress,
    /// "work", "home", "other", or whatever was sent.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// How it is shown to people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display: Option<String>,
    /// At most one is primary.
    #[serde(default)]
    pub primary: bool,
}

/// One telephone number of a user.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PhoneNumber {
    /// The number as sent.
    pub value: String,
    /// "work", "home", "mobile", …
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// How it is shown to people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display: Option<String>,
    /// At most one is primary.
    #[serde(default)]
    pub primary: bool,
}

/// Who a person reports to: another user as a rule, but any value is kept.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Manager {
    /// The user's identifier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// How the manager is shown to people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
}

/// One postal address of a user: SCIM's (RFC 7643, 4.1.2) and what a store adds to it.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Address {
    /// The parts.
    #[serde(flatten)]
    pub parts: BTreeMap<AddressAttribute, String>,
    /// "work", "home", "other", or whatever was sent.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// At most one is primary.
    pub primary: bool,
}

/// "This user is customer 123 at this application."
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Link {
    /// The customer at the application.
    pub customer: CustomerId,
    /// The mapped fields as both sides last agreed on them.
    pub base: Base,
    /// Whether the user was met in the application's scope: who then leaves it is offboarded. A
    /// user made of a customer, and never in scope, is not.
    #[serde(default)]
    pub in_scope: bool,
    /// What the store had before the customer was offboarded; it is given back on return.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<Held>,
    /// Whether the pair is in step.
    #[serde(default)]
    pub state: LinkState,
    /// The customer's `date_modified` when last seen: an older answer is stale.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub store_modified: Option<Timestamp>,
    /// When the pair was last brought into step.
    pub synced_at: Timestamp,
    /// Why the pair is not in step, for a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
    /// What a person is asked about the pair, by the keys of the attention raised.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub attention: BTreeSet<AttentionKey>,
}

/// What the store had before a customer was offboarded.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Held {
    /// Why.
    pub why: Absence,
    /// Since when, as far as we know.
    pub since: Timestamp,
    /// The e-mail address; `None`: it was left alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The customer group, 0 for none; `None`: it was left alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<u32>,
}

/// Why a customer is offboarded while its user is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Absence {
    /// The user is inactive.
    Inactive,
    /// The user has left the application's scope.
    OutOfScope,
}

/// What both sides last agreed on, in the customer's vocabulary and canonical form.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Base {
    /// The mapped fields; an absent field is empty at both sides.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: Fields,
    /// The addresses, by content: the store keeps no two alike.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub addresses: BTreeSet<AddressFields>,
}

impl Base {
    /// Tells one agreement from another: a customer that reads as this is as it was last seen.
    pub fn fingerprint(&self) -> String {
        digest(self)
    }
}

/// Tells one value from another.
pub(crate) fn digest(value: &impl Serialize) -> String {
    // Maps are ordered, so equal values are written alike.
    let text = serde_json::to_vec(value).unwrap_or_default();
    let digest = ring::digest::digest(&ring::digest::SHA256, &text);
    BASE64_URL_SAFE_NO_PAD.encode(&digest.as_ref()[..15])
}

/// Whether a linked pair is in step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum LinkState {
    /// Both sides agree.
    #[default]
    InStep,
    /// One side holds a value that the other refuses; `last_error` tells which.
    Blocked,
}

impl User {
    /// A new active user with a fresh identifier and nothing else; version 0 is "not yet written".
    pub fn new(user_name: impl Into<String>, now: Timestamp) -> User {
        User {
            id: UserId::random(),
            user_name: user_name.into(),
            active: true,
            active_unassigned: false,
            deactivated_by: None,
            name: Name::default(),
            attributes: BTreeMap::new(),
            emails: Vec::new(),
            phone_numbers: Vec::new(),
            addresses: Vec::new(),
            others: BTreeMap::new(),
            manager: None,
            external_ids: BTreeMap::new(),
            fields: BTreeMap::new(),
            groups: BTreeSet::new(),
            links: BTreeMap::new(),
            unlinked: BTreeSet::new(),
            version: 0,
            created: now,
            last_modified: now,
        }
    }

    /// The primary e-mail address, or else the first.
    pub fn primary_email(&self) -> Option<&Email> {
        self.emails.iter().find(|email| email.primary).or(self.emails.first())
    }

    /// The user name as it is unique.
    pub fn folded_user_name(&self) -> String {
        fold(&self.user_name)
    }

    /// The e-mail addresses as they are unique.
    pub fn folded_emails(&self) -> BTreeSet<String> {
        self.emails.iter().map(|email| email.value.folded()).collect()
    }
}

/// Tells who and which version, and nothing personal.
impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User").field("id", &self.id).field("version", &self.version).finish_non_exhaustive()
    }
}

/// Tells since when, and nothing personal.
impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Held").field("since", &self.since).finish_non_exhaustive()
    }
}

/// Tells which customer, and nothing personal.
impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link")
            .field("customer", &self.customer)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}
