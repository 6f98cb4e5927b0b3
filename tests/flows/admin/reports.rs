//! The provisioning report: found by whom, where and when, a page at a time, and taken along as a file.

use aws_sdk_dynamodb::types::AttributeValue;
use local::stack::{Options, Stack, Time};
use serde_json::Value;
use shared::{
    clock::random_id,
    operator::Role,
    report::{Action, Entry, Outcome},
    store::Table,
};

use super::asking::{Person, Told};

const HERE: &str = "/admin/reports";

/// A store with so many customers, who became users.
async fn connected(customers: u32) -> (Stack, Person) {
    let stack = Stack::start(Options { customers, metered: true, ..Options::default() }).await.unwrap();
    stack.connect("main-store".parse().unwrap(), "Main store").await.unwrap();
    stack.settle().await.unwrap();
    let viewer = Person::of(&stack, Role::Viewer).await;
    (stack, viewer)
}

fn entries(told: &Told) -> Vec<Value> {
    assert_eq!(told.status, 200, "{}", told.text);
    told.json()["entries"].as_array().unwrap().clone()
}

/// An entry of so many seconds ago.
fn entry(stack: &Stack, seconds: i64, outcome: Outcome) -> Entry {
    Entry {
        id: random_id(),
        at: stack.clock().now() - jiff::SignedDuration::from_secs(seconds),
        application: "main-store".parse().unwrap(),
        user: None,
        customer: None,
        identifier: Some("=ann@x.example".to_owned()),
        action: Action::UpdateUser,
        cause: "store/customer/updated".to_owned(),
        outcome,
        changes: Vec::new(),
        detail: String::new(),
    }
}

#[tokio::test]
async fn entries_are_found_by_whom_where_when_what_and_how() {
    let (stack, viewer) = connected(3).await;
    let all = entries(&viewer.json(HERE).await);
    assert_eq!(all.len(), 3, "the first store is meant where none is named: {all:?}");
    assert!(
        all.iter().all(|entry| entry["applicationName"] == "Main store" && entry["action"] == "createUser")
    );
    let who = all[0]["identifier"].as_str().unwrap();
    let address = |field: &str, value: &str| {
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair(field, value).finish();
        format!("{HERE}?{query}")
    };
    let found = entries(&viewer.json(&address("identifier", &who.to_uppercase())).await);
    assert_eq!(found, [all[0].clone()], "however it is spelled");
    for (field, some, none) in [
        ("application", "main-store", "other"),
        ("action", "createUser", "deleteUser"),
        ("outcome", "success", "failed"),
        ("way", "survey/", "store/"),
        ("from", "2026-01-01", "2100-01-01"),
    ] {
        assert_eq!(entries(&viewer.json(&address(field, some)).await).len(), 3, "{field}");
        let told = viewer.json(&address(field, none)).await;
        assert!(told.status == 422 || entries(&told).is_empty(), "{field}: {}", told.text);
    }
    stack.settle().await.unwrap();
}

#[tokio::test]
async fn dates_that_cannot_be_are_named_with_a_next_step_g85() {
    let (_stack, viewer) = connected(0).await;
    let told = viewer.json(&format!("{HERE}?from=2026-02-01&to=2026-01-01")).await;
    assert_eq!(
        (told.status, &told.json()["errors"][0]["field"]),
        (422, &Value::from("from")),
        "{}",
        told.text
    );
    let page = viewer.page(&format!("{HERE}?from=soon")).await;
    assert!(page.status == 422 && page.text.contains("2026-11-01T12:00:00Z"), "{}", page.text);
}

