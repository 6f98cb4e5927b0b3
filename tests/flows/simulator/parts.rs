//! Addresses, attributes, form fields, groups, passwords.

use serde_json::{Value, json};

use super::{Bench, home, person};

#[tokio::test]
async fn an_address_that_is_there_already_is_dropped_without_a_word() {
    let bench = Bench::start();
    let id = bench.customer("a@example.com").await;
    let mut office = home(id);
    office["address_type"] = json!("commercial");
    let first = bench.post("/v3/customers/addresses", json!([home(id), office])).await;
    assert_eq!(first.json()["data"].as_array().unwrap().len(), 2);
    let again = bench.post("/v3/customers/addresses", json!([home(id)])).await;
    assert_eq!((again.status, again.text.as_str()), (200, r#"{"data":[],"meta":{}}"#));
    let alike = json!([{ "id": 2, "address_type": "residential" }]);
    let changed = bench.put("/v3/customers/addresses", alike).await;
    assert_eq!((changed.status, changed.json()["data"].as_array().unwrap().len()), (200, 0));
    let second = bench.get("/v3/customers/addresses?id:in=2").await.first();
    assert_eq!(second["address_type"], "commercial");
}

#[tokio::test]
async fn states_are_names_and_postal_codes_are_needed_where_there_are_any() {
    let bench = Bench::start();
    let id = bench.customer("a@example.com").await;
    for (field, value, status) in [
        ("state_or_province", "TX", 422),
        ("state_or_province", "", 422),
        ("postal_code", "", 422),
        ("country_code", "ZZ", 422),
        ("country_code", "USA", 422),
        ("city", "", 422),
        ("state_or_province", "Ohio", 200),
    ] {
        let mut address = home(id);
        address[field] = json!(value);
        let answer = bench.post("/v3/customers/addresses", json!([address])).await;
        assert_eq!(answer.status, status, "{field} {value}: {}", answer.text);
    }
    let mut abroad = home(id);
    for (field, value) in [("country_code", "HK"), ("state_or_province", ""), ("postal_code", "")] {
        abroad[field] = json!(value);
    }
    let answer = bench.post("/v3/customers/addresses", json!([abroad])).await;
    assert_eq!(answer.first()["country"], "Hong Kong");
}

#[tokio::test]
async fn addresses_of_a_new_customer_are_created_with_it_and_one_bad_one_refuses_it() {
    let bench = Bench::start();
    let mut member = person("a@example.com");
    let (mut good, mut bad) = (home(0), home(0));
    good.as_object_mut().unwrap().remove("customer_id");
    bad["state_or_province"] = json!("TX");
    member["addresses"] = json!([good, good]);
    assert_eq!(bench.post("/v3/customers", json!([member])).await.status, 200);
    assert_eq!(bench.store.customers()[0].addresses.as_ref().unwrap().len(), 1);
    member["email"] = json!("b@example.com");
    member["addresses"] = json!([good, bad]);
    let refused = bench.post("/v3/customers", json!([member])).await;
    assert_eq!(refused.status, 422);
    assert!(!refused.json()["errors"]["0.addresses.1.state_or_province"].is_null());
}

#[tokio::test]
async fn attribute_values_are_put_as_value_and_read_as_attribute_value() {
    let bench = Bench::start();
    let id = bench.customer("a@example.com").await;
    let kinds = json!([{ "name": "external_id", "type": "string" }, { "name": "age", "type": "number" }]);
    assert_eq!(bench.post("/v3/customers/attributes", kinds).await.status, 200);
    let put = |attribute: u64, value: &str| json!([{ "customer_id": id, "attribute_id": attribute, "value": value }]);
    let path = "/v3/customers/attribute-values";
    assert_eq!(bench.put(path, put(1, "e-1")).await.first()["attribute_value"], "e-1");
    assert_eq!(bench.put(path, put(1, "e-2")).await.first()["id"], 1);
    assert_eq!(bench.put(path, put(2, "old")).await.status, 422);
    assert_eq!(bench.put(path, put(3, "x")).await.status, 422);
    let listed = bench.get("/v3/customers/attribute-values?attribute_id:in=1").await.json();
    assert_eq!(listed["data"][0]["attribute_value"], "e-2");
    assert_eq!(listed["meta"]["pagination"]["total"], 1);
    assert_eq!(bench.delete("/v3/customers/attributes?id:in=1").await.status, 204);
    assert_eq!(bench.get(path).await.json()["meta"]["pagination"]["total"], 0);
}

#[tokio::test]
async fn a_store_has_fifty_attributes_and_their_type_is_fixed() {
    let bench = Bench::start();
    let many: Vec<Value> = (0..50).map(|n| json!({ "name": format!("a{n}"), "type": "string" })).collect();
    assert_eq!(bench.post("/v3/customers/attributes", json!(many)).await.status, 200);
    let one_more = json!([{ "name": "a50", "type": "string" }]);
    assert_eq!(bench.post("/v3/customers/attributes", one_more).await.status, 422);
    let retyped = json!([{ "id": 1, "name": "a0", "type": "number" }]);
    assert_eq!(bench.put("/v3/customers/attributes", retyped).await.status, 422);
}

#[tokio::test]
async fn form_fields_are_paged_by_cursors_of_their_own() {
    let bench = Bench::start();
    for n in 0..3 {
        let mut member = person(&format!("{n}@example.com"));
        member["form_fields"] = json!([{ "name": "Size", "value": "L" }, { "name": "Year", "value": 1999 }]);
        bench.post("/v3/customers", json!([member])).await;
    }
    let page = bench.get("/v3/customers/form-field-values?limit=4").await.json();
    assert_eq!(page["meta"]["pagination"]["total"], 6);
    let next = page["meta"]["cursor_pagination"]["links"]["next"].as_str().unwrap().to_owned();
    let rest = bench.get(&format!("/v3/customers/form-field-values{next}")).await.json();
    let expected = json!([
        { "customer_id": 3, "name": "Size", "value": "L" },
        { "customer_id": 3, "name": "Year", "value": 1999 },
    ]);
    assert_eq!(rest["data"], expected);
    let numbers = bench.get("/v3/customers/form-field-values?field_type=numbers&customer_id=2").await.json();
    assert_eq!(numbers["meta"]["pagination"]["total"], 1);
}

#[tokio::test]
async fn groups_speak_the_older_dialect() {
    let bench = Bench::start();
    let empty = bench.get("/v2/customer_groups").await;
    assert_eq!((empty.status, empty.text.as_str()), (204, ""));
    let missing = bench.get("/v2/customer_groups/1").await;
    assert_eq!(missing.status, 404);
    assert_eq!(missing.json()[0]["status"], 404);
    let nameless = bench.post("/v2/customer_groups", json!({})).await;
    assert_eq!(nameless.json(), json!([{ "status": 400, "message": "The field 'name' is invalid." }]));
    let group = json!({ "name": "Regulars", "is_default": true });
    assert_eq!(bench.post("/v2/customer_groups", group).await.json()["id"], 1);
    let id = bench.customer("a@example.com").await;
    assert_eq!(bench.get("/v3/customers").await.first()["customer_group_id"], 1);
    assert_eq!(bench.delete("/v2/customer_groups/1").await.status, 204);
    let after = bench.get(&format!("/v3/customers?id:in={id}")).await.first();
    assert_eq!(after["customer_group_id"], 0);
}

#[tokio::test]
async fn a_password_is_checked_at_the_channels_that_the_customer_may_use() {
    let bench = Bench::start();
    let mut member = person("ada@example.com");
    member["authentication"] = json!({ "new_password": "engines1843" });
    bench.post("/v3/customers", json!([member])).await;
    let check = async |password: &str, channel: u32| {
        let wish = json!({ "email": "Ada@example.com", "password": password, "channel_id": channel });
        bench.post("/v3/customers/validate-credentials", wish).await.text
    };
    assert_eq!(check("engines1843", 1).await, r#"{"is_valid":true,"customer_id":1}"#);
    assert_eq!(check("wrong", 1).await, r#"{"is_valid":false,"customer_id":null}"#);
    assert_eq!(check("engines1843", 2).await, r#"{"is_valid":false,"customer_id":null}"#);
    bench.put("/v3/customers/settings/channels/2", json!({ "allow_global_logins": true })).await;
    assert_eq!(check("engines1843", 2).await, r#"{"is_valid":true,"customer_id":1}"#);
    assert!(!bench.get("/v3/customers").await.text.contains("engines"));
}

#[tokio::test]
async fn guessing_passwords_is_slowed_down() {
    let bench = Bench::start();
    let guess = json!({ "email": "ada@example.com", "password": "x" });
    for _ in 0..60 {
        assert_eq!(bench.post("/v3/customers/validate-credentials", guess.clone()).await.status, 200);
    }
    let refused = bench.post("/v3/customers/validate-credentials", guess).await;
    assert_eq!((refused.status, refused.json()["title"].as_str().unwrap()), (429, "Too many requests"));
}
