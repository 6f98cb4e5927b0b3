//! Creating, changing and deleting customers, ten at a time, all or none.

use std::{collections::BTreeSet, sync::Arc};

use axum::{
    Extension,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, Uri, header::USER_AGENT},
    response::{IntoResponse, Response},
};
use serde_json::Value;

use super::{
    addresses, attribute_values,
    channels::{overlap, reach},
    check::{Check, Item, Length, items},
    errors::{Refusal, json},
    events::{Happening, Origin, fire},
    form_fields,
    gate::Quirks,
    log::Entry,
    paging::Written,
    query::Query,
    record::{Customer, Field, Password, Words},
    shop::Shop,
    state::{State as Memory, next},
    wire::{self, Include},
};

/// The live store takes no more customers in one call.
const A_CALL: usize = 10;
const CREATE_FAILED: &str = "Create customers failed.";
const UPDATE_FAILED: &str = "Update customers failed.";
/// What a write answers besides the plain fields.
const ANSWERED: Include =
    Include { addresses: false, attributes: false, form_fields: false, store_credit: true };

/// The texts of a body, and how long each may be.
const TEXTS: [(&str, Field, Length); 7] = [
    ("email", Field::Email, Length(3, 250)),
    ("first_name", Field::FirstName, Length(1, 100)),
    ("last_name", Field::LastName, Length(1, 100)),
    ("company", Field::Company, Length(0, 255)),
    ("phone", Field::Phone, Length(0, 50)),
    ("notes", Field::Notes, Length(0, usize::MAX)),
    ("tax_exempt_category", Field::TaxExemptCategory, Length(0, 255)),
];

/// `POST /v3/customers`
pub(super) async fn post(
    State(shop): State<Arc<Shop>>,
    Extension(quirks): Extension<Quirks>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let mut items = items(&body, A_CALL)?;
    lower_if(quirks.lowercase_emails, &mut items);
    let by = headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    let mut state = shop.state();
    let ids = create(&shop, &mut state, by, &items)?;
    Ok(answer(&state, &ids, &quirks))
}

/// `PUT /v3/customers`
pub(super) async fn put(
    State(shop): State<Arc<Shop>>,
    Extension(quirks): Extension<Quirks>,
    body: Bytes,
) -> Result<Response, Refusal> {
    let mut items = items(&body, A_CALL)?;
    lower_if(quirks.lowercase_emails, &mut items);
    let mut state = shop.state();
    let ids = update(&shop, &mut state, Origin::Api, &items)?;
    Ok(answer(&state, &ids, &quirks))
}

