//! Sending a file: announced, then part by part, for a request holds no large one; a small one whole.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{Path, State},
    response::Response,
};
use serde::{Deserialize, Serialize};
use shared::csv_import::{LARGEST_FILE, PART, Reading, Stage, Upload, guessed, guessed_layout, heading};

use super::{HERE, Told, address};
use crate::{App, caller::Caller, input::Sent, refusal::Refusal};

/// The longest name of a file, in characters.
const LONGEST_NAME: usize = 200;

/// A file to send.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Announced {
    /// Its name, for people.
    #[serde(default)]
    name: String,
    /// Its size, in bytes, where its parts come next.
    size: Option<u64>,
    /// All of it, where it is small.
    text: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Form {
    #[serde(default)]
    name: String,
    #[serde(default)]
    text: String,
}

impl From<Form> for Announced {
    fn from(Form { name, text }: Form) -> Announced {
        Announced { name, size: None, text: Some(text) }
    }
}

pub(super) async fn begin(
    State(app): State<Arc<App>>,
    caller: Caller,
    announced: Sent<Announced, Form>,
) -> Result<Response, Refusal> {
    let Announced { name, size, text } = announced.value;
    let size = match (size, &text) {
        (None, Some(text)) => text.len() as u64,
        (Some(size), None) => size,
        _ => return Err(Refusal::bad("Say the file's `size` and send its parts next, or send its `text`.")),
    };
    if size == 0 {
        return Err(
            Refusal::bad("The file is empty. Choose one with a heading and rows.").go_on("Back", HERE)
        );
    }
    if size > LARGEST_FILE {
        let told = format!(
            "The file is larger than {} MB. Part it, and send one after the other.",
            LARGEST_FILE >> 20
        );
        return Err(Refusal::bad(told).go_on("Back", HERE));
    }
    let name: String = name.chars().filter(|letter| !letter.is_control()).take(LONGEST_NAME).collect();
    let name = if name.trim().is_empty() { "Pasted table" } else { name.trim() };
    let upload = Upload::new(name, size, caller.name(), caller.now);
    app.tables().begin_upload(&upload).await?;
    let Some(text) = text else {
        return caller.made(&address(&upload.id), "Its parts come next.", &Told::of(upload, caller.now));
    };
    for (part, bytes) in (0..).zip(text.as_bytes().chunks(PART)) {
        app.tables().put_part(&upload, part, bytes).await?;
    }
    let upload = app.took(upload).await?;
    caller.made(&address(&upload.id), "Say what the columns are.", &Told::of(upload, caller.now))
}

/// What came.
#[derive(Serialize)]
struct Came {
    part: u32,
    of: u32,
}

pub(super) async fn part(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((file, part)): Path<(String, u32)>,
    bytes: Bytes,
) -> Result<Response, Refusal> {
    let upload = app.upload_at(&file, &[Stage::Uploading]).await?;
    let Some(size) = upload.size_of_part(part) else {
        return Err(Refusal::missing(format!("The file has parts 0 to {}.", upload.parts() - 1)));
    };
    if bytes.len() != size {
        let told = format!("Part {part} has {size} bytes, and {} came. Send it again.", bytes.len());
        return Err(Refusal::bad(told));
    }
    app.tables().put_part(&upload, part, &bytes).await?;
    caller.done(&address(&file), "A part came.", &Came { part, of: upload.parts() })
}

pub(super) async fn sent(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(file): Path<String>,
) -> Result<Response, Refusal> {
    let upload = app.upload_at(&file, &[Stage::Uploading]).await?;
    let upload = app.took(upload).await?;
    caller.done(&address(&file), "Say what the columns are.", &Told::of(upload, caller.now))
}

impl App {
    /// The file is whole: what its columns are is guessed.
    async fn took(&self, mut upload: Upload) -> Result<Upload, Refusal> {
        let lacks = || Refusal::conflict("Parts of the file did not come. Send them, then say so again.");
        let first = self.tables().part(&upload.id, 0).await?.ok_or_else(lacks)?;
        // The others are found missing when they are read.
        let last = upload.parts() - 1;
        if last > 0 && self.tables().part(&upload.id, last).await?.is_none() {
            return Err(lacks());
        }
        let (delimiter, headings) = heading(&first, last == 0)
            .map_err(|error| Refusal::bad(error.to_string()).go_on("Users from a file", HERE))?;
        let fields = self.tables().profile_fields().await?;
        let layout = guessed_layout(&headings);
        upload.reading = Reading {
            delimiter,
            layout,
            application: self.usual_application(layout).await?,
            columns: guessed(layout, &headings, &fields),
            clears: false,
        };
        upload.stage = Stage::Ready;
        self.keep_upload(&mut upload).await?;
        Ok(upload)
    }
}
