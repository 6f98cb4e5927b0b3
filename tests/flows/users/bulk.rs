//! Many operations in one request.

use reqwest::Method;
use serde_json::{Value, json};
use shared::client::{ApiToken, Scope};

use super::asking::{Answer, Directory, sent};
use crate::stack::gateway::client;

async fn directory() -> Directory {
    let directory = Directory::of(0).await;
    directory.stack.leave_work();
    directory
}

async fn bulk(directory: &Directory, operations: &Value) -> Answer {
    let schemas = ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"];
    directory.post("/Bulk", &json!({ "schemas": schemas, "Operations": operations })).await
}

fn statuses(answer: &Answer) -> Vec<String> {
    let operations = answer.body["Operations"].as_array().unwrap_or_else(|| panic!("{}", answer.body));
    operations.iter().map(|operation| operation["status"].as_str().unwrap().to_owned()).collect()
}

fn user(name: &str) -> Value {
    json!({ "method": "POST", "path": "/Users", "bulkId": name, "data": { "userName": name } })
}

#[tokio::test]
async fn operations_refer_to_what_others_create_before_and_after_them() {
    let directory = directory().await;
    let answer = bulk(&directory, &json!([
        { "method": "POST", "path": "/Groups", "bulkId": "buyers",
          "data": { "displayName": "Buyers", "members": [{ "value": "bulkId:ann" }] } },
        user("ann"),
        { "method": "PATCH", "path": "/Groups/bulkId:buyers",
          "data": { "Operations": [{ "op": "add", "path": "members", "value": [{ "value": "bulkId:bob" }] }] } },
        user("bob"),
        { "method": "PUT", "path": "/Users/bulkId:bob",
          "data": { "userName": "bob", "title": "Chef", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": { "manager": { "value": "bulkId:ann" } } } },
        { "method": "DELETE", "path": "/Users/bulkId:ann" },
    ]))
    .await;
    assert_eq!(answer.status, 200);
    assert_eq!(statuses(&answer), ["201", "201", "200", "201", "200", "204"], "{}", answer.body);
    let operations = &answer.body["Operations"];
    assert_eq!((&operations[1]["bulkId"], &operations[1]["method"]), (&json!("ann"), &json!("POST")));
    assert_eq!(operations[1]["version"], "W/\"1\"");
    let bob = operations[3]["location"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let seen = directory.get(&format!("/Users/{bob}")).await.body;
    assert_eq!((&seen["title"], &seen["groups"][0]["display"]), (&json!("Chef"), &json!("Buyers")));
    let group =
        operations[0]["location"].as_str().unwrap().strip_prefix(&directory.url("")).unwrap().to_owned();
    let group = directory.get(&group).await.body;
    assert_eq!(group["members"].as_array().unwrap().len(), 1, "{group}");
}

#[tokio::test]
async fn what_refers_in_a_circle_or_to_nothing_is_refused_and_the_rest_is_done() {
    let directory = directory().await;
    let group = |name: &str, member: &str| {
        json!({ "method": "POST", "path": "/Groups", "bulkId": name,
                "data": { "displayName": name, "members": [{ "value": format!("bulkId:{member}") }] } })
    };
    let answer = bulk(&directory, &json!([
        group("a", "b"), group("b", "a"), group("self", "self"), group("c", "a"), group("lost", "nobody"), user("ann"),
        { "method": "PATCH", "path": "/Users/bulkId:nobody", "data": { "Operations": [] } },
    ]))
    .await;
    assert_eq!(statuses(&answer), ["409", "409", "409", "409", "409", "201", "409"], "{}", answer.body);
    let refusal = &answer.body["Operations"][0]["response"];
    assert_eq!(refusal["schemas"][0], "urn:ietf:params:scim:api:messages:2.0:Error");
    assert_eq!(refusal["status"], "409");
    assert_eq!(directory.get("/Groups").await.body["totalResults"], 0);
}

#[tokio::test]
async fn it_goes_on_after_errors_until_there_are_as_many_as_it_may_have() {
    let directory = directory().await;
    let bad = json!({ "method": "POST", "path": "/Users", "bulkId": "bad", "data": {} });
    let operations = json!([
        user("ann"), user("ann"), bad, { "method": "DELETE", "path": "/Users/nobody" },
        { "method": "GET", "path": "/Users" }, { "method": "POST", "path": "/Users", "data": { "userName": "x" } },
        { "method": "POST", "path": "/Elsewhere", "bulkId": "e", "data": {} }, { "method": "PUT", "path": "/Users" },
        { "method": "POST", "path": "/Users/x", "bulkId": "f" }, 7, user("bob"),
    ]);
    let answer = bulk(&directory, &operations).await;
    let expected = ["201", "409", "400", "404", "400", "400", "404", "405", "405", "400", "201"];
    assert_eq!(statuses(&answer), expected, "{}", answer.body);
    let stopped = json!({ "failOnErrors": 1, "Operations": [bad, user("a1"), user("a2"), user("a3"), user("a4"),
        user("a5"), user("a6"), user("a7"), user("a8"), user("a9")] });
    let answer = directory.post("/Bulk", &stopped).await;
    assert_eq!(statuses(&answer).len(), 8, "what was under way is finished, and no more begun");
    directory
        .post("/Bulk", &json!({ "failOnErrors": 0, "Operations": [] }))
        .await
        .is_error(400, Some("invalidValue"));
}

#[tokio::test]
async fn a_request_has_so_many_operations_and_no_more_g31() {
    let directory = directory().await;
    let nothing = json!({ "method": "DELETE", "path": "/Users/nobody" });
    let most = vec![&nothing; 1_000];
    assert_eq!(statuses(&bulk(&directory, &json!(most)).await).len(), 1_000);
    bulk(&directory, &json!(vec![&nothing; 1_001])).await.is_error(413, None);
    for message in [json!({}), json!({ "Operations": {} })] {
        directory.post("/Bulk", &message).await.is_error(400, Some("invalidSyntax"));
    }
}

#[tokio::test]
async fn each_operation_takes_what_the_token_opens_g37() {
    let directory = directory().await;
    let ann = directory.post("/Users", &json!({ "userName": "ann" })).await.id();
    let token = ApiToken::new("writer".parse().unwrap(), directory.stack.clock().now());
    let token = ApiToken { scopes: [Scope::Write].into(), ..token };
    let token = directory.stack.tables().create_api_token(&token).await.unwrap();
    let delete = json!({ "method": "DELETE", "path": format!("/Users/{ann}") });
    let request = client().request(Method::POST, directory.url("/Bulk")).bearer_auth(token.expose());
    let answer = sent(request.json(&json!({ "Operations": [delete, user("bob")] }))).await;
    assert_eq!(statuses(&answer), ["403", "201"], "{}", answer.body);
    let stale = json!({ "method": "DELETE", "path": format!("/Users/{ann}"), "version": "W/\"7\"" });
    assert_eq!(statuses(&bulk(&directory, &json!([stale, delete])).await), ["412", "204"]);
}
