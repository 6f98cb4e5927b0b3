//! The engine: brings subjects into step, batch by batch, both directions. An event only says
//! where to look; what is there now decides.
//!
//! A look at a batch: the rows of work as they stand, the pairs they are about (`gather`), the
//! plan of each pair, and the plans carried out (`apply`). A row is finished only while its
//! token is the one read before the look.

mod apply;
mod below;
mod brake;
mod case;
mod circuit;
mod gather;
mod graves;
mod hand;
mod open;
mod outbound;
mod rows;
mod scope;
mod sent;
mod start;
mod tell;
mod trace;
mod verdict;

use futures_util::future::{join, join_all};
use jiff::Timestamp;

pub use hand::{Brought, Hand};
pub use scope::{Error as NoScope, Scope};
pub use trace::{Foreseen, Match, Trace, Traced, Untold};

use crate::{
    application::{Application, ApplicationId},
    bigcommerce::{Api, CustomerId},
    clock::Clock,
    store::{self, Tables},
    work::{Subject, Work},
};

use circuit::Circuits;
use rows::{application_of, customer_of, is_due, lanes, waiting_since, was_quiet};
use verdict::{Failure, Trouble, Verdict, all_later};

pub use verdict::is_about_credentials;

/// How often a look that was overtaken is repeated at once.
const ROUNDS: usize = 3;
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
    circuits: Circuits,
}

/// What became of a batch, in rows of work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Looked {
    /// In step now.
    pub done: usize,
    /// To be looked at later.
    pub put_off: usize,
    /// Not looked at: gone, not due, resting after a burst, in another look's hands, or of a store
    /// that refuses every call.
    pub skipped: usize,
    /// Since when the oldest of the rows has been due, or failing.
    pub oldest: Option<Timestamp>,
}

