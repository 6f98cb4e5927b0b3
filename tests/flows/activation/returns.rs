//! Mails that come back, or that nobody wants.

use local::mailbox::Fate;
use shared::{
    activation::{Selection, WaveState},
    mail::{Mail, MailId},
    report::{AttentionKind, Outcome},
    secret::EmailAddress,
};

use super::bench::Bench;

#[tokio::test]
async fn an_address_that_refuses_mails_or_wants_none_gets_no_more_g81() {
    for (fate, state) in [
        (Fate::Bounces, "bounced"),
        (Fate::Suppressed, "bounced"),
        (Fate::Unwanted, "complained"),
        (Fate::Unsubscribed, "delivered"),
    ] {
        let bench = Bench::start().await;
        let ada = bench.user("ada@example.com", |_| {}).await;
        bench.mailbox().destine("ada@example.com", fate);
        bench.send(&ada).await;
        assert_eq!(bench.state(&ada).await, state, "{fate:?}");
        let email = EmailAddress::new("Ada@example.com");
        assert!(bench.tables().suppression(&email).await.unwrap().is_some(), "{fate:?}");
        bench.mailbox().destine("ada@example.com", Fate::Arrives);
        bench.pass(std::time::Duration::from_secs(1));
        bench.send(&ada).await;
        bench.queue(&MailId::reset(&email), Mail::Reset { email, application: None }).await;
        bench.stack.settle().await.unwrap();
        assert_eq!(bench.mailbox().mails().len(), 1, "{fate:?}");
        let last = bench.entries().await.pop().unwrap();
        assert_eq!(last.outcome, Outcome::Blocked, "{fate:?}");
        assert!(last.detail.contains("another address"), "{fate:?}");
    }
}

#[tokio::test]
async fn a_mail_that_came_back_is_in_the_report_with_what_to_do_g81() {
    let bench = Bench::start().await;
    let ada = bench.user("ada@example.com", |_| {}).await;
    bench.mailbox().destine("ada@example.com", Fate::Bounces);
    bench.send(&ada).await;
    let entries = bench.entries().await;
    let told: Vec<_> = entries.iter().map(|entry| (entry.cause.as_str(), entry.outcome)).collect();
    assert_eq!(told, [("mail/activation", Outcome::Success), ("mail/returned", Outcome::Failed)]);
    assert!(entries[1].detail.contains("ask the person for another address"), "{}", entries[1].detail);
}

#[tokio::test]
async fn a_full_mailbox_is_tried_again_and_so_is_another_address_g81() {
    let bench = Bench::start().await;
    let ada = bench.user("ada@example.com", |_| {}).await;
    bench.mailbox().destine("ada@example.com", Fate::BouncesForNow);
    bench.send(&ada).await;
    assert_eq!(bench.state(&ada).await, "bounced");
    bench.mailbox().destine("ada@example.com", Fate::Bounces);
    bench.send(&ada).await;
    let mut moved = ada.clone();
    moved.emails[0].value = EmailAddress::new("new@example.com");
    bench.tables().update_user(&ada, &moved, &[]).await.unwrap();
    bench.send(&ada).await;
    assert_eq!(bench.state(&ada).await, "delivered");
    assert_eq!(bench.mailbox().mails().len(), 3);
}

#[tokio::test]
async fn a_wave_stops_when_too_many_mails_come_back_and_asks_a_person_g81() {
    let bench = Bench::start().await;
    bench.mailbox().limit(2.0, 50_000.0);
    let users = bench.users(400).await;
    for n in 0..users.len() {
        let fate = if n % 4 == 0 { Fate::Bounces } else { Fate::Arrives };
        bench.mailbox().destine(&format!("user-{n}@example.com"), fate);
    }
    let wave = bench.begin(Selection::NeverSet).await;
    bench.stack.settle().await.unwrap();
    let stopped = bench.wave(&wave).await;
    assert_eq!(stopped.state, WaveState::Stopped);
    let sent = bench.mailbox().mails().len();
    assert!(sent < 400, "{sent} were sent before it stopped");
    let about = (AttentionKind::Returns, bench.id().to_string());
    let asked = bench.tables().attentions(std::slice::from_ref(&about)).await.unwrap();
    assert!(asked[0].detail.contains("resume the wave"), "{}", asked[0].detail);

    // A person has mended the addresses.
    bench.mailbox().limit(50.0, 50_000.0);
    for n in 0..users.len() {
        bench.mailbox().destine(&format!("user-{n}@example.com"), Fate::Arrives);
    }
    bench.tables().settle_attention(AttentionKind::Returns, &about.1).await.unwrap();
    bench.tables().forget_returns(bench.id(), bench.stack.clock().now()).await.unwrap();
    bench.tables().begin_wave(&stopped.resumed()).await.unwrap();
    bench.stack.settle().await.unwrap();
    assert_eq!(bench.mailbox().mails().len(), 400);
}

#[tokio::test]
async fn what_is_told_twice_or_late_is_told_once_g81() {
    let bench = Bench::start().await;
    let ada = bench.user("ada@example.com", |_| {}).await;
    bench.mailbox().destine("ada@example.com", Fate::Bounces);
    bench.ask(&ada).await;
    while bench.mailbox().mails().is_empty() {
        bench.stack.wake_by_streams().await.unwrap();
    }
    let events = bench.mailbox().take_events();
    for event in events.iter().rev().chain(&events).chain(&events) {
        bench.stack.tell(event).await.unwrap();
    }
    bench.stack.settle().await.unwrap();
    assert_eq!(bench.state(&ada).await, "bounced");
    assert_eq!(bench.entries().await.len(), 2);
}
