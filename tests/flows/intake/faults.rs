//! Deliveries that meet a failing database, or a function that dies.

use std::{collections::BTreeSet, time::Duration};

use local::{engine::Fault, triggers::KillAfter};
use reqwest::StatusCode;
use shared::{
    bigcommerce::CustomerId,
    secret::Secret,
    store::{TableNames, Tables},
    vault::Vault,
};
use tower::ServiceExt;

use super::{Delivery, Intake};

const THREE_SECONDS: Duration = Duration::from_secs(3);

#[tokio::test]
async fn a_row_that_cannot_be_written_is_never_acknowledged_g13() {
    let intake = Intake::start(1).await;
    let delivery = intake.updated(intake.customers()[0]);
    for fault in [Fault::Throttled, Fault::Unavailable, Fault::LostRequest] {
        intake.stack.engine().gate().fail("UpdateItem", fault, 1000);
        let answer = tokio::time::timeout(THREE_SECONDS, intake.post(&delivery)).await.unwrap();
        assert_eq!((answer, intake.rows().len()), (StatusCode::SERVICE_UNAVAILABLE, 0), "{fault:?}");
        intake.stack.engine().gate().mend();
    }
    intake.is_taken(&delivery, "sent again").await;
}

#[tokio::test]
async fn an_application_that_cannot_be_read_is_no_reason_to_refuse_a_delivery_for_good_g13() {
    let intake = Intake::start(1).await;
    intake.wait(30);
    let delivery = intake.updated(intake.customers()[0]);
    for fault in [Fault::Throttled, Fault::Unavailable, Fault::LostRequest, Fault::LostAnswer] {
        intake.stack.engine().gate().fail("GetItem", fault, 1000);
        let answer = tokio::time::timeout(THREE_SECONDS, intake.post(&delivery)).await.unwrap();
        assert_eq!((answer, intake.rows().len()), (StatusCode::SERVICE_UNAVAILABLE, 0), "{fault:?}");
        intake.stack.engine().gate().mend();
    }
    intake.is_taken(&delivery, "sent again").await;
}

/// One more attempt hides a short fault from the store.
#[tokio::test]
async fn a_single_fault_is_not_noticed_by_the_store_g13() {
    let intake = Intake::start(1).await;
    for fault in [Fault::Throttled, Fault::Unavailable, Fault::LostRequest, Fault::LostAnswer] {
        intake.stack.engine().gate().fail("UpdateItem", fault, 1);
        assert_eq!(intake.post(&intake.updated(intake.customers()[0])).await, StatusCode::OK, "{fault:?}");
    }
    assert_eq!(intake.rows().len(), 1);
    intake.stack.settle().await.unwrap();
}

#[tokio::test]
async fn under_any_mixture_of_faults_what_is_acknowledged_is_kept_g13() {
    let faults = [Fault::Throttled, Fault::Unavailable, Fault::LostRequest, Fault::LostAnswer];
    for seed in 0..3 {
        let intake = Intake::start(0).await;
        intake.stack.engine().gate().fail_some(seed, 0.6, &faults);
        let mut acknowledged = BTreeSet::new();
        for id in 1..=200_i64 {
            let customer: CustomerId = id.try_into().unwrap();
            let answer = intake.post(&intake.updated(customer)).await;
            if answer == StatusCode::OK {
                acknowledged.insert(format!("customer#main-store#{customer}"));
            } else {
                assert_eq!(answer, StatusCode::SERVICE_UNAVAILABLE, "seed {seed}");
            }
        }
        intake.stack.engine().gate().mend();
        let kept: BTreeSet<_> =
            intake.rows().iter().map(|row| row["subject"]["S"].as_str().unwrap().to_owned()).collect();
        assert!(acknowledged.is_subset(&kept), "seed {seed}");
        assert!((10..190).contains(&acknowledged.len()), "seed {seed}: {}", acknowledged.len());
        intake.stack.settle().await.unwrap();
    }
}

