//! The console's screens of users, as a browser and as a program see them.

use local::{
    crowd::{settle, typical},
    stack::{Options, Stack},
};
use reqwest::Method;
use serde_json::json;
use shared::{operator::Role, store::Table, user::UserId};

use super::{
    asking::{Person, sent},
    store::Shop,
};

/// What stands in the page's hidden field of this name.
fn hidden(page: &str, name: &str) -> String {
    let (_, after) =
        page.split_once(&format!("name=\"{name}\" value=\"")).unwrap_or_else(|| panic!("no {name}"));
    after.split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn an_empty_directory_says_where_users_come_from() {
    let shop = Shop::with(0).await;
    let page = shop.operator.page("/admin/users").await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(page.text.contains("No users yet") && page.text.contains("Import customers"));
}

#[tokio::test]
async fn the_list_finds_filters_and_turns_its_pages_as_page_json_and_table() {
    let shop = Shop::with(7).await;
    let list = shop.operator.json("/admin/users?count=3").await.json();
    assert_eq!((list["total"].as_u64(), list["users"].as_array().map(Vec::len)), (Some(7), Some(3)));
    let next = list["next"].as_str().unwrap();
    let more = shop.operator.json(&format!("/admin/users?count=250&after={next}")).await.json();
    assert_eq!((more["users"].as_array().map(Vec::len), more.get("next")), (Some(4), None));
    let ada = shop.user(1).await;
    let address = ada.primary_email().unwrap().value.as_str().to_owned();
    for query in [format!("q={address}"), "q=1&application=main-store".to_owned(), format!("q={}", ada.id)] {
        let found = shop.operator.json(&format!("/admin/users?{query}")).await.json();
        assert_eq!(found["users"][0]["id"], ada.id.as_str(), "{query}: {found}");
    }
    let page = shop.operator.page("/admin/users?q=nobody-at-all").await;
    assert!(page.text.contains("Nobody is found") && page.text.contains("Look anywhere"));
    assert_eq!(shop.operator.json("/admin/users?status=asleep").await.status, 422);
    let table = sent(shop.operator.request(Method::GET, "/admin/users").header("accept", "text/csv")).await;
    assert!(table.header("content-type").starts_with("text/csv"));
    assert_eq!(table.text.lines().count(), 8);
}

#[tokio::test]
async fn who_was_picked_stays_picked_over_pages_and_is_then_changed() {
    let shop = Shop::with(5).await;
    let first = shop.operator.json("/admin/users?count=2").await.json();
    let [one, two] = [0, 1].map(|at| first["users"][at]["id"].as_str().unwrap().to_owned());
    let next = format!("/admin/users/page?count=2&after={}", first["next"].as_str().unwrap());
    let turned = shop.operator.form(&next, &[("user", &one), ("user", &two), ("scope", "picked")]).await;
    assert_eq!(turned.status, 200, "{}", turned.text);
    assert_eq!(hidden(&turned.text, "kept").len(), 36);
    let third = shop.operator.json(&next.replace("/page", "")).await.json()["users"][0]["id"].clone();
    let third = third.as_str().unwrap();
    let picked = [
        ("kept", one.as_str()),
        ("kept", &two),
        ("user", third),
        ("scope", "picked"),
        ("task", "deactivate"),
    ];
    let asked = shop.operator.form("/admin/users/bulk", &picked).await;
    assert!(asked.text.contains("3 users, picked one by one"), "{}", asked.text);
    let begun = [("user", one.as_str()), ("user", &two), ("user", third), ("task", "deactivate")];
    let begun = shop.operator.form("/admin/users/bulk/begin", &begun).await;
    assert_eq!(begun.status, 303, "{}", begun.text);
    let change = shop.operator.json(begun.header("location")).await.json();
    assert_eq!((&change["state"], &change["done"]), (&json!("done"), &json!(3)));
    let inactive = shop.operator.json("/admin/users?status=inactive").await.json();
    assert_eq!(inactive["users"].as_array().unwrap().len(), 3);
    shop.stack.settle().await.unwrap();
}

#[tokio::test]
async fn all_that_match_are_changed_without_being_picked() {
    // More, and the deletion brake would ask a person first.
    let shop = Shop::with(9).await;
    let fields = [("scope", "matching"), ("task", "delete")];
    let asked = shop.operator.form("/admin/users/bulk?status=active", &fields).await;
    assert!(asked.text.contains("All users that match"), "{}", asked.text);
    assert!(asked.text.contains("The customer is deleted"), "a sample tells what happens at the store");
    let search = hidden(&asked.text, "search");
    let begun = [("matching", "true"), ("search", search.as_str()), ("task", "delete")];
    let begun = shop.operator.form("/admin/users/bulk/begin", &begun).await;
    assert_eq!(begun.status, 303, "{}", begun.text);
    shop.stack.settle().await.unwrap();
    assert_eq!(shop.operator.json(begun.header("location")).await.json()["done"], 9);
    assert_eq!(shop.operator.json("/admin/users").await.json()["total"], 0);
    let nobody = shop.operator.form("/admin/users/bulk", &[("task", "delete")]).await;
    assert!(nobody.status == 422 && nobody.text.contains("Nobody is picked"));
}

#[tokio::test]
async fn a_user_is_created_with_everything_and_becomes_a_customer() {
    let shop = Shop::with(0).await;
    assert_eq!(shop.operator.page("/admin/users/new").await.status, 200);
    let typed = [
        ("userName", "ada@x.example"),
        ("active", "true"),
        ("name.givenName", "Ada"),
        ("name.familyName", "King"),
        ("email.value", "ada@x.example"),
        ("email.type", "work"),
        ("email.primary", "0"),
        ("phone.value", "+44 20 7946 0958"),
        ("phone.type", ""),
        ("address.streetAddress", "12 St James's Square\r\nFloor 2"),
        ("address.locality", "London"),
        ("address.region", ""),
        ("address.postalCode", "SW1Y 4JH"),
        ("address.country", "GB"),
        ("address.type", "home"),
        ("enterprise.organization", "Engines"),
        ("field.acceptsMarketing", "true"),
    ];
    let made = shop.operator.form("/admin/users", &typed).await;
    assert_eq!(made.status, 303, "{}", made.text);
    shop.stack.settle().await.unwrap();
    let page = shop.operator.page(made.header("location")).await;
    for shown in ["Ada King", "In step", "Engines", "Floor 2", "A customer was created.", "Not invited"] {
        assert!(page.text.contains(shown), "{shown}: {}", page.text);
    }
    let user = shop.operator.json(made.header("location")).await.json();
    assert_eq!(user["links"][0]["store"], "Main store");
    let again = shop.operator.form("/admin/users", &typed).await;
    assert_eq!(again.status, 409);
    assert!(again.text.contains("belongs to another user") && again.text.contains("value=\"King\""));
    let nameless = shop.operator.form("/admin/users", &[("userName", " ")]).await;
    assert!(nameless.status == 422 && nameless.text.contains("userName"), "{}", nameless.text);
}

#[tokio::test]
async fn who_edits_what_someone_else_changed_meanwhile_is_told_and_writes_nothing() {
    let shop = Shop::with(1).await;
    let ada = shop.user(1).await;
    let path = format!("/admin/users/{}", ada.id);
    let form = shop.operator.page(&format!("{path}/edit")).await;
    let version = hidden(&form.text, "version");
    assert_eq!(version, ada.version.to_string());
    let typed = |given: &'static str| {
        let email = ada.primary_email().unwrap().value.as_str();
        [
            ("version", version.as_str()),
            ("userName", &ada.user_name),
            ("active", "true"),
            ("name.givenName", given),
            ("name.familyName", "King"),
            ("email.value", email),
            ("email.primary", "0"),
        ]
    };
    let saved = shop.operator.form(&path, &typed("Ada")).await;
    assert_eq!(saved.status, 303, "{}", saved.text);
    let late = shop.operator.form(&path, &typed("Eve")).await;
    assert_eq!(late.status, 409);
    assert!(late.text.contains("Someone changed this user meanwhile") && late.text.contains("value=\"Eve\""));
    assert_eq!(shop.user(1).await.name.given_name.as_deref(), Some("Ada"));
    let now = hidden(&late.text, "version");
    assert_ne!(now, version);
    let status = json!({ "active": false, "version": ada.version });
    let stale = shop.operator.send(&format!("{path}/status"), &status).await;
    assert_eq!(stale.status, 409, "{}", stale.text);
    let status = json!({ "active": false });
    assert_eq!(shop.operator.send(&format!("{path}/status"), &status).await.status, 200);
    shop.stack.settle().await.unwrap();
    assert!(shop.operator.page(&path).await.text.contains("Sign-in blocked at the store"));
}

