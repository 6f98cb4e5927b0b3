//! The engine: brings subjects into step, batch by batch, both directions. An event only says
//! where to look; what is there now decides.
//!
//! A look at a batch: the rows of work as they stand, the pairs they are about (`gather`), the
//! plan of each pair, and the plans carried out (`apply`). A row is finished only while its
//! token is the one read before the look.

mod apply;
mod gather;
mod open;
mod outbound;
mod tell;

use std::{collections::BTreeMap, time::Duration};

use jiff::Timestamp;

use crate::{
    application::{Application, ApplicationId},
    bigcommerce::{self, Api, CustomerId},
    clock::{Clock, jittered},
    store::{self, Tables},
    work::{LAST_ATTEMPT, Subject, Work, backoff},
};

/// How many events on one row of work are a burst.
const BURST: u64 = 20;
/// How long nobody looks at a subject after a burst.
const REST: Duration = Duration::from_secs(5);
/// How often a look that was overtaken is repeated at once.
const ROUNDS: usize = 3;
/// How many pairs one look takes up at once: BigCommerce answers 50 identifiers a read.
const BATCH: usize = 50;
/// How many users, or rows of work, are written at once.
pub(crate) const WRITERS: usize = 8;

/// Brings subjects into step.
#[derive(Clone, Debug)]
pub struct Engine {
    /// The tables.
    pub tables: Tables,
    /// BigCommerce.
    pub api: Api,
    /// Time.
    pub clock: Clock,
}

/// What became of a batch, in rows of work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Looked {
    /// In step now.
    pub done: usize,
    /// To be looked at later.
    pub put_off: usize,
    /// Not looked at: gone, not due, or resting after a burst.
    pub skipped: usize,
}

/// How the look at one row of work ended.
#[derive(Clone, Debug)]
enum Verdict {
    /// In step, or a person was asked.
    Done,
    /// Overtaken by another writer: look again.
    Again,
    /// It failed.
    Later(Trouble),
}

/// Why a look failed.
#[derive(Clone, Debug, Default)]
struct Trouble {
    /// For the row and the log.
    reason: String,
    /// When the other system said to come back.
    wait: Option<Duration>,
    /// Whether the other system is down for everyone: such a row never dies.
    outage: bool,
    /// Where; a row dies only where it is told.
    at: Option<ApplicationId>,
}

impl Engine {
    /// Looks at `subjects`, at most until `until`; what is left stays due for the sweep.
    ///
    /// # Errors
    /// When the rows of work cannot be read; nothing was done then.
    pub async fn look(&self, subjects: &[Subject], until: Timestamp) -> Result<Looked, store::Error> {
        let rows = self.tables.work(subjects).await?;
        let mut looked = Looked { skipped: subjects.len() - rows.len(), ..Looked::default() };
        self.look_at(rows, until, &mut looked).await?;
        Ok(looked)
    }

    /// Looks at every row that is due, at most until `until`.
    ///
    /// # Errors
    /// When the rows of work cannot be read.
    pub async fn sweep(&self, until: Timestamp) -> Result<Looked, store::Error> {
        let (mut looked, mut after) = (Looked::default(), None);
        loop {
            let (rows, next) = self.tables.due(self.clock.now(), after).await?;
            self.look_at(rows, until, &mut looked).await?;
            after = next;
            if after.is_none() || self.clock.now() >= until {
                return Ok(looked);
            }
        }
    }

    async fn look_at(
        &self,
        rows: Vec<Work>,
        until: Timestamp,
        looked: &mut Looked,
    ) -> Result<(), store::Error> {
        let now = self.clock.now();
        let (rows, not_now): (Vec<Work>, Vec<Work>) = rows.into_iter().partition(|row| is_due(row, now));
        looked.skipped += not_now.len();
        let (quiet, rows): (Vec<Work>, Vec<Work>) = rows.into_iter().partition(was_quiet);
        for row in quiet {
            self.tables.finish(&row).await?;
            looked.done += 1;
        }
        for batch in batches(rows) {
            if self.clock.now() >= until {
                looked.skipped += batch.len();
                continue;
            }
            self.look_at_batch(batch, looked).await;
        }
        Ok(())
    }

