//! Imports: what is under way at each application, what ended, and what is next. A run is begun,
//! watched, paused, resumed and cancelled here, foreseen and then applied; what walks is elsewhere.
//!
//! | request | answer |
//! | --- | --- |
//! | `GET /admin/imports?application=&before=` | each application's run, schedules and what ended, newest first |
//! | `POST /admin/imports` | begins a run: 201, or 409 while another is under way |
//! | `GET /admin/imports/{run}` | the run and how far it is |
//! | `POST /admin/imports/{run}/{command}` | `pause`, `resume`, `cancel`; `approve` lets deletions pass; `apply` does what a dry run foresaw |
//! | `GET /admin/imports/{run}/verdicts?verdict=&after=` | what a dry run foresees; `/file` as a file |
//! | `POST /admin/imports/schedules/{application}` | when runs begin by themselves |

mod begin;
mod command;
mod one;
mod schedule;
mod told;
mod verdicts;
mod words;

use std::{collections::BTreeMap, sync::Arc};

use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use futures_util::future::try_join_all;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shared::{
    application::{Application, ApplicationId},
    import::{Job, RunId, next_scheduled},
    operator::Role,
};

pub(crate) use begin::Asked;
pub(crate) use words::time as stretch;

use crate::{
    App,
    caller::Caller,
    csv::Table,
    frame::{Frame, Place},
    refusal::Refusal,
    routes::Routes,
};
use told::Told;

pub(crate) const HERE: &str = "/admin/imports";

/// How many ended runs a page lists.
const A_PAGE: usize = 20;
/// Of how many applications the ended runs are looked for at once.
const TOGETHER: usize = 12;

pub(crate) fn routes() -> Routes {
    Routes::default()
        .get(HERE, Role::Viewer, list)
        .post(HERE, Role::Operator, begin::begin)
        .get("/admin/imports/{run}", Role::Viewer, one::one)
        .post("/admin/imports/{run}/pause", Role::Operator, command::pause)
        .post("/admin/imports/{run}/resume", Role::Operator, command::resume)
        .post("/admin/imports/{run}/cancel", Role::Operator, command::cancel)
        .post("/admin/imports/{run}/approve", Role::Admin, command::approve)
        .post("/admin/imports/{run}/apply", Role::Operator, begin::apply)
        .get("/admin/imports/{run}/verdicts", Role::Viewer, verdicts::list)
        .get("/admin/imports/{run}/verdicts/file", Role::Viewer, verdicts::file)
        .post("/admin/imports/schedules/{application}", Role::Admin, schedule::set)
}

/// The address of a run.
pub(crate) fn address(run: &RunId) -> String {
    format!("{HERE}/{run}")
}

/// What is asked for: the ended runs of one application, and from where on.
#[derive(Deserialize)]
struct Of {
    #[serde(default)]
    application: String,
    #[serde(default)]
    before: String,
}

#[derive(Template, Serialize)]
#[template(path = "imports/list.html")]
#[serde(rename_all = "camelCase")]
struct List {
    #[serde(skip)]
    frame: Frame,
    /// The applications that were asked for.
    applications: Vec<Store>,
    /// Their runs that have ended, newest first.
    ended: Vec<Told>,
    /// Where the next page begins; absent where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<RunId>,
    #[serde(skip)]
    names: BTreeMap<ApplicationId, String>,
    #[serde(skip)]
    first_page: String,
    #[serde(skip)]
    next_page: String,
    /// Whether the runs of some applications are left out, for there are so many.
    #[serde(skip)]
    is_partial: bool,
}

/// The imports of one application.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Store {
    id: ApplicationId,
    name: String,
    paused: bool,
    /// The run that is not over.
    #[serde(skip_serializing_if = "Option::is_none")]
    under_way: Option<Told>,
    /// The last run, if it is over.
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<Told>,
    /// When all customers were last gone over, to the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    full_at: Option<Timestamp>,
    /// Up to when changes were taken over: what the next incremental run goes by.
    #[serde(skip_serializing_if = "Option::is_none")]
    watermark: Option<Timestamp>,
    import_every_hours: u16,
    import_changes_every_minutes: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_full_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_changes_at: Option<Timestamp>,
}

