//! What is told of a plan, and what is asked of a person.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Asked, Plan, Told, absence::Hold, merging::Merged};
use crate::{
    application::Authority,
    bigcommerce::{Customer, CustomerId},
    mapping::{AddressFields, CustomerField, Fields, Mapping, Refusal},
    merge::Merge,
    report::{Action, AttentionKind, Change},
    secret::fold,
    user::Base,
};

impl Told {
    pub(crate) fn done(action: Action) -> Told {
        Told { action, changes: Vec::new(), detail: String::new() }
    }
}

/// What changes at one side; `None` where nothing does.
pub(super) fn changed(merged: &Merged, side: Authority) -> Option<Told> {
    let (fields, addresses, before, action) = match side {
        Authority::Directory => {
            (&merged.fields.to_directory, &merged.addresses.to_directory, &merged.user, Action::UpdateUser)
        }
        Authority::Store => {
            (&merged.fields.to_store, &merged.addresses.to_store, &merged.customer, Action::UpdateCustomer)
        }
    };
    let change = |(field, after): (&CustomerField, &Value)| Change {
        field: field.to_string(),
        before: before.fields.get(field).cloned().unwrap_or_default(),
        after: after.clone(),
        won: won(&merged.fields, field),
    };
    let mut changes: Vec<Change> = fields.iter().map(change).collect();
    changes.extend(address_change(&addresses.remove, &addresses.add));
    (!changes.is_empty()).then(|| Told { changes, ..Told::done(action) })
}

/// An update of the store in which a customer is offboarded, or given back what it had.
pub(super) fn of_hold(told: Told, customer: &Customer, hold: &Hold) -> Told {
    let action = match (hold.deactivates(customer), hold.gives_back()) {
        (true, _) => Action::DeactivateCustomer,
        (false, true) => Action::ReactivateCustomer,
        (false, false) => return told,
    };
    Told { action, changes: from_store(told.changes, customer), ..told }
}

/// A deleted user's customer is offboarded.
pub(super) fn deactivated(customer: &Customer, fields: &Fields) -> Told {
    let told = created(Action::DeactivateCustomer, fields, &BTreeSet::new());
    Told { changes: from_store(told.changes, customer), ..told }
}

/// The changes as they are at the store, whatever was compared instead.
fn from_store(mut changes: Vec<Change>, customer: &Customer) -> Vec<Change> {
    for change in &mut changes {
        match change.field.as_str() {
            "email" => change.before = customer.email.as_str().into(),
            "customer_group_id" => change.before = customer.customer_group_id.into(),
            _ => {}
        }
    }
    changes
}

/// What a side is created with.
pub(super) fn created(action: Action, fields: &Fields, addresses: &BTreeSet<AddressFields>) -> Told {
    let change = |(field, value): (&CustomerField, &Value)| Change {
        field: field.to_string(),
        before: Value::Null,
        after: value.clone(),
        won: None,
    };
    let mut changes: Vec<Change> = fields.iter().map(change).collect();
    changes.extend(address_change(&BTreeSet::new(), addresses));
    Told { changes, ..Told::done(action) }
}

/// What the store took before a look was cut off.
pub(super) fn taken_before(mapping: &Mapping, base: &Base, taken: &Base) -> Option<Told> {
    let mut changes: Vec<Change> = mapping
        .all_rules()
        .map(|rule| &rule.field)
        .filter(|field| base.fields.get(*field) != taken.fields.get(*field))
        .map(|field| between(field, &base.fields, &taken.fields))
        .collect();
    let only = |one: &Base, other: &Base| one.addresses.difference(&other.addresses).cloned().collect();
    changes.extend(address_change(&only(base, taken), &only(taken, base)));
    (!changes.is_empty()).then(|| Told { changes, ..Told::done(Action::UpdateCustomer) })
}

fn between(field: &CustomerField, before: &Fields, after: &Fields) -> Change {
    Change {
        field: field.to_string(),
        before: before.get(field).cloned().unwrap_or_default(),
        after: after.get(field).cloned().unwrap_or_default(),
        won: None,
    }
}

/// What both sides have alike and the base has not: most likely the store was written, and a crash
/// came before that could be told.
pub(super) fn moved(mapping: &Mapping, base: &Base, merged: &Merged) -> Option<Told> {
    let (before, after) = (&base.fields, &merged.base.fields);
    let flows =
        |field| merged.fields.to_directory.contains_key(field) || merged.fields.to_store.contains_key(field);
    let mapped = mapping.all_rules().map(|rule| &rule.field);
    let moved = mapped.filter(|field| !flows(*field) && before.get(field) != after.get(field));
    let mut changes: Vec<Change> = moved.map(|field| between(field, before, after)).collect();
    let (before, after) = (&base.addresses, &merged.base.addresses);
    changes.extend(address_change(&moved_only(before, after, merged), &moved_only(after, before, merged)));
    (!changes.is_empty()).then(|| Told { changes, ..Told::done(Action::UpdateCustomer) })
}