/// `DELETE /v3/customers`; without `id:in` it deletes nothing.
pub(super) async fn delete(State(shop): State<Arc<Shop>>, uri: Uri) -> Result<Response, Refusal> {
    let ids = Query::parse(&uri, &["id:in"])?.ids("id:in")?.unwrap_or_default();
    remove(&shop, &mut shop.state(), &ids);
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn answer(state: &Memory, ids: &[u32], quirks: &Quirks) -> Response {
    let customers = ids.iter().filter_map(|id| state.customers().get(id));
    let customers = customers.map(|customer| wire::customer(customer, ANSWERED)).collect();
    json(&Written::new(quirks.spoil(customers)))
}

fn lower_if(wanted: bool, items: &mut [Value]) {
    for email in items.iter_mut().filter(|_| wanted).filter_map(|item| item.get_mut("email")) {
        if let Some(text) = email.as_str() {
            *email = text.to_lowercase().into();
        }
    }
}

/// Creates all of `items`, or none, on behalf of whoever calls itself `by`.
pub(super) fn create(
    shop: &Shop,
    state: &mut Memory,
    by: &str,
    items: &[Value],
) -> Result<Vec<u32>, Refusal> {
    let mut check = Check::new(CREATE_FAILED);
    let created: Vec<Customer> = items
        .iter()
        .enumerate()
        .map(|(index, value)| draft(shop, state, &mut check.item(index, value)))
        .collect();
    check.done()?;
    if let Some(email) = taken(shop, state, &created) {
        return Err(in_use(CREATE_FAILED, "customer_create", "creating", email));
    }
    let mut ids = Vec::new();
    for mut customer in created {
        customer.id = next(&mut state.head.last.customer);
        number_parts(&mut customer, state);
        ids.push(customer.id);
        shop.traffic().log.add(Entry::Creation {
            at: shop.clock.now(),
            customer: customer.id,
            email: customer.get(Field::Email).to_owned(),
            by: by.to_owned(),
        });
        fire(shop, state, &Happening::Created(&customer));
        // A sign-up that fills in form fields is told of twice.
        if !customer.rare().form_fields.is_empty() {
            fire(shop, state, &Happening::Updated(&customer));
        }
        state.put(customer);
    }
    Ok(ids)
}

/// Changes all of `items`, or none. What changes nothing moves nothing and tells nobody.
pub(super) fn update(
    shop: &Shop,
    state: &mut Memory,
    origin: Origin,
    items: &[Value],
) -> Result<Vec<u32>, Refusal> {
    let mut check = Check::new(UPDATE_FAILED);
    let mut changed = Vec::new();
    for (index, value) in items.iter().enumerate() {
        let mut item = check.item(index, value);
        item.require("id");
        let Some(id) = item.number("id") else { continue };
        match state.customers().get(&id) {
            Some(customer) => {
                let mut customer = customer.clone();
                edit(shop, state, &mut item, &mut customer);
                changed.push(customer);
            }
            None => item.breaks("id", "invalid customer ID"),
        }
    }
    check.done()?;
    if let Some(email) = taken(shop, state, &changed) {
        return Err(in_use(UPDATE_FAILED, "customer_update", "updating", email));
    }
    let ids = changed.iter().map(|customer| customer.id).collect();
    for customer in changed {
        keep(shop, state, origin, customer);
    }
    Ok(ids)
}

/// Deletes the customers that there are among `ids`, with their addresses, which nobody is told of.
pub(super) fn remove(shop: &Shop, state: &mut Memory, ids: &[u32]) {
    for id in ids {
        if state.remove(*id).is_some() {
            fire(shop, state, &Happening::Deleted(*id));
        }
    }
}

/// Keeps a changed customer, and tells of it what the change deserves.
fn keep(shop: &Shop, state: &mut Memory, origin: Origin, mut after: Customer) {
    let Some(before) = state.customers().get(&after.id).cloned() else { return };
    let access = before.rare().channels != after.rare().channels;
    let new_fields = form_fields::only_in(&after.rare().form_fields, &before.rare().form_fields);
    let mut plain = after.clone();
    plain.rare_mut().form_fields.clone_from(&before.rare().form_fields);
    let mut same = before.clone();
    same.rare_mut();
    // An edit of a form field that was filled in before is no change of the customer.
    let told = plain != same || new_fields;
    if told {
        after.modified = shop.second();
        fire(shop, state, &Happening::Updated(&after));
    }
    if access && origin == Origin::Api {
        let channels = reach(shop, state, after.rare().channels.as_deref());
        fire(shop, state, &Happening::LoginAccess { customer: after.id, channels });
    }
    state.put(after);
}

/// A customer as a body describes it, not yet numbered.
fn draft(shop: &Shop, state: &Memory, item: &mut Item<'_, '_>) -> Customer {
    for name in ["email", "first_name", "last_name"] {
        item.require(name);
    }
    let mut customer = Customer::new(0, Words::new(&[""; 7]), shop.second());
    customer.group = state.head.groups.values().find(|group| group.is_default()).map_or(0, |group| group.id);
    if let Some(channel) = item.number("origin_channel_id") {
        customer.origin_channel = channel;
        if !shop.config.channels.contains(&channel) {
            item.breaks("origin_channel_id", "invalid channel ID");
        }
    }
    edit(shop, state, item, &mut customer);
    customer.addresses = addresses::embedded(item);
    customer.values = attribute_values::embedded(state, item, customer.created);
    customer
}

/// Puts into `customer` what a body says of it.
fn edit(shop: &Shop, state: &Memory, item: &mut Item<'_, '_>, customer: &mut Customer) {
    for (name, field, length) in TEXTS {
        if let Some(text) = item.text(name, length) {
            customer.words.set(field as usize, text);
        }
    }
    if item.names("email") && !is_address(customer.get(Field::Email)) {
        item.breaks("email", "email is not a valid address");
    }
    if let Some(group) = item.number("customer_group_id") {
        customer.group = group;
        if group != 0 && !state.head.groups.contains_key(&group) {
            item.breaks("customer_group_id", "invalid customer group ID");
        }
    }
    if let Some(accepts) = item.flag("accepts_product_review_abandoned_cart_emails") {
        customer.accepts_mails = accepts;
    }
    item.flag("trigger_account_created_notification");
    edit_access(shop, item, customer);
    edit_authentication(item, customer);
    if let Some(credit) = item.list("store_credit_amounts").and_then(|list| list.first()?.get("amount")) {
        customer.rare_mut().credit = credit.as_f64().unwrap_or_default();
    }
    let fields = item.form_fields();
    if !fields.is_empty() {
        form_fields::fill_in(&mut customer.rare_mut().form_fields, fields);
    }
}

/// `channel_ids`: null is every channel with global sign-in; a list must name channels.
fn edit_access(shop: &Shop, item: &mut Item<'_, '_>, customer: &mut Customer) {
    if !item.names("channel_ids") {
        return;
    }
    let Some(list) = item.list("channel_ids") else {
        if customer.rare().channels.is_some() && item.value("channel_ids").is_none() {
            customer.rare_mut().channels = None;
        }
        return;
    };
    let channels: BTreeSet<u32> = list.iter().filter_map(|id| u32::try_from(id.as_i64()?).ok()).collect();
    if channels.len() != list.len() || !channels.iter().all(|id| shop.config.channels.contains(id)) {
        item.breaks("channel_ids", "invalid channel IDs");
    }
    if channels.is_empty() {
        item.breaks("channel_ids", "channel_ids must not be empty");
    }
    customer.rare_mut().channels = Some(channels.into_iter().collect());
}

/// `authentication`: a password to set, or that one must be chosen at the next sign-in.
fn edit_authentication(item: &mut Item<'_, '_>, customer: &mut Customer) {
    let Some(value) = item.value("authentication") else { return };
    let mut authentication = item.inner("authentication", value);
    if let Some(force) = authentication.flag("force_password_reset")
        && force != customer.rare().force_reset
    {
        customer.rare_mut().force_reset = force;
    }
    if let Some(password) = authentication.text("new_password", Length(0, 1000)) {
        let strong = password.chars().count() >= 7
            && password.contains(char::is_alphabetic)
            && password.contains(char::is_numeric);
        if !strong {
            let rule = "passwords must have 7 characters or more, with a letter and a digit";
            authentication.breaks("new_password", rule);
            return;
        }
        customer.rare_mut().password = Some(Password::new(password));
    }
}

/// Gives the addresses and attribute values of a new customer their identifiers.
fn number_parts(customer: &mut Customer, state: &mut Memory) {
    for address in &mut customer.addresses {
        address.id = next(&mut state.head.last.address);
    }
    for held in &mut customer.values {
        held.id = next(&mut state.head.last.value);
    }
}

/// The first e-mail address that another customer has who can sign in at the same channel: one in
/// the store, or one earlier in the batch. Capitals do not make another address.
fn taken<'a>(shop: &Shop, state: &Memory, batch: &'a [Customer]) -> Option<&'a str> {
    let moved: BTreeSet<u32> = batch.iter().map(|customer| customer.id).collect();
    let clash = |a: &Customer, b: &Customer| overlap(shop, state, a.rare(), b.rare());
    batch.iter().enumerate().find_map(|(index, customer)| {
        let email = customer.get(Field::Email);
        let mut others = state.with_email(email).filter(|other| !moved.contains(&other.id));
        let mut earlier = batch[..index].iter().filter(|other| {
            other.get(Field::Email).to_lowercase() == email.to_lowercase()
                && (other.id == 0 || other.id != customer.id)
        });
        let clashes =
            others.any(|other| clash(customer, other)) || earlier.any(|other| clash(customer, other));
        clashes.then_some(email)
    })
}

/// The refusal of a whole batch for one address; nothing else tells which item it was.
fn in_use(title: &str, operation: &str, doing: &str, email: &str) -> Refusal {
    let reason = format!("Error {doing} customers: email {email} already in use");
    Refusal::of(title, format!(".{operation}"), reason)
}

/// Something, an at sign, and a domain with a dot or two names.
fn is_address(text: &str) -> bool {
    let (Some((name, domain)), false) = (text.rsplit_once('@'), text.contains(char::is_whitespace)) else {
        return false;
    };
    !name.is_empty() && !name.contains('@') && domain.split('.').all(|part| !part.is_empty())
}
