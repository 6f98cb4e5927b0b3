//! The overview: how each application does, what waits, and what to do about it. It reads a bounded
//! amount, however large the directory is.

mod health;

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, response::Response};
use futures_util::future::join_all;
use serde::Serialize;
use shared::{application::Application, operator::Role, report::AttentionKind};

use crate::{
    App,
    caller::Caller,
    frame::{Frame, Place, grouped},
    refusal::Refusal,
    routes::Routes,
};
use health::{Backlog, Health};

/// How many applications have their store asked while the page is made.
const ASKED: usize = 12;

pub(crate) fn routes() -> Routes {
    Routes::default().get("/admin", Role::Viewer, home)
}

#[derive(Template, Serialize)]
#[template(path = "home.html")]
#[serde(rename_all = "camelCase")]
struct Home {
    #[serde(skip)]
    frame: Frame,
    role: Role,
    users: u64,
    /// How many things ask for a person, counted up to a hundred of each kind.
    attention: usize,
    /// How many pairs wait to be looked at, as far as it was counted.
    backlog: usize,
    /// Whether there are more than were counted.
    backlog_is_more: bool,
    applications: Vec<Health>,
}

impl Home {
    fn all_users(&self) -> String {
        grouped(self.users)
    }

    fn waiting(&self) -> String {
        let more = if self.backlog_is_more { " or more" } else { "" };
        format!("{}{more}", grouped(self.backlog as u64))
    }
}

async fn home(State(app): State<Arc<App>>, caller: Caller) -> Result<Response, Refusal> {
    let applications = app.tables().applications().await?;
    let backlog = Backlog::read(&app).await?;
    let mut attention = 0;
    for kind in AttentionKind::ALL {
        attention += app.tables().count_attention(kind).await?;
    }
    let looks = applications.iter().enumerate().map(|(at, one)| {
        let (app, backlog, caller) = (&app, &backlog, &caller);
        async move { app.health(caller, one, backlog, asks(at)).await }
    });
    let looked: Vec<Result<Health, Refusal>> = join_all(looks.collect::<Vec<_>>()).await;
    let page = Home {
        frame: caller.frame("Overview", Place::Home),
        role: caller.role,
        users: app.tables().count_users().await?,
        attention,
        backlog: backlog.waiting(),
        backlog_is_more: backlog.is_more,
        applications: looked.into_iter().collect::<Result<_, _>>()?,
    };
    caller.show(&page)
}

/// Whether the store of the application at this place of the list is asked.
fn asks(at: usize) -> health::Asks {
    if at < ASKED { health::Asks::Yes } else { health::Asks::No }
}

impl App {
    async fn health(
        &self,
        caller: &Caller,
        application: &Application,
        backlog: &Backlog,
        asks: health::Asks,
    ) -> Result<Health, Refusal> {
        let look = health::Look { app: self, application, now: caller.now };
        look.health(backlog, asks).await
    }
}
