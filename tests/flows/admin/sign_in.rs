//! Signing in and out.

use std::time::Duration;

use jiff::SignedDuration;
use local::stack::{Stack, Time};
use reqwest::Method;
use serde_json::{Value, json};
use shared::{
    amendment::Amendment,
    mail::{Mail, MailId},
    one_time::OneTimeLink,
    operator::{Operator, Role},
    secret::EmailAddress,
};

use super::asking::{Person, Told, browser, form, sent, started};

async fn link(stack: &Stack, email: &str) -> String {
    let email = EmailAddress::new(email);
    let now = stack.clock().now();
    let operator =
        Operator { email: email.clone(), role: Role::Admin, added_at: now, added_by: "a test".to_owned() };
    let amendment = Amendment::new("a test", "operator", &Value::Null, &Value::Null, now);
    stack.tables().put_operator(&operator, &amendment).await.unwrap();
    let link = OneTimeLink::to_sign_in(email, now, SignedDuration::from_mins(15));
    let token = stack.tables().issue(&link).await.unwrap();
    format!("{}/admin/sign-in/{}", stack.api(), token.expose())
}

async fn press(link: &str) -> Told {
    sent(browser().request(Method::POST, link).header("accept", "text/html")).await
}

async fn look(link: &str) -> Told {
    sent(browser().get(link).header("accept", "text/html")).await
}

fn advance(stack: &Stack, by: Duration) {
    let Time::ByHand(clock) = stack.time() else { panic!("the time is moved by hand") };
    clock.advance(by);
}

#[tokio::test]
async fn a_link_is_only_used_by_a_press_and_only_once() {
    let stack = started().await;
    let link = link(&stack, "ann@example.com").await;
    for _ in 0..3 {
        let page = look(&link).await;
        assert_eq!(page.status, 200, "a program that follows links must not use it up");
        assert_eq!(page.header("set-cookie"), "");
    }
    let told = press(&link).await;
    assert_eq!((told.status, told.header("location")), (303, "/admin"), "{}", told.text);
    let cookie = told.header("set-cookie");
    for part in ["clientele=", "HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let cookie = cookie.split(';').next().unwrap();
    let home = sent(browser().get(format!("{}/admin", stack.api())).header("cookie", cookie)).await;
    assert_eq!((home.status, &home.json()["role"]), (200, &json!("admin")));
    assert_eq!((press(&link).await.status, look(&link).await.status), (410, 410));
}

#[tokio::test]
async fn a_link_opens_nothing_once_it_is_old_or_its_operator_is_gone() {
    let stack = started().await;
    let (old, gone) = (link(&stack, "old@example.com").await, link(&stack, "gone@example.com").await);
    let owner = Person::of(&stack, Role::Owner).await;
    assert_eq!(owner.form("/admin/operators/gone%40example.com/remove", &[]).await.status, 303);
    assert_eq!(press(&gone).await.status, 410);
    advance(&stack, Duration::from_secs(15 * 60));
    assert_eq!((look(&old).await.status, press(&old).await.status), (410, 410));
    let unknown = format!("{}/admin/sign-in/{}", stack.api(), "a".repeat(43));
    assert_eq!((look(&unknown).await.status, look(&format!("{unknown}x")).await.status), (410, 410));
}

#[tokio::test]
async fn whoever_asks_for_a_link_gets_the_same_answer_and_one_row_of_mail() {
    let stack = started().await;
    let mut answers = Vec::new();
    for email in ["owner@example.com", "nobody@example.com", "NOBODY@example.com"] {
        let request = browser().post(format!("{}/admin/sign-in", stack.api())).header("accept", "text/html");
        let told = sent(form(request, &[("email", email)])).await;
        answers.push((told.status, told.text));
    }
    answers.dedup();
    assert_eq!((answers.len(), answers[0].0), (1, 202), "{answers:?}");
    let ids =
        ["owner@example.com", "nobody@example.com"].map(|email| MailId::sign_in(&EmailAddress::new(email)));
    let queued = stack.tables().queued_mails(&ids.into()).await.unwrap();
    assert_eq!(queued.len(), 2);
    assert!(queued.iter().all(|mail| matches!(mail.mail, Mail::SignIn { .. })));
    let owner = stack.tables().operator(&EmailAddress::new("owner@example.com")).await.unwrap();
    assert_eq!(owner.map(|owner| owner.role), Some(Role::Owner));
    stack.leave_work();
}

#[tokio::test]
async fn a_session_ends_by_itself_and_by_signing_out() {
    let stack = started().await;
    let (one, other) = (Person::of(&stack, Role::Viewer).await, Person::of(&stack, Role::Admin).await);
    advance(&stack, Duration::from_secs(90 * 60));
    assert_eq!(one.json("/admin").await.status, 200);
    advance(&stack, Duration::from_secs(90 * 60));
    assert_eq!(one.json("/admin").await.status, 200, "a session that is used goes on");
    assert_eq!(other.json("/admin").await.status, 401, "and one that is not used ends");
    let told = one.form("/admin/sign-out", &[]).await;
    assert_eq!((told.status, told.header("location")), (303, "/admin/sign-in"));
    assert!(told.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(one.json("/admin").await.status, 401);
    let page = one.page("/admin").await;
    assert_eq!((page.status, page.header("location")), (303, "/admin/sign-in"), "a person is led to sign in");
}
