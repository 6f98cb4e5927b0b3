//! What is done with a file that is whole: its columns are said, its rows checked, applied, or it is ended.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    response::Response,
};
use serde::Deserialize;
use shared::{
    application::ApplicationId,
    csv_import::{Layout, Reading, Stage, Target, flaw, guessed},
};

use super::{Told, address};
use crate::{App, caller::Caller, input::Sent, refusal::Refusal};

/// It is laid out otherwise than was guessed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WantedLayout {
    layout: Layout,
}

#[derive(Deserialize)]
pub(super) struct LayoutForm {
    layout: Layout,
}

impl From<LayoutForm> for WantedLayout {
    fn from(LayoutForm { layout }: LayoutForm) -> WantedLayout {
        WantedLayout { layout }
    }
}

pub(super) async fn layout(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(file): Path<String>,
    wanted: Sent<WantedLayout, LayoutForm>,
) -> Result<Response, Refusal> {
    let mut upload = app.upload_at(&file, &[Stage::Ready, Stage::Checked]).await?;
    let fields = app.tables().profile_fields().await?;
    let headings: Vec<String> = upload.reading.columns.iter().map(|column| column.heading.clone()).collect();
    let layout = wanted.value.layout;
    upload.reading = Reading {
        layout,
        application: app.usual_application(layout).await?,
        columns: guessed(layout, &headings, &fields),
        ..upload.reading
    };
    upload.stage = Stage::Ready;
    app.keep_upload(&mut upload).await?;
    caller.done(&address(&file), "The columns were guessed anew.", &Told::of(upload, caller.now))
}

/// What the columns are.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct WantedReading {
    /// In the order of the file; null or empty: the column is left out. None: as guessed.
    columns: Option<Vec<Option<String>>>,
    /// Of a customer's fields: at which store.
    application: Option<ApplicationId>,
    /// Whether an empty cell takes away what the user has.
    #[serde(default)]
    clears: bool,
}

#[derive(Deserialize)]
pub(super) struct ReadingForm {
    #[serde(default)]
    column: Vec<String>,
    #[serde(default)]
    application: String,
    #[serde(default)]
    clears: bool,
}

impl TryFrom<ReadingForm> for WantedReading {
    type Error = Refusal;

    fn try_from(form: ReadingForm) -> Result<WantedReading, Refusal> {
        let application = Some(form.application).filter(|id| !id.is_empty());
        let application = application.map(|id| id.parse()).transpose();
        Ok(WantedReading {
            columns: Some(form.column.into_iter().map(Some).collect()),
            application: application.map_err(|_| no_store())?,
            clears: form.clears,
        })
    }
}

fn no_store() -> Refusal {
    Refusal::bad("Say of which store the file is: its mapping tells what a customer's field is of a user.")
}

/// Looks at each row; what is done within a few seconds is done at once.
pub(super) async fn check(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(file): Path<String>,
    wanted: Sent<WantedReading, ReadingForm>,
) -> Result<Response, Refusal> {
    let mut upload = app.upload_at(&file, &[Stage::Ready, Stage::Checked]).await?;
    let wanted = wanted.value;
    if let Some(targets) = wanted.columns {
        if targets.len() != upload.reading.columns.len() {
            let told =
                format!("The file has {} columns. Say of each what it is.", upload.reading.columns.len());
            return Err(Refusal::bad(told).go_on("The columns", address(&file)));
        }
        for (column, target) in upload.reading.columns.iter_mut().zip(targets) {
            column.target = read_target(target)?;
        }
    }
    let application = wanted.application.or(upload.reading.application.take());
    upload.reading.application = match upload.reading.layout {
        Layout::Plain => None,
        Layout::Exported => {
            let id = application.ok_or_else(no_store)?;
            Some(app.application(id.as_str()).await?.id)
        }
    };
    upload.reading.clears = wanted.clears;
    let fields = app.tables().profile_fields().await?;
    if let Some(flaw) = flaw(upload.reading.layout, &upload.reading.columns, &fields) {
        return Err(Refusal::bad(flaw).go_on("The columns", address(&file)));
    }
    let upload = app.walk(upload.walked(Stage::Checking, caller.now)).await?;
    let told = match upload.stage {
        Stage::Checked => "Each row was looked at. Nothing was changed.",
        _ => "The rows are looked at. Nothing is changed.",
    };
    caller.done(&address(&file), told, &Told::of(upload, caller.now))
}

fn read_target(target: Option<String>) -> Result<Option<Target>, Refusal> {
    let target = target.filter(|target| !target.is_empty());
    target.map(|target| target.parse()).transpose().map_err(|error| {
        Refusal::bad(format!("{error}. Choose one that the page offers, or leave the column out."))
    })
}

pub(super) async fn apply(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(file): Path<String>,
) -> Result<Response, Refusal> {
    let upload = app.upload_at(&file, &[Stage::Checked]).await?;
    tracing::info!(file.id = upload.id, rows = upload.checked.total(), "file applied");
    let upload = app.walk(upload.walked(Stage::Applying, caller.now)).await?;
    let told = match upload.stage {
        Stage::Applied => "The rows were applied. What they came to stands below.",
        _ => "The rows are applied. It goes on by itself, also when you leave this page.",
    };
    caller.done(&address(&file), told, &Told::of(upload, caller.now))
}

pub(super) async fn cancel(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(file): Path<String>,
) -> Result<Response, Refusal> {
    loop {
        let mut upload = app.upload(&file).await?;
        if upload.stage.is_over() {
            return Err(Refusal::conflict("This is over already.").go_on("The file", address(&file)));
        }
        upload.stage = Stage::Cancelled;
        upload.stage_ended_at = Some(caller.now);
        upload.leased_until = None;
        if app.tables().put_upload(&mut upload).await? {
            app.tables().forget_due_upload(&upload.id).await?;
            app.tables().forget_parts(&upload).await?;
            return caller.done(
                &address(&file),
                "It was ended, and the file forgotten.",
                &Told::of(upload, caller.now),
            );
        }
    }
}
