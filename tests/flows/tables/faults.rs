//! DynamoDB throttles, conflicts, answers wrongly, too late or not at all.

use std::{
    collections::{BTreeSet, HashSet},
    time::Duration,
};

use aws_sdk_dynamodb::{Client, types::AttributeValue};
use serde_json::Value;
use shared::{
    store::{Error, Tables},
    user::UserId,
    work::Subject,
};

use super::bench::{self, Bench, Fault, Wire, user};

const CONFLICT: Fault = Fault::Refused(
    400,
    r#"{"__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException", "Message": "cancelled",
        "CancellationReasons": [{"Code": "None"}, {"Code": "TransactionConflict", "Message": "ongoing"}]}"#,
);
const THROTTLED: Fault = Fault::Refused(
    400,
    r#"{"__type": "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException", "message": "slow"}"#,
);
const BROKEN: Fault =
    Fault::Refused(500, r#"{"__type": "com.amazonaws.dynamodb.v20120810#InternalServerError"}"#);
const ANSWER_LOST: Fault = Fault::AnsweredInstead(500, r#"{"__type": "InternalServerError"}"#);
const DENIED: Fault = Fault::Refused(
    400,
    r#"{"__type": "com.amazon.coral.service#AccessDeniedException", "Message": "not authorized"}"#,
);

fn tokens(sent: &[Value]) -> HashSet<&str> {
    sent.iter().map(|body| body["ClientRequestToken"].as_str().unwrap()).collect()
}

fn one_subject() -> Subject {
    Subject::User(UserId::from("a0c".to_owned()))
}

#[tokio::test]
async fn g39_a_transaction_in_conflict_is_sent_again_with_its_token() {
    let Bench { tables, wire, clock, .. } = Bench::start().await;
    let before = clock.now();
    wire.sent();
    wire.faults([CONFLICT, CONFLICT]);
    tables.create_user(&user("ada", &[]), &[]).await.unwrap();
    let sent = wire.sent();
    assert_eq!((sent.len(), tokens(&sent).len()), (3, 1));
    let waited = clock.now().duration_since(before).as_millis();
    assert!((75..=150).contains(&waited), "50 ms and 100 ms, less up to half as jitter: {waited}");
}

#[tokio::test]
async fn g39_a_conflict_that_stays_is_given_up_as_throttling() {
    let Bench { tables, wire, .. } = Bench::start().await;
    let ada = user("ada", &[]);
    wire.sent();
    wire.faults(vec![CONFLICT; 50]);
    let refused = tables.create_user(&ada, &[]).await.unwrap_err();
    assert!(matches!(refused, Error::Throttled) && refused.retryable(), "{refused:?}");
    assert_eq!(wire.sent().len(), 6);
    wire.faults([]);
    assert!(tables.user(&ada.id).await.unwrap().is_none());
}

#[tokio::test]
async fn g39_a_transaction_whose_answer_was_lost_is_carried_out_once() {
    let Bench { tables, wire, .. } = Bench::start().await;
    wire.sent();
    wire.faults([ANSWER_LOST, ANSWER_LOST]);
    let ada = tables.create_user(&user("ada", &["a@x.example"]), &[]).await.unwrap();
    let sent = wire.sent();
    assert_eq!((sent.len(), tokens(&sent).len()), (3, 1));
    assert_eq!(tables.count_users().await.unwrap(), 1);
    wire.faults([ANSWER_LOST]);
    tables.delete_user(&ada, &BTreeSet::new(), &[]).await.unwrap();
    assert_eq!(tables.count_users().await.unwrap(), 0);
}

#[tokio::test]
async fn g39_throttling_and_errors_of_the_server_are_got_over() {
    let Bench { tables, wire, clock, .. } = Bench::start().await;
    for fault in [THROTTLED, BROKEN] {
        wire.faults([fault.clone()]);
        tables.enqueue(&one_subject(), "users", clock.now()).await.unwrap();
        wire.faults([fault.clone()]);
        tables.create_user(&user("ada", &[]), &[]).await.map(drop).or_else(taken).unwrap();
        assert_eq!(wire.left(), 0);
    }
}

/// On the second turn the user is there.
fn taken(error: Error) -> Result<(), Error> {
    if matches!(error, Error::Taken { .. }) { Ok(()) } else { Err(error) }
}

#[tokio::test]
async fn g39_what_stays_is_told_for_what_it_is() {
    let Bench { tables, wire, clock, .. } = Bench::start().await;
    let told = async |fault: Fault| {
        wire.faults(vec![fault; 50]);
        tables.enqueue(&one_subject(), "users", clock.now()).await.unwrap_err()
    };
    let throttled = told(THROTTLED).await;
    assert!(matches!(throttled, Error::Throttled) && throttled.retryable());
    let broken = told(BROKEN).await;
    assert!(matches!(broken, Error::Unavailable(_)) && broken.retryable());
    let denied = told(DENIED).await;
    assert!(matches!(denied, Error::Rejected(_)) && !denied.retryable());
    assert_eq!(wire.left(), 49, "what is wrong is not sent again");
}

#[tokio::test]
async fn what_a_batch_leaves_out_is_asked_for_again() {
    let Bench { tables, wire, client, .. } = Bench::start().await;
    let ids = ["a1c", "b2c"].map(|id| UserId::from(id.to_owned()));
    for id in &ids {
        let created = shared::user::User { id: id.clone(), ..user(id.as_str(), &[]) };
        tables.create_user(&created, &[]).await.unwrap();
    }
    wire.sent();
    wire.faults([Fault::AnsweredInstead(
        200,
        r#"{"Responses": {"users": []}, "UnprocessedKeys": {"users": {"ConsistentRead": true,
            "Keys": [{"pk": {"S": "user#a"}, "sk": {"S": "a1c"}}, {"pk": {"S": "user#b"}, "sk": {"S": "b2c"}}]}}}"#,
    )]);
    assert_eq!(tables.users(&ids).await.unwrap().len(), 2);
    assert_eq!(wire.sent().len(), 2);
    assert_eq!(count(&client, "users").await, 2 + 2 + 2, "users, their names and counts");
}

