//! Beginning a run: on demand, for what a dry run foresaw, or to see what other rules would do.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header::LOCATION},
    response::Response,
};
use serde::Deserialize;
use shared::{
    application::{Application, ApplicationId, Policies},
    http::{Problem, Wrong},
    import::{Effect, Job, Kind, Run, RunId, State as RunState, WhatIf},
    mapping::Mapping,
};

use super::{HERE, address, told::Told};
use crate::{App, caller::Caller, input::Sent, refusal::Refusal};

/// What is asked for.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Wanted {
    application: ApplicationId,
    kind: Kind,
    /// Whether to tell only what would be done.
    #[serde(default)]
    dry: bool,
    /// For a dry run: another mapping than the application's.
    mapping: Option<Mapping>,
    /// For a dry run: other policies than the application's.
    policies: Option<Policies>,
}

#[derive(Deserialize)]
pub(super) struct Form {
    application: ApplicationId,
    kind: Kind,
    #[serde(default)]
    dry: bool,
}

impl From<Form> for Wanted {
    fn from(Form { application, kind, dry }: Form) -> Wanted {
        Wanted { application, kind, dry, mapping: None, policies: None }
    }
}

/// A run to begin.
pub(crate) struct Asked {
    pub(crate) kind: Kind,
    pub(crate) effect: Effect,
    pub(crate) what_if: WhatIf,
}

impl Asked {
    /// A run over everyone that tells what other rules would do.
    pub(crate) fn what_if(what_if: WhatIf) -> Asked {
        Asked { kind: Kind::Full, effect: Effect::Foresee, what_if }
    }
}

pub(super) async fn begin(
    State(app): State<Arc<App>>,
    caller: Caller,
    wanted: Sent<Wanted, Form>,
) -> Result<Response, Refusal> {
    let Wanted { application, kind, dry, mapping, policies } = wanted.value;
    let application = app.application(application.as_str()).await?;
    let what_if = WhatIf { mapping, policies };
    let effect = if dry { Effect::Foresee } else { Effect::Apply };
    if !what_if.is_nothing() && effect == Effect::Apply {
        return Err(Refusal::bad(
            "Another mapping and other policies are for dry runs: send `dry`: true, or change the application first.",
        ));
    }
    check(&what_if)?;
    let job = app.begin_import(&caller, &application, Asked { kind, effect, what_if }).await?;
    made(&caller, job)
}

fn check(what_if: &WhatIf) -> Result<(), Refusal> {
    let flaws = what_if.policies.as_ref().map(|policies| policies.check(None)).unwrap_or_default();
    let wrong: Vec<Wrong> = flaws
        .into_iter()
        .map(|(field, flaw)| Wrong { field: format!("policies.{field}"), detail: flaw.to_string() })
        .collect();
    if wrong.is_empty() { Ok(()) } else { Err(Refusal::wrong(wrong)) }
}

/// Leads on to a run that was begun.
fn made(caller: &Caller, job: Job) -> Result<Response, Refusal> {
    let flash = match job.run.effect {
        Effect::Apply => "The import has begun. It goes on by itself, also when you leave this page.",
        Effect::Foresee => "The dry run has begun. It tells what would be done, and changes nothing.",
    };
    caller.made(&address(&job.run.id), flash, &Told::under_way(job))
}

/// Does what a dry run foresaw, as far as it is still so: each pair is planned anew.
pub(super) async fn apply(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(run): Path<String>,
) -> Result<Response, Refusal> {
    let foreseen = app.run(&run).await?;
    if foreseen.effect != Effect::Foresee || foreseen.state != RunState::Done {
        let detail = "Only a dry run that is done can be applied. Begin an import instead.";
        return Err(Refusal::conflict(detail).go_on("Imports", HERE));
    }
    let application = app.application(foreseen.id.application().as_str()).await?;
    if foreseen.rules != Some(application.rules_digest()) {
        return Err(Refusal::conflict(
            "The mapping or the policies are others than those that this dry run went by. Make what it tried live, or \
             begin another dry run, then apply that.",
        )
        .go_on("Imports", HERE));
    }
    let asked = Asked { kind: foreseen.kind, effect: Effect::Apply, what_if: WhatIf::default() };
    let job = app.begin_import(&caller, &application, asked).await?;
    made(&caller, job)
}

impl App {
    /// Begins a run unless one is under way; the stream wakes who walks.
    pub(crate) async fn begin_import(
        &self,
        caller: &Caller,
        application: &Application,
        asked: Asked,
    ) -> Result<Job, Refusal> {
        let before = self.tables().job(&application.id).await?;
        if let Some(open) = before.as_ref().filter(|job| job.run.state.is_open()) {
            return Err(under_way(&open.run.id));
        }
        if application.policies.paused && asked.effect == Effect::Apply {
            let detail = "The application is paused, so nothing is imported. Let it go on first.";
            let place = format!("/admin/applications/{}", application.id);
            return Err(Refusal::conflict(detail).go_on("The application", place));
        }
        let (id, by, now) = (application.id.clone(), caller.name(), caller.now);
        let watermark = before.as_ref().and_then(|job| job.watermark);
        let run = match (asked.kind, watermark) {
            (Kind::Full, _) => Run::full(id, asked.effect, by, now),
            (Kind::Incremental, Some(since)) => Run::incremental(id, since, asked.effect, by, now),
            (Kind::Incremental, None) => return Err(nothing_to_go_by()),
        };
        let job = Job { what_if: asked.what_if, ..Job::new(run, before.as_ref()) };
        self.tables().put_job(before.as_ref(), &job).await?.ok_or_else(at_the_same_time)
    }
}

fn nothing_to_go_by() -> Refusal {
    let detail =
        "Nothing was imported yet, so there is nothing to tell changes by. Begin with a full import.";
    Refusal::conflict(detail).go_on("Imports", HERE)
}

fn under_way(run: &RunId) -> Refusal {
    let detail = format!("The import {run} is under way. Wait for its end, or cancel it first.");
    let problem = Problem::new(StatusCode::CONFLICT, detail);
    let problem = match HeaderValue::try_from(address(run)) {
        Ok(location) => problem.header(LOCATION, location),
        Err(_) => problem,
    };
    Refusal::from(problem).go_on("Watch it", address(run))
}

pub(super) fn at_the_same_time() -> Refusal {
    Refusal::conflict(
        "The import changed at the same moment. Look at it again, then ask again if it is still called for.",
    )
    .go_on("Imports", HERE)
}
