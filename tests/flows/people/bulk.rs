//! Many users are changed page by page, once each, by whoever has the time.

use std::time::Duration;

use jiff::SignedDuration;
use local::stack::Time;
use shared::{
    bulk::{Bulk, Selection, Task, carry_out, go_on},
    search::{Search, Status},
    user::UserId,
};

use super::Bench;

impl Bench {
    async fn begin(&self, task: Task, selection: Selection) -> Bulk {
        let bulk = Bulk::new(task, selection, "ada@x.example", self.stack.clock().now());
        self.stack.tables().begin_bulk(&bulk).await.unwrap();
        bulk
    }

    async fn go_on(&self) {
        let clock = self.stack.clock();
        go_on(self.stack.tables(), clock, clock.now() + SignedDuration::from_mins(5)).await.unwrap();
    }

    async fn found(&self, status: Status) -> usize {
        let search = Search { status: Some(status), ..Search::default() };
        self.stack.tables().search(&search, None, 250).await.unwrap().users.len()
    }
}

#[tokio::test]
async fn all_that_a_search_finds_are_changed_once_and_the_stores_follow() {
    let bench = Bench::with(120).await;
    let all = Selection::Matching(Search { status: Some(Status::Active), ..Search::default() });
    let bulk = bench.begin(Task::Deactivate, all).await;
    assert_eq!(bench.stack.tables().open_bulks().await.unwrap().len(), 1);
    bench.go_on().await;
    let over = bench.stack.tables().bulk(&bulk.id).await.unwrap().unwrap();
    assert_eq!((over.done, over.failed, over.is_open()), (120, 0, false));
    assert!(bench.stack.tables().open_bulks().await.unwrap().is_empty());
    assert_eq!(bench.stack.tables().ended_bulks(10).await.unwrap(), [over]);
    assert_eq!((bench.found(Status::Active).await, bench.found(Status::Inactive).await), (0, 120));
    bench.stack.settle().await.unwrap();
    let ada = bench.user(7).await;
    assert!(ada.links[&bench.application.id].held.is_some(), "sign-in is blocked at the store");
}

#[tokio::test]
async fn those_who_were_picked_are_deleted_and_who_is_gone_already_counts_as_deleted() {
    let bench = Bench::with(3).await;
    let picked = vec![bench.user(1).await.id, bench.user(2).await.id, UserId::random()];
    let bulk = bench.begin(Task::Delete, Selection::Picked(picked.clone())).await;
    bench.go_on().await;
    let over = bench.stack.tables().bulk(&bulk.id).await.unwrap().unwrap();
    assert_eq!((over.done, over.failed), (3, 0));
    assert!(bench.there(&picked[0]).await.is_none() && bench.found(Status::Active).await == 1);
    bench.stack.settle().await.unwrap();
}

#[tokio::test]
async fn who_cannot_be_changed_is_told_with_the_reason() {
    let bench = Bench::with(1).await;
    let nobody = UserId::random();
    let picked = Selection::Picked(vec![bench.user(1).await.id, nobody.clone()]);
    let bulk = bench.begin(Task::Activate, picked).await;
    bench.go_on().await;
    let over = bench.stack.tables().bulk(&bulk.id).await.unwrap().unwrap();
    assert_eq!((over.done, over.failed, &over.failures[0].user), (1, 1, &nobody));
    assert!(over.failures[0].reason.ends_with('.'), "{}", over.failures[0].reason);
}

#[tokio::test]
async fn a_change_that_was_cut_off_is_taken_up_where_it_stood_when_its_lease_is_over() {
    let bench = Bench::with(2).await;
    let (tables, clock) = (bench.stack.tables(), bench.stack.clock());
    let picked = vec![bench.user(1).await.id, bench.user(2).await.id];
    let mut bulk = bench.begin(Task::Deactivate, Selection::Picked(picked)).await;
    bulk.leased_until = Some(clock.now() + SignedDuration::from_secs(60));
    assert!(tables.put_bulk(&mut bulk).await.unwrap());
    bench.go_on().await;
    assert_eq!(bench.found(Status::Inactive).await, 0, "another has it");
    let Time::ByHand(hand) = bench.stack.time() else { panic!("the clock is a manual one") };
    hand.advance(Duration::from_secs(61));
    let stale = bulk.clone();
    bench.go_on().await;
    assert_eq!(bench.found(Status::Inactive).await, 2);
    let told = carry_out(tables, clock, stale, clock.now() + SignedDuration::from_mins(1)).await.unwrap();
    assert!(!told.is_open() && told.done == 2, "who has it from before does nothing");
    bench.stack.settle().await.unwrap();
}