/// The addresses of `one` that `other` has not, and that flow nowhere.
fn moved_only(
    one: &BTreeSet<AddressFields>,
    other: &BTreeSet<AddressFields>,
    merged: &Merged,
) -> BTreeSet<AddressFields> {
    let sides = [&merged.addresses.to_directory, &merged.addresses.to_store];
    let flows = |address: &AddressFields| {
        sides.iter().any(|changes| changes.add.contains(address) || changes.remove.contains(address))
    };
    one.difference(other).filter(|address| !flows(address)).cloned().collect()
}

fn won(merge: &Merge, field: &CustomerField) -> Option<Authority> {
    merge.conflicts.iter().find(|conflict| conflict.field == *field).map(|conflict| conflict.won)
}

fn address_change(lost: &BTreeSet<AddressFields>, gained: &BTreeSet<AddressFields>) -> Option<Change> {
    let list = |addresses: &BTreeSet<AddressFields>| match addresses.is_empty() {
        true => Value::Null,
        false => addresses.iter().map(object).collect(),
    };
    let (before, after) = (list(lost), list(gained));
    (before != after).then(|| Change { field: "addresses".to_owned(), before, after, won: None })
}

fn object(address: &AddressFields) -> Value {
    Value::Object(address.iter().map(|(field, text)| (field.to_string(), text.as_str().into())).collect())
}

/// Tells and asks what was refused, beside what is done.
pub(super) fn refuse(plan: &mut Plan, refused: &[(Authority, Refusal)]) {
    if refused.is_empty() {
        return;
    }
    let sentence = |(side, refusal): &(Authority, Refusal)| match side {
        Authority::Directory => format!("The store refuses {refusal}. Correct it in the directory."),
        Authority::Store => format!("The directory refuses {refusal}. Correct it at the store."),
    };
    let mut sentences: Vec<String> = refused.iter().map(sentence).collect();
    sentences.sort_unstable();
    sentences.dedup();
    ask(plan, AttentionKind::Refused, None, sentences.join(" "));
}

/// Nothing is done, for these values of one side.
pub(super) fn refused(side: Authority, refused: Vec<Refusal>) -> Plan {
    let mut plan = Plan::default();
    refuse(&mut plan, &refused.into_iter().map(|refusal| (side, refusal)).collect::<Vec<_>>());
    plan
}

/// Several customers could be the user.
pub(super) fn ambiguous(customers: &[Customer]) -> Plan {
    let ids: Vec<String> =
        customers.iter().filter_map(|customer| customer.id).map(|id| id.to_string()).collect();
    let ids = ids.join(", ");
    asked(
        AttentionKind::Ambiguous,
        None,
        format!(
            "Customers {ids} have one e-mail address, so any of them could be the user. \
             Merge them at the store, or change the e-mail addresses of all but one."
        ),
    )
}

/// The customer's e-mail address is that of a user who is another customer.
pub(super) fn taken(linked: CustomerId, customer: &Customer) -> Plan {
    asked(
        AttentionKind::Taken,
        Some(email(customer)),
        format!(
            "Customer {} has the e-mail address {} of a user who is customer {linked} already. \
             Merge the two customers at the store, or change the e-mail address of one.",
            id(customer),
            customer.email
        ),
    )
}

/// The policy lets a person decide whether the two are one.
pub(super) fn may_be_one(customer: &Customer) -> Plan {
    asked(
        AttentionKind::Ambiguous,
        None,
        format!(
            "Customer {} has the e-mail address {} of a user. If they are one person, let the application \
             adopt matches by e-mail address; if not, change one of the addresses.",
            id(customer),
            customer.email
        ),
    )
}

/// The policy links no customer to a user by e-mail address.
pub(super) fn not_to_be_linked(customer: &Customer) -> Plan {
    asked(
        AttentionKind::Taken,
        Some(email(customer)),
        format!(
            "Customer {} has the e-mail address {} of a user, and the application links no such matches. \
             Change one of the addresses.",
            id(customer),
            customer.email
        ),
    )
}

/// To link the customer would be to delete it.
pub(super) fn would_be_deleted(customer: &Customer) -> Plan {
    asked(
        AttentionKind::Ambiguous,
        None,
        format!(
            "Customer {} has the e-mail address {} of an inactive user, and customers of inactive users are \
             deleted. Activate the user, or delete the customer.",
            id(customer),
            customer.email
        ),
    )
}

fn asked(kind: AttentionKind, about: Option<String>, detail: String) -> Plan {
    let mut plan = Plan::default();
    ask(&mut plan, kind, about, detail);
    plan
}

fn ask(plan: &mut Plan, kind: AttentionKind, about: Option<String>, detail: String) {
    plan.told.push(Told { detail: detail.clone(), ..Told::done(Action::Refuse) });
    plan.asked.push(Asked { kind, about, detail });
}

fn id(customer: &Customer) -> String {
    customer.id.map(|id| id.to_string()).unwrap_or_default()
}

fn email(customer: &Customer) -> String {
    format!("email#{}", fold(&customer.email))
}
