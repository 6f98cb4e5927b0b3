//! A store so large that its walk outlives a call of the function: each answer takes so long that
//! three pages fit into one.

use std::collections::BTreeSet;

use local::{
    bigcommerce::{Entry, Fault, FaultKind},
    stack::{Stack, Time},
    triggers::KillAfter,
};
use shared::{application::Application, report::AttentionKind};

use super::{PAGE, asked, connected, in_step};

const CUSTOMERS: u32 = 100;
const PAGES_A_CALL: usize = 3;

fn slow(stack: &Stack) {
    stack.store().clear_faults();
    stack.store().faults([
        Fault::new(FaultKind::ShortPages { most: PAGE }).on("GET /v3/customers"),
        Fault::new(FaultKind::Latency { ms: 95_000 }).on("GET /v3/customers"),
    ]);
}

/// The pages asked for, each by what it begins after.
fn pages(stack: &Stack) -> Vec<String> {
    let page = |entry| match entry {
        Entry::Call { endpoint, uri, .. } if endpoint == "GET /v3/customers" && !uri.contains("id%3Ain") => {
            let after = uri.split(['?', '&']).find(|pair| pair.starts_with("after="));
            Some(after.unwrap_or("from the start").to_owned())
        }
        _ => None,
    };
    stack.store().log().into_iter().filter_map(page).collect()
}

/// Has the store watched while its answers are slow: time passes although calls are under way.
async fn watch(stack: &Stack) {
    let Time::ByHand(clock) = stack.time() else { panic!("the clock is a manual one") };
    let time = async {
        loop {
            for _ in 0..50 {
                tokio::task::yield_now().await;
            }
            if let Some(next) = clock.next_wake_up() {
                clock.advance_to(next);
            }
        }
    };
    tokio::select! {
        watched = stack.watch() => watched.unwrap(),
        () = time => {}
    }
}

/// Calls the watch until nothing is left to walk; after each call how many pages it took.
async fn walk(stack: &Stack) -> Vec<usize> {
    let (mut taken, mut before) = (Vec::new(), pages(stack).len());
    loop {
        watch(stack).await;
        let pages = pages(stack).len();
        if pages == before {
            return taken;
        }
        taken.push(pages - before);
        before = pages;
        assert!(taken.len() <= CUSTOMERS as usize, "the walk does not come to its end");
    }
}

#[tokio::test]
async fn a_walk_that_outlives_its_call_goes_on_in_the_next_where_it_stood_g62() {
    let (stack, _) = in_step(CUSTOMERS).await;
    let before = pages(&stack).len();
    slow(&stack);
    super::pass(&stack, super::DAY);
    assert_eq!(walk(&stack).await, [3, 3, 3, 1]);
    let walked = pages(&stack).split_off(before);
    let each: BTreeSet<&String> = walked.iter().collect();
    assert_eq!((walked.len(), each.len()), (10, 10), "no page is walked twice");
    assert_eq!(stack.left(), [""; 0]);
}

#[tokio::test]
async fn a_first_walk_over_many_calls_brings_in_everybody_g62() {
    let (stack, application) = connected(0).await;
    stack.settle().await.unwrap();
    stack.store().seed(CUSTOMERS, 1);
    slow(&stack);
    stack.store().faults([Fault::new(FaultKind::DeactivateHooks)]);
    assert_eq!(walk(&stack).await, [3, 3, 3, 1]);
    assert_eq!(stack.left().len(), CUSTOMERS as usize);
    stack.store().clear_faults();
    stack.settle().await.unwrap();
    crate::oracle::all_is_well(&stack, &application).await;
}

#[tokio::test]
async fn a_walk_killed_at_any_page_goes_on_there_and_fetches_one_page_twice_at_most_g60() {
    let (stack, application) = in_step(CUSTOMERS).await;
    stack.store().faults([Fault::new(FaultKind::ShortPages { most: PAGE }).on("GET /v3/customers")]);
    let ids: Vec<u32> = stack.store().customers().iter().map(|customer| customer.id.unwrap().get()).collect();
    for polls in (0..120).step_by(17) {
        for id in ids.iter().step_by(PAGE) {
            stack.store().set_past_the_rules(*id, "last_name", &format!("Number {polls}"));
        }
        super::pass(&stack, super::DAY);
        let before = pages(&stack).len();
        let died = KillAfter::new(stack.watch(), polls).await.is_none();
        stack.watch().await.unwrap();
        let walked = pages(&stack).len() - before;
        assert!((10..=10 + usize::from(died)).contains(&walked), "{walked} pages, killed after {polls}");
        assert_eq!(stack.left().len(), 10, "killed after {polls} polls");
        stack.settle().await.unwrap();
    }
    stack.store().clear_faults();
    crate::oracle::all_is_well(&stack, &application).await;
}

/// Every fourth customer is gone, so that no call of the function finds too many by itself.
async fn thinned() -> (Stack, Application) {
    let (stack, application) = in_step(CUSTOMERS).await;
    stack.store().faults([Fault::new(FaultKind::LoseWebhook)]);
    let ids: Vec<_> = stack.store().customers().iter().filter_map(|customer| customer.id).collect();
    let gone: Vec<_> = ids.into_iter().step_by(4).collect();
    stack.bigcommerce().store(&application).delete_customers(&gone).await.unwrap();
    slow(&stack);
    super::pass(&stack, super::DAY);
    (stack, application)
}

#[tokio::test]
async fn the_deletion_brake_counts_on_over_the_calls_of_one_walk_g68() {
    let (stack, application) = thinned().await;
    let taken = walk(&stack).await;
    assert!(taken[0] == PAGES_A_CALL && taken.len() > 1, "the second call stops it: {taken:?}");
    stack.store().clear_faults();
    stack.settle().await.unwrap();
    let brake = application.policies.deletion_brake;
    let users = stack.tables().count_users().await.unwrap();
    assert!(users >= u64::from(CUSTOMERS - brake.number), "no more than the brake lets pass: {users}");
    let (kind, detail) = asked(&stack).await.remove(0);
    assert_eq!(kind, AttentionKind::Deletions);
    let passed = u64::from(CUSTOMERS) - users;
    assert!(detail.contains(&format!("The first {passed} were taken for deleted")), "{detail}");
}
