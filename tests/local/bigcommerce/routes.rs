//! The addresses of the store: the API, the doors for tests, and its own pages.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Request, State},
    http::StatusCode,
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use tower::ServiceExt;

use super::{
    addresses, attribute_values, attributes, consent, credentials, customers,
    errors::{Refusal, Shape, json},
    faults::{Fault, FaultKind},
    form_fields, gate, groups, hooks, information, listing,
    log::Calls,
    page, settings,
    shop::Shop,
};

/// Everything that the store answers.
pub(super) fn router(shop: &Arc<Shop>) -> Router {
    let gate = from_fn_with_state(Arc::clone(shop), gate::gate);
    let api = people()
        .merge(around())
        .route_layer(gate)
        .method_not_allowed_fallback(async |request: Request| Refusal::method_not_allowed(shape(&request)));
    let all = api.merge(doors()).merge(page::router()).fallback(lost).with_state(Arc::clone(shop));
    all.layer(from_fn_with_state(Arc::clone(shop), beside))
}

/// One address serves all stores, by their hashes.
async fn beside(State(shop): State<Arc<Shop>>, request: Request, next: Next) -> Response {
    match shop.neighbour(request.uri().path()) {
        Some(other) => other.oneshot(request).await.into_response(),
        None => next.run(request).await,
    }
}

/// What the API has about customers.
fn people() -> Router<Arc<Shop>> {
    Router::new()
        .route(
            "/stores/{hash}/v3/customers",
            get(listing::list).post(customers::post).put(customers::put).delete(customers::delete),
        )
        .route(
            "/stores/{hash}/v3/customers/addresses",
            get(addresses::list).post(addresses::post).put(addresses::put).delete(addresses::delete),
        )
        .route(
            "/stores/{hash}/v3/customers/attributes",
            get(attributes::list).post(attributes::post).put(attributes::put).delete(attributes::delete),
        )
        .route(
            "/stores/{hash}/v3/customers/attribute-values",
            get(attribute_values::list).put(attribute_values::put).delete(attribute_values::delete),
        )
        .route("/stores/{hash}/v3/customers/form-field-values", get(form_fields::list).put(form_fields::put))
        .route("/stores/{hash}/v3/customers/validate-credentials", post(credentials::validate))
        .route("/stores/{hash}/v3/customers/settings", get(settings::read).put(settings::put))
        .route(
            "/stores/{hash}/v3/customers/settings/channels/{channel}",
            get(settings::read_channel).put(settings::put_channel),
        )
        .route("/stores/{hash}/v3/customers/{id}/consent", get(consent::read).put(consent::put))
}

/// What the API has besides: hooks, groups, the store itself.
fn around() -> Router<Arc<Shop>> {
    Router::new()
        .route("/stores/{hash}/v3/hooks", get(hooks::list).post(hooks::create))
        .route("/stores/{hash}/v3/hooks/admin", get(hooks::admin).put(hooks::set_admin))
        .route("/stores/{hash}/v3/hooks/{id}", get(hooks::read).put(hooks::update).delete(hooks::delete))
        .route("/stores/{hash}/v2/customer_groups", get(groups::list).post(groups::create))
        .route("/stores/{hash}/v2/customer_groups/count", get(groups::count))
        .route(
            "/stores/{hash}/v2/customer_groups/{id}",
            get(groups::read).put(groups::update).delete(groups::delete),
        )
        .route("/stores/{hash}/v2/time", get(information::time))
        .route("/stores/{hash}/v2/store", get(information::store))
}

/// What no real store has: faults, the log, the counters.
fn doors() -> Router<Arc<Shop>> {
    Router::new()
        .route("/_faults", get(ordered).post(add).delete(clear))
        .route("/_events", get(events))
        .route("/_calls", get(counters))
}

fn shape(request: &Request) -> Shape {
    if request.uri().path().split('/').nth(3) == Some("v2") { Shape::V2 } else { Shape::V3 }
}

async fn lost(request: Request) -> Response {
    if request.uri().path().starts_with("/stores/") {
        return Refusal::not_found(shape(&request)).into_response();
    }
    page::not_found()
}

async fn ordered(State(shop): State<Arc<Shop>>) -> Response {
    json(shop.traffic().faults.ordered())
}

/// One fault or a list of them.
#[derive(serde::Deserialize)]
#[serde(untagged)]
enum Order {
    Many(Vec<Fault>),
    One(Box<Fault>),
}

async fn add(State(shop): State<Arc<Shop>>, Json(wanted): Json<Order>) -> StatusCode {
    match wanted {
        Order::Many(faults) => order(&shop, faults),
        Order::One(fault) => order(&shop, [*fault]),
    }
    StatusCode::NO_CONTENT
}

async fn clear(State(shop): State<Arc<Shop>>) -> StatusCode {
    shop.traffic().faults.clear();
    StatusCode::NO_CONTENT
}

async fn events(State(shop): State<Arc<Shop>>) -> Response {
    let lines = shop.traffic().log.lines();
    json(&lines)
}

async fn counters(State(shop): State<Arc<Shop>>) -> Response {
    json(&calls(&shop))
}

/// Orders faults; those that happen at once do.
pub(super) fn order(shop: &Shop, faults: impl IntoIterator<Item = Fault>) {
    for fault in faults {
        if !fault.is_once() {
            shop.traffic().faults.order(fault);
        } else if fault.kind == FaultKind::DeactivateHooks {
            let now = shop.clock.now();
            shop.state().head.hooks.values_mut().for_each(|hook| hook.deactivate(now));
        }
    }
}

/// What is known about the calls.
pub(super) fn calls(shop: &Shop) -> Calls {
    let traffic = shop.traffic();
    let mut calls = traffic.calls.clone();
    calls.most_refused_in_a_window = traffic.limits.refused_most();
    calls
}
