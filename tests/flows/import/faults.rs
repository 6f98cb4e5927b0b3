//! Runs that are killed, refused and overtaken.

use std::time::Duration;

use local::bigcommerce::{Fault, FaultKind, Plan};
use shared::import::{Effect, State};

use super::bench::{Bench, PAGES};

/// Longer than the lease of a run.
const A_LEASE: Duration = Duration::from_secs(200);

#[tokio::test]
async fn a_run_killed_again_and_again_goes_on_where_it_stood_g60() {
    let bench = Bench::with(30).await;
    bench.short_pages(5);
    let run = bench.begin(Effect::Apply).await;
    let (before, killer) = (bench.pages(), bench.stack.killer());
    killer.kill_some(11, 1.0, 60);
    while killer.deaths().len() < 12 {
        bench.stack.round().await.unwrap();
        bench.pass(A_LEASE);
    }
    killer.rest();
    bench.settle().await;
    let run = bench.run(&run).await;
    assert_eq!((run.state, run.counts.total(), run.pages), (State::Done, 30, 6));
    let again = bench.pages() - before - 6;
    // Rows of work that were left are looked at by calls of their own.
    assert!(again <= 2 * killer.deaths().len() as u64, "{again} calls more for {:?}", killer.deaths());
    bench.all_is_well().await;
}

#[tokio::test]
async fn customers_that_come_and_go_while_the_run_is_on_its_way_are_neither_lost_nor_doubled_g59() {
    let bench = Bench::with(60).await;
    bench.short_pages(2);
    bench.begin(Effect::Apply).await;
    let people = async {
        for n in 0..20 {
            let (seen, ids) = (bench.pages(), bench.ids());
            bench.delete(&[ids[(n * 7) % ids.len()]]).await;
            bench.create(&format!("new{n}@x.example")).await;
            while bench.pages() == seen && bench.job().await.run.state == State::Active {
                tokio::task::yield_now().await;
            }
        }
    };
    let (settled, ()) = tokio::join!(bench.stack.settle(), people);
    settled.unwrap();
    bench.settle().await;
    assert_eq!((bench.job().await.run.state, bench.users().await), (State::Done, 60));
    bench.all_is_well().await;
}

#[tokio::test]
async fn every_fault_at_once_ends_as_none_g64() {
    let bench = Bench::with(60).await;
    bench.short_pages(5);
    let store = bench.stack.store();
    let some = |kind, chance| Fault::new(kind).on(PAGES).chance(chance);
    store.faults([
        some(FaultKind::ServerError { status: 503, html: true, applied: false }, 0.05),
        some(FaultKind::Drop { applied: false }, 0.03),
        some(FaultKind::Truncate, 0.02),
        some(FaultKind::HtmlOk, 0.02),
        some(FaultKind::TooManyRequests { headers: false, retry_after: None }, 0.05),
    ]);
    let run = bench.begin(Effect::Apply).await;
    bench.stack.settle().await.unwrap();
    store.clear_faults();
    bench.settle().await;
    let run = bench.run(&run).await;
    assert_eq!((run.state, run.counts.create, run.counts.total()), (State::Done, 60, 60));
    bench.all_is_well().await;
}

#[tokio::test]
async fn a_cursor_that_is_refused_midway_does_not_begin_the_run_again_g69() {
    let bench = Bench::with(60).await;
    bench.short_pages(10);
    let refused = Fault::new(FaultKind::RefuseCursor { status: 422 }).on(PAGES);
    bench.stack.store().faults([refused.times(1)]);
    let run = bench.import().await;
    assert_eq!((run.counts.create, run.counts.total()), (60, 60));
    bench.all_is_well().await;
}

#[tokio::test]
async fn customers_that_are_gone_take_their_users_with_them_g68() {
    let bench = Bench::with(30).await;
    bench.import().await;
    let gone = bench.ids()[..5].to_vec();
    bench.silently(bench.delete(&gone)).await;
    let run = bench.import().await;
    assert_eq!((run.counts.delete, run.counts.unchanged), (5, 25));
    assert_eq!(bench.users().await, 25);
    bench.all_is_well().await;
}

#[tokio::test]
async fn a_store_that_is_suddenly_empty_stops_the_run_and_a_person_lets_it_go_on_g68() {
    let mut bench = Bench::with(30).await;
    bench.import().await;
    bench.silently(bench.delete(&bench.ids())).await;
    let run = bench.begin(Effect::Apply).await;
    bench.settle().await;
    let stopped = bench.job().await;
    assert_eq!((stopped.run.state, bench.users().await), (State::Stopped, 30));
    assert!(stopped.run.detail.starts_with("30 of 30 customers"), "{}", stopped.run.detail);
    assert_eq!(crate::oracle::attention(&bench.stack).await.len(), 1);

    bench.application.policies.deletion_brake.number = 30;
    let tables = bench.stack.tables();
    tables.put_application(&bench.application).await.unwrap();
    let now = bench.stack.clock().now();
    let resumed = stopped.run.asked(shared::import::Command::Resume, now).unwrap();
    let resumed = shared::import::Job { run: resumed, due_at: now, ..stopped.clone() };
    tables.put_job(Some(&stopped), &resumed).await.unwrap().unwrap();
    bench.settle().await;
    assert_eq!((bench.run(&run).await.counts.delete, bench.users().await), (30, 0));
    assert!(crate::oracle::attention(&bench.stack).await.is_empty());
}

#[tokio::test]
async fn a_run_longer_than_a_call_goes_on_in_further_calls_by_itself_g62() {
    let bench = Bench::at(80, Plan::STANDARD, |_| {}).await;
    bench.short_pages(1);
    // With the reserve, that leaves us a call or two in each 30 seconds.
    bench.fault(FaultKind::OtherApps { requests: 118 });
    let run = bench.begin(Effect::Apply).await;
    bench.stack.settle().await.unwrap();
    bench.stack.store().clear_faults();
    let run = bench.run(&run).await;
    assert_eq!((run.state, run.counts.create, run.pages), (State::Done, 80, 80));
    assert!(run.ended_at.unwrap().duration_since(run.begun_at).as_secs() > 900, "{:?}", run.ended_at);
    bench.all_is_well().await;
}
