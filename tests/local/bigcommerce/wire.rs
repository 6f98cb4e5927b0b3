//! Records in the shape and the order of the live wire.

use serde::Serialize;
use serde_json::Value;

use super::{
    countries,
    record::{Address, Customer, Field, FormField, Held, Line},
    shop::written,
};

/// At most so many addresses or attributes are embedded.
const EMBEDDED: usize = 10;

/// Which parts of a customer are embedded.
#[derive(Clone, Copy, Default)]
pub(super) struct Include {
    pub(super) addresses: bool,
    pub(super) attributes: bool,
    pub(super) form_fields: bool,
    pub(super) store_credit: bool,
}

/// A customer.
#[derive(Serialize)]
pub(super) struct CustomerWire<'a> {
    authentication: Authentication,
    company: &'a str,
    customer_group_id: u32,
    email: &'a str,
    first_name: &'a str,
    last_name: &'a str,
    notes: &'a str,
    phone: &'a str,
    registration_ip_address: &'static str,
    tax_exempt_category: &'a str,
    date_created: String,
    date_modified: String,
    pub(super) id: u32,
    accepts_product_review_abandoned_cart_emails: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    store_credit_amounts: Option<[Credit; 1]>,
    origin_channel_id: u32,
    channel_ids: Option<&'a [u32]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address_count: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    addresses: Option<Vec<AddressWire<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attribute_count: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attributes: Option<Vec<HeldWire<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    form_fields: Option<Vec<FormFieldWire<'a>>>,
}

#[derive(Serialize)]
struct Authentication {
    force_password_reset: bool,
}

#[derive(Serialize)]
struct Credit {
    amount: f64,
}

/// An address.
#[derive(Serialize)]
pub(super) struct AddressWire<'a> {
    address1: &'a str,
    address2: &'a str,
    address_type: &'static str,
    city: &'a str,
    company: &'a str,
    country: &'static str,
    country_code: &'a str,
    customer_id: u32,
    first_name: &'a str,
    id: u32,
    last_name: &'a str,
    phone: &'a str,
    postal_code: &'a str,
    state_or_province: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    form_fields: Option<Vec<FormFieldWire<'a>>>,
}

/// The value of an attribute.
#[derive(Serialize)]
pub(super) struct HeldWire<'a> {
    attribute_id: u32,
    attribute_value: &'a str,
    customer_id: u32,
    date_created: String,
    date_modified: String,
    id: u32,
}

/// A form field, of a customer or of an address.
#[derive(Serialize)]
pub(super) struct FormFieldWire<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_id: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address_id: Option<u32>,
    name: &'a str,
    pub(super) value: &'a Value,
}

/// Whose form field it is.
#[derive(Clone, Copy)]
pub(super) enum Of {
    Customer(u32),
    Address(u32),
    /// An address within a customer, where the identifier is left out.
    Embedded,
}

/// A customer with what `include` asks for, `most` of each list.
fn customer_with(customer: &Customer, include: Include, most: usize) -> CustomerWire<'_> {
    let rare = customer.rare();
    let first = |wanted: bool| wanted.then_some(most);
    let fields = || rare.form_fields.iter().map(|field| form_field(Of::Customer(customer.id), field));
    CustomerWire {
        authentication: Authentication { force_password_reset: rare.force_reset },
        company: customer.get(Field::Company),
        customer_group_id: customer.group,
        email: customer.get(Field::Email),
        first_name: customer.get(Field::FirstName),
        last_name: customer.get(Field::LastName),
        notes: customer.get(Field::Notes),
        phone: customer.get(Field::Phone),
        registration_ip_address: "",
        tax_exempt_category: customer.get(Field::TaxExemptCategory),
        date_created: written(customer.created),
        date_modified: written(customer.modified),
        id: customer.id,
        accepts_product_review_abandoned_cart_emails: customer.accepts_mails,
        store_credit_amounts: include.store_credit.then_some([Credit { amount: rare.credit }]),
        origin_channel_id: customer.origin_channel,
        channel_ids: rare.channels.as_deref(),
        address_count: include.addresses.then_some(customer.addresses.len()),
        addresses: first(include.addresses).map(|most| {
            let addresses = customer.addresses.iter().take(most);
            addresses
                .map(|each| address(customer.id, each, include.form_fields.then_some(Of::Embedded)))
                .collect()
        }),
        attribute_count: include.attributes.then_some(customer.values.len()),
        attributes: first(include.attributes)
            .map(|most| customer.values.iter().take(most).map(|each| held(customer.id, each)).collect()),
        form_fields: include.form_fields.then(|| fields().collect()),
    }
}

/// A customer as a list or a write answers it.
pub(super) fn customer(customer: &Customer, include: Include) -> CustomerWire<'_> {
    customer_with(customer, include, EMBEDDED)
}

/// All of a customer, for whoever checks what the store holds.
pub(super) fn whole(customer: &Customer) -> CustomerWire<'_> {
    let include = Include { addresses: true, attributes: true, form_fields: true, store_credit: true };
    customer_with(customer, include, usize::MAX)
}

/// An address of customer `owner`, with its form fields as those of whom is named.
pub(super) fn address(owner: u32, address: &Address, form_fields: Option<Of>) -> AddressWire<'_> {
    let fields = |of| address.form_fields.iter().map(move |field| form_field(of, field)).collect();
    AddressWire {
        address1: address.get(Line::Address1),
        address2: address.get(Line::Address2),
        address_type: if address.commercial { "commercial" } else { "residential" },
        city: address.get(Line::City),
        company: address.get(Line::Company),
        country: countries::name(address.get(Line::CountryCode)).unwrap_or_default(),
        country_code: address.get(Line::CountryCode),
        customer_id: owner,
        first_name: address.get(Line::FirstName),
        id: address.id,
        last_name: address.get(Line::LastName),
        phone: address.get(Line::Phone),
        postal_code: address.get(Line::PostalCode),
        state_or_province: address.get(Line::State),
        form_fields: form_fields.map(fields),
    }
}

/// The value of an attribute that customer `owner` has.
pub(super) fn held(owner: u32, held: &Held) -> HeldWire<'_> {
    HeldWire {
        attribute_id: held.attribute,
        attribute_value: &held.value,
        customer_id: owner,
        date_created: written(held.created),
        date_modified: written(held.modified),
        id: held.id,
    }
}

/// A form field.
pub(super) fn form_field(of: Of, field: &FormField) -> FormFieldWire<'_> {
    let (customer_id, address_id) = match of {
        Of::Customer(id) => (Some(id), None),
        Of::Address(id) => (None, Some(id)),
        Of::Embedded => (None, None),
    };
    FormFieldWire { customer_id, address_id, name: &field.name, value: &field.value }
}
