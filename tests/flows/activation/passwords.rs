//! Passwords that cannot be set, stores that do not take them or do not answer; and that they are
//! kept nowhere.

use local::bigcommerce::{Fault, FaultKind};
use reqwest::StatusCode;
use shared::{
    activation::Step,
    application::{ActivationSettings, Application},
    one_time::Purpose,
    report::Outcome,
};

use super::shopper::{GOOD, OTHER, Town};
use crate::platform::leaks::Log;

fn fault(kind: FaultKind, on: &str, times: u32) -> Fault {
    Fault { kind, on: Some(on.to_owned()), times: Some(times), chance: 1.0 }
}

#[tokio::test]
async fn a_password_that_is_not_good_enough_is_explained_and_burns_no_link_g83() {
    let town = Town::start().await;
    let shopper = town.invited().await;
    let long = "a1".repeat(2_000);
    for (password, says) in [
        ("x", "at least 12 characters"),
        ("quite long without", "It needs a digit"),
        ("mauve otter 7 canal\0", "no keyboard writes"),
        ("password123456", "others try first"),
        (long.as_str(), "at most 128 characters"),
        ("🦊🦊🦊🦊🦊🦊🦊🦊🦊🦊🦊🦊 a1", "soon be guessed"),
    ] {
        let page = shopper.set(password).await;
        assert!(page.status == StatusCode::UNPROCESSABLE_ENTITY && page.says(says), "{says}: {}", page.body);
        assert!(!page.says("quite long without") && !page.says(&long), "it is not shown again");
    }
    let form = shopper.get("/activate").await.form();
    let page = shopper.post("/activate", &[("form", &form), ("password", &"a1".repeat(500_000))]).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST, "a megabyte is not even read");
    assert_eq!(town.store_calls(), 0);
    assert_eq!(shopper.set("🦊 mauve otter 7 canal").await.status, StatusCode::OK);
    town.stack.settle().await.unwrap();
    assert!(town.lets_in("🦊 mauve otter 7 canal").await);
}

#[tokio::test]
async fn the_least_length_and_the_stores_own_rule_are_settings_g83() {
    let town = Town::start().await;
    let shopper = town.invited().await;
    let mut settings = ActivationSettings { minimum_length: 20, ..ActivationSettings::default() };
    settings.store_rule.symbol = true;
    town.set(&settings).await;
    let page = shopper.get("/activate").await;
    assert!(page.says("at least 20 characters") && page.says("It needs a symbol"), "{}", page.body);
    assert!(shopper.set("mauveotter7canal").await.says("at least 20 characters"));
    assert_eq!(shopper.set(&format!("{GOOD}, twice!")).await.status, StatusCode::OK);
    town.stack.settle().await.unwrap();
}

#[tokio::test]
async fn what_a_store_refuses_is_shown_with_its_reason_and_burns_no_link_g83() {
    let town = Town::start().await;
    let shopper = town.invited().await;
    town.stack.store().faults([fault(FaultKind::StrictPasswords { minimum: 20 }, "PUT /v3/customers", 9)]);
    let page = shopper.set(GOOD).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.says("Main Store does not take this password") && !page.says(GOOD), "{}", page.body);
    let entries = town.entries().await;
    assert_eq!(entries[0].outcome, Outcome::Blocked);
    assert!(!town.dump().contains(GOOD));
    assert_eq!(shopper.set(OTHER).await.status, StatusCode::OK);
    town.stack.settle().await.unwrap();
    assert!(town.lets_in(OTHER).await);
}

#[tokio::test]
async fn a_store_that_does_not_answer_leaves_the_link_and_is_named() {
    let town = Town::start().await;
    let outlet =
        Application { id: "outlet".parse().unwrap(), name: "Outlet".to_owned(), ..town.application.clone() };
    town.tables().put_application(&outlet).await.unwrap();
    let user = town.tables().user(&town.user.id).await.unwrap().unwrap();
    let mut linked = user.clone();
    linked.links.insert(outlet.id.clone(), user.links[&town.application.id].clone());
    town.tables().update_user(&user, &linked, &[]).await.unwrap();
    let shopper = town.invited().await;
    assert!(shopper.get("/activate").await.says("Main Store, Outlet"));
    // Of the two stores' calls the first to arrive meets it; a lost credential is not tried again.
    town.stack.store().faults([fault(FaultKind::Suspend, "PUT /v3/customers", 1)]);
    let page = shopper.set(GOOD).await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(page.says("could not be set at") && page.says("Your link still works"), "{}", page.body);
    let page = shopper.set(GOOD).await;
    assert!(page.status == StatusCode::OK && page.says("Main Store, Outlet"), "{}", page.body);
    town.stack.leave_work();
    assert!(town.lets_in(GOOD).await);
}

#[tokio::test]
async fn a_password_that_could_not_be_tried_is_set_and_not_verified() {
    let town = Town::start().await;
    let now = town.stack.clock().now();
    let (user, application) = (&town.user.id, &town.application.id);
    town.tables().set_activation(user, application, &Step::Queued, now).await.unwrap();
    let shopper = town.invited().await;
    let busy = FaultKind::TooManyRequests { headers: false, retry_after: None };
    town.stack.store().faults([fault(busy, "POST /v3/customers/validate-credentials", 1)]);
    assert_eq!(shopper.set(GOOD).await.status, StatusCode::OK);
    assert_eq!(town.state().await, "passwordSet");
    assert!(town.entries().await[0].detail.contains("could not be asked"));
    town.stack.settle().await.unwrap();
}

#[tokio::test]
async fn who_was_offboarded_at_a_store_is_not_let_in_by_a_password() {
    let town = Town::start().await;
    let user = town.tables().user(&town.user.id).await.unwrap().unwrap();
    let mut held = user.clone();
    let link = held.links.get_mut(&town.application.id).unwrap();
    link.held = Some(
        serde_json::from_value(serde_json::json!({ "why": "outOfScope", "since": user.created })).unwrap(),
    );
    town.tables().update_user(&user, &held, &[]).await.unwrap();
    let page = town.invited().await.set(GOOD).await;
    assert_eq!((page.status, town.store_calls()), (StatusCode::SERVICE_UNAVAILABLE, 0));
}

#[tokio::test]
async fn no_table_log_or_mail_holds_the_password_or_the_token() {
    let log = Log::default();
    let _logged = log.begin();
    let town = Town::start().await;
    let token = town.link(Purpose::Activation).await;
    let shopper = town.shopper();
    shopper.open(&token).await;
    let broken = FaultKind::ServerError { status: 500, html: true, applied: true };
    town.stack.store().faults([fault(broken, "PUT /v3/customers", 6)]);
    let failed = shopper.set(GOOD).await;
    assert!(failed.status.is_server_error(), "{}", failed.body);
    town.stack.store().clear_faults();
    assert_eq!(shopper.set(GOOD).await.status, StatusCode::OK);
    town.stack.settle().await.unwrap();
    let (mails, store) =
        (format!("{:?}", town.stack.mailbox().mails()), format!("{:?}", town.stack.store().log()));
    assert!(log.text().contains("password.set"), "the log is looked into");
    for (what, text) in
        [("a table", town.dump()), ("the log", log.text()), ("a mail", mails), ("the store's log", store)]
    {
        for secret in [GOOD, "mauve", token.expose()] {
            assert!(!text.contains(secret), "{what} holds {secret}");
        }
    }
}
