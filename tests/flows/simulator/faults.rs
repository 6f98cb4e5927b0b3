//! Faults on order, and what is kept between runs.

use local::bigcommerce::{Config, Fault, FaultKind, Plan, Simulator};
use serde_json::json;
use shared::clock::Clock;

use super::{Bench, answer, person};

#[tokio::test]
async fn an_answer_can_be_lost_before_and_after_the_write() {
    let bench = Bench::start();
    let wish = |email: &str| bench.request("POST", "/v3/customers").json(&json!([person(email)]));
    bench.store.faults([Fault::new(FaultKind::Drop { applied: false }).times(1)]);
    assert!(answer(wish("a@example.com")).await.is_err());
    assert_eq!(bench.store.count(), 0);
    bench.store.faults([Fault::new(FaultKind::Drop { applied: true }).times(1)]);
    assert!(answer(wish("a@example.com")).await.is_err());
    assert_eq!(bench.store.count(), 1);
    let error = FaultKind::ServerError { status: 504, html: true, applied: true };
    bench.store.faults([Fault::new(error).times(1)]);
    assert_eq!(answer(wish("b@example.com")).await.unwrap().status, 504);
    assert_eq!(bench.store.count(), 2);
    assert_eq!(answer(wish("c@example.com")).await.unwrap().status, 200);
    assert_eq!(bench.store.calls().endpoints["POST /v3/customers"].in_flight, 0);
}

#[tokio::test]
async fn a_fault_with_a_likelihood_comes_about_so_often_and_the_same_for_the_same_seed() {
    let run = async || {
        let bench = Bench::start();
        let error = FaultKind::ServerError { status: 503, html: false, applied: false };
        bench.store.faults([Fault::new(error).chance(0.25)]);
        let mut statuses = Vec::new();
        for _ in 0..100 {
            statuses.push(bench.get("/v2/time").await.status);
        }
        statuses
    };
    let statuses = run().await;
    let failed = statuses.iter().filter(|status| **status == 503).count();
    assert!((10..40).contains(&failed), "{failed}");
    assert_eq!(statuses, run().await);
}

#[tokio::test]
async fn an_answer_can_be_cut_short_or_be_a_page() {
    let bench = Bench::start();
    bench.store.faults([Fault::new(FaultKind::Truncate).times(1)]);
    assert!(answer(bench.request("GET", "/v3/customers")).await.is_err());
    bench.store.faults([Fault::new(FaultKind::HtmlOk).times(1)]);
    let page = bench.get("/v3/customers").await;
    assert_eq!((page.status, page.headers["content-type"].to_str().unwrap()), (200, "text/html"));
    assert!(page.text.starts_with("<html>"));
}

#[tokio::test]
async fn too_many_requests_come_with_and_without_headers() {
    let bench = Bench::with(Config { plan: Plan::STANDARD, ..Config::default() });
    bench
        .store
        .faults([Fault::new(FaultKind::TooManyRequests { headers: true, retry_after: Some(7) }).times(1)]);
    let told = bench.get("/v3/customers").await;
    assert_eq!((told.status, told.headers["x-retry-after"].to_str().unwrap()), (429, "7"));
    assert!(told.headers.contains_key("x-rate-limit-time-reset-ms"));
    bench
        .store
        .faults([Fault::new(FaultKind::TooManyRequests { headers: false, retry_after: None }).times(1)]);
    let bare = bench.get("/v3/customers").await;
    assert!(bare.status == 429 && !bare.headers.contains_key("x-rate-limit-time-reset-ms"));
}

#[tokio::test]
async fn identifiers_can_be_too_many_missing_or_foreign() {
    let bench = Bench::start();
    bench.store.seed(5, 1);
    bench.store.faults([Fault::new(FaultKind::ManyIds { most: 2, status: 414 })]);
    assert_eq!(bench.get("/v3/customers?id:in=1,2,3").await.status, 414);
    assert_eq!(bench.get("/v3/customers?id%3Ain=1%2C2").await.status, 200);
    bench.store.clear_faults();
    bench.store.faults([
        Fault::new(FaultKind::MissingIds { count: 1 }),
        Fault::new(FaultKind::ForeignIds { count: 1 }),
    ]);
    let odd = bench.get("/v3/customers?id:in=2,3").await.json();
    let ids: Vec<_> = odd["data"].as_array().unwrap().iter().map(|one| one["id"].clone()).collect();
    assert_eq!(ids, [json!(3), json!(1)]);
}

