//! Onboarding and mails at the console.

use serde_json::json;
use shared::{operator::Role, store::Table};

use super::bench::Bench;
use crate::admin::asking::Person;

const HERE: &str = "/admin/onboarding";
const MAIL: &str = "/admin/onboarding/main-store/mails/activation/de";

#[tokio::test]
async fn an_operator_sends_to_all_who_never_set_a_password_and_sees_how_far_it_is() {
    let bench = Bench::start().await;
    let operator = Person::of(&bench.stack, Role::Operator).await;
    bench.users(120).await;
    let before = operator.json(HERE).await.json();
    assert_eq!(
        (&before["states"][0]["state"], &before["states"][0]["users"]),
        (&json!("notInvited"), &json!(120))
    );
    assert_eq!(before["users"].as_array().unwrap().len(), 50);
    let told = operator.form("/admin/onboarding/main-store/waves", &[("who", "never")]).await;
    assert_eq!(told.status, 303, "{}", told.text);
    let wave = told.header("location").to_owned();
    assert!(operator.page(&wave).await.text.contains("data-refreshes=\"5\""));
    bench.stack.settle().await.unwrap();
    let wave = operator.json(&wave).await.json();
    assert_eq!(
        (&wave["state"], &wave["queued"], &wave["sent"], &wave["isOver"]),
        (&json!("done"), &json!(120), &json!(120), &json!(true))
    );
    let delivered = operator.json(&format!("{HERE}?state=delivered")).await.json();
    assert_eq!(
        (delivered["users"].as_array().unwrap().len(), &delivered["states"][3]["users"]),
        (120, &json!(120))
    );
    assert!(operator.page(HERE).await.text.contains("Delivered"));
}

#[tokio::test]
async fn the_list_of_users_is_gone_through_page_by_page_and_some_are_selected() {
    let bench = Bench::start().await;
    let operator = Person::of(&bench.stack, Role::Operator).await;
    bench.users(60).await;
    let first = operator.json(HERE).await.json();
    let second = operator.json(first["next"].as_str().unwrap()).await.json();
    assert_eq!((second["users"].as_array().unwrap().len(), &second["next"]), (10, &json!("")));
    let chosen = |n: usize| second["users"][n]["id"].as_str().unwrap();
    let fields = [("who", "users"), ("user", chosen(0)), ("user", chosen(1))];
    assert_eq!(operator.form("/admin/onboarding/main-store/waves", &fields).await.status, 303);
    bench.stack.settle().await.unwrap();
    assert_eq!(bench.mailbox().mails().len(), 2);
    let nobody = operator.form("/admin/onboarding/main-store/waves", &[("who", "users")]).await;
    assert_eq!(nobody.status, 422);
    let filter = json!({ "who": "filter", "filter": "userName sw" });
    let told = operator.send("/admin/onboarding/main-store/waves", &filter).await;
    assert!(told.status == 422 && told.text.contains("filter"), "{}", told.text);
}

#[tokio::test]
async fn a_wave_is_stopped_resumed_and_ended_by_an_operator() {
    let bench = Bench::start().await;
    let operator = Person::of(&bench.stack, Role::Operator).await;
    bench.users(5).await;
    let wave = operator.send("/admin/onboarding/main-store/waves", &json!({ "who": "never" })).await;
    let wave = format!("/admin/waves/{}", wave.json()["id"].as_str().unwrap());
    let act = async |what: &str| operator.form(&format!("{wave}/{what}"), &[]).await.status;
    assert_eq!(act("resume").await, 409);
    assert_eq!(act("stop").await, 303);
    bench.stack.settle().await.unwrap();
    assert!(bench.mailbox().mails().is_empty());
    assert_eq!(act("resume").await, 303);
    bench.stack.settle().await.unwrap();
    assert_eq!(bench.mailbox().mails().len(), 5);
    assert_eq!(act("cancel").await, 409);
}

