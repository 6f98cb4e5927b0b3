//! Watches that every store goes on telling what happens there. A hook that is off or gone is set
//! up again, and what it did not tell meanwhile is looked for among all customers. The first look
//! at a newly connected store is the same: nothing was told yet.
//!
//! A store may lose a delivery and keep its hook on, and nothing tells of that. So all customers are
//! looked through once a day as well (see [`Policies::survey_every_hours`]): a call for 250 of them.
//!
//! [`Policies::survey_every_hours`]: shared::application::Policies::survey_every_hours

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use shared::{
    application::{Application, WEBHOOK_SCOPES, WEBHOOK_SECRET_HEADER},
    bigcommerce::{self, HookHeaders},
    clock::random_id,
    report::{Action, Attention, AttentionKind, Entry, Outcome},
    store,
    survey::{self, Survey, Surveyor},
};

use crate::App;

/// What is remembered of a store between looks.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Watch {
    /// When its hooks were last seen in order.
    pub(crate) seen: Option<Timestamp>,
    /// The walk that looks for what was not told; none: nothing is missing.
    pub(crate) survey: Option<Survey>,
    /// When the last such walk began.
    pub(crate) surveyed: Option<Timestamp>,
    /// Whether the last walk was stopped by the deletion brake.
    pub(crate) braked: bool,
}

impl Watch {
    /// Whether so much time has passed since the last walk that it is time for another. One that is
    /// still under way is not begun anew.
    fn is_survey_due(&self, application: &Application, now: Timestamp) -> bool {
        let every = SignedDuration::from_hours(application.policies.survey_every_hours.into());
        let due = |begun: Timestamp| now.duration_since(begun) >= every;
        !every.is_zero() && self.survey.is_none() && self.surveyed.is_none_or(due)
    }
}

/// The kind of setting under which watches are remembered, by application.
pub(crate) const WATCH: &str = "watch";

/// Why one store could not be watched; the others are all the same.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error("the hooks could not be seen to")]
    Hooks(#[source] bigcommerce::Error),
    #[error("the tables could not be used")]
    Tables(#[source] store::Error),
    #[error("the walk stopped")]
    Survey(#[source] survey::Error),
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Error {
        Error::Tables(error)
    }
}

/// Sees to every application, at most until `until`; what is left goes on with the next call.
pub(crate) async fn watch(app: &App, until: Timestamp) -> Result<(), store::Error> {
    for application in app.engine.tables.applications().await? {
        if let Err(error) = watch_one(app, &application, until).await {
            let source = std::error::Error::source(&error).map(ToString::to_string);
            tracing::warn!(application.id = %application.id, %error, source, "store not watched");
        }
    }
    Ok(())
}

async fn watch_one(app: &App, application: &Application, until: Timestamp) -> Result<(), Error> {
    let tables = &app.engine.tables;
    let mut watch: Watch = tables.recall(WATCH, application.id.as_str()).await?.unwrap_or_default();
    let repaired = repair(app, application).await.map_err(Error::Hooks)?;
    let now = app.engine.clock.now();
    let before = watch.seen.replace(now);
    if repaired > 0 || before.is_none() || watch.is_survey_due(application, now) {
        watch.survey = Some(Survey::default());
        watch.surveyed = Some(now);
    }
    // Remembered before it is told: whoever is cut off here walks all the same.
    tables.remember(WATCH, application.id.as_str(), &watch).await?;
    if repaired > 0 && before.is_some() {
        tables.report(&[entry(app, application, repaired)]).await?;
    }
    walk(app, application, watch, until).await
}

/// Sets up what is missing or off; how many hooks that were.
async fn repair(app: &App, application: &Application) -> Result<usize, bigcommerce::Error> {
    let destination = format!("{}/{}", app.webhook_url, application.id);
    let secret = application.webhook.app_secret.expose().to_owned();
    let headers = HookHeaders([(WEBHOOK_SECRET_HEADER.to_owned(), secret)].into());
    app.engine.api.store(application).ensure_hooks(&WEBHOOK_SCOPES, &destination, &headers).await
}

/// Walks on, remembering after each page where it stands.
async fn walk(app: &App, application: &Application, mut watch: Watch, until: Timestamp) -> Result<(), Error> {
    let engine = &app.engine;
    let surveyor = Surveyor {
        tables: &engine.tables,
        api: &engine.api,
        clock: &engine.clock,
        application,
        cause: "import",
    };
    while let Some(survey) = watch.survey.as_ref().filter(|_| engine.clock.now() < until) {
        watch.survey = match surveyor.step(survey).await {
            Ok(next) if next.finished => {
                if std::mem::take(&mut watch.braked) {
                    engine.tables.settle_attention(AttentionKind::Deletions, application.id.as_str()).await?;
                }
                None
            }
            Ok(next) => Some(next),
            Err(survey::Error::Braked { gone, known }) => {
                engine.tables.raise(&braked(app, application, gone, known)).await?;
                watch.braked = true;
                None
            }
            Err(error) => return Err(Error::Survey(error)),
        };
        engine.tables.remember(WATCH, application.id.as_str(), &watch).await?;
    }
    Ok(())
}

fn braked(app: &App, application: &Application, gone: u64, known: u64) -> Attention {
    Attention {
        about: application.id.to_string(),
        kind: AttentionKind::Deletions,
        application: application.id.clone(),
        since: app.engine.clock.now(),
        detail: format!(
            "{gone} of {known} customers that are users here are gone from the store {}, which is more than the \
             deletion brake lets pass. None of their users was deleted. If the store is right, raise the brake; if \
             not, mend the store. All customers are compared again within {} hours.",
            application.name, application.policies.survey_every_hours
        ),
        waiting: Vec::new(),
    }
}

fn entry(app: &App, application: &Application, repaired: usize) -> Entry {
    Entry {
        id: random_id(),
        at: app.engine.clock.now(),
        application: application.id.clone(),
        user: None,
        customer: None,
        identifier: None,
        action: Action::RepairWebhooks,
        cause: WATCH.to_owned(),
        outcome: Outcome::Success,
        changes: Vec::new(),
        detail: format!(
            "The store had stopped sending {repaired} of its webhooks. They are set up again, and every customer is \
             compared with the directory for what was missed. Nothing is to be done."
        ),
    }
}
