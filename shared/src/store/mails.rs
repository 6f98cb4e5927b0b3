//! Mails to send: rows of the jobs table. Before a message is handed over, its row says so under
//! the key that the message carries, so that a sending whose answer was lost is not taken for one
//! that never was.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue::Bool;
use jiff::Timestamp;

use super::{
    Error, Table, Tables,
    call::held,
    item::{Item, aliases, instant, item, key_of, number, read, text, written},
};
use crate::{
    clock::random_id,
    mail::{Mail, MailId, QueuedMail, Sending},
};

/// How many rows one page of the sweep looks at.
const ROWS_A_SWEEP: i32 = 400;

/// How much of an error a row keeps, in characters.
const LONGEST_ERROR: usize = 200;

const PREFIX: &str = "mail#";

fn row_key(id: &MailId) -> Item {
    item([("subject", text(format!("{PREFIX}{id}")))])
}

/// Some rows, and the key after which there may be more.
pub struct MailPage {
    /// The mails that are due.
    pub mails: Vec<QueuedMail>,
    /// Where the next page begins; `None`: there is no more.
    pub next: Option<String>,
}

impl Tables {
    /// Asks for a mail: one write unit, however often before it is sent. What was asked for last
    /// is what is sent.
    pub async fn queue_mail(&self, id: &MailId, mail: &Mail) -> Result<(), Error> {
        let now = self.clock.now();
        // What goes to thousands is taken from the table bit by bit; all else is sent at once.
        let at_once = !matches!(mail, Mail::Activation { wave: Some(_), .. });
        let mut values = written(&serde_json::json!({ ":mail": mail }))?;
        values.extend(item([
            (":id", text(id.as_str())),
            (":token", text(random_id())),
            (":now", text(instant(now))),
            (":waiting", Bool(at_once)),
            (":dead", Bool(false)),
            (":zero", number(0)),
        ]));
        let update = self
            .client
            .update_item()
            .set_key(Some(row_key(id)))
            .update_expression(
                "SET id = :id, mail = :mail, #token = :token, askedAt = :now, dueAt = :now, \
                 waiting = :waiting, attempts = :zero, dead = :dead REMOVE lastError",
            )
            .set_expression_attribute_names(Some(aliases(&["token"])))
            .set_expression_attribute_values(Some(values));
        self.update(Table::Jobs, update).await.map(drop)
    }

    /// The mails of these identifiers that are outstanding, in no order.
    pub async fn queued_mails(&self, ids: &BTreeSet<MailId>) -> Result<Vec<QueuedMail>, Error> {
        let rows = self.batch_get(Table::Jobs, ids.iter().map(row_key).collect()).await?;
        Ok(rows.into_iter().filter_map(readable).collect())
    }

    /// A page of the mails that may be taken up at `now`.
    pub async fn due_mails(&self, now: Timestamp, after: Option<String>) -> Result<MailPage, Error> {
        let scan = self
            .client
            .scan()
            .table_name(self.name(Table::Jobs))
            .limit(ROWS_A_SWEEP)
            .filter_expression("begins_with(subject, :mails) AND dead <> :dead AND dueAt <= :now")
            .expression_attribute_values(":mails", text(PREFIX))
            .expression_attribute_values(":dead", Bool(true))
            .expression_attribute_values(":now", text(instant(now)))
            .set_exclusive_start_key(after.map(|after| item([("subject", text(after))])));
        let slice = self.scan(scan).await?;
        let mails = slice.items.into_iter().filter_map(readable).filter(|mail| mail.is_due(now)).collect();
        let next = slice.last.map(|last| key_of(&last, "subject")).transpose()?;
        Ok(MailPage { mails, next })
    }

