//! One mail, handed over once: held, its link written, its row told, and then sent.

use std::time::Duration;

use jiff::SignedDuration;
use shared::{
    application::ActivationSettings,
    clock::{jittered, random_id},
    mail::{Error, Letter, Message, QueuedMail, Recipient, Sending},
    secret::Secret,
    store,
    work::{LAST_ATTEMPT, backoff},
};

use super::{App, letter::Errand, link::expiry, tell};

/// How long nobody else takes up a mail that is not handed over yet.
const HELD: SignedDuration = SignedDuration::from_mins(2);
/// How long SES's event of a sending is waited for when its answer was lost.
const DOUBT: SignedDuration = SignedDuration::from_mins(15);
/// How long a mail waits when the quota of the day is spent.
const UNTIL_QUOTA: SignedDuration = SignedDuration::from_mins(15);
/// How often a mail that was refused for being too fast is sent again at once.
const QUICK_RETRIES: u32 = 3;

/// What is said in the name of the directory itself.
const OWN_NAME: &str = "Clientele";

/// What became of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sent {
    /// SES has it.
    Accepted,
    /// Only SES knows; its event will tell.
    Doubtful,
    /// Somebody else has it at work.
    NotOurs,
    /// It was too fast, several times over.
    TooFast,
    /// The quota of the day is spent.
    QuotaSpent,
    /// It is tried again later.
    PutOff,
}

impl App {
    /// Hands a mail over.
    pub(super) async fn deliver(&self, errand: &Errand) -> Result<Sent, store::Error> {
        let now = self.clock.now();
        if errand.row.sending.as_ref().is_some_and(|sending| sending.handed_over) {
            tracing::warn!(mail.id = %errand.row.id, "mail.sent_again");
        }
        let key = random_id();
        let expires_at = errand.purpose.map(|_| expiry(errand, now));
        let held = Sending { key, at: now, until: now + HELD, handed_over: false, expires_at };
        if !self.tables.hold_mail(&errand.row, &held).await? {
            return Ok(Sent::NotOurs);
        }
        let row = QueuedMail { sending: Some(held.clone()), ..errand.row.clone() };
        let link = self.issue(errand, now, expires_at.unwrap_or(now)).await?;
        let over = Sending { handed_over: true, until: now + DOUBT, ..held };
        if !self.tables.hold_mail(&row, &over).await? {
            return Ok(Sent::NotOurs);
        }
        let row = QueuedMail { sending: Some(over), ..row };
        let sent = self.send(errand, &row, link.as_ref()).await;
        self.went(errand, &row, sent).await
    }

    async fn send(&self, errand: &Errand, row: &QueuedMail, link: Option<&Secret>) -> Result<String, Error> {
        let standard = ActivationSettings::default();
        let (settings, name) = match &errand.store {
            Some(store) => (&store.settings, store.name.as_str()),
            None => (&standard, OWN_NAME),
        };
        let letter = Letter {
            template: errand.template,
            language: errand.language,
            settings,
            store: name,
            name: errand.name(),
            link: link.map(Secret::expose),
            minutes: errand.minutes,
        };
        let address =
            |address: &Option<String>| address.as_deref().and_then(|text| Recipient::new(text).ok());
        let (from, reply_to) = (address(&settings.sender), address(&settings.reply_to));
        let message = Message {
            to: &errand.to,
            from_name: settings.display_name.as_deref().unwrap_or(name),
            from: from.as_ref(),
            reply_to: reply_to.as_ref(),
            content: &letter.render(),
            tags: &tell::tags(row),
        };
        let mut attempt = 0;
        loop {
            match self.mailer.send(&message).await {
                Err(Error::Throttled) if attempt < QUICK_RETRIES => attempt += 1,
                sent => return sent,
            }
            self.clock.sleep(jittered(Duration::from_secs(1) * (1 << attempt))).await;
        }
    }

    async fn went(
        &self,
        errand: &Errand,
        row: &QueuedMail,
        sent: Result<String, Error>,
    ) -> Result<Sent, store::Error> {
        let now = self.clock.now();
        match sent {
            Ok(_) => {
                self.accepted(row).await?;
                Ok(Sent::Accepted)
            }
            Err(Error::Unknown(cause)) => {
                // The row says until when the event is waited for.
                tracing::warn!(mail.id = %row.id, %cause, "mail.answer_lost");
                Ok(Sent::Doubtful)
            }
            Err(Error::Throttled) => {
                let again = now + jittered(Duration::from_secs(5));
                self.tables.delay_mail(row, again).await?;
                Ok(Sent::TooFast)
            }
            Err(Error::QuotaSpent) => {
                self.tables.delay_mail(row, now + UNTIL_QUOTA).await?;
                Ok(Sent::QuotaSpent)
            }
            Err(error) => self.put_off(errand, row, &error).await,
        }
    }

    /// SES cannot take it now, which never ends a mail; or it refuses it, which does in the end.
    async fn put_off(&self, errand: &Errand, row: &QueuedMail, error: &Error) -> Result<Sent, store::Error> {
        let refused = matches!(error, Error::Refused(_));
        let dead = refused && row.attempts + 1 >= LAST_ATTEMPT;
        let due = self.clock.now() + jittered(backoff(row.attempts + 1));
        tracing::warn!(mail.id = %row.id, mail.attempts = row.attempts + 1, ?error, "mail.put_off");
        if let (true, Some(store)) = (refused, &errand.store) {
            self.tables.raise(&tell::refused(&store.id, &store.name, error, self.clock.now())).await?;
        }
        self.tables.put_off_mail(row, due, &error.to_string(), dead).await?;
        Ok(Sent::PutOff)
    }
}
