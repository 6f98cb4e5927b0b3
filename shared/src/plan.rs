//! What to do about one pair: a pure and total function of what is there now.

use jiff::Timestamp;

use crate::{
    application::Application,
    bigcommerce::{Customer, CustomerId},
    mapping::{AddressFields, Fields},
    merge::AddressChanges,
    report::{Action, AttentionKind, Change},
    user::{Base, User},
};
use std::collections::BTreeSet;

/// One pair as it is now, at one application.
#[derive(Clone, Copy, Debug)]
pub struct Pair<'a> {
    /// Where.
    pub application: &'a Application,
    /// The user, if there is one; its link to this application is in it.
    pub user: UserSeen<'a>,
    /// The customer, as far as it was looked for.
    pub customer: CustomerSeen<'a>,
}

/// What is known of the user.
#[derive(Clone, Copy, Debug)]
pub enum UserSeen<'a> {
    /// There is none, and none with an e-mail address of the customer's.
    None,
    /// There is this one: the linked one, or else the one with the customer's e-mail address.
    One(&'a User),
    /// It was deleted from the directory; the store's customer remains.
    Deleted(CustomerId),
}

/// What is known of the customer.
#[derive(Clone, Copy, Debug)]
pub enum CustomerSeen<'a> {
    /// Not looked for.
    Unknown,
    /// The store has none by the link's identifier, nor (for an unlinked user) by e-mail.
    None,
    /// The store has this one.
    One(&'a Customer),
    /// The store has several by the user's e-mail.
    Several(&'a [Customer]),
}

/// What to do about a pair. The store's step comes first: the link is written when it has succeeded.
#[derive(Clone, PartialEq)]
pub struct Plan {
    /// What to do at the store.
    pub store: StoreStep,
    /// What to do in the directory.
    pub directory: DirectoryStep,
    /// What becomes of the link.
    pub link: LinkStep,
    /// What to tell in the report, one entry each.
    pub told: Vec<Told>,
    /// What a person must decide; empty: nothing, and what was asked before is over.
    pub asked: Vec<Asked>,
}

/// What to do at the store.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum StoreStep {
    /// Nothing.
    #[default]
    Nothing,
    /// Create the customer.
    Create {
        /// Its fields.
        fields: Fields,
        /// Its addresses.
        addresses: BTreeSet<AddressFields>,
    },
    /// Update the customer.
    Update {
        /// Which.
        customer: CustomerId,
        /// What changes; null clears.
        fields: Fields,
        /// What it gains and loses.
        addresses: AddressChanges,
    },
    /// Delete the customer.
    Delete(CustomerId),
}

/// What to do in the directory.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum DirectoryStep {
    /// Nothing.
    #[default]
    Nothing,
    /// Create this user (its link comes with the link's step).
    Create(Box<User>),
    /// Write the user so (its link as before; it changes with the link's step).
    Update(Box<User>),
    /// Delete the user.
    Delete,
}

/// What becomes of the link.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum LinkStep {
    /// It stays as it is.
    #[default]
    Keep,
    /// It stands, with this base; the customer is the one seen or the one created.
    Set(Base),
    /// It ends.
    Break,
}

/// Something to tell in the report.
#[derive(Clone, PartialEq)]
pub struct Told {
    /// What was done.
    pub action: Action,
    /// The fields it changed.
    pub changes: Vec<Change>,
}

/// Something a person must decide or mend.
#[derive(Clone, PartialEq)]
pub struct Asked {
    /// What is the matter.
    pub kind: AttentionKind,
    /// The field, the value and the rule, and what to do next: a sentence for a person.
    pub detail: String,
}

/// Plans what to do about `pair`.
pub fn plan(_pair: Pair<'_>, _now: Timestamp) -> Plan {
    unimplemented!()
}
