//! The door at which imports are asked for and watched: JSON over HTTP, for who has a token of the
//! directory. `read` opens what only looks, `write` what begins, stops or ends a run.
//!
//! | request | answer |
//! | --- | --- |
//! | `GET /imports?application=` | the run under way and the last ones |
//! | `POST /imports` | begins a run: 201, or 409 while another is under way |
//! | `GET /imports/{run}` | the run and how far it is |
//! | `POST /imports/{run}/{command}` | `pause`, `resume`, `cancel`; `apply` does what a dry run foresaw |
//! | `GET /imports/{run}/forecasts?after=` | what a dry run foresees, a page at a time; CSV by `Accept` |

mod answer;
mod caller;
mod forecasts;

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{
        DefaultBodyLimit, Path, Query, State,
        rejection::{JsonRejection, QueryRejection},
    },
    http::{HeaderMap, StatusCode, header::LOCATION},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::Deserialize;
use shared::{
    application::{Application, ApplicationId, Policies},
    client::Scope,
    clock::Clock,
    env,
    http::{Problem, method_not_allowed, not_found},
    import::{Command, Effect, Job, Kind, Lease, Run, RunId, State as RunState, WhatIf},
    mapping::Mapping,
    store::Tables,
};

use answer::{Listed, Told, trouble};
use caller::Caller;

/// The longest body: a mapping and policies to try.
const LONGEST_BODY: usize = 256 * 1024;
/// How many ended runs are listed.
const LISTED: i32 = 20;

/// What the door needs.
#[derive(Clone, Debug)]
pub struct App {
    /// The tables.
    pub tables: Tables,
    /// Time.
    pub clock: Clock,
}

impl App {
    /// Reads the environment of the function.
    ///
    /// # Errors
    /// When a variable is missing or bad; the error names it.
    pub async fn from_env() -> Result<App, env::Error> {
        Ok(App { tables: Tables::from_env().await?, clock: Clock::system() })
    }
}

/// The addresses of the door.
pub fn router(app: App) -> Router {
    Router::new()
        .route("/imports", get(list).post(begin))
        .route("/imports/{run}", get(one))
        .route("/imports/{run}/forecasts", get(forecasts::page))
        .route("/imports/{run}/{command}", post(command))
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
        .with_state(Arc::new(app))
}

#[derive(Deserialize)]
struct Of {
    application: ApplicationId,
}

async fn list(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    of: Result<Query<Of>, QueryRejection>,
) -> Result<Json<Listed>, Problem> {
    app.admit(&headers, Scope::Read).await?;
    let Query(Of { application }) = of.map_err(|_| answer::which_application())?;
    let job = app.tables.job(&application).await.map_err(trouble)?;
    let ended = app.tables.runs(&application, LISTED).await.map_err(trouble)?;
    Ok(Json(Listed::new(job, ended)))
}

/// What is asked for.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Wanted {
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

async fn begin(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    wanted: Result<Json<Wanted>, JsonRejection>,
) -> Result<Response, Problem> {
    let caller = app.admit(&headers, Scope::Write).await?;
    let Json(wanted) = wanted.map_err(|rejection| answer::unreadable(&rejection))?;
    let application = app.tables.application(&wanted.application).await.map_err(trouble)?;
    let application = application.ok_or_else(answer::no_application)?;
    let what_if = WhatIf { mapping: wanted.mapping, policies: wanted.policies };
    let effect = if wanted.dry { Effect::Foresee } else { Effect::Apply };
    if !what_if.is_nothing() && effect == Effect::Apply {
        return Err(answer::only_foreseen());
    }
    app.begin(&application, wanted.kind, effect, what_if, &caller).await
}

async fn one(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Path(run): Path<String>,
) -> Result<Json<Told>, Problem> {
    app.admit(&headers, Scope::Read).await?;
    let id = run_id(&run)?;
    match app.tables.job(id.application()).await.map_err(trouble)?.filter(|job| job.run.id == id) {
        Some(job) => Ok(Json(Told::under_way(job))),
        None => Ok(Json(Told::ended(app.run(&id).await?))),
    }
}

