//! Creating users: once each, whoever else tries.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use shared::client::Client;

use super::asking::{Answer, Directory, sent};

fn named(name: &str) -> Value {
    json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name })
}

#[tokio::test]
async fn a_user_is_created_and_found_where_the_answer_says() {
    let directory = Directory::of(0).await;
    let mut resource = named("Ann@Example.com");
    resource["externalId"] = json!("00u1");
    resource["emails"] = json!([{ "value": "Ann@Example.com", "type": "work", "primary": true }]);
    let created = directory.post("/Users", &resource).await;
    assert_eq!(created.status, 201, "{}", created.body);
    let path = format!("/Users/{}", created.id());
    assert_eq!(created.headers["location"], directory.url(&path));
    assert_eq!(created.body["meta"]["location"], directory.url(&path));
    assert_eq!(created.headers["etag"], "W/\"1\"");
    assert_eq!(created.body["externalId"], "00u1");
    let read = directory.get(&path).await.body;
    assert_eq!((&read["meta"], &read["emails"]), (&created.body["meta"], &created.body["emails"]));
    assert_eq!(directory.get("/Users").await.body["totalResults"], 1);
    assert_eq!(directory.stack.left().len(), 1, "its row of work is there");
    directory.stack.settle().await.unwrap();
}

#[tokio::test]
async fn a_creation_whose_answer_was_lost_is_refused_again_and_the_user_found_by_all_its_names_g28() {
    let directory = Directory::of(0).await;
    directory.stack.leave_work();
    let mut resource = named("ann@example.com");
    resource["externalId"] = json!("00u1");
    resource["emails"] = json!([{ "value": "ann@example.com" }]);
    let created = directory.post("/Users", &resource).await;
    let again = directory.post("/Users", &resource).await;
    again.is_error(409, Some("uniqueness"));
    for filter in [
        r#"userName eq "ann@example.com""#,
        r#"externalId eq "00u1""#,
        r#"emails.value eq "ann@example.com""#,
        r#"emails[value eq "ann@example.com"]"#,
        &format!(r#"id eq "{}""#, created.id()),
        r#"userName eq "ann@example.com" and active eq true"#,
    ] {
        let found = directory.filter(filter).await;
        assert_eq!(found.ids(), [created.id().into()], "{filter}: {}", found.body);
    }
    let found = directory.filter(r#"externalId eq "00U1""#).await;
    assert_eq!(found.body["totalResults"], 0, "an externalId is exact");
}

#[tokio::test]
async fn of_many_creations_of_one_name_at_once_one_succeeds_however_it_is_spelled_g29() {
    for spellings in [
        ["ann@example.com", "ANN@example.com", " ann@EXAMPLE.com", "Ann@Example.Com"],
        ["jos\u{e9}@x.example", "jose\u{301}@x.example", "JOS\u{c9}@x.example", "ｊｏｓé@x.example"],
    ] {
        let directory = Directory::of(0).await;
        directory.stack.leave_work();
        let bodies: Vec<Value> = (0..16).map(|n| named(spellings[n % 4])).collect();
        let answers: Vec<Answer> = join_all(bodies.iter().map(|body| directory.post("/Users", body))).await;
        let created = answers.iter().filter(|answer| answer.status == 201).count();
        let refused = answers.iter().filter(|answer| answer.status == 409).count();
        assert_eq!((created, refused), (1, 15));
        assert_eq!(directory.get("/Users").await.body["totalResults"], 1);
        let other = directory.post("/Users", &named(&format!("{}.", spellings[0]))).await;
        assert_eq!(other.status, 201, "a dot at the end belongs to the name");
    }
}

#[tokio::test]
async fn what_is_no_user_is_refused() {
    let directory = Directory::of(0).await;
    for body in [
        json!({ "not": "a scim resource" }),
        json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"] }),
        json!({ "userName": "" }),
        json!({ "userName": null }),
        json!({ "userName": "a", "active": "maybe" }),
        json!({ "userName": "a", "emails": [{ "value": { "a": 1 } }] }),
    ] {
        directory.post("/Users", &body).await.is_error(400, Some("invalidValue"));
    }
    for body in ["", "x", "[]", "null", "{\"userName\":"] {
        let request = directory.request(Method::POST, "/Users").header("content-type", "application/json");
        sent(request.body(body)).await.is_error(400, Some("invalidSyntax"));
    }
    assert_eq!(directory.get("/Users").await.body["totalResults"], 0);
}

#[tokio::test]
async fn what_each_client_calls_a_user_is_its_own() {
    let directory = Directory::of(0).await;
    directory.stack.leave_work();
    let other = directory.as_client(&Client::new("okta".parse().unwrap(), "Okta")).await;
    let resource = |name: &str| json!({ "userName": name, "externalId": "7" });
    let ann = directory.post("/Users", &resource("ann")).await;
    let bob = other.post("/Users", &resource("bob")).await;
    assert_eq!((ann.status.as_u16(), bob.status.as_u16()), (201, 201));
    directory.post("/Users", &resource("eve")).await.is_error(409, Some("uniqueness"));
    let found = directory.filter(r#"externalId eq "7""#).await;
    assert_eq!(found.ids(), [ann.id().into()]);
    let seen = directory.get(&format!("/Users/{}", bob.id())).await;
    assert_eq!(seen.body["externalId"], Value::Null, "another client's name for it is not told");
}

#[tokio::test]
async fn a_reactivating_client_creates_whom_it_deactivated_as_the_same_user() {
    let directory = Directory::of(0).await;
    directory.stack.leave_work();
    let client = Client { reactivates: true, ..Client::new("entra".parse().unwrap(), "Entra ID") };
    let entra = directory.as_client(&client).await;
    let resource = json!({ "userName": "ann@example.com", "externalId": "1", "title": "Buyer" });
    let created = entra.post("/Users", &resource).await;
    entra.post("/Users", &resource).await.is_error(409, Some("uniqueness"));
    let path = format!("/Users/{}", created.id());
    let off = json!([{ "op": "Replace", "path": "active", "value": "False" }]);
    assert_eq!(entra.patch(&path, &off).await.body["active"], false);
    // Whoever did not deactivate the user, or does not reactivate, is refused.
    directory.post("/Users", &resource).await.is_error(409, Some("uniqueness"));
    let again = entra.post("/Users", &json!({ "userName": "Ann@Example.com", "externalId": "1" })).await;
    assert_eq!((again.status.as_u16(), again.id()), (201, created.id()));
    assert_eq!(again.headers["location"], directory.url(&path));
    let seen = entra.get(&path).await.body;
    assert_eq!((&seen["active"], &seen["userName"]), (&json!(true), &json!("Ann@Example.com")));
    assert_eq!(seen["title"], Value::Null, "it is as it was created the last time");
    entra.post("/Users", &resource).await.is_error(409, Some("uniqueness"));
}

#[tokio::test]
async fn a_strict_client_is_told_at_once_what_a_store_would_refuse_g38() {
    let directory = Directory::of(0).await;
    directory.stack.leave_work();
    directory.stack.connect("main-store".parse().unwrap(), "Main store").await.unwrap();
    let client = Client { strict: true, ..Client::new("okta".parse().unwrap(), "Okta") };
    let okta = directory.as_client(&client).await;
    let named = |given: &str| {
        let emails = json!([{ "value": "ann@example.com", "primary": true }]);
        json!({ "userName": "ann", "name": { "givenName": given, "familyName": "Example" }, "emails": emails })
    };
    let refused = okta.post("/Users", &named(&"n".repeat(101))).await;
    refused.is_error(400, Some("invalidValue"));
    assert!(refused.body["detail"].as_str().unwrap().contains("first_name"), "{}", refused.body);
    let created = okta.post("/Users", &named(&"n".repeat(100))).await;
    assert_eq!(created.status, 201, "{}", created.body);
    let path = format!("/Users/{}", created.id());
    let longer = json!([{ "op": "replace", "path": "name.givenName", "value": "n".repeat(101) }]);
    okta.patch(&path, &longer).await.is_error(400, Some("invalidValue"));
    assert_eq!(okta.get(&path).await.headers["etag"], "W/\"1\"");
    assert_eq!(directory.patch(&path, &longer).await.status, 200, "others have it stored as sent");
}
