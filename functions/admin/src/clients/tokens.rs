//! The tokens of an API client: made, shown once, and revoked. Two hold at once, so that a new one
//! is in use before the old one ends.

use std::{collections::BTreeSet, sync::Arc};

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::{Value, json};
use shared::{
    amendment::{Amendment, MASK},
    client::{ApiToken, Scope},
    operator::Role,
    store,
};

use super::{One, address};
use crate::{App, caller::Caller, input::Sent, refusal::Refusal};

/// The longest time for which a token is made, in days.
const MOST_DAYS: u16 = 3650;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Wanted {
    #[serde(default)]
    scopes: BTreeSet<Scope>,
    /// What it opens at the console; empty: nothing there.
    #[serde(default)]
    role: String,
    /// After how many days it ends; 0: not by itself.
    #[serde(default)]
    days: u16,
}

impl Wanted {
    fn role(&self, caller: &Caller) -> Result<Option<Role>, Refusal> {
        if self.role.is_empty() {
            return Ok(None);
        }
        let role = Role::ALL.into_iter().find(|role| role.as_str() == self.role);
        let role =
            role.ok_or_else(|| Refusal::bad("The role must be viewer, operator, admin, owner or empty."))?;
        caller.require(role)?;
        Ok(Some(role))
    }
}

pub(super) async fn create(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(client): Path<String>,
    wanted: Sent<Wanted>,
) -> Result<Response, Refusal> {
    let client = app.client(&client).await?;
    let Wanted { scopes, days, .. } = &wanted.value;
    let role = wanted.value.role(&caller)?;
    if scopes.is_empty() && role.is_none() {
        return Err(Refusal::bad(
            "Choose what the token opens: a scope of the directory, or a role at the console.",
        )
        .go_on("Back", address(&client.id)));
    }
    if *days > MOST_DAYS {
        return Err(Refusal::bad("A token holds for 3650 days at most, or, with 0, until it is revoked."));
    }
    let expires = (*days > 0).then(|| caller.now + SignedDuration::from_hours(24 * i64::from(*days)));
    let token = ApiToken::new(client.id.clone(), caller.now);
    let token = ApiToken { scopes: scopes.clone(), role, expires, ..token };
    let made = match app.tables().create_api_token(&token).await {
        Err(store::Error::TooManyTokens) => return Err(too_many().go_on("Back", address(&client.id))),
        made => made?,
    };
    amend(&app, &caller, &token, &Value::Null, &told(&token)).await?;
    let tokens = app.tables().tokens_of(&client.id).await?;
    let page = One::new(&app, &caller, client, tokens, Some(made.expose().to_owned()));
    caller.show_as(StatusCode::CREATED, &page)
}

pub(super) async fn revoke(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((client, hash)): Path<(String, String)>,
) -> Result<Response, Refusal> {
    let client = app.client(&client).await?;
    let token = app.tables().tokens_of(&client.id).await?.remove(&hash);
    let token = token.ok_or_else(|| Refusal::missing("There is no such token, or no longer."))?;
    app.tables().revoke_api_token(&hash).await?;
    amend(&app, &caller, &token, &told(&token), &Value::Null).await?;
    caller.done(&address(&client.id), "The token opens nothing any more.", &json!({ "revoked": hash }))
}

fn too_many() -> Refusal {
    Refusal::conflict("The client has two tokens. Revoke the one that is out of use, then make another.")
}

fn told(token: &ApiToken) -> Value {
    json!({ "token": MASK, "scopes": token.scopes, "role": token.role, "expires": token.expires })
}

async fn amend(
    app: &App,
    caller: &Caller,
    token: &ApiToken,
    before: &Value,
    after: &Value,
) -> Result<(), Refusal> {
    let what = format!("token of API client {}", token.client);
    Ok(app.tables().amend(&Amendment::new(caller.name(), what, before, after, caller.now)).await?)
}
