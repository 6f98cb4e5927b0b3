//! What a look at one user comes to, step by step at each store; and the look itself, asked for now.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use serde::Serialize;
use serde_json::json;
use shared::{
    application::{Application, ApplicationId},
    sync::{Match, Trace, Traced},
    user::{User, UserId},
    work::{Subject, Work},
};

use super::{called, confirm::trouble, words};
use crate::{
    App,
    caller::Caller,
    frame::{Frame, Place},
    refusal::Refusal,
};

/// What a look comes to at one store, or why that cannot be told.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AtStore {
    pub(crate) application: ApplicationId,
    pub(crate) store: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) trace: Option<Trace>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) trouble: Option<String>,
}

#[derive(Template, Serialize)]
#[template(path = "users/trace.html")]
#[serde(rename_all = "camelCase")]
struct Page {
    #[serde(skip)]
    frame: Frame,
    id: UserId,
    name: String,
    version: u64,
    /// Whether a look is asked for and not over yet, and why the last one failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    waiting: Option<Waiting>,
    stores: Vec<AtStore>,
}

/// A look that is asked for.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Waiting {
    pub(super) cause: String,
    pub(super) attempts: u32,
    pub(super) dead: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) last_error: Option<String>,
}

pub(super) async fn show(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let user = app.user(&id.into()).await?;
    let mut stores = Vec::new();
    for application in app.tables().applications().await? {
        stores.push(traced(&app, &application, &user.id).await);
    }
    let name = called(&user);
    let frame = caller.frame(format!("What a look at {name} comes to"), Place::Users);
    let waiting = waiting(&app, &user).await?;
    caller.show(&Page { frame, id: user.id, name, version: user.version, waiting, stores })
}

/// What a look comes to at a store, which may have another mapping than it has.
pub(crate) async fn traced(app: &App, application: &Application, user: &UserId) -> AtStore {
    let (trace, trouble) = match app.engine.trace(application, user).await {
        Ok(trace) => (trace, None),
        Err(error) => (None, Some(trouble(&application.name, &error))),
    };
    AtStore { application: application.id.clone(), store: application.name.clone(), trace, trouble }
}

/// Whether a look at the user is asked for and not over yet.
pub(super) async fn waiting(app: &App, user: &User) -> Result<Option<Waiting>, Refusal> {
    let mut rows = app.tables().work(&[Subject::User(user.id.clone())]).await?;
    Ok(rows.pop().map(|Work { cause, attempts, dead, last_error, .. }| Waiting {
        cause,
        attempts,
        dead,
        last_error,
    }))
}

/// Asks for a look now: the engine takes it up as it does any other.
pub(super) async fn provision(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let user = app.user(&id.into()).await?;
    app.tables().enqueue(&Subject::User(user.id.clone()), "console", caller.now).await?;
    tracing::info!(user.id = %user.id, "look asked for at the console");
    let location = format!("/admin/users/{}/trace", user.id);
    caller.done(
        &location,
        "A look at this user was asked for. This page tells when it is over.",
        &json!({ "asked": user.id }),
    )
}

/// A change as a table shows it: the field, its value before, and now.
type Shown = (String, String, String);

impl AtStore {
    /// How the user and the customer were found to belong together.
    pub(crate) fn matched(&self) -> &'static str {
        match self.trace.as_ref().map(|trace| trace.matched) {
            Some(Match::Linked) => "By the link: the store has the customer.",
            Some(Match::LinkedAndGone) => "By the link; the store has this customer no more.",
            Some(Match::Email) => "By the e-mail address: one customer has it, and is not linked yet.",
            Some(Match::Several) => "Several customers have the e-mail address, so none is taken.",
            Some(Match::Nobody) => "No customer is this user's.",
            None => "",
        }
    }

    pub(crate) fn verdict(&self) -> &'static str {
        self.trace.as_ref().map_or("", |trace| words::verdict(trace.outcome.verdict))
    }

    /// What would be done: a sentence each, with the fields that change.
    pub(crate) fn steps(&self) -> Vec<(String, Vec<Shown>)> {
        let steps = self.trace.iter().flat_map(|trace| &trace.outcome.steps);
        let changes = |step: &shared::import::Foretold| {
            let change = |change: &shared::report::Change| {
                (change.field.clone(), words::value(&change.before), words::value(&change.after))
            };
            step.changes.iter().map(change).collect()
        };
        steps.map(|step| (words::told(step), changes(step))).collect()
    }

    /// The mapped fields as a table shows them.
    pub(crate) fn fields(&self) -> Vec<Field> {
        let fields = self.trace.iter().flat_map(|trace| &trace.fields);
        let field = |traced: &Traced| Field {
            attribute: traced.attribute.clone(),
            arrow: traced.direction.arrow(),
            field: traced.field.clone(),
            user: words::value(&traced.user),
            customer: words::value(&traced.customer),
            agreed: words::value(&traced.agreed),
            differs: traced.user != traced.customer,
            refused: traced.refused.clone(),
        };
        fields.map(field).collect()
    }
}

/// A mapped field as a table shows it.
pub(crate) struct Field {
    pub(crate) attribute: String,
    pub(crate) arrow: &'static str,
    pub(crate) field: String,
    pub(crate) user: String,
    pub(crate) customer: String,
    pub(crate) agreed: String,
    pub(crate) differs: bool,
    pub(crate) refused: Option<String>,
}
