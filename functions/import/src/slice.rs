//! A slice of a run: as many pages as the time of one call allows. The run lies in the table under a
//! lease; where it stands is written after each page that came to anything, and now and then
//! otherwise, so that whoever takes it up after a crash does a page again at most, or looks again
//! at pages that were as last seen.

use std::time::Duration;

use jiff::Timestamp;
use shared::{
    application::{Application, Brake, Policies},
    bigcommerce,
    clock::{jittered, random_id},
    import::{Asks, Command, Job, Kind, Lease, Run, State},
    report::AttentionKind,
    store::{self, Way},
    survey,
    sync::{Engine, is_about_credentials},
    work::backoff,
};

use crate::{page::Walker, tell};

/// For how long nobody else takes up a run: longer than a page takes, its wait for the quota and all.
const LEASE: Duration = Duration::from_secs(180);
/// How many pages in a row that were as last seen are gone over before it is written where the run
/// stands.
const UNKEPT: u32 = 40;
/// For how long a call waits for the quota before the run is handed back.
const PATIENCE: Duration = Duration::from_secs(60);

/// For how long after a slice of a run whose deletions were approved further ones pass, too.
const APPROVED: Duration = Duration::from_secs(3600);

/// A run while it is at work.
pub(crate) struct Slice {
    engine: Engine,
    application: Application,
    /// As it is in the table.
    job: Job,
    /// As it is now.
    run: Run,
    /// Whether customers are looked at too that are as they were last seen: the rules are others now.
    everyone: bool,
    unkept: u32,
    /// Up to when the time at work is counted.
    counted: Timestamp,
    until: Timestamp,
}

/// What keeps a run from going on.
enum Halt {
    /// It ended, or someone else has it, or a person stopped it.
    Over,
    /// It goes on with another call.
    Later,
}

/// Writes a run that begins and has it at once; `None` where someone else began one.
pub(crate) async fn begin(
    engine: &Engine,
    run: Run,
    before: Option<Job>,
) -> Result<Option<Job>, store::Error> {
    let job = Job { lease: Some(lease(engine)), ..Job::new(run, before.as_ref()) };
    engine.tables.put_job(before.as_ref(), &job).await
}

/// Has a run that is due; `None` where it is not, or someone else has it.
pub(crate) async fn take_up(engine: &Engine, job: Job) -> Result<Option<Job>, store::Error> {
    if !job.is_due(engine.clock.now()) {
        return Ok(None);
    }
    let ours = Job { lease: Some(lease(engine)), ..job.clone() };
    engine.tables.put_job(Some(&job), &ours).await
}

fn lease(engine: &Engine) -> Lease {
    Lease { holder: random_id(), until: engine.clock.now() + LEASE }
}

impl Slice {
    /// Walks on until `until` with a job that we have.
    pub(crate) async fn walk(
        engine: Engine,
        application: Application,
        job: Job,
        until: Timestamp,
    ) -> Result<(), store::Error> {
        let application = job.what_if.applied(application);
        let rules = application.rules_digest();
        let everyone = job.full_with.as_ref() != Some(&rules);
        // Rules that change while a run goes are none that all of it went by.
        let begun_with = match job.run.pages {
            0 => Some(rules),
            _ => job.begun_with.clone().filter(|begun_with| *begun_with == rules),
        };
        let run = Run { rules: begun_with.clone(), ..job.run.clone() };
        let (job, counted) = (Job { begun_with, ..job }, engine.clock.now());
        let application = match run.deletions_approved_by {
            Some(_) => {
                // Whoever looks at the rows that the run leaves has a brake too.
                engine.tables.approve_deletions(&application.id, Way::ToDirectory, until + APPROVED).await?;
                unbraked(application)
            }
            None => application,
        };
        let mut slice = Slice { engine, application, job, run, everyone, unkept: 0, counted, until };
        while slice.step().await?.is_none() {}
        Ok(())
    }

    /// Goes a page on; what keeps it from going on further.
    async fn step(&mut self) -> Result<Option<Halt>, store::Error> {
        if let Some(command) = self.job.asked {
            return self.obey(command).await;
        }
        if self.engine.clock.now() >= self.until {
            return self.hand_back(self.engine.clock.now(), None).await.map(Some);
        }
        let patience = self.until.min(self.engine.clock.now() + PATIENCE);
        let (engine, application, everyone) = (&self.engine, &self.application, self.everyone);
        let walker = Walker { engine, application, everyone };
        match walker.step(&self.run, patience).await {
            Ok(next) => self.went_on(next).await,
            Err(survey::Error::Braked { gone, known, noted }) => {
                let attention =
                    tell::braked(&self.application, self.engine.clock.now(), (gone, known, noted));
                self.engine.tables.raise(&attention).await?;
                self.stop(Asks::Deletions, attention.detail).await.map(Some)
            }
            Err(survey::Error::Store(error)) => self.refused(&error).await.map(Some),
            Err(survey::Error::Tables(error)) => self.failed(None, &error).await.map(Some),
        }
    }

    async fn went_on(&mut self, next: Run) -> Result<Option<Halt>, store::Error> {
        let came_to_something = next.counts.changed() != self.run.counts.changed();
        self.run = next;
        self.unkept += 1;
        if self.run.state == State::Done {
            return self.end().await.map(Some);
        }
        let lease_is_old =
            self.job.lease.as_ref().is_none_or(|lease| self.engine.clock.now() + LEASE / 2 >= lease.until);
        match came_to_something || self.unkept >= UNKEPT || lease_is_old {
            true => self.keep().await,
            false => Ok(None),
        }
    }

