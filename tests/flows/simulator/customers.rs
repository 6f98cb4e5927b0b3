//! Customers: batches that hold or fall together, pages, limits.

use futures_util::future::join_all;
use local::bigcommerce::{Config, Fault, FaultKind, Plan};
use serde_json::{Value, json};

use super::{Bench, home, person};

fn ids(page: &Value) -> Vec<u64> {
    page["data"].as_array().unwrap().iter().map(|customer| customer["id"].as_u64().unwrap()).collect()
}

#[tokio::test]
async fn a_customer_is_written_on_the_wire_in_the_order_of_the_live_store() {
    let bench = Bench::start();
    bench.customer("Nina.Ni@example.com").await;
    let answer = bench.get("/v3/customers").await;
    let expected = concat!(
        r#"{"data":[{"authentication":{"force_password_reset":false},"company":"","customer_group_id":0,"#,
        r#""email":"Nina.Ni@example.com","first_name":"Ada","last_name":"Lovelace","notes":"","phone":"","#,
        r#""registration_ip_address":"","tax_exempt_category":"","date_created":"2023-11-14T22:13:20Z","#,
        r#""date_modified":"2023-11-14T22:13:20Z","id":1,"accepts_product_review_abandoned_cart_emails":false,"#,
        r#""origin_channel_id":1,"channel_ids":null}],"meta":{"#,
    );
    assert!(answer.text.starts_with(expected), "{}", answer.text);
}

#[tokio::test]
async fn one_duplicate_refuses_the_whole_batch_and_only_its_address_is_named() {
    let bench = Bench::start();
    bench.customer("ada@example.com").await;
    let batch = json!([person("new@example.com"), person("ADA@example.com")]);
    let answer = bench.post("/v3/customers", batch).await;
    assert_eq!(answer.status, 422);
    let expected = concat!(
        r#"{"status":422,"title":"Create customers failed.","type":"https://developer.bigcommerce.com/api-docs"#,
        r#"/getting-started/api-status-codes","errors":{".customer_create":"Error creating customers: email "#,
        r#"ADA@example.com already in use"}}"#,
    );
    assert_eq!(answer.text, expected);
    assert_eq!(bench.store.count(), 1);
    let twice = bench.post("/v3/customers", json!([person("b@example.com"), person("B@example.com")])).await;
    assert_eq!(twice.status, 422);
}

#[tokio::test]
async fn an_update_to_anothers_address_is_refused_and_a_swap_in_one_batch_is_not() {
    let bench = Bench::start();
    let (a, b) = (bench.customer("a@example.com").await, bench.customer("b@example.com").await);
    let taken = bench.put("/v3/customers", json!([{ "id": a, "email": "b@example.com" }])).await;
    assert_eq!(taken.status, 422);
    assert!(taken.json()["errors"][".customer_update"].as_str().unwrap().contains("already in use"));
    let swap = json!([{ "id": a, "email": "b@example.com" }, { "id": b, "email": "a@example.com" }]);
    assert_eq!(bench.put("/v3/customers", swap).await.status, 200);
    assert_eq!(ids(&bench.get("/v3/customers?email:in=a%40example.com").await.json()), [b]);
}

#[tokio::test]
async fn an_unknown_identifier_and_a_missing_one_are_refused_in_the_words_of_the_live_store() {
    let bench = Bench::start();
    let unknown = bench.put("/v3/customers", json!([{ "id": 7, "notes": "" }])).await.json();
    assert_eq!(unknown["title"], "Update customers failed.");
    assert_eq!(unknown["errors"], json!({ "0.id": "invalid customer ID" }));
    let missing = bench.put("/v3/customers", json!([{ "notes": "" }])).await.json();
    assert_eq!(missing["title"], "JSON data is missing or invalid");
    assert_eq!(missing["errors"], json!({ "id": "error.path.missing" }));
}

#[tokio::test]
async fn eleven_customers_are_too_many_and_one_without_an_array_is_no_batch() {
    let bench = Bench::start();
    let many: Vec<Value> = (0..11).map(|n| person(&format!("{n}@example.com"))).collect();
    let answer = bench.post("/v3/customers", json!(many)).await;
    assert_eq!(answer.status, 413);
    assert!(answer.json()["title"].as_str().unwrap().contains("10"));
    assert_eq!(bench.post("/v3/customers", person("a@example.com")).await.status, 422);
    assert_eq!(bench.store.count(), 0);
}

