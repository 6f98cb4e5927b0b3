//! One run: how far it is, what it came to so far, and what can be asked of it.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use serde::Serialize;

use super::told::Told;
use crate::{
    App,
    caller::Caller,
    frame::{Frame, Place},
    refusal::Refusal,
};

#[derive(Template, Serialize)]
#[template(path = "imports/one.html")]
struct Page {
    #[serde(skip)]
    frame: Frame,
    #[serde(flatten)]
    run: Told,
    /// The application's name.
    #[serde(skip)]
    store: String,
}

pub(super) async fn one(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(run): Path<String>,
) -> Result<Response, Refusal> {
    let run = app.told_run(&run).await?;
    let application = app.tables().application(run.id.application()).await?;
    let store = application.map_or_else(|| run.id.application().to_string(), |known| known.name);
    let frame = caller.frame(format!("{}: {store}", run.what()), Place::Imports);
    caller.show(&Page { frame, run, store })
}