#[tokio::test]
async fn a_page_costs_the_same_however_many_entries_there_are_and_none_comes_twice_g85() {
    let (stack, viewer) = connected(0).await;
    let mut costs = Vec::new();
    for more in [300, 2_700] {
        let many: Vec<_> = (0..more).map(|n| entry(&stack, n * 5, Outcome::Success)).collect();
        stack.tables().report(&many).await.unwrap();
        stack.tables().meter().take(Table::Reports);
        assert_eq!(entries(&viewer.json(HERE).await).len(), 50);
        costs.push(stack.tables().meter().take(Table::Reports).read);
    }
    // A shard that holds more than its share takes another round.
    assert!(costs.iter().all(|cost| *cost <= 36.0), "{costs:?}");
    let (mut seen, mut address) = (std::collections::BTreeSet::new(), HERE.to_owned());
    loop {
        let told = viewer.json(&address).await;
        for one in entries(&told) {
            assert!(seen.insert(one["id"].as_str().unwrap().to_owned()), "{one} came twice");
        }
        // What arrives meanwhile is newer than the place in the list.
        stack.tables().report(&[entry(&stack, 0, Outcome::Failed)]).await.unwrap();
        match told.json()["next"].as_str() {
            Some(next) => address = format!("{HERE}?cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen.len(), 3_000);
}

#[tokio::test]
async fn a_sparse_filter_over_a_year_ends_its_page_and_says_where_to_go_on_g85() {
    let (stack, viewer) = connected(0).await;
    stack.tables().report(&[entry(&stack, 60 * 86_400, Outcome::Failed)]).await.unwrap();
    stack.tables().meter().take(Table::Reports);
    let address = format!("{HERE}?outcome=failed&from=2025-01-01&to=2100-01-01");
    let first = viewer.json(&address).await;
    assert!(stack.tables().meter().take(Table::Reports).read <= 128.0);
    let next = first.json()["next"].as_str().map(str::to_owned);
    assert!(entries(&first).is_empty() && next.is_some(), "{}", first.text);
    let page = viewer.page(&address).await;
    assert!(page.text.contains("There may be older ones"), "{}", page.text);
    let mut told = viewer.json(&format!("{address}&cursor={}", next.unwrap())).await;
    while let (true, Some(next)) = (entries(&told).is_empty(), told.json()["next"].as_str()) {
        told = viewer.json(&format!("{address}&cursor={next}")).await;
    }
    assert_eq!(entries(&told).len(), 1);
}

#[tokio::test]
async fn a_report_is_taken_along_as_a_table_as_lines_and_as_account_changes() {
    let (stack, viewer) = connected(2).await;
    stack.tables().report(&[entry(&stack, 0, Outcome::Blocked)]).await.unwrap();
    let file = async |format: &str| viewer.json(&format!("{HERE}/export?format={format}")).await;
    let csv = file("csv").await;
    assert!(csv.header("content-disposition").contains("provisioning-report.csv"));
    let lines: Vec<&str> = csv.text.lines().collect();
    assert_eq!(lines.len(), 4, "{}", csv.text);
    assert!(csv.text.contains(",'=ann@x.example,") && !csv.text.contains(",=ann"), "{}", csv.text);
    let read: Vec<Value> =
        file("jsonl").await.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(read.iter().filter(|entry| entry["outcome"] == "blocked").count(), 1);
    for line in file("ocsf").await.text.lines() {
        let change: Value = serde_json::from_str(line).unwrap();
        let made_of = change["class_uid"].as_u64().unwrap() * 100 + change["activity_id"].as_u64().unwrap();
        assert_eq!((change["category_uid"].as_u64(), change["type_uid"].as_u64()), (Some(3), Some(made_of)));
    }
    assert_eq!(file("pdf").await.status, 422);
}

#[tokio::test]
async fn an_entry_opens_its_steps_changes_and_advice_and_nothing_in_it_is_markup() {
    let (stack, viewer) = connected(0).await;
    let mut odd = entry(&stack, 0, Outcome::Blocked);
    odd.identifier = Some("<b>ann</b>@x.example".to_owned());
    odd.detail = "last_name is \"<script>\" (at most 100 characters).".to_owned();
    stack.tables().report(&[odd]).await.unwrap();
    let page = viewer.page(HERE).await.text;
    for part in ["Steps", "Advice", "Raw", "Blocked", "&#60;script&#62;", "Correct the value"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(!page.contains("<script>\"") && !page.contains("<b>ann"), "{page}");
}

#[tokio::test]
async fn the_report_is_sealed_drawn_over_time_and_what_is_changed_in_it_comes_to_light() {
    let (stack, viewer) = connected(2).await;
    stack.tables().report(&[entry(&stack, 0, Outcome::Failed)]).await.unwrap();
    let bar = |told: &Told| {
        let bars = told.json()["chart"]["bars"].as_array().unwrap().clone();
        bars.into_iter().find(|bar| bar["success"] != 0 || bar["failed"] != 0).unwrap()
    };
    let fresh = viewer.json(HERE).await;
    assert_eq!((&bar(&fresh)["success"], &bar(&fresh)["failed"]), (&2.into(), &1.into()), "not sealed yet");
    let none = viewer.page(&format!("{HERE}/verify")).await;
    assert!(none.status == 200 && none.text.contains("Nothing is sealed yet"), "{}", none.text);
    let Time::ByHand(clock) = stack.time() else { panic!("the clock is a manual one") };
    clock.advance(std::time::Duration::from_secs(2 * 3600));
    stack.round().await.unwrap();
    let viewer = Person::of(&stack, Role::Viewer).await;
    let sealed = viewer.json(HERE).await;
    assert_eq!(bar(&sealed), bar(&fresh));
    assert!(viewer.page(HERE).await.text.contains("<rect class=\"bad\""));
    let check = viewer.json(&format!("{HERE}/verify?application=main-store")).await.json();
    assert_eq!((&check["sound"], &check["entries"]), (&true.into(), &3.into()), "{check}");
    let rows = stack.engine().items("ReportsTable").unwrap();
    let failed = rows.iter().find(|row| row["outcome"]["S"] == "failed").unwrap();
    let key = |name: &str| AttributeValue::S(failed[name]["S"].as_str().unwrap().to_owned());
    let delete = stack.engine().client().delete_item().table_name("ReportsTable");
    delete.key("pk", key("pk")).key("sk", key("sk")).send().await.unwrap();
    let page = viewer.page(&format!("{HERE}/verify")).await.text;
    assert!(page.contains("3 entries were sealed and 2 are there."), "{page}");
    stack.settle().await.unwrap();
}
