//! The table of lives: which of the ways is taken.

use jiff::Timestamp;

use super::{
    Case, CustomerSeen, DirectoryStep, LinkStep, Pair, Plan, StoreStep, Told, UserSeen,
    absence::{Ours, Stance, absence, deletion, stance},
    create, merging, words,
};
use crate::{
    application::{MatchPolicy, OnCustomerDeleted},
    bigcommerce::{Customer, CustomerId},
    mapping::{CustomerField, Fields},
    merge::AddressChanges,
    report::Action,
    user::{Absence, Link, User, UserId},
};

pub(super) fn decide(pair: Pair<'_>, case: Case<'_>) -> Plan {
    match (pair.user, linked_one(pair)) {
        (_, CustomerSeen::Unknown) => Plan::default(),
        (UserSeen::Deleted { .. }, CustomerSeen::None | CustomerSeen::Several(_)) => Plan::default(),
        (UserSeen::Deleted { user, customer: id, since }, CustomerSeen::One(customer)) => {
            match customer.id == Some(id) {
                true => of_deleted_user(user, id, customer, since, case),
                false => Plan::default(),
            }
        }
        (UserSeen::One(user), CustomerSeen::Several(_)) if is_out_of_scope(user, case) => Plan::default(),
        (_, CustomerSeen::Several(customers)) => words::ambiguous(customers),
        (UserSeen::None, CustomerSeen::None) => Plan::default(),
        (UserSeen::None, CustomerSeen::One(customer)) if is_of_no_user(customer, case) => Plan::default(),
        (UserSeen::None, CustomerSeen::One(customer)) => create::user(customer, case),
        (UserSeen::One(user), CustomerSeen::None) => match user.links.get(&case.application.id) {
            None => create::customer(user, case),
            Some(link) => customer_gone(user, link, case),
        },
        (UserSeen::One(user), CustomerSeen::One(customer)) => match user.links.get(&case.application.id) {
            None => matched(user, customer, case),
            Some(link) if customer.id != Some(link.customer) => words::taken(link.customer, customer),
            Some(link)
                if customer.date_modified.is_some() && customer.date_modified < link.store_modified =>
            {
                Plan { stale: true, ..Plan::default() }
            }
            Some(link) => one_person(user, Some(link), customer, case),
        },
    }
}

/// Of several customers, the one that the link or the deleted user's link names.
fn linked_one(pair: Pair<'_>) -> CustomerSeen<'_> {
    let linked = match pair.user {
        UserSeen::None => None,
        UserSeen::One(user) => user.links.get(&pair.application.id).map(|link| link.customer),
        UserSeen::Deleted { customer, .. } => Some(customer),
    };
    match pair.customer {
        CustomerSeen::Several(customers) => customers
            .iter()
            .find(|customer| linked.is_some() && customer.id == linked)
            .map_or(pair.customer, CustomerSeen::One),
        seen => seen,
    }
}

/// Whether we made the customer, or blocked it, for a user who is not there: it is no new user.
fn is_of_no_user(customer: &Customer, case: Case<'_>) -> bool {
    let domain = customer.email.rsplit_once('@').map(|(_, domain)| domain);
    let is_blocked =
        domain.is_some_and(|domain| domain.eq_ignore_ascii_case(&case.policies.tombstone_domain));
    is_blocked || case.application.mapping.made_for(customer).is_some()
}

/// Whether the application has nothing to do with the user.
fn is_out_of_scope(user: &User, case: Case<'_>) -> bool {
    !case.in_scope && !user.links.contains_key(&case.application.id)
}

fn matched(user: &User, customer: &Customer, case: Case<'_>) -> Plan {
    // Cut off before the link was written.
    let is_made_by_us = case.brought(user, None, customer);
    let is_deleted = absence(user, false, case)
        .is_some_and(|(_, policy)| deletion(policy, Timestamp::UNIX_EPOCH).is_some());
    match case.policies.match_by_email {
        _ if is_made_by_us => one_person(user, None, customer, case),
        _ if !case.in_scope => Plan::default(),
        MatchPolicy::Adopt if is_deleted => words::would_be_deleted(customer),
        MatchPolicy::Adopt => one_person(user, None, customer, case),
        MatchPolicy::Ask => words::may_be_one(customer),
        MatchPolicy::Refuse => words::not_to_be_linked(customer),
    }
}

fn one_person(user: &User, link: Option<&Link>, customer: &Customer, case: Case<'_>) -> Plan {
    match (stance(user, link, customer, case), customer.id) {
        (Stance::Held(hold), _) => merging::one_person(user, link, customer, &hold, case),
        (Stance::Deleted, Some(id)) => Plan { link: LinkStep::Leave, ..deleted(id) },
        (Stance::Left | Stance::Deleted, _) if link.is_none() => Plan::default(),
        (Stance::Left | Stance::Deleted, _) => {
            Plan { link: LinkStep::Leave, told: vec![Told::done(Action::Unlink)], ..Plan::default() }
        }
    }
}

fn deleted(customer: CustomerId) -> Plan {
    Plan {
        store: StoreStep::Delete(customer),
        told: vec![Told::done(Action::DeleteCustomer)],
        ..Plan::default()
    }
}

fn of_deleted_user(
    user: &UserId,
    id: CustomerId,
    customer: &Customer,
    since: Timestamp,
    case: Case<'_>,
) -> Plan {
    let policy = case.policies.on_user_deleted;
    if !case.policies.to_store.delete {
        return Plan::default();
    }
    match deletion(policy, since) {
        Some(until) if until <= case.now => deleted(id),
        Some(until) => Plan { look_again: Some(until), ..Plan::default() },
        None => {
            let fields = Ours::of(policy, user, case.policies).missing(customer);
            offboarded(id, customer, fields)
        }
    }
}

fn offboarded(id: CustomerId, customer: &Customer, fields: Fields) -> Plan {
    if fields.is_empty() {
        return Plan::default();
    }
    let told = words::deactivated(customer, &fields);
    let new_password = fields.contains_key(&CustomerField::Email);
    let addresses = AddressChanges::default();
    let store = StoreStep::Update { customer: id, fields, addresses, new_password };
    Plan { store, told: vec![told], ..Plan::default() }
}

fn customer_gone(user: &User, link: &Link, case: Case<'_>) -> Plan {
    if !case.policies.to_directory.delete {
        return Plan::default();
    }
    let absence = absence(user, link.in_scope, case);
    // What we deleted ourselves before we were cut off is no deletion at the store.
    let since = link.held.as_ref().map_or(case.now, |held| held.since);
    let by_us = absence.is_some_and(|(_, policy)| deletion(policy, since).is_some_and(|at| at <= case.now));
    if by_us || absence.is_some_and(|(why, _)| why == Absence::OutOfScope) {
        return Plan { link: LinkStep::Leave, told: vec![Told::done(Action::Unlink)], ..Plan::default() };
    }
    let last = user.links.len() == 1;
    let (directory, action) = match case.policies.on_customer_deleted {
        OnCustomerDeleted::DeleteUser if last => (DirectoryStep::Delete, Action::DeleteUser),
        OnCustomerDeleted::DeactivateUser if last && user.active => {
            let inactive = User { active: false, last_modified: case.now, ..user.clone() };
            (DirectoryStep::Update(Box::new(inactive)), Action::DeactivateUser)
        }
        OnCustomerDeleted::DeleteUser | OnCustomerDeleted::DeactivateUser | OnCustomerDeleted::Unlink => {
            (DirectoryStep::Nothing, Action::Unlink)
        }
    };
    Plan { directory, link: LinkStep::Break, told: vec![Told::done(action)], ..Plan::default() }
}
