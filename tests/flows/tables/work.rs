//! Rows of work: tokens, rest, and what is due.

use std::time::Duration;

use futures_util::future::join_all;
use shared::work::{Subject, Work};

use super::bench::{Bench, customer};

fn subject(id: i64) -> Subject {
    Subject::Customer("main-store".parse().unwrap(), customer(id))
}

impl Bench {
    async fn event(&self, id: i64) -> Work {
        self.tables.enqueue(&subject(id), "store/customer/updated", self.clock.now()).await.unwrap();
        self.row(id).await.unwrap()
    }

    async fn row(&self, id: i64) -> Option<Work> {
        self.tables.work(&[subject(id)]).await.unwrap().pop()
    }

    async fn all_due(&self) -> Vec<Work> {
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let (page, next) = self.tables.due(self.clock.now(), after).await.unwrap();
            all.extend(page);
            match next {
                Some(next) => after = Some(next),
                None => return all,
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn g01_a_thousand_events_for_one_customer_are_one_row() {
    let (bench, one) = (&Bench::start().await, &subject(1));
    for _ in 0..40 {
        let events = (0..25).map(|_| bench.tables.enqueue(one, "store/customer/updated", bench.clock.now()));
        assert!(join_all(events).await.iter().all(Result::is_ok));
    }
    assert_eq!(bench.rows("work").await, 1);
    assert_eq!(bench.row(1).await.unwrap().events, 1000);
}

#[tokio::test]
async fn a_row_is_finished_only_by_who_read_it_after_the_last_event() {
    let bench = Bench::start().await;
    let first = bench.event(1).await;
    let second = bench.event(1).await;
    assert_ne!(first.token, second.token);
    assert!(!bench.tables.finish(&first).await.unwrap());
    assert!(bench.row(1).await.is_some());
    assert!(bench.tables.finish(&second).await.unwrap());
    assert!(bench.row(1).await.is_none());
}

#[tokio::test]
async fn a_slow_worker_does_not_finish_a_row_that_was_made_again() {
    let bench = Bench::start().await;
    let slow = bench.event(1).await;
    assert!(bench.tables.finish(&slow).await.unwrap());
    let again = bench.event(1).await;
    assert_eq!((slow.events, again.events), (1, 1));
    assert!(!bench.tables.finish(&slow).await.unwrap());
    assert!(!bench.tables.put_off(&slow, bench.clock.now(), "e", true).await.unwrap());
    assert!(!bench.tables.rest(&slow, bench.clock.now()).await.unwrap());
    assert_eq!(bench.row(1).await.unwrap(), again);
}

#[tokio::test]
async fn a_row_that_is_put_off_is_due_at_its_time_and_an_event_makes_it_due_now() {
    let bench = Bench::start().await;
    let work = bench.event(1).await;
    let later = bench.clock.now() + Duration::from_secs(60);
    assert!(bench.tables.put_off(&work, later, &"é".repeat(5000), false).await.unwrap());
    let row = bench.row(1).await.unwrap();
    assert_eq!((row.attempts, row.due_at, &row.token), (1, later, &work.token));
    assert_eq!(row.last_error.unwrap().chars().count(), 200);
    assert!(bench.all_due().await.is_empty());
    bench.clock.advance(Duration::from_nanos(59_999_999_999));
    assert!(bench.all_due().await.is_empty());
    bench.clock.advance(Duration::from_nanos(1));
    assert_eq!(bench.all_due().await.len(), 1);
    let event = bench.event(1).await;
    assert_eq!((event.attempts, event.due_at, event.events), (0, bench.clock.now(), 2));
}

#[tokio::test]
async fn a_dead_row_stays_and_is_not_due_until_an_event_revives_it() {
    let bench = Bench::start().await;
    let work = bench.event(1).await;
    assert!(bench.tables.put_off(&work, bench.clock.now(), "no", true).await.unwrap());
    bench.clock.advance(Duration::from_secs(86_400));
    assert!(bench.all_due().await.is_empty());
    assert!(bench.row(1).await.unwrap().dead);
    bench.event(1).await;
    assert_eq!(bench.all_due().await.len(), 1);
}

#[tokio::test]
async fn events_do_not_end_a_rest() {
    let bench = Bench::start().await;
    let work = bench.event(1).await;
    let until = bench.clock.now() + Duration::from_secs(10);
    assert!(bench.tables.rest(&work, until).await.unwrap());
    let row = bench.row(1).await.unwrap();
    assert_eq!((row.events, row.resting_until, row.due_at), (0, Some(until), until));
    let event = bench.event(1).await;
    assert_eq!((event.events, event.resting_until), (1, Some(until)));
}

#[tokio::test]
async fn what_is_due_is_found_page_by_page_and_once() {
    let bench = Bench::start().await;
    for id in 1..=450 {
        bench.tables.enqueue(&subject(id), "import", bench.clock.now()).await.unwrap();
    }
    let (first, next) = bench.tables.due(bench.clock.now(), None).await.unwrap();
    assert!(first.len() < 450 && next.is_some());
    let mut found: Vec<Subject> = bench.all_due().await.into_iter().map(|work| work.subject).collect();
    found.sort();
    found.dedup();
    assert_eq!(found.len(), 450);
}

#[tokio::test]
async fn g27_a_row_that_cannot_be_read_does_not_hold_up_the_sweep() {
    let bench = Bench::start().await;
    bench.event(1).await;
    let text = |text: &str| aws_sdk_dynamodb::types::AttributeValue::S(text.to_owned());
    let put = bench.client.put_item().table_name("work").item("subject", text("customer#main-store#2"));
    put.item("dueAt", text("2020")).send().await.unwrap();
    assert_eq!(bench.all_due().await.len(), 1);
}
