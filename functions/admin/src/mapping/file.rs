//! A mapping as a file: taken out, and taken in as a draft.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    http::{
        HeaderValue,
        header::{CONTENT_DISPOSITION, CONTENT_TYPE},
    },
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use shared::mapping::Mapping;

use super::here;
use crate::{App, caller::Caller, input::Sent, refusal::Refusal};

/// The file of what is live.
pub(super) async fn export(
    State(app): State<Arc<App>>,
    _: Caller,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let application = app.application(&id).await?;
    let name = format!("attachment; filename=\"mapping-{}.json\"", application.id);
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (CONTENT_DISPOSITION, HeaderValue::try_from(name).map_err(|_| Refusal::failed())?),
    ];
    Ok((headers, application.mapping.to_file(&application.name)).into_response())
}

/// The text of a file.
#[derive(Deserialize)]
pub(super) struct File {
    text: String,
}

/// Takes a file in as the draft.
pub(super) async fn import(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    sent: Sent<File>,
) -> Result<Response, Refusal> {
    let application = app.application(&id).await?;
    let mapping = Mapping::of_file(sent.value.text.as_bytes());
    let mapping = mapping
        .map_err(|error| Refusal::bad(error.to_string()).go_on("Attribute mapping", here(&application.id)))?;
    let before = app.tables().mapping_draft(&application.id).await?;
    let draft =
        app.keep_draft(&application, mapping, before.map_or(0, |draft| draft.revision), &caller).await?;
    caller.done(
        &here(&application.id),
        "The file is the draft now. Look at what it changes, then make it live.",
        &draft,
    )
}
