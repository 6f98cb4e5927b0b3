//! The three-way merge of one pair, field by field. Pure.
//!
//! | since `base` | what happens |
//! | --- | --- |
//! | neither side changed | nothing |
//! | one side changed | its value flows to the other |
//! | both changed alike | nothing; the base moves |
//! | both changed differently | the authority's value stands, the other is kept as a [`Conflict`] |
//!
//! Without a base every value is a change; so one side's value flows where the other is empty.
//!
//! A pinned field follows one side: what changed at the other is set right. Two things are left
//! alone even so. A value that only the other side ever had: nothing was emptied. And a value of
//! the other side that differs in case or white space at most: a store that normalises what it is
//! sent would be corrected for ever.
//!
//! A closed direction holds its changes back and leaves the base as it was: they flow when it opens.

mod addresses;
mod fields;

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{
    application::{Authority, Policies},
    mapping::{AddressFields, CustomerField, Fields, Mapping},
};

pub use addresses::merge_addresses;
pub use fields::merge;

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

/// The terms on which two sides are merged.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    /// Which fields there are, and which are pinned.
    pub mapping: &'a Mapping,
    /// Who wins, and which directions are open.
    pub policies: &'a Policies,
    /// The fields that are not compared: their base stays.
    pub withheld: &'a BTreeSet<CustomerField>,
    /// Whether the user is a customer elsewhere too. A field pinned to the directory is not set
    /// right then: two stores would do so in turns, for ever.
    pub shared: bool,
}
