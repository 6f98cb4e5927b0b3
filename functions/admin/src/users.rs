//! The screen of users: looking for them, one by one and many at once.

mod address;
mod bulk;
mod confirm;
mod edit;
pub(crate) mod form;
mod invite;
mod list;
mod one;
mod rows;
pub(crate) mod trace;
mod words;

use std::collections::BTreeMap;

use shared::{
    application::{Application, ApplicationId},
    client::Client,
    directory::{Refused, Writer},
    operator::Role::{Operator, Viewer},
    profile::ProfileField,
    scim::Schemas,
    store,
    user::{User, UserId},
};

use crate::{App, refusal::Refusal, routes::Routes};

pub(crate) fn routes() -> Routes {
    Routes::default()
        .get("/admin/users", Viewer, list::list)
        .post("/admin/users/page", Viewer, list::turn)
        .get("/admin/users/new", Operator, edit::new)
        .post("/admin/users", Operator, edit::create)
        .get("/admin/users/{id}", Viewer, one::show)
        .get("/admin/users/{id}/edit", Operator, edit::form)
        .post("/admin/users/{id}", Operator, edit::save)
        .post("/admin/users/{id}/status", Operator, edit::status)
        .get("/admin/users/{id}/delete", Operator, confirm::show)
        .post("/admin/users/{id}/delete", Operator, confirm::delete)
        .get("/admin/users/{id}/trace", Viewer, trace::show)
        .post("/admin/users/{id}/provision", Operator, trace::provision)
        .get("/admin/users/bulk", Viewer, bulk::all)
        .post("/admin/users/bulk", Operator, bulk::ask)
        .post("/admin/users/bulk/begin", Operator, bulk::begin)
        .post("/admin/users/invite", Operator, invite::ask)
        .post("/admin/users/invite/begin", Operator, invite::begin)
        .get("/admin/users/bulk/{id}", Viewer, bulk::one)
        .post("/admin/users/bulk/{id}/go-on", Operator, bulk::go_on)
        .post("/admin/users/bulk/{id}/cancel", Operator, bulk::cancel)
}

/// What writing a user takes.
pub(crate) struct Desk {
    pub(crate) client: Client,
    pub(crate) fields: Vec<ProfileField>,
    pub(crate) schemas: Schemas,
}

impl App {
    /// What writing users at the console takes, as people have set it.
    pub(crate) async fn desk(&self) -> Result<Desk, store::Error> {
        let fields = self.tables().profile_fields().await?;
        let schemas = Schemas::user(&fields);
        Ok(Desk { client: shared::bulk::console(), fields, schemas })
    }

    pub(crate) async fn user(&self, id: &UserId) -> Result<User, Refusal> {
        self.tables().user(id).await?.ok_or_else(no_user)
    }

    /// The connected stores' names.
    pub(crate) async fn store_names(&self) -> Result<BTreeMap<ApplicationId, String>, store::Error> {
        let applications = self.tables().applications().await?.into_iter();
        Ok(applications.map(|Application { id, name, .. }| (id, name)).collect())
    }
}

impl Desk {
    fn writer<'a>(&'a self, app: &'a App) -> Writer<'a> {
        Writer {
            tables: app.tables(),
            clock: &app.engine.clock,
            client: &self.client,
            fields: &self.fields,
            schemas: &self.schemas,
            cause: "console",
        }
    }
}

fn no_user() -> Refusal {
    Refusal::missing("There is no such user, or no longer. Look for the user in the list.")
        .go_on("Users", "/admin/users")
}

impl From<Refused> for Refusal {
    fn from(refused: Refused) -> Refusal {
        let told = refused.sentence();
        match refused {
            Refused::NoUser => no_user(),
            Refused::Version | Refused::Taken { .. } | Refused::Busy => Refusal::conflict(told),
            Refused::Value(_) | Refused::Patch(_) | Refused::ByStore { .. } | Refused::Row(_) => {
                Refusal::bad(told)
            }
            Refused::Tables(error) => error.into(),
        }
    }
}

/// The name by which people know a user.
pub(crate) fn called(user: &User) -> String {
    let name = &user.name;
    let parts: Vec<&str> =
        [name.given_name.as_deref(), name.family_name.as_deref()].into_iter().flatten().collect();
    let shown = name.formatted.clone().filter(|_| parts.is_empty());
    let shown = shown.or_else(|| user.attributes.get("displayName").cloned().filter(|_| parts.is_empty()));
    shown.unwrap_or_else(|| if parts.is_empty() { user.user_name.clone() } else { parts.join(" ") })
}
