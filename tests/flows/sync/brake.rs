//! Many deletions at once wait for a person, whichever side they come from; approved they go on,
//! rejected they are undone.

use shared::{
    report::{Action, AttentionKind},
    store::Way,
};

use super::bench::Bench;
use crate::oracle;

impl Bench {
    /// Runs what is pending, and a quarter of an hour and more passes.
    async fn a_while(&self) {
        for _ in 0..20 {
            while self.stack.round().await.unwrap() {}
            self.pass(60);
        }
    }

    /// The only thing that a person is asked is about the brake.
    async fn braked(&self, way: Way) {
        let asked = oracle::attention(&self.stack).await;
        let about = way.about(&self.application.id);
        assert_eq!(asked.iter().map(|asked| asked.kind).collect::<Vec<_>>(), [AttentionKind::Deletions]);
        assert_eq!(asked[0].about, about);
        assert!(
            asked[0].detail.starts_with("15 ") && asked[0].detail.contains(" of 40 "),
            "{}",
            asked[0].detail
        );
        assert!(self.stack.left().iter().all(|row| row.contains(" 0 attempts")), "{:?}", self.stack.left());
    }

    async fn fifteen_users_leave(&self) {
        for id in 1..=15 {
            self.remove(id).await;
        }
        self.a_while().await;
        self.a_while().await;
    }

    async fn fifteen_customers_go(&self) {
        let ids: Vec<String> = (1..=15).map(|id: u32| id.to_string()).collect();
        self.call("DELETE", &format!("customers?id:in={}", ids.join(",")), serde_json::Value::Null).await;
        self.a_while().await;
        self.a_while().await;
    }

    async fn people(&self) -> (usize, usize) {
        (self.stack.store().count(), oracle::users(&self.stack).await.len())
    }
}

#[tokio::test]
async fn many_deleted_users_stop_the_deletion_of_customers_until_it_is_approved() {
    let bench = Bench::with(40).await;
    bench.fifteen_users_leave().await;
    bench.braked(Way::ToStore).await;
    assert_eq!(bench.people().await, (40, 25));
    let until = bench.later(3_600);
    let asked = bench.stack.tables().approve_deletions(&bench.application.id, Way::ToStore, until).await;
    assert!(asked.unwrap().is_some());
    bench.all_is_well().await;
    assert_eq!(bench.people().await, (25, 25));
}

#[tokio::test]
async fn many_deleted_users_are_made_again_where_the_deletion_of_customers_is_rejected() {
    let bench = Bench::with(40).await;
    bench.fifteen_users_leave().await;
    bench.braked(Way::ToStore).await;
    bench.stack.tables().reject_deletions(&bench.application.id, Way::ToStore).await.unwrap();
    bench.all_is_well().await;
    assert_eq!(bench.people().await, (40, 40));
    assert!(bench.pointer(1).await.unwrap().gone.is_none());
    // One more that leaves is one, and is let go.
    bench.remove(20).await;
    bench.all_is_well().await;
    assert_eq!(bench.people().await, (39, 39));
}

#[tokio::test]
async fn many_deleted_customers_stop_the_deletion_of_users_until_it_is_approved() {
    let bench = Bench::with(40).await;
    bench.fifteen_customers_go().await;
    bench.braked(Way::ToDirectory).await;
    assert_eq!(bench.people().await, (25, 40));
    let until = bench.later(3_600);
    bench.stack.tables().approve_deletions(&bench.application.id, Way::ToDirectory, until).await.unwrap();
    bench.all_is_well().await;
    assert_eq!(bench.people().await, (25, 25));
}

#[tokio::test]
async fn many_deleted_customers_are_made_again_where_the_deletion_of_users_is_rejected() {
    let bench = Bench::with(40).await;
    let before = bench.known(3).await;
    bench.fifteen_customers_go().await;
    bench.braked(Way::ToDirectory).await;
    bench.stack.tables().reject_deletions(&bench.application.id, Way::ToDirectory).await.unwrap();
    bench.all_is_well().await;
    assert_eq!(bench.people().await, (40, 40));
    let users = oracle::users(&bench.stack).await;
    let after = users.iter().find(|user| user.id == before.id).unwrap();
    assert_ne!(after.links[&bench.application.id].customer, before.links[&bench.application.id].customer);
}

#[tokio::test]
async fn a_few_deletions_an_hour_are_let_pass_whatever_their_share() {
    let bench = Bench::with(12).await;
    for id in 1..=10 {
        bench.remove(id).await;
    }
    bench.all_is_well().await;
    assert_eq!(bench.people().await, (2, 2));
    let deleted = |told: &shared::report::Entry| told.action == Action::DeleteCustomer;
    assert_eq!(bench.told(0).await.into_iter().filter(deleted).count(), 10);
    bench.pass(3_600);
    bench.remove(11).await;
    bench.all_is_well().await;
    assert_eq!(bench.people().await, (1, 1));
}
