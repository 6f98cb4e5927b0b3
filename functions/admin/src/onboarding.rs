//! Who has set a password, who was sent a mail and what became of it; and sending more.
//!
//! * `users`: a page of users with how far they are; `waves`: mails to many, and how far those are

mod users;
mod waves;

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use serde::{Deserialize, Serialize};
use shared::{
    activation::{ActivationState, Wave},
    application::{Application, ApplicationId},
    operator::Role,
};

use crate::{
    App,
    caller::Caller,
    csv::Table,
    frame::{Frame, Place, grouped},
    refusal::Refusal,
    routes::Routes,
};
use users::Told;

pub(crate) const HERE: &str = "/admin/onboarding";

/// How many of the last waves the page has.
const WAVES: i32 = 5;

pub(crate) fn routes() -> Routes {
    Routes::default()
        .get(HERE, Role::Viewer, overview)
        .post("/admin/onboarding/{application}/waves", Role::Operator, waves::begin)
        .get("/admin/waves/{wave}", Role::Viewer, waves::one)
        .post("/admin/waves/{wave}/stop", Role::Operator, waves::stop)
        .post("/admin/waves/{wave}/resume", Role::Operator, waves::resume)
        .post("/admin/waves/{wave}/cancel", Role::Operator, waves::cancel)
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    application: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    after: String,
}

#[derive(Template, Serialize)]
#[template(path = "onboarding/overview.html")]
#[serde(rename_all = "camelCase")]
struct Overview {
    #[serde(skip)]
    frame: Frame,
    application: Option<Named>,
    #[serde(skip)]
    applications: Vec<(String, String)>,
    states: Vec<Count>,
    users: Vec<Told>,
    waves: Vec<Summary>,
    #[serde(skip)]
    state: String,
    #[serde(skip)]
    first: String,
    next: String,
}

/// An application by its name.
#[derive(Serialize)]
struct Named {
    id: String,
    name: String,
}

#[derive(Serialize)]
struct Count {
    state: &'static str,
    users: u64,
    #[serde(skip)]
    name: &'static str,
    #[serde(skip)]
    number: String,
}

/// A wave in a line.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Summary {
    id: String,
    begun_at: jiff::Timestamp,
    asked_by: String,
    state: &'static str,
    queued: u64,
    sent: u64,
}

impl Summary {
    fn new(wave: &Wave) -> Summary {
        Summary {
            id: wave.id.to_string(),
            begun_at: wave.begun_at,
            asked_by: wave.asked_by.clone(),
            state: waves::state(wave).1,
            queued: wave.counts.queued,
            sent: wave.counts.sent,
        }
    }
}

async fn overview(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(asked): Query<Asked>,
) -> Result<Response, Refusal> {
    let applications = app.tables().applications().await?;
    let chosen = match asked.application.as_str() {
        "" => applications.first(),
        id => Some(applications.iter().find(|one| one.id.as_str() == id).ok_or_else(no_application)?),
    };
    let named = |one: &Application| (one.id.to_string(), one.name.clone());
    let mut page = Overview {
        frame: caller.frame("Onboarding", Place::Onboarding),
        application: chosen.map(|one| Named { id: one.id.to_string(), name: one.name.clone() }),
        applications: applications.iter().map(named).collect(),
        states: Vec::new(),
        users: Vec::new(),
        waves: Vec::new(),
        state: asked.state.clone(),
        first: String::new(),
        next: String::new(),
    };
    if let Some(application) = chosen {
        page.fill(&app, &application.id, &asked).await?;
    }
    caller.list(&page, || {
        let rows = page.users.iter();
        let table = Table::new(&["id", "userName", "email", "state", "since"]);
        rows.fold(table, |table, user| {
            let since = user.since.map(|since| since.to_string()).unwrap_or_default();
            table.row([&user.id, &user.user_name, &user.email, user.state, &since])
        })
        .into_text()
    })
}

impl Overview {
    async fn fill(&mut self, app: &App, id: &ApplicationId, asked: &Asked) -> Result<(), Refusal> {
        let state = users::state(&asked.state);
        let tallies = app.tables().activation_tallies(id).await?;
        self.states = counts(&tallies, app.tables().count_links(id).await?);
        let found = users::page(app, id, state, &asked.after).await?;
        self.users = found.users;
        let address = |after: &str| format!("{HERE}?application={id}&state={}{after}", asked.state);
        self.first = if asked.after.is_empty() { String::new() } else { address("") };
        self.next = found.next.map(|next| address(&format!("&after={next}"))).unwrap_or_default();
        self.waves = app.tables().waves(id, WAVES).await?.iter().map(Summary::new).collect();
        Ok(())
    }
}

/// How many are in each state; who never had a mail is told by how many customers there are.
fn counts(tallies: &std::collections::BTreeMap<ActivationState, u64>, linked: u64) -> Vec<Count> {
    let invited: u64 =
        tallies.iter().filter(|(state, _)| **state != ActivationState::NotInvited).map(|(_, n)| n).sum();
    let count = |state: ActivationState| {
        let users = match state {
            ActivationState::NotInvited => linked.saturating_sub(invited),
            state => tallies.get(&state).copied().unwrap_or_default(),
        };
        Count { state: state.as_str(), users, name: users::name(state), number: grouped(users) }
    };
    ActivationState::ALL.into_iter().map(count).collect()
}

fn no_application() -> Refusal {
    Refusal::missing("There is no such application.").go_on("Onboarding", HERE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_a_customer_and_never_had_a_mail_is_not_invited() {
        let tallies = [(ActivationState::Sent, 2), (ActivationState::NotInvited, 1)].into();
        let counts = counts(&tallies, 5);
        assert_eq!((counts[0].state, counts[0].users), ("notInvited", 3));
        assert_eq!(counts.iter().map(|count| count.users).sum::<u64>(), 5);
    }
}
