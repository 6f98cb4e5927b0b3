//! Work: a row for each subject that may be out of step.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_dynamodb::{
    operation::update_item::builders::UpdateItemFluentBuilder, types::AttributeValue::Bool,
};
use jiff::Timestamp;

use super::{
    Error, Table, Tables,
    call::held,
    item::{Item, aliases, instant, item, key_of, number, read, text},
};
use crate::{
    clock::random_id,
    work::{Subject, Work},
};

/// How many rows one page of the sweep looks at.
const ROWS_A_SWEEP: i32 = 200;

/// How much of an error a row keeps, in characters: an event is to cost one write unit (1 KB).
const LONGEST_ERROR: usize = 200;

/// An event as it is written into its row. Rest is left as it is: a burst goes on waiting.
pub(super) struct Arrival {
    pub(super) expression: &'static str,
    pub(super) names: HashMap<String, String>,
    pub(super) values: Item,
}

impl Arrival {
    const EXPRESSION: &str = "SET #token = :token, #cause = :cause, askedAt = :asked, \
        dueAt = :due, attempts = :zero, dead = :dead ADD #events :one";
    const OF_NEW_USER: &str = "SET #token = :token, #cause = :cause, askedAt = :asked, \
        dueAt = :due, attempts = :zero, dead = :dead, unlisted = :unlisted ADD #events :one";

    pub(super) fn new(now: Timestamp, cause: &str, asked_at: Timestamp) -> Arrival {
        let values = item([
            (":token", text(random_id())),
            (":cause", text(cause)),
            (":asked", text(instant(asked_at))),
            (":due", text(instant(now))),
            (":zero", number(0)),
            (":one", number(1)),
            (":dead", Bool(false)),
        ]);
        Arrival { expression: Arrival::EXPRESSION, names: aliases(&["token", "cause", "events"]), values }
    }

    /// Of a user that is created, and not yet in the index of names.
    pub(super) fn of_new_user(mut self) -> Arrival {
        self.values.insert(":unlisted".to_owned(), Bool(true));
        Arrival { expression: Arrival::OF_NEW_USER, ..self }
    }
}

fn row_key(subject: &Subject) -> Item {
    item([("subject", text(subject.to_string()))])
}

impl Tables {
    /// Keeps that `subject` may be out of step since `asked_at`: one write unit, however often.
    pub async fn enqueue(&self, subject: &Subject, cause: &str, asked_at: Timestamp) -> Result<(), Error> {
        let Arrival { expression, names, values } = Arrival::new(self.clock.now(), cause, asked_at);
        let update = self
            .client
            .update_item()
            .set_key(Some(row_key(subject)))
            .update_expression(expression)
            .set_expression_attribute_names(Some(names))
            .set_expression_attribute_values(Some(values));
        self.update(Table::Work, update).await.map(drop)
    }

    /// The rows of these subjects as last written; those that are done are left out.
    pub async fn work(&self, subjects: &[Subject]) -> Result<Vec<Work>, Error> {
        let subjects: BTreeSet<_> = subjects.iter().collect();
        let rows = self.batch_get(Table::Work, subjects.into_iter().map(row_key).collect()).await?;
        rows.into_iter().map(read).collect()
    }

    /// Deletes the row, unless an event has arrived since it was read: then `false`.
    pub async fn finish(&self, work: &Work) -> Result<bool, Error> {
        let delete = self
            .client
            .delete_item()
            .set_key(Some(row_key(&work.subject)))
            .condition_expression("#token = :token")
            .set_expression_attribute_names(Some(aliases(&["token"])))
            .expression_attribute_values(":token", text(&work.token));
        held(self.delete(Table::Work, delete).await)
    }

    /// Keeps every other look off the row until `until`, unless an event has arrived since it was
    /// read or another look has it: then `false`.
    pub async fn claim(&self, work: &Work, until: Timestamp) -> Result<bool, Error> {
        let update = self
            .update_of(work)
            .update_expression("SET claimedUntil = :until")
            .condition_expression(
                "#token = :token AND (attribute_not_exists(claimedUntil) OR claimedUntil <= :now)",
            )
            .expression_attribute_values(":until", text(instant(until)))
            .expression_attribute_values(":now", text(instant(self.clock.now())));
        held(self.update(Table::Work, update).await)
    }

