//! Deliveries that are lost while the hook stays on: nothing ever tells of them.

use std::time::Duration;

use local::bigcommerce::{Fault, FaultKind};
use shared::application::{Application, Policies};

use super::Town;
use crate::oracle::NOTHING;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// A store with four customers, of whom one was since created, edited, given an address or deleted each,
/// and not one delivery of that came.
async fn silent_town() -> Town {
    let town = Town::start().await;
    let mut known = Vec::new();
    for n in 0..3 {
        known.push(town.add(&format!("known{n}@x.example")).await.unwrap());
    }
    town.stack.settle().await.unwrap();
    town.stack.store().faults([Fault::new(FaultKind::LoseWebhook)]);
    town.add("new@x.example").await.unwrap();
    assert!(town.change(known[0], "company", "Analytical Engines").await);
    assert!(town.add_address(known[1], 1).await);
    town.remove(known[2]).await;
    town.stack.store().clear_faults();
    town.stack.settle().await.unwrap();
    assert_ne!(town.problems().await, NOTHING, "they are lost");
    town
}

#[tokio::test]
async fn what_the_store_silently_failed_to_tell_is_found_within_a_day_g16() {
    let town = silent_town().await;
    town.clock.advance(DAY);
    town.stack.settle().await.unwrap();
    assert_eq!(town.problems().await, NOTHING);
}

#[tokio::test]
async fn a_store_that_wants_no_daily_walk_is_not_walked() {
    let town = silent_town().await;
    let policies = Policies { survey_every_hours: 0, ..Policies::default() };
    let application = Application { policies, ..town.application.clone() };
    town.stack.tables().put_application(&application).await.unwrap();
    let pages = town.stack.store().calls().of("GET /v3/customers");
    town.clock.advance(10 * DAY);
    town.stack.settle().await.unwrap();
    assert_eq!(town.stack.store().calls().of("GET /v3/customers"), pages);
}

#[tokio::test]
async fn the_daily_walk_over_what_has_not_changed_costs_a_call_for_250_customers_and_no_write_g65() {
    let town = Town::start().await;
    town.stack.store().seed(300, 1);
    town.stack.store().faults([Fault::new(FaultKind::DeactivateHooks)]);
    town.clock.advance(Duration::from_secs(15 * 60));
    town.stack.settle().await.unwrap();
    assert_eq!(town.stack.tables().count_users().await.unwrap(), 300);
    // What the report has of it is sealed first.
    town.clock.advance(Duration::from_secs(2 * 3600));
    town.stack.settle().await.unwrap();
    let pages = town.stack.store().calls().of("GET /v3/customers");
    town.clock.advance(DAY);
    town.stack.engine().gate().forget_calls();
    town.stack.settle().await.unwrap();
    assert_eq!(town.stack.store().calls().of("GET /v3/customers") - pages, 2);
    let calls = town.stack.engine().gate().calls();
    let writes = ["UpdateItem", "TransactWriteItems", "BatchWriteItem", "DeleteItem"];
    assert!(writes.iter().all(|write| !calls.contains_key(*write)), "{calls:?}");
    assert_eq!(calls["PutItem"], 3, "where the walk stands, at its beginning and after each page");
}
