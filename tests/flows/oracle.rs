//! The oracle: what holds of a store, the directory and the report once faults have stopped and
//! the work has drained.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use local::{
    bigcommerce::{Entry as Line, Outcome as Answered},
    stack::Stack,
};
use serde_json::Value;
use shared::{
    application::Application,
    bigcommerce::{Customer, CustomerId},
    mapping::{AddressFields, CustomerField, Mapped, alike},
    report::{Action, Attention, Entry},
    store::{EntryQuery, Of},
    user::User,
};

/// Everything is in step, and everything that happened was told.
pub(crate) async fn all_is_well(stack: &Stack, application: &Application) {
    well_but_for(stack, application, &[]).await;
    let asked: Vec<String> = attention(stack).await.into_iter().map(|asked| asked.detail).collect();
    assert_eq!(asked, [""; 0], "nobody need be asked anything");
}

/// As [`all_is_well`], but for customers that a person is asked about.
pub(crate) async fn well_but_for(stack: &Stack, application: &Application, apart: &[u32]) {
    drained(stack).await;
    let users = users(stack).await;
    in_step(application, &users, &stack.store().customers(), apart);
    no_email_twice(&stack.store().customers());
    accepted_is_looked_at(stack);
    told(&users, &entries(stack, application).await, application, apart);
    let calls = stack.store().calls();
    assert!(calls.most_refused_in_a_window <= 1, "(e) the quota was exceeded: {calls:?}");
    asked_about(&attention(stack).await, apart);
}

/// Everybody in the directory.
pub(crate) async fn users(stack: &Stack) -> Vec<User> {
    let mut users: Vec<User> = Vec::new();
    loop {
        let after = users.last().map(|user| user.id.clone());
        let page = stack.tables().page_of_users(after.as_ref(), 100).await.unwrap();
        if page.is_empty() {
            return users;
        }
        users.extend(page);
    }
}

/// The whole report of an application, oldest first.
pub(crate) async fn entries(stack: &Stack, application: &Application) -> Vec<Entry> {
    let mut query = EntryQuery {
        of: Of::Application(application.id.clone()),
        from: Timestamp::constant(1_767_000_000, 0),
        to: stack.clock().now() + std::time::Duration::from_secs(1),
        outcome: None,
        limit: 250,
        cursor: None,
    };
    let mut entries = Vec::new();
    loop {
        let page = stack.tables().entries(&query).await.unwrap();
        entries.extend(page.entries);
        query.cursor = page.next;
        if query.cursor.is_none() {
            entries.reverse();
            return entries;
        }
    }
}

/// Everything that a person is asked.
pub(crate) async fn attention(stack: &Stack) -> Vec<Attention> {
    stack.tables().all_attention(None, 100).await.unwrap().attention
}

/// (f) No row of work is left but dead ones, and those are told.
async fn drained(stack: &Stack) {
    assert_eq!(stack.left(), [""; 0], "(f) work is left");
    let attention = attention(stack).await;
    for row in stack.engine().items("WorkTable").unwrap() {
        let subject = row["subject"]["S"].as_str().unwrap().to_owned();
        assert!(attention.iter().any(|asked| asked.about == subject), "(f) {subject} is dead and untold");
    }
}

/// (a) The same people on both sides, with the same values.
pub(crate) fn in_step(application: &Application, users: &[User], customers: &[Customer], apart: &[u32]) {
    let mut linked: BTreeMap<CustomerId, &User> = BTreeMap::new();
    for user in users {
        let Some(link) = user.links.get(&application.id) else {
            assert!(!user.active, "(a) user {} is active and no customer", user.id);
            continue;
        };
        assert!(linked.insert(link.customer, user).is_none(), "(a) {} is two users", link.customer);
    }
    for customer in customers {
        let id = customer.id.unwrap();
        let user = linked.remove(&id);
        if apart.contains(&id.get()) {
            continue;
        }
        let user = user.unwrap_or_else(|| panic!("(a) customer {id} is no user"));
        alike_in_all(&application.mapping.read_user(user), &application.mapping.read_customer(customer), id);
    }
    linked.retain(|id, _| !apart.contains(&id.get()));
    assert!(linked.is_empty(), "(a) users of no customer: {linked:?}");
}

