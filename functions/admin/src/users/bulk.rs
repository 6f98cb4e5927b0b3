//! Changes of many users: asked for from the list, confirmed, and watched until they are over.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, Query, State, rejection::QueryRejection},
    response::Response,
};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use serde_json::json;
use shared::{
    bulk::{Bulk, MOST_PICKED, Selection, Task, carry_out},
    search::Search,
    user::UserId,
};

use super::{
    address::Asked,
    called,
    confirm::{AtStore, preview},
    list::Turn,
};
use crate::{
    App,
    caller::Caller,
    frame::{Frame, Place, grouped},
    input::Sent,
    refusal::Refusal,
};

/// What can be done with many users, as forms send it and as people read it.
pub(super) const TASKS: [(&str, &str); 4] = [
    ("activate", "Activate"),
    ("deactivate", "Deactivate"),
    ("provision", "Provision now"),
    ("delete", "Delete"),
];

/// How long a request goes on with a change before it answers; the sweep goes on with the rest.
const A_WHILE: SignedDuration = SignedDuration::from_secs(8);

/// For how many users it is foreseen what a deletion does at their stores.
const SAMPLES: usize = 3;

/// What the list sends: what is to be done, and with whom.
#[derive(Deserialize)]
pub(super) struct Wanted {
    task: Task,
    #[serde(default)]
    scope: Scope,
    #[serde(default)]
    user: Vec<UserId>,
    #[serde(default)]
    kept: Vec<UserId>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Scope {
    #[default]
    Picked,
    Matching,
}

/// A change as it is begun.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Begin {
    task: Task,
    /// These users.
    #[serde(default)]
    users: Vec<UserId>,
    /// Or all that are found.
    search: Option<Search>,
}

/// As a form says it: the search as the list's address.
#[derive(Deserialize)]
pub(super) struct BeginForm {
    task: Task,
    #[serde(default)]
    user: Vec<UserId>,
    #[serde(default)]
    search: String,
    #[serde(default)]
    matching: bool,
}

impl TryFrom<BeginForm> for Begin {
    type Error = Refusal;

    fn try_from(form: BeginForm) -> Result<Begin, Refusal> {
        let asked = || serde_html_form::from_str::<Asked>(&form.search).map_err(Refusal::unreadable);
        let search = form.matching.then(|| asked()?.search()).transpose()?;
        Ok(Begin { task: form.task, users: form.user, search })
    }
}

#[derive(Template, Serialize)]
#[template(path = "users/bulk_confirm.html")]
#[serde(rename_all = "camelCase")]
struct Confirm {
    #[serde(skip)]
    frame: Frame,
    task: Task,
    /// How many, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<u64>,
    #[serde(skip)]
    picked: Vec<UserId>,
    #[serde(skip)]
    search: String,
    #[serde(skip)]
    matching: bool,
    samples: Vec<Sample>,
}

/// What would become of one of the users.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Sample {
    id: UserId,
    name: String,
    stores: Vec<AtStore>,
}

/// Asks once more, and says what will happen.
pub(super) async fn ask(
    State(app): State<Arc<App>>,
    caller: Caller,
    asked: Result<Query<Asked>, QueryRejection>,
    sent: Sent<Wanted>,
) -> Result<Response, Refusal> {
    let Query(asked) = asked.map_err(|error| Refusal::unreadable(error.body_text()))?;
    let Wanted { task, scope, user, kept } = sent.value;
    let matching = scope == Scope::Matching;
    let picked = if matching { Vec::new() } else { Turn { user, kept }.picked()? };
    if !matching && picked.is_empty() {
        return Err(Refusal::bad(
            "Nobody is picked. Check the boxes of some users, or choose all that match.",
        )
        .go_on("Users", format!("/admin/users?{}", asked.query())));
    }
    let search = asked.search()?;
    let number = match (matching, search.is_of_everyone()) {
        (false, _) => Some(picked.len() as u64),
        (true, true) => Some(app.tables().count_users().await?),
        (true, false) => None,
    };
    let frame = caller.frame(format!("{task}: are you sure?"), Place::Users);
    let samples = if task == Task::Delete { samples(&app, &picked, &search).await? } else { Vec::new() };
    caller.show(&Confirm { frame, task, number, picked, search: asked.query(), matching, samples })
}

async fn samples(app: &App, picked: &[UserId], search: &Search) -> Result<Vec<Sample>, Refusal> {
    let users = match picked {
        [] => app.tables().search(search, None, SAMPLES).await?.users,
        picked => app.tables().users_lately(&picked[..picked.len().min(SAMPLES)]).await?,
    };
    let mut samples = Vec::new();
    for user in users {
        let stores = preview(app, &user).await?;
        samples.push(Sample { name: called(&user), id: user.id, stores });
    }
    Ok(samples)
}