#[tokio::test]
async fn a_deletion_says_what_it_does_at_each_store_before_it_does_it() {
    let shop = Shop::with(2).await;
    let ada = shop.user(1).await;
    let path = format!("/admin/users/{}/delete", ada.id);
    let asked = shop.operator.page(&path).await;
    assert!(
        asked.text.contains("Main store") && asked.text.contains("The customer is deleted"),
        "{}",
        asked.text
    );
    let stale = shop.operator.send(&path, &json!({ "version": ada.version + 1 })).await;
    assert_eq!(stale.status, 409);
    let gone = shop.operator.form(&path, &[("version", &ada.version.to_string())]).await;
    assert_eq!((gone.status, gone.header("location")), (303, "/admin/users"));
    shop.stack.settle().await.unwrap();
    assert_eq!(shop.operator.page(&path).await.status, 404);
    assert!(shop.operator.page("/admin/users").await.text.contains("1 user in the directory"));
}

#[tokio::test]
async fn a_look_is_shown_step_by_step_and_asked_for_now() {
    let shop = Shop::with(1).await;
    let ada = shop.user(1).await;
    let trace = format!("/admin/users/{}/trace", ada.id);
    let page = shop.operator.page(&trace).await;
    for step in ["Read", "Match", "Scope", "Map", "What would be done", "both sides are in step"] {
        assert!(page.text.contains(step), "{step}: {}", page.text);
    }
    let told = shop.operator.json(&trace).await.json();
    assert_eq!((&told["stores"][0]["trace"]["matched"], told.get("waiting")), (&json!("linked"), None));
    let asked = shop.operator.form(&format!("/admin/users/{}/provision", ada.id), &[]).await;
    assert_eq!((asked.status, asked.header("location")), (303, trace.as_str()));
    assert!(shop.operator.page(&trace).await.text.contains("A look is asked for (console)"));
    shop.stack.settle().await.unwrap();
    assert!(shop.operator.page(&trace).await.text.contains("No look is waiting"));
    let nobody = format!("/admin/users/{}/trace", UserId::random());
    assert_eq!(shop.operator.page(&nobody).await.status, 404);
}