#[tokio::test]
async fn a_wording_is_changed_shown_tried_out_and_given_up_again() {
    let bench = Bench::start().await;
    let admin = Person::of(&bench.stack, Role::Admin).await;
    let fields = [
        ("subject", "Willkommen bei {store}"),
        ("body", "Hallo {name}!\r\n\r\n<b>Los</b> ({validity})."),
        ("button", "Los"),
    ];
    let told = admin.form(MAIL, &fields).await;
    assert_eq!(told.status, 303, "{}", told.text);
    let shown = admin.json(MAIL).await.json();
    assert_eq!(
        (&shown["isOwn"], &shown["rendered"]["subject"]),
        (&json!(true), &json!("Willkommen bei Main Store"))
    );
    let preview = admin.page(&format!("{MAIL}/preview")).await;
    assert!(
        preview.text.contains("&#60;b&#62;Los") && preview.text.contains("Hallo Ada!"),
        "{}",
        preview.text
    );
    let policy = preview.header("content-security-policy");
    assert!(policy.ends_with("sandbox") && !policy.contains("script"), "{policy}");
    assert_eq!(preview.header("x-frame-options"), "SAMEORIGIN");
    assert_eq!(admin.form(&format!("{MAIL}/test"), &[("email", "me@example.com")]).await.status, 303);
    bench.stack.settle().await.unwrap();
    assert_eq!(bench.mailbox().mails()[0].subject, "Willkommen bei Main Store");
    assert_eq!(admin.form(MAIL, &[("standard", "true")]).await.status, 303);
    assert_eq!(admin.json(MAIL).await.json()["isOwn"], false);
}

#[tokio::test]
async fn what_cannot_stand_in_a_mail_is_refused_with_what_to_do_g77_g84() {
    let bench = Bench::start().await;
    let admin = Person::of(&bench.stack, Role::Admin).await;
    for (subject, body) in
        [("Hi {name}", "x"), ("Hi\r\nBcc: eve@example.com", "x"), ("Hi", "{password}"), ("", "x")]
    {
        let told = admin.form(MAIL, &[("subject", subject), ("body", body)]).await;
        assert!(told.status == 422 && told.text.contains("Correct it"), "{subject}: {}", told.text);
    }
    let told = admin.form(&format!("{MAIL}/test"), &[("email", "a@example.com,b@example.com")]).await;
    assert_eq!(told.status, 422, "{}", told.text);
    let fields = [
        ("language", "fr"),
        ("expiryDays", "3"),
        ("resetMinutes", "30"),
        ("remindAfterDays", "1"),
        ("mostReminders", "0"),
        ("minimumLength", "15"),
        ("storeMinimum", "8"),
    ];
    let all = "/admin/onboarding/main-store/mails";
    let with =
        |extra: (&'static str, &'static str)| fields.iter().copied().chain([extra]).collect::<Vec<_>>();
    assert_eq!(admin.form(all, &with(("logo", "javascript:alert(1)"))).await.status, 422);
    assert_eq!(admin.form(all, &with(("displayName", "Bücher & Co"))).await.status, 303);
    let settings = admin.json(all).await.json();
    assert_eq!(
        (&settings["settings"]["language"], &settings["settings"]["displayName"]),
        (&json!("fr"), &json!("Bücher & Co"))
    );
    assert!(admin.page(all).await.text.contains("Bücher &#38; Co"));
    let amendments = bench.tables().amendments(None, 10).await.unwrap().amendments;
    assert!(
        amendments
            .iter()
            .any(|one| one.what == "activation mails main-store" && one.by == "admin@example.com")
    );
}

#[tokio::test]
async fn a_page_of_users_reads_a_bounded_amount() {
    let bench =
        Bench::with(local::stack::Options { metered: true, ..local::stack::Options::default() }).await;
    let viewer = Person::of(&bench.stack, Role::Viewer).await;
    bench.users(50).await;
    let cost = async || {
        let meter = bench.tables().meter();
        for table in [Table::Users, Table::Settings] {
            meter.take(table);
        }
        assert_eq!(viewer.json(HERE).await.status, 200);
        [Table::Users, Table::Settings].map(|table| meter.take(table).read).iter().sum::<f64>()
    };
    let small = cost().await;
    bench.users_named(250, "more").await;
    let large = cost().await;
    assert!(large <= small + 5.0, "{small} units with 50 users, {large} with 300");
}
