//! What the draft would do: to one user, step by step, and to everyone, as a run that only foresees.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use serde::{Deserialize, Serialize};
use shared::{
    application::{Application, ApplicationId},
    import::WhatIf,
    search::{LONGEST_TEXT, Search},
    user::{User, UserId},
};

use super::here;
use crate::{
    App,
    caller::Caller,
    frame::{Frame, Place},
    imports::{self, Asked},
    refusal::Refusal,
    users::{
        called,
        trace::{AtStore, traced},
    },
};

/// How many users are offered where several are found.
const OFFERED: usize = 10;

/// Whom to try it on: an identifier, or what finds a user.
#[derive(Deserialize)]
pub(super) struct On {
    #[serde(default)]
    user: String,
}

#[derive(Template, Serialize)]
#[template(path = "mapping/test.html")]
#[serde(rename_all = "camelCase")]
struct Page {
    #[serde(skip)]
    frame: Frame,
    application: ApplicationId,
    store: String,
    /// Whether the draft was tried; else what is live.
    draft: bool,
    #[serde(skip)]
    typed: String,
    /// Who could be meant.
    found: Vec<(UserId, String)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tried: Option<AtStore>,
}

pub(super) async fn test(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    Query(On { user }): Query<On>,
) -> Result<Response, Refusal> {
    let application = app.application(&id).await?;
    let draft = app.tables().mapping_draft(&application.id).await?;
    let is_draft = draft.is_some();
    let tried = match draft {
        Some(draft) => Application { mapping: draft.mapping, ..application },
        None => application,
    };
    let found = found(&app, &user).await?;
    let at = match found.as_slice() {
        [user] => Some(traced(&app, &tried, &user.id).await),
        _ => None,
    };
    caller.show(&Page {
        frame: caller.frame("Test the mapping on one user", Place::Applications),
        application: tried.id,
        store: tried.name,
        draft: is_draft,
        typed: user,
        found: found.iter().map(|user| (user.id.clone(), called(user))).collect(),
        tried: at,
    })
}

async fn found(app: &App, typed: &str) -> Result<Vec<User>, Refusal> {
    let text: String = typed.trim().chars().take(LONGEST_TEXT).collect();
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let search = Search { text, ..Search::default() };
    Ok(app.tables().search(&search, None, OFFERED).await?.users)
}

/// Begins a run that tells what the draft would do to everyone, and does nothing.
pub(super) async fn what_if(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let application = app.application(&id).await?;
    let draft = app.draft(&application).await?;
    let what_if = WhatIf { mapping: Some(draft.mapping), policies: None };
    let job = app.begin_import(&caller, &application, Asked::what_if(what_if)).await?;
    let location = imports::address(&job.run.id);
    caller.made(
        &location,
        "The run tells what the draft would do to everyone, and changes nothing.",
        &job.run,
    )
}

impl Page {
    fn here(&self) -> String {
        here(&self.application)
    }
}
