//! The store's own pages, where a merchant looks at customers and a shopper signs in.

use std::{collections::BTreeMap, sync::Arc};

use askama::Template;
use axum::{
    Router,
    extract::{Path, Query, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::{Next, from_fn},
    response::{Html, IntoResponse, Response},
    routing::{get, post},
};
use serde::Deserialize;

use super::{
    forms,
    query::encoded,
    record::{Address, Customer, Field, Line},
    shop::{Shop, written},
    state::State as Memory,
};

const A_PAGE: usize = 50;

/// The pages; they change things as a control panel does.
pub(super) fn router() -> Router<Arc<Shop>> {
    Router::new()
        .route("/", get(customers))
        .route("/style.css", get(style))
        .route("/customers", post(forms::create))
        .route("/customers/new", get(blank))
        .route("/customers/{id}", get(one).post(forms::update))
        .route("/customers/{id}/delete", post(forms::delete))
        .route("/customers/{id}/access", post(forms::access))
        .route("/customers/{id}/attributes", post(forms::attribute))
        .route("/customers/{id}/addresses", post(forms::add_address))
        .route("/customers/{id}/addresses/{address}", post(forms::change_address))
        .route("/customers/{id}/addresses/{address}/delete", post(forms::delete_address))
        .route("/sign-in", get(sign_in).post(forms::sign_in))
        .route_layer(from_fn(at_home))
}

/// Another site's form, open in the same browser, changes nothing here.
async fn at_home(request: Request, next: Next) -> Response {
    if is_foreign(request.headers()) {
        return StatusCode::FORBIDDEN.into_response();
    }
    next.run(request).await
}

fn is_foreign(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let origin = text(header::ORIGIN).map(|origin| origin.trim_start_matches("http://"));
    origin.is_some_and(|origin| text(header::HOST) != Some(origin))
}

/// The list of customers.
#[derive(Template)]
#[template(path = "customers.html")]
struct CustomersPage<'a> {
    store: &'a str,
    q: &'a str,
    customers: Vec<Row<'a>>,
    total: usize,
    previous: Option<String>,
    next: Option<String>,
}

struct Row<'a> {
    id: u32,
    name: String,
    email: &'a str,
    company: &'a str,
    modified: String,
    /// To the minute, for people.
    modified_words: String,
}

/// One customer, or a blank one.
#[derive(Template)]
#[template(path = "customer.html")]
struct CustomerPage<'a> {
    store: &'a str,
    id: Option<u32>,
    title: String,
    errors: Vec<String>,
    fields: Vec<Input>,
    accepts_mails: bool,
    force_reset: bool,
    groups: Vec<(u32, &'a str, bool)>,
    addresses: Vec<(u32, Vec<Input>, bool)>,
    blank: Vec<Input>,
    attributes: Vec<(u32, &'a str, &'a str)>,
    everywhere: bool,
    channels: Vec<(u32, bool)>,
}

/// A text field of a form.
struct Input {
    name: &'static str,
    label: &'static str,
    value: String,
    required: bool,
    max: usize,
}

/// The shopper's sign-in.
#[derive(Template)]
#[template(path = "sign_in.html")]
pub(super) struct SignInPage<'a> {
    pub(super) store: &'a str,
    pub(super) channels: &'a [u32],
    pub(super) email: &'a str,
    pub(super) message: Option<String>,
}

#[derive(Deserialize)]
struct Search {
    #[serde(default)]
    q: String,
    #[serde(default)]
    page: usize,
}

const FIELDS: [(&str, &str, Field, bool, usize); 7] = [
    ("email", "E-mail address", Field::Email, true, 250),
    ("first_name", "First name", Field::FirstName, true, 100),
    ("last_name", "Last name", Field::LastName, true, 100),
    ("company", "Company", Field::Company, false, 255),
    ("phone", "Phone", Field::Phone, false, 50),
    ("notes", "Notes", Field::Notes, false, 5000),
    ("tax_exempt_category", "Tax exempt category", Field::TaxExemptCategory, false, 255),
];

const LINES: [(&str, &str, Line, bool, usize); 10] = [
    ("first_name", "First name", Line::FirstName, true, 255),
    ("last_name", "Last name", Line::LastName, true, 255),
    ("company", "Company", Line::Company, false, 255),
    ("address1", "Address, line 1", Line::Address1, true, 255),
    ("address2", "Address, line 2", Line::Address2, false, 255),
    ("city", "City", Line::City, true, 100),
    ("state_or_province", "State or province", Line::State, false, 100),
    ("postal_code", "Postal code", Line::PostalCode, false, 30),
    ("country_code", "Country code", Line::CountryCode, true, 2),
    ("phone", "Phone", Line::Phone, false, 50),
];

fn inputs(customer: Option<&Customer>, typed: &BTreeMap<String, String>) -> Vec<Input> {
    let input = |(name, label, field, required, max): (&'static str, _, Field, _, _)| {
        let known = customer.map_or("", |customer| customer.get(field));
        let value = typed.get(name).map_or(known, String::as_str).to_owned();
        Input { name, label, value, required, max }
    };
    FIELDS.into_iter().map(input).collect()
}

