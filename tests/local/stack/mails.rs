//! The mails of a stack: what sends to its mailbox, and what the mailbox tells of them.

use std::{sync::Arc, time::Duration};

use aws_sdk_ses::config::{BehaviorVersion, Credentials, Region};
use serde_json::Value;
use shared::{
    clock::Clock,
    mail::{Mailer, Recipient},
};

use super::{Error, Stack};
use crate::{
    mailbox::Mailbox,
    triggers::{EventRule, Failed},
};

/// Where mails come from here.
const FROM: &str = "accounts@clientele.example";

/// The configuration set, by its logical name in the template.
const CONFIGURATION_SET: &str = "MailConfigurationSet";

/// How often the mailbox is asked what it has to tell.
const POLL: Duration = Duration::from_millis(200);

/// What sends to the mailbox at this address.
pub(super) fn mailer(url: &str) -> Result<Mailer, Error> {
    let config = aws_sdk_ses::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .credentials_provider(Credentials::new("local", "local", None, None, "local"))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .endpoint_url(url);
    let from = Recipient::new(FROM).map_err(|_| Error::Missing("address that mails come from"))?;
    Ok(Mailer::new(&aws_sdk_ses::Client::from_conf(config.build()), from, Some(CONFIGURATION_SET)))
}

/// Hands over what the mailbox tells, until the task is aborted.
pub(super) async fn tell(mailbox: Arc<Mailbox>, rules: Arc<Vec<EventRule>>, clock: Clock) {
    loop {
        hand_over(&mailbox, &rules).await;
        clock.sleep(POLL).await;
    }
}

async fn hand_over(mailbox: &Mailbox, rules: &[EventRule]) -> usize {
    let events = mailbox.take_events();
    for event in &events {
        for rule in rules {
            if let Err(error) = rule.hand_over(event).await {
                tracing::error!(%error, "an event is given up");
            }
        }
    }
    events.len()
}

impl Stack {
    /// Hands an event over to the functions whose patterns it matches.
    ///
    /// # Errors
    /// When every attempt at one of them failed.
    pub async fn tell(&self, event: &Value) -> Result<(), Failed> {
        for rule in self.rules.iter() {
            rule.hand_over(event).await?;
        }
        Ok(())
    }

    /// Hands over what the mailbox tells; whether it had anything to tell.
    pub(super) async fn tell_of_mails(&self) -> bool {
        hand_over(&self.mailbox, &self.rules).await > 0
    }
}
