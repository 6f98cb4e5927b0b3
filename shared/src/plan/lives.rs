//! The table of lives: which of the ways is taken.

use super::{
    Case, CustomerSeen, DirectoryStep, LinkStep, Pair, Plan, StoreStep, Told, UserSeen, create, merging,
    words,
};
use crate::{
    application::{MatchPolicy, Offboarding, OnCustomerDeleted},
    bigcommerce::{Customer, CustomerId},
    report::Action,
    user::User,
};

pub(super) fn decide(pair: Pair<'_>, case: Case<'_>) -> Plan {
    match (pair.user, linked_one(pair)) {
        (_, CustomerSeen::Unknown) => Plan::default(),
        (UserSeen::Deleted { .. }, CustomerSeen::None | CustomerSeen::Several(_)) => Plan::default(),
        (UserSeen::Deleted { customer: id, .. }, CustomerSeen::One(customer)) => {
            of_deleted_user(id, customer, case)
        }
        (_, CustomerSeen::Several(customers)) => words::ambiguous(customers),
        (UserSeen::None, CustomerSeen::None) => Plan::default(),
        (UserSeen::None, CustomerSeen::One(customer)) => create::user(customer, case),
        (UserSeen::One(user), CustomerSeen::None) => match user.links.get(&case.application.id) {
            None => create::customer(user, case),
            Some(_) => customer_gone(user, case),
        },
        (UserSeen::One(user), CustomerSeen::One(customer)) => match user.links.get(&case.application.id) {
            None => matched(user, customer, case),
            Some(link) if customer.id != Some(link.customer) => words::taken(link.customer, customer),
            Some(link)
                if customer.date_modified.is_some() && customer.date_modified < link.store_modified =>
            {
                Plan { stale: true, ..Plan::default() }
            }
            Some(_) => linked(user, customer, case),
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

fn matched(user: &User, customer: &Customer, case: Case<'_>) -> Plan {
    let deletes = case.policies.on_user_deactivated == Offboarding::DeleteCustomer;
    match case.policies.match_by_email {
        MatchPolicy::Adopt if !user.active && deletes => words::would_be_deleted(customer),
        MatchPolicy::Adopt => merging::adopt(user, customer, case),
        MatchPolicy::Ask => words::may_be_one(customer),
        MatchPolicy::Refuse => words::not_to_be_linked(customer),
    }
}

fn linked(user: &User, customer: &Customer, case: Case<'_>) -> Plan {
    match (user.active, case.policies.on_user_deactivated, customer.id) {
        (false, Offboarding::DeleteCustomer, Some(id)) if case.policies.to_store.delete => Plan {
            store: StoreStep::Delete(id),
            link: LinkStep::Leave,
            told: vec![Told::done(Action::DeleteCustomer)],
            ..Plan::default()
        },
        _ => merging::linked(user, customer, case),
    }
}

fn of_deleted_user(id: CustomerId, customer: &Customer, case: Case<'_>) -> Plan {
    match case.policies.on_user_deleted {
        Offboarding::DeleteCustomer if customer.id == Some(id) && case.policies.to_store.delete => Plan {
            store: StoreStep::Delete(id),
            told: vec![Told::done(Action::DeleteCustomer)],
            ..Plan::default()
        },
        _ => Plan::default(),
    }
}

fn customer_gone(user: &User, case: Case<'_>) -> Plan {
    if !case.policies.to_directory.delete {
        return Plan::default();
    }
    // What we deleted ourselves before we were cut off is no deletion at the store.
    let by_us = !user.active && case.policies.on_user_deactivated == Offboarding::DeleteCustomer;
    let last = user.links.len() == 1 && !by_us;
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
