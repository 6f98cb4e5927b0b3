//! The values that customers have of attributes. Written as `value`, read as `attribute_value`.

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
    errors::{Refusal, json},
    events::{Happening, Origin, fire},
    paging::{Written, page_of},
    query::Query,
    record::Held,
    shop::Shop,
    state::{State as Memory, next},
    wire,
};

const FILTERS: [&str; 11] = [
    "page",
    "limit",
    "customer_id:in",
    "attribute_id:in",
    "name",
    "date_created",
    "date_created:min",
    "date_created:max",
    "date_modified",
    "date_modified:min",
    "date_modified:max",
];

/// The live store takes no more values in one call, and embeds no more in a customer.
const A_CALL: usize = 10;

/// `GET /v3/customers/attribute-values`
pub(super) async fn list(State(shop): State<Arc<Shop>>, uri: Uri) -> Result<Response, Refusal> {
    let query = Query::parse(&uri, &FILTERS)?;
    let (owners, attributes) = (query.ids("customer_id:in")?, query.ids("attribute_id:in")?);
    let (created, modified) = (query.span("date_created")?, query.span("date_modified")?);
    let state = shop.state();
    let named = |held: &Held| {
        let attribute = state.head.attributes.get(&held.attribute);
        query.text("name").is_none_or(|name| attribute.is_some_and(|attribute| attribute.name == name))
    };
    let passes = |held: &Held| {
        attributes.as_ref().is_none_or(|ids| ids.contains(&held.attribute))
            && created.holds(held.created)
            && modified.holds(held.modified)
            && named(held)
    };
    let customers: Vec<_> = match &owners {
        Some(owners) => owners.iter().filter_map(|id| state.customers().get(id)).collect(),
        None => state.customers().values().collect(),
    };
    let held = customers
        .into_iter()
        .flat_map(|customer| customer.values.iter().map(|held| (customer.id, held)))
        .filter(|(_, held)| passes(held))
        .map(|(owner, held)| wire::held(owner, held));
    Ok(json(&page_of(&query, 250, held.collect())?))
}

/// `PUT /v3/customers/attribute-values`
pub(super) async fn put(State(shop): State<Arc<Shop>>, body: Bytes) -> Result<Response, Refusal> {
    let items = items(&body, A_CALL)?;
    let mut state = shop.state();
    let ids = upsert(&shop, &mut state, Origin::Api, &items)?;
    let held = ids.iter().filter_map(|id| {
        let owner = state.owner_of_value(*id)?;
        Some(wire::held(owner.id, owner.values.iter().find(|held| held.id == *id)?))
    });
    Ok(json(&Written::new(held.collect::<Vec<_>>())))
}

/// `DELETE /v3/customers/attribute-values`
pub(super) async fn delete(State(shop): State<Arc<Shop>>, uri: Uri) -> Result<Response, Refusal> {
    let ids = Query::parse(&uri, &["id:in"])?.ids("id:in")?.unwrap_or_default();
    let mut state = shop.state();
    for id in ids {
        let Some(mut customer) = state.owner_of_value(id).cloned() else { continue };
        customer.values.retain(|held| held.id != id);
        state.put(customer);
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Sets values, new or not; the identifiers of all of them. Only at the store's own page does a
/// change count as one of the customer.
pub(super) fn upsert(
    shop: &Shop,
    state: &mut Memory,
    origin: Origin,
    items: &[Value],
) -> Result<Vec<u32>, Refusal> {
    let mut check = Check::new("Upsert customer attribute values failed.");
    let mut wanted = Vec::new();
    for (index, value) in items.iter().enumerate() {
        let mut item = check.item(index, value);
        item.require("customer_id");
        let owner = item.number("customer_id");
        if owner.is_some_and(|owner| !state.customers().contains_key(&owner)) {
            item.breaks("customer_id", "invalid customer ID");
        }
        wanted.extend(owner.zip(pair(state, &mut item, "value")));
    }
    check.done()?;
    let now = shop.second();
    let mut ids = Vec::new();
    for (owner, (attribute, value)) in wanted {
        let Some(mut customer) = state.customers().get(&owner).cloned() else { continue };
        let known = customer.values.iter_mut().find(|held| held.attribute == attribute);
        let changed = known.as_ref().is_none_or(|held| *held.value != *value);
        ids.push(match known {
            Some(held) if changed => {
                held.value = value.into();
                held.modified = now;
                held.id
            }
            Some(held) => held.id,
            None => {
                let id = next(&mut state.head.last.value);
                customer.values.push(Held {
                    id,
                    attribute,
                    value: value.into(),
                    created: now,
                    modified: now,
                });
                id
            }
        });
        if changed && origin == Origin::Panel {
            customer.modified = now;
            fire(shop, state, &Happening::Updated(&customer));
        }
        state.put(customer);
    }
    Ok(ids)
}

/// The attribute values in the body of a new customer, not yet numbered.
pub(super) fn embedded(state: &Memory, item: &mut Item<'_, '_>, now: i64) -> Vec<Held> {
    let list = item.list("attributes").unwrap_or_default();
    if list.len() > A_CALL {
        item.breaks("attributes", "at most 10 attributes");
    }
    let mut held: Vec<Held> = Vec::new();
    for (at, value) in list.iter().enumerate() {
        let mut item = item.inner(&format!("attributes.{at}"), value);
        let Some((attribute, value)) = pair(state, &mut item, "attribute_value") else { continue };
        if held.iter().any(|known| known.attribute == attribute) {
            item.breaks("attribute_id", "attribute_id is named twice");
        }
        held.push(Held { id: 0, attribute, value: value.into(), created: now, modified: now });
    }
    held
}

/// Which attribute, and its value, which must be one of its type.
fn pair<'a>(state: &Memory, item: &mut Item<'_, 'a>, name: &str) -> Option<(u32, &'a str)> {
    item.require("attribute_id");
    item.require(name);
    let (id, value) = (item.number("attribute_id")?, item.text(name, Length(0, 255))?);
    let Some(attribute) = state.head.attributes.get(&id) else {
        item.breaks("attribute_id", "invalid attribute ID");
        return None;
    };
    if !attribute.takes(value) {
        item.breaks(name, "the value is not of the type of the attribute");
    }
    Some((id, value))
}
