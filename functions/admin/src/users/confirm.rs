//! Deleting a user, after it was said what that does at each store.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use shared::{
    application::ApplicationId,
    directory::Precondition,
    scim::entity_tag,
    sync::{Foreseen, Untold},
    user::{User, UserId},
};

use super::{called, words};
use crate::{
    App,
    caller::Caller,
    frame::{Frame, Place},
    input::Sent,
    refusal::Refusal,
};

/// What the deletion of a user does at one store.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AtStore {
    pub(super) application: ApplicationId,
    pub(super) store: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) foreseen: Option<Foreseen>,
    /// Why it cannot be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) trouble: Option<String>,
}

impl AtStore {
    /// What happens, a sentence each.
    pub(super) fn sentences(&self) -> Vec<String> {
        let Some(foreseen) = &self.foreseen else { return self.trouble.iter().cloned().collect() };
        let steps = foreseen.steps.iter().map(words::told);
        steps.chain(foreseen.asked.iter().cloned()).chain(words::of_deletion(foreseen)).collect()
    }
}

#[derive(Template, Serialize)]
#[template(path = "users/delete.html")]
#[serde(rename_all = "camelCase")]
struct Confirm {
    #[serde(skip)]
    frame: Frame,
    id: UserId,
    name: String,
    version: u64,
    stores: Vec<AtStore>,
}

pub(super) async fn show(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let user = app.user(&id.into()).await?;
    let name = called(&user);
    let frame = caller.frame(format!("Delete {name}?"), Place::Users);
    let stores = preview(&app, &user).await?;
    caller.show(&Confirm { frame, id: user.id, name, version: user.version, stores })
}

/// What the deletion of a user does at each store of which the user is a customer.
pub(super) async fn preview(app: &App, user: &User) -> Result<Vec<AtStore>, Refusal> {
    let mut stores = Vec::new();
    for application in app.tables().applications().await? {
        if !user.links.contains_key(&application.id) {
            continue;
        }
        let (foreseen, trouble) = match app.engine.foresee_deletion(&application, &user.id).await {
            Ok(foreseen) => (foreseen, None),
            Err(error) => (None, Some(trouble(&application.name, &error))),
        };
        stores.push(AtStore { application: application.id, store: application.name, foreseen, trouble });
    }
    Ok(stores)
}

/// Why it cannot be told what would be done, and what to do.
pub(super) fn trouble(store: &str, error: &Untold) -> String {
    tracing::warn!(?error, "console.not_foreseen");
    match error {
        Untold::Tables(_) => "The directory cannot be reached now. Try again in a while.".to_owned(),
        Untold::Store(reason) => {
            format!(
                "The store {store} did not answer, so what happens there cannot be told ({reason}). Try again in a while."
            )
        }
        Untold::Scope => {
            format!("The scope of {store} is no filter that can be read. Correct it under Applications.")
        }
    }
}

/// The version that was looked at: another is not deleted.
#[derive(Default, Deserialize)]
pub(super) struct Version {
    #[serde(default)]
    pub(super) version: Option<u64>,
}

impl Version {
    pub(super) fn precondition(&self) -> Precondition {
        self.version.map(|version| Precondition::is(&entity_tag(version))).unwrap_or_default()
    }
}

pub(super) async fn delete(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    sent: Sent<Version>,
) -> Result<Response, Refusal> {
    let (id, desk) = (UserId::from(id), app.desk().await?);
    let deleted = desk.writer(&app).delete(&id, &sent.value.precondition()).await;
    deleted
        .map_err(|refused| Refusal::from(refused).go_on("Look at the user", format!("/admin/users/{id}")))?;
    tracing::info!(user.id = %id, "user deleted at the console");
    caller.done("/admin/users", "The user was deleted. The stores follow.", &json!({ "deleted": id }))
}
