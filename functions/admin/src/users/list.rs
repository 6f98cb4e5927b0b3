//! The list of users: what is looked for, and who was picked on other pages.

use std::{collections::BTreeMap, sync::Arc};

use askama::Template;
use axum::extract::{Query, rejection::QueryRejection};
use axum::{extract::State, response::Response};
use serde::{Deserialize, Serialize};
use shared::{application::ApplicationId, bulk::MOST_PICKED, search::Reach, user::UserId};

use super::{address::Asked, rows::Row};
use crate::{
    App,
    caller::Caller,
    csv::Table,
    frame::{Frame, Place, grouped},
    input::Sent,
    refusal::Refusal,
};

#[derive(Template, Serialize)]
#[template(path = "users.html")]
#[serde(rename_all = "camelCase")]
struct Users {
    #[serde(skip)]
    frame: Frame,
    #[serde(skip)]
    asked: Asked,
    #[serde(skip)]
    stores: BTreeMap<ApplicationId, String>,
    /// How many users there are in all.
    total: u64,
    users: Vec<Row>,
    /// How many were looked at for these.
    looked_at: usize,
    /// Where the next page begins, for `after`.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
    /// Who was picked on other pages.
    #[serde(skip)]
    kept: Vec<UserId>,
    /// Whether the list could be looked through for what was typed.
    #[serde(skip)]
    may_look_through: bool,
    #[serde(skip)]
    is_of_everyone: bool,
}

pub(super) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, Refusal> {
    let Query(asked) = asked.map_err(|error| Refusal::unreadable(error.body_text()))?;
    let page = page(&app, &caller, asked, Vec::new()).await?;
    caller.list(&page, || table(&page.users))
}

/// Who was picked on a page and on those before; the address says which page is wanted next.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Turn {
    /// Picked on the page that was shown.
    pub(super) user: Vec<UserId>,
    /// Picked on the pages before.
    pub(super) kept: Vec<UserId>,
}

impl Turn {
    /// All who were picked, each once.
    pub(super) fn picked(&self) -> Result<Vec<UserId>, Refusal> {
        let mut picked: Vec<UserId> = self.kept.iter().chain(&self.user).cloned().collect();
        picked.sort();
        picked.dedup();
        match picked.len() > MOST_PICKED {
            true => Err(Refusal::bad(format!(
                "{MOST_PICKED} users can be picked one by one. Narrow the search and choose all that match."
            ))),
            false => Ok(picked),
        }
    }
}

/// Turns the page: who was picked on the page before stays picked.
pub(super) async fn turn(
    State(app): State<Arc<App>>,
    caller: Caller,
    asked: Result<Query<Asked>, QueryRejection>,
    sent: Sent<Turn>,
) -> Result<Response, Refusal> {
    let Query(asked) = asked.map_err(|error| Refusal::unreadable(error.body_text()))?;
    let page = page(&app, &caller, asked, sent.value.picked()?).await?;
    caller.show(&page)
}

async fn page(app: &App, caller: &Caller, asked: Asked, picked: Vec<UserId>) -> Result<Users, Refusal> {
    let (search, place) = (asked.search()?, asked.place()?);
    let stores = app.store_names().await?;
    let found = app.tables().search(&search, place.as_ref(), asked.limit()).await?;
    let users: Vec<Row> = found.users.iter().map(|user| Row::of(user, &stores, &picked)).collect();
    let here = |id: &UserId| users.iter().any(|user| user.id == *id);
    Ok(Users {
        frame: caller.frame("Users", Place::Users),
        stores,
        total: app.tables().count_users().await?,
        looked_at: found.looked_at,
        next: found.next.map(|next| next.to_string()),
        kept: picked.into_iter().filter(|id| !here(id)).collect(),
        may_look_through: !search.text.trim().is_empty() && search.reach == Reach::Indexed,
        is_of_everyone: search.is_of_everyone(),
        users,
        asked,
    })
}

/// The users of the page as a table.
fn table(users: &[Row]) -> String {
    let table = Table::new(&["id", "name", "userName", "email", "active", "stores", "lastModified"]);
    let row = |table: Table, user: &Row| {
        let stores: Vec<String> =
            user.links.iter().map(|link| format!("{} {}", link.store, link.customer)).collect();
        table.row([
            user.id.as_str(),
            &user.name,
            &user.user_name,
            user.email.as_deref().unwrap_or_default(),
            &user.active.to_string(),
            &stores.join("; "),
            &user.last_modified.to_string(),
        ])
    };
    users.iter().fold(table, row).into_text()
}

impl Users {
    fn total_words(&self) -> String {
        match self.total {
            1 => "1 user".to_owned(),
            total => format!("{} users", grouped(total)),
        }
    }

    fn next_place(&self) -> &str {
        self.next.as_deref().unwrap_or_default()
    }

    /// What a heading tells screen readers.
    fn sorted(&self, order: &str) -> &'static str {
        let here = self.asked.order == order || (self.asked.order.is_empty() && order == "name");
        match (here, self.asked.sense == "descending") {
            (false, _) => "",
            (true, false) => " aria-sort=ascending",
            (true, true) => " aria-sort=descending",
        }
    }

    fn tasks(&self) -> &'static [(&'static str, &'static str)] {
        &super::bulk::TASKS
    }
}
