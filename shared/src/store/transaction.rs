//! Several rows written together or not at all, and what it means when they are not.
//!
//! A transaction is sent with a token of its own, so that one whose answer was lost is not carried
//! out twice: the SDK sends it again after lost answers, throttling and errors of the server, and
//! [`Tables::transact`] after a conflict with another transaction, which the SDK takes for final.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::{operation::transact_write_items::TransactWriteItemsError, types::CancellationReason};
use jiff::Timestamp;

use super::{
    Error, Reservation, Table, Tables,
    error::{ITEM_LIMIT, is_about_size},
    item::{LARGEST_ITEM, item, text, text_of},
    step::{Refusal, Step},
    work::Arrival,
};
use crate::{clock::random_id, report::Entry, user::UserId, work::Subject};

/// How many rows a transaction may write.
const MOST_ROWS: usize = 100;

/// How many bytes a transaction may write.
const LARGEST: usize = 4 * 1024 * 1024;

/// What is written together with a user, or not at all.
#[derive(Clone)]
pub enum Also {
    /// A subject may be out of step now.
    Work {
        /// Which.
        subject: Subject,
        /// What asks for the look.
        cause: String,
        /// When the outside asked.
        asked_at: Timestamp,
    },
    /// An entry of the report.
    Entry(Entry),
}

/// What one sending of a transaction came to.
enum Attempt {
    Done,
    /// Another transaction held one of its rows, or a row's throughput was exceeded.
    Conflicted,
    /// It was refused for these only, of whom there are none.
    InVain(BTreeSet<String>),
}

impl Also {
    /// Whether it is a row of work about this user.
    pub(super) fn is_about(&self, user: &UserId) -> bool {
        matches!(self, Also::Work { subject: Subject::User(id), .. } if id == user)
    }
}

impl Tables {
    /// The steps of what is written together with a new user, whom the look at its row of work is
    /// to put into the index.
    pub(super) fn also_steps_of_new(&self, user: &UserId, also: &[Also]) -> Result<Vec<Step>, Error> {
        self.steps_of(also, Some(user))
    }

    /// The steps of what is written together with a user. One subject is one row: the last
    /// arrival stands for all.
    pub(super) fn also_steps(&self, also: &[Also]) -> Result<Vec<Step>, Error> {
        self.steps_of(also, None)
    }

    fn steps_of(&self, also: &[Also], new: Option<&UserId>) -> Result<Vec<Step>, Error> {
        let mut arrivals = BTreeMap::new();
        let mut steps = Vec::new();
        for also in also {
            match also {
                Also::Work { subject, cause, asked_at } => {
                    let arrival = Arrival::new(self.clock.now(), cause, *asked_at);
                    let of_new = new.is_some_and(|new| also.is_about(new));
                    arrivals.insert(subject, if of_new { arrival.of_new_user() } else { arrival });
                }
                Also::Entry(entry) => {
                    steps.push(self.put_step(
                        Table::Reports,
                        self.entry_item(entry)?,
                        None,
                        Refusal::Moved,
                    )?);
                }
            }
        }
        for (subject, arrival) in arrivals {
            let Arrival { expression, names, values } = arrival;
            let key = item([("subject", text(subject.to_string()))]);
            steps.push(self.update_step(Table::Work, key, expression, names, values)?);
        }
        Ok(steps)
    }

    /// Carries out all steps or none.
    pub(super) async fn transact(&self, steps: Vec<Step>) -> Result<(), Error> {
        match self.transact_or_nobody(steps).await?.is_empty() {
            true => Ok(()),
            false => Err(Error::Moved),
        }
    }

