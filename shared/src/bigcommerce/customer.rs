//! BigCommerce's wire shape of a customer, and nothing else. Lenient in what it reads: nulls and
//! unknown fields are met on live stores.

use std::{fmt, str::FromStr};

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// The store's identifier of a customer: positive, at most 2^31 - 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "i64")]
pub struct CustomerId(u32);

/// The number is no identifier of a customer.
#[derive(Debug, thiserror::Error)]
#[error("no customer identifier (a whole number from 1 to 2147483647)")]
pub struct NotACustomerId;

impl CustomerId {
    /// The smallest.
    pub const FIRST: CustomerId = CustomerId(1);
    /// The largest.
    pub const LAST: CustomerId = CustomerId(i32::MAX.unsigned_abs());

    /// The one after this, if there is one.
    pub fn next(self) -> CustomerId {
        CustomerId((self.0 + 1).min(CustomerId::LAST.0))
    }

    /// The identifier as a number.
    pub fn get(self) -> u32 {
        self.0
    }
}

impl TryFrom<i64> for CustomerId {
    type Error = NotACustomerId;

    fn try_from(id: i64) -> Result<CustomerId, NotACustomerId> {
        match u32::try_from(id) {
            Ok(id) if id > 0 && i32::try_from(id).is_ok() => Ok(CustomerId(id)),
            _ => Err(NotACustomerId),
        }
    }
}

impl FromStr for CustomerId {
    type Err = NotACustomerId;

    fn from_str(id: &str) -> Result<CustomerId, NotACustomerId> {
        id.parse::<i64>().map_err(|_| NotACustomerId)?.try_into()
    }
}

impl fmt::Display for CustomerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The store's identifier of an address.
pub type AddressId = u32;

/// The store's record of a person. Absent and null fields are read alike; embedded lists are
/// `None` when they were not asked for (`include`), which is not the same as empty.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Customer {
    /// Its identifier; `None` only in a customer yet to be created.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<CustomerId>,
    /// The e-mail address, 3 to 250 characters, unique in the store.
    #[serde(deserialize_with = "or_default", skip_serializing_if = "String::is_empty")]
    pub email: String,
    /// First name, 1 to 100 characters.
    #[serde(deserialize_with = "or_default", skip_serializing_if = "String::is_empty")]
    pub first_name: String,
    /// Last name, 1 to 100 characters.
    #[serde(deserialize_with = "or_default", skip_serializing_if = "String::is_empty")]
    pub last_name: String,
    /// At most 255 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company: Option<String>,
    /// At most 50 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// The merchant's notes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
    /// At most 255 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_exempt_category: Option<String>,
    /// 0 is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_group_id: Option<u32>,
    /// Marketing opt-in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accepts_product_review_abandoned_cart_emails: Option<bool>,
    /// The channels this customer may sign in at; null is every channel with global sign-in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel_ids: Option<Vec<u32>>,
    /// Where the customer was created.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin_channel_id: Option<u32>,
    /// Password policy; a password is write-only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authentication: Option<Authentication>,
    /// Embedded by `include=addresses`, at most 10 of `address_count`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub addresses: Option<Vec<Address>>,
    /// Embedded by `include=attributes`, at most 10 of `attribute_count`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attributes: Option<Vec<AttributeValue>>,
    /// Embedded by `include=formfields`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub form_fields: Option<Vec<FormField>>,
    /// How many addresses there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address_count: Option<u32>,
    /// How many attribute values there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attribute_count: Option<u32>,
    /// To the second.
    #[serde(deserialize_with = "time_or_none", skip_serializing_if = "Option::is_none")]
    pub date_created: Option<Timestamp>,
    /// To the second; changes of addresses and attributes need not move it.
    #[serde(deserialize_with = "time_or_none", skip_serializing_if = "Option::is_none")]
    pub date_modified: Option<Timestamp>,
}

/// What a customer must do about its password. A new password is never read back.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Authentication {
    /// The customer is told to choose a new password at the next sign-in.
    #[serde(deserialize_with = "or_default")]
    pub force_password_reset: bool,
}