    async fn look_at_batch(&self, mut rows: Vec<Work>, looked: &mut Looked) {
        for round in 1..=ROUNDS {
            let verdicts = self.verdicts(&rows).await;
            let mut again = Vec::new();
            for (row, verdict) in rows.into_iter().zip(verdicts) {
                match verdict {
                    Verdict::Again if round < ROUNDS => again.push(row),
                    verdict => self.conclude(&row, verdict, looked).await,
                }
            }
            rows = again;
            if rows.is_empty() {
                return;
            }
        }
    }

    /// Looks once at each row; a verdict each, in order.
    async fn verdicts(&self, rows: &[Work]) -> Vec<Verdict> {
        match &rows[0].subject {
            Subject::Customer(application, _) => self.look_at_customers(application, rows).await,
            Subject::User(_) => self.look_at_users(rows).await,
        }
    }

    async fn look_at_customers(&self, application: &ApplicationId, rows: &[Work]) -> Vec<Verdict> {
        let application = match self.tables.application(application).await {
            Ok(Some(application)) => application,
            Ok(None) => return vec![Verdict::Done; rows.len()], // disconnected meanwhile
            Err(error) => return all_later(rows.len(), &error.into()),
        };
        self.look_at_customers_of(&application, rows).await
    }

    /// One customer that cannot be read must not hold up the others: they are looked at apart from it.
    async fn look_at_customers_of(&self, application: &Application, rows: &[Work]) -> Vec<Verdict> {
        let ids: Vec<CustomerId> = rows.iter().filter_map(customer_of).collect();
        match self.gather_customers(application, &ids).await {
            Ok(cases) => self.apply(application, rows, cases).await,
            Err(error) if error.may_be_of_one_record() && rows.len() > 1 => {
                let (some, others) = rows.split_at(rows.len() / 2);
                let mut verdicts = Box::pin(self.look_at_customers_of(application, some)).await;
                verdicts.extend(Box::pin(self.look_at_customers_of(application, others)).await);
                verdicts
            }
            Err(error) => self.all_fail(application, rows.len(), error).await,
        }
    }

    /// A user is looked at with each application in turn; its row is done when all are.
    async fn look_at_users(&self, rows: &[Work]) -> Vec<Verdict> {
        let applications = match self.tables.applications().await {
            Ok(applications) => applications,
            Err(error) => return all_later(rows.len(), &error.into()),
        };
        let mut verdicts = vec![Verdict::Done; rows.len()];
        for application in &applications {
            let at_this = self.look_at_users_of(application, rows).await;
            verdicts = verdicts.into_iter().zip(at_this).map(|(one, other)| one.and(other)).collect();
        }
        verdicts
    }

    async fn look_at_users_of(&self, application: &Application, rows: &[Work]) -> Vec<Verdict> {
        match self.gather_users(application, rows).await {
            Ok(cases) => {
                let verdicts = self.apply(application, rows, cases).await;
                verdicts.into_iter().map(|verdict| verdict.at(&application.id)).collect()
            }
            Err(error) if error.may_be_of_one_record() && rows.len() > 1 => {
                let (some, others) = rows.split_at(rows.len() / 2);
                let mut verdicts = Box::pin(self.look_at_users_of(application, some)).await;
                verdicts.extend(Box::pin(self.look_at_users_of(application, others)).await);
                verdicts
            }
            Err(error) => self.all_fail(application, rows.len(), error).await,
        }
    }

    async fn all_fail(&self, application: &Application, rows: usize, error: Failure) -> Vec<Verdict> {
        if let Failure::BigCommerce(error) = &error {
            self.tell_of_credentials(application, error).await;
        }
        all_later(rows, &Trouble { at: Some(application.id.clone()), ..error.into() })
    }

