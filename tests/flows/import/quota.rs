//! What a run takes of the store's quota, and what it costs the tables.

use local::bigcommerce::{FaultKind, Plan};
use shared::import::{Effect, State};

use super::bench::{Bench, PAGES};

#[tokio::test]
async fn a_run_keeps_to_the_quota_less_the_reserve_and_wastes_none_of_it_g63() {
    let bench = Bench::at(250, Plan::STANDARD, |_| {}).await;
    bench.short_pages(1);
    let before = bench.pages();
    let run = bench.import().await;
    assert_eq!((run.pages, bench.pages() - before), (250, 250));
    // 120 of 150 calls a window are ours: two windows go by before the third holds the rest.
    assert!(run.worked_ms <= 2 * 31_500, "{} ms", run.worked_ms);
    assert_eq!(bench.stack.store().calls().answered(429), 0);
    bench.stack.store().clear_faults();
    bench.all_is_well().await;
}

#[tokio::test]
async fn a_quota_that_others_take_is_waited_for_and_nothing_is_lost_g63() {
    let bench = Bench::at(60, Plan::STANDARD, |_| {}).await;
    bench.short_pages(1);
    bench.fault(FaultKind::OtherApps { requests: 120 });
    let run = bench.import().await;
    assert_eq!((run.state, run.counts.create), (State::Done, 60));
    assert!(bench.stack.store().calls().most_refused_in_a_window <= 1);
    bench.stack.store().clear_faults();
    bench.all_is_well().await;
}

#[tokio::test]
async fn an_unchanged_page_costs_a_few_reads_and_a_checkpoint_now_and_then_g65() {
    let bench = Bench::with(100).await;
    bench.short_pages(1);
    bench.import().await;
    let before = bench.pages();
    bench.stack.engine().gate().forget_calls();
    let run = bench.begin(Effect::Apply).await;
    bench.settle().await;
    assert_eq!(bench.run(&run).await.counts.unchanged, 100);
    assert_eq!(bench.stack.store().calls().of(PAGES) - before, 100);
    let calls = bench.stack.engine().gate().calls();
    // It begins, is taken up, is written down after each 40 pages, is kept, and ends.
    let puts = calls.get("PutItem").copied().unwrap_or_default();
    assert!(puts <= 1 + 1 + 2 + 1 + 1, "{calls:?}");
    assert_eq!(calls.get("TransactWriteItems"), None, "{calls:?}");
}
