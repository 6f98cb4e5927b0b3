//! Walks over all customers of a store: what they cost and what they must not do.

mod cursors;
mod deadlines;

use std::time::Duration;

use local::{
    bigcommerce::{Fault, FaultKind},
    stack::{Options, Stack, Time},
};
use shared::{application::Application, report::AttentionKind};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// The longest page of most of these stores.
const PAGE: usize = 10;

async fn connected(customers: u32) -> (Stack, Application) {
    let stack = Stack::start(Options { customers, ..Options::default() }).await.unwrap();
    let application = stack.connect("main-store".parse().unwrap(), "Main store").await.unwrap();
    (stack, application)
}

async fn in_step(customers: u32) -> (Stack, Application) {
    let (stack, application) = connected(customers).await;
    stack.settle().await.unwrap();
    (stack, application)
}

fn pass(stack: &Stack, time: Duration) {
    let Time::ByHand(clock) = stack.time() else { panic!("the clock is a manual one") };
    clock.advance(time);
}

/// Deletes customers so that nobody is told.
async fn delete_untold(stack: &Stack, application: &Application, count: usize) {
    stack.store().faults([Fault::new(FaultKind::LoseWebhook)]);
    let ids: Vec<_> =
        stack.store().customers().iter().take(count).filter_map(|customer| customer.id).collect();
    stack.bigcommerce().store(application).delete_customers(&ids).await.unwrap();
    stack.settle().await.unwrap();
    stack.store().clear_faults();
}

async fn a_day_later(stack: &Stack) {
    pass(stack, DAY);
    stack.watch().await.unwrap();
    stack.settle().await.unwrap();
}

async fn asked(stack: &Stack) -> Vec<(AttentionKind, String)> {
    let page = stack.tables().all_attention(None, 100).await.unwrap();
    page.attention.into_iter().map(|attention| (attention.kind, attention.detail)).collect()
}

#[tokio::test]
async fn what_nobody_told_is_found_within_a_day() {
    let (stack, application) = in_step(30).await;
    delete_untold(&stack, &application, 5).await;
    assert_eq!(stack.tables().count_users().await.unwrap(), 30);
    a_day_later(&stack).await;
    assert_eq!(stack.tables().count_users().await.unwrap(), 25);
}

#[tokio::test]
async fn a_store_that_is_suddenly_empty_empties_nothing_and_a_person_is_asked_g68() {
    let (stack, mut application) = in_step(30).await;
    delete_untold(&stack, &application, 30).await;
    a_day_later(&stack).await;
    assert_eq!(stack.tables().count_users().await.unwrap(), 30);
    let asked_now = asked(&stack).await;
    assert_eq!(asked_now.len(), 1);
    let (kind, detail) = &asked_now[0];
    assert_eq!(*kind, AttentionKind::Deletions);
    assert!(detail.starts_with("30 of 30 customers"), "{detail}");

    // A person lets them go, and nobody waits for tomorrow.
    application.policies.deletion_brake.number = 30;
    stack.tables().put_application(&application).await.unwrap();
    stack.watch().await.unwrap();
    stack.settle().await.unwrap();
    assert_eq!(stack.tables().count_users().await.unwrap(), 0);
    assert!(asked(&stack).await.is_empty());
}
