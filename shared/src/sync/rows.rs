//! Rows of work: which are due, which look together, who has them, and what becomes of them.

use std::{collections::BTreeMap, time::Duration};

use futures_util::{StreamExt, stream};
use jiff::Timestamp;

use crate::{
    application::ApplicationId,
    bigcommerce::CustomerId,
    clock::jittered,
    store,
    user::UserId,
    work::{LAST_ATTEMPT, Subject, Work, backoff},
};

use super::{
    Engine, Looked, WRITERS,
    verdict::{Trouble, Verdict},
};

/// How many events on one row of work are a burst.
const BURST: u64 = 20;
/// How long nobody looks at a subject after a burst.
const REST: Duration = Duration::from_secs(5);
/// How many pairs one look takes up at once: BigCommerce answers 50 identifiers a read.
const BATCH: usize = 50;
/// For how long a look that writes at a store has its rows to itself: longer than a batch takes
/// where every call of it runs into its time limit once.
const CLAIM: Duration = Duration::from_secs(120);

impl Engine {
    /// Finishes the row or puts it off. A row that cannot be written stays due: the sweep finds it.
    pub(super) async fn conclude(&self, row: &Work, verdict: Verdict, looked: &mut Looked) {
        if let Err(error) = self.conclude_row(row, verdict, looked).await {
            tracing::warn!(work.subject = %row.subject, %error, "row of work left for the sweep");
        }
    }

    async fn conclude_row(
        &self,
        row: &Work,
        verdict: Verdict,
        looked: &mut Looked,
    ) -> Result<(), store::Error> {
        let now = self.clock.now();
        if let (true, Subject::User(user)) = (row.unlisted, &row.subject) {
            self.tables.list_by_name(user).await?;
        }
        let written = match verdict {
            Verdict::Shut | Verdict::Elsewhere => {
                looked.skipped += 1;
                return Ok(());
            }
            Verdict::Done => {
                looked.done += 1;
                self.finish(row, now).await?
            }
            Verdict::Until(until) => {
                looked.done += 1;
                if row.last_error.is_some() {
                    self.recovered(row).await?;
                }
                self.tables.wait(row, until).await?
            }
            Verdict::Again => {
                looked.put_off += 1;
                let due = now + jittered(backoff(1));
                self.tables.put_off(row, due, "overtaken by other writers", false).await?
            }
            Verdict::Later(trouble) => {
                looked.put_off += 1;
                self.put_off(row, &trouble, now).await?
            }
        };
        if !written {
            // Who was kept off the row meanwhile is to look at what has come since.
            self.tables.release(row).await?;
        }
        Ok(())
    }

    async fn finish(&self, row: &Work, now: Timestamp) -> Result<bool, store::Error> {
        if row.last_error.is_some() {
            self.recovered(row).await?;
        }
        match row.events > BURST {
            true => self.tables.rest(row, now + REST).await,
            false => self.tables.finish(row).await,
        }
    }

    async fn put_off(&self, row: &Work, trouble: &Trouble, now: Timestamp) -> Result<bool, store::Error> {
        let attempts = row.attempts + 1;
        let application = application_of(row).or(trouble.at.as_ref());
        let last = attempts >= LAST_ATTEMPT && !trouble.outage;
        let dead = last && application.is_some();
        let wait = trouble.wait.unwrap_or_else(|| jittered(backoff(attempts)));
        tracing::warn!(
            work.subject = %row.subject, work.attempts = attempts, work.dead = dead,
            wait.seconds = wait.as_secs(), reason = trouble.reason, "look failed"
        );
        if let Some(application) = application.filter(|_| last) {
            self.tell_of_death(row, application, &trouble.reason).await?;
        }
        self.tables.put_off(row, now + wait, &trouble.reason, dead).await
    }

    /// Keeps other looks off the rows at `indices` while this one writes at a store; gives those
    /// that it may not write for: another look has them, or an event has come and the next will.
    pub(super) async fn claim(
        &self,
        rows: &mut [Work],
        indices: impl Iterator<Item = usize>,
    ) -> Result<Vec<usize>, store::Error> {
        let until = self.clock.now() + CLAIM;
        let unclaimed = indices.filter(|index| rows[*index].claimed_until.is_none()).collect::<Vec<_>>();
        let claims = unclaimed.into_iter().map(|index| {
            let row = rows[index].clone();
            async move { (index, self.tables.claim(&row, until).await) }
        });
        let claims: Vec<_> = stream::iter(claims).buffer_unordered(WRITERS).collect().await;
        let mut elsewhere = Vec::new();
        for (index, claimed) in claims {
            match claimed? {
                true => rows[index].claimed_until = Some(until),
                false => elsewhere.push(index),
            }
        }
        Ok(elsewhere)
    }
}

pub(super) fn application_of(row: &Work) -> Option<&ApplicationId> {
    match &row.subject {
        Subject::Customer(application, _) => Some(application),
        Subject::User(_) => None,
    }
}

pub(super) fn customer_of(row: &Work) -> Option<CustomerId> {
    match row.subject {
        Subject::Customer(_, customer) => Some(customer),
        Subject::User(_) => None,
    }
}

pub(super) fn user_of(row: &Work) -> Option<UserId> {
    match &row.subject {
        Subject::User(user) => Some(user.clone()),
        Subject::Customer(..) => None,
    }
}

/// Since when a row has been failing, or else due: one that was to wait is not late.
pub(super) fn waiting_since(row: &Work) -> Timestamp {
    if row.attempts > 0 { row.asked_at } else { row.due_at }
}

pub(super) fn is_due(row: &Work, now: Timestamp) -> bool {
    let over = |until: Option<Timestamp>| until.is_none_or(|until| until <= now);
    !row.dead && row.due_at <= now && over(row.resting_until) && over(row.claimed_until)
}

/// Whether no event came while the row rested after a burst: it was in step then.
pub(super) fn was_quiet(row: &Work) -> bool {
    row.resting_until.is_some() && row.events == 0
}

/// Rows in lanes of batches: a lane for each application's customers, and one for users. What one waits for,
/// the others need not. What an earlier look claimed and did not give back is nobody's by now.
pub(super) fn lanes(rows: Vec<Work>) -> BTreeMap<Option<ApplicationId>, Vec<Vec<Work>>> {
    let mut alike: BTreeMap<Option<ApplicationId>, Vec<Work>> = BTreeMap::new();
    for row in rows {
        let row = Work { claimed_until: None, ..row };
        alike.entry(application_of(&row).cloned()).or_default().push(row);
    }
    let batches = |rows: Vec<Work>| rows.chunks(BATCH).map(<[Work]>::to_vec).collect();
    alike.into_iter().map(|(of, rows)| (of, batches(rows))).collect()
}
