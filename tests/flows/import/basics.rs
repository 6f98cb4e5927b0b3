//! What a run comes to where nothing goes wrong.

use shared::{
    import::{Counts, Effect, State},
    store::Table,
};

use super::bench::Bench;

#[tokio::test]
async fn a_full_run_makes_every_customer_a_user_at_a_call_for_250_of_them() {
    let bench = Bench::with(260).await;
    let before = bench.pages();
    let run = bench.import().await;
    assert_eq!(run.counts, Counts { create: 260, ..Counts::default() });
    assert_eq!((run.pages, bench.pages() - before), (2, 2));
    assert_eq!(bench.users().await, 260);
    bench.all_is_well().await;
}

#[tokio::test]
async fn an_unchanged_re_import_writes_no_user_and_calls_nothing_but_pages_g65() {
    let bench = Bench::with(260).await;
    bench.import().await;
    let versions = async || -> Vec<u64> {
        crate::oracle::users(&bench.stack).await.iter().map(|user| user.version).collect()
    };
    let (before, calls) = (versions().await, bench.stack.store().calls().total());
    bench.stack.tables().meter().take(Table::Users);
    let run = bench.import().await;
    let used = bench.stack.tables().meter().take(Table::Users);
    assert!(used.read <= 0.02 * 260.0 && used.write == 0.0, "{used:?}");
    assert_eq!(run.counts, Counts { unchanged: 260, ..Counts::default() });
    assert_eq!(versions().await, before);
    assert_eq!(bench.stack.store().calls().total() - calls, 2);
    assert!(bench.stack.mailbox().mails().is_empty());
    bench.all_is_well().await;
}

#[tokio::test]
async fn a_second_run_does_not_begin_while_one_is_under_way_g61() {
    let bench = Bench::with(3).await;
    let first = bench.begin(Effect::Apply).await;
    let job = bench.job().await;
    let other = shared::import::Run::full(
        bench.application.id.clone(),
        Effect::Apply,
        "ben",
        bench.stack.clock().now(),
    );
    assert!(
        shared::import::scheduled(
            &bench.application.id,
            &bench.application.policies,
            Some(&job),
            bench.stack.clock().now()
        )
        .is_none()
    );
    // Both have read that there is none, and write at once: only what was read is written over.
    let tables = bench.stack.tables();
    assert!(tables.put_job(None, &shared::import::Job::new(other, None)).await.unwrap().is_none());
    bench.settle().await;
    assert_eq!(bench.run(&first).await.state, State::Done);
    bench.all_is_well().await;
}
