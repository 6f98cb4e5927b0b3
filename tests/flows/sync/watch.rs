//! The watch itself: what it is refused, what it writes, and what becomes of it when it is cut off.

use local::{
    bigcommerce::{Fault, FaultKind},
    engine,
    triggers::KillAfter,
};
use serde_json::{Value, json};
use shared::report::{Action, AttentionKind, Entry};

use super::bench::Bench;
use crate::oracle;

/// Longer than the schedule of the watch.
const A_WATCH: u64 = 15 * 60 + 1;
const A_DAY: u64 = 24 * 3600;

impl Bench {
    async fn watch(&self) {
        self.pass(A_WATCH);
        self.stack.watch().await.unwrap();
    }

    async fn asks(&self) -> Vec<(AttentionKind, String)> {
        let attention = oracle::attention(&self.stack).await;
        attention.into_iter().map(|asked| (asked.kind, asked.detail)).collect()
    }

    /// What was told, in the order of causes: much of it is of one moment.
    async fn causes(&self, known: usize) -> Vec<(String, Action)> {
        let told = self.told(known).await.into_iter();
        let mut causes: Vec<_> = told.map(|entry: Entry| (entry.cause, entry.action)).collect();
        causes.sort_by(|one, other| one.0.cmp(&other.0));
        causes
    }

    /// The webhooks go off, and a customer changes; how much had been told.
    async fn opens_gap(&self, company: &str) -> usize {
        self.stack.store().faults([Fault::new(FaultKind::DeactivateHooks)]);
        self.change(1, "company", company).await;
        self.count().await
    }

    /// With the next watch at the latest, one repair is told, and the update that was missed.
    async fn is_closed(&self, known: usize, how: &str) {
        self.watch().await;
        self.settle().await;
        let expected = [("survey/gap", Action::UpdateUser), ("watch", Action::RepairWebhooks)];
        let expected = expected.map(|(cause, action)| (cause.to_owned(), action));
        assert_eq!(self.causes(known).await, expected, "{how}");
    }

    /// Something happens that nobody is told of.
    async fn change_untold(&self, company: &str) {
        self.fault(FaultKind::LoseWebhook, "store/", 1);
        self.change(1, "company", company).await;
        self.stack.store().clear_faults();
    }

    async fn writes_of(&self, calls: impl AsyncFnOnce()) -> u64 {
        self.stack.engine().gate().forget_calls();
        calls().await;
        let calls = self.stack.engine().gate().calls();
        let writes = ["PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"];
        writes.iter().filter_map(|write| calls.get(*write)).sum()
    }
}

#[tokio::test]
async fn credentials_that_the_watch_is_refused_ask_for_a_person_once_until_they_work_again_g57() {
    for fault in [FaultKind::RevokeToken, FaultKind::Suspend] {
        let bench = Bench::with(1).await;
        bench.stack.store().faults([Fault::new(fault)]);
        bench.watch().await;
        let asked = bench.asks().await;
        assert_eq!(asked.len(), 1, "{asked:?}");
        assert_eq!(asked[0].0, AttentionKind::Credentials);
        let calls = bench.stack.store().calls().total();
        bench.watch().await;
        assert_eq!(bench.asks().await, asked);
        assert_eq!(bench.stack.store().calls().total() - calls, 1, "one call a watch");
        bench.stack.store().clear_faults();
        bench.watch().await;
        bench.all_is_well().await;
    }
}

#[tokio::test]
async fn a_token_that_may_see_webhooks_and_no_customers_asks_until_it_may_see_them_g57() {
    let bench = Bench::with(1).await;
    bench.fault(FaultKind::Suspend, "GET /v3/customers", 1_000);
    bench.pass(A_DAY);
    bench.watch().await;
    assert_eq!(bench.asks().await[0].0, AttentionKind::Credentials);
    bench.watch().await;
    assert_eq!(bench.asks().await.len(), 1, "that webhooks are seen settles nothing");
    bench.stack.store().clear_faults();
    bench.watch().await;
    bench.all_is_well().await;
}

#[tokio::test]
async fn a_store_that_is_gone_asks_for_a_person_and_stops_no_other_g57() {
    let bench = Bench::with(2).await;
    let mut gone = bench.application.clone();
    (gone.id, gone.store_hash) = ("a-store-that-is-gone".parse().unwrap(), "gone".to_owned());
    bench.stack.tables().put_application(&gone).await.unwrap();
    bench.change_untold("Found").await;
    bench.pass(A_DAY);
    bench.watch().await;
    while bench.stack.round().await.unwrap() {}
    // The user waits for the other store.
    bench.stack.leave_work();
    assert_eq!(bench.asks().await.len(), 1);
    assert_eq!(oracle::attention(&bench.stack).await[0].application, gone.id);
    assert_eq!(bench.known(1).await.attributes["organization"], "Found");
}

#[tokio::test]
async fn webhooks_that_the_store_does_not_take_ask_for_a_person_and_the_store_is_walked_all_the_same() {
    let bench = Bench::with(2).await;
    for hook in bench.hooks().await {
        bench.call("DELETE", &format!("hooks/{}", hook["id"]), Value::Null).await;
    }
    // Somebody else has the ten that there may be.
    for n in 0..10 {
        let hook =
            json!({ "scope": "store/customer/created", "destination": format!("https://x.example/{n}") });
        bench.call("POST", "hooks", hook).await;
    }
    bench.change(1, "company", "Untold").await;
    let told = bench.count().await;
    bench.pass(A_DAY);
    bench.watch().await;
    bench.watch().await;
    bench.settle().await;
    let asked = bench.asks().await;
    assert_eq!((asked.len(), asked[0].0), (1, AttentionKind::Webhook));
    assert!(asked[0].1.contains("/webhooks/main-store is the address"), "{}", asked[0].1);
    assert_eq!(bench.causes(told).await, [("survey/periodic".to_owned(), Action::UpdateUser)]);
    let others = bench.hooks().await.into_iter().filter(|hook| hook["destination"] == "https://x.example/0");
    for hook in others {
        bench.call("DELETE", &format!("hooks/{}", hook["id"]), Value::Null).await;
    }
    bench.watch().await;
    bench.all_is_well().await;
    let told: Vec<Action> = bench.told(told).await.iter().map(|entry| entry.action).collect();
    assert_eq!(told[0], Action::RepairWebhooks, "as of when they were found missing: {told:?}");
}

