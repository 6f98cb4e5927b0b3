//! What the door answers: a run and how far it is, or a problem with a next step.

use axum::{
    extract::rejection::JsonRejection,
    http::{HeaderValue, StatusCode, header::LOCATION},
};
use jiff::Timestamp;
use serde::Serialize;
use shared::{
    http::Problem,
    import::{Counts, Effect, Job, Kind, Progress, Run, RunId, State},
    store,
};

/// A run as it is told.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Told {
    id: RunId,
    kind: Kind,
    dry: bool,
    state: State,
    asked_by: String,
    begun_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<Timestamp>,
    progress: Progress,
    counts: Counts,
    total_counted: u64,
    pages: u64,
    worked_ms: u64,
    #[serde(skip_serializing_if = "String::is_empty")]
    detail: String,
    /// The share of the store's quota that was used when last read, in percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    quota_used_percent: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    waits: Option<Waits>,
}

/// Why a run does not go on at once.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Waits {
    until: Timestamp,
    attempts: u32,
    reason: String,
}

impl Told {
    pub(super) fn ended(run: Run) -> Told {
        Told {
            progress: Progress::of(&run),
            dry: run.effect == Effect::Foresee,
            total_counted: run.counts.total(),
            id: run.id,
            kind: run.kind,
            state: run.state,
            asked_by: run.asked_by,
            begun_at: run.begun_at,
            ended_at: run.ended_at,
            counts: run.counts,
            pages: run.pages,
            worked_ms: run.worked_ms,
            detail: run.detail,
            quota_used_percent: run.quota_used_percent,
            waits: None,
        }
    }

    pub(super) fn under_way(job: Job) -> Told {
        let waits = job.last_error.map(|reason| Waits { until: job.due_at, attempts: job.attempts, reason });
        Told { waits, ..Told::ended(job.run) }
    }
}

/// The runs of an application.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Listed {
    #[serde(skip_serializing_if = "Option::is_none")]
    under_way: Option<Told>,
    ended: Vec<Told>,
}

impl Listed {
    pub(super) fn new(job: Option<Job>, ended: Vec<Run>) -> Listed {
        let under_way = job.filter(|job| job.run.state.is_open()).map(Told::under_way);
        Listed { under_way, ended: ended.into_iter().map(Told::ended).collect() }
    }
}

pub(super) fn trouble(error: store::Error) -> Problem {
    tracing::error!(?error, "imports not reached");
    let detail = "The imports cannot be reached now. Try again in a while.";
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail).retry_after(5)
}

pub(super) fn unreadable(rejection: &JsonRejection) -> Problem {
    Problem::new(
        rejection.status(),
        "The body cannot be read. Send JSON with `application`, `kind` (full or incremental) and, to change nothing, \
         `dry`: true; beside it, `mapping` and `policies` to try.",
    )
}

pub(super) fn which_application() -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "Say whose imports: add ?application=<identifier> to the address.")
}

pub(super) fn no_application() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "There is no such application. Connect the store first.")
}

pub(super) fn no_run() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "There is no such import, or no longer. The list is at /imports.")
}

pub(super) fn only_foreseen() -> Problem {
    Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "Another mapping and other policies are for dry runs: send `dry`: true, or change the application first.",
    )
}

pub(super) fn nothing_to_go_by() -> Problem {
    Problem::new(
        StatusCode::CONFLICT,
        "Nothing was imported yet, so there is nothing to tell changes by. Begin with a full import.",
    )
}

pub(super) fn under_way(run: &RunId) -> Problem {
    let problem = Problem::new(
        StatusCode::CONFLICT,
        format!("The import {run} is under way. Wait for its end, or cancel it first."),
    );
    match HeaderValue::try_from(format!("/imports/{run}")) {
        Ok(location) => problem.header(LOCATION, location),
        Err(_) => problem,
    }
}

pub(super) fn at_the_same_time() -> Problem {
    let detail =
        "The import changed at the same moment. Look at it again, then ask again if it is still called for.";
    Problem::new(StatusCode::CONFLICT, detail)
}

pub(super) fn not_now() -> Problem {
    Problem::new(
        StatusCode::CONFLICT,
        "The import is not where this can be done: an active one is paused, a paused or stopped one resumed, and one \
         that has ended stays so.",
    )
}

pub(super) fn not_foreseen() -> Problem {
    Problem::new(StatusCode::CONFLICT, "Only a dry run that is done can be applied. Begin a run instead.")
}