async fn count(client: &Client, table: &str) -> i32 {
    client.scan().table_name(table).send().await.unwrap().count()
}

#[tokio::test]
async fn a_batch_that_stays_left_out_is_given_up_as_throttling() {
    let Bench { tables, wire, .. } = Bench::start().await;
    let left = r#"{"Responses": {}, "UnprocessedKeys": {"users": {"Keys": [{"pk": {"S": "user#a"}, "sk": {"S": "a1c"}}]}}}"#;
    wire.faults(vec![Fault::AnsweredInstead(200, left); 50]);
    let refused = tables.users(&[UserId::from("a1c".to_owned())]).await.unwrap_err();
    assert!(matches!(refused, Error::Throttled), "{refused:?}");
}

#[tokio::test]
async fn a_row_of_another_shape_is_unreadable_and_not_retried() {
    let Bench { tables, client, .. } = Bench::start().await;
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let put = client.put_item().table_name("users").item("pk", text("user#a")).item("sk", text("a0c"));
    put.send().await.unwrap();
    let refused = tables.user(&UserId::from("a0c".to_owned())).await.unwrap_err();
    assert!(matches!(refused, Error::Unreadable(_)) && !refused.retryable(), "{refused:?}");
}

async fn answer_of_impatient(tables: Tables) -> Error {
    let now = jiff::Timestamp::UNIX_EPOCH;
    let (tables, subject) = (tables.impatient(), one_subject());
    let enqueued = tables.enqueue(&subject, "users", now);
    tokio::time::timeout(Duration::from_secs(3), enqueued).await.expect("an answer within 3 s").unwrap_err()
}

#[tokio::test]
async fn g13_an_impatient_writer_is_told_within_3_s_that_nobody_listens() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = answer_of_impatient(bench::tables(bench::client(&url, &Wire::default()), bench::KEY)).await;
    assert!(matches!(error, Error::Unavailable(_)) && error.retryable(), "{error:?}");
}

#[tokio::test]
async fn g13_an_impatient_writer_is_told_within_3_s_that_nobody_answers() {
    // The system takes the connection for us, and nobody ever reads from it.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let error = answer_of_impatient(bench::tables(bench::client(&url, &Wire::default()), bench::KEY)).await;
    assert!(matches!(error, Error::Unavailable(_)) && error.retryable(), "{error:?}");
}