    /// Has a mail at work as `sending` says, in place of what was read: `false` where it was asked
    /// for again since, or somebody else has it.
    pub async fn hold_mail(&self, mail: &QueuedMail, sending: &Sending) -> Result<bool, Error> {
        let before = mail.sending.as_ref();
        let mut values = written(&serde_json::json!({ ":sending": sending }))?;
        values.extend(item([
            (":token", text(&mail.token)),
            (":until", text(instant(sending.until))),
            (":waiting", Bool(false)),
        ]));
        if let Some(before) = before {
            values.insert(":key".to_owned(), text(&before.key));
        }
        let nobody = "attribute_not_exists(sending)";
        let same = "sending.#key = :key";
        let names = if before.is_some() { aliases(&["token", "key"]) } else { aliases(&["token"]) };
        let update = self
            .client
            .update_item()
            .set_key(Some(row_key(&mail.id)))
            .update_expression("SET sending = :sending, dueAt = :until, waiting = :waiting")
            .condition_expression(format!(
                "#token = :token AND {}",
                if before.is_some() { same } else { nobody }
            ))
            .set_expression_attribute_names(Some(names))
            .set_expression_attribute_values(Some(values));
        held(self.update(Table::Jobs, update).await)
    }

    /// Ends a mail that was sent, or is not to be: `false` where it was asked for again since.
    pub async fn finish_mail(&self, mail: &QueuedMail) -> Result<bool, Error> {
        let delete = self
            .client
            .delete_item()
            .set_key(Some(row_key(&mail.id)))
            .condition_expression("#token = :token")
            .set_expression_attribute_names(Some(aliases(&["token"])))
            .expression_attribute_values(":token", text(&mail.token));
        if held(self.delete(Table::Jobs, delete).await)? {
            return Ok(true);
        }
        self.let_go(mail).await?;
        Ok(false)
    }

    /// What was asked for again meanwhile is no longer held by us.
    async fn let_go(&self, mail: &QueuedMail) -> Result<(), Error> {
        let Some(sending) = &mail.sending else { return Ok(()) };
        let update = self
            .client
            .update_item()
            .set_key(Some(row_key(&mail.id)))
            .update_expression("REMOVE sending")
            .condition_expression("sending.#key = :key")
            .set_expression_attribute_names(Some(aliases(&["key"])))
            .expression_attribute_values(":key", text(&sending.key));
        held(self.update(Table::Jobs, update).await).map(drop)
    }

    /// Lets a mail wait until `due_at`, where nothing failed; it is held no longer.
    pub async fn delay_mail(&self, mail: &QueuedMail, due_at: Timestamp) -> Result<(), Error> {
        let values = item([(":token", text(&mail.token)), (":due", text(instant(due_at)))]);
        let change = "SET dueAt = :due, waiting = :waiting REMOVE sending";
        self.change_mail(mail, change, values).await
    }

    /// Counts a failed sending and says when the next is due; it is held no longer.
    pub async fn put_off_mail(
        &self,
        mail: &QueuedMail,
        due_at: Timestamp,
        error: &str,
        dead: bool,
    ) -> Result<(), Error> {
        let error: String = error.chars().take(LONGEST_ERROR).collect();
        let values = item([
            (":token", text(&mail.token)),
            (":due", text(instant(due_at))),
            (":one", number(1)),
            (":error", text(error)),
            (":dead", Bool(dead)),
        ]);
        let change = "SET attempts = attempts + :one, dueAt = :due, lastError = :error, dead = :dead, \
                      waiting = :waiting REMOVE sending";
        self.change_mail(mail, change, values).await
    }

    async fn change_mail(&self, mail: &QueuedMail, change: &str, mut values: Item) -> Result<(), Error> {
        values.insert(":waiting".to_owned(), Bool(false));
        let update = self
            .client
            .update_item()
            .set_key(Some(row_key(&mail.id)))
            .update_expression(change)
            .condition_expression("#token = :token")
            .set_expression_attribute_names(Some(aliases(&["token"])))
            .set_expression_attribute_values(Some(values));
        match held(self.update(Table::Jobs, update).await)? {
            true => Ok(()),
            false => self.let_go(mail).await,
        }
    }
}

fn readable(row: Item) -> Option<QueuedMail> {
    let subject = key_of(&row, "subject").unwrap_or_default();
    read(row).inspect_err(|error| tracing::error!(subject, ?error, "mail.unreadable")).ok()
}
