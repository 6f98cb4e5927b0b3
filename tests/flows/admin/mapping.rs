//! The console's screens of attribute mappings and profile fields.

use local::stack::Time;
use reqwest::Method;
use serde_json::{Value, json};
use shared::{operator::Role, store::Draft};

use super::{
    asking::{Person, sent},
    store::Shop,
};

const HERE: &str = "/admin/applications/main-store/mapping";

async fn shop(customers: u32) -> (Shop, Person) {
    let shop = Shop::with(customers).await;
    let admin = Person::of(&shop.stack, Role::Admin).await;
    (shop, admin)
}

fn without(mapping: &Value, field: &str) -> Value {
    let mut mapping = mapping.clone();
    mapping["rules"].as_array_mut().unwrap().retain(|rule| rule["field"] != field);
    mapping
}

/// Saves the live mapping without these fields as the draft.
async fn drafted(admin: &Person, fields: &[&str]) -> Value {
    let page = admin.json(HERE).await.json();
    let mapping = fields.iter().fold(page["live"].clone(), |mapping, field| without(&mapping, field));
    let revision = page["draft"]["revision"].as_u64().unwrap_or_default();
    let saved = admin.send(HERE, &json!({ "mapping": mapping, "revision": revision })).await;
    assert_eq!(saved.status, 200, "{}", saved.text);
    saved.json()
}

#[tokio::test]
async fn a_draft_changes_nothing_until_it_is_made_live_and_comes_back_from_the_history() {
    let (shop, admin) = shop(1).await;
    let saved = drafted(&admin, &["company"]).await;
    assert_eq!(saved["flaws"], json!([]));
    let page = admin.page(HERE).await.text;
    assert!(
        page.contains("not live") && page.contains("organization ↔ company; to the store: trim"),
        "{page}"
    );
    let live = |shop: &Shop| {
        let (tables, id) = (shop.stack.tables().clone(), shop.application.id.clone());
        async move { tables.application(&id).await.unwrap().unwrap().mapping.rules.len() }
    };
    let rules = shop.application.mapping.rules.len();
    assert_eq!(live(&shop).await, rules);
    let typed = [("revision", "1"), ("latest", "0"), ("note", "No companies.")];
    let published = admin.form(&format!("{HERE}/publish"), &typed).await;
    assert_eq!(published.status, 303, "{}", published.text);
    assert_eq!(live(&shop).await, rules - 1);
    let history = admin.json(&format!("{HERE}/history")).await.json();
    assert_eq!(history["versions"][0]["note"], "No companies.");
    assert_eq!(
        (&history["versions"][0]["by"], history["versions"].as_array().unwrap().len()),
        (&json!("admin@example.com"), 2)
    );
    assert!(admin.page(&format!("{HERE}/history/1")).await.text.contains("Added"));
    assert_eq!(admin.form(&format!("{HERE}/history/1/restore"), &[]).await.status, 303);
    let stale = admin.form(&format!("{HERE}/publish"), &[("revision", "1"), ("latest", "0")]).await;
    assert_eq!(stale.status, 409, "another version is live by now");
    assert_eq!(
        admin.form(&format!("{HERE}/publish"), &[("revision", "1"), ("latest", "2")]).await.status,
        303
    );
    assert_eq!(live(&shop).await, rules);
    assert_eq!(admin.page(&format!("{HERE}/history/99")).await.status, 404);
    let changes = shop.stack.tables().amendments(None, 10).await.unwrap().amendments;
    assert!(changes.iter().any(|change| change.what == "attribute mapping of main-store"));
}

#[tokio::test]
async fn what_keeps_a_mapping_from_being_live_is_said_with_every_reason() {
    let (_shop, admin) = shop(0).await;
    let saved = drafted(&admin, &["id", "last_name"]).await;
    assert_eq!(saved["flaws"].as_array().unwrap().len(), 2, "{saved}");
    let page = admin.page(HERE).await.text;
    assert!(page.contains("identifier is not mapped") && page.contains("last_name is not mapped"));
    assert!(!page.contains("Make live"));
    let refused = admin.send(&format!("{HERE}/publish"), &json!({ "revision": 1, "latest": 0 })).await;
    assert_eq!(refused.status, 422, "{}", refused.text);
    let late = admin.send(HERE, &json!({ "mapping": saved["draft"]["mapping"], "revision": 0 })).await;
    assert!(late.status == 409 && late.text.contains("Someone else saved the draft"));
    assert_eq!(admin.form(&format!("{HERE}/discard"), &[]).await.status, 303);
    assert_eq!(admin.json(HERE).await.json().get("draft"), None);
}

#[tokio::test]
async fn the_table_of_rules_is_saved_as_a_form_and_says_which_rows_cannot_be_read() {
    let (shop, admin) = shop(0).await;
    let row = [
        ("revision", "0"),
        ("attribute", "title"),
        ("direction", "toStore"),
        ("field", "notes"),
        ("toStore", "upper"),
    ];
    assert_eq!(admin.form(HERE, &row).await.status, 303);
    let draft: Draft = shop.stack.tables().mapping_draft(&shop.application.id).await.unwrap().unwrap();
    assert_eq!(draft.mapping.rules[0].to_string(), "title → notes; to the store: upper case");
    let wrong = [("revision", "1"), ("attribute", "title"), ("field", "notes"), ("toStore", "uper")];
    let told = admin.form(HERE, &wrong).await;
    assert!(
        told.status == 422 && told.text.contains("is no transform") && told.text.contains("value=\"uper\"")
    );
}

