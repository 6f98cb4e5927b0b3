//! What a person does at one side is done at the other, and told with fields, before and after.

use serde_json::{Value, json};
use shared::{
    mapping::{Attribute, CustomerField, Direction, Rule},
    report::Action,
};

use super::bench::{Bench, house, person};

/// The fields of one change.
fn change(field: &str, before: impl Into<Value>, after: impl Into<Value>) -> Vec<(String, Value, Value)> {
    vec![(field.to_owned(), before.into(), after.into())]
}

fn profile(name: &str, field: CustomerField) -> Rule {
    Rule {
        authority: None,
        attribute: Attribute::Field(name.to_owned()),
        field,
        direction: Direction::Both,
        required: false,
        to_store: Vec::new(),
        to_directory: Vec::new(),
    }
}

#[tokio::test]
async fn a_customer_that_is_created_becomes_a_user() {
    let bench = Bench::with(0).await;
    let id = bench.create("ada@x.example").await;
    bench.all_is_well().await;
    let user = bench.known(id).await;
    assert_eq!((user.user_name.as_str(), user.active), ("ada@x.example", true));
    let (action, cause, changes) = bench.told_once(0).await;
    assert_eq!((action, cause.as_str()), (Action::CreateUser, "store/customer/created"));
    let fields: Vec<&str> = changes.iter().map(|(field, ..)| field.as_str()).collect();
    assert_eq!(fields, ["id", "email", "first_name", "last_name"]);
}

#[tokio::test]
async fn a_customer_that_is_edited_edits_its_user() {
    let bench = Bench::with(1).await;
    let told = bench.count().await;
    bench.change(1, "company", "Analytical Engines").await;
    let before = bench.known(1).await.attributes.get("organization").cloned();
    bench.all_is_well().await;
    assert_eq!(bench.known(1).await.attributes["organization"], "Analytical Engines");
    let expected = change("company", before.map_or(Value::Null, Value::from), "Analytical Engines");
    let updated = "store/customer/updated".to_owned();
    assert_eq!(bench.told_once(told).await, (Action::UpdateUser, updated, expected));
}

#[tokio::test]
async fn a_customer_that_is_deleted_takes_its_user_with_it() {
    let bench = Bench::with(2).await;
    let (told, gone) = (bench.count().await, bench.known(1).await);
    bench.delete(1).await;
    bench.all_is_well().await;
    assert!(bench.user(1).await.is_none() && bench.user(2).await.is_some());
    let entry = bench.told(told).await.remove(0);
    assert_eq!((entry.action, entry.cause.as_str()), (Action::DeleteUser, "store/customer/deleted"));
    assert_eq!((entry.user, entry.identifier), (Some(gone.id), Some(gone.user_name)));
}

#[tokio::test]
async fn an_address_that_comes_changes_and_goes_does_so_in_the_directory_g25() {
    let bench = Bench::with(0).await;
    let id = bench.create("ada@x.example").await;
    bench.settle().await;
    let mut told = bench.count().await;
    let mut add = house("Austin");
    add["customer_id"] = json!(id);
    let made = bench.call("POST", "customers/addresses", json!([add])).await;
    let number = made["data"][0]["id"].as_u64().unwrap();
    let edit = json!([{ "id": number, "city": "Dallas" }]);
    let remove = format!("customers/addresses?id:in={number}");
    for (cause, call) in [
        ("created", None),
        ("updated", Some(("PUT", "customers/addresses", edit))),
        ("deleted", Some(("DELETE", remove.as_str(), Value::Null))),
    ] {
        if let Some((method, path, body)) = call {
            bench.call(method, path, body).await;
        }
        bench.all_is_well().await;
        let (action, by, changes) = bench.told_once(told).await;
        assert_eq!((action, by), (Action::UpdateUser, format!("store/customer/address/{cause}")));
        assert_eq!(changes[0].0, "addresses");
        told += 1;
    }
    assert!(bench.known(id).await.addresses.is_empty());
}

#[tokio::test]
async fn attributes_and_form_fields_that_are_mapped_flow_both_ways() {
    let bench = Bench::set(0, |application| {
        let rules = &mut application.mapping.rules;
        rules.push(profile("tier", CustomerField::Attribute(2)));
        rules.push(profile("hobby", CustomerField::FormField("Hobby".to_owned())));
    })
    .await;
    bench.call("POST", "customers/attributes", json!([{ "name": "Tier", "type": "string" }])).await;
    let id = bench.create("ada@x.example").await;
    bench.settle().await;
    let told = bench.count().await;
    // The store tells nobody of an attribute that is changed through its API.
    bench.form(&format!("/customers/{id}/attributes"), &[("attribute", "2"), ("value", "gold")]).await;
    bench.all_is_well().await;
    let updated = "store/customer/updated".to_owned();
    let expected = (Action::UpdateUser, updated.clone(), change("attributes.2", Value::Null, "gold"));
    assert_eq!(bench.told_once(told).await, expected);
    bench.change(id, "form_fields", json!([{ "name": "Hobby", "value": "Chess" }])).await;
    bench.all_is_well().await;
    assert_eq!(bench.known(id).await.fields["hobby"], "Chess");
    bench
        .edit(id, |user| {
            user.fields.insert("tier".to_owned(), json!("silver"));
            user.fields.insert("hobby".to_owned(), json!("Go"));
        })
        .await;
    bench.all_is_well().await;
    let customer = serde_json::to_value(bench.customer(id).unwrap()).unwrap();
    assert_eq!(customer["attributes"][0]["attribute_value"], "silver", "the first attribute is ours");
    assert_eq!(customer["form_fields"][0]["value"], "Go");
}

