//! What was live, who made it so, and bringing it back: as a draft, so that it is looked at first.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use serde::{Deserialize, Serialize};
use shared::{
    application::{Application, ApplicationId},
    mapping::Difference,
    store::MappingVersion,
};

use super::{here, page::told};
use crate::{
    App,
    caller::Caller,
    frame::{Frame, Place},
    refusal::Refusal,
};

/// How many versions a page has.
const PAGE: i32 = 25;

#[derive(Template, Serialize)]
#[template(path = "mapping/history.html")]
#[serde(rename_all = "camelCase")]
struct All {
    #[serde(skip)]
    frame: Frame,
    application: ApplicationId,
    store: String,
    versions: Vec<MappingVersion>,
    /// The number before which the next page begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<u64>,
}

#[derive(Template, Serialize)]
#[template(path = "mapping/version.html")]
#[serde(rename_all = "camelCase")]
struct One {
    #[serde(skip)]
    frame: Frame,
    application: ApplicationId,
    version: MappingVersion,
    /// What distinguishes it from what is live.
    differences: Vec<Difference>,
}

/// Where a page begins.
#[derive(Deserialize)]
pub(super) struct Before {
    before: Option<u64>,
}

pub(super) async fn all(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    Query(Before { before }): Query<Before>,
) -> Result<Response, Refusal> {
    let application = app.application(&id).await?;
    let mut versions = app.tables().mapping_versions(&application.id, before, PAGE + 1).await?;
    let more = versions.len() > PAGE as usize;
    versions.truncate(PAGE as usize);
    let next = versions.last().filter(|_| more).map(|version| version.number);
    let frame = caller.frame(format!("What was live at {}", application.name), Place::Applications);
    caller.show(&All { frame, application: application.id, store: application.name, versions, next })
}

pub(super) async fn one(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((id, number)): Path<(String, u64)>,
) -> Result<Response, Refusal> {
    let application = app.application(&id).await?;
    let version = version(&app, &application, number).await?;
    let frame = caller.frame(format!("Version {number} of the mapping"), Place::Applications);
    let differences = application.mapping.differences(&version.mapping);
    caller.show(&One { frame, application: application.id, version, differences })
}

pub(super) async fn restore(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((id, number)): Path<(String, u64)>,
) -> Result<Response, Refusal> {
    let application = app.application(&id).await?;
    let version = version(&app, &application, number).await?;
    let before = app.tables().mapping_draft(&application.id).await?;
    let revision = before.map_or(0, |draft| draft.revision);
    let draft = app.keep_draft(&application, version.mapping, revision, &caller).await?;
    let told = format!("Version {number} is the draft now. Look at what it changes, then make it live.");
    caller.done(&here(&application.id), &told, &draft)
}

async fn version(app: &App, application: &Application, number: u64) -> Result<MappingVersion, Refusal> {
    let missing = || {
        Refusal::missing("There is no such version, or it is no longer kept. Look at those that are.")
            .go_on("What was live", format!("{}/history", here(&application.id)))
    };
    app.tables().mapping_version(&application.id, number).await?.ok_or_else(missing)
}

impl All {
    fn here(&self) -> String {
        here(&self.application)
    }
}

impl One {
    fn here(&self) -> String {
        here(&self.application)
    }

    fn told<'a>(&self, difference: &'a Difference) -> (&'static str, &'static str, &'a str, &'a str) {
        told(difference)
    }

    /// The rules in words.
    fn rules(&self) -> Vec<String> {
        self.version.mapping.in_words().into_values().collect()
    }
}
