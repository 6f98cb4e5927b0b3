//! The provisioning report: what was done to whom, where, when, by which way, how it ended, and what
//! to do about it. Filtered by end-user identifier, application and time span, and further by what was
//! done, how it ended and which way it came about; newest first, a page at a time.

mod chart;
mod export;
mod filter;
mod ocsf;
mod verify;
pub(crate) mod words;

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use serde::Serialize;
use shared::{
    application::Application,
    operator::Role,
    report::{Entry, Outcome},
};

use crate::{
    App,
    caller::Caller,
    csv::Table,
    frame::{Frame, Place},
    refusal::Refusal,
    routes::Routes,
};
use chart::Chart;
use filter::{Asked, Filter};

const HERE: &str = "/admin/reports";

pub(crate) fn routes() -> Routes {
    Routes::default()
        .get(HERE, Role::Viewer, list)
        .get("/admin/reports/export", Role::Viewer, export::export)
        .get(verify::HERE, Role::Viewer, verify::verify)
}

/// How many entries a page shows.
const PAGE: usize = 50;

#[derive(Template, Serialize)]
#[template(path = "reports.html")]
#[serde(rename_all = "camelCase")]
struct Report {
    #[serde(skip)]
    frame: Frame,
    /// What was asked for, to be shown in the form again.
    #[serde(skip)]
    asked: Asked,
    #[serde(skip)]
    applications: Vec<(String, String)>,
    #[serde(skip)]
    query: String,
    #[serde(skip)]
    counts: Counts,
    /// Of an application's report: how its entries ended over time.
    #[serde(skip_serializing_if = "Option::is_none")]
    chart: Option<Chart>,
    entries: Vec<Line>,
    /// Where the next page begins; absent where there are no more entries.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// How the entries of a page ended.
#[derive(Default)]
struct Counts {
    success: usize,
    conflict: usize,
    blocked: usize,
    failed: usize,
}

/// One entry, as it is shown.
#[derive(Serialize)]
struct Line {
    #[serde(flatten)]
    entry: Entry,
    /// The application's name.
    #[serde(rename = "applicationName")]
    application: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "str::is_empty")]
    advice: &'static str,
}

impl Line {
    fn new(entry: Entry, applications: &[Application]) -> Line {
        let known = applications.iter().find(|application| application.id == entry.application);
        let application = known.map_or_else(|| entry.application.to_string(), |known| known.name.clone());
        Line { advice: words::advice(&entry), application, entry }
    }

    fn what(&self) -> &'static str {
        words::action(self.entry.action)
    }

    fn how(&self) -> (&'static str, &'static str) {
        words::outcome(self.entry.outcome)
    }

    fn way(&self) -> &'static str {
        words::way(&self.entry.cause)
    }

    fn steps(&self) -> [String; 3] {
        words::steps(&self.entry, &self.application)
    }

    /// Who, for a person: by the identifier, or else by a number.
    fn whom(&self) -> String {
        let Entry { identifier, customer, user, .. } = &self.entry;
        let number = || customer.map(|id| format!("customer {id}"));
        identifier
            .clone()
            .or_else(number)
            .or_else(|| user.as_ref().map(ToString::to_string))
            .unwrap_or_default()
    }

    fn raw(&self) -> String {
        serde_json::to_string_pretty(&self.entry).unwrap_or_default()
    }
}

impl Counts {
    fn of(lines: &[Line]) -> Counts {
        lines.iter().fold(Counts::default(), |mut counts, line| {
            match line.entry.outcome {
                Outcome::Success => counts.success += 1,
                Outcome::Conflict => counts.conflict += 1,
                Outcome::Blocked => counts.blocked += 1,
                Outcome::Failed => counts.failed += 1,
            }
            counts
        })
    }
}

async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(asked): Query<Asked>,
) -> Result<Response, Refusal> {
    let applications = app.tables().applications().await?;
    let filter = Filter::read(&asked, &applications, caller.now)?;
    let (lines, next) = match filter.query(PAGE) {
        Some(query) => {
            let page = app.tables().entries(&query).await?;
            let lines = page.entries.into_iter().map(|entry| Line::new(entry, &applications));
            (lines.collect(), page.next)
        }
        None => (Vec::new(), None),
    };
    let chart = match filter.charted() {
        Some((id, from, to)) => Some(chart::chart(app.tables(), id, from, to, caller.now).await?),
        None => None,
    };
    let page = Report {
        chart,
        frame: caller.frame("Provisioning report", Place::Reports),
        applications: applications.iter().map(|one| (one.id.to_string(), one.name.clone())).collect(),
        query: asked.as_query(),
        counts: Counts::of(&lines),
        next: next.map(|cursor| cursor.to_string()),
        entries: lines,
        asked: filter.shown(asked),
    };
    caller.list(&page, || {
        page.entries
            .iter()
            .fold(Table::new(&export::COLUMNS), |table, line| table.row(export::cells(line)))
            .into_text()
    })
}
