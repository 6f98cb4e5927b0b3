//! Changing and deleting users: by PUT and PATCH, alone and at once.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use super::asking::{Answer, Directory, sent};

/// A directory with one user, and the user's path.
pub(super) async fn with(resource: &Value) -> (Directory, String) {
    let directory = Directory::of(0).await;
    directory.stack.leave_work();
    let created = directory.post("/Users", resource).await;
    assert_eq!(created.status, 201, "{}", created.body);
    let path = format!("/Users/{}", created.id());
    (directory, path)
}

async fn only_if(directory: &Directory, method: Method, path: &str, version: &str, body: &Value) -> Answer {
    let request = directory.request(method, path).header("if-match", version);
    sent(request.header("content-type", "application/scim+json").body(body.to_string())).await
}

#[tokio::test]
async fn a_replacement_removes_what_it_lacks() {
    let (directory, path) = with(&json!({ "userName": "ann", "title": "Buyer", "externalId": "1" })).await;
    let before = directory.get(&path).await;
    let replaced = directory.put(&path, &json!({ "id": "other", "userName": "ann", "nickName": "A" })).await;
    assert_eq!(replaced.status, 200, "{}", replaced.body);
    assert_eq!(replaced.headers["etag"], "W/\"2\"");
    assert_eq!(replaced.body["id"], before.body["id"]);
    assert_eq!((&replaced.body["nickName"], &replaced.body["title"]), (&json!("A"), &Value::Null));
    assert_eq!(replaced.body["meta"]["created"], before.body["meta"]["created"]);
    assert_eq!(directory.get(&path).await.body, replaced.body);
    assert_eq!(directory.filter(r#"externalId eq "1""#).await.body["totalResults"], 0);
    directory.put(&path, &json!({ "nickName": "A" })).await.is_error(400, Some("invalidValue"));
    directory.put("/Users/0-0", &json!({ "userName": "x" })).await.is_error(404, None);
}

#[tokio::test]
async fn a_change_to_what_is_so_already_is_not_written() {
    let (directory, path) = with(&json!({ "userName": "ann", "title": "Buyer" })).await;
    directory.stack.settle().await.unwrap();
    let title = |title: &str| json!([{ "op": "replace", "path": "title", "value": title }]);
    let same = directory.patch(&path, &title("Buyer")).await;
    assert_eq!((same.status.as_u16(), &same.headers["etag"]), (200, &"W/\"1\"".parse().unwrap()));
    let same = directory.put(&path, &json!({ "userName": "ann", "title": "Buyer" })).await;
    assert_eq!((same.status.as_u16(), &same.headers["etag"]), (200, &"W/\"1\"".parse().unwrap()));
    assert!(directory.stack.left().is_empty(), "nothing is to be looked at");
    assert_eq!(directory.patch(&path, &title("Chef")).await.headers["etag"], "W/\"2\"");
    assert_eq!(directory.stack.left().len(), 1);
}

#[tokio::test]
async fn no_change_is_lost_to_another_at_the_same_time_g30() {
    let (directory, path) = with(&json!({ "userName": "ann" })).await;
    let attributes = ["title", "nickName", "displayName", "locale", "timezone", "userType"];
    let patches: Vec<Value> =
        attributes.map(|name| json!([{ "op": "add", "path": name, "value": "x" }])).into();
    let answers = join_all(patches.iter().map(|patch| directory.patch(&path, patch))).await;
    assert!(answers.iter().all(|answer| answer.status == 200));
    let seen = directory.get(&path).await;
    assert!(attributes.iter().all(|name| seen.body[*name] == "x"), "{}", seen.body);
    assert_eq!(seen.headers["etag"], "W/\"7\"");

    let title = |title: &str| json!({ "Operations": [{ "op": "replace", "path": "title", "value": title }] });
    let titles: Vec<Value> = ["a", "b", "c", "d"].map(title).into();
    let version = "W/\"7\"";
    let answers =
        join_all(titles.iter().map(|t| only_if(&directory, Method::PATCH, &path, version, t))).await;
    let outcomes = |status: u16| answers.iter().filter(|answer| answer.status == status).count();
    assert_eq!((outcomes(200), outcomes(412)), (1, 3));
}

#[tokio::test]
async fn a_request_for_another_version_changes_nothing_g30() {
    let (directory, path) = with(&json!({ "userName": "ann" })).await;
    let resource = json!({ "userName": "ann", "title": "Chef" });
    let patch = json!({ "Operations": [{ "op": "add", "path": "title", "value": "Chef" }] });
    for stale in ["W/\"2\"", "\"0\"", "W/\"\"", "1", "W/\"2\", W/\"3\""] {
        only_if(&directory, Method::PUT, &path, stale, &resource).await.is_error(412, None);
        only_if(&directory, Method::PATCH, &path, stale, &patch).await.is_error(412, None);
        only_if(&directory, Method::DELETE, &path, stale, &json!({})).await.is_error(412, None);
    }
    let request = directory.request(Method::PUT, &path).header("if-none-match", "*");
    sent(request.json(&resource)).await.is_error(412, None);
    assert_eq!(directory.get(&path).await.headers["etag"], "W/\"1\"");
    let put = only_if(&directory, Method::PUT, &path, "W/\"9\", W/\"1\"", &resource).await;
    assert_eq!((put.status.as_u16(), &put.headers["etag"]), (200, &"W/\"2\"".parse().unwrap()));
    assert_eq!(only_if(&directory, Method::PATCH, &path, "*", &patch).await.status, 200);
    assert_eq!(only_if(&directory, Method::DELETE, &path, "\"2\"", &json!({})).await.status, 204);
}

#[tokio::test]
async fn a_patch_is_applied_whole_or_not_at_all_g31() {
    let (directory, path) = with(&json!({
        "userName": "ann",
        "emails": [{ "value": "ann@work.example", "type": "work" }, { "value": "ann@home.example", "type": "home" }],
    }))
    .await;
    let many: Vec<Value> =
        (0..1_000).map(|n| json!({ "op": "replace", "path": "title", "value": n.to_string() })).collect();
    let patched = directory.patch(&path, &json!(many)).await;
    assert_eq!((patched.status.as_u16(), &patched.body["title"]), (200, &json!("999")));
    let more: Vec<&Value> = many.iter().chain(&many[..1]).collect();
    directory.patch(&path, &json!(more)).await.is_error(400, Some("tooMany"));

    let value_path =
        json!([{ "op": "replace", "path": "emails[type eq \"work\"].value", "value": "a@new.example" }]);
    let patched = directory.patch(&path, &value_path).await;
    assert_eq!(patched.body["emails"][0]["value"], "a@new.example", "{}", patched.body);
    let entra = json!([{ "op": "Replace", "path": "active", "value": "False" }]);
    assert_eq!(directory.patch(&path, &entra).await.body["active"], false);
    let entra = json!([{ "op": "Replace", "value": { "active": "True", "name.givenName": "Ann" } }]);
    let patched = directory.patch(&path, &entra).await;
    assert_eq!((&patched.body["active"], &patched.body["name"]["givenName"]), (&json!(true), &json!("Ann")));

    let before = directory.get(&path).await.body;
    let good = json!({ "op": "replace", "path": "title", "value": "Lost" });
    for (bad, kind) in [
        (json!({ "op": "replace", "path": "emails[type eq", "value": "x" }), "invalidPath"),
        (json!({ "op": "move", "path": "title" }), "invalidSyntax"),
        (json!({ "op": "remove" }), "noTarget"),
        (json!({ "op": "replace", "path": "id", "value": "x" }), "mutability"),
        (json!({ "op": "replace", "path": "active", "value": "perhaps" }), "invalidValue"),
        (json!({ "op": "remove", "path": "userName" }), "mutability"),
    ] {
        let answer = directory.patch(&path, &json!([good, bad])).await;
        assert_eq!(answer.status, 400, "{bad}: {}", answer.body);
        assert!(answer.body["scimType"].is_string(), "{bad} should be {kind}: {}", answer.body);
        assert_eq!(directory.get(&path).await.body, before, "{bad}");
    }
    let nothing = directory.patch(&path, &json!([])).await;
    assert_eq!((nothing.status.as_u16(), &nothing.body), (200, &before));
}

#[tokio::test]
async fn a_user_is_deleted_once_and_its_names_are_free_g40() {
    let resource = json!({ "userName": "ann", "externalId": "1", "emails": [{ "value": "ann@x.example" }] });
    let (directory, path) = with(&resource).await;
    assert_eq!(directory.delete(&path).await.status, 204);
    directory.delete(&path).await.is_error(404, None);
    directory.get(&path).await.is_error(404, None);
    assert_eq!(directory.get("/Users").await.body["totalResults"], 0);
    let again = directory.post("/Users", &resource).await;
    assert_eq!(again.status, 201);
    assert_ne!(format!("/Users/{}", again.id()), path, "nothing of the former user comes back");
    directory.stack.settle().await.unwrap();
}
