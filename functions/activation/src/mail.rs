//! The mails: one at a time as they are asked for, and in waves to many; reminders, and what SES
//! tells of what it sent.
//!
//! A mail is a row. It is held, its link is written, the row says under which key the message is
//! handed over, and then SES is asked once. Where the answer is lost, or the function is, SES's event
//! of the sending bears the key and ends the row; only when a quarter of an hour has passed without
//! one is the mail held not to have been sent, and sent with a new link that voids the older.

mod deliver;
mod events;
mod letter;
mod link;
mod looks;
mod outcome;
mod send;
mod stores;
mod tell;
mod walk;

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use aws_lambda_events::event::{
    dynamodb::{Event, EventRecord},
    streams::DynamoDbEventResponse,
};
use jiff::Timestamp;
use serde::Deserialize;
use shared::{
    clock::Clock,
    env,
    import::RunId,
    mail::{MailId, Mailer},
    store::{self, Tables},
};

pub use events::SesEvent;
use send::Sender;

/// How long before Lambda's deadline no further mail is taken up.
const MARGIN: Duration = Duration::from_secs(30);

/// What the function needs.
#[derive(Clone, Debug)]
pub struct App {
    /// The tables.
    pub tables: Tables,
    /// What sends.
    pub mailer: Mailer,
    /// The time.
    pub clock: Clock,
    /// The address that links begin with, without a slash at its end.
    pub public_url: Arc<str>,
}

/// What wakes the function.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Wake {
    /// Mails or waves were asked for.
    Stream(Event),
    /// A schedule is due.
    Schedule(Schedule),
    /// SES tells of a mail.
    Ses(Box<SesEvent>),
}

/// What is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "wake", rename_all = "camelCase")]
pub enum Schedule {
    /// To send what is due, to go on with waves, and to remind: `{"wake": "sweep"}`.
    Sweep,
}

/// The function could not do its work; Lambda is to wake it again.
#[derive(Debug, thiserror::Error)]
#[error("the mails could not be read or written")]
pub struct Failed(#[source] store::Error);

impl App {
    /// Reads the environment of the function.
    ///
    /// # Errors
    /// When a variable is missing or bad; the error names it.
    pub async fn from_env() -> Result<App, env::Error> {
        let public_url =
            env::address("PUBLIC_URL", "the address of the site, such as https://login.example.com")?;
        Ok(App {
            tables: Tables::from_env().await?,
            mailer: Mailer::from_env().await?,
            clock: Clock::system(),
            public_url: public_url.into(),
        })
    }
}

/// Sends what the records are about, or all that is due; or takes in what SES tells.
///
/// # Errors
/// When the tables cannot be read or written. What stops one mail is kept with it.
pub async fn handle(app: &App, wake: Wake, deadline: Timestamp) -> Result<DynamoDbEventResponse, Failed> {
    let until = deadline - MARGIN;
    let done = match wake {
        Wake::Stream(event) => app.woken(&event, until).await,
        Wake::Schedule(Schedule::Sweep) => app.sweep(until).await,
        Wake::Ses(event) => app.told(&event).await,
    };
    done.map_err(Failed)?;
    Ok(DynamoDbEventResponse::default())
}

impl App {
    async fn woken(&self, event: &Event, until: Timestamp) -> Result<(), store::Error> {
        let asked: BTreeSet<String> = event.records.iter().filter_map(subject).collect();
        let of = |prefix| asked.iter().filter_map(move |subject| subject.strip_prefix(prefix));
        let mails: BTreeSet<MailId> = of("mail#").filter_map(|id| id.parse().ok()).collect();
        let waves: Vec<RunId> = of("wave#").filter_map(|id| id.parse().ok()).collect();
        let mails = self.tables.queued_mails(&mails).await?;
        if !mails.is_empty() {
            Sender::new(self, until).send(mails).await?;
        }
        self.walk(&waves, until).await
    }

    async fn sweep(&self, until: Timestamp) -> Result<(), store::Error> {
        let now = self.clock.now();
        self.look(until).await?;
        let waves = self.tables.waves_due(now).await?;
        self.walk(&waves, until).await?;
        Sender::new(self, until).drain().await
    }

    /// Goes over the users of waves, and begins to send them their mails.
    async fn walk(&self, waves: &[RunId], until: Timestamp) -> Result<(), store::Error> {
        for wave in waves {
            self.walk_wave(wave, until).await?;
        }
        if waves.is_empty() { Ok(()) } else { Sender::new(self, until).drain().await }
    }
}

fn subject(record: &EventRecord) -> Option<String> {
    #[derive(Deserialize)]
    struct Key {
        subject: String,
    }
    let key: Key = serde_dynamo::from_item(record.change.keys.clone()).ok()?;
    Some(key.subject)
}
