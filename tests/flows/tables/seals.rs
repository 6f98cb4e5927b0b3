//! The sealed report: whatever is done to it afterwards comes to light.

use std::{collections::HashMap, time::Duration};

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use shared::{
    application::ApplicationId,
    clock::Clock,
    report::{Action, Entry, Outcome},
    seal::{Check, Flaw, Totals},
};

use super::bench::{Bench, KEY, tables};

type Row = HashMap<String, AttributeValue>;

fn shop() -> ApplicationId {
    "main-store".parse().unwrap()
}

fn at(text: &str) -> Timestamp {
    format!("2026-03-10T{text}Z").parse().unwrap()
}

fn entry(id: &str, at: Timestamp, outcome: Outcome) -> Entry {
    Entry {
        id: id.to_owned(),
        at,
        application: shop(),
        user: None,
        customer: None,
        identifier: Some("ada@example.com".to_owned()),
        action: Action::UpdateUser,
        cause: "store/customer/updated".to_owned(),
        outcome,
        changes: Vec::new(),
        detail: String::new(),
    }
}

impl Bench {
    /// Three hours with entries, of four until noon, sealed.
    async fn sealed() -> Bench {
        let bench = Bench::start().await;
        let mut entries = Vec::new();
        for hour in ["08", "09", "11"] {
            for n in 0..9 {
                let outcome = if n == 0 { Outcome::Failed } else { Outcome::Success };
                entries.push(entry(&format!("{hour}-{n}"), at(&format!("{hour}:1{n}:00")), outcome));
            }
        }
        bench.tables.report(&entries).await.unwrap();
        bench.clock.advance(Duration::from_secs(1200));
        bench.seal().await;
        bench
    }

    async fn seal(&self) {
        self.tables.seal_report(&shop(), Timestamp::MAX).await.unwrap();
    }

    async fn check(&self) -> Check {
        let span = (Timestamp::UNIX_EPOCH, Timestamp::MAX);
        self.tables.check_report(&shop(), span, None, Timestamp::MAX).await.unwrap()
    }

    async fn flaws(&self) -> Vec<(String, Flaw)> {
        let findings = self.check().await.findings;
        findings.iter().map(|found| (found.hour.to_string()[11..13].to_owned(), found.flaw)).collect()
    }

    async fn rows_with(&self, key: &str, text: &str) -> Vec<Row> {
        let rows = self.client.scan().table_name("reports").send().await.unwrap().items.unwrap();
        let has = |row: &Row| row.get(key).is_some_and(|value| value.as_s().unwrap().contains(text));
        rows.into_iter().filter(has).collect()
    }

    async fn entry_row(&self, key: &str, text: &str) -> Row {
        self.rows_with(key, text).await.remove(0)
    }

    async fn put(&self, row: Row) {
        self.client.put_item().table_name("reports").set_item(Some(row)).send().await.unwrap();
    }

    async fn delete(&self, row: &Row) {
        let delete = self.client.delete_item().table_name("reports");
        delete.key("pk", row["pk"].clone()).key("sk", row["sk"].clone()).send().await.unwrap();
    }

    /// The block of an hour.
    async fn block(&self, hour: &str) -> Row {
        let blocks = self.rows_with("pk", "#blocks").await;
        let is_of = |row: &&Row| row["sk"].as_s().unwrap().contains(&format!("T{hour}:"));
        blocks.iter().find(is_of).unwrap().clone()
    }
}

#[tokio::test]
async fn what_nobody_touched_is_found_as_it_was_written_and_counted() {
    let bench = Bench::sealed().await;
    let check = bench.check().await;
    assert_eq!((check.entries, check.hours, check.findings), (27, 24, Vec::new()));
    let blocks = bench.tables.blocks(&shop(), at("09:30:00"), at("12:00:00")).await.unwrap();
    let totals: Vec<Totals> = blocks.iter().map(|block| block.roll.totals).collect();
    assert_eq!(totals, [Totals { success: 8, failed: 1, ..Totals::default() }; 2]);
    // Sealed again, and by two at once, it is the same.
    let chain = bench.tables.report_chain(&shop()).await.unwrap();
    tokio::join!(bench.seal(), bench.seal());
    assert_eq!((bench.tables.report_chain(&shop()).await.unwrap(), bench.rows("reports").await), (chain, 30));
}