#[tokio::test]
async fn a_viewer_sees_users_and_is_offered_no_change() {
    let shop = Shop::with(1).await;
    let viewer = Person::of(&shop.stack, Role::Viewer).await;
    let page = viewer.page("/admin/users").await.text;
    assert!(!page.contains("New user") && !page.contains("Deactivate"));
    let one = viewer.page(&format!("/admin/users/{}", shop.user(1).await.id)).await.text;
    assert!(!one.contains("Provision now</button>") && !one.contains("/edit"));
}

#[tokio::test]
async fn those_who_were_picked_or_match_are_handed_over_to_a_wave_of_mails() {
    let shop = Shop::with(3).await;
    let ada = shop.user(1).await;
    let asked =
        shop.operator.form("/admin/users/invite", &[("user", ada.id.as_str()), ("scope", "picked")]).await;
    assert!(asked.status == 200 && asked.text.contains("One user."), "{}", asked.text);
    let matching = shop.operator.form("/admin/users/invite?status=active", &[("scope", "matching")]).await;
    assert!(matching.text.contains("3 users."), "{}", matching.text);
    let sent = [("application", "main-store"), ("user", ada.id.as_str())];
    let begun = shop.operator.form("/admin/users/invite/begin", &sent).await;
    assert_eq!(begun.status, 303, "{}", begun.text);
    let waves = shop.stack.tables().waves(&shop.application.id, 5).await.unwrap();
    assert!(waves.len() == 1 && waves[0].asked_by == "operator@example.com");
    assert_eq!(
        shop.operator.form("/admin/users/invite/begin", &[("application", "main-store")]).await.status,
        422
    );
    shop.stack.settle().await.unwrap();
}

/// What the list and a user's page read, with so many users.
async fn reads(users: u64) -> Vec<f64> {
    let options = Options { metered: true, customers: 0, ..Options::default() };
    let stack = Stack::start(options).await.unwrap();
    let people: Vec<_> = (0..users).map(typical).collect();
    settle(stack.engine(), stack.tables(), &people).await.unwrap();
    stack.leave_work();
    let viewer = Person::of(&stack, Role::Viewer).await;
    let mut reads = Vec::new();
    let one = format!("/admin/users/{}", people[7].id);
    for path in
        ["/admin/users", "/admin/users?order=userName&sense=descending", "/admin/users?q=brzezinska", &one]
    {
        let tables = [Table::Users, Table::Work, Table::Settings, Table::Reports];
        for table in tables {
            stack.tables().meter().take(table);
        }
        assert_eq!(viewer.page(path).await.status, 200, "{path}");
        reads.push(tables.iter().map(|table| stack.tables().meter().take(*table).read).sum());
    }
    reads
}

#[tokio::test]
async fn a_page_reads_as_much_among_many_users_as_among_few() {
    let (few, many) = (reads(100).await, reads(2_000).await);
    for (few, many) in few.iter().zip(&many) {
        assert!((few - many).abs() <= 3.0 && *many <= 50.0, "{few} {many}");
    }
}
