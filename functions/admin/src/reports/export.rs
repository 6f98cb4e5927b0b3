//! The report as a file: CSV for spreadsheets, JSON Lines, or the account changes of the Open
//! Cybersecurity Schema Framework for a SIEM.

use std::sync::Arc;

use axum::{
    extract::{Query, State},
    http::{
        HeaderName, HeaderValue,
        header::{CONTENT_DISPOSITION, CONTENT_TYPE},
    },
    response::{IntoResponse, Response},
};
use shared::{application::Application, report::Entry, store::Cursor};

use super::{Asked, Filter, Line, ocsf};
use crate::{App, caller::Caller, csv::Table, refusal::Refusal};

/// How many entries one file holds: an answer has 6 MB at most.
const MOST: usize = 2_500;
const PAGE: usize = 250;

/// Where the next file begins.
const NEXT: HeaderName = HeaderName::from_static("x-next-cursor");

pub(super) const COLUMNS: [&str; 12] = [
    "at",
    "application",
    "applicationName",
    "identifier",
    "user",
    "customer",
    "action",
    "outcome",
    "cause",
    "changes",
    "detail",
    "advice",
];

enum Format {
    Csv,
    Lines,
    Ocsf,
}

impl Format {
    fn of(name: &str) -> Result<Format, Refusal> {
        match name {
            "" | "csv" => Ok(Format::Csv),
            "jsonl" => Ok(Format::Lines),
            "ocsf" => Ok(Format::Ocsf),
            _ => Err(Refusal::bad("There is no such format. Ask for csv, jsonl or ocsf.")),
        }
    }

    fn kind(&self) -> (&'static str, &'static str) {
        match self {
            Format::Csv => ("text/csv; charset=utf-8", "attachment; filename=\"provisioning-report.csv\""),
            Format::Lines => ("application/jsonl", "attachment; filename=\"provisioning-report.jsonl\""),
            Format::Ocsf => ("application/jsonl", "attachment; filename=\"account-changes.jsonl\""),
        }
    }

    fn written(&self, lines: &[Line]) -> Result<String, serde_json::Error> {
        match self {
            Format::Csv => {
                Ok(lines.iter().fold(Table::new(&COLUMNS), |table, line| table.row(cells(line))).into_text())
            }
            Format::Lines => lines.iter().map(|line| json(&line.entry)).collect(),
            Format::Ocsf => lines.iter().map(|line| json(&ocsf::account_change(line))).collect(),
        }
    }
}

fn json(value: &impl serde::Serialize) -> Result<String, serde_json::Error> {
    serde_json::to_string(value).map(|text| text + "\n")
}

/// At most 2,500 entries as a file; where more follow, `X-Next-Cursor` says from where the next
/// file goes on.
pub(super) async fn export(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(asked): Query<Asked>,
) -> Result<Response, Refusal> {
    let format = Format::of(&asked.format)?;
    let applications = app.tables().applications().await?;
    let filter = Filter::read(&asked, &applications, caller.now)?;
    let (lines, next) = gathered(&app, &filter, &applications).await?;
    let text = format.written(&lines).map_err(|_| Refusal::failed())?;
    let (kind, disposition) = format.kind();
    let mut response = text.into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CONTENT_DISPOSITION, HeaderValue::from_static(disposition));
    if let Some(next) = next.and_then(|next| HeaderValue::try_from(next.to_string()).ok()) {
        headers.insert(NEXT, next);
    }
    Ok(response)
}

async fn gathered(
    app: &App,
    filter: &Filter,
    applications: &[Application],
) -> Result<(Vec<Line>, Option<Cursor>), Refusal> {
    let Some(mut query) = filter.query(PAGE) else { return Ok((Vec::new(), None)) };
    let mut lines: Vec<Line> = Vec::new();
    // A sparse filter finds little in each page: a file ends after so many pages, too.
    for _ in 0..MOST / PAGE {
        let page = app.tables().entries(&query).await?;
        lines.extend(page.entries.into_iter().map(|entry| Line::new(entry, applications)));
        query.cursor = page.next;
        if query.cursor.is_none() {
            break;
        }
    }
    Ok((lines, query.cursor))
}

/// The cells of an entry, as [`COLUMNS`] names them.
pub(super) fn cells(line: &Line) -> [String; 12] {
    let Entry {
        at, application, user, customer, identifier, action, cause, outcome, changes, detail, ..
    } = &line.entry;
    let text = |value: serde_json::Result<serde_json::Value>| {
        value.ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
    };
    let changes =
        if changes.is_empty() { String::new() } else { serde_json::to_string(changes).unwrap_or_default() };
    [
        at.to_string(),
        application.to_string(),
        line.application.clone(),
        identifier.clone().unwrap_or_default(),
        user.as_ref().map(ToString::to_string).unwrap_or_default(),
        customer.map(|id| id.to_string()).unwrap_or_default(),
        text(serde_json::to_value(action)),
        text(serde_json::to_value(outcome)),
        cause.clone(),
        changes,
        detail.clone(),
        line.advice.to_owned(),
    ]
}