#[tokio::test]
async fn an_entry_that_is_changed_taken_away_or_put_in_is_found() {
    let bench = Bench::sealed().await;
    let mut changed = bench.entry_row("id", "08-3").await;
    changed.insert("detail".to_owned(), AttributeValue::S("nothing happened".to_owned()));
    bench.put(changed).await;
    bench.delete(&bench.entry_row("id", "09-0").await).await;
    bench.tables.report(&[entry("new", at("10:30:00"), Outcome::Success)]).await.unwrap();
    let hour = |hour: &str, flaw| (hour.to_owned(), flaw);
    assert_eq!(
        bench.flaws().await,
        [hour("08", Flaw::EntriesDiffer), hour("09", Flaw::EntriesDiffer), hour("10", Flaw::BlockMissing)]
    );
    let lost = &bench.check().await.findings[1];
    assert_eq!((lost.sealed, lost.found), (9, 8));
}

#[tokio::test]
async fn a_block_that_is_taken_away_with_its_entries_leaves_a_gap_in_the_chain() {
    let bench = Bench::sealed().await;
    for row in bench.rows_with("id", "09-").await.iter().chain([&bench.block("09").await]) {
        bench.delete(row).await;
    }
    assert_eq!(bench.flaws().await, [("11".to_owned(), Flaw::LinkBroken)]);
    // So does the last one.
    let bench = Bench::sealed().await;
    for row in bench.rows_with("id", "11-").await.iter().chain([&bench.block("11").await]) {
        bench.delete(row).await;
    }
    assert_eq!(bench.flaws().await, [("12".to_owned(), Flaw::LinkBroken)]);
}

#[tokio::test]
async fn who_makes_a_block_anew_has_no_key_for_it() {
    let bench = Bench::sealed().await;
    let honest = bench.block("11").await;
    bench.delete(&bench.entry_row("id", "11-0").await).await;
    bench.delete(&honest).await;
    let forger = tables(bench.client.clone(), &KEY.replace('0', "f")).with_clock(bench.clock.clock());
    let mut chain = bench.tables.report_chain(&shop()).await.unwrap().unwrap();
    (chain.next, chain.last) = (at("11:00:00"), honest["previous"].as_s().unwrap().clone());
    forger.remember("report-chain", "main-store", &chain).await.unwrap();
    forger.seal_report(&shop(), Timestamp::MAX).await.unwrap();
    assert_eq!(bench.flaws().await, [("11".to_owned(), Flaw::Forged)]);
}

#[tokio::test]
async fn sealing_and_checking_go_on_where_their_time_was_over() {
    let bench = Bench::sealed().await;
    let whole = bench.check().await;
    let mut entries = 0;
    let (mut from, mut last) = (Timestamp::UNIX_EPOCH, None);
    for _ in 0..30 {
        let span = (from, Timestamp::MAX);
        let now = bench.clock.clock().now();
        let part = bench.tables.check_report(&shop(), span, last.as_deref(), now).await.unwrap();
        assert!(part.findings.is_empty(), "{part:?}");
        entries += part.entries;
        last = Some(part.last);
        match part.next {
            Some(next) => from = next,
            None => break,
        }
    }
    assert_eq!((entries, last.as_deref()), (whole.entries, Some(whole.last.as_str())));
}

#[tokio::test]
async fn an_hour_that_takes_several_goes_is_sealed_as_in_one() {
    let bench = Bench::start().await;
    let large = |n: i64| Entry {
        detail: "x".repeat(300_000),
        ..entry(&format!("large-{n:02}"), at("08:00:00") + SignedDuration::from_secs(n), Outcome::Success)
    };
    bench.tables.report(&(0..20).map(large).collect::<Vec<_>>()).await.unwrap();
    // Each look at the time takes a second of it.
    let hand = bench.clock.clone();
    let ticking = Clock::new(
        move || {
            hand.advance(Duration::from_secs(1));
            hand.now()
        },
        |_| Box::pin(std::future::ready(())),
    );
    let slow = bench.tables.clone().with_clock(ticking);
    let mut goes = 0;
    while slow.report_chain(&shop()).await.unwrap().is_none_or(|chain| chain.next < at("09:00:00")) {
        slow.seal_report(&shop(), bench.clock.now() + SignedDuration::from_secs(3)).await.unwrap();
        goes += 1;
    }
    let check = bench.check().await;
    assert_eq!((check.entries, check.findings), (20, Vec::new()));
    assert!(goes >= 5, "every second page is another go: {goes}");
}
