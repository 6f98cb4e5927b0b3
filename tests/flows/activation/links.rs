//! Links that are used twice, too late, by the wrong one or altered.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::StatusCode;
use shared::{
    one_time::{OneTimeLink, Purpose, Token},
    secret::EmailAddress,
    store::Table,
};

use super::shopper::{GOOD, OTHER, Town};

#[tokio::test]
async fn of_two_tabs_that_redeem_a_link_at_once_one_does_and_asks_the_store_once_g70() {
    let town = Town::start().await;
    let token = town.link(Purpose::Activation).await;
    let (a, b) = (town.shopper(), town.shopper());
    a.open(&token).await;
    b.open(&token).await;
    let (a, b) = tokio::join!(a.set(GOOD), b.set(OTHER));
    let mut statuses = [a.status, b.status];
    statuses.sort();
    assert_eq!(statuses[0], StatusCode::OK, "{a:?} {b:?}");
    assert!([StatusCode::CONFLICT, StatusCode::GONE].contains(&statuses[1]), "{a:?} {b:?}");
    assert_eq!(town.store_calls(), 1);
    town.stack.settle().await.unwrap();
    assert!(town.lets_in(if a.status == StatusCode::OK { GOOD } else { OTHER }).await);
}

#[tokio::test]
async fn a_link_that_expired_a_second_ago_opens_nothing_and_a_new_one_is_sent_g71() {
    let town = Town::start().await;
    let token = town.link(Purpose::Activation).await;
    let shopper = town.shopper();
    town.pass(Duration::from_secs(3599));
    assert_eq!(shopper.open(&token).await.status, StatusCode::OK);
    let form = shopper.get("/activate").await.form();
    town.pass(Duration::from_secs(2));
    let late = shopper.post("/activate", &[("form", &form), ("password", GOOD)]).await;
    assert!(late.status == StatusCode::GONE && late.says("has expired"), "{}", late.body);
    assert_eq!(town.store_calls(), 0);
    let asked = shopper.post("/activate/again", &[("form", &late.form())]).await;
    assert_eq!(asked.status, StatusCode::OK);
    town.stack.settle().await.unwrap();
    let mail = town.stack.mailbox().mails_to(town.email().as_str()).pop().expect("a mail with a new link");
    assert_eq!(town.shopper().open(&super::bench::token(&mail)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_used_link_and_one_with_a_newer_are_refused_g72() {
    let town = Town::start().await;
    let older = town.link(Purpose::Activation).await;
    let newer = town.link(Purpose::Reset).await;
    let page = town.shopper().open(&older).await;
    assert!(page.status == StatusCode::GONE && page.says("newer link"), "{}", page.body);
    let shopper = town.shopper();
    shopper.open(&newer).await;
    assert_eq!(shopper.set(GOOD).await.status, StatusCode::OK);
    let page = town.shopper().open(&newer).await;
    assert!(page.status == StatusCode::GONE && page.says("was used"), "{}", page.body);
    town.stack.settle().await.unwrap();
}

#[tokio::test]
async fn an_altered_a_truncated_a_foreign_and_a_long_token_are_answered_alike_and_write_nothing_g73() {
    let town = Town::start().await;
    let token = town.link(Purpose::Activation).await;
    let other = if token.expose().starts_with('A') { 'B' } else { 'A' };
    let altered = format!("{other}{}", &token.expose()[1..]);
    let before = town.dump();
    let mut answers = Vec::new();
    for text in [&altered, &token.expose()[..20], &"x".repeat(6_000), "%00%ff", Token::random().expose()] {
        let shopper = town.shopper();
        let taken = shopper.get(&format!("/activate/{text}")).await;
        let page = shopper.get("/activate").await;
        let without_form = page
            .body
            .replace(&if page.body.contains("name=\"form\"") { page.form() } else { String::new() }, "");
        answers.push((taken.status, page.status, without_form));
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
    assert_eq!((answers[0].0, answers[0].1), (StatusCode::SEE_OTHER, StatusCode::NOT_FOUND));
    assert_eq!(town.dump(), before);
}

#[tokio::test]
async fn a_link_to_sign_in_to_the_console_sets_no_password_g73() {
    let town = Town::start().await;
    let hour = jiff::SignedDuration::from_hours(1);
    let link = OneTimeLink::to_sign_in(EmailAddress::new("ada@x.example"), town.stack.clock().now(), hour);
    let token = town.tables().issue(&link).await.unwrap();
    assert_eq!(town.shopper().open(&token).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_link_is_dead_when_its_user_is_gone_inactive_or_has_another_address_g82() {
    for change in ["gone", "inactive", "moved"] {
        let town = Town::start().await;
        let shopper = town.invited().await;
        let form = shopper.get("/activate").await.form();
        let user = town.tables().user(&town.user.id).await.unwrap().unwrap();
        let mut changed = user.clone();
        match change {
            "gone" => {
                town.tables().delete_user(&user, &Default::default(), &[]).await.unwrap();
            }
            "inactive" => changed.active = false,
            _ => changed.emails[0].value = EmailAddress::new("elsewhere@x.example"),
        }
        if change != "gone" {
            town.tables().update_user(&user, &changed, &[]).await.unwrap();
        }
        let page = shopper.post("/activate", &[("form", &form), ("password", GOOD)]).await;
        assert_eq!((page.status, town.store_calls()), (StatusCode::NOT_FOUND, 0), "{change}");
        town.stack.leave_work();
    }
}

#[tokio::test]
async fn a_page_and_a_password_cost_what_they_cost() {
    let options = local::stack::Options { metered: true, ..Default::default() };
    let town = Town::with(options).await;
    let shopper = town.invited().await;
    town.tables().meter().take(Table::Settings);
    shopper.head("/activate").await;
    let seen = town.tables().meter().take(Table::Settings);
    assert!(seen.read <= 6.0 && seen.write == 0.0, "{seen:?}");
    assert_eq!(shopper.set(GOOD).await.status, StatusCode::OK);
    let set = town.tables().meter().take(Table::Settings);
    assert!(set.read <= 20.0 && set.write <= 8.0, "{set:?}");
    town.stack.settle().await.unwrap();
    assert!(town.stack.clock().now() > Timestamp::UNIX_EPOCH);
}
