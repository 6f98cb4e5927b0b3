//! Webhooks: who may be told, and what tells whom.

use local::bigcommerce::{Config, Fault, FaultKind};
use serde_json::json;

use super::{Bench, Receiver, home, person};

#[tokio::test]
async fn a_delivery_looks_as_it_does_on_the_live_wire() {
    let bench = Bench::start();
    let receiver = Receiver::start().await;
    bench.hook("store/customer/created", &receiver.url).await;
    bench.customer("ada@example.com").await;
    bench.wait(3);
    assert_eq!(bench.store.deliver_due().await, 1);
    let (headers, body) = receiver.take().remove(0);
    let header = |name: &str| headers[name].to_str().unwrap();
    let (hash, account) = (header("webhook-id"), bench.store.account());
    let expected = format!(
        "{{\"producer\":\"stores/{}\",\"hash\":\"{hash}\",\"created_at\":1700000000,\"store_id\":\"1025646\",\
         \"scope\":\"store/customer/created\",\"data\":{{\"type\":\"customer\",\"id\":1,\
         \"origin_channel_id\":1,\"channel_ids\":null}}}}",
        account.store_hash
    );
    assert_eq!(body, expected);
    assert!(hash.len() == 40 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()));
    assert_eq!(header("webhook-timestamp"), "1700000003");
    let signature = local::bigcommerce::sign(&account.client_secret, hash, 1_700_000_003, &body);
    assert_eq!(header("webhook-signature"), signature);
    assert_eq!(header("x-clientele"), "between us");
    assert_eq!(header("user-agent"), "pekko-http/1.3.0");
    assert_eq!(header("content-type"), "application/json");
    assert_eq!(header("accept-encoding"), "gzip");
}

#[tokio::test]
async fn each_change_tells_its_own_scope_and_no_other() {
    let bench = Bench::start();
    let receiver = Receiver::start().await;
    bench.hook("store/customer/*", &receiver.url).await;
    bench.post("/v3/customers/attributes", json!([{ "name": "external_id", "type": "string" }])).await;
    let id = bench.customer("ada@example.com").await;
    bench.store.deliver_due().await;
    receiver.take();
    let customer = json!({ "type": "customer", "id": id, "origin_channel_id": 1, "channel_ids": null });
    let member = json!({ "type": "customer", "id": id, "origin_channel_id": 1, "channel_ids": [2] });
    let address = json!({ "type": "customer", "id": 1, "address": { "customer_id": id } });
    let access = json!({ "customer_id": id, "channel_ids": [2] });
    let value = json!([{ "customer_id": id, "attribute_id": 1, "value": "e-1" }]);
    let field = json!([{ "id": id, "form_fields": [{ "name": "Size", "value": "L" }] }]);
    let edited = json!([{ "id": id, "form_fields": [{ "name": "Size", "value": "M" }] }]);
    for (method, path, body, events) in [
        ("PUT", "/v3/customers", json!([{ "id": id, "notes": "n" }]), vec![("updated", customer.clone())]),
        ("PUT", "/v3/customers", json!([{ "id": id, "notes": "n" }]), vec![]),
        ("PUT", "/v3/customers", field, vec![("updated", customer)]),
        ("PUT", "/v3/customers", edited, vec![]),
        ("PUT", "/v3/customers/attribute-values", value, vec![]),
        ("POST", "/v3/customers/addresses", json!([home(id)]), vec![("address/created", address.clone())]),
        ("POST", "/v3/customers/addresses", json!([home(id)]), vec![]),
        (
            "PUT",
            "/v3/customers/addresses",
            json!([{ "id": 1, "phone": "1" }]),
            vec![("address/updated", address.clone())],
        ),
        ("DELETE", "/v3/customers/addresses?id:in=1,2", json!(null), vec![("address/deleted", address)]),
        (
            "PUT",
            "/v3/customers",
            json!([{ "id": id, "channel_ids": [2] }]),
            vec![("channel/login/access/updated", access), ("updated", member)],
        ),
        (
            "DELETE",
            "/v3/customers?id:in=1,9",
            json!(null),
            vec![("deleted", json!({ "type": "customer", "id": id }))],
        ),
    ] {
        bench.call(method, path, Some(body.clone())).await;
        bench.store.deliver_due().await;
        let expected: Vec<_> =
            events.into_iter().map(|(scope, data)| (format!("store/customer/{scope}"), data)).collect();
        assert_eq!(receiver.events(), expected, "{method} {path} {body}");
    }
}

