//! What to do about one pair: a pure and total function of what is there now.
//!
//! | user | link | customer | what is done |
//! | --- | --- | --- | --- |
//! | any | any | not looked for | nothing |
//! | none | none | none | nothing |
//! | none | none | one | the user is created (`to_directory.create`); nothing if the directory refuses a value, or if we made or blocked the customer for a user that is not there |
//! | active | none | none | the customer is created (`to_store.create`), unless the store once ended it |
//! | inactive | none | none | nothing |
//! | active, inactive | none | one | by `match_by_email`: they are linked and merged, or a person is asked; if we made the customer for this user, they are linked |
//! | inactive | none | one | a person is asked where `on_user_deactivated` would delete what is linked |
//! | out of scope | none | any | nothing; a customer that we made for this user is offboarded |
//! | active, inactive | linked | none | by `on_customer_deleted` (`to_directory.delete`): the last link takes the user with it, any other is broken; also where we deleted the customer and were cut off |
//! | active | linked | the linked one | merged |
//! | active | held | the linked one | merged, and given back what is held (`to_store.update`) |
//! | inactive | linked, held | the linked one | offboarded by `on_user_deactivated`; merged but for what is held |
//! | out of scope | never met in scope | any | as if it were in scope |
//! | out of scope | met in scope before | none | the link ends |
//! | out of scope | met in scope before | the linked one | offboarded by `on_user_deleted`; merged but for what is held |
//! | active, inactive | linked | another one | a person is asked: two customers have one e-mail address |
//! | deleted | was linked | none | nothing |
//! | deleted | was linked | that one | offboarded by `on_user_deleted` |
//! | deleted | was linked | another one | nothing |
//! | any | any | several | as one, if the linked one is among them; else a person is asked |
//!
//! | offboarding (`to_store.delete`) | what is done |
//! | --- | --- |
//! | nothing | nothing; out of scope, the link ends |
//! | block sign-in | the e-mail address gives way to one that reaches nobody, the password to a random one, the group to one that may be given |
//! | move to a group | the group gives way |
//! | delete after some days | nothing until then ([`Plan::look_again`]), unless the user is back; then it is deleted |
//! | delete | the customer is deleted, and the link ends |
//!
//! A customer that is older than what the link has seen is not planned on: [`Plan::stale`].
//! A merge is held back where `update` of its direction is closed. A value that the other side
//! refuses is held back alone, and told; the good ones flow.

mod absence;
mod create;
mod lives;
mod merging;
#[cfg(test)]
mod model;
#[cfg(test)]
mod properties;
mod refusals;
mod settle;
#[cfg(test)]
mod walk;
mod words;

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::{
    application::{Application, Operations, Policies},
    bigcommerce::{Customer, CustomerId},
    mapping::{AddressFields, Fields},
    merge::AddressChanges,
    report::{Action, AttentionKind, Change, Outcome},
    user::{Base, Held, Link, Sent, User, UserId},
};

pub use refusals::store_refusals;

/// One pair as it is now, at one application.
#[derive(Clone, Copy, Debug)]
pub struct Pair<'a> {
    /// Where.
    pub application: &'a Application,
    /// The user, if there is one; its link to this application is in it.
    pub user: UserSeen<'a>,
    /// The customer, as far as it was looked for.
    pub customer: CustomerSeen<'a>,
    /// Whether the user is there and meets the application's scope; so does everyone where it has
    /// none.
    pub in_scope: bool,
    /// What was sent to the linked customer and is not known to be taken.
    pub sent: Option<&'a Sent>,
}

/// What is known of the user.
#[derive(Clone, Copy, Debug)]
pub enum UserSeen<'a> {
    /// There is none, and none with an e-mail address of the customer's.
    None,
    /// There is this one: the linked one, or else the one with the customer's e-mail address.
    One(&'a User),
    /// It was deleted from the directory; the store's customer may remain.
    Deleted {
        /// Who it was.
        user: &'a UserId,
        /// Its customer.
        customer: CustomerId,
        /// When it was deleted.
        since: Timestamp,
    },
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
#[derive(Clone, Default, PartialEq)]
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
    /// The customer is older than what was seen of it before: nothing is planned, look again later.
    pub stale: bool,
    /// When there will be something to do that no event tells of.
    pub look_again: Option<Timestamp>,
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
        /// Whether the password gives way to a random one, which nobody learns.
        new_password: bool,
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
    /// It stands so; the customer is the one seen or the one created.
    Set {
        /// What both sides agree on.
        base: Base,
        /// What the store had before the customer was offboarded.
        held: Option<Held>,
        /// Whether the user was met in the application's scope.
        in_scope: bool,
    },
    /// It ends, for the customer is gone from the store: none is created there anew for an active user.
    Break,
    /// It ends, for the user has left: should the user return, so does the customer.
    Leave,
}

