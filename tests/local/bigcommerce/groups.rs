//! Customer groups, which only the second API has: no `data`, arrays of errors, 204 for an empty list.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{Path, State},
    http::{StatusCode, Uri},
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json as value};

use super::{
    errors::{Refusal, Shape, json},
    query::Query,
    shop::Shop,
    state::{State as Memory, next},
};

const FILTERS: [&str; 12] = [
    "page",
    "limit",
    "name",
    "name:like",
    "is_default",
    "is_group_for_guests",
    "date_created",
    "date_created:min",
    "date_created:max",
    "date_modified",
    "date_modified:min",
    "date_modified:max",
];

/// A group, kept as it is on the wire.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Group {
    pub(super) id: u32,
    name: String,
    is_default: bool,
    category_access: Value,
    discount_rules: Value,
    date_created: String,
    date_modified: String,
    is_group_for_guests: bool,
}

impl Group {
    /// Whether new customers are in it.
    pub(super) fn is_default(&self) -> bool {
        self.is_default
    }

    /// Its name.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    fn edit(&mut self, body: &Map<String, Value>) -> Result<(), Refusal> {
        if let Some(name) = body.get("name") {
            let name = name.as_str().filter(|name| !name.is_empty()).ok_or(Refusal::bad_field("name"))?;
            name.clone_into(&mut self.name);
        }
        for (name, flag) in
            [("is_default", &mut self.is_default), ("is_group_for_guests", &mut self.is_group_for_guests)]
        {
            if let Some(wanted) = body.get(name) {
                *flag = wanted.as_bool().ok_or(Refusal::bad_field(name))?;
            }
        }
        if let Some(access) = body.get("category_access").filter(|access| access.is_object()) {
            self.category_access.clone_from(access);
        }
        if let Some(rules) = body.get("discount_rules").filter(|rules| rules.is_array()) {
            self.discount_rules.clone_from(rules);
        }
        Ok(())
    }
}

/// `GET /v2/customer_groups`
pub(super) async fn list(State(shop): State<Arc<Shop>>, uri: Uri) -> Result<Response, Refusal> {
    let query = Query::parse(&uri, &FILTERS).map_err(|_| Refusal::bad_field("filter"))?;
    let number = |name: &str| query.number(name).map_err(|_| Refusal::bad_field(name));
    let flag = |name: &str| query.flag(name).map_err(|_| Refusal::bad_field(name));
    let (default, guests) = (flag("is_default")?, flag("is_group_for_guests")?);
    let limit = number("limit")?.unwrap_or(50).clamp(1, 250) as usize;
    let skipped = (number("page")?.unwrap_or(1).max(1) as usize - 1).saturating_mul(limit);
    let like = query.text("name:like").map(str::to_lowercase);
    let state = shop.state();
    let groups = state.head.groups.values().filter(|group| {
        query.text("name").is_none_or(|name| group.name == name)
            && like.as_ref().is_none_or(|part| group.name.to_lowercase().contains(part))
            && default.is_none_or(|wanted| group.is_default == wanted)
            && guests.is_none_or(|wanted| group.is_group_for_guests == wanted)
    });
    let groups: Vec<&Group> = groups.skip(skipped).take(limit).collect();
    Ok(if groups.is_empty() { StatusCode::NO_CONTENT.into_response() } else { json(&groups) })
}

/// `GET /v2/customer_groups/count`
pub(super) async fn count(State(shop): State<Arc<Shop>>) -> Response {
    json(&value!({ "count": shop.state().head.groups.len() }))
}

/// `POST /v2/customer_groups`
pub(super) async fn create(State(shop): State<Arc<Shop>>, body: Bytes) -> Result<Response, Refusal> {
    let body = object(&body)?;
    if !body.contains_key("name") {
        return Err(Refusal::bad_field("name"));
    }
    let now = written(shop.clock.now());
    let mut state = shop.state();
    let mut group = Group {
        id: 0,
        name: String::new(),
        is_default: false,
        category_access: value!({ "type": "all" }),
        discount_rules: value!([]),
        date_created: now.clone(),
        date_modified: now,
        is_group_for_guests: false,
    };
    group.edit(&body)?;
    group.id = next(&mut state.head.last.group);
    Ok(keep(&mut state, group))
}

/// `GET /v2/customer_groups/{id}`
pub(super) async fn read(
    State(shop): State<Arc<Shop>>,
    Path((_, id)): Path<(String, String)>,
) -> Result<Response, Refusal> {
    Ok(json(find(&shop.state(), &id)?))
}

/// `PUT /v2/customer_groups/{id}`
pub(super) async fn update(
    State(shop): State<Arc<Shop>>,
    Path((_, id)): Path<(String, String)>,
    body: Bytes,
) -> Result<Response, Refusal> {
    let body = object(&body)?;
    let mut state = shop.state();
    let mut group = find(&state, &id)?.clone();
    group.edit(&body)?;
    group.date_modified = written(shop.clock.now());
    Ok(keep(&mut state, group))
}

/// `DELETE /v2/customer_groups/{id}`: its customers are then in none.
pub(super) async fn delete(
    State(shop): State<Arc<Shop>>,
    Path((_, id)): Path<(String, String)>,
) -> Result<Response, Refusal> {
    let mut state = shop.state();
    let id = find(&state, &id)?.id;
    state.head.groups.remove(&id);
    let members = state.customers().values().filter(|customer| customer.group == id);
    for mut customer in members.cloned().collect::<Vec<_>>() {
        customer.group = 0;
        state.put(customer);
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Keeps `group`; there is one default, and one for guests.
fn keep(state: &mut Memory, group: Group) -> Response {
    for other in state.head.groups.values_mut() {
        other.is_default &= !group.is_default;
        other.is_group_for_guests &= !group.is_group_for_guests;
    }
    let answer = json(&group);
    state.head.groups.insert(group.id, group);
    answer
}

fn find<'a>(state: &'a Memory, id: &str) -> Result<&'a Group, Refusal> {
    let group = id.parse().ok().and_then(|id: u32| state.head.groups.get(&id));
    group.ok_or(Refusal::not_found(Shape::V2))
}

fn object(body: &[u8]) -> Result<Map<String, Value>, Refusal> {
    serde_json::from_slice(body).map_err(|_| Refusal::bad_field("body"))
}

/// A time as the second API writes groups' times.
fn written(now: Timestamp) -> String {
    now.strftime("%Y-%m-%d %H:%M:%S").to_string()
}
