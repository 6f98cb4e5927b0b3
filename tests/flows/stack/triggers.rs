//! Streams and schedules: what wakes functions, and what happens when they fail.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use local::{
    engine::Engine,
    template::{ScheduleTrigger, StreamTrigger, Template},
    triggers::{Failed, Function, KillAfter, Killer, Schedule, StreamPump, Turn, function},
};
use serde_json::{Value, json};

use super::engine::{engine_in_memory, manual_clock, put_work};

/// A function that notes the subjects of each batch and answers as told.
#[derive(Clone, Default)]
struct Notes(Arc<Mutex<Vec<Vec<String>>>>);

impl Notes {
    fn function(
        &self,
        answer: impl Fn(&[String]) -> Result<Value, Failed> + Send + Sync + 'static,
    ) -> Function {
        let notes = self.clone();
        Arc::new(move |event| {
            let records = event["Records"].as_array().unwrap();
            let subjects: Vec<String> = records
                .iter()
                .map(|record| record["dynamodb"]["Keys"]["subject"]["S"].as_str().unwrap().into())
                .collect();
            let answer = answer(&subjects);
            notes.0.lock().unwrap().push(subjects);
            Box::pin(async move { answer })
        })
    }

    fn batches(&self) -> Vec<String> {
        self.0.lock().unwrap().iter().map(|batch| batch.join(" ")).collect()
    }
}

fn trigger() -> StreamTrigger {
    Template::deployed().unwrap().function("sync").unwrap().streams[0].clone()
}

async fn engine_with(subjects: &[&str]) -> Arc<Engine> {
    let engine = engine_in_memory().await;
    for subject in subjects {
        put_work(&engine.client(), subject).await;
    }
    Arc::new(engine)
}

async fn turns(pump: &StreamPump, most: usize) -> Vec<Turn> {
    let mut turns = Vec::new();
    while turns.len() < most && turns.last() != Some(&Turn::Quiet) {
        turns.push(pump.turn().await.unwrap());
    }
    turns
}

#[tokio::test]
async fn records_come_in_order_and_in_batches_of_the_triggers_size() {
    let engine = engine_with(&["user#1", "user#2", "user#3"]).await;
    let notes = Notes::default();
    let trigger = StreamTrigger { batch_size: 2, ..trigger() };
    let pump = StreamPump::new(engine.clone(), trigger, notes.function(|_| Ok(json!({})))).unwrap();
    assert_eq!(turns(&pump, 9).await, [Turn::Done(2), Turn::Done(1), Turn::Quiet]);
    assert_eq!(notes.batches(), ["user#1 user#2", "user#3"]);
    put_work(&engine.client(), "user#4").await;
    assert_eq!(turns(&pump, 9).await, [Turn::Done(1), Turn::Quiet]);
}

#[tokio::test]
async fn deletions_are_kept_back_by_the_templates_filter() {
    let engine = engine_with(&["user#1"]).await;
    let delete = engine.client().delete_item().table_name("WorkTable");
    let key = aws_sdk_dynamodb::types::AttributeValue::S("user#1".into());
    delete.key("subject", key).send().await.unwrap();
    let notes = Notes::default();
    let pump = StreamPump::new(engine, trigger(), notes.function(|_| Ok(json!({})))).unwrap();
    assert_eq!(turns(&pump, 9).await, [Turn::Done(1), Turn::Quiet]);
}

#[tokio::test]
async fn a_record_reads_as_an_event_of_lambda() {
    use aws_lambda_events::dynamodb::Event;
    let engine = engine_with(&["user#1"]).await;
    let read = function(|event: Event| async move {
        let record = &event.records[0];
        let seen =
            (record.event_name.as_str(), record.event_source.as_deref(), record.change.new_image.len());
        if seen == ("INSERT", Some("aws:dynamodb"), 1) {
            Ok(json!({}))
        } else {
            Err(Failed(format!("{seen:?}")))
        }
    });
    let pump = StreamPump::new(engine, trigger(), read).unwrap();
    assert_eq!(pump.turn().await.unwrap(), Turn::Done(1));
}

#[tokio::test]
async fn g54_after_a_partial_failure_the_batch_comes_again_from_the_first_failed_record() {
    let engine = engine_with(&["user#1", "user#2", "user#3"]).await;
    let numbers: Vec<Value> = engine
        .records("WorkTable", None, 10)
        .unwrap()
        .iter()
        .map(|record| record["dynamodb"]["SequenceNumber"].clone())
        .collect();
    let notes = Notes::default();
    let answer = move |subjects: &[String]| {
        let failures = json!([{ "itemIdentifier": numbers[2] }, { "itemIdentifier": numbers[1] }]);
        Ok(json!({ "batchItemFailures": if subjects.len() == 3 { failures } else { json!([]) } }))
    };
    let pump = StreamPump::new(engine, trigger(), notes.function(answer)).unwrap();
    assert_eq!(turns(&pump, 9).await, [Turn::Failed, Turn::Done(2), Turn::Quiet]);
    assert_eq!(notes.batches(), ["user#1 user#2 user#3", "user#2 user#3"]);
}

