//! What identity providers do, as they do it.

use reqwest::Method;
use serde_json::{Value, json};

use super::asking::{Directory, sent};

async fn directory() -> Directory {
    let directory = Directory::of(0).await;
    directory.stack.leave_work();
    directory
}

#[tokio::test]
async fn a_connection_test_that_asks_for_nobody_is_answered_with_nobody() {
    let directory = directory().await;
    for path in [
        "/Users?filter=userName+eq+%22non-existent-8a6f%22",
        "/Users?filter=userName+eq+%22a%22&startIndex=1&count=100",
        "/Users?startIndex=1&count=2",
        "/Users?filter=id+eq+%22no-such-id%22",
        "/Users?attributes=userName&filter=emails%5Btype+eq+%22work%22%5D.value+eq+%22x%40y%22",
        "/Groups?filter=displayName+eq+%22no+such+group%22&excludedAttributes=members",
        "/Groups?excludedAttributes=members&filter=id+eq+%22x%22+and+members+eq+%22y%22",
    ] {
        let answer = directory.get(path).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.body["totalResults"]),
            (200, &json!(0)),
            "{path}: {}",
            answer.body
        );
        assert_eq!(answer.body["Resources"], json!([]), "{path}");
    }
    for path in ["/ServiceProviderConfig", "/ResourceTypes", "/ResourceTypes/User", "/Schemas"] {
        assert_eq!(directory.get(path).await.status, 200, "{path}");
    }
    let schema = "/Schemas/urn:ietf:params:scim:schemas:core:2.0:User";
    assert_eq!(directory.get(schema).await.body["name"], "User");
    directory.get("/Schemas/urn:x").await.is_error(404, None);
    directory.get("/Schemas?filter=id+pr").await.is_error(403, None);
}

#[tokio::test]
async fn entra_id_creates_disables_and_enables_again() {
    let directory = directory().await;
    let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let created = directory
        .post("/Users", &json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", enterprise],
            "externalId": "0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef", "userName": "Ann@example.com", "active": true,
            "emails": [{ "primary": true, "type": "work", "value": "Ann@example.com" }],
            "meta": { "resourceType": "User" }, "roles": [], "urn:x:custom": { "a": 1 },
            "name": { "formatted": "given family", "familyName": "family", "givenName": "given" },
        }))
        .await;
    assert_eq!(created.status, 201, "{}", created.body);
    let path = format!("/Users/{}", created.id());
    let patched = directory
        .patch(
            &path,
            &json!([
                { "op": "Replace", "path": "displayName", "value": "Ann" },
                { "op": "Add", "path": "emails[type eq \"other\"].value", "value": "a@other.example" },
                { "op": "Add", "path": format!("{enterprise}:manager"), "value": "" },
                { "op": "Add", "path": format!("{enterprise}:department"), "value": "Sales" },
                { "op": "Replace", "path": "addresses[type eq \"work\"].country", "value": "US" },
            ]),
        )
        .await;
    assert_eq!(patched.status, 200, "{}", patched.body);
    assert_eq!(patched.body["emails"][1]["value"], "a@other.example");
    assert_eq!(patched.body[enterprise], json!({ "department": "Sales" }));
    assert_eq!(patched.body["addresses"][0]["country"], "US");
    let active = |value: &str| json!([{ "op": "Replace", "path": "active", "value": value }]);
    assert_eq!(directory.patch(&path, &active("False")).await.body["active"], false);
    let found = directory.filter(r#"externalId eq "0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef""#).await;
    assert_eq!(found.body["Resources"][0]["active"], false, "a disabled user is still found");
    assert_eq!(directory.patch(&path, &active("True")).await.body["active"], true);
    let manager = json!([{ "op": "Add", "path": format!("{enterprise}:manager"), "value": created.id() }]);
    let patched = directory.patch(&path, &manager).await;
    assert_eq!(patched.body[enterprise]["manager"]["value"], created.id());
}

