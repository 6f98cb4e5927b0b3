//! What the forms of the store's pages do: the same as the API, through the same code.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Form,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use serde_json::{Map, Value, json};

use super::{
    addresses, attribute_values, credentials, customers,
    errors::Refusal,
    events::Origin,
    page::{SignInPage, customer_page, show},
    record::Field,
    shop::Shop,
};

type Typed = BTreeMap<String, String>;

/// The fields of the form that a customer has under the same name.
fn customer(typed: &Typed) -> Map<String, Value> {
    let texts = ["email", "first_name", "last_name", "company", "phone", "notes", "tax_exempt_category"];
    let mut body = texts_of(typed, &texts);
    let ticked = |name: &str| json!(typed.contains_key(name));
    body.insert("accepts_product_review_abandoned_cart_emails".to_owned(), ticked("accepts_mails"));
    let group = typed.get("group").and_then(|group| group.parse::<u32>().ok()).unwrap_or_default();
    body.insert("customer_group_id".to_owned(), json!(group));
    let mut authentication = json!({ "force_password_reset": ticked("force_reset") });
    if let Some(password) = typed.get("password").filter(|password| !password.is_empty()) {
        authentication["new_password"] = json!(password);
    }
    body.insert("authentication".to_owned(), authentication);
    body
}

fn address(typed: &Typed) -> Map<String, Value> {
    let texts = [
        "first_name",
        "last_name",
        "company",
        "address1",
        "address2",
        "city",
        "state_or_province",
        "postal_code",
        "country_code",
        "phone",
    ];
    let mut body = texts_of(typed, &texts);
    let kind = if typed.contains_key("commercial") { "commercial" } else { "residential" };
    body.insert("address_type".to_owned(), json!(kind));
    body
}

fn texts_of(typed: &Typed, names: &[&str]) -> Map<String, Value> {
    let typed = |name: &&str| Some(((*name).to_owned(), json!(typed.get(*name)?.trim())));
    names.iter().filter_map(typed).collect()
}

/// Back to the customer, or the form again with what was wrong.
fn done(shop: &Shop, id: u32, typed: &Typed, result: Result<(), Refusal>) -> Response {
    match result {
        Ok(()) => Redirect::to(&format!("/customers/{id}")).into_response(),
        Err(refusal) => customer_page(shop, &shop.state(), Some(id), refusal.for_a_person(), typed),
    }
}

/// Who creates a customer here, as the log has it.
const PAGE: &str = "page";

/// A new customer.
pub(super) async fn create(State(shop): State<Arc<Shop>>, Form(typed): Form<Typed>) -> Response {
    let created = customers::create(&shop, &mut shop.state(), PAGE, &[customer(&typed).into()]);
    match created.map(|ids| ids.first().copied()) {
        Ok(id) => Redirect::to(&format!("/customers/{}", id.unwrap_or_default())).into_response(),
        Err(refusal) => customer_page(&shop, &shop.state(), None, refusal.for_a_person(), &typed),
    }
}

/// A customer's own fields.
pub(super) async fn update(
    State(shop): State<Arc<Shop>>,
    Path(id): Path<u32>,
    Form(typed): Form<Typed>,
) -> Response {
    let mut body = customer(&typed);
    body.insert("id".to_owned(), json!(id));
    let result = customers::update(&shop, &mut shop.state(), Origin::Panel, &[body.into()]);
    done(&shop, id, &typed, result.map(drop))
}

/// A customer, for good.
pub(super) async fn delete(State(shop): State<Arc<Shop>>, Path(id): Path<u32>) -> Response {
    customers::remove(&shop, &mut shop.state(), &[id]);
    Redirect::to("/").into_response()
}

/// Where a customer may sign in.
pub(super) async fn access(
    State(shop): State<Arc<Shop>>,
    Path(id): Path<u32>,
    Form(typed): Form<Typed>,
) -> Response {
    let named = |channel: &&u32| typed.contains_key(&format!("channel_{channel}"));
    let channels: Vec<&u32> = shop.config.channels.iter().filter(named).collect();
    let channels = if typed.contains_key("everywhere") { Value::Null } else { json!(channels) };
    let body = json!({ "id": id, "channel_ids": channels });
    let result = customers::update(&shop, &mut shop.state(), Origin::Panel, &[body]);
    done(&shop, id, &Typed::new(), result.map(drop))
}

/// The value of an attribute.
pub(super) async fn attribute(
    State(shop): State<Arc<Shop>>,
    Path(id): Path<u32>,
    Form(typed): Form<Typed>,
) -> Response {
    let attribute = typed.get("attribute").and_then(|attribute| attribute.parse::<u32>().ok());
    let value = typed.get("value").map_or("", |value| value.trim());
    let body = json!({ "customer_id": id, "attribute_id": attribute, "value": value });
    let result = attribute_values::upsert(&shop, &mut shop.state(), Origin::Panel, &[body]);
    done(&shop, id, &Typed::new(), result.map(drop))
}

/// One more address.
pub(super) async fn add_address(
    State(shop): State<Arc<Shop>>,
    Path(id): Path<u32>,
    Form(typed): Form<Typed>,
) -> Response {
    let mut body = address(&typed);
    body.insert("customer_id".to_owned(), json!(id));
    let result = addresses::create(&shop, &mut shop.state(), &[body.into()]);
    done(&shop, id, &Typed::new(), result.map(drop))
}

/// An address, changed.
pub(super) async fn change_address(
    State(shop): State<Arc<Shop>>,
    Path((id, number)): Path<(u32, u32)>,
    Form(typed): Form<Typed>,
) -> Response {
    let mut body = address(&typed);
    body.insert("id".to_owned(), json!(number));
    let result = addresses::update(&shop, &mut shop.state(), &[body.into()]);
    done(&shop, id, &Typed::new(), result.map(drop))
}

/// An address, gone.
pub(super) async fn delete_address(
    State(shop): State<Arc<Shop>>,
    Path((id, number)): Path<(u32, u32)>,
) -> Response {
    addresses::remove(&shop, &mut shop.state(), &[number]);
    done(&shop, id, &Typed::new(), Ok(()))
}

/// A shopper signs in; the page says who it is, or that it was not right.
pub(super) async fn sign_in(State(shop): State<Arc<Shop>>, Form(typed): Form<Typed>) -> Response {
    let text = |name: &str| typed.get(name).map_or("", |text| text.as_str());
    let (email, channel) = (text("email").trim(), text("channel").parse().unwrap_or(1));
    let state = shop.state();
    let customer = credentials::sign_in(&shop, &state, email, text("password"), channel);
    let (status, message) = match customer {
        Some(customer) if customer.rare().force_reset => {
            (StatusCode::OK, "You must choose a new password before you can go on.".to_owned())
        }
        Some(customer) => (StatusCode::OK, format!("Welcome, {}.", customer.get(Field::FirstName))),
        None => {
            let sentence = "The e-mail address or the password is not right. Check both and try again.";
            (StatusCode::UNAUTHORIZED, sentence.to_owned())
        }
    };
    let channels = &shop.config.channels;
    show(status, &SignInPage { store: &shop.config.name, channels, email, message: Some(message) })
}