#[tokio::test]
async fn login_access_that_is_mapped_reaches_the_directory() {
    let channels = |application: &mut shared::application::Application| {
        application.mapping.rules.push(profile("channels", CustomerField::ChannelIds));
    };
    let bench = Bench::set(1, channels).await;
    let told = bench.count().await;
    bench.form("/customers/1/access", &[("channel_2", "on")]).await;
    bench.all_is_well().await;
    assert_eq!(bench.known(1).await.fields["channels"], json!([2]));
    let (action, _, changes) = bench.told_once(told).await;
    assert_eq!((action, changes), (Action::UpdateUser, change("channel_ids", Value::Null, json!([2]))));
}

#[tokio::test]
async fn what_is_done_at_the_stores_pages_is_done_in_the_directory() {
    let bench = Bench::with(0).await;
    let names = [("email", "ada@x.example"), ("first_name", "Ada"), ("last_name", "Lovelace")];
    let place = [
        ("first_name", "Ada"),
        ("last_name", "Lovelace"),
        ("address1", "1 Elm Avenue"),
        ("city", "Austin"),
        ("state_or_province", "Texas"),
        ("postal_code", "78701"),
        ("country_code", "US"),
    ];
    let mut moved = place;
    moved[3].1 = "Dallas";
    let mut told = 0;
    for (path, typed, cause) in [
        ("/customers", &names[..], "store/customer/created"),
        ("/customers/1", &[("email", "countess@x.example")], "store/customer/updated"),
        ("/customers/1/addresses", &place, "store/customer/address/created"),
        ("/customers/1/addresses/1", &moved, "store/customer/address/updated"),
        ("/customers/1/addresses/1/delete", &[], "store/customer/address/deleted"),
        ("/customers/1/delete", &[], "store/customer/deleted"),
    ] {
        bench.form(path, typed).await;
        bench.all_is_well().await;
        let new = bench.told(told).await;
        assert_eq!(new.iter().map(|entry| entry.cause.as_str()).collect::<Vec<_>>(), [cause], "{path}");
        told += new.len();
    }
    assert_eq!(bench.stack.tables().count_users().await.unwrap(), 0);
}

#[tokio::test]
async fn a_user_that_is_added_becomes_a_customer_and_its_echo_changes_nothing_g22() {
    let bench = Bench::with(0).await;
    let user = bench.add("grace@x.example", "Grace", "Hopper").await;
    bench.all_is_well().await;
    let customer = bench.customer(1).unwrap();
    assert_eq!((customer.email.as_str(), customer.last_name.as_str()), ("grace@x.example", "Hopper"));
    assert_eq!(bench.known(1).await.id, user.id);
    let (action, cause, _) = bench.told_once(0).await;
    assert_eq!((action, cause.as_str()), (Action::CreateCustomer, "users"));
    assert_eq!(bench.stack.store().calls().of("POST /v3/customers"), 1);
    assert_eq!(bench.stack.store().calls().of("PUT /v3/customers"), 0);
}

#[tokio::test]
async fn a_user_that_is_edited_edits_its_customer() {
    let bench = Bench::with(1).await;
    let told = bench.count().await;
    let before = bench.customer(1).unwrap().last_name;
    bench.edit(1, |user| user.name.family_name = Some("Hopper".to_owned())).await;
    bench.all_is_well().await;
    assert_eq!(bench.customer(1).unwrap().last_name, "Hopper");
    let expected = (Action::UpdateCustomer, "users".to_owned(), change("last_name", before, "Hopper"));
    assert_eq!(bench.told_once(told).await, expected);
}

#[tokio::test]
async fn a_user_and_a_customer_of_one_e_mail_address_are_one_person() {
    let bench = Bench::with(0).await;
    let user = bench.add("Ada@X.example", "Ada", "King").await;
    bench.call("POST", "customers", json!([person("ada@x.example")])).await;
    bench.all_is_well().await;
    assert_eq!((bench.known(1).await.id, bench.stack.store().count()), (user.id, 1));
    assert!(bench.told(0).await.iter().any(|entry| entry.action == Action::Link));
}
