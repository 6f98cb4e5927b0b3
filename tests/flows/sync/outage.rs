//! Webhooks that the store itself switches off: after two days in which none was received, and
//! after ninety days in which nothing happened.

use jiff::Timestamp;
use serde_json::json;
use shared::report::{Action, Entry};

use super::bench::{Bench, house};
use crate::oracle;

/// How often the watch comes.
const A_WATCH: u64 = 15 * 60;
const HOUR: u64 = 3600;
const DAYS: u64 = 24 * HOUR;

/// A store that is compared with the directory only where something is known to be missing.
async fn never_compared() -> Bench {
    Bench::set(5, |application| application.policies.survey_every_hours = 0).await
}

impl Bench {
    async fn live(&self, seconds: u64) {
        for _ in 0..seconds / A_WATCH {
            self.pass(A_WATCH);
            while self.stack.round().await.unwrap() {}
        }
    }

    async fn how_many_are_on(&self) -> usize {
        self.hooks().await.iter().filter(|hook| hook["is_active"] == true).count()
    }

    /// A creation, an update, an address and a deletion.
    async fn much_happens(&self, word: &str, deleted: u32) {
        self.create(&format!("{word}@x.example")).await;
        self.change(1, "company", word).await;
        let mut address = house(word);
        address["customer_id"] = json!(2);
        self.call("POST", "customers/addresses", json!([address])).await;
        self.delete(deleted).await;
    }

    /// One repair is told since then, of so many webhooks, and what was missed meanwhile.
    async fn gap_was_closed(&self, since: Timestamp, hooks: usize) {
        let told = self.told_since(since).await;
        let of_action = |action: Action| {
            told.iter().filter(move |entry| entry.action == action).map(|entry| entry.cause.as_str())
        };
        let all = told.iter().map(|entry| (entry.action, &entry.cause)).collect::<Vec<_>>();
        assert_eq!(told.len(), 5, "{all:?}");
        assert!(of_action(Action::CreateUser).eq(["survey/gap"]), "{all:?}");
        assert!(of_action(Action::UpdateUser).eq(["survey/gap", "survey/gap"]), "{all:?}");
        assert!(of_action(Action::DeleteUser).eq(["survey/gap"]), "{all:?}");
        let repair = told.iter().find(|entry| entry.action == Action::RepairWebhooks).unwrap();
        assert!(repair.detail.contains(&format!(" {hooks} of its webhooks")), "{}", repair.detail);
    }

    async fn told_since(&self, since: Timestamp) -> Vec<Entry> {
        let mut told = self.told(0).await;
        told.retain(|entry| entry.at >= since);
        told
    }
}

#[tokio::test]
async fn an_outage_of_two_days_ends_with_both_sides_alike_and_webhooks_that_are_on_g16() {
    let bench = never_compared().await;
    let begun = bench.stack.clock().now();
    // Whoever delivers is answered by the gateway that nobody is there.
    bench.stack.killer_of_requests().kill_some(1, 1.0, 1);
    bench.much_happens("during", 5).await;
    while let Some(due) = bench.stack.store().next_due() {
        assert_eq!((bench.how_many_are_on().await, bench.told_since(begun).await.len()), (7, 0));
        bench.pass(due.duration_since(bench.stack.clock().now()).unsigned_abs().as_secs() + 1);
        bench.stack.store().deliver_due().await;
    }
    let lasted = bench.stack.clock().now().duration_since(begun);
    assert!((48..49).contains(&lasted.as_hours()), "{lasted:?}");
    assert_eq!(bench.how_many_are_on().await, 3, "those that had nothing to deliver");
    bench.stack.killer_of_requests().rest();
    bench.live(A_WATCH).await;
    bench.all_is_well().await;
    bench.gap_was_closed(begun, 4).await;
    assert_eq!(bench.how_many_are_on().await, 7);
    bench.change(3, "company", "after").await;
    bench.all_is_well().await;
    let last = bench.told(0).await.pop().unwrap();
    assert_eq!(last.cause, "store/customer/updated", "they tell again");
}

#[tokio::test]
async fn ninety_days_without_an_event_leave_no_gap_g16() {
    let bench = never_compared().await;
    let begun = bench.stack.clock().now();
    bench.pass(90 * DAYS - HOUR);
    while bench.stack.round().await.unwrap() {}
    assert_eq!(bench.how_many_are_on().await, 7);
    bench.pass(HOUR);
    assert_eq!(bench.stack.store().deliver_due().await, 0);
    assert_eq!(bench.how_many_are_on().await, 0, "the store has switched them off");
    assert_eq!(bench.told_since(begun).await.len(), 0);
    let silent = bench.stack.clock().now();
    bench.much_happens("silent", 4).await;
    assert_eq!(bench.stack.store().pending(), 0, "and tells nobody");
    bench.live(A_WATCH).await;
    bench.settle().await;
    assert_eq!(bench.how_many_are_on().await, 7);
    bench.gap_was_closed(silent, 7).await;
    bench.live(HOUR).await;
    bench.gap_was_closed(silent, 7).await;
    // How they came to be users was told longer ago than the report is kept.
    oracle::in_step(&bench.stack, &bench.application).await;
}
