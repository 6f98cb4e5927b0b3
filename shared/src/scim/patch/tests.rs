//! What PATCH does, by the RFC.

use serde_json::{Value, json};

use super::*;
use crate::scim::{ENTERPRISE, LINKS, USER};

fn ada() -> Value {
    json!({
        "schemas": [USER],
        "id": "1",
        "userName": "ada",
        "active": true,
        "name": { "givenName": "Ada", "familyName": "Byron" },
        "emails": [
            { "value": "ada@x.example", "type": "work", "primary": true },
            { "value": "ada@home.example", "type": "home", "primary": false },
        ],
        "photos": [{ "value": "https://x.example/1", "type": "photo" }],
        ENTERPRISE: { "department": "Engines" },
        "groups": [{ "value": "g" }],
        LINKS: { "links": [{ "application": "a" }] },
    })
}

fn apply(operations: Value) -> Result<Value, ScimType> {
    let mut user = ada();
    match patch(&mut user, &Schemas::user(&[]), &json!({ "operations": operations })) {
        Ok(changed) => {
            assert_eq!(changed, user != ada());
            Ok(user)
        }
        Err(error) => {
            assert_eq!(user, ada(), "a failing message changes nothing");
            Err(error.kind)
        }
    }
}

fn one(op: &str, path: &str, value: Value) -> Result<Value, ScimType> {
    apply(json!([{ "op": op, "path": path, "value": value }]))
}

#[test]
fn a_value_that_is_added_to_a_list_is_there_once() {
    let added = one("add", "emails", json!([{ "value": "b@x.example" }])).unwrap();
    assert_eq!(added["emails"].as_array().unwrap().len(), 3);
    let again = one("add", "emails", json!([{ "value": "ADA@x.example", "type": "work", "display": "Ada" }]));
    let work = &again.unwrap()["emails"][0];
    assert_eq!(work["display"], "Ada");
    let other_kind = one("add", "emails", json!([{ "value": "ada@x.example", "type": "home" }])).unwrap();
    assert_eq!(other_kind["emails"].as_array().unwrap().len(), 3);
}

#[test]
fn what_becomes_primary_is_so_alone() {
    for user in [
        one("add", "emails", json!({ "value": "b@x.example", "primary": true })),
        one("replace", "emails[type eq \"home\"].primary", json!("True")),
        one(
            "replace",
            "emails[value sw \"ada@home\"]",
            json!({ "value": "ada@home.example", "primary": true }),
        ),
        one(
            "replace",
            "emails",
            json!([{ "value": "1", "primary": true }, { "value": "2", "primary": true }]),
        ),
    ] {
        let emails = user.unwrap()["emails"].clone();
        let primary = emails.as_array().unwrap().iter().filter(|email| email["primary"] == true).count();
        assert_eq!(primary, 1, "{emails}");
        let work = emails.as_array().unwrap().iter().find(|email| email["type"] == "work");
        assert!(work.is_none_or(|work| work["primary"] == false));
    }
}

#[test]
fn parts_that_are_not_given_stay_and_lists_are_replaced() {
    let named = one("replace", "name", json!({ "givenName": "A", "familyName": null })).unwrap();
    assert_eq!(named["name"], json!({ "givenName": "A" }));
    let emails = one("replace", "emails", json!([{ "value": "b@x.example" }])).unwrap();
    assert_eq!(emails["emails"], json!([{ "value": "b@x.example" }]));
    let extension = one("replace", ENTERPRISE, json!({ "division": "D" })).unwrap();
    assert_eq!(extension[ENTERPRISE], json!({ "department": "Engines", "division": "D" }));
    let all = apply(json!([{ "op": "replace", "value": { ENTERPRISE: { "department": null } } }])).unwrap();
    assert_eq!(all.get(ENTERPRISE), None);
}

#[test]
fn a_value_is_replaced_or_added_to_by_its_filter() {
    let path = "emails[type eq \"work\"]";
    let replaced = one("replace", path, json!({ "value": "b@x.example" })).unwrap();
    assert_eq!(replaced["emails"][0], json!({ "type": "work", "value": "b@x.example" }));
    let added = one("add", path, json!({ "display": "Ada" })).unwrap();
    assert_eq!(
        added["emails"][0],
        json!({ "type": "work", "value": "ada@x.example", "primary": true, "display": "Ada" })
    );
    let of_all = one("replace", "emails.display", json!("Ada")).unwrap();
    assert!(of_all["emails"].as_array().unwrap().iter().all(|email| email["display"] == "Ada"));
}

#[test]
fn a_filter_that_tells_no_new_value_has_no_target() {
    for path in [
        "emails[type sw \"x\"].value",
        "emails[not (type pr)].value",
        "emails[type eq \"x\" or type eq \"y\"]",
    ] {
        assert_eq!(one("replace", path, json!("b@x.example")), Err(ScimType::NoTarget), "{path}");
    }
}

