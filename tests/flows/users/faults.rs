//! What the tables do to requests, and what requests under load and guesses come to.

use futures_util::{StreamExt, stream};
use local::{engine::Fault, stack::Time};
use reqwest::Method;
use serde_json::{Value, json};

use super::asking::{Directory, sent};

fn ann() -> Value {
    json!({ "userName": "ann", "emails": [{ "value": "ann@x.example" }] })
}

#[tokio::test]
async fn a_fault_of_the_tables_leaves_a_whole_user_or_none_g39() {
    for fault in
        [Fault::Throttled, Fault::Conflict, Fault::Unavailable, Fault::LostRequest, Fault::LostAnswer]
    {
        let directory = Directory::of(0).await;
        directory.stack.leave_work();
        let Time::ByHand(_) = directory.stack.time() else { panic!("the time is moved by hand") };
        assert_eq!(directory.get("/Users").await.status, 200);
        directory.stack.engine().gate().fail("TransactWriteItems", fault, 2);
        let created = directory.post("/Users", &ann()).await;
        assert_eq!(created.status, 201, "{fault:?} that passes is not told: {}", created.body);
        assert_eq!(directory.filter(r#"emails eq "ann@x.example""#).await.body["totalResults"], 1);
        assert_eq!(directory.get("/Users").await.body["totalResults"], 1);
    }
}

#[tokio::test]
async fn a_fault_that_stays_is_told_with_when_to_come_back_and_nothing_is_half_written_g39() {
    for fault in [Fault::Throttled, Fault::Conflict, Fault::Unavailable] {
        let directory = Directory::of(0).await;
        directory.stack.leave_work();
        assert_eq!(directory.get("/Users").await.status, 200);
        directory.stack.engine().gate().fail("TransactWriteItems", fault, 1_000);
        let refused = directory.post("/Users", &ann()).await;
        refused.is_error(503, None);
        let after: u32 = refused.headers["retry-after"].to_str().unwrap().parse().unwrap();
        assert!((1..=60).contains(&after), "{fault:?}");
        assert!(!refused.body.to_string().contains("Dynamo"), "{}", refused.body);
        directory.stack.engine().gate().mend();
        assert_eq!(directory.get("/Users").await.body["totalResults"], 0, "{fault:?}");
        assert_eq!(directory.post("/Users", &ann()).await.status, 201, "no value is kept for nobody");
    }
}

#[tokio::test]
async fn many_requests_of_one_client_are_all_served_g41() {
    let directory = Directory::of(0).await;
    directory.stack.leave_work();
    let directory = &directory;
    let turns = stream::iter(0..50).map(|n| async move {
        let created = directory.post("/Users", &json!({ "userName": format!("user{n}") })).await;
        let path = format!("/Users/{}", created.id());
        let patch = json!([{ "op": "replace", "path": "title", "value": "Chef" }]);
        let filter = format!("userName eq \"user{n}\"");
        let statuses = [
            created.status,
            directory.filter(&filter).await.status,
            directory.patch(&path, &patch).await.status,
            directory.get(&path).await.status,
        ];
        statuses.map(|status| status.as_u16())
    });
    let answers: Vec<[u16; 4]> = turns.buffer_unordered(25).collect().await;
    assert!(answers.iter().all(|statuses| *statuses == [201, 200, 200, 200]), "{answers:?}");
    assert_eq!(directory.get("/Users?count=0").await.body["totalResults"], 50);
}

#[tokio::test]
async fn guesses_are_answered_alike_whatever_they_hit_g42() {
    let directory = Directory::of(1).await;
    directory.stack.leave_work();
    let user = directory.get("/Users").await.ids().remove(0);
    let group = directory.post("/Groups", &json!({ "displayName": "Buyers" })).await.id();
    let mut answers = Vec::new();
    for path in [
        "/Users/00000000-0000-4000-8000-000000000000".to_owned(),
        format!("/Users/{group}"),
        format!("/Groups/{user}"),
        "/Users/count".to_owned(),
        "/Groups/0".to_owned(),
        "/Users/userName%23ann0@example.com".to_owned(),
    ] {
        for method in [Method::GET, Method::PUT, Method::PATCH, Method::DELETE] {
            let request = directory.request(method, &path);
            let body = json!({ "userName": "x", "displayName": "x", "Operations": [] });
            let answer = sent(request.json(&body)).await;
            answer.is_error(404, None);
            answers.push(answer.body.to_string());
        }
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
}
