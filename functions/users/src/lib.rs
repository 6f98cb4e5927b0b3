//! The function `users`: the directory over SCIM 2.0 (RFC 7643, RFC 7644), for reading: one user,
//! the users with a name or an address, and all users page by page (RFC 9865 cursors).

mod answer;
mod query;
mod resource;

use std::sync::Arc;

use axum::{
    Router,
    extract::{Path, RawQuery, State, rejection::PathRejection},
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
        let url = env::address("SCIM_URL", "the https address of this function, up to and with /scim/v2")?;
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

async fn list(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Answer, Refusal> {
    app.authenticate(&headers).await?;
    let Query { lookup, count, start } = Query::parse(query.as_deref().unwrap_or_default())?;
    match lookup {
        Lookup::UserName(name) => {
            let found = app.tables.user_by_user_name(&fold(&name)).await?;
            Ok(app.few(app.user(found).await?, count, start))
        }
        Lookup::Email(email) => {
            let found = app.tables.users_by_email(&[fold(&email)]).await?.into_values().next();
            Ok(app.few(app.user(found).await?, count, start))
        }
        Lookup::All { after } => {
            let total = app.tables.count_users().await?;
            if start > 1 && start <= total {
                return Err(Refusal::index());
            }
            let most = if start > total.max(1) { 0 } else { count + 1 };
            let users = app.tables.page_of_users(after.as_ref(), most).await?;
            Ok(Answer::page(&app.url, users, count, total))
        }
    }
}

async fn one(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    id: Result<Path<String>, PathRejection>,
) -> Result<Answer, Refusal> {
    app.authenticate(&headers).await?;
    let id = id.ok().map(|Path(id)| UserId::from(id));
    match app.user(id).await? {
        Some(user) => Ok(Answer::one(&app.url, &user).unless_known(&headers)),
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
        let (Some(value), None) = (given.next(), given.next()) else {
            return Err(Refusal::without_token());
        };
        let token = value.to_str().ok().and_then(bearer).ok_or_else(Refusal::without_token)?;
        let known = self.tables.api_token(&token_hash(token)).await?;
        match known {
            Some(known) if known.is_valid(self.clock.now()) => Ok(()),
            _ => Err(Refusal::wrong_token()),
        }
    }

    async fn user(&self, id: Option<UserId>) -> Result<Option<User>, Refusal> {
        match id {
            Some(id) => Ok(self.tables.user(&id).await?),
            None => Ok(None),
        }
    }

    /// The one user that a filter found, or none, as a page from `start`.
    fn few(&self, user: Option<User>, count: usize, start: u64) -> Answer {
        let total = u64::from(user.is_some());
        let page = user.into_iter().filter(|_| start == 1 && count > 0);
        Answer::page(&self.url, page.collect(), count, total)
    }
}

/// The token of an `Authorization` header (RFC 6750, 2.1); the scheme is read without case.
fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}
