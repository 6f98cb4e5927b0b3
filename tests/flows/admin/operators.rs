//! Who the operators are.

use serde_json::json;
use shared::operator::Role;

use super::asking::{Person, started};

const HERE: &str = "/admin/operators";

#[tokio::test]
async fn an_owner_lets_people_in_and_out_and_each_change_is_kept() {
    let stack = started().await;
    let owner = Person::of(&stack, Role::Owner).await;
    let told = owner.form(HERE, &[("email", " Ann@Example.com "), ("role", "operator")]).await;
    assert_eq!((told.status, told.header("location")), (303, HERE), "{}", told.text);
    let list = owner.json(HERE).await.json();
    assert_eq!(list["operators"][0]["email"], "Ann@Example.com");
    assert_eq!(list["operators"][0]["addedBy"], "owner@example.com");
    let told = owner.send(HERE, &json!({ "email": "ann@example.com", "role": "viewer" })).await;
    assert_eq!((told.status, &told.json()["role"]), (200, &json!("viewer")));
    let told = owner.form("/admin/operators/ann%40example.com/remove", &[]).await;
    assert_eq!(told.status, 303, "{}", told.text);
    let kept = stack.tables().amendments(None, 10).await.unwrap().amendments;
    let roles: Vec<_> =
        kept.iter().filter(|one| one.what.contains("nn@")).flat_map(|one| &one.differences).collect();
    let roles: Vec<_> = roles.iter().map(|one| (one.before.clone(), one.after.clone())).collect();
    let null = serde_json::Value::Null;
    assert_eq!(roles.len(), 3, "{kept:?}");
    assert!(roles.contains(&(null.clone(), json!("operator"))) && roles.contains(&(json!("viewer"), null)));
}

#[tokio::test]
async fn whoever_is_removed_is_out_with_the_next_click() {
    let stack = started().await;
    let (owner, viewer) = (Person::of(&stack, Role::Owner).await, Person::of(&stack, Role::Viewer).await);
    assert_eq!(viewer.json("/admin").await.status, 200);
    assert_eq!(owner.form("/admin/operators/viewer%40example.com/remove", &[]).await.status, 303);
    assert_eq!(viewer.json("/admin").await.status, 401);
}

#[tokio::test]
async fn there_is_always_an_owner() {
    let stack = started().await;
    let owner = Person::of(&stack, Role::Owner).await;
    assert_eq!(owner.form("/admin/operators/owner%40example.com/remove", &[]).await.status, 409);
    let told = owner.form(HERE, &[("email", "OWNER@example.com"), ("role", "admin")]).await;
    assert_eq!(told.status, 409, "{}", told.text);
    assert!(told.text.contains("There must be an owner"), "{}", told.text);
    assert_eq!(owner.json("/admin").await.json()["role"], "owner");
}
