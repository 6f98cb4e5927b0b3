//! The function `sync`: woken by the work table's stream and by schedules, it has the engine bring
//! what may be out of step into step, and watches that the stores go on telling.

mod figures;
mod identity;
mod watch;

use std::time::Duration;

use aws_lambda_events::event::dynamodb::{Event, EventRecord};
use aws_lambda_events::event::streams::DynamoDbEventResponse;
use jiff::Timestamp;
use serde::Deserialize;
use shared::{
    bigcommerce::Api,
    bulk,
    clock::Clock,
    env,
    store::{self, Tables},
    sync::{Engine, Looked},
    work::Subject,
};

pub use identity::IDENTITY_ATTRIBUTE;

/// How long before Lambda's deadline no further batch is taken up.
const MARGIN: Duration = Duration::from_secs(15);

/// How long sealing the reports may take of one call.
const SEALING: Duration = Duration::from_secs(60);

/// What the function needs.
#[derive(Clone, Debug)]
pub struct App {
    /// Brings subjects into step.
    pub engine: Engine,
    /// Where stores send their webhooks: the address before `/{application}`.
    pub webhook_url: String,
    /// The name of the attribute in which a store's customers say for which user we made them.
    pub identity_attribute: String,
    /// The name of the deployed stack, under which figures are told; `None`: they are not.
    pub stack: Option<String>,
}

/// What wakes the function.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Wake {
    /// Rows of work were written.
    Stream(Event),
    /// A schedule is due.
    Schedule(Schedule),
}

/// What is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "wake", rename_all = "camelCase")]
pub enum Schedule {
    /// To look at every row of work that is due: `{"wake": "sweep"}`.
    Sweep,
    /// To see that every store still sends its webhooks: `{"wake": "watch"}`.
    Watch,
}

/// The function could not do its work; Lambda is to wake it again.
#[derive(Debug, thiserror::Error)]
#[error("rows of work could not be read")]
pub struct Failed(#[source] store::Error);

impl App {
    /// Reads the environment of the function.
    ///
    /// # Errors
    /// When a variable is missing or bad; the error names it.
    pub async fn from_env() -> Result<App, env::Error> {
        let clock = Clock::system();
        let tables = Tables::from_env().await?;
        let (name, looks_like) = ("BIGCOMMERCE_API", "https://api.bigcommerce.com");
        let api = Api::new(&env::address(name, looks_like)?, clock.clone());
        let api = api.map_err(|_| env::Error::Bad { name, looks_like })?;
        let webhook_url =
            env::address("WEBHOOK_URL", "the https address before /{application} that stores deliver to")?;
        let named = env::optional("IDENTITY_ATTRIBUTE", "the name of an attribute of customers, or unset")?;
        let identity_attribute = named.unwrap_or_else(|| IDENTITY_ATTRIBUTE.to_owned());
        let stack =
            env::optional("STACK", "the name of the stack whose figures CloudWatch is told, or unset")?;
        Ok(App { engine: Engine::new(tables, api, clock), webhook_url, identity_attribute, stack })
    }
}

/// Looks at the subjects of the stream's records, or at every row that is due. A row that cannot
/// be brought into step is put off in the table, so no record ever blocks its shard.
///
/// # Errors
/// When rows of work cannot be read: then the whole batch is to come again.
pub async fn handle(app: &App, wake: Wake, deadline: Timestamp) -> Result<DynamoDbEventResponse, Failed> {
    let until = deadline - MARGIN;
    let looked = match &wake {
        Wake::Stream(event) => app.engine.look(&subjects(event), until).await,
        Wake::Schedule(Schedule::Sweep) => app.sweep(until).await,
        Wake::Schedule(Schedule::Watch) => app.watch(until).await.map(|()| Looked::default()),
    };
    let looked = looked.map_err(Failed)?;
    if looked != Looked::default() {
        tracing::info!(
            work.done = looked.done,
            work.put_off = looked.put_off,
            work.skipped = looked.skipped,
            "looked"
        );
    }
    Ok(DynamoDbEventResponse::default())
}

impl App {
    /// The reports are sealed first, which is soon done: a walk may take all the time there is.
    async fn watch(&self, until: Timestamp) -> Result<(), store::Error> {
        let soon = until.min(self.engine.clock.now() + SEALING);
        for application in self.engine.tables.applications().await? {
            if let Err(error) = self.engine.tables.seal_report(&application.id, soon).await {
                tracing::warn!(application.id = %application.id, ?error, "report not sealed");
            }
        }
        watch::watch(self, until).await
    }

    /// What is due first; then the changes of many users that are under way.
    async fn sweep(&self, until: Timestamp) -> Result<Looked, store::Error> {
        let looked = self.engine.sweep(until).await?;
        self.tell(&looked).await;
        bulk::go_on(&self.engine.tables, &self.engine.clock, until).await?;
        Ok(looked)
    }
}

/// The subjects that the records are about, each once.
fn subjects(event: &Event) -> Vec<Subject> {
    let mut subjects: Vec<Subject> = event.records.iter().filter_map(subject).collect();
    subjects.sort();
    subjects.dedup();
    subjects
}

fn subject(record: &EventRecord) -> Option<Subject> {
    #[derive(Deserialize)]
    struct Key {
        subject: String,
    }
    let key: Key = serde_dynamo::from_item(record.change.keys.clone()).ok()?;
    let subject = key.subject.parse();
    if subject.is_err() {
        tracing::warn!(stream.event = record.event_id, "record about no subject of work left out");
    }
    subject.ok()
}
