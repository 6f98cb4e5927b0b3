//! What a delivery says: which customer of which store to look at again; pure.
//!
//! An event holds no values, only where to look, and where that stands depends on its scope:
//!
//! | scope below `store/customer/` | the customer |
//! | --- | --- |
//! | `created`, `updated`, `deleted`, `payment/instrument/default/updated` | `data.id` |
//! | `address/*` | `data.address.customer_id`; `data.id` is the address, though `data.type` says `customer` |
//! | `channel/login/access/updated` | `data.customer_id` |
//! | `*`, should a wildcard hook name itself | the first of the above that fits the shape of `data` |
//!
//! Everything else in the body is passed over. The `hash` is neither a signature nor can it be
//! computed from the body.

use jiff::Timestamp;
use serde_json::Value;
use shared::bigcommerce::CustomerId;

use crate::json;

/// A delivery's body, read.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The hash of the store that it says it comes from.
    pub store_hash: Option<String>,
    /// What it is about.
    pub about: About,
    /// When it came about, by the store's clock; many events do not tell.
    pub created_at: Option<Timestamp>,
}

/// What an event is about.
#[derive(Clone, Debug, PartialEq)]
pub enum About {
    /// A customer, who may have changed in the way that the scope names.
    Customer(CustomerId, &'static str),
    /// A customer, but the event does not say which: the identifier is missing or none.
    NoCustomer(&'static str),
    /// Something else. The scope is as sent, cut to [`LONGEST_SCOPE`] characters.
    Else(String),
}

/// The body is not a JSON object that can be read: not UTF-8, not JSON, nested deeper than 128,
/// with a key twice, numbers out of range or anything behind it.
#[derive(Debug, thiserror::Error)]
#[error("the body could not be read (one JSON object, UTF-8, nested at most 128 deep, each key once)")]
pub struct Malformed;

/// How much of an unknown scope is kept, in characters.
pub const LONGEST_SCOPE: usize = 64;

/// Reads the body of a delivery.
pub fn read(body: &[u8]) -> Result<Event, Malformed> {
    let body = json::read(body).map_err(|_| Malformed)?;
    if !body.is_object() {
        return Err(Malformed);
    }
    let producer = body["producer"].as_str().and_then(|producer| producer.strip_prefix("stores/"));
    Ok(Event {
        store_hash: producer.map(str::to_owned),
        about: about(body["scope"].as_str().unwrap_or_default(), &body["data"]),
        created_at: created_at(&body["created_at"]),
    })
}

fn about(scope: &str, data: &Value) -> About {
    let Some((scope, customer)) = customer(scope, data) else {
        return About::Else(scope.chars().take(LONGEST_SCOPE).collect());
    };
    match customer.as_i64().map(CustomerId::try_from) {
        Some(Ok(id)) => About::Customer(id, scope),
        _ => About::NoCustomer(scope),
    }
}

/// The scope and where its customer stands, if it is a scope of customers.
fn customer<'a>(scope: &str, data: &'a Value) -> Option<(&'static str, &'a Value)> {
    let by_id = &data["id"];
    let by_address = &data["address"]["customer_id"];
    let by_customer = &data["customer_id"];
    Some(match scope {
        "store/customer/created" => ("store/customer/created", by_id),
        "store/customer/updated" => ("store/customer/updated", by_id),
        "store/customer/deleted" => ("store/customer/deleted", by_id),
        "store/customer/address/created" => ("store/customer/address/created", by_address),
        "store/customer/address/updated" => ("store/customer/address/updated", by_address),
        // So spelled in one of BigCommerce's own samples.
        "store/customer/address/update" => ("store/customer/address/updated", by_address),
        "store/customer/address/deleted" => ("store/customer/address/deleted", by_address),
        "store/customer/address/*" => ("store/customer/address/*", by_address),
        "store/customer/channel/login/access/updated" => {
            ("store/customer/channel/login/access/updated", by_customer)
        }
        "store/customer/payment/instrument/default/updated" => {
            ("store/customer/payment/instrument/default/updated", by_id)
        }
        "store/customer/*" if data.get("address").is_some() => ("store/customer/*", by_address),
        "store/customer/*" if data.get("customer_id").is_some() => ("store/customer/*", by_customer),
        "store/customer/*" => ("store/customer/*", by_id),
        _ => return None,
    })
}

/// Seconds of Unix time; 32 bits of them, so that no number can become a year of five digits.
fn created_at(seconds: &Value) -> Option<Timestamp> {
    let seconds = u32::try_from(seconds.as_u64()?).ok()?;
    Timestamp::from_second(seconds.into()).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn about_of(scope: &str, data: Value) -> About {
        let body = json!({ "producer": "stores/abc123", "scope": scope, "data": data });
        read(body.to_string().as_bytes()).unwrap().about
    }

    fn id(id: i64) -> CustomerId {
        id.try_into().unwrap()
    }

    #[test]
    fn a_customer_event_names_its_customer_store_and_time() {
        let event = read(&crate::sample::event("store/customer/created")).unwrap();
        assert_eq!(event.store_hash.as_deref(), Some("abc123"));
        assert_eq!(event.about, About::Customer(id(32), "store/customer/created"));
        assert_eq!(event.created_at.unwrap().as_second(), crate::sample::NOW - 3);
    }

    #[test]
    fn an_address_event_is_about_the_customer_and_not_the_address() {
        for change in ["created", "updated", "deleted"] {
            let scope = format!("store/customer/address/{change}");
            let data = json!({ "type": "customer", "id": 60, "address": { "customer_id": 32 } });
            assert!(matches!(about_of(&scope, data), About::Customer(customer, _) if customer == id(32)));
        }
    }

    #[test]
    fn an_address_event_without_its_customer_is_not_about_a_customer_with_the_address_s_number() {
        let scope = "store/customer/address/updated";
        for data in [json!({ "type": "customer", "id": 60 }), json!({ "id": 60, "address": {} })] {
            assert_eq!(about_of(scope, data), About::NoCustomer(scope));
        }
    }

    #[test]
    fn a_login_access_event_has_neither_type_nor_id() {
        let scope = "store/customer/channel/login/access/updated";
        let data = json!({ "customer_id": 22, "channel_ids": [1] });
        assert_eq!(about_of(scope, data), About::Customer(id(22), scope));
    }

    #[test]
    fn a_default_payment_instrument_event_is_about_data_id() {
        let scope = "store/customer/payment/instrument/default/updated";
        assert_eq!(about_of(scope, json!({ "type": "customer", "id": 32 })), About::Customer(id(32), scope));
    }

    #[test]
    fn a_wildcard_named_as_scope_is_read_by_the_shape_of_its_data() {
        let scope = "store/customer/*";
        let shapes = [
            json!({ "type": "customer", "id": 32 }),
            json!({ "type": "customer", "id": 60, "address": { "customer_id": 32 } }),
            json!({ "customer_id": 32 }),
        ];
        for data in shapes {
            assert_eq!(about_of(scope, data), About::Customer(id(32), scope));
        }
        assert_eq!(about_of(scope, json!({ "id": 60, "address": null })), About::NoCustomer(scope));
    }

    #[test]
    fn g12_an_identifier_that_is_none_is_no_customer() {
        let scope = "store/customer/updated";
        let none = ["\"32\"", "-1", "0", "9223372036854775808", "2147483648", "null", "32.0", "[32]", "true"];
        for value in none {
            let body = format!(r#"{{"scope":"{scope}","data":{{"id":{value}}}}}"#);
            assert_eq!(read(body.as_bytes()).unwrap().about, About::NoCustomer(scope), "{value}");
        }
        for data in [json!(null), json!([]), json!("32"), json!({})] {
            assert_eq!(about_of(scope, data), About::NoCustomer(scope));
        }
    }

    #[test]
    fn g12_other_scopes_are_something_else() {
        let scopes =
            ["store/order/created", "store/app/uninstalled", "store/hook/deliveryException", "", "*"];
        for scope in scopes {
            assert_eq!(about_of(scope, json!({ "id": 32 })), About::Else(scope.to_owned()));
        }
        assert_eq!(about_of(&"é".repeat(1000), json!({})), About::Else("é".repeat(LONGEST_SCOPE)));
        assert_eq!(read(br#"{"data":{"id":32}}"#).unwrap().about, About::Else(String::new()));
    }

    #[test]
    fn a_time_that_is_none_is_passed_over() {
        for value in ["null", "\"1561481571\"", "-1", "1.5", "1790000000000", "1e300", "[]"] {
            let body = format!(r#"{{"created_at":{value}}}"#);
            assert_eq!(read(body.as_bytes()).unwrap().created_at, None, "{value}");
        }
        assert_eq!(read(b"{}").unwrap().created_at, None);
    }

    #[test]
    fn g11_what_is_not_one_json_object_is_malformed() {
        let deep = |open: &str, close: &str| format!("{}1{}", open.repeat(100_000), close.repeat(100_000));
        let bodies = [
            String::new(),
            "null".to_owned(),
            "[]".to_owned(),
            "{}{}".to_owned(),
            "{}\0".to_owned(),
            "{".to_owned(),
            "\u{feff}{}".to_owned(),
            r#"{"created_at":NaN}"#.to_owned(),
            r#"{"created_at":1e999}"#.to_owned(),
            r#"{"x":"\ud800"}"#.to_owned(),
            r#"{"x":1,}"#.to_owned(),
            deep("[", "]"),
            deep(r#"{"data":"#, "}"),
            format!(r#"{{"elsewhere":{}}}"#, deep("[", "]")),
        ];
        for body in bodies {
            assert!(read(body.as_bytes()).is_err(), "{}", &body[..body.len().min(40)]);
        }
        assert!(read(b"{\"x\":\"\xff\"}").is_err());
    }

    #[test]
    fn g11_a_million_keys_are_read_and_a_key_twice_is_not() {
        let keys: String = (0..1_000_000).map(|n| format!("\"{n}\":0,")).collect();
        let with = |scope: &str| format!(r#"{{{keys}{scope}"data":{{"id":2}}}}"#);
        let scope = r#""scope":"store/customer/created","#;
        let about = read(with(scope).as_bytes()).unwrap().about;
        assert_eq!(about, About::Customer(id(2), "store/customer/created"));
        assert!(read(with(&scope.repeat(2)).as_bytes()).is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
            let _ = read(&bytes);
        }

        #[test]
        fn an_event_cut_short_is_malformed(length in 0..190_usize) {
            let body = crate::sample::event("store/customer/created");
            prop_assert!(read(&body[..length]).is_err());
        }
    }
}