#[test]
fn removal_takes_an_attribute_some_values_or_parts() {
    let gone = |path: &str| one("remove", path, Value::Null).unwrap();
    assert_eq!(gone("emails").get("emails"), None);
    assert_eq!(gone("name.familyName")["name"], json!({ "givenName": "Ada" }));
    assert_eq!(gone("emails[type eq \"work\"]")["emails"].as_array().unwrap().len(), 1);
    // Nothing is left of it but what it was for.
    assert_eq!(gone("emails[type eq \"work\"].value")["emails"].as_array().unwrap().len(), 1);
    assert_eq!(gone(ENTERPRISE).get(ENTERPRISE), None);
    assert_eq!(gone(&format!("{ENTERPRISE}:department")).get(ENTERPRISE), None);
    assert_eq!(gone("nickName"), ada());
    assert_eq!(one("remove", "photos[type eq \"thumbnail\"]", Value::Null), Err(ScimType::NoTarget));
    let listed = one("remove", "emails", json!([{ "value": "ADA@x.example" }])).unwrap();
    assert_eq!(listed["emails"].as_array().unwrap().len(), 1);
    assert_eq!(one("remove", "emails", json!([])).unwrap(), ada());
}

#[test]
fn what_may_only_be_read_is_refused_by_path_and_left_alone_without() {
    for path in ["id", "META", "meta.version", "groups", "groups[value eq \"g\"]", &format!("{LINKS}:links")]
    {
        for op in ["add", "replace", "remove"] {
            assert_eq!(one(op, path, json!("x")), Err(ScimType::Mutability), "{op} {path}");
        }
    }
    assert_eq!(one("remove", LINKS, Value::Null), Err(ScimType::Mutability));
    for op in ["add", "replace"] {
        assert_eq!(one(op, LINKS, json!({ "links": [] })).unwrap(), ada(), "{op}");
    }
    let value = json!({ "id": "2", "meta": {}, "groups": [], LINKS: { "links": [] }, "schemas": [] });
    assert_eq!(apply(json!([{ "op": "replace", "value": value }])), Ok(ada()));
}

#[test]
fn a_required_attribute_cannot_be_removed() {
    assert_eq!(one("remove", "userName", Value::Null), Err(ScimType::Mutability));
    assert_eq!(one("replace", "userName", Value::Null), Err(ScimType::Mutability));
    assert_eq!(apply(json!([{ "op": "add", "value": { "USERNAME": null } }])), Err(ScimType::Mutability));
}

#[test]
fn what_no_schema_knows_is_left_out() {
    for path in [
        "shoeSize",
        "name.shoeSize",
        "urn:example:2.0:User:x",
        "urn:example:2.0:User",
        "emails[type eq \"work\"].x",
        "schemas",
    ] {
        for op in ["add", "replace", "remove"] {
            assert_eq!(one(op, path, json!("x")), Ok(ada()), "{op} {path}");
        }
    }
}

#[test]
fn broken_messages_are_refused_g31() {
    assert_eq!(one("replace", "emails[", json!("x")), Err(ScimType::InvalidFilter));
    assert_eq!(one("replace", "a b", json!("x")), Err(ScimType::InvalidPath));
    assert_eq!(one("replace", "emails[type eq \"work\"].", json!("x")), Err(ScimType::InvalidPath));
    assert_eq!(one("move", "title", json!("x")), Err(ScimType::InvalidSyntax));
    assert_eq!(one("replace", "active", json!("maybe")), Err(ScimType::InvalidValue));
    assert_eq!(one("replace", "name", json!("Ada")), Err(ScimType::InvalidValue));
    assert_eq!(one("add", "title", json!({})), Err(ScimType::InvalidValue));
    assert_eq!(one("add", "", json!("x")), Err(ScimType::InvalidValue));
    assert_eq!(one("remove", "", Value::Null), Err(ScimType::NoTarget));
    assert_eq!(apply(json!([7])), Err(ScimType::InvalidSyntax));
    assert_eq!(apply(json!({})), Err(ScimType::InvalidSyntax));
    assert_eq!(apply(json!([{ "op": "add", "path": 7 }])), Err(ScimType::InvalidPath));
}

#[test]
fn operations_are_applied_all_or_none_g31() {
    let good = json!({ "op": "replace", "path": "title", "value": "Countess" });
    let bad = json!({ "op": "replace", "path": "id", "value": "2" });
    assert_eq!(apply(json!([good, bad])), Err(ScimType::Mutability));
    let mut user = ada();
    let message = json!({ "Operations": [good, bad] });
    let error = patch(&mut user, &Schemas::user(&[]), &message).unwrap_err();
    assert_eq!(error.detail, "operation 2: id may only be read");
}

#[test]
fn a_thousand_operations_are_applied_and_one_more_is_too_many_g31() {
    let operation =
        |number: usize| json!({ "op": "add", "path": "roles", "value": [{ "value": number.to_string() }] });
    let operations: Vec<Value> = (0..MOST_OPERATIONS).map(operation).collect();
    assert_eq!(apply(json!(operations)).unwrap()["roles"].as_array().unwrap().len(), MOST_OPERATIONS);
    let more: Vec<Value> = (0..=MOST_OPERATIONS).map(operation).collect();
    assert_eq!(apply(json!(more)), Err(ScimType::TooMany));
}

#[test]
fn an_attribute_has_at_most_a_thousand_values_but_a_group_any_number_of_members() {
    let values =
        |count: usize| (0..count).map(|number| json!({ "value": number.to_string() })).collect::<Value>();
    assert!(one("add", "roles", values(1_000)).is_ok());
    assert_eq!(one("add", "roles", values(1_001)), Err(ScimType::InvalidValue));
    let mut group = json!({ "id": "g", "displayName": "Staff" });
    let message = json!({ "Operations": [{ "op": "add", "path": "members", "value": values(20_000) }] });
    assert_eq!(patch(&mut group, &Schemas::group(), &message), Ok(true));
    assert_eq!(group["members"].as_array().unwrap().len(), 20_000);
}