impl Store {
    fn new(application: &Application, job: Option<Job>, now: Timestamp) -> Store {
        let policies = &application.policies;
        let [next_full_at, next_changes_at] = next_scheduled(policies, job.as_ref(), now);
        let (full_at, watermark) =
            (job.as_ref().and_then(|job| job.full_at), job.as_ref().and_then(|job| job.watermark));
        let (under_way, last) = match job {
            Some(job) if job.run.state.is_open() => (Some(Told::under_way(job)), None),
            job => (None, job.map(|job| Told::ended(job.run))),
        };
        Store {
            id: application.id.clone(),
            name: application.name.clone(),
            paused: policies.paused,
            under_way,
            last,
            full_at,
            watermark,
            import_every_hours: policies.import_every_hours,
            import_changes_every_minutes: policies.import_changes_every_minutes,
            next_full_at,
            next_changes_at,
        }
    }
}

impl List {
    fn name<'a>(&'a self, run: &'a RunId) -> &'a str {
        self.names.get(run.application()).map_or(run.application().as_str(), String::as_str)
    }

    /// Whether the page has anything that moves by itself.
    fn moves(&self) -> bool {
        self.applications.iter().filter_map(|store| store.under_way.as_ref()).any(Told::is_active)
    }
}

async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(of): Query<Of>,
) -> Result<Response, Refusal> {
    let all = app.tables().applications().await?;
    let chosen: Vec<&Application> =
        all.iter().filter(|one| of.application.is_empty() || one.id.as_str() == of.application).collect();
    if chosen.is_empty() && !of.application.is_empty() {
        return Err(
            Refusal::missing("There is no such application. Look at the list.").go_on("Imports", HERE)
        );
    }
    let before = read_place(&of.before)?;
    let ids: Vec<ApplicationId> = chosen.iter().map(|one| one.id.clone()).collect();
    let jobs = app.tables().jobs(&ids).await?;
    let mut jobs: BTreeMap<ApplicationId, Job> =
        jobs.into_iter().map(|job| (job.run.id.application().clone(), job)).collect();
    let (ended, next) = app.ended(&ids, before.as_ref()).await?;
    let of_one = |before: &str| {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        let pairs = [("application", of.application.as_str()), ("before", before)];
        query.extend_pairs(pairs.into_iter().filter(|(_, value)| !value.is_empty()));
        format!("{HERE}?{}", query.finish())
    };
    let page = List {
        frame: caller.frame("Imports", Place::Imports),
        applications: chosen.iter().map(|one| Store::new(one, jobs.remove(&one.id), caller.now)).collect(),
        ended,
        first_page: before.map(|_| of_one("")).unwrap_or_default(),
        next_page: next.as_ref().map(|next| of_one(&next.to_string())).unwrap_or_default(),
        next,
        names: all.iter().map(|one| (one.id.clone(), one.name.clone())).collect(),
        is_partial: ids.len() > TOGETHER,
    };
    caller.list(&page, || table(&page.ended))
}

fn read_place(before: &str) -> Result<Option<RunId>, Refusal> {
    let wrong =
        |_| Refusal::bad("This is no place in the list. Begin at the first page.").go_on("Imports", HERE);
    Some(before).filter(|before| !before.is_empty()).map(str::parse).transpose().map_err(wrong)
}

impl App {
    /// A page of the runs of these applications that have ended, newest first, and where the next
    /// one begins. The list of several goes no further than its first page.
    async fn ended(
        &self,
        of: &[ApplicationId],
        before: Option<&RunId>,
    ) -> Result<(Vec<Told>, Option<RunId>), Refusal> {
        let most = i32::try_from(A_PAGE).unwrap_or(i32::MAX);
        let reads = of.iter().take(TOGETHER).map(|id| self.tables().runs(id, before, most));
        let mut runs: Vec<_> = try_join_all(reads.collect::<Vec<_>>()).await?.into_iter().flatten().collect();
        runs.sort_by_key(|run| std::cmp::Reverse(run.begun_at));
        runs.truncate(A_PAGE);
        let is_full = of.len() == 1 && runs.len() == A_PAGE;
        let next = runs.last().filter(|_| is_full).map(|run| run.id.clone());
        Ok((runs.into_iter().map(Told::ended).collect(), next))
    }
}

fn table(runs: &[Told]) -> String {
    let columns = Table::new(&[
        "id",
        "application",
        "kind",
        "dry",
        "state",
        "askedBy",
        "begunAt",
        "endedAt",
        "done",
        "create",
        "update",
        "adopt",
        "delete",
        "blocked",
        "conflict",
        "unchanged",
        "invalid",
        "left",
        "detail",
    ]);
    runs.iter().fold(columns, |table, run| table.row(run.cells())).into_text()
}
