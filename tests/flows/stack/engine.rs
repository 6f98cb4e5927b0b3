//! The embedded engine and its gate.

use std::path::Path;

use aws_sdk_dynamodb::{
    Client,
    error::ProvideErrorMetadata,
    types::{AttributeValue, TransactWriteItem, Update},
};
use local::{
    clock::ManualClock,
    engine::{Engine, Fault, Keep},
    template::Template,
};

pub(crate) fn manual_clock() -> ManualClock {
    ManualClock::starting_at("2026-01-01T00:00:00Z".parse().unwrap())
}

pub(crate) async fn engine_in_memory() -> Engine {
    Engine::start(Keep::Memory(manual_clock().clock()), &Template::deployed().unwrap()).await.unwrap()
}

pub(crate) async fn put_work(client: &Client, subject: &str) {
    let subject = AttributeValue::S(subject.to_owned());
    client.put_item().table_name("WorkTable").item("subject", subject).send().await.unwrap();
}

async fn rows_of_work(client: &Client) -> usize {
    client.scan().table_name("WorkTable").send().await.unwrap().items().len()
}

fn subject_of(record: &serde_json::Value) -> &str {
    record["dynamodb"]["NewImage"]["subject"]["S"].as_str().unwrap()
}

#[tokio::test]
async fn every_table_of_the_template_is_there() {
    let engine = engine_in_memory().await;
    let tables = engine.client().list_tables().send().await.unwrap();
    assert_eq!(
        tables.table_names(),
        ["JobsTable", "ReportsTable", "SettingsTable", "UsersTable", "WorkTable"]
    );
}

#[tokio::test]
async fn items_expire_by_the_clock_of_the_stack() {
    let clock = manual_clock();
    let engine = Engine::start(Keep::Memory(clock.clock()), &Template::deployed().unwrap()).await.unwrap();
    let client = engine.client();
    let expires = clock.now().as_second() + 3600;
    let put = client.put_item().table_name("SettingsTable");
    let put = put.item("kind", AttributeValue::S("session".into()));
    let put = put.item("id", AttributeValue::S("1".into()));
    put.item("expiresAt", AttributeValue::N(expires.to_string())).send().await.unwrap();
    assert_eq!(engine.expire_items().unwrap(), 0);
    clock.advance(std::time::Duration::from_secs(3601));
    assert_eq!(engine.expire_items().unwrap(), 1);
}

/// A directory that is removed when the test is over.
pub(crate) struct Folder(pub(crate) std::path::PathBuf);

