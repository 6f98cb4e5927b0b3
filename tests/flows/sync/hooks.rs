//! A store that has stopped telling: the watch sets its webhooks up again and closes the gap.

use local::bigcommerce::{Fault, FaultKind};
use serde_json::{Value, json};
use shared::report::{Action, Entry};

use super::bench::{Bench, house};

/// Longer than the schedule of the watch.
const A_WATCH: u64 = 15 * 60 + 1;

impl Bench {
    /// What happens while nobody is told: an update, a creation, a deletion and an address.
    async fn change_in_silence(&self) {
        self.change(1, "company", "Analytical Engines").await;
        self.create("ada@x.example").await;
        self.delete(2).await;
        let mut address = house("Austin");
        address["customer_id"] = json!(3);
        self.call("POST", "customers/addresses", json!([address])).await;
    }

    async fn watched(&self) -> Vec<Entry> {
        self.pass(A_WATCH);
        self.stack.round().await.unwrap();
        self.all_is_well().await;
        let told = self.told(0).await;
        told.into_iter().filter(|entry| entry.action == Action::RepairWebhooks).collect()
    }

    pub(super) async fn hooks(&self) -> Vec<Value> {
        let hooks = self.call("GET", "hooks", Value::Null).await;
        hooks["data"].as_array().unwrap().clone()
    }
}

async fn gap_is_closed(bench: &Bench) {
    let repairs = bench.watched().await;
    assert_eq!(repairs.len(), 1);
    assert!(repairs[0].detail.contains("7 of its webhooks"), "{}", repairs[0].detail);
    assert!(bench.hooks().await.iter().all(|hook| hook["is_active"] == true));
    assert_eq!(bench.known(1).await.attributes["organization"], "Analytical Engines");
    assert!(bench.user(2).await.is_none());
    assert_eq!(bench.stack.tables().count_users().await.unwrap(), 5);
    let city = |user: shared::user::User| serde_json::to_string(&user.addresses).unwrap().contains("Austin");
    assert!(city(bench.known(3).await));
    bench.change(4, "company", "Told again").await;
    bench.all_is_well().await;
    assert_eq!(bench.watched().await.len(), 1, "told once");
}

#[tokio::test]
async fn hooks_that_were_switched_off_are_set_up_again_and_the_gap_is_closed_g16() {
    let bench = Bench::with(5).await;
    bench.stack.store().faults([Fault::new(FaultKind::DeactivateHooks)]);
    bench.change_in_silence().await;
    gap_is_closed(&bench).await;
}

#[tokio::test]
async fn hooks_that_were_deleted_are_set_up_again_and_the_gap_is_closed_g16() {
    let bench = Bench::with(5).await;
    for hook in bench.hooks().await {
        bench.call("DELETE", &format!("hooks/{}", hook["id"]), Value::Null).await;
    }
    bench.change_in_silence().await;
    gap_is_closed(&bench).await;
}

#[tokio::test]
async fn a_watch_that_is_cut_off_anywhere_still_closes_the_gap_g16() {
    for seed in 0..2 {
        let bench = Bench::with(5).await;
        bench.stack.store().faults([Fault::new(FaultKind::DeactivateHooks)]);
        bench.change_in_silence().await;
        bench.stack.killer().kill_some(seed, 0.8, 40);
        for _ in 0..3 {
            bench.pass(A_WATCH);
            bench.stack.round().await.unwrap();
        }
        bench.stack.killer().rest();
        bench.pass(A_WATCH);
        bench.stack.round().await.unwrap();
        bench.all_is_well().await;
        assert!(bench.user(2).await.is_none(), "seed {seed}");
        assert!(!bench.watched().await.is_empty(), "seed {seed}: the repair is told");
    }
}

#[tokio::test]
async fn a_walk_past_customers_in_step_costs_a_call_a_page_and_writes_no_work_g16() {
    let bench = Bench::with(260).await;
    let before = bench.stack.store().calls().of("GET /v3/customers");
    let told = bench.count().await;
    bench.stack.store().faults([Fault::new(FaultKind::DeactivateHooks)]);
    bench.pass(A_WATCH);
    bench.stack.engine().gate().forget_calls();
    bench.stack.watch().await.unwrap();
    assert_eq!(bench.stack.store().calls().of("GET /v3/customers") - before, 2);
    assert_eq!(bench.stack.left(), [""; 0]);
    let calls = bench.stack.engine().gate().calls();
    let total: u64 = calls.values().sum();
    // Nine of them look whether the report has hours to be sealed.
    assert!(total <= 29, "{calls:?}");
    assert_eq!(bench.told(told).await.len(), 1);
    bench.settle().await;
}

#[tokio::test]
async fn a_walk_goes_past_a_customer_that_cannot_be_read_g16() {
    let bench = Bench::with(5).await;
    bench.stack.store().faults([Fault::new(FaultKind::DeactivateHooks)]);
    bench.change_in_silence().await;
    bench.stack.store().faults([Fault::new(FaultKind::GarbleCustomer { id: 3 }).on("GET")]);
    bench.pass(A_WATCH);
    bench.stack.round().await.unwrap();
    bench.well_but_for(&[3]).await;
    assert!(bench.user(2).await.is_none() && bench.user(6).await.is_some());
    bench.stack.store().clear_faults();
    bench.change(3, "company", "Mended").await;
    bench.all_is_well().await;
}
