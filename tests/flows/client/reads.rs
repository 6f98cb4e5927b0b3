//! Reading customers and webhooks.

use serde_json::{Value, json};
use shared::{
    bigcommerce::{CustomerId, HookHeaders, Include, PageQuery},
    secret::EmailAddress,
};

use super::fake::{Fake, Seen, data, refused};
use axum::{http::Method, response::IntoResponse};

fn ids(range: std::ops::RangeInclusive<i64>) -> Vec<CustomerId> {
    range.map(|id| id.try_into().unwrap()).collect()
}

fn asked_for(seen: &Seen) -> Vec<Value> {
    seen.values("id:in").iter().map(|id| json!({ "id": id.parse::<u32>().unwrap() })).collect()
}

#[tokio::test]
async fn customers_are_read_fifty_a_call_and_each_once() {
    let fake = Fake::start(|_, seen| data(asked_for(seen))).await;
    let twice = [ids(1..=120), ids(100..=120)].concat();
    let mut found = fake.client().customers(&twice, Include::NOTHING).await.unwrap();
    found.sort_by_key(|customer| customer.id);
    assert_eq!(found.iter().filter_map(|customer| customer.id).collect::<Vec<_>>(), ids(1..=120));
    assert_eq!(fake.calls(), 3);
}

#[tokio::test]
async fn what_was_not_asked_is_dropped_and_what_lacks_is_left_out_g20() {
    let fake = Fake::start(|_, _| data(json!([{ "id": 2 }, { "id": 9 }, { "id": 2 }]))).await;
    let found = fake.client().customers(&ids(1..=3), Include::NOTHING).await.unwrap();
    assert_eq!(found.iter().filter_map(|customer| customer.id).collect::<Vec<_>>(), ids(2..=2));
}

#[tokio::test]
async fn a_store_that_takes_fewer_ids_is_asked_for_fewer_from_then_on_g21() {
    let fake = Fake::start(|_, seen| match seen.values("id:in").len() {
        26.. => refused(414, "URI Too Long", json!({})),
        _ => data(asked_for(seen)),
    })
    .await;
    assert_eq!(fake.client().customers(&ids(1..=50), Include::NOTHING).await.unwrap().len(), 50);
    assert_eq!(fake.calls(), 3);
    assert_eq!(fake.client().customers(&ids(1..=50), Include::NOTHING).await.unwrap().len(), 50);
    assert_eq!(fake.calls(), 5);
}

#[tokio::test]
async fn nothing_asked_is_no_call() {
    let fake = Fake::start(|_, _| data(json!([]))).await;
    let client = fake.client();
    assert!(client.customers(&[], Include::EVERYTHING).await.unwrap().is_empty());
    assert!(client.customers_by_email(&[], Include::NOTHING).await.unwrap().is_empty());
    client.delete_customers(&[]).await.unwrap();
    client.delete_addresses(&[]).await.unwrap();
    assert!(client.create_customers(&[]).await.unwrap().is_empty());
    assert!(client.put_attribute_values(&[]).await.unwrap().is_empty());
    assert_eq!(fake.calls(), 0);
}

#[tokio::test]
async fn a_request_says_who_asks_and_a_plus_stays_a_plus() {
    let fake = Fake::start(|_, _| data(json!([{ "id": 1, "email": "A+b@x.example" }]))).await;
    let emails = [EmailAddress::new("a+b@x.example")];
    assert_eq!(fake.client().customers_by_email(&emails, Include::NOTHING).await.unwrap().len(), 1);
    let seen = &fake.seen()[0];
    assert!(seen.raw_query.contains("a%2Bb%40x.example"), "{}", seen.raw_query);
    assert_eq!(seen.path, "/stores/abc123/v3/customers");
    assert_eq!(seen.headers["x-auth-token"], "token");
    assert_eq!(seen.headers["accept"], "application/json");
    assert!(seen.headers["user-agent"].to_str().unwrap().starts_with("Clientele/"));
    assert_eq!(seen.headers["accept-encoding"], "gzip");
}