#[tokio::test]
async fn a_mapping_is_taken_out_as_a_file_and_taken_in_as_a_draft() {
    let (shop, admin) = shop(0).await;
    let file = sent(admin.request(Method::GET, &format!("{HERE}/file"))).await;
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"mapping-main-store.json\"");
    let changed = file.text.replacen("\"first_name\"", "\"notes\"", 1);
    assert_eq!(admin.form(&format!("{HERE}/file"), &[("text", &changed)]).await.status, 303);
    assert!(admin.page(HERE).await.text.contains("first_name is not mapped"));
    let broken = admin
        .form(&format!("{HERE}/file"), &[("text", &file.text.replace("\"company\"", "\"Company\""))])
        .await;
    assert!(broken.status == 422 && broken.text.contains("cannot be read at line"), "{}", broken.text);
    assert!(
        shop.stack.tables().application(&shop.application.id).await.unwrap().unwrap().mapping
            == shop.application.mapping
    );
}

#[tokio::test]
async fn a_draft_is_tried_on_one_user_and_on_everyone_and_changes_nobody() {
    let (shop, admin) = shop(3).await;
    let ada = shop.user(1).await;
    let page = admin.json(HERE).await.json();
    let mut mapping = page["live"].clone();
    let company =
        mapping["rules"].as_array_mut().unwrap().iter_mut().find(|rule| rule["field"] == "company").unwrap();
    company["toStore"] = json!([{ "constant": "Acme" }]);
    assert_eq!(admin.send(HERE, &json!({ "mapping": mapping, "revision": 0 })).await.status, 200);
    let tried = admin.page(&format!("{HERE}/test?user={}", ada.id)).await.text;
    for shown in ["The draft is tried", "What would be done", "The customer is updated.", "Acme"] {
        assert!(tried.contains(shown), "{shown}: {tried}");
    }
    assert!(admin.page(&format!("{HERE}/test?user=nobody")).await.text.contains("Nobody is found"));
    let Time::ByHand(clock) = shop.stack.time() else { panic!("the time is moved by hand") };
    clock.advance(std::time::Duration::from_secs(10));
    let run = admin.form(&format!("{HERE}/what-if"), &[]).await;
    assert_eq!(run.status, 303, "{}", run.text);
    let again = admin.form(&format!("{HERE}/what-if"), &[]).await;
    assert!(again.status == 409 && again.text.contains("under way"));
    shop.stack.settle().await.unwrap();
    let job = shop.stack.tables().job(&shop.application.id).await.unwrap().unwrap();
    assert_eq!((job.run.counts.update, job.run.counts.total()), (3, 3), "{:?}", job.run);
    assert!(shop.user(1).await == ada);
}

#[tokio::test]
async fn a_profile_field_is_defined_changed_and_removed_unless_it_is_mapped() {
    let (shop, admin) = shop(1).await;
    let fields = "/admin/profile-fields";
    let typed = [("name", "size"), ("label", "Size"), ("type", "string"), ("required", "true")];
    let made = admin.form(fields, &typed).await;
    assert_eq!((made.status, made.header("location")), (303, "/admin/profile-fields/size"), "{}", made.text);
    let twice = admin.form(fields, &typed).await;
    assert!(twice.status == 422 && twice.text.contains("another has this name"));
    let one = admin.json("/admin/profile-fields/size").await.json();
    assert_eq!((&one["lookedAt"], &one["withValue"], &one["required"]), (&json!(1), &json!(0), &json!(true)));
    assert_eq!(admin.form("/admin/profile-fields/size", &[("label", "Shirt size")]).await.status, 303);
    assert!(admin.page(fields).await.text.contains("Shirt size"));
    let stale = admin.form("/admin/profile-fields/size/remove", &[("revision", "1")]).await;
    assert_eq!(stale.status, 409);
    let page = admin.json(HERE).await.json();
    let mut mapping = page["live"].clone();
    mapping["rules"].as_array_mut().unwrap().push(json!({ "attribute": "fields.size", "field": "notes" }));
    assert_eq!(admin.send(HERE, &json!({ "mapping": mapping, "revision": 0 })).await.status, 200);
    let mapped = admin.form("/admin/profile-fields/size/remove", &[]).await;
    assert!(mapped.status == 409 && mapped.text.contains("mapped to notes of Main store"), "{}", mapped.text);
    assert_eq!(admin.form(&format!("{HERE}/discard"), &[]).await.status, 303);
    assert_eq!(admin.form("/admin/profile-fields/size/remove", &[]).await.status, 303);
    assert_eq!(admin.page("/admin/profile-fields/size").await.status, 404);
    assert_eq!(admin.form("/admin/profile-fields/customerId/remove", &[]).await.status, 409);
    assert_eq!(shop.stack.tables().profile_fields().await.unwrap().len(), 3);
}
