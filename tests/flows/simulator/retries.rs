//! What happens to webhooks that are not received.

use std::time::Duration;

use local::bigcommerce::{Config, Entry, Outcome, Plan};
use serde_json::json;

use super::{Bench, Receiver};

/// Seconds from each attempt to the next.
const LADDER: [u64; 11] = [60, 180, 300, 600, 900, 1800, 3600, 7200, 21600, 50400, 86400];

#[tokio::test]
async fn a_refused_delivery_climbs_the_ladder_and_then_its_hook_is_switched_off() {
    let bench = Bench::start();
    let receiver = Receiver::start().await;
    receiver.answers(500);
    let hook = bench.hook("store/customer/created", &receiver.url).await;
    bench.customer("ada@example.com").await;
    assert_eq!(bench.store.deliver_due().await, 1);
    for wait in LADDER {
        bench.wait(wait - 1);
        assert_eq!(bench.store.deliver_due().await, 0);
        bench.wait(1);
        assert_eq!(bench.store.deliver_due().await, 1);
    }
    let attempts = receiver.take();
    assert_eq!(attempts.len(), 12);
    let same = |name: &str| attempts.iter().all(|(headers, _)| headers[name] == attempts[0].0[name]);
    assert!(same("webhook-id") && !same("webhook-timestamp") && !same("webhook-signature"));
    assert!(attempts.iter().all(|(_, body)| *body == attempts[0].1));
    assert_eq!(bench.store.pending(), 0);
    let admin = bench.get("/v3/hooks/admin").await.json();
    assert_eq!(admin["data"]["hooks_list"][0]["status"], "deactivated");
    bench.customer("late@example.com").await;
    assert_eq!(bench.store.pending(), 0);
    bench.put(&format!("/v3/hooks/{hook}"), json!({ "is_active": true })).await;
    bench.customer("later@example.com").await;
    assert_eq!(bench.store.pending(), 1);
}

#[tokio::test]
async fn a_delivery_that_is_received_at_last_is_settled() {
    let bench = Bench::start();
    let receiver = Receiver::start().await;
    receiver.answers(503);
    bench.hook("store/customer/created", &receiver.url).await;
    bench.customer("ada@example.com").await;
    bench.store.deliver_due().await;
    assert_eq!(bench.store.pending(), 1);
    receiver.answers(204);
    bench.wait(60);
    bench.store.deliver_due().await;
    assert_eq!(bench.store.pending(), 0);
    let outcomes: Vec<Outcome> = bench
        .store
        .log()
        .into_iter()
        .filter_map(|entry| match entry {
            Entry::Delivery { outcome, .. } => Some(outcome),
            _ => None,
        })
        .collect();
    assert_eq!(outcomes, [Outcome::Answered(503), Outcome::Answered(204)]);
}

#[tokio::test]
async fn a_receiver_that_does_not_answer_in_time_is_tried_again() {
    let (plan, delivery_timeout) = (Plan::UNLIMITED, Duration::from_millis(20));
    let config = Config { plan, delivery_timeout, allow_local_destinations: true, ..Config::default() };
    let bench = Bench::with(config);
    // Connections are taken by the system and answered by nobody.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    bench.hook("store/customer/created", &format!("http://{}/", silent.local_addr().unwrap())).await;
    bench.customer("ada@example.com").await;
    assert_eq!(bench.store.deliver_due().await, 1);
    assert!(matches!(bench.store.log().last(), Some(Entry::Delivery { outcome: Outcome::Failed, .. })));
    assert_eq!(bench.store.pending(), 1);
}

#[tokio::test]
async fn a_redirect_is_no_receipt_and_is_not_followed() {
    let bench = Bench::start();
    let receiver = Receiver::start().await;
    receiver.answers(302);
    bench.hook("store/customer/created", &receiver.url).await;
    bench.customer("ada@example.com").await;
    bench.store.deliver_due().await;
    assert_eq!((receiver.take().len(), bench.store.pending()), (1, 1));
}

#[tokio::test]
async fn a_domain_that_answers_badly_is_blocked_for_three_minutes_with_all_its_hooks() {
    let bench = Bench::start();
    let receiver = Receiver::start().await;
    receiver.answers(500);
    bench.hook("store/customer/updated", &receiver.url).await;
    bench.hook("store/customer/*", &receiver.url).await;
    let id = bench.customer("ada@example.com").await;
    for n in 0..60 {
        bench.put("/v3/customers", json!([{ "id": id, "notes": n.to_string() }])).await;
    }
    assert_eq!(bench.store.deliver_due().await, 121);
    let tried = receiver.take().len();
    assert!((100..121).contains(&tried), "{tried}");
    let blocked = bench.get("/v3/hooks/admin").await.json()["data"]["blocked_domains"].clone();
    assert_eq!((&blocked[0]["destination"], &blocked[0]["time_left"]), (&json!("127.0.0.1"), &json!(180)));
    receiver.answers(200);
    bench.wait(60);
    assert_eq!(bench.store.deliver_due().await, 121);
    assert_eq!(receiver.take().len(), 0);
    bench.wait(180);
    assert_eq!(bench.store.deliver_due().await, 121);
    assert_eq!((receiver.take().len(), bench.store.pending()), (121, 0));
}

#[tokio::test]
async fn ninety_days_of_silence_switch_a_hook_off() {
    let bench = Bench::start();
    let hook = bench.hook("store/customer/*", "http://127.0.0.1:9/in").await;
    bench.wait(90 * 86_400);
    bench.store.deliver_due().await;
    let path = format!("/v3/hooks/{hook}");
    assert_eq!(bench.get(&path).await.json()["data"]["is_active"], true);
    bench.wait(1);
    bench.store.deliver_due().await;
    assert_eq!(bench.get(&path).await.json()["data"]["is_active"], false);
}

#[tokio::test]
async fn deliveries_to_a_hook_that_is_gone_are_dropped() {
    let bench = Bench::start();
    let receiver = Receiver::start().await;
    let hook = bench.hook("store/customer/created", &receiver.url).await;
    bench.customer("ada@example.com").await;
    bench.delete(&format!("/v3/hooks/{hook}")).await;
    bench.store.deliver_due().await;
    assert_eq!((receiver.take().len(), bench.store.pending()), (0, 0));
}
