//! Addresses of customers: unique by content, with states by name.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::State,
    http::{StatusCode, Uri},
    response::{IntoResponse, Response},
};
use serde_json::Value;

use super::{
    check::{Check, Item, Length, items},
    countries,
    errors::{Refusal, json},
    events::{Happening, What, fire},
    form_fields::fill_in,
    paging::{Written, page_of},
    query::Query,
    record::{Address, Line, Words},
    shop::Shop,
    state::{State as Memory, next},
    wire,
};

const FILTERS: [&str; 7] = ["page", "limit", "company:in", "name:in", "customer_id:in", "id:in", "include"];

/// At most so many in a new customer.
const EMBEDDED: usize = 10;

/// The texts of a body, and how long each may be.
const TEXTS: [(&str, Line, Length); 10] = [
    ("first_name", Line::FirstName, Length(1, 255)),
    ("last_name", Line::LastName, Length(1, 255)),
    ("company", Line::Company, Length(0, 255)),
    ("address1", Line::Address1, Length(1, 255)),
    ("address2", Line::Address2, Length(0, 255)),
    ("city", Line::City, Length(1, 100)),
    ("state_or_province", Line::State, Length(0, 100)),
    ("postal_code", Line::PostalCode, Length(0, 30)),
    ("country_code", Line::CountryCode, Length(2, 2)),
    ("phone", Line::Phone, Length(0, 50)),
];

/// `GET /v3/customers/addresses`
pub(super) async fn list(State(shop): State<Arc<Shop>>, uri: Uri) -> Result<Response, Refusal> {
    let query = Query::parse(&uri, &FILTERS)?;
    let (ids, owners) = (query.ids("id:in")?, query.ids("customer_id:in")?);
    let (names, companies) = (query.list("name:in"), query.list("company:in"));
    let form_fields = query.text("include") == Some("formfields");
    let state = shop.state();
    let passes = |address: &Address| {
        let name = format!("{} {}", address.get(Line::FirstName), address.get(Line::LastName)).to_lowercase();
        let company = address.get(Line::Company).to_lowercase();
        ids.as_ref().is_none_or(|ids| ids.contains(&address.id))
            && names.as_ref().is_none_or(|names| names.contains(&name))
            && companies.as_ref().is_none_or(|companies| companies.contains(&company))
    };
    let customers: Vec<_> = match (&owners, &ids) {
        (Some(owners), _) => owners.iter().filter_map(|id| state.customers().get(id)).collect(),
        (None, Some(ids)) => ids.iter().filter_map(|id| state.owner_of_address(*id)).collect(),
        (None, None) => state.customers().values().collect(),
    };
    let mut addresses: Vec<_> = customers
        .into_iter()
        .flat_map(|customer| customer.addresses.iter().map(|address| (address, customer.id)))
        .filter(|(address, _)| passes(address))
        .collect();
    addresses.sort_by_key(|(address, _)| address.id);
    addresses.dedup_by_key(|(address, _)| address.id);
    let fields = |address: &Address| form_fields.then_some(wire::Of::Address(address.id));
    let addresses =
        addresses.into_iter().map(|(address, owner)| wire::address(owner, address, fields(address)));
    Ok(json(&page_of(&query, 250, addresses.collect())?))
}

/// `POST /v3/customers/addresses`
pub(super) async fn post(State(shop): State<Arc<Shop>>, body: Bytes) -> Result<Response, Refusal> {
    let items = items(&body, usize::MAX)?;
    let mut state = shop.state();
    let ids = create(&shop, &mut state, &items)?;
    Ok(answer(&state, &ids))
}

/// `PUT /v3/customers/addresses`
pub(super) async fn put(State(shop): State<Arc<Shop>>, body: Bytes) -> Result<Response, Refusal> {
    let items = items(&body, usize::MAX)?;
    let mut state = shop.state();
    let ids = update(&shop, &mut state, &items)?;
    Ok(answer(&state, &ids))
}

