//! Who speaks SCIM to the directory: an identity provider or any HTTP client, known by its tokens.

use std::{collections::BTreeSet, fmt};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::operator::Role;

/// The identifier of a client: lower-case letters, digits and hyphens, at most 64.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct ClientId(String);

/// The text is no identifier of a client.
#[derive(Debug, thiserror::Error)]
#[error("no client identifier (1 to 64 lower-case letters, digits and hyphens)")]
pub struct NotAClientId;

impl ClientId {
    /// The identifier as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ClientId {
    type Error = NotAClientId;

    fn try_from(id: String) -> Result<ClientId, NotAClientId> {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if (1..=64).contains(&id.len()) && id.bytes().all(allowed) {
            Ok(ClientId(id))
        } else {
            Err(NotAClientId)
        }
    }
}

impl std::str::FromStr for ClientId {
    type Err = NotAClientId;

    fn from_str(id: &str) -> Result<ClientId, NotAClientId> {
        ClientId::try_from(id.to_owned())
    }
}

impl<'de> Deserialize<'de> for ClientId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<ClientId, D::Error> {
        ClientId::try_from(String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A client of the directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Client {
    /// Its identifier.
    pub id: ClientId,
    /// The name by which people know it.
    pub name: String,
    /// Whether a value that a connected store would refuse is refused at once (`invalidValue`),
    /// instead of being stored and told.
    #[serde(default)]
    pub strict: bool,
    /// Whether the creation of a user whom this client has deactivated activates that user again,
    /// instead of being refused as not unique.
    #[serde(default)]
    pub reactivates: bool,
}

impl Client {
    /// A client that is neither strict nor reactivates.
    pub fn new(id: ClientId, name: impl Into<String>) -> Client {
        Client { id, name: name.into(), strict: false, reactivates: false }
    }
}

/// What a token opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Scope {
    /// To read users and groups.
    Read,
    /// To create and change them.
    Write,
    /// To delete them.
    Delete,
}

impl Scope {
    /// All of them.
    pub const ALL: [Scope; 3] = [Scope::Read, Scope::Write, Scope::Delete];
}

/// What is known of a token: whose it is, what it opens and how long it holds. The token itself is
/// kept nowhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApiToken {
    /// The client it was given to.
    pub client: ClientId,
    /// What it opens.
    pub scopes: BTreeSet<Scope>,
    /// What it opens at the console's JSON side; none: nothing there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// When it was made.
    pub created: Timestamp,
    /// When it ends; `None`: not by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
    /// When it was last used, to the hour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used: Option<Timestamp>,
}

impl ApiToken {
    /// A token that opens all of SCIM, nothing of the console, and does not end by itself.
    pub fn new(client: ClientId, now: Timestamp) -> ApiToken {
        ApiToken {
            client,
            scopes: Scope::ALL.into(),
            role: None,
            created: now,
            expires: None,
            last_used: None,
        }
    }

    /// Whether it opens anything at `now`.
    pub fn is_valid(&self, now: Timestamp) -> bool {
        self.expires.is_none_or(|expires| now < expires)
    }

    /// Whether it opens `scope` at `now`.
    pub fn opens(&self, scope: Scope, now: Timestamp) -> bool {
        self.is_valid(now) && self.scopes.contains(&scope)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_holds_until_it_expires_and_opens_its_scopes_only() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let token = ApiToken::new("idp".parse().unwrap(), at(0));
        let token = ApiToken { expires: Some(at(100)), scopes: [Scope::Read].into(), ..token };
        assert!(token.is_valid(at(99)) && !token.is_valid(at(100)));
        assert!(token.opens(Scope::Read, at(99)) && !token.opens(Scope::Read, at(100)));
        assert!(!token.opens(Scope::Write, at(99)));
    }

    #[test]
    fn other_text_is_no_client_identifier() {
        for id in ["", "A", "a b", "a#b", &"a".repeat(65)] {
            assert!(id.parse::<ClientId>().is_err(), "{id}");
        }
    }
}
