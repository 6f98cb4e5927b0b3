//! The report: pages by application and by end-user, while entries arrive.

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp, ToSpan};
use serde_json::json;
use shared::{
    application::{ApplicationId, Authority},
    clock::random_id,
    report::{Action, Change, Entry, Outcome},
    store::{EntryPage, EntryQuery, Of},
    user::UserId,
};

use super::bench::{Bench, customer};

fn main_store() -> ApplicationId {
    "main-store".parse().unwrap()
}

fn entry(at: Timestamp, identifier: &str) -> Entry {
    Entry {
        id: random_id(),
        at,
        application: main_store(),
        user: Some(UserId::random()),
        customer: Some(customer(7)),
        identifier: Some(identifier.to_owned()),
        action: Action::UpdateUser,
        cause: "store/customer/updated".to_owned(),
        outcome: Outcome::Success,
        changes: Vec::new(),
        detail: String::new(),
    }
}

fn all_of_main_store() -> EntryQuery {
    let (from, to) = (Timestamp::UNIX_EPOCH, Timestamp::MAX);
    EntryQuery {
        of: Of::Application(main_store()),
        from,
        to,
        outcome: None,
        action: None,
        way: None,
        limit: 10,
        cursor: None,
    }
}

fn all_of(identifier: &str) -> EntryQuery {
    EntryQuery {
        of: Of::Identifier { identifier: identifier.to_owned(), application: None },
        ..all_of_main_store()
    }
}

impl Bench {
    async fn page(&self, query: &EntryQuery) -> EntryPage {
        self.tables.entries(query).await.unwrap()
    }

    /// All pages; `between` is called before each.
    async fn pages(&self, mut query: EntryQuery, mut between: impl AsyncFnMut()) -> Vec<Entry> {
        let mut all = Vec::new();
        loop {
            between().await;
            let page = self.page(&query).await;
            assert!(page.entries.len() <= query.limit);
            all.extend(page.entries);
            match page.next {
                // As a reader sends it back.
                Some(next) => {
                    assert_ne!(query.cursor.as_ref(), Some(&next), "a page must lead on");
                    query.cursor = Some(next.to_string().parse().unwrap());
                }
                None => return all,
            }
        }
    }

    async fn all(&self, query: EntryQuery) -> Vec<Entry> {
        self.pages(query, async || ()).await
    }
}

#[tokio::test]
async fn an_entry_reads_back_as_written() {
    let bench = Bench::start().await;
    let change = Change {
        field: "email".to_owned(),
        before: json!(null),
        after: json!(["a", 1]),
        won: Some(Authority::Store),
    };
    let whole = Entry {
        changes: vec![change],
        outcome: Outcome::Conflict,
        detail: "mend it".to_owned(),
        ..entry(bench.clock.now(), "Ada@X.example")
    };
    let bare =
        Entry { identifier: None, user: None, customer: None, ..entry(bench.clock.now() - 1.second(), "") };
    let odd = entry(bench.clock.now() - 2.seconds(), &"é".repeat(2000));
    let blank = entry(bench.clock.now() - 3.seconds(), "  ");
    bench
        .tables
        .report(&[odd.clone(), whole.clone(), blank.clone(), bare.clone(), bare.clone()])
        .await
        .unwrap();
    assert!(bench.all(all_of_main_store()).await == [whole.clone(), bare, odd, blank]);
    assert!(bench.all(all_of("ADA@x.example")).await == [whole]);
}

#[tokio::test]
async fn g85_pages_come_newest_first_over_days_and_shards_each_entry_once() {
    let bench = Bench::start().await;
    let now = bench.clock.now();
    let entries: Vec<Entry> =
        (0..120).map(|n| entry(now - SignedDuration::from_mins(67 * n), "ada")).collect();
    bench.tables.report(&entries).await.unwrap();
    for query in [all_of_main_store(), all_of("ada")] {
        for limit in [1, 7, 119, 120, 250] {
            assert!(bench.all(EntryQuery { limit, ..query.clone() }).await == entries, "{limit}");
        }
    }
}

