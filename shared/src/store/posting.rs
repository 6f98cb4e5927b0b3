//! What senders of mails share: the pace, the addresses that get no more mail, and how many mails
//! of a day came back.

use aws_sdk_dynamodb::types::ReturnValue;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    Error, Table, Tables,
    call::held,
    item::{Item, aliases, instant, item, number, text},
    notes::row_key,
    tokens::token_hash,
};
use crate::{application::ApplicationId, secret::EmailAddress};

const PACE: &str = "mail-pace";
const SUPPRESSED: &str = "mail-suppressed";
const RETURNS: &str = "mail-returns";

/// How long the counts of a day are kept.
const KEPT: SignedDuration = SignedDuration::from_hours(72);

/// Why an address gets no more mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Suppressed {
    /// Its server refuses mails for good.
    Bounced,
    /// Its owner called a mail unwanted.
    Complained,
    /// Its owner unsubscribed.
    Unsubscribed,
}

/// That an address gets no more mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suppression {
    /// Why.
    pub why: Suppressed,
    /// Since when.
    pub since: Timestamp,
}

/// How many mails of a day were sent and came back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Returns {
    /// Sent.
    pub sent: u64,
    /// Refused for good by the recipient's server.
    pub bounced: u64,
    /// Called unwanted.
    pub complained: u64,
}

/// What is counted of a day's mails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Return {
    /// One was sent.
    Sent,
    /// One was refused for good by the recipient's server.
    Bounced,
    /// One was called unwanted.
    Complained,
}

/// Addresses are personal: the row has a hash.
fn suppression_id(email: &EmailAddress) -> String {
    token_hash(&email.folded())
}

fn returns_key(application: &ApplicationId, at: Timestamp) -> Item {
    let at = instant(at);
    row_key(RETURNS, &format!("{application}#{}", at.get(..10).unwrap_or_default()))
}

impl Tables {
    /// Takes so much of the time in which mails may be sent; gives from when on it is ours. All who
    /// send together keep to the pace.
    pub async fn take_pace(&self, time: SignedDuration) -> Result<Timestamp, Error> {
        for attempt in 1..=self.attempts {
            let now = self.clock.now();
            if let Some(begin) = self.take_after(now, time).await? {
                return Ok(begin);
            }
            self.back_off(attempt).await;
        }
        Err(Error::Throttled)
    }

    async fn take_after(&self, now: Timestamp, time: SignedDuration) -> Result<Option<Timestamp>, Error> {
        #[derive(Default, Deserialize)]
        struct Pace {
            #[serde(default)]
            until: Option<Timestamp>,
        }
        let pace: Pace = self.recall(PACE, PACE).await?.unwrap_or_default();
        let begin = pace.until.unwrap_or(now).max(now);
        let until = begin.checked_add(time).map_err(Error::rejected)?;
        let update = self
            .client
            .update_item()
            .set_key(Some(row_key(PACE, PACE)))
            .update_expression("SET #until = :until")
            .set_expression_attribute_names(Some(aliases(&["until"])))
            .expression_attribute_values(":until", text(instant(until)));
        let update = match pace.until {
            None => update.condition_expression("attribute_not_exists(#until)"),
            Some(read) => update
                .condition_expression("#until = :read")
                .expression_attribute_values(":read", text(instant(read))),
        };
        Ok(held(self.update(Table::Settings, update).await)?.then_some(begin))
    }

    /// Keeps that an address gets no more mail; the first reason stands.
    pub async fn suppress(&self, email: &EmailAddress, suppression: Suppression) -> Result<(), Error> {
        if self.suppression(email).await?.is_none() {
            self.remember(SUPPRESSED, &suppression_id(email), &suppression).await?;
        }
        Ok(())
    }

    /// Whether an address gets no more mail.
    pub async fn suppression(&self, email: &EmailAddress) -> Result<Option<Suppression>, Error> {
        self.recall(SUPPRESSED, &suppression_id(email)).await
    }

    /// Lets mails be sent to an address again: its owner says that it works.
    pub async fn lift_suppression(&self, email: &EmailAddress) -> Result<(), Error> {
        self.forget(SUPPRESSED, &suppression_id(email)).await
    }

    /// Counts a mail among those of its day; gives what they are by now.
    pub async fn count_return(
        &self,
        application: &ApplicationId,
        what: Return,
        at: Timestamp,
    ) -> Result<Returns, Error> {
        let name = match what {
            Return::Sent => "sent",
            Return::Bounced => "bounced",
            Return::Complained => "complained",
        };
        let expires = at.checked_add(KEPT).map_err(Error::rejected)?;
        let update = self
            .client
            .update_item()
            .set_key(Some(returns_key(application, at)))
            .update_expression("SET expiresAt = :expires ADD #count :one")
            .expression_attribute_names("#count", name)
            .set_expression_attribute_values(Some(item([
                (":expires", number(expires.as_second())),
                (":one", number(1)),
            ])))
            .return_values(ReturnValue::AllNew);
        let row = self.update(Table::Settings, update).await?.unwrap_or_default();
        let count = |name: &str| row.get(name).and_then(|count| count.as_n().ok()?.parse().ok());
        let count = |name| count(name).unwrap_or_default();
        Ok(Returns { sent: count("sent"), bounced: count("bounced"), complained: count("complained") })
    }

    /// Counts the mails of this day anew: a person has looked at them.
    pub async fn forget_returns(&self, application: &ApplicationId, at: Timestamp) -> Result<(), Error> {
        let delete = self.client.delete_item().set_key(Some(returns_key(application, at)));
        self.delete(Table::Settings, delete).await.map(drop)
    }
}