#[tokio::test]
async fn an_answer_that_names_an_unknown_record_fails_the_whole_batch() {
    let engine = engine_with(&["user#1"]).await;
    let notes = Notes::default();
    let answer = |_: &[String]| Ok(json!({ "batchItemFailures": [{ "itemIdentifier": "" }] }));
    let pump = StreamPump::new(engine, trigger(), notes.function(answer)).unwrap();
    assert_eq!(turns(&pump, 2).await, [Turn::Failed, Turn::Failed]);
    assert_eq!(notes.batches(), ["user#1", "user#1"]);
}

#[tokio::test]
async fn a_poisonous_record_is_found_by_bisection_and_given_up() {
    let engine = engine_with(&["user#1", "poison", "user#3", "user#4"]).await;
    let notes = Notes::default();
    let answer = |subjects: &[String]| match subjects.iter().any(|subject| subject == "poison") {
        true => Err(Failed("poison".into())),
        false => Ok(json!({})),
    };
    let trigger = StreamTrigger { retries: Some(1), ..trigger() };
    let pump = StreamPump::new(engine, trigger, notes.function(answer)).unwrap();
    let turns = turns(&pump, 20).await;
    assert!(turns.contains(&Turn::GivenUp(1)), "{turns:?}");
    assert_eq!(turns.last(), Some(&Turn::Quiet));
    let batches = notes.batches();
    assert_eq!(batches.iter().filter(|batch| *batch == "poison").count(), 2, "{batches:?}");
    assert_eq!(batches.last().unwrap(), "user#3 user#4");
}

#[tokio::test]
async fn a_function_killed_in_its_middle_gets_its_batch_again() {
    let engine = engine_with(&["user#1", "user#2"]).await;
    let client = engine.client();
    let done = Arc::new(Mutex::new(0));
    let counted = done.clone();
    let slow: Function = Arc::new(move |_| {
        let (client, counted) = (client.clone(), counted.clone());
        Box::pin(async move {
            client.list_tables().send().await.unwrap();
            *counted.lock().unwrap() += 1;
            Ok(json!({}))
        })
    });
    let killer = Killer::default();
    killer.kill_some(1, 1.0, 2);
    let trigger = StreamTrigger { bisect: false, retries: None, ..trigger() };
    let pump = StreamPump::new(engine, trigger, killer.around(slow)).unwrap();
    assert_eq!(turns(&pump, 3).await, [Turn::Failed; 3]);
    assert_eq!(*done.lock().unwrap(), 0);
    killer.rest();
    assert_eq!(turns(&pump, 3).await, [Turn::Done(2), Turn::Quiet]);
    assert_eq!(*done.lock().unwrap(), 1);
}

#[tokio::test]
async fn a_future_lives_for_its_polls_and_no_longer() {
    let three_steps = || async {
        tokio::task::yield_now().await;
        tokio::task::yield_now().await;
        "done"
    };
    assert_eq!(KillAfter::new(three_steps(), 3).await, Some("done"));
    assert_eq!(KillAfter::new(three_steps(), 2).await, None);
    assert_eq!(KillAfter::new(three_steps(), 0).await, None);
}

#[tokio::test]
async fn a_schedule_runs_when_its_time_has_come_and_once_however_late() {
    let clock = manual_clock();
    let calls = Arc::new(Mutex::new(Vec::new()));
    let noted = calls.clone();
    let note: Function = Arc::new(move |event| {
        noted.lock().unwrap().push(event);
        Box::pin(async { Ok(Value::Null) })
    });
    let input = json!({ "wake": "sweep" });
    let trigger = ScheduleTrigger { every: Duration::from_secs(60), input: input.clone() };
    let schedule = Schedule::new(&trigger, note, clock.clock());
    assert_eq!(schedule.run_if_due().await, None);
    clock.advance(Duration::from_secs(60));
    assert_eq!(schedule.run_if_due().await, Some(Ok(())));
    assert_eq!(schedule.run_if_due().await, None);
    clock.advance(Duration::from_secs(300));
    assert_eq!(schedule.run_if_due().await, Some(Ok(())));
    assert_eq!(schedule.run_if_due().await, None);
    assert_eq!(*calls.lock().unwrap(), [input.clone(), input]);
}

#[tokio::test]
async fn left_alone_the_pump_and_the_schedule_work_by_themselves() {
    let engine = engine_with(&["user#1"]).await;
    let clock = shared::clock::Clock::system();
    let (told, mut heard) = tokio::sync::mpsc::unbounded_channel();
    let note = |name: &'static str| -> Function {
        let told = told.clone();
        Arc::new(move |_| {
            told.send(name).unwrap();
            Box::pin(async { Ok(json!({})) })
        })
    };
    let trigger = StreamTrigger { window: Duration::ZERO, ..trigger() };
    let pump = tokio::spawn(StreamPump::new(engine, trigger, note("stream")).unwrap().run(clock.clone()));
    let often = ScheduleTrigger { every: Duration::from_millis(10), input: json!({}) };
    let schedule = tokio::spawn(Schedule::new(&often, note("schedule"), clock).run());
    let mut names = std::collections::BTreeSet::new();
    while names.len() < 2 {
        names.insert(heard.recv().await.unwrap());
    }
    pump.abort();
    schedule.abort();
}
