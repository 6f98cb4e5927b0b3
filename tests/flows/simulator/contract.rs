//! What the store answers is what the published schemas describe.

use serde_json::{Value, json};

use super::{
    Bench, Receiver, home, person, published,
    specs::{Spec, assert_valid, refuses},
};

const CUSTOMERS: &str = "customers.v3.yml";
const HOOKS: &str = "webhooks.v3.yml";

/// A store with one customer that has everything.
async fn furnished() -> (Bench, u64) {
    let bench = Bench::start();
    bench.post("/v3/customers/attributes", json!([{ "name": "external_id", "type": "string" }])).await;
    bench.post("/v2/customer_groups", json!({ "name": "Wholesale" })).await;
    let mut full = person("ada@example.com");
    full["customer_group_id"] = json!(1);
    full["attributes"] = json!([{ "attribute_id": 1, "attribute_value": "e-1" }]);
    full["form_fields"] =
        json!([{ "name": "Size", "value": "L" }, { "name": "Tastes", "value": ["a", "b"] }]);
    full["store_credit_amounts"] = json!([{ "amount": 43.15 }]);
    let answer = bench.post("/v3/customers", json!([full])).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let id = answer.first()["id"].as_u64().unwrap();
    let mut address = home(id);
    address["form_fields"] = json!([{ "name": "Gate", "value": 3 }]);
    assert_eq!(bench.post("/v3/customers/addresses", json!([address])).await.status, 200);
    (bench, id)
}

#[tokio::test]
async fn every_list_is_as_described() {
    let Some(spec) = Spec::read(CUSTOMERS) else { return };
    let (bench, _) = furnished().await;
    for (path, query) in [
        ("/customers", ""),
        ("/customers", "?include=addresses,attributes,formfields,storecredit&limit=1"),
        ("/customers", "?after=eyJpZCI6MH0"),
        ("/customers", "?page=2&limit=1"),
        ("/customers/addresses", "?include=formfields"),
        ("/customers/attributes", ""),
        ("/customers/attribute-values", ""),
        ("/customers/form-field-values", ""),
        ("/customers/settings", ""),
    ] {
        let answer = bench.get(&format!("/v3{path}{query}")).await;
        assert_eq!(answer.status, 200, "{path}{query}: {}", answer.text);
        assert_valid(&spec.answer("get", path, 200), &answer.json());
    }
}

#[tokio::test]
async fn the_schemas_refuse_what_is_not_described() {
    let Some(spec) = Spec::read(CUSTOMERS) else { return };
    let (bench, _) = furnished().await;
    let described = spec.answer("get", "/customers", 200);
    let mut body = bench.get("/v3/customers").await.json();
    body["data"][0]["id"] = json!("1");
    assert!(refuses(&described, &body));
    body["data"][0]["id"] = json!(1);
    assert!(!refuses(&described, &body));
    body["data"][0]["firstName"] = json!("Ada");
    assert!(refuses(&described, &body));
}

#[tokio::test]
async fn every_write_is_answered_as_described() {
    let Some(spec) = Spec::read(CUSTOMERS) else { return };
    let (bench, id) = furnished().await;
    for (method, path, body) in [
        ("post", "/customers", json!([person("grace@example.com")])),
        ("put", "/customers", json!([{ "id": id, "notes": "likes engines" }])),
        ("put", "/customers/addresses", json!([{ "id": 1, "city": "Dallas" }])),
        ("post", "/customers/attributes", json!([{ "name": "age", "type": "number" }])),
        ("put", "/customers/attributes", json!([{ "id": 1, "name": "directory_id" }])),
        (
            "put",
            "/customers/attribute-values",
            json!([{ "customer_id": id, "attribute_id": 1, "value": "e-2" }]),
        ),
        ("put", "/customers/form-field-values", json!([{ "customer_id": id, "name": "Size", "value": "M" }])),
        ("post", "/customers/validate-credentials", json!({ "email": "x@example.com", "password": "x" })),
        ("put", "/customers/settings", json!({ "privacy_settings": { "policy_url": "https://x.example" } })),
    ] {
        let answer = bench.call(&method.to_uppercase(), &format!("/v3{path}"), Some(body)).await;
        assert_eq!(answer.status, 200, "{method} {path}: {}", answer.text);
        assert_valid(&spec.answer(method, path, 200), &answer.json());
    }
}

#[tokio::test]
async fn channel_settings_and_consent_are_as_described() {
    let Some(spec) = Spec::read(CUSTOMERS) else { return };
    let (bench, id) = furnished().await;
    let channel = "/v3/customers/settings/channels/2";
    let described = spec.answer("get", "/customers/settings/channels/{channel_id}", 200);
    assert_valid(&described, &bench.get(channel).await.json());
    assert_valid(&described, &bench.put(channel, json!({ "allow_global_logins": true })).await.json());
    let consent = format!("/v3/customers/{id}/consent");
    let described = spec.answer("get", "/customers/{customerId}/consent", 200);
    let wish = json!({ "allow": ["essential"], "deny": ["targeting"] });
    assert_valid(&described, &bench.put(&consent, wish).await.json());
    assert_valid(&described, &bench.get(&consent).await.json());
}