/// A database that takes the connection and never answers: two seconds of the machine's time.
#[tokio::test]
async fn a_database_that_never_answers_is_given_up_within_three_seconds_g13() {
    let intake = Intake::start(0).await;
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", silent.local_addr().unwrap());
    let config = intake.stack.engine().client().config().to_builder().endpoint_url(endpoint).build();
    let [users, work, jobs, reports, settings] = ["u", "w", "j", "r", "s"].map(str::to_owned);
    let names = TableNames { users, work, jobs, reports, settings };
    let vault = Vault::new(&Secret::new("0".repeat(64))).unwrap();
    let tables = Tables::new(aws_sdk_dynamodb::Client::from_conf(config), names, vault);
    let function = webhook::router(webhook::App::new(tables, intake.stack.clock().clone()));
    let request = intake.updated(1.try_into().unwrap()).request();
    let answer = tokio::time::timeout(THREE_SECONDS, function.oneshot(request)).await.unwrap().unwrap();
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
}

/// Has the function die after so many of its steps; whether it had not answered by then.
async fn dies(intake: &Intake, delivery: &Delivery, steps: u32) -> bool {
    let died = KillAfter::new(intake.function().oneshot(delivery.request()), steps).await.is_none();
    // What it had sent is still on its way to the engine.
    let local::stack::Time::ByHand(clock) = intake.stack.time() else { panic!("not by hand") };
    clock.quiet().await;
    died
}

/// Has the function die after each number of its steps in turn, until it lives; how often it had
/// kept the row and not answered.
async fn deaths_between_row_and_answer(intake: &Intake, customer: CustomerId) -> usize {
    let mut between = 0;
    for steps in 0..100 {
        let before = intake.user(customer).await;
        intake.rename_company(customer, &format!("{} {steps}", before.version)).await;
        let delivery = intake.updated(customer);
        let died = dies(intake, &delivery, steps).await;
        between += usize::from(died && intake.rows().len() == 1);
        let reads = intake.reads();
        assert_eq!(intake.post(&delivery).await, StatusCode::OK, "{steps} steps");
        assert_eq!(intake.rows().len(), 1, "{steps} steps");
        intake.stack.settle().await.unwrap();
        let after = intake.user(customer).await;
        assert_eq!((intake.reads() - reads, after.version - before.version), (1, 1), "{steps} steps");
        if !died {
            return between;
        }
    }
    panic!("it never ends");
}

#[tokio::test]
async fn a_function_that_dies_at_any_step_has_its_delivery_worked_on_once_g14() {
    let intake = Intake::start(1).await;
    let customer = intake.customers()[0];
    // How many steps the engine's answer takes is the machine's to say: on a busy one the row and
    // the answer may come in one.
    let mut between = 0;
    for _ in 0..20 {
        between += deaths_between_row_and_answer(&intake, customer).await;
        if between > 0 {
            return;
        }
    }
    panic!("no death fell between the row and the answer");
}

/// The row is there, the answer is lost on its way to the store, and the same comes again.
#[tokio::test]
async fn a_delivery_whose_answer_was_lost_is_one_row_when_it_comes_again_g14() {
    let intake = Intake::start(1).await;
    let customer = intake.customers()[0];
    let before = intake.user(customer).await;
    intake.rename_company(customer, "Analytical Engines").await;
    let delivery = intake.updated(customer);
    // Both attempts at the row are lost after they were written.
    intake.stack.engine().gate().fail("UpdateItem", Fault::LostAnswer, 2);
    assert_eq!(intake.post(&delivery).await, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(intake.rows().len(), 1);
    intake.stack.engine().gate().mend();
    assert_eq!(intake.post(&delivery).await, StatusCode::OK);
    assert_eq!(intake.rows().len(), 1);
    intake.stack.settle().await.unwrap();
    let writes = intake.user(customer).await.version - before.version;
    assert_eq!((intake.reads(), writes), (1, 1));
}