fn alike_in_all(user: &Mapped, customer: &Mapped, id: CustomerId) {
    let fields: BTreeSet<&CustomerField> = user.fields.keys().chain(customer.fields.keys()).collect();
    for field in fields {
        let (here, there) = (user.fields.get(field), customer.fields.get(field));
        assert!(alike(field, here, there), "(a) {field} of customer {id}: {here:?} here, {there:?} there");
    }
    assert!(user.addresses == customer.addresses, "(a) addresses of customer {id}");
}

/// (b) No address was created twice.
fn no_email_twice(customers: &[Customer]) {
    let emails: BTreeSet<String> = customers.iter().map(|customer| customer.email.to_lowercase()).collect();
    assert_eq!(emails.len(), customers.len(), "(b) customers share an e-mail address");
}

/// (c) Customers were read after the last delivery that was accepted.
fn accepted_is_looked_at(stack: &Stack) {
    let log = stack.store().log();
    let accepted = |line: &Line| matches!(line, Line::Delivery { outcome: Answered::Answered(200), .. });
    let read = |line: &Line| matches!(line, Line::Call { endpoint, status: Some(200), .. } if endpoint == "GET /v3/customers");
    let (accepted, read) = (log.iter().rposition(accepted), log.iter().rposition(read));
    assert!(accepted <= read, "(c) a delivery was accepted and its customer never looked at");
}

/// (d) The report, read from the beginning, comes to what is there now.
fn told(users: &[User], entries: &[Entry], application: &Application, apart: &[u32]) {
    for user in users {
        let of_user: Vec<&Entry> =
            entries.iter().filter(|entry| entry.user.as_ref() == Some(&user.id)).collect();
        let Some(link) = user.links.get(&application.id) else { continue };
        let begun = |entry: &&&Entry| matches!(entry.action, Action::CreateUser | Action::CreateCustomer);
        let begins = of_user.iter().filter(begun).count();
        let links = of_user.iter().filter(|entry| entry.action == Action::Link).count();
        assert!(begins + links >= 1, "(d) nothing tells how user {} came to be a customer", user.id);
        if links > 0 || apart.contains(&link.customer.get()) {
            continue;
        }
        let is = application.mapping.read_user(user);
        let (fields, addresses) = replayed(&of_user);
        for (field, value) in is.fields.iter().filter(|(field, _)| **field != CustomerField::Id) {
            let told = fields.get(&field.to_string());
            assert!(
                alike(field, told, Some(value)),
                "(d) {field} of {}: {told:?} told, {value:?} is",
                user.id
            );
        }
        let is: BTreeSet<String> = is.addresses.iter().map(address).collect();
        assert_eq!(addresses, is, "(d) addresses of {} as told and as they are", user.id);
    }
    for gone in entries.iter().filter(|entry| entry.action == Action::DeleteUser) {
        assert!(users.iter().all(|user| Some(&user.id) != gone.user.as_ref()), "(d) a deleted user is there");
    }
}

fn replayed(entries: &[&Entry]) -> (BTreeMap<String, Value>, BTreeSet<String>) {
    let (mut fields, mut addresses) = (BTreeMap::new(), BTreeSet::new());
    for change in entries.iter().flat_map(|entry| &entry.changes) {
        if change.field == "addresses" {
            for lost in change.before.as_array().into_iter().flatten() {
                addresses.remove(&lost.to_string());
            }
            addresses.extend(change.after.as_array().into_iter().flatten().map(Value::to_string));
        } else {
            fields.insert(change.field.clone(), change.after.clone());
        }
    }
    (fields, addresses)
}

fn address(address: &AddressFields) -> String {
    let fields = address.iter().map(|(field, text)| (field.to_string(), Value::from(text.as_str())));
    Value::Object(fields.collect()).to_string()
}

/// Somebody is asked about each customer that is apart.
fn asked_about(attention: &[Attention], apart: &[u32]) {
    for customer in apart {
        let about = |asked: &&Attention| {
            let subjects = asked.waiting.iter().map(ToString::to_string).chain([asked.about.clone()]);
            subjects.into_iter().any(|subject| subject.ends_with(&format!("#{customer}")))
        };
        assert!(attention.iter().any(|asked| about(&asked)), "nobody is asked about customer {customer}");
    }
}
