//! Connecting a store, and what is done to a connected one.

use local::{
    bigcommerce::Config,
    stack::{Options, Stack},
};
use serde_json::{Value, json};
use shared::{application::ApplicationId, operator::Role};

use super::asking::{Person, started};

const HERE: &str = "/admin/applications";

fn account(stack: &Stack) -> Value {
    let account = stack.store().account();
    json!({
        "id": "shop", "name": "Our shop", "storeHash": account.store_hash, "clientId": account.client_id,
        "clientSecret": account.client_secret.expose(), "accessToken": account.access_token.expose(),
    })
}

fn with(mut account: Value, field: &str, value: &str) -> Value {
    account[field] = json!(value);
    account
}

fn id() -> ApplicationId {
    "shop".parse().unwrap()
}

#[tokio::test]
async fn a_store_is_connected_from_the_file_of_its_account_and_its_customers_become_users() {
    let stack = Stack::start(Options { customers: 3, ..Options::default() }).await.unwrap();
    let admin = Person::of(&stack, Role::Admin).await;
    let account = stack.store().account();
    let file = format!(
        "ACCESS TOKEN: {}\nCLIENT ID: {}\nCLIENT SECRET: {}\nAPI PATH: https://api.bigcommerce.com/stores/{}/v3/\n",
        account.access_token.expose(),
        account.client_id,
        account.client_secret.expose(),
        account.store_hash,
    );
    let told = admin.form(HERE, &[("id", "shop"), ("name", "Our shop"), ("file", &file)]).await;
    assert_eq!((told.status, told.header("location")), (303, "/admin/applications/shop"), "{}", told.text);
    let page = admin.page("/admin/applications/shop").await;
    for secret in [&account.access_token, &account.client_secret] {
        assert!(!page.text.contains(secret.expose()));
    }
    let checks = admin.json("/admin/applications/shop").await.json();
    let states: Vec<_> = checks["checks"].as_array().unwrap().iter().map(|check| &check["state"]).collect();
    assert!(states.iter().all(|state| **state == "good") && states.len() >= 6, "{checks}");
    stack.watch().await.unwrap();
    stack.settle().await.unwrap();
    assert_eq!(stack.tables().count_users().await.unwrap(), 3);
    let log = serde_json::to_string(&stack.tables().amendments(None, 10).await.unwrap().amendments).unwrap();
    assert!(log.contains("application shop") && !log.contains(account.access_token.expose()), "{log}");
}

#[tokio::test]
async fn values_that_do_not_work_are_told_one_by_one_and_nothing_is_kept() {
    let stack = started().await;
    let admin = Person::of(&stack, Role::Admin).await;
    let cases = [
        (with(account(&stack), "accessToken", "wrong"), "checks", "refuses the access token"),
        (with(account(&stack), "storeHash", "nosuchstore"), "checks", ""),
        (with(account(&stack), "storeHash", "https://evil.example/x"), "errors", "store hash"),
        (with(account(&stack), "clientSecret", ""), "errors", "client secret is missing"),
        (with(account(&stack), "id", "Our Shop"), "errors", "identifier"),
        (with(account(&stack), "id", "connect"), "errors", "identifier"),
        (with(account(&stack), "name", ""), "errors", "name"),
    ];
    for (body, part, words) in cases {
        let told = admin.send(HERE, &body).await;
        assert_eq!(told.status, 422, "{}", told.text);
        let told = told.json();
        assert!(
            !told[part].as_array().unwrap().is_empty() && told[part].to_string().contains(words),
            "{told}"
        );
    }
    assert!(stack.tables().applications().await.unwrap().is_empty());
}

#[tokio::test]
async fn an_account_that_may_only_read_is_refused_with_what_to_do() {
    let scopes = vec!["store_v2_customers_read_only".to_owned(), "store_v2_information".to_owned()];
    let store = Config { scopes, ..Config::default() };
    let stack = Stack::start(Options { store, ..Options::default() }).await.unwrap();
    let admin = Person::of(&stack, Role::Admin).await;
    let told = admin.send(HERE, &account(&stack)).await;
    assert_eq!(told.status, 422);
    assert!(told.text.contains("scope Customers: modify"), "{}", told.text);
}

#[tokio::test]
async fn policies_are_kept_as_json_and_as_a_form_and_refused_where_they_cannot_work() {
    let stack = started().await;
    stack.connect(id(), "Our shop").await.unwrap();
    let admin = Person::of(&stack, Role::Admin).await;
    let here = "/admin/applications/shop/policies";
    let mut policies = admin.json(here).await.json();
    policies["authority"] = json!("store");
    policies["deletionBrake"]["number"] = json!(5);
    assert_eq!(admin.send(here, &policies).await.status, 200);
    policies["tombstoneDomain"] = json!("no domain");
    policies["onUserDeleted"] = json!({ "moveToGroup": { "group": 4_000_000 } });
    policies["scope"] = json!("userName eq");
    let told = admin.send(here, &policies).await;
    assert_eq!((told.status, told.header("content-type")), (422, "application/problem+json"));
    let fields: Vec<_> =
        told.json()["errors"].as_array().unwrap().iter().map(|one| one["field"].clone()).collect();
    assert_eq!(fields, ["scope", "tombstoneDomain", "onUserDeleted"]);
    let form = [
        ("authority", "directory"),
        ("matchByEmail", "ask"),
        ("onCustomerDeleted", "unlink"),
        ("toDirectory", "create"),
        ("toDirectory", "update"),
        ("scope", " "),
        ("onUserDeleted", "deleteAfter"),
        ("onUserDeletedGroup", "0"),
        ("onUserDeletedDays", "30"),
        ("onUserDeactivated", "nothing"),
        ("onUserDeactivatedGroup", "0"),
        ("onUserDeactivatedDays", "30"),
        ("tombstoneDomain", "gone.example"),
        ("quotaReservePercent", "30"),
        ("surveyEveryHours", "12"),
        ("importEveryHours", "0"),
        ("importChangesEveryMinutes", "15"),
        ("brakeNumber", "50"),
        ("brakePercent", "10"),
    ];
    let told = admin.form(here, &form).await;
    assert_eq!(told.status, 303, "{}", told.text);
    let kept = stack.tables().application(&id()).await.unwrap().unwrap().policies;
    assert!(kept.to_directory.update && !kept.to_directory.delete && !kept.to_store.create);
    assert_eq!(
        (kept.scope, kept.tombstone_domain.as_str(), kept.deletion_brake.number),
        (None, "gone.example", 50)
    );
}

