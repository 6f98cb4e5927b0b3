//! A group of users in the directory (RFC 7643, 4.2).

use std::{collections::BTreeMap, fmt};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{client::ClientId, clock::random_id};

/// The identifier of a group: a random UUID, never re-used.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GroupId(String);

impl GroupId {
    /// A new identifier.
    pub fn random() -> GroupId {
        GroupId(random_id())
    }

    /// The identifier as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for GroupId {
    fn from(id: String) -> GroupId {
        GroupId(id)
    }
}

impl fmt::Display for GroupId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A group. Its members are rows of their own: there may be many.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Group {
    /// Which group this is, for ever.
    pub id: GroupId,
    /// How people know it.
    pub display_name: String,
    /// What each client calls the group: unique among the groups of that client, and exact.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub external_ids: BTreeMap<ClientId, String>,
    /// Grows by one with each write: the ETag, and the condition of the next write.
    pub version: u64,
    /// When the group was created.
    pub created: Timestamp,
    /// When the group or its members were last written.
    pub last_modified: Timestamp,
}

impl Group {
    /// A new group with a fresh identifier; version 0 is "not yet written".
    pub fn new(display_name: impl Into<String>, now: Timestamp) -> Group {
        Group {
            id: GroupId::random(),
            display_name: display_name.into(),
            external_ids: BTreeMap::new(),
            version: 0,
            created: now,
            last_modified: now,
        }
    }
}

/// One direct member of a group.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Member {
    /// The identifier of the user or group; of a pending member whatever the client sent.
    pub value: String,
    /// What the member is.
    #[serde(rename = "type")]
    pub kind: MemberKind,
}

/// What a member of a group is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum MemberKind {
    /// A user of the directory.
    User,
    /// Another group; its members are not members of this one.
    Group,
    /// Nobody yet: kept until a user comes that the same client knows by this value.
    Pending,
}
