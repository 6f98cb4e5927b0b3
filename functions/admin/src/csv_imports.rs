//! Users from a file: it is sent, a person says what its columns are, each row is checked, and then applied.
//!
//! | request | answer |
//! | --- | --- |
//! | `GET /admin/csv` | the files of the last days, and where to send one |
//! | `POST /admin/csv` | announces a file, `{"name", "size"}`, or sends a small one whole, with `text`: 201 |
//! | `POST /admin/csv/{file}/parts/{part}` | a part of it, from 0 on: 256 KiB as they are, the last one the rest |
//! | `POST /admin/csv/{file}/sent` | all parts were sent: its columns are guessed |
//! | `POST /admin/csv/{file}/layout` | it is laid out otherwise: they are guessed anew |
//! | `GET /admin/csv/{file}` | how far it is |
//! | `POST /admin/csv/{file}/check` | what its columns are; each row is looked at, and nothing changed |
//! | `POST /admin/csv/{file}/apply` | the rows are applied, each looked at anew |
//! | `POST /admin/csv/{file}/cancel` | it ends, and the file is forgotten; what was done stays done |
//! | `GET /admin/csv/{file}/rows?verdict=&after=` | what each row came to, or would; `/file` as a file |

mod row_list;
mod send;
mod step;
mod told;
mod words;

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use jiff::SignedDuration;
use serde::Serialize;
use shared::{
    application::{Application, ApplicationId},
    csv_import::{Column, Layout, PART, Stage, Upload, carry_out, preview, targets},
    operator::Role,
    profile::ProfileField,
};

use crate::{
    App,
    caller::Caller,
    csv::Table,
    frame::{Frame, Place, grouped},
    refusal::Refusal,
    routes::Routes,
};
use told::Told;

const HERE: &str = "/admin/csv";

/// How many files a page lists.
const A_PAGE: i32 = 50;
/// How long a request goes on with a file before it answers; the sweep goes on with the rest.
const A_WHILE: SignedDuration = SignedDuration::from_secs(8);
/// How many rows are shown of each column.
const SAMPLES: usize = 3;

pub(crate) fn routes() -> Routes {
    Routes::default()
        .get(HERE, Role::Viewer, list)
        .post(HERE, Role::Operator, send::begin)
        .post("/admin/csv/{file}/parts/{part}", Role::Operator, send::part)
        .post("/admin/csv/{file}/sent", Role::Operator, send::sent)
        .post("/admin/csv/{file}/layout", Role::Operator, step::layout)
        .get("/admin/csv/{file}", Role::Viewer, one)
        .post("/admin/csv/{file}/check", Role::Operator, step::check)
        .post("/admin/csv/{file}/apply", Role::Operator, step::apply)
        .post("/admin/csv/{file}/cancel", Role::Operator, step::cancel)
        .get("/admin/csv/{file}/rows", Role::Viewer, row_list::list)
        .get("/admin/csv/{file}/rows/file", Role::Viewer, row_list::file)
}

fn address(file: &str) -> String {
    format!("{HERE}/{file}")
}

#[derive(Template, Serialize)]
#[template(path = "csv/list.html")]
#[serde(rename_all = "camelCase")]
struct List {
    #[serde(skip)]
    frame: Frame,
    /// Newest first.
    files: Vec<Told>,
    /// The size of a part, in bytes.
    part_size: usize,
}

async fn list(State(app): State<Arc<App>>, caller: Caller) -> Result<Response, Refusal> {
    let files = app.tables().uploads(A_PAGE).await?;
    let page = List {
        frame: caller.frame("Users from a file", Place::Imports),
        files: files.into_iter().map(|upload| Told::of(upload, caller.now)).collect(),
        part_size: PART,
    };
    caller.list(&page, || {
        let columns = Table::new(&["id", "name", "stage", "askedBy", "begunAt", "rows"]);
        page.files.iter().fold(columns, |table, file| table.row(file.cells())).into_text()
    })
}

#[derive(Template, Serialize)]
#[template(path = "csv/one.html")]
struct One {
    #[serde(skip)]
    frame: Frame,
    #[serde(flatten)]
    file: Told,
    #[serde(skip)]
    columns: Vec<ColumnChoice>,
    #[serde(skip)]
    applications: Vec<(ApplicationId, String)>,
}

