//! Order: what arrives late, twice, turned round or incomplete.

use local::bigcommerce::{Fault, FaultKind};
use shared::report::Action;

use super::bench::Bench;

const READ: &str = "GET /v3/customers";

impl Bench {
    /// A round in which `deed` is done after the store has made an answer and before it is read.
    async fn round_during_which(&self, deed: impl Future<Output = ()>) {
        self.fault(FaultKind::Latency { ms: 2_000 }, READ, 1);
        self.clock().hold();
        let meanwhile = async {
            while self.stack.store().calls().endpoints[READ].slow == 0 {
                tokio::task::yield_now().await;
            }
            deed.await;
            self.clock().release();
        };
        let (looked, ()) = tokio::join!(self.stack.round(), meanwhile);
        looked.unwrap();
    }
}

#[tokio::test]
async fn a_creation_that_is_told_after_the_deletion_leaves_nobody_g18() {
    let bench = Bench::with(1).await;
    bench.fault(FaultKind::DelayWebhook { ms: 5_000 }, "store/customer/created", 1);
    let id = bench.create("ada@x.example").await;
    bench.delete(id).await;
    bench.all_is_well().await;
    assert_eq!(bench.stack.tables().count_users().await.unwrap(), 1);
}

#[tokio::test]
async fn a_user_is_deleted_once_however_the_events_are_turned_g18() {
    let bench = Bench::with(1).await;
    let id = bench.create("ada@x.example").await;
    bench.settle().await;
    let told = bench.count().await;
    bench.stack.store().faults([
        Fault::new(FaultKind::ReorderWebhooks),
        Fault::new(FaultKind::DuplicateWebhook { copies: 2 }),
        Fault::new(FaultKind::DelayWebhook { ms: 3_000 }).chance(0.5),
    ]);
    bench.change(id, "company", "Last").await;
    bench.delete(id).await;
    bench.all_is_well().await;
    let actions: Vec<Action> = bench.told(told).await.iter().map(|entry| entry.action).collect();
    assert_eq!(actions, [Action::DeleteUser]);
}

#[tokio::test]
async fn what_changes_while_an_answer_is_on_its_way_is_not_overwritten_g19() {
    let bench = Bench::with(1).await;
    bench.change(1, "company", "Older").await;
    bench
        .round_during_which(async {
            bench.change(1, "company", "Newer").await;
            bench.stack.store().deliver_due().await;
        })
        .await;
    bench.all_is_well().await;
    assert_eq!(bench.known(1).await.attributes["organization"], "Newer");
}

#[tokio::test]
async fn a_user_that_is_written_while_a_look_is_under_way_keeps_both_changes_g19() {
    let bench = Bench::with(1).await;
    bench.change(1, "company", "There").await;
    let edit = bench.edit(1, |user| user.name.family_name = Some("Hopper".to_owned()));
    bench.round_during_which(edit).await;
    bench.all_is_well().await;
    let user = bench.known(1).await;
    assert_eq!(
        (user.attributes["organization"].as_str(), bench.customer(1).unwrap().last_name),
        ("There", "Hopper".to_owned())
    );
}

#[tokio::test]
async fn customers_that_nobody_asked_for_are_nobodys_concern_g20() {
    let bench = Bench::with(20).await;
    let told = bench.count().await;
    bench.fault(FaultKind::ForeignIds { count: 5 }, READ, 3);
    bench.change(1, "company", "Analytical Engines").await;
    bench.all_is_well().await;
    assert_eq!(bench.told(told).await.len(), 1);
}

#[tokio::test]
async fn of_a_batch_only_those_that_are_gone_are_deleted_g20() {
    let bench = Bench::with(30).await;
    let told = bench.count().await;
    for id in 1..=30 {
        bench.change(id, "company", format!("Company {id}")).await;
    }
    for id in [3, 17, 30] {
        bench.delete(id).await;
    }
    bench.all_is_well().await;
    assert_eq!(bench.stack.tables().count_users().await.unwrap(), 27);
    let told = bench.told(told).await;
    assert_eq!(told.iter().filter(|entry| entry.action == Action::DeleteUser).count(), 3);
    assert_eq!(told.iter().filter(|entry| entry.action == Action::UpdateUser).count(), 27);
}

#[tokio::test]
async fn a_store_that_takes_few_identifiers_is_asked_in_smaller_lots_and_remembered_g21() {
    for status in [414, 422] {
        let bench = Bench::with(40).await;
        bench.stack.store().faults([Fault::new(FaultKind::ManyIds { most: 10, status })]);
        for round in ["One", "Two"] {
            let before = bench.stack.store().calls().answered(status);
            for id in 1..=40 {
                bench.change(id, "company", format!("{round} {id}")).await;
            }
            bench.all_is_well().await;
            let refused = bench.stack.store().calls().answered(status) - before;
            assert_eq!(refused, if round == "One" { 2 } else { 0 }, "{round}");
        }
    }
}
