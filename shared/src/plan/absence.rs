//! A user who is there and yet away: inactive, or no longer in scope. What becomes of the customer
//! meanwhile, and what it is given back on return.
//!
//! What is ours at the store for as long as the user is away (the e-mail address that reaches
//! nobody, the group) is not compared with the directory, and is set right where a person changes
//! it there: whoever is to sign in again is activated in the directory. What the store had is
//! remembered, and comes back as if it had never gone; what changed in the directory meanwhile is
//! then sent. A change of the policy meanwhile sets right what it calls for, and gives nothing back.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::Case;
use crate::{
    application::{Offboarding, Policies},
    bigcommerce::Customer,
    mapping::{CustomerField, Fields},
    secret::fold,
    user::{Absence, Held, Link, User, UserId},
};

/// What is to become of the customer of a user who is away, or back.
pub(super) enum Stance {
    /// It is merged with the user; what is held is not.
    Held(Hold),
    /// It is deleted now.
    Deleted,
    /// It is left as it is, and is the user's no more.
    Left,
}

/// What of a customer is not the user's at present.
#[derive(Default)]
pub(super) struct Hold {
    /// What is remembered of the store from now on.
    pub(super) held: Option<Held>,
    /// When the customer is to be deleted.
    pub(super) until: Option<Timestamp>,
    /// What is ours at the store.
    ours: Ours,
    /// What the store is given back.
    back: Option<Held>,
}

/// What is ours at the store while a user is away; `None`: it is left alone.
#[derive(Default)]
pub(super) struct Ours {
    email: Option<String>,
    group: Option<u32>,
}

/// Why the user is away and by which policy, if at all. `brought`: whether we brought the user to
/// the store, or met it in scope.
pub(super) fn absence(user: &User, brought: bool, case: Case<'_>) -> Option<(Absence, Offboarding)> {
    if brought && !case.in_scope {
        return Some((Absence::OutOfScope, case.policies.on_user_deleted));
    }
    (!user.active).then_some((Absence::Inactive, case.policies.on_user_deactivated))
}

/// When a customer is deleted by `policy`, if ever.
pub(super) fn deletion(policy: Offboarding, since: Timestamp) -> Option<Timestamp> {
    let wait = match policy {
        Offboarding::DeleteCustomer => SignedDuration::ZERO,
        Offboarding::DeleteAfter { days } => SignedDuration::from_hours(24 * i64::from(days)),
        Offboarding::Nothing | Offboarding::BlockSignIn { .. } | Offboarding::MoveToGroup { .. } => {
            return None;
        }
    };
    Some(since.checked_add(wait).unwrap_or(Timestamp::MAX))
}

/// What is to become of the customer of `user`.
pub(super) fn stance(user: &User, link: Option<&Link>, customer: &Customer, case: Case<'_>) -> Stance {
    let before = known(user, link, customer, case);
    let Some((why, policy)) = absence(user, case.brought(user, link, customer), case) else {
        return Stance::Held(back(before, case));
    };
    if !case.policies.to_store.delete {
        return Stance::Held(Hold { held: before, ..Hold::default() });
    }
    let of_link = link.and_then(|link| link.held.as_ref());
    let since = of_link.filter(|held| held.why == why).map_or(case.now, |held| held.since);
    let until = deletion(policy, since);
    if until.is_some_and(|until| until <= case.now) {
        return Stance::Deleted;
    }
    if why == Absence::OutOfScope && policy == Offboarding::Nothing {
        return Stance::Left;
    }
    let ours = Ours::of(policy, &user.id, case.policies);
    if until.is_none() && before.is_none() && ours.is_nothing() {
        return Stance::Held(Hold::default());
    }
    let (email, group) = before.map(|held| (held.email, held.group)).unwrap_or_default();
    let had = || (ours.email.is_some()).then(|| customer.email.clone());
    let email = email.or_else(had);
    let held = Held { why, since, email, group: group.or_else(|| ours.group_before(link, customer)) };
    Stance::Held(Hold { held: Some(held), until, ours, back: None })
}

/// What is remembered of the store: by the link, or noted by a look that was cut off before the
/// link was written. Where nobody noted the e-mail address before ours, it is the one agreed on.
fn known(user: &User, link: Option<&Link>, customer: &Customer, case: Case<'_>) -> Option<Held> {
    let by_link = link.and_then(|link| link.held.clone());
    let noted = case.sent.and_then(|sent| sent.held_of(customer));
    let guessed = is_ours(customer, &user.id).then(|| Held {
        why: Absence::Inactive,
        since: case.now,
        email: agreed_email(user, link),
        group: None,
    });
    let earlier = |held: Held, other: Held| Held {
        email: held.email.or(other.email),
        group: held.group.or(other.group),
        ..held
    };
    [by_link, noted, guessed].into_iter().flatten().reduce(earlier)
}

fn agreed_email(user: &User, link: Option<&Link>) -> Option<String> {
    let agreed = link.and_then(|link| link.base.fields.get(&CustomerField::Email)?.as_str());
    agreed.or_else(|| Some(user.primary_email()?.value.as_str())).map(str::to_owned)
}