/// One postal address of a customer, or one to be created or changed. Uniqueness is by content.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Address {
    /// Its identifier; `None` only in an address yet to be created.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<AddressId>,
    /// Whose it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<CustomerId>,
    /// At most 255 characters.
    #[serde(deserialize_with = "or_default")]
    pub first_name: String,
    /// At most 255 characters.
    #[serde(deserialize_with = "or_default")]
    pub last_name: String,
    /// At most 255 characters.
    #[serde(deserialize_with = "or_default")]
    pub company: String,
    /// The first line.
    #[serde(deserialize_with = "or_default")]
    pub address1: String,
    /// The second line.
    #[serde(deserialize_with = "or_default")]
    pub address2: String,
    /// At most 100 characters.
    #[serde(deserialize_with = "or_default")]
    pub city: String,
    /// The full name, at most 100 characters; codes are refused.
    #[serde(deserialize_with = "or_default")]
    pub state_or_province: String,
    /// At most 30 characters.
    #[serde(deserialize_with = "or_default")]
    pub postal_code: String,
    /// ISO 3166-1 alpha-2.
    #[serde(deserialize_with = "or_default")]
    pub country_code: String,
    /// At most 50 characters.
    #[serde(deserialize_with = "or_default")]
    pub phone: String,
    /// `residential` or `commercial`.
    #[serde(deserialize_with = "or_default", skip_serializing_if = "String::is_empty")]
    pub address_type: String,
    /// Embedded by `include=formfields` of the address endpoint.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub form_fields: Option<Vec<FormField>>,
}

/// The definition of a customer attribute; at most 50 a store.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attribute {
    /// Its identifier; `None` only in an attribute yet to be created.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<u32>,
    /// At most 255 characters.
    pub name: String,
    /// `string`, `number` or `date`; fixed once created.
    #[serde(rename = "type")]
    pub kind: String,
}

/// The value of one attribute of a customer.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct AttributeValue {
    /// Which attribute.
    pub attribute_id: u32,
    /// Always text, at most 255 characters.
    #[serde(default, deserialize_with = "or_default", alias = "value")]
    pub attribute_value: String,
    /// Whose; absent where it is embedded in the customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<CustomerId>,
}

/// The value of one form field, of a customer or an address.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct FormField {
    /// The field's name.
    pub name: String,
    /// Text, a number or an array.
    #[serde(default)]
    pub value: Value,
}

fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// A time that cannot be read must not hide the customer, nor the page that it is on.
fn time_or_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    let time: Option<String> = Option::deserialize(deserializer)?;
    Ok(time.and_then(|time| time.parse().ok()))
}

/// Tells which customer, and nothing personal.
impl fmt::Debug for Customer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Customer").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Tells which address, and nothing personal.
impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Address").field("id", &self.id).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_customer_as_live_stores_tell_it_is_read() {
        let told = r#"{"id":4,"email":"Nina@x.example","first_name":"Nina","last_name":null,"company":"",
            "channel_ids":null,"origin_channel_id":1,"customer_group_id":0,"shopper_profile_id":"new",
            "authentication":{"force_password_reset":null},"store_credit_amounts":[{"amount":0}],
            "date_created":"2022-11-17T19:18:24Z","date_modified":""}"#;
        let customer: Customer = serde_json::from_str(told).unwrap();
        assert_eq!((customer.email.as_str(), customer.last_name.as_str()), ("Nina@x.example", ""));
        assert_eq!(customer.date_created, Some("2022-11-17T19:18:24Z".parse().unwrap()));
        assert_eq!((customer.date_modified, customer.addresses), (None, None));
    }

    #[test]
    fn only_whole_positive_numbers_are_identifiers() {
        for id in ["0", "-1", "2147483648", "9223372036854775808", "1.0", "", "x"] {
            assert!(id.parse::<CustomerId>().is_err(), "{id}");
        }
        assert_eq!("2147483647".parse::<CustomerId>().unwrap().get(), 2_147_483_647);
    }
}
