//! Reminders, and links that expired: what is due is read in the order of time, and no more.

use jiff::{SignedDuration, Timestamp};
use shared::{
    activation::{Activation, Step},
    mail::{Mail, MailId},
    report::AttentionKind,
    store::{self, Look},
};

use super::App;

/// How long reminders wait while a person is asked about mails that came back.
const POSTPONED: SignedDuration = SignedDuration::from_hours(6);

impl App {
    /// Looks at the activations that are due, until it is time to stop.
    pub(super) async fn look(&self, until: Timestamp) -> Result<(), store::Error> {
        loop {
            let now = self.clock.now();
            let looks = self.tables.looks_due(now).await?;
            if looks.is_empty() || now >= until {
                return Ok(());
            }
            for look in looks {
                self.look_at(&look, now).await?;
            }
        }
    }

    async fn look_at(&self, look: &Look, now: Timestamp) -> Result<(), store::Error> {
        let activation = self.tables.activation(&look.user, &look.application).await?;
        // What came meanwhile has another time, or none.
        if activation.look_at == Some(look.at) {
            self.look_now(look, &activation, now).await?;
        }
        self.tables.looked(look).await
    }

    async fn look_now(
        &self,
        look: &Look,
        activation: &Activation,
        now: Timestamp,
    ) -> Result<(), store::Error> {
        let settings = self.tables.activation_settings(&look.application).await?;
        if activation.reminders < settings.most_reminders.into() && activation.may_be_sent_again() {
            return self.remind(look, activation, now).await;
        }
        let step = match activation.expires_at {
            Some(expires_at) if expires_at > now => Step::Postponed(expires_at),
            _ => Step::Expired,
        };
        self.tables.set_activation(&look.user, &look.application, &step, now).await.map(drop)
    }

    async fn remind(&self, look: &Look, activation: &Activation, now: Timestamp) -> Result<(), store::Error> {
        let about = (AttentionKind::Returns, look.application.to_string());
        if !self.tables.attentions(&[about]).await?.is_empty() {
            let later = Step::Postponed(now + POSTPONED);
            return self.tables.set_activation(&look.user, &look.application, &later, now).await.map(drop);
        }
        let mail = Mail::Activation {
            user: look.user.clone(),
            application: look.application.clone(),
            wave: None,
            reminder: activation.reminders + 1,
        };
        // Who is cut off after it asks for the same mail, which is one row and has one number.
        self.tables.queue_mail(&MailId::activation(&look.application, &look.user), &mail).await
    }
}