    /// Carries out all steps or none: gives those whose absence alone was in the way.
    pub(super) async fn transact_or_nobody(&self, steps: Vec<Step>) -> Result<BTreeSet<String>, Error> {
        fits(&steps)?;
        let token = random_id();
        for attempt in 1..=self.attempts {
            match self.transact_once(&token, &steps).await? {
                Attempt::Done => return Ok(BTreeSet::new()),
                Attempt::InVain(nobody) => return Ok(nobody),
                Attempt::Conflicted if attempt < self.attempts => self.back_off(attempt).await,
                Attempt::Conflicted => break,
            }
        }
        Err(Error::Throttled)
    }

    async fn transact_once(&self, token: &str, steps: &[Step]) -> Result<Attempt, Error> {
        let writes = steps.iter().map(|step| step.write.clone()).collect();
        let sent = self
            .client
            .transact_write_items()
            .client_request_token(token)
            .set_transact_items(Some(writes))
            .set_return_consumed_capacity(self.meter.asked())
            .send()
            .await;
        match sent {
            Ok(answer) => {
                self.meter.wrote(&self.names, answer.consumed_capacity());
                Ok(Attempt::Done)
            }
            Err(error) => match error.as_service_error() {
                Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
                    self.cancelled(cancelled.cancellation_reasons(), steps)
                }
                _ => Err(Error::from_sdk(error)),
            },
        }
    }

    fn cancelled(&self, reasons: &[CancellationReason], steps: &[Step]) -> Result<Attempt, Error> {
        for (step, reason) in steps.iter().zip(reasons) {
            if reason.code() == Some("ConditionalCheckFailed") {
                self.meter.refused(step.table);
            }
        }
        verdict(steps, reasons)
    }
}

/// What a cancelled transaction comes to. A changed user goes before a taken value: whoever reads
/// it again may no longer want the value.
fn verdict(steps: &[Step], reasons: &[CancellationReason]) -> Result<Attempt, Error> {
    let (mut taken, mut nobody) = (None, BTreeSet::new());
    for (step, reason) in steps.iter().zip(reasons) {
        match (reason.code().unwrap_or("None"), &step.refusal) {
            ("ConditionalCheckFailed", Refusal::Moved) => return Err(Error::Moved),
            ("ConditionalCheckFailed", Refusal::Taken(value)) => {
                taken = taken.or(Some(held_by(value, reason)))
            }
            ("ConditionalCheckFailed", Refusal::Nobody(id)) => drop(nobody.insert(id.clone())),
            ("ValidationError", _) => return Err(invalid(reason)),
            ("None" | "TransactionConflict" | "ThrottlingError" | "ProvisionedThroughputExceeded", _) => {}
            (code, _) => return Err(Error::rejected(code)),
        }
    }
    match taken {
        Some(taken) => Err(taken),
        None if nobody.is_empty() => Ok(Attempt::Conflicted),
        None => Ok(Attempt::InVain(nobody)),
    }
}

fn held_by(Reservation { what, value }: &Reservation, reason: &CancellationReason) -> Error {
    let holder = |kind| reason.item().and_then(|row| text_of(row, kind));
    if let Some(group) = holder("group") {
        return Error::GroupTaken { by: group.to_owned().into() };
    }
    match holder("user") {
        Some(by) => Error::Taken { what: *what, value: value.clone(), by: by.to_owned().into() },
        None => Error::Moved,
    }
}

fn invalid(reason: &CancellationReason) -> Error {
    match reason.message().unwrap_or_default() {
        message if is_about_size(message) => Error::TooLarge(ITEM_LIMIT),
        message => Error::rejected(message),
    }
}

fn fits(steps: &[Step]) -> Result<(), Error> {
    if steps.iter().any(|step| step.bytes > LARGEST_ITEM) {
        return Err(Error::TooLarge(ITEM_LIMIT));
    }
    if steps.len() > MOST_ROWS {
        return Err(Error::TooLarge("one change writes 100 rows at most: e-mail addresses, links, entries"));
    }
    if steps.iter().map(|step| step.bytes).sum::<usize>() > LARGEST {
        return Err(Error::TooLarge("one change writes 4 MB at most"));
    }
    Ok(())
}