#[tokio::test]
async fn values_out_of_bounds_are_refused_by_item_and_field() {
    let bench = Bench::start();
    let mut nobody = person("nobody.example.com");
    nobody["first_name"] = json!("");
    nobody["channel_ids"] = json!([]);
    nobody["authentication"] = json!({ "new_password": "short" });
    let answer = bench.post("/v3/customers", json!([person("a@example.com"), nobody])).await;
    assert_eq!(answer.status, 422);
    let errors = answer.json()["errors"].clone();
    let named: Vec<&String> = errors.as_object().unwrap().keys().collect();
    assert_eq!(named, ["1.authentication.new_password", "1.channel_ids", "1.email", "1.first_name"]);
    let longest = format!("{}@example.com", "x".repeat(238));
    assert_eq!(bench.post("/v3/customers", json!([person(&longest)])).await.status, 200);
    assert_eq!(bench.post("/v3/customers", json!([person(&format!("x{longest}"))])).await.status, 422);
}

#[tokio::test]
async fn deleting_unknown_customers_or_none_at_all_succeeds_and_deletes_nothing() {
    let bench = Bench::start();
    bench.customer("a@example.com").await;
    assert_eq!(bench.delete("/v3/customers?id:in=99").await.status, 204);
    assert_eq!(bench.delete("/v3/customers").await.status, 204);
    assert_eq!(bench.delete("/v3/customers?id:in=1,x").await.status, 422);
    assert_eq!(bench.store.count(), 1);
    assert_eq!(bench.delete("/v3/customers?id:in=1").await.status, 204);
    assert_eq!(bench.customer("a@example.com").await, 2);
}

#[tokio::test]
async fn every_filter_finds_what_it_names_and_an_unknown_one_is_refused() {
    let bench = Bench::start();
    let mut ada = person("ada+shop@example.com");
    ada["company"] = json!("Engines Ltd");
    ada["phone"] = json!("555 1");
    bench.post("/v3/customers", json!([ada])).await;
    bench.wait(60);
    let grace = json!({ "email": "grace@example.com", "first_name": "Grace", "last_name": "Hopper" });
    bench.post("/v3/customers", json!([grace])).await;
    for (filter, found) in [
        ("id:in=2,9", vec![2]),
        ("id%3Ain=1%2C2", vec![1, 2]),
        ("email:in=ADA%2Bshop@example.com", vec![1]),
        ("name:in=grace%20hopper", vec![2]),
        ("name:like=love,hop", vec![1, 2]),
        ("company:in=engines%20ltd", vec![1]),
        ("phone:in=555%201", vec![1]),
        ("customer_group_id:in=0", vec![1, 2]),
        ("date_created:min=2023-11-14T22:13:21", vec![2]),
        ("date_modified:max=2023-11-14T22:13:20", vec![1]),
        ("date_created:min=2023-11-15", vec![]),
        ("sort=last_name:asc", vec![2, 1]),
        ("sort=date_created:desc", vec![2, 1]),
        ("limit=1&page=2", vec![2]),
    ] {
        let answer = bench.get(&format!("/v3/customers?{filter}")).await;
        assert_eq!(answer.status, 200, "{filter}: {}", answer.text);
        assert_eq!(ids(&answer.json()), found, "{filter}");
    }
    let unknown = bench.get("/v3/customers?foo=1").await;
    assert_eq!(unknown.status, 422);
    assert_eq!(unknown.json()["title"], "The filter(s): foo are not valid filter parameter(s).");
    assert_eq!(bench.get("/v3/customers/attributes?id:in=1").await.status, 422);
}

#[tokio::test]
async fn the_two_ways_of_paging_are_told_where_each_applies() {
    let bench = Bench::start();
    bench.store.seed(5, 1);
    let first = bench.get("/v3/customers?limit=2").await.json()["meta"].clone();
    assert_eq!(first["pagination"]["total_pages"], 3);
    assert_eq!(first["cursor_pagination"]["end_cursor"], "eyJpZCI6Mn0");
    let second = bench.get("/v3/customers?limit=2&page=2").await.json()["meta"].clone();
    assert!(second["cursor_pagination"].is_null() && !second["pagination"].is_null());
    let last = bench.get("/v3/customers?limit=2&after=eyJpZCI6NH0&page=9").await.json();
    assert_eq!(ids(&last), [5]);
    let meta = &last["meta"];
    assert!(meta["pagination"].is_null() && meta["cursor_pagination"]["links"]["next"].is_null());
    assert_eq!(meta["cursor_pagination"]["end_cursor"], "eyJpZCI6NX0");
    let back = bench.get("/v3/customers?limit=2&before=eyJpZCI6NH0").await.json();
    assert_eq!(ids(&back), [2, 3]);
}

