//! What a dry run foresees, customer by customer and field by field: a page at a time, of all
//! verdicts or of one, and as a file. They are kept in the order of the run, so one that is rare is
//! looked for a part at a time.

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
use shared::import::{Forecast, RunId, Verdict};

use super::{told::Told, words};
use crate::{
    App,
    caller::Caller,
    changes::written,
    csv::Table,
    frame::{Frame, Place},
    refusal::Refusal,
    reports::words::action,
};

/// How many customers a page shows, and a few more: it ends where what is read together ends.
const A_PAGE: usize = 50;
/// How many items, of 50 customers at most each, are looked at for one page, and in one read.
const LOOKED_AT: usize = 60;
const AT_ONCE: i32 = 4;
/// How long a file is at most: an answer has 6 MB, and a forecast a few kilobytes.
const LONGEST_FILE: usize = 4_000_000;
const FILE_LOOKED_AT: usize = 400;
/// A place is `<page>#<part>`.
const LONGEST_PLACE: usize = 32;

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
    fn verdict(&self) -> Result<Option<Verdict>, Refusal> {
        let named = |verdict: &Verdict| verdict.name() == self.verdict;
        match self.verdict.as_str() {
            "" => Ok(None),
            _ => Verdict::ALL.into_iter().find(named).map(Some).ok_or_else(|| {
                Refusal::bad("There is no such verdict. Choose one that the page offers, or none for all.")
            }),
        }
    }

    fn after(&self) -> Result<Option<&str>, Refusal> {
        let allowed = |byte: u8| byte.is_ascii_digit() || byte == b'#';
        match self.after.as_str() {
            "" => Ok(None),
            after if after.len() <= LONGEST_PLACE && after.bytes().all(allowed) => Ok(Some(after)),
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
#[template(path = "imports/verdicts.html")]
struct Page {
    #[serde(skip)]
    frame: Frame,
    #[serde(skip)]
    run: Told,
    forecasts: Vec<Forecast>,
    /// Where the next page begins; absent where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
    #[serde(skip)]
    verdict: Option<Verdict>,
    /// The query of a file that begins where this page does.
    #[serde(skip)]
    query: String,
    #[serde(skip)]
    first_page: String,
    #[serde(skip)]
    next_page: String,
}

impl Page {
    fn meaning(&self) -> &'static str {
        self.verdict.map_or("", words::meaning)
    }

    fn is_chosen(&self, name: &str) -> bool {
        self.verdict.map_or("", Verdict::name) == name
    }
}

pub(super) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(run): Path<String>,
    Query(from): Query<From>,
) -> Result<Response, Refusal> {
    let (verdict, after) = (from.verdict()?, from.after()?);
    let run = app.told_run(&run).await?;
    let (forecasts, next) = app.foreseen(&run.id, verdict, after).await?;
    let here = format!("{}/verdicts", run.address());
    let page = Page {
        frame: caller.frame(format!("{}: verdicts", run.what()), Place::Imports),
        forecasts,
        next_page: next.as_ref().map(|next| format!("{here}?{}", from.query(next))).unwrap_or_default(),
        next,
        first_page: after.map(|_| format!("{here}?{}", from.query(""))).unwrap_or_default(),
        query: from.query(&from.after),
        run,
        verdict,
    };
    let mut answer = caller.list(&page, || table(&page.forecasts))?;
    if !page.next_page.is_empty() {
        let link = HeaderValue::try_from(format!("<{}>; rel=\"next\"", page.next_page));
        answer.headers_mut().extend(link.ok().map(|link| (LINK, link)));
    }
    Ok(answer)
}

impl App {
    /// A page of what `run` foresees, of one verdict or all, and where the next one begins. It ends
    /// early, perhaps with nothing, where much was looked at.
    async fn foreseen(
        &self,
        run: &RunId,
        verdict: Option<Verdict>,
        after: Option<&str>,
    ) -> Result<(Vec<Forecast>, Option<String>), Refusal> {
        let (mut found, mut next, mut looked_at) = (Vec::new(), after.map(str::to_owned), 0);
        loop {
            let page = self.tables().forecasts(run, next.as_deref(), AT_ONCE).await?;
            let wanted = |one: &Forecast| verdict.is_none_or(|verdict| one.verdict == verdict);
            found.extend(page.forecasts.into_iter().filter(wanted));
            next = page.next;
            looked_at += AT_ONCE as usize;
            if next.is_none() || found.len() >= A_PAGE || looked_at >= LOOKED_AT {
                return Ok((found, next));
            }
        }
    }
}

enum FileFormat {
    Csv,
    Lines,
}

/// As much as fits, from `after` on, as a file; `X-Next-Cursor` says where the next one begins.
pub(super) async fn file(
    State(app): State<Arc<App>>,
    _: Caller,
    Path(run): Path<String>,
    Query(from): Query<From>,
) -> Result<Response, Refusal> {
    let format = match from.format.as_str() {
        "" | "csv" => FileFormat::Csv,
        "jsonl" => FileFormat::Lines,
        _ => return Err(Refusal::bad("There is no such format. Ask for csv or jsonl.")),
    };
    let (verdict, mut next) = (from.verdict()?, from.after()?.map(str::to_owned));
    let run = app.run(&run).await?;
    let (mut text, mut looked_at) = (String::new(), 0);
    if let FileFormat::Csv = format {
        text = table(&[]);
    }
    loop {
        let page = app.tables().forecasts(&run.id, next.as_deref(), AT_ONCE).await?;
        let wanted = |one: &&Forecast| verdict.is_none_or(|verdict| one.verdict == verdict);
        for forecast in page.forecasts.iter().filter(wanted) {
            text.push_str(&line(forecast, &format)?);
        }
        next = page.next;
        looked_at += AT_ONCE as usize;
        if next.is_none() || text.len() >= LONGEST_FILE || looked_at >= FILE_LOOKED_AT {
            return Ok(as_file(text, &format, next));
        }
    }
}

fn line(forecast: &Forecast, format: &FileFormat) -> Result<String, Refusal> {
    match format {
        FileFormat::Csv => Ok(Table::headless().row(cells(forecast)).into_text()),
        FileFormat::Lines => {
            serde_json::to_string(forecast).map(|text| text + "\n").map_err(|_| Refusal::failed())
        }
    }
}

fn as_file(text: String, format: &FileFormat, next: Option<String>) -> Response {
    let (kind, disposition) = match format {
        FileFormat::Csv => ("text/csv; charset=utf-8", "attachment; filename=\"verdicts.csv\""),
        FileFormat::Lines => ("application/jsonl", "attachment; filename=\"verdicts.jsonl\""),
    };
    let mut response = text.into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CONTENT_DISPOSITION, HeaderValue::from_static(disposition));
    headers.extend(next.and_then(|next| HeaderValue::try_from(next).ok()).map(|next| (NEXT, next)));
    response
}

fn table(forecasts: &[Forecast]) -> String {
    let columns = Table::new(&["customer", "user", "verdict", "fields", "detail"]);
    forecasts.iter().fold(columns, |table, forecast| table.row(cells(forecast))).into_text()
}

fn cells(forecast: &Forecast) -> [String; 5] {
    [
        forecast.customer.to_string(),
        forecast.user.as_ref().map(ToString::to_string).unwrap_or_default(),
        forecast.verdict.name().to_owned(),
        forecast.fields(),
        forecast.asked.join(" "),
    ]
}
