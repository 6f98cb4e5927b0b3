//! Attributes that a store defines for its customers.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::State,
    http::{StatusCode, Uri},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};

use super::{
    check::{Check, Item, Length, items},
    errors::{Refusal, json},
    paging::{Written, page_of},
    query::Query,
    shop::{Shop, written},
    state::{State as Memory, next},
};

const FILTERS: [&str; 11] = [
    "page",
    "limit",
    "name",
    "name:like",
    "type",
    "date_created",
    "date_created:min",
    "date_created:max",
    "date_modified",
    "date_modified:min",
    "date_modified:max",
];

/// A store has no more attributes.
const A_STORE: usize = 50;
const CREATE_FAILED: &str = "Create customer attributes failed.";

/// An attribute as the store keeps it.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Attribute {
    pub(super) id: u32,
    pub(super) name: String,
    kind: String,
    created: i64,
    modified: i64,
}

#[derive(Serialize)]
struct Wire<'a> {
    id: u32,
    name: &'a str,
    r#type: &'a str,
    date_created: String,
    date_modified: String,
}

impl Attribute {
    pub(super) fn new(id: u32, name: &str, kind: &str, now: i64) -> Attribute {
        Attribute { id, name: name.to_owned(), kind: kind.to_owned(), created: now, modified: now }
    }

    fn wire(&self) -> Wire<'_> {
        Wire {
            id: self.id,
            name: &self.name,
            r#type: &self.kind,
            date_created: written(self.created),
            date_modified: written(self.modified),
        }
    }

    /// Whether `value` is one for this attribute: all are texts, but not every text is a number.
    pub(super) fn takes(&self, value: &str) -> bool {
        match self.kind.as_str() {
            "number" => value.parse::<f64>().is_ok_and(f64::is_finite),
            "date" => value.get(..10).is_some_and(|date| date.parse::<jiff::civil::Date>().is_ok()),
            _ => true,
        }
    }
}

/// `GET /v3/customers/attributes`
pub(super) async fn list(State(shop): State<Arc<Shop>>, uri: Uri) -> Result<Response, Refusal> {
    let query = Query::parse(&uri, &FILTERS)?;
    let (created, modified) = (query.span("date_created")?, query.span("date_modified")?);
    let like = query.text("name:like").map(str::to_lowercase);
    let state = shop.state();
    let attributes = state.head.attributes.values().filter(|attribute| {
        query.text("name").is_none_or(|name| attribute.name == name)
            && like.as_ref().is_none_or(|part| attribute.name.to_lowercase().contains(part))
            && query.text("type").is_none_or(|kind| attribute.kind == kind)
            && created.holds(attribute.created)
            && modified.holds(attribute.modified)
    });
    Ok(json(&page_of(&query, 250, attributes.map(Attribute::wire).collect())?))
}

/// `POST /v3/customers/attributes`
pub(super) async fn post(State(shop): State<Arc<Shop>>, body: Bytes) -> Result<Response, Refusal> {
    let items = items(&body, usize::MAX)?;
    let mut check = Check::new(CREATE_FAILED);
    let mut state = shop.state();
    let mut drafts: Vec<(String, String)> = Vec::new();
    for (index, value) in items.iter().enumerate() {
        let mut item = check.item(index, value);
        item.require("name");
        item.require("type");
        let name = name(&mut item, &state, 0);
        let kind = item.text("type", Length(0, 20)).unwrap_or_default().to_owned();
        if !["string", "number", "date"].contains(&kind.as_str()) {
            item.breaks("type", "type must be string, number or date");
        }
        if drafts.iter().any(|(other, _)| *other == name) {
            item.breaks("name", "name already in use");
        }
        drafts.push((name, kind));
    }
    check.done()?;
    if state.head.attributes.len() + drafts.len() > A_STORE {
        return Err(Refusal::of(CREATE_FAILED, ".attribute_create", "a store has at most 50 attributes"));
    }
    let now = shop.second();
    let mut ids = Vec::new();
    for (name, kind) in drafts {
        let id = next(&mut state.head.last.attribute);
        state.head.attributes.insert(id, Attribute::new(id, &name, &kind, now));
        ids.push(id);
    }
    Ok(answer(&state, &ids))
}

/// `PUT /v3/customers/attributes`: the name alone can change.
pub(super) async fn put(State(shop): State<Arc<Shop>>, body: Bytes) -> Result<Response, Refusal> {
    let items = items(&body, usize::MAX)?;
    let mut check = Check::new("Update customer attributes failed.");
    let mut state = shop.state();
    let mut renamed = Vec::new();
    for (index, value) in items.iter().enumerate() {
        let mut item = check.item(index, value);
        item.require("id");
        item.require("name");
        let Some(id) = item.number("id") else { continue };
        match state.head.attributes.get(&id) {
            None => item.breaks("id", "invalid attribute ID"),
            Some(attribute) => {
                if item.text("type", Length(0, 20)).is_some_and(|kind| kind != attribute.kind) {
                    item.breaks("type", "type cannot be changed");
                }
                renamed.push((id, name(&mut item, &state, id)));
            }
        }
    }
    check.done()?;
    let now = shop.second();
    for (id, name) in &renamed {
        if let Some(attribute) = state.head.attributes.get_mut(id).filter(|known| known.name != *name) {
            attribute.name.clone_from(name);
            attribute.modified = now;
        }
    }
    let ids: Vec<u32> = renamed.into_iter().map(|(id, _)| id).collect();
    Ok(answer(&state, &ids))
}

/// `DELETE /v3/customers/attributes`, and with them all their values.
pub(super) async fn delete(State(shop): State<Arc<Shop>>, uri: Uri) -> Result<Response, Refusal> {
    let ids = Query::parse(&uri, &["id:in"])?.ids("id:in")?.unwrap_or_default();
    let mut state = shop.state();
    state.head.attributes.retain(|id, _| !ids.contains(id));
    let holders = state.customers().values();
    let holders = holders.filter(|customer| customer.values.iter().any(|held| ids.contains(&held.attribute)));
    for mut customer in holders.cloned().collect::<Vec<_>>() {
        customer.values.retain(|held| !ids.contains(&held.attribute));
        state.put(customer);
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn name(item: &mut Item<'_, '_>, state: &Memory, own: u32) -> String {
    let name = item.text("name", Length(1, 255)).unwrap_or_default();
    if state.head.attributes.values().any(|other| other.id != own && other.name == name) {
        item.breaks("name", "name already in use");
    }
    name.to_owned()
}

fn answer(state: &Memory, ids: &[u32]) -> Response {
    let attributes = ids.iter().filter_map(|id| state.head.attributes.get(id));
    json(&Written::new(attributes.map(Attribute::wire).collect::<Vec<_>>()))
}