#[tokio::test]
async fn a_sign_up_with_form_fields_is_told_of_twice() {
    let bench = Bench::start();
    let receiver = Receiver::start().await;
    bench.hook("store/customer/*", &receiver.url).await;
    let mut member = person("ada@example.com");
    member["form_fields"] = json!([{ "name": "Size", "value": "L" }]);
    bench.post("/v3/customers", json!([member])).await;
    assert_eq!(bench.store.deliver_due().await, 2);
}

#[tokio::test]
async fn seeding_tells_nobody() {
    let bench = Bench::start();
    bench.hook("store/customer/*", "http://127.0.0.1:9/in").await;
    bench.store.seed(100, 1);
    assert_eq!((bench.store.count(), bench.store.pending()), (100, 0));
}

#[tokio::test]
async fn what_a_write_that_changed_nothing_leaves_is_the_old_date() {
    let bench = Bench::start();
    let id = bench.customer("ada@example.com").await;
    let before = bench.get("/v3/customers").await.first();
    bench.wait(60);
    let same = json!([{ "id": id, "first_name": "Ada", "channel_ids": null }]);
    assert_eq!(bench.put("/v3/customers", same).await.status, 200);
    assert_eq!(bench.get("/v3/customers").await.first(), before);
}

#[tokio::test]
async fn a_hook_is_one_of_ten_and_its_destination_is_https() {
    let bench = Bench::with(Config::default());
    let wish = |scope: &str, to: &str| json!({ "scope": scope, "destination": to });
    let scope = "store/customer/updated";
    for bad in ["http://hooks.example/in", "https://hooks.example:8443/in", "nonsense"] {
        assert_eq!(bench.post("/v3/hooks", wish(scope, bad)).await.status, 400, "{bad}");
    }
    for n in 0..10 {
        let to = format!("https://hooks.example/{n}");
        assert_eq!(bench.post("/v3/hooks", wish(scope, &to)).await.status, 200);
    }
    assert_eq!(bench.post("/v3/hooks", wish(scope, "https://hooks.example/10")).await.status, 422);
    assert_eq!(
        bench.post("/v3/hooks", wish("store/customer/*", "https://hooks.example/0")).await.status,
        200
    );
    assert_eq!(
        bench.post("/v3/hooks", wish("store/customer/*", "https://hooks.example/0")).await.status,
        422
    );
    let listed = bench.get("/v3/hooks?scope=store/customer/*").await.json();
    assert_eq!(listed["meta"]["pagination"]["total"], 1);
    let missing = bench.post("/v3/hooks", json!({ "scope": scope })).await.json();
    assert_eq!(missing["errors"], json!({ "destination": "error.path.missing." }));
    let gone = bench.get("/v3/hooks/99").await.json();
    assert_eq!(gone["title"], "Webhook with id [99] not found");
}

#[tokio::test]
async fn deliveries_can_be_lost_doubled_delayed_and_hooks_switched_off() {
    let bench = Bench::start();
    let receiver = Receiver::start().await;
    let hook = bench.hook("store/customer/created", &receiver.url).await;
    bench.store.faults([
        Fault::new(FaultKind::LoseWebhook).times(1),
        Fault::new(FaultKind::DelayWebhook { ms: 5_000 }),
        Fault::new(FaultKind::DuplicateWebhook { copies: 1 }),
        Fault::new(FaultKind::ReorderWebhooks),
    ]);
    // The first draws all of them: what is lost and doubled is delivered once, late.
    bench.customer("a@example.com").await;
    bench.customer("b@example.com").await;
    assert_eq!(bench.store.deliver_due().await, 0);
    bench.wait(5);
    bench.store.deliver_due().await;
    let mut hashes: Vec<_> =
        receiver.take().iter().map(|(headers, _)| headers["webhook-id"].clone()).collect();
    assert_eq!(hashes.len(), 3);
    hashes.dedup();
    assert!(hashes.len() < 3);
    bench.store.faults([Fault::new(FaultKind::DeactivateHooks)]);
    let told = bench.get(&format!("/v3/hooks/{hook}")).await.json();
    assert_eq!(told["data"]["is_active"], false);
    bench.customer("c@example.com").await;
    assert_eq!(bench.store.pending(), 0);
}