#[tokio::test]
async fn g85_a_cursor_stays_in_its_place_while_entries_arrive() {
    let bench = Bench::start().await;
    let now = bench.clock.now();
    let entries: Vec<Entry> = (0..60).map(|n| entry(now - SignedDuration::from_hours(n), "ada")).collect();
    bench.tables.report(&entries).await.unwrap();
    let first = bench.page(&all_of_main_store()).await;
    for query in [all_of_main_store(), all_of("ada")] {
        let query = EntryQuery { cursor: first.next.clone(), ..query };
        let arriving = async || {
            bench.clock.advance(std::time::Duration::from_secs(1));
            bench.tables.report(&[entry(bench.clock.now(), "ada")]).await.unwrap();
        };
        assert!(bench.pages(query, arriving).await == entries[10..]);
    }
}

#[tokio::test]
async fn entries_of_one_instant_are_all_given() {
    let bench = Bench::start().await;
    let now = bench.clock.now();
    let entries: Vec<Entry> = (0..60).map(|_| entry(now, "ada")).collect();
    bench.tables.report(&entries).await.unwrap();
    let found = bench.all(EntryQuery { limit: 7, ..all_of_main_store() }).await;
    let ids: HashSet<&str> = found.iter().map(|entry| entry.id.as_str()).collect();
    assert_eq!((found.len(), ids.len()), (60, 60));
}

#[tokio::test]
async fn g85_a_span_holds_its_beginning_and_not_its_end() {
    let bench = Bench::start().await;
    let now = bench.clock.now();
    let entries: Vec<Entry> =
        (0..5).map(|n| entry(now - SignedDuration::from_hours(24 * 20 * n), "ada")).collect();
    bench.tables.report(&entries).await.unwrap();
    let within = async |from, to| bench.all(EntryQuery { from, to, ..all_of_main_store() }).await;
    assert!(within(entries[3].at, entries[1].at).await == entries[2..4]);
    assert!(within(entries[2].at, entries[2].at).await.is_empty());
    assert!(within(entries[1].at, entries[3].at).await.is_empty(), "reversed");
    assert!(within(Timestamp::MIN, Timestamp::MAX).await == entries);
}

#[tokio::test]
async fn entries_are_told_apart_by_outcome_and_application() {
    let bench = Bench::start().await;
    let now = bench.clock.now();
    let mut entries: Vec<Entry> =
        (0..40).map(|n| entry(now - SignedDuration::from_hours(n), "ada")).collect();
    entries[3].outcome = Outcome::Failed;
    entries[37].outcome = Outcome::Failed;
    entries[5].application = "other-store".parse().unwrap();
    bench.tables.report(&entries).await.unwrap();
    for query in [all_of_main_store(), all_of("ada")] {
        let failed = EntryQuery { outcome: Some(Outcome::Failed), ..query };
        assert!(bench.all(failed).await == [entries[3].clone(), entries[37].clone()]);
    }
    assert_eq!(bench.all(all_of_main_store()).await.len(), 39);
    assert_eq!(bench.all(all_of("ada")).await.len(), 40);
    let of =
        Of::Identifier { identifier: "ada".to_owned(), application: Some("other-store".parse().unwrap()) };
    assert!(bench.all(EntryQuery { of, ..all_of_main_store() }).await == [entries[5].clone()]);
}

#[tokio::test]
async fn g85_a_page_over_nothing_is_bounded_and_says_so() {
    let bench = Bench::start().await;
    bench.wire.sent();
    let page = bench.page(&all_of_main_store()).await;
    assert!(page.entries.is_empty() && page.next.is_some(), "93 days are more than one page looks at");
    assert_eq!(bench.wire.sent().len(), 32 * 4);
    assert!(bench.all(all_of_main_store()).await.is_empty());
    assert_eq!(bench.page(&all_of(&"x".repeat(5000))).await.entries.len(), 0);
}

#[tokio::test]
async fn entries_expire_after_90_days() {
    let bench = Bench::start().await;
    let entry = entry(bench.clock.now(), "ada");
    bench.tables.report(std::slice::from_ref(&entry)).await.unwrap();
    let expires = (entry.at.as_second() + 90 * 86_400).to_string();
    assert!(bench.raw("reports").await.contains(&format!(r#""expiresAt": N("{expires}")"#)));
}