/// Whether the customer has an e-mail address that we made for this user, at whatever domain.
fn is_ours(customer: &Customer, user: &UserId) -> bool {
    customer.email.split_once('@').is_some_and(|(name, _)| name == user.as_str())
}

/// The user is there: what is held is given back, as far as the store may be written.
fn back(before: Option<Held>, case: Case<'_>) -> Hold {
    match case.policies.to_store.update {
        true => Hold { back: before, ..Hold::default() },
        false => Hold { held: before, ..Hold::default() },
    }
}

impl Ours {
    pub(super) fn of(policy: Offboarding, user: &UserId, policies: &Policies) -> Ours {
        match policy {
            Offboarding::BlockSignIn { group } => {
                Ours { email: Some(format!("{user}@{}", policies.tombstone_domain)), group }
            }
            Offboarding::MoveToGroup { group } => Ours { email: None, group: Some(group) },
            Offboarding::Nothing | Offboarding::DeleteAfter { .. } | Offboarding::DeleteCustomer => {
                Ours::default()
            }
        }
    }

    fn is_nothing(&self) -> bool {
        self.email.is_none() && self.group.is_none()
    }

    fn group_before(&self, link: Option<&Link>, customer: &Customer) -> Option<u32> {
        if group_of(customer) != self.group? {
            return Some(group_of(customer));
        }
        let agreed = link?.base.fields.get(&CustomerField::CustomerGroupId)?.as_u64()?;
        u32::try_from(agreed).ok()
    }

    /// What must change at the store for it to have ours.
    pub(super) fn missing(&self, customer: &Customer) -> Fields {
        let email = self.email.as_ref().filter(|ours| !is_email(customer, ours));
        let group = self.group.filter(|ours| group_of(customer) != *ours);
        values(email.map(String::as_str), group)
    }
}

impl Hold {
    /// The fields that are not compared.
    pub(super) fn withheld(&self) -> impl Iterator<Item = CustomerField> {
        let held = self.held.as_ref();
        let email = held.and_then(|held| held.email.as_ref()).map(|_| CustomerField::Email);
        let group = held.and_then(|held| held.group).map(|_| CustomerField::CustomerGroupId);
        email.into_iter().chain(group)
    }

    /// The fields of which the store now has another value than is remembered. What is remembered goes
    /// with the base that was agreed on then: neither moves on without the other.
    pub(super) fn remembers_otherwise(&self, customer: &Customer) -> BTreeSet<CustomerField> {
        let held = self.held.as_ref();
        let email = held.and_then(|held| held.email.as_deref()).filter(|email| !is_email(customer, email));
        let group = held.and_then(|held| held.group).filter(|group| group_of(customer) != *group);
        let email = email.map(|_| CustomerField::Email);
        email.into_iter().chain(group.map(|_| CustomerField::CustomerGroupId)).collect()
    }

    /// The customer as if it had never been offboarded.
    pub(super) fn unveiled(&self, customer: &Customer) -> Customer {
        let mut customer = customer.clone();
        if let Some(back) = &self.back {
            customer.email = back.email.clone().unwrap_or(customer.email);
            customer.customer_group_id = back.group.or(customer.customer_group_id);
        }
        customer
    }

    /// Adds what is given back, or to be ours, to what changes at the store.
    pub(super) fn lay_over(&self, customer: &Customer, to_store: &mut Fields) {
        let back = self.back.as_ref();
        let had = values(back.and_then(|held| held.email.as_deref()), back.and_then(|held| held.group));
        for (field, value) in had {
            let value = to_store.remove(&field).unwrap_or(value);
            let is_there = match (&field, value.as_str()) {
                (CustomerField::Email, Some(email)) => is_email(customer, email),
                _ => value.as_u64().unwrap_or_default() == u64::from(group_of(customer)),
            };
            if !is_there {
                to_store.insert(field, value);
            }
        }
        to_store.extend(self.ours.missing(customer));
    }

    /// Whether the password must not be the one that was known before.
    pub(super) fn locks(&self, to_store: &Fields) -> bool {
        self.ours.email.is_some() && to_store.contains_key(&CustomerField::Email)
    }

    /// Whether the store has not yet what is to be ours.
    pub(super) fn deactivates(&self, customer: &Customer) -> bool {
        !self.ours.missing(customer).is_empty()
    }

    /// Whether the user is back.
    pub(super) fn gives_back(&self) -> bool {
        self.back.is_some()
    }
}

fn is_email(customer: &Customer, email: &str) -> bool {
    fold(&customer.email) == fold(email)
}

fn group_of(customer: &Customer) -> u32 {
    customer.customer_group_id.unwrap_or_default()
}

/// As they are sent: no group is null.
fn values(email: Option<&str>, group: Option<u32>) -> Fields {
    let number = |group: u32| if group == 0 { Value::Null } else { group.into() };
    let email = email.map(|email| (CustomerField::Email, email.into()));
    email.into_iter().chain(group.map(|group| (CustomerField::CustomerGroupId, number(group)))).collect()
}
