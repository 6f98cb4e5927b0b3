//! "Send activation mail": hands those who were picked, or all that match, over to a wave of mails.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Query, State, rejection::QueryRejection},
    response::Response,
};
use serde::{Deserialize, Serialize};
use shared::{
    activation::{Selection, Wave},
    application::ApplicationId,
    import::RunId,
    search::Search,
    user::UserId,
};

use super::{address::Asked, bulk::Scope, list::Turn};
use crate::{
    App,
    caller::Caller,
    frame::{Frame, Place, grouped},
    input::Sent,
    refusal::Refusal,
};

/// How many users a search is read by at once.
const CHUNK: usize = 250;

/// What the list sends: who is meant.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    scope: Scope,
    user: Vec<UserId>,
    kept: Vec<UserId>,
}

/// A wave as it is begun: one by one, or all who never set a password.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Begin {
    application: ApplicationId,
    #[serde(default, rename = "user", alias = "users")]
    users: Vec<UserId>,
    #[serde(default)]
    everyone: bool,
}

#[derive(Template, Serialize)]
#[template(path = "users/invite.html")]
#[serde(rename_all = "camelCase")]
struct Page {
    #[serde(skip)]
    frame: Frame,
    stores: Vec<(ApplicationId, String)>,
    users: Vec<UserId>,
    /// Whether all are meant who never set a password.
    everyone: bool,
    #[serde(skip)]
    search: String,
}

/// Asks at which store, and says who gets a mail.
pub(super) async fn ask(
    State(app): State<Arc<App>>,
    caller: Caller,
    asked: Result<Query<Asked>, QueryRejection>,
    sent: Sent<Wanted>,
) -> Result<Response, Refusal> {
    let Query(asked) = asked.map_err(|error| Refusal::unreadable(error.body_text()))?;
    let Wanted { scope, user, kept } = sent.value;
    let search = asked.search()?;
    let everyone = scope == Scope::Matching && search.is_of_everyone();
    let users = match scope {
        Scope::Picked => Turn { user, kept }.picked()?,
        Scope::Matching if everyone => Vec::new(),
        Scope::Matching => matching(&app, &search).await?,
    };
    if users.is_empty() && !everyone {
        return Err(Refusal::bad(
            "Nobody is picked. Check the boxes of some users, or choose all that match.",
        )
        .go_on("Users", format!("/admin/users?{}", asked.query())));
    }
    let stores: Vec<_> = app.store_names().await?.into_iter().collect();
    if stores.is_empty() {
        return Err(Refusal::conflict(
            "No store is connected, so there is no password to set. Connect one first.",
        )
        .go_on("Applications", "/admin/applications"));
    }
    let frame = caller.frame("Send activation mail", Place::Users);
    caller.show(&Page { frame, stores, users, everyone, search: asked.query() })
}

/// All that the search finds, as far as a wave takes users one by one.
async fn matching(app: &App, search: &Search) -> Result<Vec<UserId>, Refusal> {
    let (mut users, mut after) = (Vec::new(), None);
    loop {
        let found = app.tables().search(search, after.as_ref(), CHUNK).await?;
        users.extend(found.users.into_iter().map(|user| user.id));
        if users.len() > Selection::MOST_USERS {
            let most = grouped(Selection::MOST_USERS as u64);
            return Err(Refusal::bad(format!(
                "More than {most} users match. Narrow the search, or send to all who never set a password under \
                 Onboarding."
            ))
            .go_on("Onboarding", "/admin/onboarding"));
        }
        after = found.next;
        if after.is_none() {
            return Ok(users);
        }
    }
}

/// Begins the wave.
pub(super) async fn begin(
    State(app): State<Arc<App>>,
    caller: Caller,
    sent: Sent<Begin>,
) -> Result<Response, Refusal> {
    let Begin { application, users, everyone } = sent.value;
    let missing = || Refusal::missing("There is no store of this identifier.").go_on("Users", "/admin/users");
    let application = app.tables().application(&application).await?.ok_or_else(missing)?.id;
    let selection = match (everyone, users.len()) {
        (true, 0) => Selection::NeverSet,
        (false, 1..=Selection::MOST_USERS) => Selection::Users(users),
        _ => {
            return Err(
                Refusal::bad("Name 1 to 1,000 users, or else everyone.").go_on("Users", "/admin/users")
            );
        }
    };
    let wave = Wave::new(RunId::new(application, caller.now), selection, caller.name(), caller.now);
    app.tables().begin_wave(&wave).await?;
    tracing::info!(wave.id = %wave.id, "wave of activation mails begun");
    let told =
        "The mails go out bit by bit. Who has set a password, is inactive or has no customer gets none.";
    caller.made("/admin/onboarding", told, &wave)
}

impl Page {
    fn whom(&self) -> String {
        match (self.everyone, self.users.len()) {
            (true, _) => "All who never set a password.".to_owned(),
            (false, 1) => "One user.".to_owned(),
            (false, more) => format!("{} users.", grouped(more as u64)),
        }
    }
}
