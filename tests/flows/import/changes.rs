//! Runs over what changed only, on demand and by schedule.

use std::time::Duration;

use shared::{
    application::Policies,
    bigcommerce::CustomerId,
    import::{Counts, Effect, Kind, Run, State},
};

use super::bench::Bench;

impl Bench {
    async fn import_changes(&self) -> Run {
        let since = self.job().await.watermark.expect("there was a full run");
        let id = self.application.id.clone();
        let run = Run::incremental(id, since, Effect::Apply, "ada", self.stack.clock().now());
        self.begin_run(run).await;
        self.settle().await;
        self.job().await.run
    }
}

#[tokio::test]
async fn a_run_over_changes_takes_over_what_changed_and_finds_no_deletion() {
    let bench = Bench::with(20).await;
    bench.import().await;
    bench.pass(Duration::from_secs(600));
    let (changed, gone): (CustomerId, CustomerId) = (bench.ids()[3], bench.ids()[4]);
    bench
        .silently(async {
            bench.change(changed, "Analytical Engines").await;
            bench.create("new@x.example").await;
            bench.delete(&[gone]).await;
        })
        .await;
    let run = bench.import_changes().await;
    assert_eq!((run.state, run.counts), (State::Done, Counts { create: 1, update: 1, ..Counts::default() }));
    assert_eq!(bench.users().await, 21, "who is gone is found by a full run");
    let run = bench.import().await;
    assert_eq!((run.counts.delete, run.counts.unchanged), (1, 20));
    bench.all_is_well().await;
}

#[tokio::test]
async fn a_changed_attribute_value_is_found_though_its_customer_did_not_change() {
    let mut bench = Bench::with(20).await;
    let client = bench.stack.bigcommerce().store(&bench.application);
    let attributes = client.attributes().await.unwrap();
    bench.application.mapping = shared::mapping::Mapping::default().with_attributes(&attributes);
    bench.stack.tables().put_application(&bench.application).await.unwrap();
    bench.import().await;
    bench.pass(Duration::from_secs(600));
    let attribute = attributes.iter().find(|attribute| attribute.kind == "string").unwrap();
    let value = shared::bigcommerce::AttributeValue {
        customer_id: Some(bench.ids()[2]),
        attribute_id: attribute.id.unwrap(),
        attribute_value: "7".to_owned(),
    };
    bench.silently(async { drop(client.put_attribute_values(&[value]).await.unwrap()) }).await;
    let run = bench.import_changes().await;
    assert_eq!((run.state, run.counts.changed()), (State::Done, 1), "{:?}", run.counts);
    bench.all_is_well().await;
}

#[tokio::test]
async fn a_scheduled_run_that_finds_nothing_is_one_call_and_two_writes() {
    let bench = Bench::at(20, local::bigcommerce::Plan::UNLIMITED, |application| {
        let policies = application.policies.clone();
        application.policies = Policies { import_changes_every_minutes: 20, ..policies };
        application.mapping = shared::mapping::Mapping::default();
    })
    .await;
    bench.import().await;
    // The watch, which writes too, is not due at the same time.
    bench.pass(Duration::from_secs(16 * 60));
    bench.settle().await;
    bench.stack.round().await.unwrap();
    bench.pass(Duration::from_secs(5 * 60));
    let pages = bench.pages();
    bench.stack.engine().gate().forget_calls();
    bench.stack.round().await.unwrap();
    let run = bench.job().await.run;
    assert_eq!((run.kind, run.state, run.counts.changed()), (Kind::Incremental, State::Done, 0));
    assert_eq!(run.asked_by, "schedule");
    let writes: u64 = bench
        .stack
        .engine()
        .gate()
        .calls()
        .iter()
        .filter(|(operation, _)| ["PutItem", "UpdateItem", "DeleteItem"].contains(&operation.as_str()))
        .map(|(_, times)| times)
        .sum();
    assert_eq!(writes, 2, "it begins, and it ends");
    assert_eq!(bench.pages() - pages, 1);
    assert!(
        bench.stack.tables().runs(&bench.application.id, None, 10).await.unwrap().len() == 1,
        "no trace of it"
    );
}