#[tokio::test]
async fn cursors_pass_each_customer_once_while_others_come_and_go() {
    let bench = Bench::start();
    bench.store.seed(100, 1);
    let (mut seen, mut query) = (Vec::new(), "?limit=10".to_owned());
    loop {
        let page = bench.get(&format!("/v3/customers{query}")).await.json();
        let shown = ids(&page);
        bench.delete(&format!("/v3/customers?id:in={}", shown[0])).await;
        if seen.is_empty() {
            bench.customer("late@example.com").await;
        }
        seen.extend(shown);
        match page["meta"]["cursor_pagination"]["links"]["next"].as_str() {
            Some(next) => query = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(seen, (1..=101).collect::<Vec<u64>>());
}

#[tokio::test]
async fn parts_are_embedded_only_where_asked_for_and_ten_at_most() {
    let bench = Bench::start();
    let id = bench.customer("a@example.com").await;
    let many: Vec<Value> = (0..12)
        .map(|house| {
            let mut address = home(id);
            address["address2"] = json!(house.to_string());
            address
        })
        .collect();
    assert_eq!(bench.post("/v3/customers/addresses", json!(many)).await.status, 200);
    assert!(bench.get("/v3/customers").await.first()["addresses"].is_null());
    let included = bench.get("/v3/customers?include=addresses").await.first();
    assert_eq!(included["addresses"].as_array().unwrap().len(), 10);
    assert_eq!(included["address_count"], 12);
    let listed = bench.get(&format!("/v3/customers/addresses?customer_id:in={id}")).await.json();
    assert_eq!(listed["meta"]["pagination"]["total"], 12);
}

#[tokio::test]
async fn one_address_serves_two_customers_only_at_different_channels() {
    let bench = Bench::start();
    let at = |channels: Value| {
        let mut member = person("ada@example.com");
        member["channel_ids"] = channels;
        json!([member])
    };
    assert_eq!(bench.post("/v3/customers", at(json!([2]))).await.status, 200);
    assert_eq!(bench.post("/v3/customers", at(json!([1, 2]))).await.status, 422);
    assert_eq!(bench.post("/v3/customers", at(Value::Null)).await.status, 200);
    let both = bench.get("/v3/customers?email:in=ada@example.com").await.json();
    assert_eq!(ids(&both), [1, 2]);
}

#[tokio::test]
async fn the_quota_is_told_in_headers_and_refuses_until_its_window_ends() {
    let plan = Plan { quota: Some(3), ..Plan::STANDARD };
    let bench = Bench::with(Config { plan, ..Config::default() });
    let left = |answer: &super::Answer| answer.headers["x-rate-limit-requests-left"].clone();
    assert_eq!(left(&bench.get("/v2/time").await), "2");
    bench.store.faults([Fault::new(FaultKind::OtherApps { requests: 1 })]);
    assert_eq!(left(&bench.get("/v2/time").await), "0");
    let refused = bench.get("/v2/time").await;
    assert_eq!(refused.status, 429);
    assert_eq!(refused.json(), json!([{ "status": 429, "message": "Too many requests" }]));
    assert_eq!(refused.headers["x-rate-limit-time-window-ms"], "30000");
    let reset: u64 = refused.headers["x-rate-limit-time-reset-ms"].to_str().unwrap().parse().unwrap();
    bench.wait(reset.div_ceil(1000));
    assert_eq!(bench.get("/v2/time").await.status, 200);
    assert_eq!(bench.store.calls().most_refused_in_a_window, 1);
}

#[tokio::test]
async fn a_fourth_writer_at_once_is_refused() {
    let bench = Bench::start();
    let id = bench.customer("a@example.com").await;
    bench.store.faults([Fault::new(FaultKind::Latency { ms: 50 }).on("PUT /v3/customers")]);
    let writes = (0..8).map(|n| bench.put("/v3/customers", json!([{ "id": id, "notes": n.to_string() }])));
    let statuses: Vec<u16> = join_all(writes).await.iter().map(|answer| answer.status).collect();
    assert!(statuses.contains(&429) && statuses.contains(&200), "{statuses:?}");
    assert!(bench.store.calls().most_writers > 3);
    assert_eq!(bench.store.calls().endpoints["PUT /v3/customers"].in_flight, 0);
}

#[tokio::test]
async fn the_token_its_scopes_and_the_hash_are_checked() {
    let bench =
        Bench::with(Config { scopes: vec!["store_v2_customers_read_only".into()], ..Config::default() });
    assert_eq!(bench.get("/v3/customers").await.status, 200);
    assert_eq!(bench.post("/v3/customers", json!([person("a@example.com")])).await.status, 403);
    assert_eq!(bench.get("/v2/store").await.status, 403);
    let url = format!("{}/stores/{}/v3/customers", bench.store.url(), bench.store.account().store_hash);
    assert_eq!(bench.http.get(&url).send().await.unwrap().status(), 401);
    let wrong = bench.http.get(&url).header("X-Auth-Token", "wrong").send().await.unwrap();
    assert_eq!(wrong.status(), 401);
    let elsewhere = format!("{}/stores/unknown/v3/customers", bench.store.url());
    assert_eq!(bench.http.get(&elsewhere).send().await.unwrap().status(), 404);
    let old = bench.store.account();
    bench.store.rotate();
    let stale = bench.http.get(&url).header("X-Auth-Token", old.access_token.expose()).send().await.unwrap();
    assert_eq!(stale.status(), 401);
    assert_eq!(bench.get("/v3/customers").await.status, 200);
}
