//! The profile fields that an admin defines: what a user has beyond SCIM's own attributes.

use serde::{Deserialize, Serialize};

/// A profile field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProfileField {
    /// Its name, as SCIM allows it for an attribute (RFC 7643, 2.1): a letter, then letters,
    /// digits, `-` and `_`.
    pub name: String,
    /// How people know it.
    pub label: String,
    /// What its values are.
    #[serde(rename = "type")]
    pub kind: FieldKind,
    /// Whether it has several values.
    #[serde(default)]
    pub multi_valued: bool,
    /// Whether a client must give it.
    #[serde(default)]
    pub required: bool,
    /// Whether clients may only read it: it comes from a store.
    #[serde(default)]
    pub read_only: bool,
}

/// What the values of a profile field are, by SCIM's names of data types (RFC 7643, 2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum FieldKind {
    /// Text.
    String,
    /// A whole number.
    Integer,
    /// A number.
    Decimal,
    /// True or false.
    Boolean,
    /// A date and time (RFC 3339).
    DateTime,
}
