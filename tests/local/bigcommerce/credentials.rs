//! Checking a shopper's password, for the API and for the store's own sign-in page.

use std::sync::Arc;

use axum::{body::Bytes, extract::State, response::Response};
use serde::Serialize;
use serde_json::Value;

use super::{
    channels::reach,
    check::{Check, Length, object},
    errors::{Refusal, Shape, json},
    record::Customer,
    shop::Shop,
    state::State as Memory,
};

/// Not wrapped in `data`.
#[derive(Serialize)]
struct Validity {
    is_valid: bool,
    customer_id: Option<u32>,
}

/// `POST /v3/customers/validate-credentials`; a wrong password is an answer, not an error.
pub(super) async fn validate(State(shop): State<Arc<Shop>>, body: Bytes) -> Result<Response, Refusal> {
    if !shop.traffic().limits.check_password(shop.clock.now()) {
        return Err(Refusal::too_many_requests(Shape::V3));
    }
    let body = Value::Object(object(&body)?);
    let mut check = Check::new("Validate credentials failed.");
    let mut item = check.item(0, &body);
    item.require("email");
    item.require("password");
    let email = item.text("email", Length(0, 1000)).unwrap_or_default();
    let password = item.text("password", Length(0, 1000)).unwrap_or_default();
    let channel = item.number("channel_id").unwrap_or(1);
    check.done()?;
    let state = shop.state();
    let customer_id = sign_in(&shop, &state, email, password, channel).map(|customer| customer.id);
    Ok(json(&Validity { is_valid: customer_id.is_some(), customer_id }))
}

/// The customer who signs in at `channel` with this address and password.
pub(super) fn sign_in<'a>(
    shop: &Shop,
    state: &'a Memory,
    email: &'a str,
    password: &str,
    channel: u32,
) -> Option<&'a Customer> {
    state.with_email(email).find(|customer| {
        reach(shop, state, customer.rare().channels.as_deref()).contains(&channel)
            && customer.rare().password.as_ref().is_some_and(|known| known.is(password))
    })
}