impl Folder {
    pub(crate) fn new() -> Folder {
        let path = std::env::temp_dir().join(format!("clientele-test-{}", shared::clock::random_id()));
        std::fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[tokio::test]
async fn a_file_keeps_the_data_between_runs() {
    let folder = Folder::new();
    let keep = Keep::File(folder.path().join("engine.db"));
    let template = Template::deployed().unwrap();
    let engine = Engine::start(keep.clone(), &template).await.unwrap();
    put_work(&engine.client(), "user#1").await;
    drop(engine);
    let engine = Engine::start(keep, &template).await.unwrap();
    assert_eq!(rows_of_work(&engine.client()).await, 1);
}

#[tokio::test]
async fn data_that_was_kept_for_other_tables_is_refused() {
    let folder = Folder::new();
    let keep = Keep::File(folder.path().join("engine.db"));
    let mut template = Template::deployed().unwrap();
    drop(Engine::start(keep.clone(), &template).await.unwrap());
    let work = template.tables.iter_mut().find(|table| table.name == "WorkTable").unwrap();
    work.definition["KeySchema"][0]["AttributeName"] = "id".into();
    work.definition["AttributeDefinitions"][0]["AttributeName"] = "id".into();
    let error = Engine::start(keep, &template).await.err().unwrap();
    assert_eq!(
        error.to_string(),
        "the kept data does not fit the template (its table WorkTable has other keys)"
    );
}

#[tokio::test]
async fn forgotten_records_leave_the_stream_and_later_ones_stay() {
    let folder = Folder::new();
    let keep = Keep::File(folder.path().join("engine.db"));
    let engine = Engine::start(keep, &Template::deployed().unwrap()).await.unwrap();
    let client = engine.client();
    for subject in ["user#1", "user#2", "user#3"] {
        put_work(&client, subject).await;
    }
    let records = engine.records("WorkTable", None, 10).unwrap();
    let second = records[1]["dynamodb"]["SequenceNumber"].as_str().unwrap();
    engine.forget_records("WorkTable", second).unwrap();
    put_work(&client, "user#4").await;
    let left = engine.records("WorkTable", None, 10).unwrap();
    assert_eq!(left.iter().map(subject_of).collect::<Vec<_>>(), ["user#3", "user#4"]);
    let after_second = engine.records("WorkTable", Some(second), 10).unwrap();
    assert_eq!(after_second.len(), 2);
}

#[tokio::test]
async fn a_shared_memory_keeps_nothing_and_has_its_streams_looked_after() {
    let name = format!("file:{}?mode=memory&cache=shared", shared::clock::random_id());
    let engine = Engine::start(Keep::File(name.into()), &Template::deployed().unwrap()).await.unwrap();
    let client = engine.client();
    let writes = (0..200).map(|n| {
        let client = client.clone();
        tokio::spawn(async move { put_work(&client, &format!("user#{n}")).await })
    });
    for write in writes.collect::<Vec<_>>() {
        write.await.unwrap();
        let records = engine.records("WorkTable", None, 1).unwrap();
        let Some(first) = records.first() else { continue };
        engine.forget_records("WorkTable", first["dynamodb"]["SequenceNumber"].as_str().unwrap()).unwrap();
    }
    assert_eq!(rows_of_work(&client).await, 200);
}

#[tokio::test]
async fn a_throttled_call_is_told_so_until_the_fault_is_over() {
    let engine = engine_in_memory().await;
    let client = engine.client();
    // The SDK tries three times.
    engine.gate().fail("PutItem", Fault::Throttled, 3);
    let subject = AttributeValue::S("user#1".into());
    let put = client.put_item().table_name("WorkTable").item("subject", subject);
    let error = put.clone().send().await.unwrap_err();
    assert_eq!(error.code(), Some("ProvisionedThroughputExceededException"));
    assert_eq!(rows_of_work(&client).await, 0);
    put.send().await.unwrap();
    assert_eq!(engine.gate().calls()["PutItem"], 4);
}

#[tokio::test]
async fn a_lost_answer_belongs_to_a_write_that_was_done() {
    let engine = engine_in_memory().await;
    let client = engine.client();
    engine.gate().fail("PutItem", Fault::LostAnswer, 3);
    let subject = AttributeValue::S("user#1".into());
    client.put_item().table_name("WorkTable").item("subject", subject).send().await.unwrap_err();
    assert_eq!(rows_of_work(&client).await, 1);
}

#[tokio::test]
async fn a_lost_request_belongs_to_a_write_that_was_not_done() {
    let engine = engine_in_memory().await;
    let client = engine.client();
    engine.gate().fail("PutItem", Fault::LostRequest, 3);
    let subject = AttributeValue::S("user#1".into());
    client.put_item().table_name("WorkTable").item("subject", subject).send().await.unwrap_err();
    assert_eq!(rows_of_work(&client).await, 0);
}

#[tokio::test]
async fn a_conflicting_transaction_is_cancelled_with_its_reasons() {
    let engine = engine_in_memory().await;
    engine.gate().fail("TransactWriteItems", Fault::Conflict, 10);
    let update = |subject: &str| {
        let update = Update::builder().table_name("WorkTable");
        let update = update.key("subject", AttributeValue::S(subject.into()));
        let update = update.update_expression("SET a = :a");
        let update = update.expression_attribute_values(":a", AttributeValue::Bool(true)).build().unwrap();
        TransactWriteItem::builder().update(update).build()
    };
    let write = engine.client().transact_write_items();
    let write = write.transact_items(update("user#1")).transact_items(update("user#2"));
    let error = write.send().await.unwrap_err().into_service_error();
    let Some(cancelled) = cancelled(&error) else { panic!("{error:?}") };
    let codes: Vec<_> = cancelled.cancellation_reasons().iter().filter_map(|reason| reason.code()).collect();
    assert_eq!(codes, ["TransactionConflict", "None"]);
}

#[tokio::test]
async fn random_faults_are_the_same_for_the_same_seed() {
    async fn outcomes(seed: u64) -> Vec<bool> {
        let engine = engine_in_memory().await;
        engine.gate().fail_some(seed, 0.8, &[Fault::Unavailable]);
        let client = engine.client();
        let mut outcomes = Vec::new();
        for _ in 0..12 {
            outcomes.push(client.list_tables().send().await.is_ok());
        }
        engine.gate().mend();
        client.list_tables().send().await.unwrap();
        outcomes
    }
    let first = outcomes(7).await;
    assert_eq!(first, outcomes(7).await);
    assert!(first.contains(&true) && first.contains(&false), "{first:?}");
}

fn cancelled(
    error: &aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError,
) -> Option<&aws_sdk_dynamodb::types::error::TransactionCanceledException> {
    use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
    match error {
        TransactWriteItemsError::TransactionCanceledException(cancelled) => Some(cancelled),
        _ => None,
    }
}