async fn command(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Path((run, command)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let caller = app.admit(&headers, Scope::Write).await?;
    let id = run_id(&run)?;
    match command.as_str() {
        "pause" => app.ask(&id, Command::Pause).await,
        "resume" => app.ask(&id, Command::Resume).await,
        "cancel" => app.ask(&id, Command::Cancel).await,
        "apply" => app.apply(&id, &caller).await,
        _ => Err(not_found().await),
    }
}

fn run_id(text: &str) -> Result<RunId, Problem> {
    text.parse().map_err(|_| answer::no_run())
}

impl App {
    async fn run(&self, id: &RunId) -> Result<Run, Problem> {
        self.tables.run(id).await.map_err(trouble)?.ok_or_else(answer::no_run)
    }

    /// Begins a run unless one is under way; the stream wakes who walks.
    async fn begin(
        &self,
        application: &Application,
        kind: Kind,
        effect: Effect,
        what_if: WhatIf,
        caller: &Caller,
    ) -> Result<Response, Problem> {
        let before = self.tables.job(&application.id).await.map_err(trouble)?;
        if let Some(under_way) = before.as_ref().filter(|job| job.run.state.is_open()) {
            return Err(answer::under_way(&under_way.run.id));
        }
        let (now, by) = (self.clock.now(), caller.client.as_str());
        let watermark = before.as_ref().and_then(|job| job.watermark);
        let run = match (kind, watermark) {
            (Kind::Full, _) => Run::full(application.id.clone(), effect, by, now),
            (Kind::Incremental, Some(since)) => {
                Run::incremental(application.id.clone(), since, effect, by, now)
            }
            (Kind::Incremental, None) => return Err(answer::nothing_to_go_by()),
        };
        let job = Job { what_if, ..Job::new(run, before.as_ref()) };
        match self.tables.put_job(before.as_ref(), &job).await.map_err(trouble)? {
            Some(job) => {
                let location = [(LOCATION, format!("/imports/{}", job.run.id))];
                Ok((StatusCode::CREATED, location, Json(Told::under_way(job))).into_response())
            }
            None => Err(answer::at_the_same_time()),
        }
    }

    /// Does what a dry run foresaw, as far as it is still so: each pair is planned anew.
    async fn apply(&self, id: &RunId, caller: &Caller) -> Result<Response, Problem> {
        let foreseen = self.run(id).await?;
        if foreseen.effect != Effect::Foresee || foreseen.state != RunState::Done {
            return Err(answer::not_foreseen());
        }
        let application = self.tables.application(id.application()).await.map_err(trouble)?;
        let application = application.ok_or_else(answer::no_application)?;
        self.begin(&application, foreseen.kind, Effect::Apply, WhatIf::default(), caller).await
    }

    /// Asks something of a run: of whoever has it at work, or else of its row.
    async fn ask(&self, id: &RunId, command: Command) -> Result<Response, Problem> {
        let job = self.tables.job(id.application()).await.map_err(trouble)?;
        let Some(job) = job.filter(|job| job.run.id == *id) else {
            self.run(id).await?;
            return Err(answer::not_now());
        };
        let now = self.clock.now();
        let run = job.run.asked(command, now).ok_or_else(answer::not_now)?;
        let at_work = job.lease.as_ref().is_some_and(|lease: &Lease| lease.until > now);
        let after = match (at_work, run.state.is_open()) {
            (true, _) => Job { asked: Some(command), ..job.clone() },
            (false, true) => Job { run, lease: None, asked: None, due_at: now, ..job.clone() },
            (false, false) => {
                self.tables.keep_run(&run).await.map_err(trouble)?;
                job.ended(run)
            }
        };
        match self.tables.put_job(Some(&job), &after).await.map_err(trouble)? {
            Some(job) => Ok((StatusCode::ACCEPTED, Json(Told::under_way(job))).into_response()),
            None => Err(answer::at_the_same_time()),
        }
    }
}
