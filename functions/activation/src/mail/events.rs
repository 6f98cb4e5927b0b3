//! What SES tells of the mails it sent, through EventBridge: at least once as a rule, in no order,
//! and now and then not at all.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use shared::{
    activation::{Step, WaveState},
    application::ApplicationId,
    import::RunId,
    mail::MailId,
    report::Outcome,
    secret::EmailAddress,
    store::{self, Return, Returns, Suppressed, Suppression, WaveMails},
    user::UserId,
};

use super::{App, tell};

/// How many mails make a share of them telling.
const TELLING: u64 = 20;
/// One mail in so many that come back is too many: SES puts accounts under review at 5 percent.
const BOUNCED_IN: u64 = 20;
/// One mail in so many that are called unwanted is too many.
const COMPLAINED_IN: u64 = 500;

/// An event of EventBridge from SES.
#[derive(Debug, Deserialize)]
pub struct SesEvent {
    detail: Detail,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Detail {
    event_type: EventType,
    mail: About,
    #[serde(default)]
    bounce: Option<Bounce>,
    #[serde(default)]
    complaint: Option<Complaint>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
enum EventType {
    Send,
    Delivery,
    Bounce,
    Complaint,
    Reject,
    Subscription,
    #[serde(other)]
    Other,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct About {
    destination: Vec<EmailAddress>,
    tags: BTreeMap<String, Vec<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bounce {
    bounce_type: String,
    #[serde(default)]
    bounced_recipients: Vec<Address>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Complaint {
    #[serde(default)]
    complained_recipients: Vec<Address>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Address {
    email_address: EmailAddress,
}

impl About {
    fn tag(&self, name: &str) -> Option<&str> {
        self.tags.get(name)?.first().map(String::as_str)
    }

    /// Whose activation it is of, and the key of the mail.
    fn activation(&self) -> Option<(UserId, ApplicationId, &str)> {
        let user = UserId::from(self.tag("user")?.to_owned());
        Some((user, self.tag("application")?.parse().ok()?, self.tag("key")?))
    }
}

impl App {
    /// Takes in what SES tells.
    pub(super) async fn told(&self, event: &SesEvent) -> Result<(), store::Error> {
        let detail = &event.detail;
        // Whatever is told of a mail tells that it was sent.
        self.sent(&detail.mail).await?;
        match detail.event_type {
            EventType::Delivery => self.moved(&detail.mail, Step::Delivered).await.map(drop),
            EventType::Bounce => self.bounced(detail).await,
            EventType::Complaint => self.complained(detail).await,
            EventType::Reject => self.came_back(&detail.mail, Step::Bounced, REJECTED).await,
            EventType::Subscription => {
                self.suppress_all(&detail.mail.destination, Suppressed::Unsubscribed).await
            }
            EventType::Send | EventType::Other => Ok(()),
        }
    }

    /// Ends the row of a mail whose answer was lost, or who sent it.
    async fn sent(&self, mail: &About) -> Result<(), store::Error> {
        let id = mail.tag("mail").and_then(|id| id.parse::<MailId>().ok());
        let (Some(id), Some(key)) = (id, mail.tag("key")) else { return Ok(()) };
        for row in self.tables.queued_mails(&BTreeSet::from([id])).await? {
            if row.sending.as_ref().is_some_and(|sending| sending.key == key) {
                self.accepted(&row).await?;
            }
        }
        Ok(())
    }

    /// Moves an activation on; whether that changed anything.
    async fn moved(&self, mail: &About, step: fn(String) -> Step) -> Result<bool, store::Error> {
        let Some((user, application, key)) = mail.activation() else { return Ok(false) };
        let step = step(key.to_owned());
        let moved = self.tables.set_activation(&user, &application, &step, self.clock.now()).await?;
        Ok(moved.is_some())
    }

    async fn bounced(&self, detail: &Detail) -> Result<(), store::Error> {
        let Some(bounce) = &detail.bounce else { return Ok(()) };
        if bounce.bounce_type != "Permanent" {
            return self.came_back(&detail.mail, Step::Bounced, NOT_NOW).await;
        }
        self.suppress_all(&addresses(&bounce.bounced_recipients), Suppressed::Bounced).await?;
        self.came_back(&detail.mail, Step::Bounced, REFUSED).await
    }

    async fn complained(&self, detail: &Detail) -> Result<(), store::Error> {
        let Some(complaint) = &detail.complaint else { return Ok(()) };
        self.suppress_all(&addresses(&complaint.complained_recipients), Suppressed::Complained).await?;
        self.came_back(&detail.mail, Step::Complained, UNWANTED).await
    }

    async fn suppress_all(&self, addresses: &[EmailAddress], why: Suppressed) -> Result<(), store::Error> {
        for address in addresses {
            self.tables.suppress(address, Suppression { why, since: self.clock.now() }).await?;
        }
        Ok(())
    }

    async fn came_back(
        &self,
        mail: &About,
        step: fn(String) -> Step,
        (outcome, what, detail): (Outcome, Option<Return>, &str),
    ) -> Result<(), store::Error> {
        let Some((user, application, key)) = mail.activation() else { return Ok(()) };
        if !self.moved(mail, step).await? {
            return Ok(());
        }
        let now = self.clock.now();
        let told = (format!("{key}-returned"), now);
        let entry = self.entry(told, (&user, &application), "mail/returned", outcome, detail).await?;
        self.tables.report(&[entry]).await?;
        self.count(mail.tag("wave"), WaveMails::Bounced).await?;
        let Some(what) = what else { return Ok(()) };
        let returns = self.tables.count_return(&application, what, now).await?;
        if are_too_many(returns) {
            self.stop(&application, mail.tag("wave"), returns).await?;
        }
        Ok(())
    }

    /// Stops what is sent to many, and asks a person.
    async fn stop(
        &self,
        application: &ApplicationId,
        wave: Option<&str>,
        returns: Returns,
    ) -> Result<(), store::Error> {
        let name = self.tables.application(application).await?.map(|application| application.name);
        let name = name.unwrap_or_else(|| application.to_string());
        let attention = tell::returned(application, &name, returns, self.clock.now());
        self.tables.raise(&attention).await?;
        let open = self.tables.waves(application, MOST_OPEN).await?;
        let ours = wave.and_then(|wave| wave.parse::<RunId>().ok());
        for wave in open.into_iter().filter(|wave| wave.state.sends() && !wave.is_over()) {
            self.tables.set_wave(&wave.id, WaveState::Stopped, &attention.detail).await?;
            tracing::warn!(wave.id = %wave.id, ours = ours.as_ref() == Some(&wave.id), "wave.stopped");
        }
        Ok(())
    }
}

/// How many of the last waves are looked at for those that are under way.
const MOST_OPEN: i32 = 20;

const REFUSED: (Outcome, Option<Return>, &str) = (
    Outcome::Failed,
    Some(Return::Bounced),
    "The activation mail came back: the address does not take mails. It gets no more; ask the person for another \
     address.",
);
const NOT_NOW: (Outcome, Option<Return>, &str) = (
    Outcome::Failed,
    None,
    "The activation mail came back: the mailbox could not take it for now (it may be full). Send it again later.",
);
const REJECTED: (Outcome, Option<Return>, &str) = (
    Outcome::Failed,
    None,
    "SES held the activation mail back because of what is in it. Look at the wording and the logo, then send it again.",
);
const UNWANTED: (Outcome, Option<Return>, &str) = (
    Outcome::Failed,
    Some(Return::Complained),
    "The recipient called the activation mail unwanted. The address gets no more mails.",
);

fn addresses(of: &[Address]) -> Vec<EmailAddress> {
    of.iter().map(|address| address.email_address.clone()).collect()
}

fn are_too_many(returns: Returns) -> bool {
    let Returns { sent, bounced, complained } = returns;
    sent >= TELLING && (bounced * BOUNCED_IN >= sent || complained > 1 && complained * COMPLAINED_IN >= sent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_high_share_of_mails_that_come_back_is_too_many_g81() {
        let are = |sent, bounced, complained| are_too_many(Returns { sent, bounced, complained });
        assert!(!are(19, 19, 0), "too few to tell");
        assert!(!are(100, 4, 0) && are(100, 5, 0));
        assert!(!are(100, 0, 1) && are(100, 0, 2) && !are(10_000, 0, 19) && are(10_000, 0, 20));
    }
}