    /// Gives up a claim on a row that has had an event since; that wakes who looks at it next.
    pub async fn release(&self, work: &Work) -> Result<(), Error> {
        let Some(until) = work.claimed_until else { return Ok(()) };
        let update = self
            .client
            .update_item()
            .set_key(Some(row_key(&work.subject)))
            .update_expression("REMOVE claimedUntil")
            .condition_expression("claimedUntil = :until")
            .expression_attribute_values(":until", text(instant(until)));
        held(self.update(Table::Work, update).await).map(drop)
    }

    /// Says when the next look is due where nothing failed, unless an event has arrived since the
    /// row was read: then `false`.
    pub async fn wait(&self, work: &Work, until: Timestamp) -> Result<bool, Error> {
        let update = self
            .update_of(work)
            .update_expression("SET dueAt = :until, attempts = :zero REMOVE claimedUntil, lastError")
            .expression_attribute_values(":zero", number(0))
            .expression_attribute_values(":until", text(instant(until)));
        held(self.update(Table::Work, update).await)
    }

    /// Counts a failed look and says when the next is due, unless an event has arrived since the
    /// row was read: then `false`.
    pub async fn put_off(
        &self,
        work: &Work,
        due_at: Timestamp,
        error: &str,
        dead: bool,
    ) -> Result<bool, Error> {
        let error: String = error.chars().take(LONGEST_ERROR).collect();
        let update = self
            .update_of(work)
            .update_expression(
                "SET attempts = attempts + :one, dueAt = :due, lastError = :error, dead = :dead \
                 REMOVE claimedUntil",
            )
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":due", text(instant(due_at)))
            .expression_attribute_values(":error", text(error))
            .expression_attribute_values(":dead", Bool(dead));
        held(self.update(Table::Work, update).await)
    }

    /// Lets the subject rest until `until`, however many events come, unless one has arrived
    /// since the row was read: then `false`.
    pub async fn rest(&self, work: &Work, until: Timestamp) -> Result<bool, Error> {
        let update = self
            .update_of(work)
            .update_expression(
                "SET #events = :zero, restingUntil = :until, dueAt = :until REMOVE claimedUntil",
            )
            .expression_attribute_names("#events", "events")
            .expression_attribute_values(":zero", number(0))
            .expression_attribute_values(":until", text(instant(until)));
        held(self.update(Table::Work, update).await)
    }

    fn update_of(&self, work: &Work) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .set_key(Some(row_key(&work.subject)))
            .condition_expression("#token = :token")
            .set_expression_attribute_names(Some(aliases(&["token"])))
            .expression_attribute_values(":token", text(&work.token))
    }

    /// A page of the rows that are due and not dead, after the subject where the page before
    /// ended; a page may be empty while more follow. A row that cannot be read is logged and
    /// passed over: it must not hold up the others.
    pub async fn due(
        &self,
        now: Timestamp,
        after: Option<Subject>,
    ) -> Result<(Vec<Work>, Option<Subject>), Error> {
        let scan = self
            .client
            .scan()
            .table_name(self.name(Table::Work))
            .limit(ROWS_A_SWEEP)
            .filter_expression("dead <> :dead AND dueAt <= :now")
            .expression_attribute_values(":dead", Bool(true))
            .expression_attribute_values(":now", text(instant(now)))
            .set_exclusive_start_key(after.as_ref().map(row_key));
        let slice = self.scan(scan).await?;
        let work = slice.items.into_iter().filter_map(readable).collect();
        let last = slice.last.map(|last| key_of(&last, "subject")).transpose()?;
        Ok((work, last.map(|last| last.parse().map_err(Error::unreadable)).transpose()?))
    }
}

fn readable(row: Item) -> Option<Work> {
    let subject = key_of(&row, "subject").unwrap_or_default();
    read(row).inspect_err(|error| tracing::error!(subject, ?error, "work.unreadable")).ok()
}
