//! Reminders, and links that expire.

use shared::{
    activation::{ActivationState, Step},
    application::ActivationSettings,
};

use super::bench::Bench;

async fn bench() -> Bench {
    let bench = Bench::start().await;
    let settings = ActivationSettings {
        remind_after_days: 2,
        most_reminders: 2,
        expiry_days: 5,
        ..ActivationSettings::default()
    };
    bench.set(&settings).await;
    bench
}

#[tokio::test]
async fn who_does_nothing_is_reminded_as_often_as_is_set_and_then_the_link_expires() {
    let bench = bench().await;
    let ada = bench.user("ada@example.com", |_| {}).await;
    bench.send(&ada).await;
    bench.days(1).await;
    assert_eq!(bench.mailbox().mails().len(), 1);
    bench.days(1).await;
    assert_eq!(bench.mailbox().mails().len(), 2);
    bench.days(20).await;
    let mails = bench.mailbox().mails();
    assert_eq!(mails.len(), 3);
    assert_eq!(mails[2].subject, "Your account at Main Store is still waiting");
    assert_eq!(bench.activation(&ada).await.state, ActivationState::Expired);
    assert_eq!(bench.activation(&ada).await.look_at, None);
    let causes: Vec<String> = bench.entries().await.into_iter().map(|entry| entry.cause).collect();
    assert_eq!(causes, ["mail/activation", "mail/reminder", "mail/reminder"]);
}

#[tokio::test]
async fn who_has_set_a_password_is_not_reminded() {
    let bench = bench().await;
    let ada = bench.user("ada@example.com", |_| {}).await;
    bench.send(&ada).await;
    let now = bench.stack.clock().now();
    bench.tables().set_activation(&ada.id, bench.id(), &Step::PasswordSet, now).await.unwrap();
    bench.days(10).await;
    assert_eq!(bench.mailbox().mails().len(), 1);
    assert!(bench.tables().looks_due(bench.stack.clock().now()).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_reminder_is_one_mail_wherever_the_function_dies() {
    let bench = bench().await;
    for polls in (0..120).step_by(7) {
        let email = format!("user-{polls}@example.com");
        let user = bench.user(&email, |_| {}).await;
        bench.send(&user).await;
        bench.pass(std::time::Duration::from_secs(2 * 24 * 3600));
        bench.stack.killer().kill_next(polls);
        for _ in 0..3 {
            bench.stack.round().await.unwrap();
            bench.pass(std::time::Duration::from_secs(61));
        }
        bench.stack.settle().await.unwrap();
        assert_eq!(bench.mailbox().mails_to(&email).len(), 2, "killed after {polls} polls");
        let now = bench.stack.clock().now();
        bench.tables().set_activation(&user.id, bench.id(), &Step::PasswordSet, now).await.unwrap();
    }
}
