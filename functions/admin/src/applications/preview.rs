//! How many users a scope would be for, before it is saved. A directory is not read whole for it:
//! so many users are looked at, taken from all over it, and the answer says how many.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use serde::{Deserialize, Serialize};
use shared::{
    application::{Application, Policies},
    sync::Scope,
};

use super::told::Told;
use crate::{
    App,
    caller::Caller,
    frame::{Frame, Place, grouped},
    refusal::Refusal,
};

/// From how many places of the directory, and how many users from each.
const PLACES: u64 = 10;
const EACH: u64 = 50;

/// The longest filter.
const LONGEST: usize = 2000;

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    filter: String,
}

#[derive(Template, Serialize)]
#[template(path = "applications/scope.html")]
#[serde(rename_all = "camelCase")]
struct Preview {
    #[serde(skip)]
    frame: Frame,
    #[serde(skip)]
    application: Told,
    filter: String,
    looked_at: usize,
    in_scope: usize,
    users: u64,
    examples: Vec<Example>,
}

impl Preview {
    fn is_sample(&self) -> bool {
        self.users > self.looked_at as u64
    }

    fn all(&self) -> String {
        grouped(self.users)
    }
}

/// A user, and whether the scope is for them.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Example {
    id: String,
    user_name: String,
    in_scope: bool,
}

/// How many examples are shown of either kind.
const SHOWN: usize = 5;

pub(super) async fn count(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Refusal> {
    let application = app.application(&id).await?;
    let filter = asked.filter.trim().to_owned();
    if filter.len() > LONGEST {
        return Err(Refusal::bad("A scope has 2000 characters at most."));
    }
    let policies =
        Policies { scope: Some(filter.clone()).filter(|filter| !filter.is_empty()), ..Policies::default() };
    let tried = Application { policies, ..application.clone() };
    let scope = Scope::of(&tried, app.tables())
        .await
        .map_err(|_| Refusal::bad("The scope is no SCIM filter. Write it as userType eq \"Customer\"."))?;
    let (users, total) = app.some_users().await?;
    let (is_in, is_out): (Vec<_>, Vec<_>) = users.iter().partition(|user| scope.is_met_by(Some(user)));
    let example = |in_scope| {
        move |user: &&shared::user::User| Example {
            id: user.id.to_string(),
            user_name: user.user_name.clone(),
            in_scope,
        }
    };
    let examples = is_in.iter().take(SHOWN).map(example(true));
    let examples = examples.chain(is_out.iter().take(SHOWN).map(example(false))).collect();
    caller.show(&Preview {
        frame: caller.frame(format!("{}: who is in scope", application.name), Place::Applications),
        application: Told::new(&application),
        filter,
        looked_at: users.len(),
        in_scope: is_in.len(),
        users: total,
        examples,
    })
}

impl App {
    /// Some users from all over the directory, and how many there are.
    async fn some_users(&self) -> Result<(Vec<shared::user::User>, u64), Refusal> {
        let each = usize::try_from(EACH).unwrap_or(usize::MAX);
        let first = self.tables().page_of_users_from(0, each).await?;
        let (mut users, total) = (first.users, first.total);
        let rest = total.saturating_sub(EACH);
        let places = if rest <= EACH * PLACES { rest.div_ceil(EACH) } else { PLACES - 1 };
        for place in 0..places {
            let start = EACH + if rest <= EACH * PLACES { place * EACH } else { rest / places * place };
            users.extend(self.tables().page_of_users_from(start, each).await?.users);
        }
        Ok((users, total))
    }
}
