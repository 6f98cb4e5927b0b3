//! What the rows of a file came to, or would: a page at a time, of all verdicts or of one, and as a file.
//! They are kept in the order of the file, so a verdict that is rare is looked for a part at a time.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    http::{
        HeaderName, HeaderValue,
        header::{CONTENT_DISPOSITION, CONTENT_TYPE, LINK},
    },
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use shared::csv_import::{RowTold, RowVerdict, Upload};

use super::{Told, words};
use crate::{
    App,
    caller::Caller,
    changes::written,
    csv::Table,
    frame::{Frame, Place},
    refusal::Refusal,
};

/// How many rows a page shows, and a few more: it ends where what is read together ends.
const A_PAGE: usize = 50;
/// How many items, of 25 rows at most each, are looked at for one page, and in one read.
const LOOKED_AT: usize = 80;
const AT_ONCE: i32 = 4;
/// How long a file is at most: an answer has 6 MB.
const LONGEST_FILE: usize = 4_000_000;
const FILE_AT_ONCE: i32 = 40;
const FILE_LOOKED_AT: usize = 2_000;
/// A place is a row's number in 8 digits.
const LONGEST_PLACE: usize = 8;

/// Where the next file begins.
const NEXT: HeaderName = HeaderName::from_static("x-next-cursor");

#[derive(Deserialize)]
pub(super) struct From {
    #[serde(default)]
    verdict: String,
    #[serde(default)]
    after: String,
    /// Of a file: `csv` or `jsonl`.
    #[serde(default)]
    format: String,
}

impl From {
    fn verdict(&self) -> Result<Option<RowVerdict>, Refusal> {
        let named = |verdict: &RowVerdict| verdict.name() == self.verdict;
        match self.verdict.as_str() {
            "" => Ok(None),
            _ => RowVerdict::ALL.into_iter().find(named).map(Some).ok_or_else(|| {
                Refusal::bad("There is no such verdict. Choose one that the page offers, or none for all.")
            }),
        }
    }

    fn after(&self) -> Result<Option<&str>, Refusal> {
        match self.after.as_str() {
            "" => Ok(None),
            after if after.len() <= LONGEST_PLACE && after.bytes().all(|byte| byte.is_ascii_digit()) => {
                Ok(Some(after))
            }
            _ => Err(Refusal::bad("This is no place in the list. Begin at the first page.")),
        }
    }

    /// The query of an address: of the same verdict, from the place `after`.
    fn query(&self, after: &str) -> String {
        let pairs = [("verdict", self.verdict.as_str()), ("after", after)];
        let given = pairs.into_iter().filter(|(_, value)| !value.is_empty());
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(given).finish()
    }
}

#[derive(Template, Serialize)]
#[template(path = "csv/rows.html")]
struct Page {
    #[serde(skip)]
    frame: Frame,
    #[serde(skip)]
    file: Told,
    rows: Vec<RowTold>,
    /// Where the next page begins; absent where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
    #[serde(skip)]
    verdict: Option<RowVerdict>,
    /// The query of a file that begins where this page does.
    #[serde(skip)]
    query: String,
    #[serde(skip)]
    first_page: String,
    #[serde(skip)]
    next_page: String,
}

impl Page {
    fn is_chosen(&self, name: &str) -> bool {
        self.verdict.map_or("", RowVerdict::name) == name
    }
}

pub(super) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(file): Path<String>,
    Query(from): Query<From>,
) -> Result<Response, Refusal> {
    let (verdict, after) = (from.verdict()?, from.after()?);
    let upload = app.upload(&file).await?;
    let (rows, next) = app.rows_told(&upload, verdict, after).await?;
    let file = Told::of(upload, caller.now);
    let here = format!("{}/rows", file.address());
    let page = Page {
        frame: caller.frame(format!("{}: rows", file.name), Place::Imports),
        rows,
        next_page: next.as_ref().map(|next| format!("{here}?{}", from.query(next))).unwrap_or_default(),
        next,
        first_page: after.map(|_| format!("{here}?{}", from.query(""))).unwrap_or_default(),
        query: from.query(&from.after),
        file,
        verdict,
    };
    let mut answer = caller.list(&page, || table(&page.rows))?;
    if !page.next_page.is_empty() {
        let link = HeaderValue::try_from(format!("<{}>; rel=\"next\"", page.next_page));
        answer.headers_mut().extend(link.ok().map(|link| (LINK, link)));
    }
    Ok(answer)
}

