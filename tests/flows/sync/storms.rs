//! A store that answers nobody: it is left in peace, nothing is lost, and what waits goes on by itself.

use local::{
    bigcommerce::{Fault, FaultKind},
    engine,
};
use shared::{report::AttentionKind, work::Subject};

use super::bench::Bench;
use crate::oracle;

const READ: &str = "GET /v3/customers";
const CREATE: &str = "POST /v3/customers";

impl Bench {
    /// As long as nothing is put right: the sweeps of so many minutes.
    async fn minutes(&self, minutes: u32) {
        for _ in 0..minutes {
            while self.stack.round().await.unwrap() {}
            self.pass(60);
        }
    }

    async fn asked_about_credentials(&self) {
        let asked = oracle::attention(&self.stack).await;
        assert_eq!(asked.iter().map(|asked| asked.kind).collect::<Vec<_>>(), [AttentionKind::Credentials]);
    }
}

#[tokio::test]
async fn a_store_that_refuses_the_token_is_called_once_in_five_minutes_whatever_waits_g57() {
    for kind in [FaultKind::RevokeToken, FaultKind::Suspend] {
        let bench = Bench::with(0).await;
        bench.stack.store().faults([Fault::new(kind)]);
        bench.add_many(300).await;
        let calls = bench.stack.store().calls().total();
        bench.minutes(30).await;
        bench.asked_about_credentials().await;
        assert_eq!(bench.stack.left().len(), 300, "what waits stays");
        let calls = bench.stack.store().calls().total() - calls;
        assert!(calls <= 30 / 5 + 3 + 2 * 7, "{calls} calls, those of the watch among them");
        bench.stack.store().clear_faults();
        bench.all_is_well().await;
        assert_eq!(bench.stack.store().count(), 300);
    }
}

#[tokio::test]
async fn a_new_token_is_tried_at_once_g57() {
    let bench = Bench::with(0).await;
    bench.add_many(120).await;
    let account = bench.stack.store().rotate();
    bench.minutes(3).await;
    bench.asked_about_credentials().await;
    assert_eq!(bench.stack.store().count(), 0);
    let mut application = bench.application.clone();
    application.credentials.access_token = account.access_token;
    application.credentials.client_secret = account.client_secret;
    bench.stack.tables().put_application(&application).await.unwrap();
    bench.minutes(1).await;
    assert!(bench.stack.store().count() >= 70, "those that were left as they were");
    bench.all_is_well().await;
    assert_eq!(bench.stack.store().count(), 120);
}

#[tokio::test]
async fn storms_of_too_many_requests_are_waited_out_g50() {
    let bench = Bench::with(0).await;
    bench.stack.store().faults([
        Fault::new(FaultKind::TooManyRequests { headers: false, retry_after: None }).chance(0.3),
        Fault::new(FaultKind::OtherApps { requests: 140 }),
    ]);
    bench.add_many(60).await;
    for _ in 0..40 {
        while bench.stack.round().await.unwrap() {}
        bench.pass(30);
    }
    bench.stack.store().clear_faults();
    bench.all_is_well().await;
    let calls = bench.stack.store().calls();
    assert!(calls.most_refused_in_a_window <= 1, "{calls:?}");
    assert_eq!(bench.stack.store().count(), 60);
}

#[tokio::test]
async fn after_a_refusal_without_headers_nobody_calls_for_five_seconds_g50() {
    let bench = Bench::with(0).await;
    bench.fault(FaultKind::TooManyRequests { headers: false, retry_after: None }, READ, 1);
    bench.add_many(60).await;
    let calls = bench.calls(READ);
    while bench.stack.round().await.unwrap() {}
    bench.pass(4);
    while bench.stack.round().await.unwrap() {}
    assert_eq!(bench.calls(READ) - calls, 1);
    bench.all_is_well().await;
}

#[tokio::test]
async fn what_the_stream_gave_up_is_found_by_the_sweep_after_thirty_hours_g53() {
    let bench = Bench::with(0).await;
    bench.stack.store().faults([Fault::new(FaultKind::ServerError {
        status: 503,
        html: true,
        applied: false,
    })]);
    bench.add_many(120).await;
    for _ in 0..60 {
        while bench.stack.round().await.unwrap() {}
        bench.pass(1_800);
    }
    assert_eq!(bench.stack.left().len(), 120);
    bench.stack.store().clear_faults();
    bench.all_is_well().await;
    assert_eq!((bench.stack.store().count(), bench.calls(CREATE) >= 12), (120, true));
}

#[tokio::test]
async fn of_a_batch_that_fails_in_part_only_what_failed_comes_again_g54() {
    let bench = Bench::with(0).await;
    let users = bench.add_many(60).await;
    let subjects: Vec<Subject> = users.into_iter().map(|user| Subject::User(user.id)).collect();
    bench.stack.engine().gate().fail("TransactWriteItems", engine::Fault::Unavailable, 60);
    let engine = bench.engine();
    let looked = engine.look(&subjects, bench.later(600)).await.unwrap();
    assert!(looked.done > 0 && looked.put_off > 0, "{looked:?}");
    assert_eq!(looked.done + looked.put_off, 60);
    let calls = bench.stack.store().calls().total();
    let again = engine.look(&subjects, bench.later(600)).await.unwrap();
    assert_eq!((again.done, bench.stack.store().calls().total() - calls), (0, 0), "nothing of it is due");
    bench.all_is_well().await;
    assert_eq!((bench.stack.store().count(), bench.calls(CREATE)), (60, 6));
}

#[tokio::test]
async fn a_look_that_has_no_time_left_takes_nothing_up_and_leaves_the_rest_due_g56() {
    let bench = Bench::with(0).await;
    let users = bench.add_many(120).await;
    let subjects: Vec<Subject> = users.into_iter().map(|user| Subject::User(user.id)).collect();
    let calls = bench.stack.store().calls().total();
    let looked = bench.engine().look(&subjects, bench.later(0)).await.unwrap();
    assert_eq!((looked.done, looked.skipped), (0, 120));
    assert_eq!(bench.stack.store().calls().total(), calls);
    // An answer takes three seconds: there is time for two batches of fifty.
    bench.stack.store().faults([Fault::new(FaultKind::Latency { ms: 3_000 })]);
    let engine = bench.engine();
    let looked = bench.while_time_passes(engine.look(&subjects, bench.later(20))).await.unwrap();
    assert_eq!((looked.done, looked.skipped), (100, 20));
    assert_eq!(bench.stack.store().count(), 100, "no batch is begun and not ended");
    bench.stack.store().clear_faults();
    bench.all_is_well().await;
    assert_eq!(bench.stack.store().count(), 120);
}