fn lines(address: Option<&Address>) -> Vec<Input> {
    let input = |(name, label, line, required, max): (_, _, Line, _, _)| {
        let value = address.map_or("", |address| address.get(line)).to_owned();
        Input { name, label, value, required, max }
    };
    LINES.into_iter().map(input).collect()
}

async fn customers(State(shop): State<Arc<Shop>>, Query(Search { q, page }): Query<Search>) -> Response {
    let wanted = q.trim().to_lowercase();
    let state = shop.state();
    let found = state.customers().values().filter(|customer| {
        wanted.is_empty()
            || customer.name().to_lowercase().contains(&wanted)
            || customer.get(Field::Email).to_lowercase().contains(&wanted)
    });
    let page = page.max(1);
    let (mut rows, mut total) = (Vec::new(), 0);
    let first = (page - 1).saturating_mul(A_PAGE);
    for customer in found {
        if total >= first && rows.len() < A_PAGE {
            rows.push(row(customer));
        }
        total += 1;
    }
    let link = |page: usize| format!("/?q={}&page={page}", encoded(&q));
    let next = (first + rows.len() < total).then(|| link(page + 1));
    let previous = (page > 1).then(|| link(page - 1));
    show(
        StatusCode::OK,
        &CustomersPage { store: &shop.config.name, q: &q, customers: rows, total, previous, next },
    )
}

fn row(customer: &Customer) -> Row<'_> {
    Row {
        id: customer.id,
        name: customer.name(),
        email: customer.get(Field::Email),
        company: customer.get(Field::Company),
        modified: written(customer.modified),
        modified_words: written(customer.modified).replace('T', " ").chars().take(16).collect(),
    }
}

async fn blank(State(shop): State<Arc<Shop>>) -> Response {
    customer_page(&shop, &shop.state(), None, Vec::new(), &BTreeMap::new())
}

async fn one(State(shop): State<Arc<Shop>>, Path(id): Path<u32>) -> Response {
    customer_page(&shop, &shop.state(), Some(id), Vec::new(), &BTreeMap::new())
}

async fn sign_in(State(shop): State<Arc<Shop>>) -> Response {
    let channels = &shop.config.channels;
    show(StatusCode::OK, &SignInPage { store: &shop.config.name, channels, email: "", message: None })
}

/// The page of a customer, with what was wrong in what was typed, if anything was.
pub(super) fn customer_page(
    shop: &Shop,
    state: &Memory,
    id: Option<u32>,
    errors: Vec<String>,
    typed: &BTreeMap<String, String>,
) -> Response {
    let customer = id.and_then(|id| state.customers().get(&id));
    if id.is_some() && customer.is_none() {
        return not_found();
    }
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let channels = customer.and_then(|customer| customer.rare().channels.as_deref());
    let held = |attribute: u32| {
        let values = customer.map_or(&[][..], |customer| &customer.values);
        values.iter().find(|held| held.attribute == attribute).map_or("", |held| &held.value)
    };
    let is_in = |group: u32| customer.is_some_and(|customer| customer.group == group);
    let addresses = customer.map_or(&[][..], |customer| &customer.addresses);
    let page = CustomerPage {
        store: &shop.config.name,
        id,
        title: customer.map_or_else(|| "New customer".to_owned(), Customer::name),
        errors,
        fields: inputs(customer, typed),
        accepts_mails: customer.is_some_and(|customer| customer.accepts_mails),
        force_reset: customer.is_some_and(|customer| customer.rare().force_reset),
        groups: state.head.groups.values().map(|one| (one.id, one.name(), is_in(one.id))).collect(),
        addresses: addresses.iter().map(|one| (one.id, lines(Some(one)), one.commercial)).collect(),
        blank: lines(None),
        attributes: state
            .head
            .attributes
            .values()
            .map(|one| (one.id, one.name.as_str(), held(one.id)))
            .collect(),
        everywhere: channels.is_none(),
        channels: shop
            .config
            .channels
            .iter()
            .map(|id| (*id, channels.is_some_and(|channels| channels.contains(id))))
            .collect(),
    };
    show(status, &page)
}

/// Shows a page.
pub(super) fn show(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
        Ok(html) => (status, guarded(), Html(html)).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// The page has no script, and nobody may frame it.
fn guarded() -> [(header::HeaderName, HeaderValue); 1] {
    let policy = "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'";
    [(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy))]
}

/// The page that says there is none.
pub(super) fn not_found() -> Response {
    let html = "<!doctype html><html lang=\"en\"><title>Not found</title><p>There is no such page in this \
                store. <a href=\"/\">See its customers.</a></p></html>";
    (StatusCode::NOT_FOUND, guarded(), Html(html)).into_response()
}

async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("templates/style.css")).into_response()
}
