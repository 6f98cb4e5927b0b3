//! The three-way merge of one pair, field by field. Pure.

use serde_json::Value;

use crate::{
    application::Authority,
    mapping::{AddressFields, CustomerField, Fields},
};
use std::collections::BTreeSet;

/// What the merge of the mapped fields came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Merge {
    /// What both sides will agree on once both changes below are applied: the next base.
    pub agreed: Fields,
    /// What must change in the directory; null clears.
    pub to_directory: Fields,
    /// What must change at the store; null clears.
    pub to_store: Fields,
    /// The fields that both sides changed differently.
    pub conflicts: Vec<Conflict>,
}

/// A field that both sides changed differently.
#[derive(Clone, Debug, PartialEq)]
pub struct Conflict {
    /// Which field.
    pub field: CustomerField,
    /// Whose value stands.
    pub won: Authority,
    /// The value that stands; null for empty.
    pub kept: Value,
    /// The value that gave way; null for empty.
    pub lost: Value,
}

/// What the merge of the addresses came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AddressMerge {
    /// What both sides will agree on once all changes below are applied.
    pub agreed: BTreeSet<AddressFields>,
    /// What must change in the directory.
    pub to_directory: AddressChanges,
    /// What must change at the store.
    pub to_store: AddressChanges,
}

/// Addresses that one side must gain and lose.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AddressChanges {
    /// To be gained.
    pub add: BTreeSet<AddressFields>,
    /// To be lost.
    pub remove: BTreeSet<AddressFields>,
}
