//! The function `import`: walks over the customers of a store, page by page and slice by slice,
//! and brings each pair into step through the engine; and over the rows of files with users that a person
//! sent. Runs are begun, watched and stopped at the console.

mod page;
mod slice;
mod tell;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use aws_lambda_events::event::{
    dynamodb::{Event, EventRecord},
    streams::DynamoDbEventResponse,
};
use futures_util::future::{join, join_all};
use jiff::Timestamp;
use serde::Deserialize;
use shared::{
    application::{Application, ApplicationId},
    csv_import, env,
    import::{Job, scheduled},
    store,
    sync::Engine,
};

use slice::Slice;

/// How long before Lambda's deadline no further page is taken up.
const MARGIN: Duration = Duration::from_secs(30);

/// What the function needs.
#[derive(Clone, Debug)]
pub struct App {
    /// Brings pairs into step.
    pub engine: Engine,
}

/// What wakes the function.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Wake {
    /// Runs were asked for, or handed back.
    Stream(Event),
    /// A schedule is due.
    Schedule(Schedule),
}

/// What is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "wake", rename_all = "camelCase")]
pub enum Schedule {
    /// To begin the runs that it is time for, and to take up those and the files that nobody has: `{"wake": "sweep"}`.
    Sweep,
}

/// The function could not do its work; Lambda is to wake it again.
#[derive(Debug, thiserror::Error)]
#[error("the imports could not be read")]
pub struct Failed(#[source] store::Error);

impl App {
    /// Reads the environment of the function.
    ///
    /// # Errors
    /// When a variable is missing or bad; the error names it.
    pub async fn from_env() -> Result<App, env::Error> {
        Ok(App { engine: Engine::from_env().await? })
    }
}

/// Goes on with the runs that the records are about, or with all that are due. Stores have quotas
/// of their own, so their runs go on side by side.
///
/// # Errors
/// When the imports cannot be read. What stops one run is kept with it.
pub async fn handle(app: &App, wake: Wake, deadline: Timestamp) -> Result<DynamoDbEventResponse, Failed> {
    let until = deadline - MARGIN;
    let jobs = match &wake {
        Wake::Stream(event) => app.woken(event).await,
        Wake::Schedule(Schedule::Sweep) => app.due().await,
    };
    let runs = jobs.map_err(Failed)?.into_iter();
    let runs = join_all(runs.map(|(application, job)| go_on(app.engine.clone(), application, job, until)));
    match wake {
        Wake::Stream(_) => drop(runs.await),
        // Files that a person sent are gone over beside the runs.
        Wake::Schedule(Schedule::Sweep) => {
            let files = csv_import::go_on(&app.engine.tables, &app.engine.clock, until);
            join(runs, files).await.1.map_err(Failed)?;
        }
    }
    Ok(DynamoDbEventResponse::default())
}

async fn go_on(engine: Engine, application: Application, job: Job, until: Timestamp) {
    let id = application.id.clone();
    if let Err(error) = Slice::walk(engine, application, job, until).await {
        let source = std::error::Error::source(&error).map(ToString::to_string);
        tracing::warn!(application.id = %id, %error, source, "import left for the sweep");
    }
}

impl App {
    /// The runs that records are about.
    async fn woken(&self, event: &Event) -> Result<Vec<(Application, Job)>, store::Error> {
        let asked: BTreeSet<ApplicationId> = event.records.iter().filter_map(application).collect();
        let mut applications = self.engine.tables.applications().await?;
        applications.retain(|application| asked.contains(&application.id));
        let mut taken = Vec::new();
        for (application, job) in self.with_jobs(applications).await? {
            let Some(job) = job else { continue };
            let job = slice::take_up(&self.engine, job).await?;
            taken.extend(job.map(|job| (application, job)));
        }
        Ok(taken)
    }

    /// The runs that are due, and those that it is time to begin.
    async fn due(&self) -> Result<Vec<(Application, Job)>, store::Error> {
        let mut taken = Vec::new();
        let applications = self.engine.tables.applications().await?;
        for (application, job) in self.with_jobs(applications).await? {
            let now = self.engine.clock.now();
            let begun = scheduled(&application.id, &application.policies, job.as_ref(), now);
            let job = match (begun, job) {
                (Some(run), job) => slice::begin(&self.engine, run, job).await?,
                (None, Some(job)) => slice::take_up(&self.engine, job).await?,
                (None, None) => None,
            };
            taken.extend(job.map(|job| (application, job)));
        }
        Ok(taken)
    }

    async fn with_jobs(
        &self,
        applications: Vec<Application>,
    ) -> Result<Vec<(Application, Option<Job>)>, store::Error> {
        let ids: Vec<ApplicationId> = applications.iter().map(|application| application.id.clone()).collect();
        let jobs = self.engine.tables.jobs(&ids).await?;
        let mut jobs: BTreeMap<ApplicationId, Job> =
            jobs.into_iter().map(|job| (job.run.id.application().clone(), job)).collect();
        let with_job = |application: Application| {
            let job = jobs.remove(&application.id);
            (application, job)
        };
        Ok(applications.into_iter().map(with_job).collect())
    }
}

fn application(record: &EventRecord) -> Option<ApplicationId> {
    #[derive(Deserialize)]
    struct Key {
        subject: String,
    }
    let key: Key = serde_dynamo::from_item(record.change.keys.clone()).ok()?;
    key.subject.strip_prefix("import#")?.parse().ok()
}