#[tokio::test]
async fn more_than_ten_addresses_are_fetched_page_by_page() {
    let address = |id: u32| json!({ "id": id, "customer_id": 1, "address1": id.to_string() });
    let fake = Fake::start(move |_, seen| {
        let customer = json!([
            { "id": 1, "address_count": 12, "addresses": (1..=10).map(address).collect::<Vec<_>>() },
            { "id": 2, "address_count": 0, "addresses": [] },
        ]);
        let (page, items) = match seen.query.get("page").map(String::as_str) {
            Some("2") => (2, (9..=12).map(address).collect::<Vec<_>>()),
            _ => (1, (1..=8).map(address).collect()),
        };
        let pages = json!({ "pagination": { "current_page": page, "total_pages": 2 } });
        match seen.path.ends_with("/addresses") {
            true => axum::Json(json!({ "data": items, "meta": pages })).into_response(),
            false => data(customer),
        }
    })
    .await;
    let include = Include { addresses: true, ..Include::NOTHING };
    let found = fake.client().customers(&ids(1..=2), include).await.unwrap();
    let counts: Vec<usize> =
        found.iter().map(|customer| customer.addresses.as_ref().unwrap().len()).collect();
    assert_eq!((counts, fake.calls()), (vec![12, 0], 3));
    assert_eq!(fake.seen()[1].values("customer_id:in"), ["1"]);
}

#[tokio::test]
async fn pages_follow_the_cursor_to_the_end() {
    let fake = Fake::start(|_, seen| {
        let (id, links) = match seen.query.get("after").map(String::as_str) {
            None => (1, json!({ "next": "?after=x" })),
            Some(_) => (2, json!({})),
        };
        let meta = json!({
            "pagination": { "total": 2 },
            "cursor_pagination": { "end_cursor": "eyJpZCI6MX0", "links": links }
        });
        axum::Json(json!({ "data": [{ "id": id }], "meta": meta })).into_response()
    })
    .await;
    let client = fake.client();
    let first = client.page(&PageQuery::default()).await.unwrap();
    assert_eq!((first.total, first.items.len()), (Some(2), 1));
    let second = client.page(&PageQuery { after: first.next, ..PageQuery::default() }).await.unwrap();
    assert!(second.next.is_none());
    assert_eq!(fake.seen()[1].query["after"], "eyJpZCI6MX0");
}

#[tokio::test]
async fn webhooks_are_created_woken_and_corrected_until_they_are_as_wanted() {
    let hook = |id: u32, scope: &str, active: bool| {
        json!({ "id": id, "scope": scope, "destination": "https://us.example/hook",
            "headers": { "x-secret": "s" }, "is_active": active })
    };
    let fake = Fake::start(move |n, seen| match (&seen.method, n) {
        (&Method::GET, 0) => data(json!([hook(1, "kept", true), hook(2, "asleep", false)])),
        (&Method::GET, _) => data(json!([hook(4, "raced", true)])),
        (&Method::PUT, _) => data(hook(2, "asleep", true)),
        _ if seen.body["scope"] == "raced" => refused(422, "exists", json!({})),
        _ => data(hook(3, "missing", true)),
    })
    .await;
    let headers = HookHeaders([("X-Secret".to_owned(), "s".to_owned())].into_iter().collect());
    let scopes = ["kept", "asleep", "missing", "raced"];
    let amiss = fake.client().hooks_amiss(&scopes, "https://us.example/hook", &headers).await.unwrap();
    assert_eq!((amiss.len(), fake.calls()), (3, 1));
    fake.client().repair_hooks(&amiss).await.unwrap();
    assert_eq!(fake.calls(), 5);
    assert_eq!(fake.seen()[1].path, "/stores/abc123/v3/hooks/2");
}

#[tokio::test]
async fn a_webhook_that_is_deleted_while_it_is_corrected_is_created() {
    let hook =
        json!({ "id": 2, "scope": "asleep", "destination": "https://us.example/hook", "is_active": false });
    let fake = Fake::start(move |_, seen| match seen.method {
        Method::PUT => refused(404, "Webhook with id [2] not found", json!({})),
        _ if seen.method == Method::GET => data(json!([hook])),
        _ => data(hook.clone()),
    })
    .await;
    let headers = HookHeaders::default();
    let amiss = fake.client().hooks_amiss(&["asleep"], "https://us.example/hook", &headers).await.unwrap();
    fake.client().repair_hooks(&amiss).await.unwrap();
    let methods: Vec<Method> = fake.seen().iter().map(|seen| seen.method.clone()).collect();
    assert_eq!(methods, [Method::GET, Method::PUT, Method::POST]);
}