    /// Finishes the row or puts it off. A row that cannot be written stays due: the sweep finds it.
    async fn conclude(&self, row: &Work, verdict: Verdict, looked: &mut Looked) {
        let now = self.clock.now();
        let written = match verdict {
            Verdict::Done => {
                looked.done += 1;
                self.finish(row, now).await
            }
            Verdict::Again => {
                looked.put_off += 1;
                self.tables
                    .put_off(row, now + jittered(backoff(1)), "overtaken by other writers", false)
                    .await
            }
            Verdict::Later(trouble) => {
                looked.put_off += 1;
                self.put_off(row, &trouble, now).await
            }
        };
        if let Err(error) = written {
            tracing::warn!(work.subject = %row.subject, %error, "row of work left for the sweep");
        }
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
        let application = match &row.subject {
            Subject::Customer(application, _) => Some(application),
            Subject::User(_) => trouble.at.as_ref(),
        };
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
}

impl Verdict {
    /// The verdict on a row whose parts came to `self` and `other`.
    fn and(self, other: Verdict) -> Verdict {
        match (self, other) {
            (Verdict::Later(trouble), _) | (_, Verdict::Later(trouble)) => Verdict::Later(trouble),
            (Verdict::Again, _) | (_, Verdict::Again) => Verdict::Again,
            (Verdict::Done, Verdict::Done) => Verdict::Done,
        }
    }

    /// The verdict as it is at one application.
    fn at(self, application: &ApplicationId) -> Verdict {
        match self {
            Verdict::Later(trouble) => Verdict::Later(Trouble { at: Some(application.clone()), ..trouble }),
            verdict => verdict,
        }
    }
}

/// Why something could not be read or written.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("the tables could not be used")]
    Tables(#[source] store::Error),
    #[error("the store could not be used")]
    BigCommerce(#[source] bigcommerce::Error),
}

impl Failure {
    fn may_be_of_one_record(&self) -> bool {
        matches!(self, Failure::BigCommerce(error) if error.may_be_of_one_record())
    }
}

impl From<store::Error> for Failure {
    fn from(error: store::Error) -> Failure {
        Failure::Tables(error)
    }
}

impl From<bigcommerce::Error> for Failure {
    fn from(error: bigcommerce::Error) -> Failure {
        Failure::BigCommerce(error)
    }
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Trouble {
        match failure {
            Failure::Tables(error) => error.into(),
            Failure::BigCommerce(error) => error.into(),
        }
    }
}

impl From<store::Error> for Trouble {
    fn from(error: store::Error) -> Trouble {
        Trouble { outage: error.retryable(), reason: error.to_string(), ..Trouble::default() }
    }
}

impl From<bigcommerce::Error> for Trouble {
    fn from(error: bigcommerce::Error) -> Trouble {
        let outage = is_about_credentials(&error) || error.retryable() && !error.may_be_of_one_record();
        Trouble { outage, wait: error.retry_after(), reason: error.to_string(), at: None }
    }
}

/// Whether the store does not know the application's credentials. Of a read, "not found" tells that
/// there is no such store.
pub fn is_about_credentials(error: &bigcommerce::Error) -> bool {
    use bigcommerce::Error::{Forbidden, NotFound, Unauthorized};
    matches!(error, Unauthorized | Forbidden | NotFound)
}

fn all_later(rows: usize, trouble: &Trouble) -> Vec<Verdict> {
    vec![Verdict::Later(trouble.clone()); rows]
}

fn customer_of(row: &Work) -> Option<CustomerId> {
    match row.subject {
        Subject::Customer(_, customer) => Some(customer),
        Subject::User(_) => None,
    }
}

fn is_due(row: &Work, now: Timestamp) -> bool {
    !row.dead && row.due_at <= now && row.resting_until.is_none_or(|until| until <= now)
}

/// Whether no event came while the row rested after a burst: it was in step then.
fn was_quiet(row: &Work) -> bool {
    row.resting_until.is_some() && row.events == 0
}

/// Batches of rows about one application's customers, or about users.
fn batches(rows: Vec<Work>) -> Vec<Vec<Work>> {
    let mut alike: BTreeMap<Option<ApplicationId>, Vec<Work>> = BTreeMap::new();
    for row in rows {
        let application = match &row.subject {
            Subject::Customer(application, _) => Some(application.clone()),
            Subject::User(_) => None,
        };
        alike.entry(application).or_default().push(row);
    }
    alike
        .into_values()
        .flat_map(|rows| rows.chunks(BATCH).map(<[Work]>::to_vec).collect::<Vec<_>>())
        .collect()
}