    /// Does what a person asked.
    async fn obey(&mut self, command: Command) -> Result<Option<Halt>, store::Error> {
        let now = self.engine.clock.now();
        self.count_time();
        let Some(run) = self.run.asked(command, now) else {
            self.job.asked = None;
            return Ok(None);
        };
        self.run = run;
        if !self.run.state.is_open() {
            return self.end().await.map(Some);
        }
        let after = Job { asked: None, lease: None, run: self.run.clone(), ..self.job.clone() };
        self.write(after).await.map(|_| Some(Halt::Over))
    }

    /// Writes where the run stands.
    async fn keep(&mut self) -> Result<Option<Halt>, store::Error> {
        self.count_time();
        let lease = self.job.lease.clone();
        let lease = lease.map(|lease| Lease { until: self.engine.clock.now() + LEASE, ..lease });
        let after = Job { lease, attempts: 0, last_error: None, run: self.run.clone(), ..self.job.clone() };
        self.unkept = 0;
        self.write(after).await
    }

    async fn hand_back(&mut self, due_at: Timestamp, error: Option<String>) -> Result<Halt, store::Error> {
        self.count_time();
        let attempts = if error.is_some() { self.job.attempts + 1 } else { 0 };
        let run = self.run.clone();
        let after = Job { lease: None, due_at, attempts, last_error: error, run, ..self.job.clone() };
        // What a person asked meanwhile is done by whoever takes it up next.
        let after =
            if self.job.asked.is_some() { Job { due_at: self.engine.clock.now(), ..after } } else { after };
        self.write(after).await.map(|_| Halt::Later)
    }

    async fn stop(&mut self, asks: Asks, detail: String) -> Result<Halt, store::Error> {
        self.count_time();
        let run = self.run.stopped(asks, detail);
        let after = Job { lease: None, attempts: 0, last_error: None, asked: None, run, ..self.job.clone() };
        self.write(after).await.map(|_| Halt::Over)
    }

    /// A run that has ended is kept before its row says so: who is cut off between does it again.
    async fn end(&mut self) -> Result<Halt, store::Error> {
        self.count_time();
        if !self.run.is_uneventful() {
            self.engine.tables.keep_run(&self.run).await?;
        }
        if self.run.watermark().is_some() && self.run.kind == Kind::Full {
            let id = self.application.id.as_str();
            self.engine.tables.settle_attention(AttentionKind::Deletions, id).await?;
        }
        let after = self.job.ended(self.run.clone());
        self.write(after).await?;
        tell::log(&self.run);
        Ok(Halt::Over)
    }

    async fn refused(&mut self, error: &bigcommerce::Error) -> Result<Halt, store::Error> {
        if is_about_credentials(error) {
            self.engine.tell_of_credentials(&self.application, error).await;
            return self.stop(Asks::Credentials, tell::refused(&self.application)).await;
        }
        self.failed(error.retry_after(), error).await
    }

    async fn failed(
        &mut self,
        wait: Option<Duration>,
        error: &(dyn std::error::Error + Sync),
    ) -> Result<Halt, store::Error> {
        let wait = wait.unwrap_or_else(|| jittered(backoff(self.job.attempts + 1)));
        tracing::warn!(
            run.id = %self.run.id, import.attempts = self.job.attempts + 1, wait.seconds = wait.as_secs(), %error,
            "import put off"
        );
        self.hand_back(self.engine.clock.now() + wait, Some(error.to_string())).await
    }

    /// Writes the job. Where a person asked something meanwhile, that is taken up with it; where
    /// someone else has the run by now, it is over here.
    async fn write(&mut self, after: Job) -> Result<Option<Halt>, store::Error> {
        let mut after = after;
        loop {
            if let Some(job) = self.engine.tables.put_job(Some(&self.job), &after).await? {
                self.job = job;
                return Ok(None);
            }
            let found = self.engine.tables.jobs(std::slice::from_ref(&self.application.id)).await?;
            match found.into_iter().find(|found| has_same_holder(found, &self.job)) {
                Some(found) => {
                    after.asked = found.asked.filter(|_| after.run.state.is_open());
                    self.job = found;
                }
                None => return Ok(Some(Halt::Over)),
            }
        }
    }

    fn count_time(&mut self) {
        let now = self.engine.clock.now();
        let worked = now.duration_since(self.counted).as_millis();
        if let Some(quota) = self.engine.api.store(&self.application).quota() {
            let used = quota.per_window.saturating_sub(quota.left) * 100 / quota.per_window.max(1);
            self.run.quota_used_percent = u8::try_from(used).ok();
        }
        self.run.worked_ms += u64::try_from(worked).unwrap_or_default();
        self.counted = now;
    }
}

fn unbraked(application: Application) -> Application {
    let policies = Policies { deletion_brake: Brake::OFF, ..application.policies };
    Application { policies, ..application }
}

fn has_same_holder(one: &Job, other: &Job) -> bool {
    let holder = |lease: &Lease| lease.holder.clone();
    one.run.id == other.run.id && one.lease.as_ref().map(holder) == other.lease.as_ref().map(holder)
}
