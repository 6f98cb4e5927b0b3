//! What a customer allows the store to remember of a visit.

use std::{collections::BTreeSet, sync::Arc};

use axum::{
    body::Bytes,
    extract::{Path, State},
    response::Response,
};
use serde::Serialize;
use serde_json::{Map, Value};

use super::{
    check::object,
    errors::{Broken, Refusal, Shape, json},
    shop::{Shop, written},
};

const KINDS: [&str; 4] = ["essential", "functional", "analytics", "targeting"];

/// Not wrapped in `data`. `updated_at` is the time of the call, as it is live.
#[derive(Serialize)]
struct Consent<'a> {
    allow: &'a [String],
    deny: &'a [String],
    updated_at: String,
}

/// `GET /v3/customers/{id}/consent`
pub(super) async fn read(
    State(shop): State<Arc<Shop>>,
    Path((_, id)): Path<(String, String)>,
) -> Result<Response, Refusal> {
    let state = shop.state();
    let customer = id.parse().ok().and_then(|id: u32| state.customers().get(&id));
    let rare = customer.ok_or(Refusal::not_found(Shape::V3))?.rare();
    Ok(json(&Consent { allow: &rare.allow, deny: &rare.deny, updated_at: written(shop.second()) }))
}

/// `PUT /v3/customers/{id}/consent`
pub(super) async fn put(
    State(shop): State<Arc<Shop>>,
    Path((_, id)): Path<(String, String)>,
    body: Bytes,
) -> Result<Response, Refusal> {
    let body = object(&body)?;
    let (allow, deny) = (kinds(&body, "allow")?, kinds(&body, "deny")?);
    let mut state = shop.state();
    let customer = id.parse().ok().and_then(|id: u32| state.customers().get(&id).cloned());
    let mut customer = customer.ok_or(Refusal::not_found(Shape::V3))?;
    let rare = customer.rare_mut();
    (rare.allow, rare.deny) = (allow, deny);
    let answer = json(&Consent { allow: &rare.allow, deny: &rare.deny, updated_at: written(shop.second()) });
    state.put(customer);
    Ok(answer)
}

fn kinds(body: &Map<String, Value>, name: &str) -> Result<Vec<String>, Refusal> {
    let wrong = || Refusal::garbled(Broken::from([(name.to_owned(), "error.invalid".to_owned())]));
    let list = match body.get(name) {
        None => return Ok(Vec::new()),
        Some(list) => list.as_array().ok_or_else(wrong)?,
    };
    let kinds: Option<BTreeSet<String>> = list
        .iter()
        .map(|kind| kind.as_str().filter(|kind| KINDS.contains(kind)).map(str::to_owned))
        .collect();
    Ok(kinds.ok_or_else(wrong)?.into_iter().collect())
}
