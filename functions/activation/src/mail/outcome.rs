//! What is written when a mail was sent, or is not to be. All of it may be done twice, by whoever
//! sent and by whoever hears of it.

use jiff::SignedDuration;
use shared::{
    activation::{SentMail, Step},
    application::ApplicationId,
    import::RunId,
    mail::{Mail, QueuedMail},
    report::Outcome,
    store::{self, Return, WaveMails},
    user::UserId,
};

use super::{App, letter::Dropped, tell};

impl App {
    /// SES has the mail.
    pub(super) async fn accepted(&self, row: &QueuedMail) -> Result<(), store::Error> {
        if let Mail::Activation { user, application, wave, reminder } = &row.mail {
            self.activation_sent(row, (user, application), wave.as_deref(), *reminder).await?;
        }
        if let Some(entry) = self.entry_of(row, Outcome::Success, "").await? {
            self.tables.report(&[entry]).await?;
        }
        self.tables.finish_mail(row).await?;
        Ok(())
    }

    async fn activation_sent(
        &self,
        row: &QueuedMail,
        (user, application): (&UserId, &ApplicationId),
        wave: Option<&str>,
        reminder: u32,
    ) -> Result<(), store::Error> {
        let Some(sending) = &row.sending else { return Ok(()) };
        let settings = self.tables.activation_settings(application).await?;
        let expires_at = sending.expires_at.unwrap_or(sending.at);
        let again = sending.at + SignedDuration::from_hours(24 * i64::from(settings.remind_after_days));
        let reminds = reminder < u32::from(settings.most_reminders);
        let sent = SentMail {
            key: sending.key.clone(),
            wave: wave.map(str::to_owned),
            expires_at,
            reminder,
            look_at: Some(if reminds { again } else { expires_at }),
        };
        let changed = self.tables.set_activation(user, application, &Step::Sent(sent), sending.at).await?;
        if changed.is_some() {
            self.tables.count_return(application, Return::Sent, sending.at).await?;
            self.count(wave, WaveMails::Sent).await?;
        }
        Ok(())
    }

    /// Counts a mail of a wave, where it is part of one.
    pub(super) async fn count(&self, wave: Option<&str>, what: WaveMails) -> Result<(), store::Error> {
        match wave.and_then(|wave| wave.parse::<RunId>().ok()) {
            Some(wave) => self.tables.count_wave(&wave, what, 1).await,
            None => Ok(()),
        }
    }

    /// The mail is not sent after all.
    pub(super) async fn drop_mail(&self, row: &QueuedMail, why: Dropped) -> Result<(), store::Error> {
        let now = self.clock.now();
        tracing::info!(mail.id = %row.id, ?why, "mail.dropped");
        if let Mail::Activation { user, application, wave, .. } = &row.mail {
            self.tables.set_activation(user, application, &Step::Withdrawn, now).await?;
            if let Some(detail) = tell::dropped(why)
                && let Some(entry) = self.entry_of(row, Outcome::Blocked, detail).await?
            {
                self.tables.report(&[entry]).await?;
            }
            if self.tables.finish_mail(row).await? {
                self.count(wave.as_deref(), WaveMails::Dropped).await?;
            }
            return Ok(());
        }
        self.tables.finish_mail(row).await.map(drop)
    }
}