/// A column with what it can be, and some of its cells.
struct ColumnChoice {
    heading: String,
    chosen: String,
    options: Vec<(String, String)>,
    samples: Vec<String>,
}

impl One {
    fn is_exported(&self) -> bool {
        self.file.reading.layout == Layout::Exported
    }

    /// The layout that it does not have.
    fn other_layout(&self) -> (&'static str, &'static str) {
        match self.file.reading.layout {
            Layout::Plain => ("exported", "It is an export of BigCommerce"),
            Layout::Exported => ("plain", "It is a plain file"),
        }
    }

    fn application(&self) -> &str {
        self.file.reading.application.as_ref().map_or("", ApplicationId::as_str)
    }

    fn left_out(&self) -> usize {
        self.columns.iter().filter(|column| column.chosen.is_empty()).count()
    }
}

async fn one(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(file): Path<String>,
) -> Result<Response, Refusal> {
    let upload = app.upload(&file).await?;
    let fields = app.tables().profile_fields().await?;
    let applications = app.tables().applications().await?;
    let choosing = matches!(upload.stage, Stage::Ready | Stage::Checked);
    let columns = if choosing { app.choices(&upload, &fields).await? } else { Vec::new() };
    caller.show(&One {
        frame: caller.frame(upload.name.clone(), Place::Imports),
        file: Told::of(upload, caller.now),
        columns,
        applications: applications.into_iter().map(|one| (one.id, one.name)).collect(),
    })
}

impl App {
    async fn upload(&self, id: &str) -> Result<Upload, Refusal> {
        let is_one = id.len() <= 64 && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        let found = if is_one { self.tables().upload(id).await? } else { None };
        let told = "There is no such file, or it is kept no longer. Look at the list, or send it again.";
        found.ok_or_else(|| Refusal::missing(told).go_on("Users from a file", HERE))
    }

    /// The file, if it is as far as one of `stages`.
    async fn upload_at(&self, id: &str, stages: &[Stage]) -> Result<Upload, Refusal> {
        let upload = self.upload(id).await?;
        match stages.contains(&upload.stage) {
            true => Ok(upload),
            false => {
                let told = words::not_now(upload.stage);
                Err(Refusal::conflict(told).go_on("The file", address(id)))
            }
        }
    }

    async fn keep_upload(&self, upload: &mut Upload) -> Result<(), Refusal> {
        match self.tables().put_upload(upload).await? {
            true => Ok(()),
            false => {
                let told = "Somebody else changed this at the same moment. Look at it, and try again.";
                Err(Refusal::conflict(told).go_on("The file", address(&upload.id)))
            }
        }
    }

    /// Begins to go over a file, and goes on for a while.
    async fn walk(&self, mut upload: Upload) -> Result<Upload, Refusal> {
        self.keep_upload(&mut upload).await?;
        let until = self.engine.clock.now() + A_WHILE;
        Ok(carry_out(self.tables(), &self.engine.clock, upload, until).await?)
    }

    /// The store that a file is of where there is one only.
    async fn usual_application(&self, layout: Layout) -> Result<Option<ApplicationId>, Refusal> {
        if layout == Layout::Plain {
            return Ok(None);
        }
        let applications = self.tables().applications().await?;
        Ok(match &applications[..] {
            [Application { id, .. }] => Some(id.clone()),
            _ => None,
        })
    }

    async fn choices(&self, upload: &Upload, fields: &[ProfileField]) -> Result<Vec<ColumnChoice>, Refusal> {
        let reading = &upload.reading;
        let first = self.tables().part(&upload.id, 0).await?.unwrap_or_default();
        let rows = preview(&first, upload.parts() == 1, reading, SAMPLES);
        let offered = targets(reading.layout, fields);
        let choice = |(index, column): (usize, &Column)| {
            let chosen = column.target.as_ref();
            let more = chosen.filter(|chosen| !offered.contains(chosen));
            let options = offered.iter().chain(more);
            ColumnChoice {
                heading: column.heading.clone(),
                chosen: chosen.map(ToString::to_string).unwrap_or_default(),
                options: options.map(|one| (one.to_string(), words::target(one, fields))).collect(),
                samples: rows.iter().filter_map(|row| row.get(index).cloned()).collect(),
            }
        };
        Ok(reading.columns.iter().enumerate().map(choice).collect())
    }
}