impl Engine {
    /// An engine on these.
    pub fn new(tables: Tables, api: Api, clock: Clock) -> Engine {
        Engine { tables, api, clock, circuits: Circuits::default() }
    }

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
        looked.oldest = looked.oldest.into_iter().chain(rows.iter().map(waiting_since)).min();
        let (rows, not_now): (Vec<Work>, Vec<Work>) = rows.into_iter().partition(|row| is_due(row, now));
        looked.skipped += not_now.len();
        let (quiet, rows): (Vec<Work>, Vec<Work>) = rows.into_iter().partition(was_quiet);
        for row in quiet {
            self.tables.finish(&row).await?;
            looked.done += 1;
        }
        let mut lanes = lanes(rows);
        let users = lanes.remove(&None).unwrap_or_default();
        let is_failing =
            |of: &Option<ApplicationId>| of.as_ref().is_some_and(|id| self.circuits.is_failing(id));
        let (failing, sound): (Vec<_>, Vec<_>) = lanes.into_iter().partition(|(of, _)| is_failing(of));
        let at = |(_, lane)| self.look_at_lane(lane, until);
        // Customers come first, for what is taken from deleted users is then free for new ones; but nobody
        // waits for a store that fails.
        let in_order = async {
            let mut all = join_all(sound.into_iter().map(at)).await;
            all.push(self.look_at_lane(users, until).await);
            all
        };
        let (one, other) = join(in_order, join_all(failing.into_iter().map(at))).await;
        for lane in one.into_iter().chain(other) {
            looked.done += lane.done;
            looked.put_off += lane.put_off;
            looked.skipped += lane.skipped;
        }
        Ok(())
    }

    async fn look_at_lane(&self, batches: Vec<Vec<Work>>, until: Timestamp) -> Looked {
        let mut looked = Looked::default();
        for batch in batches {
            if self.clock.now() >= until {
                looked.skipped += batch.len();
                continue;
            }
            self.look_at_batch(batch, &mut looked).await;
        }
        looked
    }

    async fn look_at_batch(&self, mut rows: Vec<Work>, looked: &mut Looked) {
        for round in 1..=ROUNDS {
            let verdicts = self.verdicts(&mut rows).await;
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

    /// Looks once at each row; a verdict each, in order. The applications are read once for all of
    /// them: what a person changes holds from the next batch on.
    async fn verdicts(&self, rows: &mut [Work]) -> Vec<Verdict> {
        let applications = match self.tables.applications().await {
            Ok(applications) => applications,
            Err(error) => return all_later(rows.len(), &error.into()),
        };
        match application_of(&rows[0]) {
            None => self.look_at_users(&applications, rows).await,
            Some(of) => match applications.iter().find(|application| application.id == *of) {
                Some(application) => {
                    self.look_at_part(Part::customers(application, &applications), rows).await
                }
                None => vec![Verdict::Done; rows.len()], // disconnected meanwhile
            },
        }
    }

    /// A user is looked at with each application in turn; its row is done when all are. Those whose
    /// stores failed last are the last, so that the others need not wait for them.
    async fn look_at_users(&self, applications: &[Application], rows: &mut [Work]) -> Vec<Verdict> {
        let mut verdicts: Option<Vec<Verdict>> = None;
        let (sound, failing): (Vec<_>, Vec<_>) =
            applications.iter().partition(|application| !self.circuits.is_failing(&application.id));
        for application in sound.into_iter().chain(failing) {
            let at_this = self.look_at_part(Part::users(application, applications), rows).await;
            let at_this = at_this.into_iter().map(|verdict| verdict.at(&application.id));
            verdicts = Some(match verdicts {
                Some(verdicts) => {
                    verdicts.into_iter().zip(at_this).map(|(one, other)| one.and(other)).collect()
                }
                None => at_this.collect(),
            });
        }
        verdicts.unwrap_or_else(|| vec![Verdict::Done; rows.len()])
    }

    /// One record that cannot be read must not hold up the others: they are looked at apart from it.
    async fn look_at_part(&self, part: Part<'_>, rows: &mut [Work]) -> Vec<Verdict> {
        let application = part.application;
        if application.policies.paused || self.circuits.is_shut(application, self.clock.now()) {
            return vec![Verdict::Shut; rows.len()];
        }
        match self.gather(part, rows).await {
            Ok(cases) => {
                let verdicts = self.apply(part, rows, cases).await;
                self.tell_of_answer(application).await;
                verdicts
            }
            Err(error) if error.may_be_of_one_record() && rows.len() > 1 => {
                let (some, others) = rows.split_at_mut(rows.len() / 2);
                let mut verdicts = Box::pin(self.look_at_part(part, some)).await;
                verdicts.extend(Box::pin(self.look_at_part(part, others)).await);
                verdicts
            }
            Err(error) => self.all_fail(application, rows.len(), error).await,
        }
    }

    async fn gather(&self, part: Part<'_>, rows: &[Work]) -> Result<Vec<case::Case>, Failure> {
        match part.of {
            Of::Users => self.gather_users(part.application, rows).await,
            Of::Customers => {
                let ids: Vec<CustomerId> = rows.iter().filter_map(customer_of).collect();
                self.gather_customers(part.application, &ids).await
            }
        }
    }

    async fn all_fail(&self, application: &Application, rows: usize, error: Failure) -> Vec<Verdict> {
        if let Failure::BigCommerce(error) = &error {
            self.circuits.failed(&application.id);
            self.tell_of_credentials(application, error).await;
        }
        all_later(rows, &Trouble { at: Some(application.id.clone()), ..error.into() })
    }
}

/// The part of a look that is about one application.
#[derive(Clone, Copy)]
struct Part<'a> {
    application: &'a Application,
    /// All of them, this one too.
    applications: &'a [Application],
    of: Of,
}

/// What the rows of a batch are about.
#[derive(Clone, Copy)]
enum Of {
    Customers,
    Users,
}

impl<'a> Part<'a> {
    fn customers(application: &'a Application, applications: &'a [Application]) -> Part<'a> {
        Part { application, applications, of: Of::Customers }
    }

    fn users(application: &'a Application, applications: &'a [Application]) -> Part<'a> {
        Part { application, applications, of: Of::Users }
    }
}