#[tokio::test]
async fn okta_asks_creates_and_replaces_whole() {
    let directory = directory().await;
    let query = "/Users?filter=userName%20eq%20%22ann%40example.com%22&startIndex=1&count=100";
    assert_eq!(directory.get(query).await.body["totalResults"], 0);
    let mut resource = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ann@example.com",
        "name": { "givenName": "Ann", "familyName": "Example" }, "displayName": "Ann Example",
        "emails": [{ "primary": true, "value": "ann@example.com", "type": "work" }], "locale": "en-US",
        "externalId": "00ujl29u0le5T6Aj10h7", "groups": [], "password": "1mz050nq", "active": true,
    });
    let created = directory.post("/Users", &resource).await;
    assert_eq!(created.status, 201, "{}", created.body);
    assert_eq!(created.body["password"], Value::Null, "a password is kept nowhere");
    let path = format!("/Users/{}", created.id());
    let mut read = directory.get(&path).await.body;
    read["active"] = json!(false);
    let put = directory.put(&path, &read).await;
    assert_eq!((put.status.as_u16(), &put.body["active"]), (200, &json!(false)), "{}", put.body);
    resource["name"]["familyName"] = json!("Other");
    let put = directory.put(&path, &resource).await;
    assert_eq!((&put.body["active"], &put.body["name"]["familyName"]), (&json!(true), &json!("Other")));
    let off = json!([{ "op": "replace", "value": { "active": false } }]);
    assert_eq!(directory.patch(&path, &off).await.body["active"], false);
}

#[tokio::test]
async fn null_means_no_value_and_what_nobody_knows_is_left_out() {
    let directory = directory().await;
    let created = directory
        .post("/Users", &json!({ "userName": "ann", "title": "Chef", "nickName": null, "shoeSize": 7 }))
        .await;
    let path = format!("/Users/{}", created.id());
    let patched = directory
        .patch(
            &path,
            &json!([
                { "op": "replace", "path": "title", "value": null },
                { "op": "add", "path": "urn:x:unknown:attribute", "value": 1 },
                { "op": "replace", "value": { "shoeSize": 8, "nickName": "A" } },
            ]),
        )
        .await;
    assert_eq!((patched.status.as_u16(), &patched.body["nickName"]), (200, &json!("A")), "{}", patched.body);
    assert_eq!((&patched.body["title"], &patched.body["shoeSize"]), (&Value::Null, &Value::Null));
    let gone = directory.patch(&path, &json!([{ "op": "remove", "path": "active" }])).await;
    assert_eq!((gone.status.as_u16(), &gone.body["active"]), (200, &Value::Null));
    let again = directory.patch(&path, &json!([{ "op": "add", "path": "active", "value": true }])).await;
    assert_eq!(again.body["active"], true);
}

#[tokio::test]
async fn any_name_that_unicode_can_write_is_kept_as_sent_g38() {
    let directory = directory().await;
    let long = |letters: usize| format!("{}@x.example", "a".repeat(letters - "@x.example".len()));
    let names = [
        "😀@例え.jp",
        "\u{202e}live@x.example",
        "👩\u{200d}👩\u{200d}👧",
        "שלום@x.example",
        &long(250),
        &long(251),
    ];
    for (n, name) in names.into_iter().enumerate() {
        let given = "n".repeat(99 + n);
        let resource =
            json!({ "userName": name, "name": { "givenName": given }, "emails": [{ "value": name }] });
        let created = directory.post("/Users", &resource).await;
        assert_eq!(created.status, 201, "{name}: {}", created.body);
        let read = directory.get(&format!("/Users/{}", created.id())).await.body;
        assert_eq!((&read["userName"], &read["name"]["givenName"]), (&json!(name), &json!(given)));
        let filter = format!("userName eq {}", json!(name));
        assert_eq!(directory.filter(&filter).await.ids(), [created.id().into()], "{name}");
    }
    let long = json!({ "userName": "a".repeat(3_000) });
    directory.post("/Users", &long).await.is_error(413, None);
    let request = directory
        .request(Method::GET, "/Users")
        .query(&[("filter", format!("userName eq \"{}\"", "a".repeat(3_000)))]);
    assert_eq!(sent(request).await.body["totalResults"], 0);
}
