//! Form fields of customers and addresses, and their own endpoint.

use std::sync::Arc;

use axum::{body::Bytes, extract::State, http::Uri, response::Response};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    check::{Check, Item, items},
    errors::{Refusal, json},
    events::{Happening, fire},
    paging::{Listed, Meta, Place, Sides, Wanted, Written, cursor_pagination, pagination},
    query::Query,
    record::{Customer, FormField},
    shop::Shop,
    state::State as Memory,
    wire::{FormFieldWire, Of, form_field},
};

const FILTERS: [&str; 8] =
    ["page", "limit", "customer_id", "address_id", "field_name", "field_type", "after", "before"];

/// Where in all the form fields of the store one stands: whose customer's, and which of them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Cursor {
    session_id: u32,
    field_id: usize,
}

/// Fills in `fields`, in the place of those of the same name.
pub(super) fn fill_in(known: &mut Vec<FormField>, fields: Vec<FormField>) {
    for field in fields {
        match known.iter_mut().find(|known| known.name == field.name) {
            Some(known) => *known = field,
            None => known.push(field),
        }
    }
}

/// Whether `after` has a field that `before` had not.
pub(super) fn only_in(after: &[FormField], before: &[FormField]) -> bool {
    after.iter().any(|field| before.iter().all(|known| known.name != field.name))
}

/// Every form field of a customer and its addresses, with where it stands.
fn of(customer: &Customer) -> impl Iterator<Item = (Cursor, Of, &FormField)> {
    let own = customer.rare().form_fields.iter().map(|field| (Of::Customer(customer.id), field));
    let addresses = customer
        .addresses
        .iter()
        .flat_map(|address| address.form_fields.iter().map(|field| (Of::Address(address.id), field)));
    own.chain(addresses)
        .enumerate()
        .map(|(field_id, (of, field))| (Cursor { session_id: customer.id, field_id }, of, field))
}

/// The type of a form field, told from its value.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::Array(_) => "checkboxes",
        Value::Number(_) => "numbers",
        _ => "text",
    }
}

/// `GET /v3/customers/form-field-values`
pub(super) async fn list(State(shop): State<Arc<Shop>>, uri: Uri) -> Result<Response, Refusal> {
    let query = Query::parse(&uri, &FILTERS)?;
    let wanted = Wanted::<Cursor>::of(&query, 250)?;
    let (customer, address) = (query.number("customer_id")?, query.number("address_id")?);
    let state = shop.state();
    let passes = |of: Of, field: &FormField| {
        let owner = match of {
            Of::Customer(id) => customer.is_none_or(|wanted| wanted == id) && address.is_none(),
            Of::Embedded => false,
            Of::Address(id) => address.is_none_or(|wanted| wanted == id) && customer.is_none(),
        };
        owner
            && query.text("field_name").is_none_or(|name| name == field.name)
            && query.text("field_type").is_none_or(|wanted| wanted == kind(&field.value))
    };
    let all: Vec<_> = state
        .customers()
        .values()
        .flat_map(of)
        .filter(|(_, of, field)| passes(*of, field))
        .map(|(cursor, of, field)| (cursor, form_field(of, field)))
        .collect();
    Ok(json(&page(&query, &wanted, all)))
}

fn page<'a>(
    query: &Query,
    wanted: &Wanted<Cursor>,
    all: Vec<(Cursor, FormFieldWire<'a>)>,
) -> Listed<FormFieldWire<'a>> {
    let (total, limit) = (all.len(), wanted.limit);
    let start = match wanted.place {
        Place::Page(number) => (number - 1).saturating_mul(limit),
        Place::After(cursor) => all.partition_point(|(at, _)| *at <= cursor),
        Place::Before(cursor) => all.partition_point(|(at, _)| *at < cursor).saturating_sub(limit),
    };
    let (cursors, data): (Vec<Cursor>, Vec<_>) = all.into_iter().skip(start).take(limit).unzip();
    let ends = cursors.first().copied().zip(cursors.last().copied());
    let sides = Sides { before: start > 0, after: start + data.len() < total };
    let number = match wanted.place {
        Place::Page(number) => Some(number),
        Place::After(_) | Place::Before(_) => None,
    };
    let meta = Meta {
        pagination: number.map(|number| pagination(query, limit, number, data.len(), total)),
        cursor_pagination: number
            .is_none_or(|number| number == 1)
            .then(|| cursor_pagination(query, limit, data.len(), ends, sides)),
    };
    Listed { data, meta }
}

/// `PUT /v3/customers/form-field-values`: fills in, field by field. Deprecated, and still there.
pub(super) async fn put(State(shop): State<Arc<Shop>>, body: Bytes) -> Result<Response, Refusal> {
    let items = items(&body, usize::MAX)?;
    let mut check = Check::new("Update form field values failed.");
    let mut state = shop.state();
    let mut filled = Vec::new();
    for (index, value) in items.iter().enumerate() {
        let mut item = check.item(index, value);
        let field = item.form_field();
        filled.extend(owner(&mut item, &state).zip(field));
    }
    check.done()?;
    for (of, field) in &filled {
        keep(&shop, &mut state, *of, field);
    }
    let answer: Vec<_> = filled.iter().map(|(of, field)| form_field(*of, field)).collect();
    Ok(json(&Written::new(answer)))
}

/// Whose field an item is: a customer's, or an address's.
fn owner(item: &mut Item<'_, '_>, state: &Memory) -> Option<Of> {
    match (item.number("customer_id"), item.number("address_id")) {
        (Some(id), _) if state.customers().contains_key(&id) => return Some(Of::Customer(id)),
        (None, Some(id)) if state.owner_of_address(id).is_some() => return Some(Of::Address(id)),
        (Some(_), _) => item.breaks("customer_id", "invalid customer ID"),
        (None, _) => item.breaks("address_id", "invalid address ID"),
    }
    None
}

/// Fills in one field; one that a customer had not before is a change of the customer.
fn keep(shop: &Shop, state: &mut Memory, of: Of, field: &FormField) {
    let (customer, filled) = match of {
        Of::Customer(id) => (state.customers().get(&id), None),
        Of::Address(id) => (state.owner_of_address(id), Some(id)),
        Of::Embedded => (None, None),
    };
    let Some(mut customer) = customer.cloned() else { return };
    if let Some(id) = filled {
        for address in customer.addresses.iter_mut().filter(|address| address.id == id) {
            fill_in(&mut address.form_fields, vec![field.clone()]);
        }
    } else {
        let new = only_in(std::slice::from_ref(field), &customer.rare().form_fields);
        fill_in(&mut customer.rare_mut().form_fields, vec![field.clone()]);
        if new {
            customer.modified = shop.second();
            fire(shop, state, &Happening::Updated(&customer));
        }
    }
    state.put(customer);
}
