//! Who asks, and what their token opens.

use std::{collections::BTreeSet, sync::Arc};

use axum::{
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, Method, header::AUTHORIZATION, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use shared::{
    client::{Client, Scope},
    http::bearer,
    store::token_hash,
};

use crate::{App, refusal::Refusal, settings::Settings};

/// A client that has shown its token.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) app: Arc<App>,
    pub(crate) client: Arc<Client>,
    scopes: Arc<BTreeSet<Scope>>,
    pub(crate) settings: Arc<Settings>,
}

/// Lets nobody further without a token that opens what is asked for. Only the token tells who
/// asks; which address was asked does not count.
pub(crate) async fn admit(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    match Caller::of(app, request.headers()).await {
        Ok(caller) => match needed(request.method(), request.uri().path()).map(|scope| caller.may(scope)) {
            Some(Err(refusal)) => refusal.into_response(),
            _ => {
                request.extensions_mut().insert(caller);
                next.run(request).await
            }
        },
        Err(refusal) => refusal.into_response(),
    }
}

/// `None` where each operation asks for itself. A search is a read, though it is sent by POST.
fn needed(method: &Method, path: &str) -> Option<Scope> {
    match *method {
        Method::POST if path.ends_with("/Bulk") => None,
        Method::POST if path.ends_with("/.search") => Some(Scope::Read),
        Method::POST | Method::PUT | Method::PATCH => Some(Scope::Write),
        Method::DELETE => Some(Scope::Delete),
        _ => Some(Scope::Read),
    }
}

impl Caller {
    async fn of(app: Arc<App>, headers: &HeaderMap) -> Result<Caller, Refusal> {
        let mut given = headers.get_all(AUTHORIZATION).iter();
        let (Some(value), None) = (given.next(), given.next()) else {
            return Err(Refusal::without_token());
        };
        let text = value.to_str().ok().and_then(bearer).ok_or_else(Refusal::without_token)?;
        let (hash, now) = (token_hash(text), app.clock.now());
        let token = app.tables.api_token(&hash).await?.filter(|token| token.is_valid(now));
        let token = token.ok_or_else(Refusal::wrong_token)?;
        if let Err(error) = app.tables.touch_api_token(&hash, &token, now).await {
            // It is for people to look at; nobody is turned away for it.
            tracing::warn!(?error, "token.use_not_noted");
        }
        let settings = app.settings().await?;
        let client = settings.client(&token.client);
        Ok(Caller { app, client, scopes: Arc::new(token.scopes), settings })
    }

    /// Whether the token opens this.
    pub(crate) fn may(&self, scope: Scope) -> Result<(), Refusal> {
        if self.scopes.contains(&scope) { Ok(()) } else { Err(Refusal::out_of_scope(scope)) }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Caller, Refusal> {
        parts.extensions.get::<Caller>().cloned().ok_or_else(Refusal::without_token)
    }
}
