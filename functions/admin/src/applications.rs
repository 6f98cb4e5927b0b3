//! Connected stores: the list, one store as it stands now, and what is done to it as a whole.
//!
//! * `connect`: an API account's values are taken, tried at once, and kept
//! * `account`: those values, as typed in or as BigCommerce's file has them; `check`: how they are tried
//! * `hooks`: its webhooks, set up and proved by a round trip
//! * `policies`: what may happen without a person
//! * `told`: what is told of an application, without its secrets

mod account;
mod check;
mod connect;
mod hooks;
mod policies;
mod preview;
mod told;

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use shared::{
    amendment::Amendment,
    application::{Application, Policies},
    operator::Role,
};

use crate::{
    App,
    caller::Caller,
    csv::Table,
    frame::{Frame, Place},
    input::Sent,
    refusal::Refusal,
    routes::Routes,
};
use check::Check;
use told::Told;

const HERE: &str = "/admin/applications";

pub(crate) fn routes() -> Routes {
    Routes::default()
        .get(HERE, Role::Viewer, list)
        .post(HERE, Role::Admin, connect::connect)
        .get("/admin/applications/connect", Role::Admin, connect::form)
        .get("/admin/applications/{application}", Role::Viewer, one)
        .get("/admin/applications/{application}/policies", Role::Viewer, policies::form)
        .post("/admin/applications/{application}/policies", Role::Admin, policies::save)
        .post("/admin/applications/{application}/policies/what-if", Role::Operator, policies::what_if)
        .get("/admin/applications/{application}/scope", Role::Viewer, preview::count)
        .get("/admin/applications/{application}/credentials", Role::Admin, connect::rotation)
        .post("/admin/applications/{application}/credentials", Role::Admin, connect::rotate)
        .post("/admin/applications/{application}/webhooks", Role::Admin, hooks::save)
        .post("/admin/applications/{application}/pause", Role::Admin, pause)
        .post("/admin/applications/{application}/resume", Role::Admin, resume)
        .post("/admin/applications/{application}/disconnect", Role::Admin, disconnect)
}

#[derive(Template, Serialize)]
#[template(path = "applications/list.html")]
struct List {
    #[serde(skip)]
    frame: Frame,
    applications: Vec<Told>,
}

async fn list(State(app): State<Arc<App>>, caller: Caller) -> Result<Response, Refusal> {
    let applications = app.tables().applications().await?;
    let applications = applications.iter().map(Told::new).collect();
    let page = List { frame: caller.frame("Applications", Place::Applications), applications };
    caller.list(&page, || {
        let rows = page.applications.iter();
        rows.fold(Table::new(&["id", "name", "storeHash", "paused"]), |table, one| {
            table.row([&one.id, &one.name, &one.store_hash, &one.policies.paused.to_string()])
        })
        .into_text()
    })
}

/// A store as it stands now.
#[derive(Template, Serialize)]
#[template(path = "applications/one.html")]
#[serde(rename_all = "camelCase")]
struct One {
    #[serde(skip)]
    frame: Frame,
    application: Told,
    /// What the store says when it is asked now.
    checks: Vec<Check>,
    webhook_url: String,
}

async fn one(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let application = app.application(&id).await?;
    let checks = app.checks(&application).await;
    caller.show(&One {
        frame: caller.frame(application.name.clone(), Place::Applications),
        webhook_url: app.destination(&application),
        application: Told::new(&application),
        checks,
    })
}

async fn pause(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let before = app.application(&id).await?;
    let job = app.tables().job(&before.id).await?;
    if job.is_some_and(|job| job.run.state.is_open()) {
        let detail = "An import of this application is under way. Pause or cancel it first.";
        return Err(Refusal::conflict(detail).go_on("Imports", "/admin/imports"));
    }
    set_paused(&app, &caller, before, Paused::Yes).await
}

async fn resume(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let before = app.application(&id).await?;
    set_paused(&app, &caller, before, Paused::No).await
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Paused {
    Yes,
    No,
}

async fn set_paused(
    app: &App,
    caller: &Caller,
    before: Application,
    paused: Paused,
) -> Result<Response, Refusal> {
    let policies = Policies { paused: paused == Paused::Yes, ..before.policies.clone() };
    let after = Application { policies, ..before.clone() };
    app.keep(caller, Some(&before), &after).await?;
    let flash = match paused {
        Paused::Yes => "Paused. What happens at either side waits until it goes on.",
        Paused::No => "It goes on. What waited is looked at within a minute.",
    };
    caller.done(&address(&after), flash, &Told::new(&after))
}

#[derive(Deserialize)]
struct Sure {
    /// The application's identifier once more.
    confirm: String,
}

/// Ends the connection: its webhooks are deleted where the store still lets us, its credentials are
/// forgotten. Users and customers stay as they are.
async fn disconnect(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    sure: Sent<Sure>,
) -> Result<Response, Refusal> {
    let application = app.application(&id).await?;
    if sure.value.confirm.trim() != application.id.as_str() {
        return Err(Refusal::bad(format!(
            "Type {} to confirm that this application is meant.",
            application.id
        ))
        .go_on("Back", address(&application)));
    }
    let hooks = app.delete_hooks(&application).await;
    let amendment = amendment(&caller, &application, told::before(Some(&application)), Value::Null);
    app.tables().remove_application(&application.id, &amendment).await?;
    app.settle_all(&application.id).await?;
    let flash = match hooks {
        Ok(()) => format!("{} is disconnected, and its webhooks are deleted.", application.name),
        Err(_) => format!(
            "{} is disconnected. Delete its API account at the store: its webhooks stay with it.",
            application.name
        ),
    };
    caller.done(HERE, &flash, &json!({ "disconnected": application.id, "webhooksDeleted": hooks.is_ok() }))
}

fn address(application: &Application) -> String {
    format!("{HERE}/{}", application.id)
}

fn amendment(caller: &Caller, application: &Application, before: Value, after: Value) -> Amendment {
    let what = format!("application {}", application.id);
    Amendment::new(caller.name(), what, &before, &after, caller.now)
}

impl App {
    /// The application of this identifier.
    pub(crate) async fn application(&self, id: &str) -> Result<Application, Refusal> {
        let missing = || {
            Refusal::missing("There is no such application. Look at the list.").go_on("Applications", HERE)
        };
        let id = id.parse().map_err(|_| missing())?;
        self.tables().application(&id).await?.ok_or_else(missing)
    }

    /// Writes an application and what changed of it.
    pub(crate) async fn keep(
        &self,
        caller: &Caller,
        before: Option<&Application>,
        after: &Application,
    ) -> Result<(), Refusal> {
        let amendment = amendment(caller, after, told::before(before), told::after(before, after));
        Ok(self.tables().amend_application(after, &amendment).await?)
    }
}