/// `DELETE /v3/customers/addresses`
pub(super) async fn delete(State(shop): State<Arc<Shop>>, uri: Uri) -> Result<Response, Refusal> {
    let ids = Query::parse(&uri, &["id:in"])?.ids("id:in")?.unwrap_or_default();
    remove(&shop, &mut shop.state(), &ids);
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn answer(state: &Memory, ids: &[u32]) -> Response {
    let addresses = ids.iter().filter_map(|id| {
        let owner = state.owner_of_address(*id)?;
        let address = owner.addresses.iter().find(|address| address.id == *id)?;
        Some(wire::address(owner.id, address, None))
    });
    json(&Written::new(addresses.collect::<Vec<_>>()))
}

/// Creates `items`. One that its customer has already is passed over: its identifier is not returned.
pub(super) fn create(shop: &Shop, state: &mut Memory, items: &[Value]) -> Result<Vec<u32>, Refusal> {
    let mut check = Check::new("Create customer addresses failed.");
    let mut drafts = Vec::new();
    for (index, value) in items.iter().enumerate() {
        let mut item = check.item(index, value);
        item.require("customer_id");
        let owner = item.number("customer_id");
        if owner.is_some_and(|owner| !state.customers().contains_key(&owner)) {
            item.breaks("customer_id", "invalid customer ID");
        }
        drafts.push((owner, draft(&mut item)));
    }
    check.done()?;
    let mut ids = Vec::new();
    for (owner, mut address) in drafts {
        let Some(mut customer) = owner.and_then(|owner| state.customers().get(&owner)).cloned() else {
            continue;
        };
        if customer.addresses.iter().any(|known| known.is_like(&address)) {
            continue;
        }
        address.id = next(&mut state.head.last.address);
        ids.push(address.id);
        fire(shop, state, &Happening::Address { what: What::Created, id: address.id, customer: customer.id });
        customer.addresses.push(address);
        state.put(customer);
    }
    Ok(ids)
}

/// Changes `items`. One that would become like another of its customer stays as it is, and its
/// identifier is not returned.
pub(super) fn update(shop: &Shop, state: &mut Memory, items: &[Value]) -> Result<Vec<u32>, Refusal> {
    let mut check = Check::new("Update customer addresses failed.");
    let mut changed = Vec::new();
    for (index, value) in items.iter().enumerate() {
        let mut item = check.item(index, value);
        item.require("id");
        let Some(id) = item.number("id") else { continue };
        let owner = state.owner_of_address(id);
        match owner.and_then(|owner| owner.addresses.iter().find(|address| address.id == id)) {
            Some(address) => {
                let mut address = address.clone();
                edit(&mut item, &mut address);
                changed.push(address);
            }
            None => item.breaks("id", "invalid address ID"),
        }
    }
    check.done()?;
    let mut ids = Vec::new();
    for after in changed {
        let Some(mut customer) = state.owner_of_address(after.id).cloned() else { continue };
        let (same, others): (Vec<_>, Vec<_>) =
            customer.addresses.iter().partition(|address| address.id == after.id);
        if others.iter().any(|other| other.is_like(&after)) {
            continue;
        }
        ids.push(after.id);
        if same.iter().any(|before| !before.is_like(&after)) {
            let customer = customer.id;
            fire(shop, state, &Happening::Address { what: What::Updated, id: after.id, customer });
        }
        for address in customer.addresses.iter_mut().filter(|address| address.id == after.id) {
            address.clone_from(&after);
        }
        state.put(customer);
    }
    Ok(ids)
}

/// Deletes the addresses that there are among `ids`.
pub(super) fn remove(shop: &Shop, state: &mut Memory, ids: &[u32]) {
    for id in ids {
        let Some(mut customer) = state.owner_of_address(*id).cloned() else { continue };
        fire(shop, state, &Happening::Address { what: What::Deleted, id: *id, customer: customer.id });
        customer.addresses.retain(|address| address.id != *id);
        state.put(customer);
    }
}

/// The addresses in the body of a new customer, not yet numbered; one like another is dropped.
pub(super) fn embedded(item: &mut Item<'_, '_>) -> Vec<Address> {
    let list = item.list("addresses").unwrap_or_default();
    if list.len() > EMBEDDED {
        item.breaks("addresses", "at most 10 addresses");
    }
    let mut addresses: Vec<Address> = Vec::new();
    for (at, value) in list.iter().enumerate() {
        let address = draft(&mut item.inner(&format!("addresses.{at}"), value));
        if !addresses.iter().any(|known| known.is_like(&address)) {
            addresses.push(address);
        }
    }
    addresses
}

/// A new address as a body describes it.
fn draft(item: &mut Item<'_, '_>) -> Address {
    for name in ["first_name", "last_name", "address1", "city", "country_code"] {
        item.require(name);
    }
    let mut address =
        Address { id: 0, words: Words::new(&[""; 10]), commercial: false, form_fields: Vec::new() };
    edit(item, &mut address);
    address
}

/// Puts into `address` what a body says of it, and checks the whole: another country may make
/// another state necessary.
fn edit(item: &mut Item<'_, '_>, address: &mut Address) {
    for (name, line, length) in TEXTS {
        if let Some(text) = item.text(name, length) {
            address.words.set(line as usize, text);
        }
    }
    match item.text("address_type", Length(0, 20)) {
        None => {}
        Some("residential") => address.commercial = false,
        Some("commercial") => address.commercial = true,
        Some(_) => item.breaks("address_type", "address_type must be residential or commercial"),
    }
    let fields = item.form_fields();
    fill_in(&mut address.form_fields, fields);
    let country = address.get(Line::CountryCode);
    if countries::name(country).is_none() {
        item.breaks("country_code", "country_code is not a known country");
        return;
    }
    if !countries::takes_state(country, address.get(Line::State)) {
        item.breaks("state_or_province", "state_or_province must be the full name of a state of the country");
    }
    if countries::needs_postal_code(country) && address.get(Line::PostalCode).is_empty() {
        item.breaks("postal_code", "postal_code is required for the country");
    }
}