#[tokio::test]
async fn refusals_are_as_described() {
    let Some(spec) = Spec::read(CUSTOMERS) else { return };
    let (bench, _) = furnished().await;
    let refused = [
        ("post", "/customers", json!([person("ada@example.com")])),
        ("post", "/customers", json!([{ "email": "x@example.com" }])),
        ("put", "/customers", json!([{ "id": 999, "notes": "" }])),
        ("post", "/customers/addresses", json!([{ "customer_id": 999 }])),
    ];
    for (method, path, body) in refused {
        let answer = bench.call(&method.to_uppercase(), &format!("/v3{path}"), Some(body)).await;
        assert_eq!(answer.status, 422, "{method} {path}: {}", answer.text);
        assert_valid(&spec.answer(method, path, 422), &answer.json());
    }
    let answer = bench.get("/v3/customers?foo=1").await;
    assert_valid(&spec.answer("get", "/customers", 422), &answer.json());
}

#[tokio::test]
async fn hooks_are_as_described() {
    let Some(spec) = Spec::read(HOOKS) else { return };
    let bench = Bench::start();
    let listed = spec.answer("get", "/hooks", 200);
    assert_valid(&listed, &bench.get("/v3/hooks").await.json());
    let hook = json!({ "scope": "store/customer/*", "destination": "https://hooks.example/in" });
    let created = bench.post("/v3/hooks", hook).await.json();
    assert_valid(&spec.answer("post", "/hooks", 200), &created);
    assert_valid(&listed, &bench.get("/v3/hooks").await.json());
    let path = format!("/v3/hooks/{}", created["data"]["id"]);
    assert_valid(&spec.answer("get", "/hooks/{webhook_id}", 200), &bench.get(&path).await.json());
    let switched = bench.put(&path, json!({ "is_active": false })).await.json();
    assert_valid(&spec.answer("put", "/hooks/{webhook_id}", 200), &switched);
    assert_valid(&spec.answer("get", "/hooks/admin", 200), &bench.get("/v3/hooks/admin").await.json());
    assert_valid(&spec.answer("delete", "/hooks/{webhook_id}", 200), &bench.delete(&path).await.json());
    let missing = bench.get(&path).await;
    assert_eq!(missing.status, 404);
    assert_valid(&spec.answer("get", "/hooks/{webhook_id}", 404), &missing.json());
    let empty = bench.post("/v3/hooks", json!({})).await;
    assert_eq!(empty.status, 422);
    assert_valid(&spec.answer("post", "/hooks", 422), &empty.json());
}

#[tokio::test]
async fn the_second_api_is_as_described() {
    let (Some(store), Some(groups)) =
        (Spec::read("store_information.v2.yml"), Spec::read("customers.v2.yml"))
    else {
        return;
    };
    let (bench, _) = furnished().await;
    let described = store.schema("/components/schemas/StoreInformation");
    let told = bench.get("/v2/store").await.json();
    assert_valid(&described, &told);
    assert_eq!(told["id"], bench.store.account().store_hash);
    assert_eq!(bench.get("/v2/time").await.json(), json!({ "time": 1_700_000_000 }));
    let described = groups.schema("/components/schemas/customerGroup_Full");
    for group in bench.get("/v2/customer_groups").await.json().as_array().unwrap() {
        assert_valid(&described, group);
    }
    assert_eq!(bench.get("/v2/customer_groups/count").await.json(), json!({ "count": 1 }));
}

#[tokio::test]
async fn payloads_are_as_the_callbacks_describe() {
    let Some(spec) = Spec::read(HOOKS) else { return };
    let bench = Bench::start();
    let receiver = Receiver::start().await;
    bench.hook("store/customer/*", &receiver.url).await;
    let mut member = person("ada@example.com");
    member["channel_ids"] = json!([1]);
    let id = bench.post("/v3/customers", json!([member])).await.first()["id"].as_u64().unwrap();
    bench.put("/v3/customers", json!([{ "id": id, "notes": "n" }])).await;
    bench.post("/v3/customers/addresses", json!([home(id)])).await;
    bench.put("/v3/customers/addresses", json!([{ "id": 1, "city": "Dallas" }])).await;
    bench.delete("/v3/customers/addresses?id:in=1").await;
    bench.delete(&format!("/v3/customers?id:in={id}")).await;
    assert_eq!(bench.store.deliver_due().await, 6);
    for (_, body) in receiver.take() {
        let body: Value = serde_json::from_str(&body).unwrap();
        let name = body["scope"].as_str().unwrap().replace('/', "_");
        let described = spec.schema(&format!("/components/schemas/{name}"));
        assert_valid(&described, &body);
    }
}

#[tokio::test]
async fn signatures_are_those_of_the_published_vectors() {
    let Some(text) = published("../webhook-signature-vectors.json") else { return };
    let vectors: Value = serde_json::from_str(&text).unwrap();
    let keyed = vectors["vectors"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|vector| vector["must_verify"] == json!(true) && vector["client_secret"].is_string());
    let mut seen = 0;
    for vector in keyed {
        let text = |name: &str| vector[name].as_str().unwrap();
        let secret = shared::secret::Secret::new(text("client_secret"));
        let timestamp = text("webhook-timestamp").parse().unwrap();
        let signature = local::bigcommerce::sign(&secret, text("webhook-id"), timestamp, text("body"));
        assert_eq!(signature, text("webhook-signature"));
        seen += 1;
    }
    assert!(seen >= 2, "{seen}");
}
