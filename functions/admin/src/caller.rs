//! Who asks: an operator by the session of their browser, or an API client by its token.

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, header::AUTHORIZATION, request::Parts},
    middleware::Next,
    response::Response,
};
use jiff::Timestamp;
use shared::{
    client::ClientId,
    http::bearer,
    operator::{Operator, Role},
    secret::EmailAddress,
    store::token_hash,
};

use crate::{App, format::Format, refusal::Refusal, session};

/// Who asks, what they may do and how they want it answered.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) who: Who,
    pub(crate) role: Role,
    pub(crate) format: Format,
    pub(crate) now: Timestamp,
    /// What a form must send back; none for who has no session, which nobody can abuse.
    pub(crate) csrf: Option<String>,
    /// What was just done, to be told on this page.
    pub(crate) flash: Option<String>,
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    /// A person at the console.
    Operator(EmailAddress),
    /// A client with a token.
    Client(ClientId),
}

/// What a request showed, which its guard judges: nobody is turned away before it is known for what.
#[derive(Clone)]
pub(crate) enum Shown {
    Nothing,
    Caller(Box<Caller>),
    Refused(Box<Refusal>),
}

/// Finds out who asks and leaves it with the request, and with the answer for who writes its page.
pub(crate) async fn recognise(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let shown = match Caller::of(&app, request.headers()).await {
        Ok(None) => Shown::Nothing,
        Ok(Some(caller)) => Shown::Caller(Box::new(caller)),
        Err(refusal) => Shown::Refused(Box::new(refusal)),
    };
    request.extensions_mut().insert(shown.clone());
    request.extensions_mut().insert(app);
    let mut response = next.run(request).await;
    response.extensions_mut().insert(shown);
    response
}

impl Caller {
    /// A token goes before a session: who sends one means it.
    async fn of(app: &App, headers: &HeaderMap) -> Result<Option<Caller>, Refusal> {
        if headers.contains_key(AUTHORIZATION) {
            return Caller::by_token(app, headers).await.map(Some);
        }
        match session::cookie(app, headers) {
            Some(cookie) => Caller::by_session(app, cookie, headers).await,
            None => Ok(None),
        }
    }

    async fn by_token(app: &App, headers: &HeaderMap) -> Result<Caller, Refusal> {
        let mut given = headers.get_all(AUTHORIZATION).iter();
        let (Some(value), None) = (given.next(), given.next()) else {
            return Err(Refusal::wrong_token());
        };
        let text = value.to_str().ok().and_then(bearer).ok_or_else(Refusal::wrong_token)?;
        let (hash, now) = (token_hash(text), app.engine.clock.now());
        let token = app.tables().api_token(&hash).await?.filter(|token| token.is_valid(now));
        let token = token.ok_or_else(Refusal::wrong_token)?;
        let role = token.role.ok_or_else(Refusal::scim_token)?;
        if let Err(error) = app.tables().touch_api_token(&hash, &token, now).await {
            // It is for people to look at; nobody is turned away for it.
            tracing::warn!(?error, "token.use_not_noted");
        }
        let who = Who::Client(token.client);
        Ok(Caller { who, role, format: Format::wanted(headers), now, csrf: None, flash: None })
    }

    async fn by_session(app: &App, cookie: &str, headers: &HeaderMap) -> Result<Option<Caller>, Refusal> {
        let now = app.engine.clock.now();
        let Some(session) = app.tables().session(cookie, now).await? else { return Ok(None) };
        let email = EmailAddress::new(session.operator.clone());
        let Some(Operator { email, role, .. }) = app.tables().operator(&email).await? else {
            return Ok(None);
        };
        if session.is_stale(now) {
            app.tables().touch_session(cookie, &session, now).await?;
        }
        Ok(Some(Caller {
            who: Who::Operator(email),
            role,
            format: Format::wanted(headers),
            now,
            csrf: Some(session::proof(cookie)),
            flash: session::flash(app, headers),
        }))
    }

    /// Whether this may be done, where the route's own role does not say it all.
    pub(crate) fn require(&self, role: Role) -> Result<(), Refusal> {
        if self.role >= role { Ok(()) } else { Err(Refusal::above(role)) }
    }

    /// Who it is, for those who read later who did it: an e-mail address or a client's identifier.
    pub(crate) fn name(&self) -> &str {
        match &self.who {
            Who::Operator(email) => email.as_str(),
            Who::Client(client) => client.as_str(),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Caller, Refusal> {
        match parts.extensions.get::<Shown>() {
            Some(Shown::Caller(caller)) => Ok((**caller).clone()),
            Some(Shown::Refused(refusal)) => Err((**refusal).clone()),
            Some(Shown::Nothing) | None => Err(Refusal::stranger()),
        }
    }
}
