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

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{
    application::{Authority, Policies},
    mapping::{AddressFields, CustomerField, Direction, Fields, Mapping, Rule, alike, respelled},
};

pub use addresses::merge_addresses;

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

/// What becomes of one field.
enum Verdict {
    /// Both sides have it.
    Alike,
    /// It is left as it is.
    Leave,
    /// The winner's value flows to the other side.
    Flows(Authority),
    /// The winner's value flows, and the other had changed too.
    Conflict(Authority),
}

/// Merges the fields of a user and a customer.
pub fn merge(base: Option<&Fields>, user: &Fields, customer: &Fields, terms: Terms<'_>) -> Merge {
    let mut merge = Merge::default();
    for rule in &terms.mapping.rules {
        let field = &rule.field;
        let before = base.and_then(|base| base.get(field));
        let (mine, theirs) = (user.get(field), customer.get(field));
        let verdict = match terms.withheld.contains(field) {
            true => Verdict::Leave,
            false => judge(rule, before, mine, theirs, terms),
        };
        match verdict {
            Verdict::Leave => merge.agree(field, before),
            Verdict::Alike if alike(field, before, mine) => merge.agree(field, before),
            Verdict::Alike => merge.agree(field, of(terms.policies.authority, mine, theirs)),
            Verdict::Flows(winner) if !open(winner, terms.policies) => merge.agree(field, before),
            Verdict::Conflict(winner) if !open(winner, terms.policies) => merge.agree(field, before),
            Verdict::Flows(winner) => merge.flow(field, winner, mine, theirs),
            Verdict::Conflict(winner) => {
                merge.flow(field, winner, mine, theirs);
                merge.conflicts.push(Conflict {
                    field: field.clone(),
                    won: winner,
                    kept: of(winner, mine, theirs).cloned().unwrap_or_default(),
                    lost: of(other(winner), mine, theirs).cloned().unwrap_or_default(),
                });
            }
        }
    }
    merge
}

fn judge(
    rule: &Rule,
    before: Option<&Value>,
    user: Option<&Value>,
    customer: Option<&Value>,
    terms: Terms<'_>,
) -> Verdict {
    let changed = |value| !alike(&rule.field, before, value);
    if alike(&rule.field, user, customer) {
        return Verdict::Alike;
    }
    match direction(rule, user, customer) {
        Direction::ToDirectory if changed(customer) => Verdict::Flows(Authority::Store),
        Direction::ToDirectory if terms.shared || customer.is_none() || respelled(user, customer) => {
            Verdict::Leave
        }
        Direction::ToDirectory => Verdict::Flows(Authority::Store),
        Direction::ToStore if changed(user) => Verdict::Flows(Authority::Directory),
        Direction::ToStore if user.is_none() || respelled(user, customer) => Verdict::Leave,
        Direction::ToStore => Verdict::Flows(Authority::Directory),
        Direction::Both => match (changed(user), changed(customer)) {
            (false, _) => Verdict::Flows(Authority::Store),
            (true, false) => Verdict::Flows(Authority::Directory),
            (true, true) => Verdict::Conflict(terms.policies.authority),
        },
    }
}

/// A side that reads an absent value as a default cannot be emptied by the other: that would
/// change nothing there.
fn direction(rule: &Rule, user: Option<&Value>, customer: Option<&Value>) -> Direction {
    match rule.flows() {
        Direction::Both if customer.is_none() && rule.fills_for_store() => Direction::ToStore,
        Direction::Both if user.is_none() && rule.fills_for_directory() => Direction::ToDirectory,
        direction => direction,
    }
}

impl Merge {
    /// Takes a change of one side back: its base stays.
    pub(crate) fn hold(&mut self, field: &CustomerField, before: Option<&Value>) {
        self.to_directory.remove(field);
        self.to_store.remove(field);
        self.conflicts.retain(|conflict| conflict.field != *field);
        self.agree(field, before);
    }

    fn agree(&mut self, field: &CustomerField, value: Option<&Value>) {
        match value {
            Some(value) => drop(self.agreed.insert(field.clone(), value.clone())),
            None => drop(self.agreed.remove(field)),
        }
    }

    fn flow(
        &mut self,
        field: &CustomerField,
        from: Authority,
        user: Option<&Value>,
        customer: Option<&Value>,
    ) {
        let value = of(from, user, customer);
        self.agree(field, value);
        let changes = match from {
            Authority::Directory => &mut self.to_store,
            Authority::Store => &mut self.to_directory,
        };
        changes.insert(field.clone(), value.cloned().unwrap_or_default());
    }
}

fn of<T>(side: Authority, user: T, customer: T) -> T {
    match side {
        Authority::Directory => user,
        Authority::Store => customer,
    }
}

fn other(side: Authority) -> Authority {
    match side {
        Authority::Directory => Authority::Store,
        Authority::Store => Authority::Directory,
    }
}

/// Whether values may flow from this side.
fn open(from: Authority, policies: &Policies) -> bool {
    match from {
        Authority::Directory => policies.to_store.update,
        Authority::Store => policies.to_directory.update,
    }
}