#[tokio::test]
async fn a_store_can_be_suspended_and_a_token_revoked() {
    let bench = Bench::start();
    bench.store.faults([Fault::new(FaultKind::Suspend).times(1)]);
    assert_eq!(bench.get("/v3/customers").await.status, 403);
    bench.store.faults([Fault::new(FaultKind::RevokeToken).times(1)]);
    assert_eq!(bench.get("/v3/customers").await.status, 401);
    assert_eq!(bench.get("/v3/customers").await.status, 200);
}

#[tokio::test]
async fn cursors_can_be_refused_pages_shortened_and_addresses_folded() {
    let bench = Bench::start();
    bench.store.seed(5, 1);
    bench.store.faults([
        Fault::new(FaultKind::RefuseCursor { status: 422 }),
        Fault::new(FaultKind::ShortPages { most: 2 }),
        Fault::new(FaultKind::LowercaseEmails),
        Fault::new(FaultKind::Shuffle).on("POST"),
    ]);
    assert_eq!(bench.get("/v3/customers?after=eyJpZCI6MX0").await.status, 422);
    assert_eq!(bench.get("/v3/customers?limit=250").await.json()["data"].as_array().unwrap().len(), 2);
    let both = json!([person("A@example.com"), person("B@example.com")]);
    let created = bench.post("/v3/customers", both).await.json();
    assert_eq!(
        (&created["data"][0]["email"], &created["data"][0]["id"]),
        (&json!("b@example.com"), &json!(7))
    );
}

#[tokio::test]
async fn faults_are_ordered_over_http_and_calls_and_events_are_told_there() {
    let bench = Bench::start();
    let at = |door: &str| format!("{}{door}", bench.store.url());
    let order = json!([{ "fault": "server_error", "status": 503, "on": "GET /v3", "times": 1 }]);
    let ordered = bench.http.post(at("/_faults")).json(&order).send().await.unwrap();
    assert_eq!(ordered.status(), 204);
    assert_eq!(bench.get("/v3/customers").await.status, 503);
    bench.customer("a@example.com").await;
    let calls = answer(bench.http.get(at("/_calls"))).await.unwrap().json();
    assert_eq!(calls["endpoints"]["GET /v3/customers"]["statuses"]["503"], 1);
    let events = answer(bench.http.get(at("/_events"))).await.unwrap();
    assert!(events.text.contains("store/customer/created"));
    let account = bench.store.account();
    assert!(!events.text.contains(account.access_token.expose()));
    assert!(!events.text.contains(account.client_secret.expose()));
}

#[tokio::test]
async fn a_store_goes_on_from_its_file_with_its_account_its_hooks_and_what_was_not_delivered() {
    let bench = Bench::start();
    bench.store.seed(20, 1);
    bench.hook("store/customer/*", "http://127.0.0.1:9/in").await;
    let mut member = person("a@example.com");
    member["authentication"] = json!({ "new_password": "engines1843" });
    bench.post("/v3/customers", json!([member])).await;
    let path = std::env::temp_dir().join(format!("clientele-{}.jsonl", shared::clock::random_id()));
    bench.store.save(&path).unwrap();
    assert!(!std::fs::read_to_string(&path).unwrap().contains("engines1843"));
    let config = Config { state: Some(path.clone()), ..Config::default() };
    let again = Simulator::start(config, Clock::system()).unwrap();
    std::fs::remove_file(path).unwrap();
    assert!(again.customers() == bench.store.customers());
    assert_eq!(again.account().store_hash, bench.store.account().store_hash);
    assert_eq!((again.count(), again.pending()), (21, 1));
    let account = again.account();
    let url = format!("{}/stores/{}/v3/hooks", again.url(), account.store_hash);
    let hooks = bench.http.get(url).header("x-auth-token", account.access_token.expose());
    assert_eq!(answer(hooks).await.unwrap().first()["scope"], "store/customer/*");
}
