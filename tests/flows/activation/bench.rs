//! A connected store, users who are its customers, and the mailbox.

use std::{collections::BTreeSet, time::Duration};

use futures_util::future::join_all;
use local::{
    mailbox::{Mail as Sent, Mailbox},
    stack::{Options, Stack, Time},
};
use shared::{
    activation::{Activation, Selection, Wave},
    amendment::Amendment,
    application::{ActivationSettings, Application, ApplicationId},
    import::RunId,
    mail::{Mail, MailId},
    one_time::Token,
    report::Entry,
    secret::EmailAddress,
    store::{EntryQuery, Of, Tables},
    user::{Email, Link, User, UserId},
};

pub(super) struct Bench {
    pub(super) stack: Stack,
    pub(super) application: Application,
}

impl Bench {
    pub(super) async fn start() -> Bench {
        Bench::with(Options::default()).await
    }

    pub(super) async fn with(options: Options) -> Bench {
        let stack = Stack::start(options).await.unwrap();
        let mut application = stack.connect("main-store".parse().unwrap(), "Main Store").await.unwrap();
        application.policies.survey_every_hours = 0;
        stack.tables().put_application(&application).await.unwrap();
        stack.settle().await.unwrap();
        Bench { stack, application }
    }

    pub(super) fn tables(&self) -> &Tables {
        self.stack.tables()
    }

    pub(super) fn mailbox(&self) -> &Mailbox {
        self.stack.mailbox()
    }

    pub(super) fn id(&self) -> &ApplicationId {
        &self.application.id
    }

    pub(super) async fn set(&self, settings: &ActivationSettings) {
        let nothing = serde_json::Value::Null;
        let now = self.stack.clock().now();
        let amendment = Amendment::new("ada", "activation main-store", &nothing, &nothing, now);
        self.tables().put_activation_settings(self.id(), settings, &amendment).await.unwrap();
    }

    pub(super) fn pass(&self, time: Duration) {
        let Time::ByHand(clock) = self.stack.time() else { panic!("the clock is a manual one") };
        clock.advance(time);
    }

    /// Lets days go by, with what is due in them.
    pub(super) async fn days(&self, days: u32) {
        for _ in 0..days {
            self.pass(Duration::from_secs(24 * 3600));
            self.stack.settle().await.unwrap();
            self.stack.round().await.unwrap();
            self.stack.settle().await.unwrap();
        }
    }

    /// A user who is a customer of the store.
    pub(super) async fn user(&self, email: &str, change: impl FnOnce(&mut User)) -> User {
        let mut user = person(email, self);
        change(&mut user);
        self.tables().create_user(&user, &[]).await.unwrap()
    }

    /// So many users who are customers, with the addresses `user-0@example.com` and so on.
    pub(super) async fn users(&self, number: usize) -> Vec<User> {
        self.users_named(number, "user").await
    }

    pub(super) async fn users_named(&self, number: usize, name: &str) -> Vec<User> {
        let mut made = Vec::new();
        // More at once are one too many for the rows that count them.
        for begin in (0..number).step_by(20) {
            let some = (begin..number.min(begin + 20)).map(|n| async move {
                let user = person(&format!("{name}-{n}@example.com"), self);
                self.tables().create_user(&user, &[]).await.unwrap()
            });
            made.extend(join_all(some).await);
        }
        made
    }

    /// Asks for an activation mail.
    pub(super) async fn ask(&self, user: &User) {
        let mail = Mail::Activation {
            user: user.id.clone(),
            application: self.id().clone(),
            wave: None,
            reminder: 0,
        };
        self.queue(&MailId::activation(self.id(), &user.id), mail).await;
    }

    pub(super) async fn queue(&self, id: &MailId, mail: Mail) {
        self.tables().queue_mail(id, &mail).await.unwrap();
    }

    /// Asks for an activation mail and lets it be sent.
    pub(super) async fn send(&self, user: &User) {
        self.ask(user).await;
        self.stack.settle().await.unwrap();
    }

    pub(super) async fn activation(&self, user: &User) -> Activation {
        self.tables().activation(&user.id, self.id()).await.unwrap()
    }

    /// The name of the state of a user's activation.
    pub(super) async fn state(&self, user: &User) -> &'static str {
        self.activation(user).await.state_at(self.stack.clock().now()).as_str()
    }

    pub(super) async fn left(&self, user: &User) -> bool {
        let id = MailId::activation(self.id(), &user.id);
        !self.tables().queued_mails(&BTreeSet::from([id])).await.unwrap().is_empty()
    }

    pub(super) async fn begin(&self, selection: Selection) -> Wave {
        let now = self.stack.clock().now();
        let wave = Wave::new(RunId::new(self.id().clone(), now), selection, "ada", now);
        self.tables().begin_wave(&wave).await.unwrap();
        wave
    }

    pub(super) async fn wave(&self, wave: &Wave) -> Wave {
        self.tables().wave(&wave.id).await.unwrap().expect("the wave is kept")
    }

    /// The entries about mails, oldest first.
    pub(super) async fn entries(&self) -> Vec<Entry> {
        let now = self.stack.clock().now();
        let query = EntryQuery {
            of: Of::Application(self.id().clone()),
            from: now - Duration::from_secs(90 * 24 * 3600),
            to: now + Duration::from_secs(1),
            outcome: None,
            action: None,
            way: None,
            limit: 250,
            cursor: None,
        };
        let mut entries = self.tables().entries(&query).await.unwrap().entries;
        entries.retain(|entry| entry.cause.starts_with("mail/"));
        entries.reverse();
        entries
    }
}

fn person(email: &str, bench: &Bench) -> User {
    let now = bench.stack.clock().now();
    let mut user = User::new(email, now);
    user.name.given_name = Some("Ada".to_owned());
    user.emails = vec![Email { value: EmailAddress::new(email), kind: None, display: None, primary: true }];
    let customer = i64::from(u32::from_str_radix(&user.id.as_str()[..7], 16).unwrap()) + 1;
    let link = serde_json::json!({ "customer": customer, "base": {}, "syncedAt": now });
    let link: Link = serde_json::from_value(link).unwrap();
    user.links.insert(bench.id().clone(), link);
    user
}

/// The link of a mail.
pub(super) fn link(mail: &Sent) -> String {
    let begin = mail.text.find("http").expect("the mail has a link");
    mail.text[begin..].split_whitespace().next().unwrap().to_owned()
}

/// The token of a mail's link.
pub(super) fn token(mail: &Sent) -> Token {
    Token::try_from(link(mail).rsplit('/').next().unwrap()).unwrap()
}

pub(super) fn ids(users: &[User]) -> Vec<UserId> {
    users.iter().map(|user| user.id.clone()).collect()
}