#[tokio::test]
async fn a_store_whose_webhooks_cannot_be_read_is_walked_all_the_same() {
    let bench = Bench::with(1).await;
    bench.change_untold("Found").await;
    bench.pass(A_DAY);
    bench.fault(FaultKind::HtmlOk, "GET /v3/hooks", 1_000);
    bench.watch().await;
    bench.stack.store().clear_faults();
    bench.all_is_well().await;
}

#[tokio::test]
async fn a_note_that_cannot_be_read_costs_a_walk_and_no_more() {
    let bench = Bench::with(1).await;
    let id = bench.application.id.as_str();
    bench.stack.tables().remember("watch", id, &json!({ "survey": "of another release" })).await.unwrap();
    bench.change_untold("Found").await;
    bench.watch().await;
    bench.all_is_well().await;
}

#[tokio::test]
async fn what_is_found_on_a_walk_names_the_walk_as_its_cause() {
    let bench = Bench::with(2).await;
    let created = |_| ("survey/first".to_owned(), Action::CreateUser);
    assert_eq!(bench.causes(0).await, (0..2).map(created).collect::<Vec<_>>());
    bench.change_untold("Of the day").await;
    bench.pass(A_DAY);
    bench.watch().await;
    bench.settle().await;
    bench.opens_gap("Of the gap").await;
    bench.watch().await;
    bench.settle().await;
    let (update, repair) = (Action::UpdateUser, Action::RepairWebhooks);
    let expected = [("survey/gap", update), ("survey/periodic", update), ("watch", repair)];
    assert_eq!(bench.causes(2).await, expected.map(|(cause, action)| (cause.to_owned(), action)));
    bench.all_is_well().await;
}

#[tokio::test]
async fn a_watch_that_finds_everything_in_order_writes_nothing() {
    let bench = Bench::with(2).await;
    // Until what the report has of the two is sealed.
    for _ in 0..6 {
        bench.watch().await;
    }
    let writes = bench.writes_of(async || {
        for _ in 0..5 {
            bench.watch().await;
        }
    });
    assert_eq!(writes.await, 0);
}

#[tokio::test]
async fn a_watch_killed_at_any_step_of_a_repair_tells_it_once_and_closes_the_gap_g16() {
    let bench = Bench::with(1).await;
    let (mut polls, mut finished) = (0, 0);
    while finished < 3 {
        let gap = bench.opens_gap(&format!("Before poll {polls}")).await;
        bench.pass(A_WATCH);
        let killed = KillAfter::new(bench.stack.watch(), polls).await;
        finished += u32::from(killed.is_some());
        bench.is_closed(gap, &format!("killed after {polls} polls")).await;
        polls += 1;
    }
    assert!(polls > 30, "{polls} polls are no repair");
    bench.all_is_well().await;
}

#[tokio::test]
async fn a_watch_whose_tables_fail_at_any_call_tells_the_repair_once_and_closes_the_gap_g16() {
    use engine::Fault::{LostAnswer, LostRequest, Throttled, Unavailable};
    let bench = Bench::with(1).await;
    for seed in 0..12 {
        let gap = bench.opens_gap(&format!("Before seed {seed}")).await;
        let gate = bench.stack.engine().gate();
        gate.fail_some(seed, 0.7, &[LostAnswer, LostRequest, Throttled, Unavailable]);
        for _ in 0..4 {
            bench.pass(A_WATCH);
            // It fails as a whole where not even the applications can be read.
            let _ = bench.stack.watch().await;
        }
        gate.mend();
        bench.is_closed(gap, &format!("seed {seed}")).await;
    }
    bench.all_is_well().await;
}

#[tokio::test]
async fn a_watch_whose_store_fails_at_any_call_tells_the_repair_once_and_closes_the_gap_g16() {
    let error = |applied| FaultKind::ServerError { status: 503, html: true, applied };
    let bench = Bench::with(1).await;
    for (kind, on) in [
        (error(false), "GET /v3/hooks"),
        (FaultKind::HtmlOk, "GET /v3/hooks"),
        (error(false), "PUT /v3/hooks"),
        (error(true), "PUT /v3/hooks"),
        (FaultKind::Drop { applied: true }, "PUT /v3/hooks"),
        (FaultKind::TooManyRequests { headers: false, retry_after: None }, "PUT /v3/hooks"),
        (FaultKind::RevokeToken, "PUT /v3/hooks"),
        (FaultKind::RevokeToken, "GET /v3/customers"),
        (error(false), "GET /v3/customers"),
        (FaultKind::Truncate, "GET /v3/customers"),
    ] {
        let gap = bench.opens_gap(&format!("{kind:?} on {on}")).await;
        for times in [1, 3, 4] {
            bench.fault(kind.clone(), on, times);
            bench.watch().await;
        }
        bench.stack.store().clear_faults();
        bench.is_closed(gap, &format!("{kind:?} on {on}")).await;
    }
    bench.all_is_well().await;
}
