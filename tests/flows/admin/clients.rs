//! API clients and their tokens.

use reqwest::Method;
use serde_json::json;
use shared::operator::Role;

use super::asking::{Person, browser, sent, started};

#[tokio::test]
async fn a_client_is_added_and_its_token_is_shown_once_and_opens_what_was_chosen() {
    let stack = started().await;
    let admin = Person::of(&stack, Role::Admin).await;
    let told =
        admin.form("/admin/clients", &[("id", "okta"), ("name", "Okta"), ("reactivates", "true")]).await;
    assert_eq!((told.status, told.header("location")), (303, "/admin/clients/okta"), "{}", told.text);
    let made = admin
        .form(
            "/admin/clients/okta/tokens",
            &[("scopes", "read"), ("scopes", "write"), ("role", ""), ("days", "30")],
        )
        .await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(made.header("cache-control"), "no-store");
    let (_, after) = made.text.split_once(r#"id="token">"#).unwrap();
    let token = after.split('<').next().unwrap().to_owned();
    let page = admin.page("/admin/clients/okta").await;
    assert!(token.starts_with("clt_") && !page.text.contains(&token), "it is not to be had again");
    let users = |method: Method| {
        browser().request(method, format!("{}/scim/v2/Users", stack.api())).bearer_auth(&token)
    };
    assert_eq!(sent(users(Method::GET)).await.status, 200);
    let told = admin.json("/admin/clients/okta").await.json();
    assert_eq!(
        (&told["client"]["reactivates"], &told["tokens"][0]["scopes"]),
        (&json!(true), &json!(["read", "write"]))
    );
    let id = told["tokens"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(admin.form(&format!("/admin/clients/okta/tokens/{id}/revoke"), &[]).await.status, 303);
    assert_eq!(sent(users(Method::GET)).await.status, 401);
    let log = stack.tables().amendments(None, 10).await.unwrap();
    let log = serde_json::to_string(&log.amendments).unwrap();
    assert!(!log.contains(&token) && log.contains("token of API client okta"), "{log}");
}

#[tokio::test]
async fn a_client_has_two_tokens_at_most_and_none_beyond_its_makers_role() {
    let stack = started().await;
    let admin = Person::of(&stack, Role::Admin).await;
    admin.send("/admin/clients", &json!({ "id": "watch", "name": "Watch" })).await;
    let make = |role: &'static str| {
        let admin = admin.clone();
        async move { admin.send("/admin/clients/watch/tokens", &json!({ "role": role })).await }
    };
    assert_eq!(make("owner").await.status, 403);
    assert_eq!(make("").await.status, 422, "a token that opens nothing is none");
    let token = make("viewer").await;
    assert_eq!(token.status, 201);
    let token = token.json()["token"].as_str().unwrap().to_owned();
    let ask = |path: &str| browser().get(format!("{}{path}", stack.api())).bearer_auth(&token);
    assert_eq!(sent(ask("/admin/clients")).await.status, 200);
    assert_eq!(sent(ask("/scim/v2/Users")).await.status, 403, "it has no scope in the directory");
    assert_eq!(make("viewer").await.status, 201);
    assert_eq!(make("viewer").await.status, 409);
}
