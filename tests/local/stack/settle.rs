//! Settling: what is pending runs, and time passes, until nothing is pending.

use std::fmt;

use jiff::Timestamp;
use serde_json::Value;

use super::{Error, Stack, Time};
use crate::triggers::Turn;

/// A stack that is not quiet by then goes in circles: a delivery is tried twelve times, and so is a
/// row of work.
const ROUNDS: usize = 400;

/// The stack did not come to rest.
#[derive(thiserror::Error)]
pub enum Unsettled {
    /// Something failed that is no part of any flow.
    #[error("the stack could not settle")]
    Failed(#[source] Error),
    /// Only a stack whose time is moved by hand can be made to settle.
    #[error("the stack could not settle (its time is the machine's)")]
    Running,
    /// There is always something left to do.
    #[error(
        "the stack did not settle (in {ROUNDS} rounds): at {at}, {deliveries} deliveries are pending and \
         this work is left:\n{}", work.join("\n")
    )]
    Circling {
        /// The time that it had come to.
        at: Timestamp,
        /// How many deliveries of webhooks were pending.
        deliveries: usize,
        /// The rows of work, one a line.
        work: Vec<String>,
    },
}

/// A test prints an error with `Debug`: the dump must be readable there.
impl fmt::Debug for Unsettled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unsettled::Failed(error) => write!(f, "{self}: {error:?}"),
            _ => write!(f, "{self}"),
        }
    }
}

impl From<Error> for Unsettled {
    fn from(error: Error) -> Unsettled {
        Unsettled::Failed(error)
    }
}

impl Stack {
    /// Delivers the webhooks that are due, hands the streams' records over, runs the schedules that
    /// are due, and again until none of it is left; then lets the time pass to when the next of it
    /// is due, until no delivery is pending and no row of work is left but dead ones.
    ///
    /// # Errors
    /// [`Unsettled`] when there is no end to it.
    pub async fn settle(&self) -> Result<(), Unsettled> {
        let Time::ByHand(clock) = &self.time else { return Err(Unsettled::Running) };
        for _ in 0..ROUNDS {
            if self.round().await? {
                continue;
            }
            match self.next_due() {
                Some(due) => clock.advance_to(due),
                None => return Ok(()),
            }
        }
        let deliveries = self.stores().map(|store| store.pending()).sum();
        Err(Unsettled::Circling { at: clock.now(), deliveries, work: self.left() })
    }

    /// Runs what is pending now; returns whether there was anything.
    ///
    /// # Errors
    /// When the engine's streams cannot be read.
    pub async fn round(&self) -> Result<bool, Error> {
        let mut busy = false;
        for store in self.stores() {
            busy |= store.deliver_due().await > 0;
        }
        busy |= self.wake_by_streams().await?;
        for schedule in &self.schedules {
            // What a schedule is to heal is work that is left, which is looked at below; that it
            // fails is what some tests are about.
            if let Some(Err(error)) = schedule.run_if_due().await {
                tracing::warn!(%error, "a scheduled call failed");
            }
        }
        busy |= self.tell_of_mails().await;
        self.engine.expire_items()?;
        Ok(busy)
    }

    /// Hands over what the streams hold; whether they held anything.
    ///
    /// # Errors
    /// When the engine's streams cannot be read.
    pub async fn wake_by_streams(&self) -> Result<bool, Error> {
        let mut busy = false;
        for pump in &self.pumps {
            while pump.turn().await? != Turn::Quiet {
                busy = true;
            }
        }
        Ok(busy)
    }

    /// The rows of work that are not dead, and the imports under way, one a line.
    pub fn left(&self) -> Vec<String> {
        self.rows().iter().map(line).collect()
    }

    /// The rows of work that are not dead, the imports and files under way, and the mails to send.
    fn rows(&self) -> Vec<Value> {
        let rows = self.engine.items("WorkTable").unwrap_or_default();
        let jobs = self.engine.items("JobsTable").unwrap_or_default();
        let alive = rows.into_iter().filter(|row| row["dead"]["BOOL"] != true);
        let is_open = |job: &Value| {
            let is_run = job.get("run").is_some();
            if is_run { job["run"]["M"]["state"]["S"] == "active" } else { job["dead"]["BOOL"] != true }
        };
        let settings = self.engine.items("SettingsTable").unwrap_or_default();
        let files = settings.into_iter().filter(|row| row["kind"]["S"] == "csv-due");
        alive.chain(jobs.into_iter().filter(is_open)).chain(files).collect()
    }

    /// When something is due next: a delivery, or a sweep with work to find. `None`: never.
    fn next_due(&self) -> Option<Timestamp> {
        let time = |text: &Value| text.as_str().and_then(|time| time.parse::<Timestamp>().ok());
        // A run that died with its holder waits for the end of its lease.
        let due = |row: &Value| time(&row["dueAt"]["S"]).max(time(&row["lease"]["M"]["until"]["S"]));
        let rows = self.rows();
        // A row without a time is swept like one that is due at once.
        let work = rows.iter().map(|row| due(row).unwrap_or(Timestamp::MIN)).min();
        let sweep = self.schedules.iter().map(|schedule| schedule.next()).min();
        let swept = work.and_then(|work| Some(sweep?.max(work)));
        let delivered = self.stores().filter_map(|store| store.next_due()).min();
        [swept, delivered].into_iter().flatten().min()
    }
}

fn line(row: &Value) -> String {
    let text = |name: &str| row[name]["S"].as_str().or(row[name]["N"].as_str()).unwrap_or("-").to_owned();
    format!(
        "{} ({}): due at {}, {} attempts, last error: {}",
        text("subject"),
        text("cause"),
        text("dueAt"),
        text("attempts"),
        text("lastError"),
    )
}