/// Something to tell in the report. What is refused is told at every look at a pair that has no
/// link to remember it; once is enough (see whether the attention is newly raised).
#[derive(Clone, PartialEq)]
pub struct Told {
    /// What was done.
    pub action: Action,
    /// The fields it changed.
    pub changes: Vec<Change>,
    /// What happened and what to do next, for a person; empty where the action says it all.
    pub detail: String,
}

/// Something a person must decide or mend.
#[derive(Clone, PartialEq)]
pub struct Asked {
    /// What is the matter.
    pub kind: AttentionKind,
    /// The contested value (`email#<folded>`); `None`: it is about the subject.
    pub about: Option<String>,
    /// The field, the value and the rule, and what to do next: a sentence for a person.
    pub detail: String,
}

/// Plans what to do about `pair`.
pub fn plan(pair: Pair<'_>, now: Timestamp) -> Plan {
    let policies = &pair.application.policies;
    lives::decide(pair, Case::of(pair, policies, now))
}

/// Plans what to do about `pair` when the store has refused what was planned for it: nothing is
/// written there, and what the store changed still flows to the directory.
pub fn plan_without_store(pair: Pair<'_>, now: Timestamp) -> Plan {
    let to_store = Operations { create: false, update: false, delete: false };
    let policies = Policies { to_store, ..pair.application.policies.clone() };
    lives::decide(pair, Case::of(pair, &policies, now))
}

/// Plans what to do about `pair` when its e-mail address or user name cannot be taken over from the
/// store, for it is another user's: they are left as they are at both sides, and the rest flows.
pub fn plan_around_taken(pair: Pair<'_>, now: Timestamp) -> Plan {
    let case = Case::of(pair, &pair.application.policies, now);
    lives::decide(pair, Case { names_held: true, ..case })
}

/// What holds for every pair of an application at one moment.
#[derive(Clone, Copy)]
struct Case<'a> {
    application: &'a Application,
    policies: &'a Policies,
    now: Timestamp,
    in_scope: bool,
    sent: Option<&'a Sent>,
    /// Whether e-mail address and user name are not to be compared.
    names_held: bool,
}

impl<'a> Case<'a> {
    fn of(pair: Pair<'a>, policies: &'a Policies, now: Timestamp) -> Case<'a> {
        let Pair { application, in_scope, sent, .. } = pair;
        Case { application, policies, now, in_scope, sent, names_held: false }
    }

    /// Whether we brought the user to the store, or met it in scope before: should it be out of
    /// scope now, it has left.
    fn brought(&self, user: &User, link: Option<&Link>, customer: &Customer) -> bool {
        let made = || self.application.mapping.made_for(customer).as_ref() == Some(&user.id);
        link.map_or_else(made, |link| link.in_scope)
    }

    /// Whether the user meets a scope that the application has. Where it has none, only whom we
    /// bring to the store counts as met in scope: should it get one, the others stay.
    fn meets_scope(&self) -> bool {
        self.in_scope && self.policies.scope.is_some()
    }
}

impl Plan {
    /// Whether there is nothing to do now and nothing to say.
    pub fn is_empty(&self) -> bool {
        let later = self.look_again;
        *self == Plan { look_again: later, ..Plan::default() }
    }

    /// What is to be noted of the linked customer before the store's step, so that it is known again
    /// should we be cut off; `None`: nothing is sent.
    pub fn sent(&self, pair: Pair<'_>) -> Option<Sent> {
        let StoreStep::Update { fields, addresses, .. } = &self.store else { return None };
        let held = match &self.link {
            LinkStep::Set { held, .. } => held.clone(),
            LinkStep::Keep | LinkStep::Break | LinkStep::Leave => None,
        };
        let sent = Sent::of(fields, addresses).holding(held);
        Some(match pair.sent {
            Some(earlier) => sent.after(earlier),
            None => sent,
        })
    }
}

impl Told {
    /// How it ended, if all goes as planned.
    pub fn outcome(&self) -> Outcome {
        match self.action {
            Action::Refuse => Outcome::Blocked,
            _ if self.changes.iter().any(|change| change.won.is_some()) => Outcome::Conflict,
            _ => Outcome::Success,
        }
    }
}
