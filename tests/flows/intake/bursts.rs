//! Many deliveries: of one event, of one customer, of many customers.

use futures_util::{StreamExt, stream};
use reqwest::StatusCode;
use shared::store::Table;
use tower::ServiceExt;

use super::{Delivery, Intake, NOTHING, all_ok};

#[tokio::test]
async fn a_thousand_deliveries_of_one_event_are_one_row_one_read_and_one_write_g01() {
    let intake = Intake::start(1).await;
    let customer = intake.customers()[0];
    let before = intake.user(customer).await;
    intake.rename_company(customer, "Analytical Engines").await;
    intake.forget_costs();

    let answers = intake.post_all(vec![intake.updated(customer); 1000]).await;
    assert_eq!((answers.len(), all_ok(&answers)), (1000, true));
    assert_eq!(intake.cost(Table::Work).write, 1000.0);
    assert_eq!(intake.rows().len(), 1);

    intake.stack.settle().await.unwrap();
    let after = intake.user(customer).await;
    assert_eq!((intake.reads(), after.version - before.version), (1, 1));
    assert_eq!(after.attributes["organization"], "Analytical Engines");
}

#[tokio::test]
async fn a_thousand_events_of_one_customer_in_ten_seconds_are_three_reads_and_three_writes_g02() {
    let intake = Intake::start(1).await;
    let customer = intake.customers()[0];
    let before = intake.user(customer).await;
    for second in 1..=10 {
        intake.rename_company(customer, &format!("Engines {second}")).await;
        let answers = intake.post_all((0..100).map(|_| intake.updated(customer)).collect()).await;
        assert!(all_ok(&answers));
        intake.wait(1);
        intake.stack.round().await.unwrap();
    }
    intake.stack.settle().await.unwrap();
    let after = intake.user(customer).await;
    let writes = after.version - before.version;
    assert!(intake.reads() <= 3 && writes <= 3, "{} reads, {writes} writes", intake.reads());
    assert_eq!(after.attributes["organization"], "Engines 10");
}

/// 1,000 events are 20 batches of 50; a tenth more is what the windows of the stream may cost.
#[tokio::test]
async fn a_thousand_events_of_a_thousand_customers_are_at_most_22_reads_g02() {
    let intake = Intake::start(0).await;
    let customers: Vec<_> = (1..=1000).map(|id| id.try_into().unwrap()).collect();
    for second in customers.chunks(200) {
        let answers = intake.post_all(second.iter().map(|id| intake.updated(*id)).collect()).await;
        assert!(all_ok(&answers));
        intake.wait(1);
        intake.stack.round().await.unwrap();
    }
    intake.stack.settle().await.unwrap();
    assert!((20..=22).contains(&intake.reads()), "{} reads", intake.reads());
}

/// Ten seconds of 200 events a second; the whole minute, and how long each takes, is what
/// `cargo bench -p tests` prints.
#[tokio::test]
async fn two_thousand_deliveries_to_environments_that_are_new_are_all_taken_g15() {
    let intake = Intake::start(0).await;
    let id = |n: i64| (n % 500 + 1).try_into().unwrap();
    let deliveries: Vec<Delivery> = (0..2000).map(|n| intake.updated(id(n))).collect();
    for some in deliveries.chunks(250) {
        let function = intake.function();
        let post =
            async |delivery: &Delivery| function.clone().oneshot(delivery.request()).await.unwrap().status();
        let answers: Vec<StatusCode> = stream::iter(some).map(post).buffer_unordered(16).collect().await;
        assert!(all_ok(&answers));
    }
    assert_eq!((intake.cost(Table::Work).write, intake.rows().len()), (2000.0, 500));
    let applications_read = intake.cost(Table::Settings).read;
    assert!((8.0..=64.0).contains(&applications_read), "by each environment: {applications_read}");
    intake.stack.settle().await.unwrap();
}

#[tokio::test]
async fn a_delivery_that_is_taken_costs_one_write_unit_and_no_read() {
    let intake = Intake::start(1).await;
    let customer = intake.customers()[0];
    intake.is_taken(&intake.updated(customer), "the first reads the application").await;
    for _ in 0..3 {
        assert_eq!(intake.post(&intake.updated(customer)).await, StatusCode::OK);
        assert_eq!(intake.cost(Table::Settings), NOTHING);
        assert_eq!(intake.cost(Table::Work).write, 1.0);
    }
    intake.stack.settle().await.unwrap();
}
