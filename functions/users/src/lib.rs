//! The function `users`: the directory over SCIM 2.0 (RFC 7643, RFC 7644), for reading: one user,
//! the users with a name or an address, and all users page by page (RFC 9865 cursors).

mod answer;
mod query;
mod resource;

use std::sync::Arc;

use axum::{
    Router,
    extract::{Path, RawQuery, State},
    http::{HeaderMap, header::AUTHORIZATION},
    routing::get,
};
use shared::{
    clock::Clock,
    env,
    secret::fold,
    store::{Tables, token_hash},
    user::{User, UserId},
};

use answer::{Answer, Refusal};
use query::{Lookup, Query};

/// What the function needs.
#[derive(Clone, Debug)]
pub struct App {
    /// The tables.
    pub tables: Tables,
    /// Time.
    pub clock: Clock,
    /// The address of this function as its clients know it, up to and with `/scim/v2`.
    pub url: String,
}

impl App {
    /// Reads the environment of the function.
    ///
    /// # Errors
    /// When a variable is missing or bad; the error names it.
    pub async fn from_env() -> Result<App, env::Error> {
        let url = env::required("SCIM_URL", "the https address of this function, up to and with /scim/v2")?;
        Ok(App { tables: Tables::from_env().await?, clock: Clock::system(), url })
    }
}

/// The addresses of the function.
pub fn router(app: App) -> Router {
    Router::new()
        .route("/scim/v2/Users", get(list).fallback(wrong_method))
        .route("/scim/v2/Users/{id}", get(one).fallback(wrong_method))
        .fallback(unknown_path)
        .with_state(Arc::new(app))
}

async fn list(State(app): State<Arc<App>>, headers: HeaderMap, RawQuery(query): RawQuery) -> Result<Answer, Refusal> {
    app.authenticate(&headers).await?;
    let query = Query::parse(query.as_deref().unwrap_or_default())?;
    let Query { lookup, count } = query;
    match lookup {
        Lookup::UserName(name) => {
            let found = app.tables.user_by_user_name(&fold(&name)).await?;
            Ok(app.few(app.user(found).await?))
        }
        Lookup::Email(email) => {
            let found = app.tables.users_by_email(&[fold(&email)]).await?.into_values().next();
            Ok(app.few(app.user(found).await?))
        }
        Lookup::All { after } => {
            let users = app.tables.page_of_users(after.as_ref(), count + 1).await?;
            Ok(Answer::page(&app.url, users, count, app.tables.count_users().await?))
        }
    }
}

async fn one(State(app): State<Arc<App>>, headers: HeaderMap, Path(id): Path<String>) -> Result<Answer, Refusal> {
    app.authenticate(&headers).await?;
    match app.user(Some(UserId::from(id))).await? {
        Some(user) => Ok(Answer::one(&app.url, &user)),
        None => Err(Refusal::not_found()),
    }
}

async fn wrong_method() -> Refusal {
    Refusal::wrong_method()
}

async fn unknown_path() -> Refusal {
    Refusal::not_found()
}

impl App {
    /// Only the token tells who asks; which route was taken does not count.
    async fn authenticate(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let mut given = headers.get_all(AUTHORIZATION).iter();
        let (Some(value), None) = (given.next(), given.next()) else { return Err(Refusal::unauthorized()) };
        let token = value.to_str().ok().and_then(bearer).ok_or_else(Refusal::unauthorized)?;
        let known = self.tables.api_token(&token_hash(token)).await?;
        match known {
            Some(known) if known.is_valid(self.clock.now()) => Ok(()),
            _ => Err(Refusal::unauthorized()),
        }
    }

    async fn user(&self, id: Option<UserId>) -> Result<Option<User>, Refusal> {
        match id {
            Some(id) => Ok(self.tables.user(&id).await?),
            None => Ok(None),
        }
    }

    fn few(&self, user: Option<User>) -> Answer {
        let total = u64::from(user.is_some());
        Answer::page(&self.url, user.into_iter().collect(), 1, total)
    }
}

/// The token of an `Authorization` header (RFC 6750, 2.1); the scheme is read without case.
fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}