/// Begins a change; what is done within a few seconds is done at once.
pub(super) async fn begin(
    State(app): State<Arc<App>>,
    caller: Caller,
    sent: Sent<Begin, BeginForm>,
) -> Result<Response, Refusal> {
    let Begin { task, users, search } = sent.value;
    let selection = match (search, users.len()) {
        (Some(search), 0) => Selection::Matching(search),
        (None, 1..=MOST_PICKED) => Selection::Picked(users),
        _ => {
            let told = format!("Name 1 to {MOST_PICKED} users, or else a search.");
            return Err(Refusal::bad(told).go_on("Users", "/admin/users"));
        }
    };
    let bulk = Bulk::new(task, selection, caller.name(), caller.now);
    app.tables().begin_bulk(&bulk).await?;
    tracing::info!(bulk.id, bulk.task = task.word(), "bulk begun");
    let bulk = app.go_on_with(bulk).await?;
    let told = if bulk.is_open() { "It is under way." } else { "It is done." };
    caller.made(&format!("/admin/users/bulk/{}", bulk.id), told, &Told::of(bulk))
}

impl App {
    async fn go_on_with(&self, bulk: Bulk) -> Result<Bulk, Refusal> {
        let until = self.engine.clock.now() + A_WHILE;
        Ok(carry_out(self.tables(), &self.engine.clock, bulk, until).await?)
    }

    async fn bulk(&self, id: &str) -> Result<Bulk, Refusal> {
        let missing = "There is no such change, or it was long ago. Look at the list of them.";
        self.tables()
            .bulk(id)
            .await?
            .ok_or_else(|| Refusal::missing(missing).go_on("Changes of many", "/admin/users/bulk"))
    }
}

/// A change, as it is told.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    state: &'static str,
    #[serde(flatten)]
    bulk: Bulk,
}

impl Told {
    fn of(bulk: Bulk) -> Told {
        let state = match (bulk.is_open(), bulk.cancelled) {
            (true, _) => "active",
            (false, true) => "cancelled",
            (false, false) => "done",
        };
        Told { state, bulk }
    }

    /// To how many, in words.
    fn selection(&self) -> String {
        match &self.bulk.selection {
            Selection::Picked(users) => format!("{} picked", grouped(users.len() as u64)),
            Selection::Matching(search) if search.is_of_everyone() => "everyone".to_owned(),
            Selection::Matching(search) if search.text.is_empty() => "all that match a filter".to_owned(),
            Selection::Matching(search) => format!("all found for “{}”", search.text),
        }
    }
}

#[derive(Template, Serialize)]
#[template(path = "users/bulk.html")]
struct One {
    #[serde(skip)]
    frame: Frame,
    #[serde(flatten)]
    told: Told,
}

#[derive(Template, Serialize)]
#[template(path = "users/bulks.html")]
#[serde(rename_all = "camelCase")]
struct All {
    #[serde(skip)]
    frame: Frame,
    changes: Vec<Told>,
}

pub(super) async fn all(State(app): State<Arc<App>>, caller: Caller) -> Result<Response, Refusal> {
    let mut changes = app.tables().open_bulks().await?;
    changes.extend(app.tables().ended_bulks(50).await?);
    let frame = caller.frame("Changes of many users", Place::Users);
    caller.show(&All { frame, changes: changes.into_iter().map(Told::of).collect() })
}

pub(super) async fn one(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let told = Told::of(app.bulk(&id).await?);
    caller.show(&One { frame: caller.frame(format!("{} many users", told.bulk.task), Place::Users), told })
}

/// Goes on with a change at once, instead of when the sweep comes by.
pub(super) async fn go_on(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let bulk = app.go_on_with(app.bulk(&id).await?).await?;
    let told = if bulk.is_open() { "It went on." } else { "It is done." };
    caller.done(&format!("/admin/users/bulk/{id}"), told, &Told::of(bulk))
}

/// Ends a change: what is done already stays done.
pub(super) async fn cancel(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    for _ in 0..3 {
        let mut bulk = app.bulk(&id).await?;
        if !bulk.is_open() {
            return Err(Refusal::conflict("It is over already.")
                .go_on("Look at it", format!("/admin/users/bulk/{id}")));
        }
        (bulk.ended_at, bulk.cancelled, bulk.leased_until) = (Some(caller.now), true, None);
        if app.tables().put_bulk(&mut bulk).await? {
            return caller.done(
                &format!("/admin/users/bulk/{id}"),
                "It was cancelled.",
                &json!({ "state": "cancelled" }),
            );
        }
    }
    Err(Refusal::conflict("It moves on at this moment. Try again."))
}

impl Confirm {
    fn whom(&self) -> String {
        match (self.number, self.matching) {
            (Some(1), _) => "One user.".to_owned(),
            (Some(number), false) => format!("{} users, picked one by one.", grouped(number)),
            (Some(number), true) => format!("Everyone: {} users.", grouped(number)),
            (None, _) => {
                "All users that match the search, as it finds them when it comes to them.".to_owned()
            }
        }
    }

    fn happens(&self) -> &'static str {
        match self.task {
            Task::Activate => {
                "They may be served again. Each store gives back what was taken from its customers."
            }
            Task::Deactivate => {
                "They may no longer be served. Each store does to its customers what its policy for deactivated users says."
            }
            Task::Provision => {
                "Each is compared with its customers at every store, and what differs is brought into step."
            }
            Task::Delete => {
                "They are deleted from the directory, which cannot be undone. Each store does to their customers what its \
                 policy for deleted users says; where too many are to go at once, its deletion brake stops and asks under \
                 Attention."
            }
        }
    }

    fn task_value(&self) -> &'static str {
        let word = self.task.word();
        TASKS.iter().find(|(_, name)| *name == word).map_or("", |(value, _)| value)
    }
}