#[tokio::test]
async fn what_happens_while_an_application_is_paused_is_made_up_for() {
    let stack = started().await;
    stack.connect(id(), "Our shop").await.unwrap();
    stack.settle().await.unwrap();
    let admin = Person::of(&stack, Role::Admin).await;
    assert_eq!(admin.form("/admin/applications/shop/pause", &[]).await.status, 303);
    stack.store().seed(2, 7);
    let users = async || stack.tables().count_users().await.unwrap();
    stack.watch().await.unwrap();
    stack.round().await.unwrap();
    assert_eq!(users().await, 0);
    assert_eq!(admin.form("/admin/applications/shop/resume", &[]).await.status, 303);
    stack.watch().await.unwrap();
    stack.settle().await.unwrap();
    assert!(stack.left().is_empty());
}

#[tokio::test]
async fn another_account_is_tried_before_it_is_used_and_the_old_secret_still_holds() {
    let stack = started().await;
    let before = stack.connect(id(), "Our shop").await.unwrap();
    let admin = Person::of(&stack, Role::Admin).await;
    let here = "/admin/applications/shop/credentials";
    assert_eq!(admin.send(here, &with(account(&stack), "accessToken", "wrong")).await.status, 422);
    let kept = stack.tables().application(&id()).await.unwrap().unwrap();
    assert!(kept.credentials.access_token.matches(before.credentials.access_token.expose().as_bytes()));
    let told = admin.send(here, &with(account(&stack), "clientSecret", "another-secret")).await;
    assert_eq!(told.status, 200, "{}", told.text);
    let kept = stack.tables().application(&id()).await.unwrap().unwrap();
    let previous = kept.credentials.previous_client_secret.unwrap();
    assert!(previous.matches(before.credentials.client_secret.expose().as_bytes()));
    stack.settle().await.unwrap();
}

#[tokio::test]
async fn webhooks_are_set_up_again_with_another_secret_and_proved_by_a_round_trip() {
    let stack = started().await;
    let before = stack.connect(id(), "Our shop").await.unwrap();
    let client = stack.bigcommerce().store(&before);
    let hook = client.hooks().await.unwrap().remove(0);
    client.delete_hook(hook.id).await.unwrap();
    let admin = Person::of(&stack, Role::Admin).await;
    let checks = admin.json("/admin/applications/shop").await.json()["checks"].to_string();
    assert!(checks.contains("1 of 7 are off or missing"), "{checks}");
    let told = admin.send("/admin/applications/shop/webhooks", &json!({ "rotate": true })).await;
    assert_eq!((told.status, told.json()), (200, json!({ "webhooks": 7, "roundTrip": true })));
    let after = stack.tables().application(&id()).await.unwrap().unwrap();
    assert!(!after.webhook.app_secret.matches(before.webhook.app_secret.expose().as_bytes()));
    assert_eq!(client.hooks().await.unwrap().len(), 7);
    stack.settle().await.unwrap();
}

#[tokio::test]
async fn a_store_is_disconnected_only_by_its_name_and_its_webhooks_go_with_it() {
    let stack = started().await;
    let application = stack.connect(id(), "Our shop").await.unwrap();
    stack.settle().await.unwrap();
    let admin = Person::of(&stack, Role::Admin).await;
    let here = "/admin/applications/shop/disconnect";
    assert_eq!(admin.form(here, &[("confirm", "")]).await.status, 422);
    assert_eq!(admin.form(here, &[("confirm", "shop")]).await.status, 303);
    assert!(stack.tables().applications().await.unwrap().is_empty());
    assert!(stack.bigcommerce().store(&application).hooks().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_scope_is_tried_on_users_before_it_is_saved() {
    let stack = Stack::start(Options { customers: 4, ..Options::default() }).await.unwrap();
    stack.connect(id(), "Our shop").await.unwrap();
    stack.settle().await.unwrap();
    let viewer = Person::of(&stack, Role::Viewer).await;
    let all = viewer.json("/admin/applications/shop/scope?filter=").await.json();
    assert_eq!((&all["inScope"], &all["lookedAt"], &all["users"]), (&json!(4), &json!(4), &json!(4)));
    let none = viewer.json("/admin/applications/shop/scope?filter=userName%20eq%20%22nobody%22").await.json();
    assert_eq!((&none["inScope"], none["examples"].as_array().unwrap().len()), (&json!(0), 4));
    assert_eq!(viewer.json("/admin/applications/shop/scope?filter=nonsense").await.status, 422);
}
