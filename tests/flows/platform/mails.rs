//! Mails: a wave, a reset, one that comes back, and a reminder.

use std::time::Duration;

use local::{
    mailbox::Fate,
    stack::{Stack, Time},
};
use shared::{
    activation::{Selection, Wave},
    application::Application,
    import::RunId,
    mail::{Mail, MailId},
    secret::EmailAddress,
    user::{Email, User},
};

const THREE_DAYS: Duration = Duration::from_secs(3 * 24 * 3600);

pub(super) async fn run(stack: &Stack, application: &Application) {
    let now = stack.clock().now();
    for email in ["waits@example.com", "refuses@example.com"] {
        let mut user = User::new(email, now);
        user.emails =
            vec![Email { value: EmailAddress::new(email), kind: None, display: None, primary: true }];
        let customer = serde_json::json!({ "customer": 900_000 + email.len(), "base": {}, "syncedAt": now });
        user.links.insert(application.id.clone(), serde_json::from_value(customer).unwrap());
        stack.tables().create_user(&user, &[]).await.unwrap();
    }
    stack.mailbox().destine("refuses@example.com", Fate::Bounces);
    let wave = Wave::new(RunId::new(application.id.clone(), now), Selection::NeverSet, "ada", now);
    stack.tables().begin_wave(&wave).await.unwrap();
    let email = EmailAddress::new("waits@example.com");
    let reset = Mail::Reset { email: email.clone(), application: None };
    stack.tables().queue_mail(&MailId::reset(&email), &reset).await.unwrap();
    stack.settle().await.unwrap();
    let Time::ByHand(clock) = stack.time() else { panic!("the clock is a manual one") };
    clock.advance(THREE_DAYS);
    stack.round().await.unwrap();
    stack.settle().await.unwrap();
    assert_eq!(stack.mailbox().mails_to("waits@example.com").len(), 3);
}