/// Whether the rows that are told are those that were applied.
fn was_applied(upload: &Upload) -> bool {
    upload.applied.total() > 0
}

impl App {
    /// A page of what rows came to, of one verdict or all, and where the next one begins. It ends early,
    /// perhaps with nothing, where much was looked at.
    async fn rows_told(
        &self,
        upload: &Upload,
        verdict: Option<RowVerdict>,
        after: Option<&str>,
    ) -> Result<(Vec<RowTold>, Option<String>), Refusal> {
        let (mut found, mut next, mut looked_at) = (Vec::new(), after.map(str::to_owned), 0);
        loop {
            let page = self.tables().rows(&upload.id, was_applied(upload), next.as_deref(), AT_ONCE).await?;
            let wanted = |one: &RowTold| verdict.is_none_or(|verdict| one.verdict == verdict);
            found.extend(page.rows.into_iter().filter(wanted));
            next = page.next;
            looked_at += AT_ONCE as usize;
            if next.is_none() || found.len() >= A_PAGE || looked_at >= LOOKED_AT {
                return Ok((found, next));
            }
        }
    }
}

/// As much as fits, from `after` on, as a file; `X-Next-Cursor` says where the next one begins.
pub(super) async fn file(
    State(app): State<Arc<App>>,
    _: Caller,
    Path(file): Path<String>,
    Query(from): Query<From>,
) -> Result<Response, Refusal> {
    let as_lines = match from.format.as_str() {
        "" | "csv" => false,
        "jsonl" => true,
        _ => return Err(Refusal::bad("There is no such format. Ask for csv or jsonl.")),
    };
    let (verdict, mut next) = (from.verdict()?, from.after()?.map(str::to_owned));
    let upload = app.upload(&file).await?;
    let mut text = if as_lines { String::new() } else { table(&[]) };
    let mut looked_at = 0;
    loop {
        let page = app.tables().rows(&upload.id, was_applied(&upload), next.as_deref(), FILE_AT_ONCE).await?;
        let wanted = |one: &&RowTold| verdict.is_none_or(|verdict| one.verdict == verdict);
        for row in page.rows.iter().filter(wanted) {
            match as_lines {
                true => text.push_str(&(serde_json::to_string(row).map_err(|_| Refusal::failed())? + "\n")),
                false => text.push_str(&Table::headless().row(cells(row)).into_text()),
            }
        }
        next = page.next;
        looked_at += FILE_AT_ONCE as usize;
        if next.is_none() || text.len() >= LONGEST_FILE || looked_at >= FILE_LOOKED_AT {
            return Ok(as_file(text, as_lines, next));
        }
    }
}

fn as_file(text: String, as_lines: bool, next: Option<String>) -> Response {
    let (kind, disposition) = match as_lines {
        false => ("text/csv; charset=utf-8", "attachment; filename=\"rows.csv\""),
        true => ("application/jsonl", "attachment; filename=\"rows.jsonl\""),
    };
    let mut response = text.into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CONTENT_DISPOSITION, HeaderValue::from_static(disposition));
    headers.extend(next.and_then(|next| HeaderValue::try_from(next).ok()).map(|next| (NEXT, next)));
    response
}

fn table(rows: &[RowTold]) -> String {
    let columns = Table::new(&["row", "who", "user", "verdict", "fields", "reason"]);
    rows.iter().fold(columns, |table, row| table.row(cells(row))).into_text()
}

fn cells(row: &RowTold) -> [String; 6] {
    [
        row.row.to_string(),
        row.who.clone(),
        row.user.as_ref().map(ToString::to_string).unwrap_or_default(),
        row.verdict.name().to_owned(),
        row.fields(),
        row.reason.clone(),
    ]
}
