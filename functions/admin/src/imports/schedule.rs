//! When imports of an application begin by themselves: all customers, and those that changed.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    response::Response,
};
use serde::{Deserialize, Serialize};
use shared::{
    application::{Application, Policies},
    http::Wrong,
};

use super::HERE;
use crate::{App, caller::Caller, input::Sent, refusal::Refusal};

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Schedule {
    /// Hours; 0: only when somebody asks.
    import_every_hours: u16,
    /// Minutes; 0: only when somebody asks.
    import_changes_every_minutes: u16,
}

pub(super) async fn set(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    wanted: Sent<Schedule>,
) -> Result<Response, Refusal> {
    let before = app.application(&id).await?;
    let Schedule { import_every_hours, import_changes_every_minutes } = wanted.value;
    let policies = Policies { import_every_hours, import_changes_every_minutes, ..before.policies.clone() };
    let ours = |field: &str| matches!(field, "importEveryHours" | "importChangesEveryMinutes");
    let flaws = policies.check(None).into_iter().filter(|(field, _)| ours(field));
    let wrong: Vec<Wrong> =
        flaws.map(|(field, flaw)| Wrong { field: field.to_owned(), detail: flaw.to_string() }).collect();
    if !wrong.is_empty() {
        return Err(Refusal::wrong(wrong).go_on("Imports", HERE));
    }
    let after = Application { policies, ..before.clone() };
    app.keep(&caller, Some(&before), &after).await?;
    caller.done(HERE, "The schedules are saved.", &wanted.value)
}
