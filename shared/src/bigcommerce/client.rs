//! The door of one application to its store: how a request is made, sent, repeated and read.

use std::{fmt, sync::Arc, time::Duration};

use reqwest::{
    Method, Request, RequestBuilder, StatusCode, Url,
    header::{ACCEPT, HeaderValue},
};
use serde::{Serialize, de::DeserializeOwned};

use super::{
    answer::Answer,
    api::{Api, Store},
    error::Error,
    limit::Turn,
    list::Envelope,
    pace::headerless_backoff,
    quota::{Quota, Told},
};
use crate::{application::Application, clock::jittered};

/// How long a call sleeps, all its waits together, before it is handed back with the time to wait.
const PATIENCE: Duration = Duration::from_secs(3);

/// How often a call that may be repeated is made at most.
const TRIES: u32 = 3;
const FIRST_PAUSE: Duration = Duration::from_millis(500);

/// An application's door to its store. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    api: Api,
    store: Arc<Store>,
    account: Result<Account, &'static str>,
    reserve_percent: u8,
    patience: Duration,
}

#[derive(Clone)]
struct Account {
    root: Url,
    token: HeaderValue,
}

/// Whether a call may be made again when its answer is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Repeat {
    /// Twice does what once does.
    Freely,
    /// Only if it surely did not reach the store.
    Unsent,
    /// Not even after a 429: the endpoint has a limit of its own, apart from the store's quota.
    Never,
}

/// A request ready to be sent.
pub(super) struct Call {
    request: Request,
    repeat: Repeat,
}

impl Client {
    pub(super) fn new(api: &Api, application: &Application) -> Client {
        Client {
            store: api.shared_by_store(&application.store_hash),
            account: Account::new(api.base(), application),
            reserve_percent: application.policies.quota_reserve_percent,
            patience: PATIENCE,
            api: api.clone(),
        }
    }

    /// The same door for who can wait longer (or not so long) for the quota: waits up to `patience`
    /// are slept, longer ones are handed back as [`Error::RateLimited`].
    pub fn with_patience(mut self, patience: Duration) -> Client {
        self.patience = patience;
        self
    }

    /// The store's quota as last read from the headers of an answer.
    pub fn quota(&self) -> Option<Quota> {
        self.store.limiter.quota()
    }

    pub(super) fn http(&self) -> &reqwest::Client {
        self.api.http()
    }

    pub(super) fn shared(&self) -> &Store {
        &self.store
    }

    pub(super) fn get(&self, path: &str, query: &[(&str, String)]) -> Result<Call, Error> {
        self.call(Method::GET, path, Repeat::Freely, |request| request.query(query))
    }

    pub(super) fn delete(&self, path: &str, query: &[(&str, String)]) -> Result<Call, Error> {
        self.call(Method::DELETE, path, Repeat::Freely, |request| request.query(query))
    }

    pub(super) fn put(&self, path: &str, body: &impl Serialize) -> Result<Call, Error> {
        self.call(Method::PUT, path, Repeat::Freely, |request| request.json(body))
    }

    pub(super) fn post(&self, path: &str, body: &impl Serialize, repeat: Repeat) -> Result<Call, Error> {
        self.call(Method::POST, path, repeat, |request| request.json(body))
    }

    /// `path` is written in this module's files, with numbers at most in it.
    fn call(
        &self,
        method: Method,
        path: &str,
        repeat: Repeat,
        filled: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> Result<Call, Error> {
        let account = self.account.as_ref().map_err(|rule| Error::Misconfigured(rule))?;
        let url = account.root.join(path).map_err(|_| Error::Misconfigured("paths are relative"))?;
        let request = self.api.http().request(method, url);
        let request =
            request.header("X-Auth-Token", account.token.clone()).header(ACCEPT, "application/json");
        let request = filled(request).build().map_err(Error::unreachable)?;
        Ok(Call { request, repeat })
    }

    /// Sends and reads the JSON that must come.
    pub(super) async fn ask<T: DeserializeOwned>(&self, call: Call) -> Result<T, Error> {
        self.send(call, Answer::json).await
    }

    /// Sends and reads what is in the envelope of a v3 answer.
    pub(super) async fn data<T: DeserializeOwned>(&self, call: Result<Call, Error>) -> Result<T, Error> {
        Ok(self.ask::<Envelope<T>>(call?).await?.data)
    }

    /// Sends and reads that it was done; what else the answer tells is of no interest.
    pub(super) async fn tell(&self, call: Call) -> Result<(), Error> {
        self.send(call, Answer::nothing).await
    }

    /// An answer that cannot be read counts as lost, so it is read before a repetition is decided.
    pub(super) async fn send<T>(
        &self,
        call: Call,
        read: fn(&Answer) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let limiter = &self.store.limiter;
        let writes = call.request.method() != Method::GET;
        let _place = if writes { limiter.writer().await } else { None };
        let mut patience = self.patience;
        let mut attempt = 0;
        loop {
            attempt += 1;
            let turn = limiter.turn(self.reserve_percent, &mut patience).await?;
            match self.attempt(&call, turn).await.and_then(|answer| read(&answer)) {
                Ok(value) => return Ok(value),
                Err(error) => self.pause(error, &call, attempt, &mut patience).await?,
            }
        }
    }

    async fn attempt(&self, call: &Call, turn: Turn<'_>) -> Result<Answer, Error> {
        let request = call.request.try_clone().ok_or(Error::Misconfigured("bodies are whole"))?;
        let response = self.api.http().execute(request).await.map_err(Error::unreachable)?;
        let (status, told) = (response.status(), Told::read(response.headers()));
        tracing::debug!(method = %call.request.method(), path = call.request.url().path(), status = status.as_u16());
        if status == StatusCode::TOO_MANY_REQUESTS {
            let retry_after = match call.repeat {
                Repeat::Never => told.retry_after().unwrap_or_else(|| jittered(headerless_backoff(1))),
                Repeat::Freely | Repeat::Unsent => turn.refused(&told),
            };
            return Err(Error::RateLimited { retry_after });
        }
        if !status.is_server_error() {
            turn.answered(&told);
        }
        let answer = Answer::read(response).await?;
        if status.is_success() { Ok(answer) } else { Err(answer.problem(told.retry_after())) }
    }

    /// Returns when the call is to be made again; else its error.
    async fn pause(
        &self,
        error: Error,
        call: &Call,
        attempt: u32,
        patience: &mut Duration,
    ) -> Result<(), Error> {
        let wait = match (&error, call.repeat) {
            (_, Repeat::Never) => return Err(error),
            // The limiter knows when, and waits.
            (Error::RateLimited { .. }, _) => return Ok(()),
            (error, Repeat::Freely) if error.leaves_in_doubt() || error.is_unsent() => {
                next_pause(attempt, error)
            }
            (error, Repeat::Unsent) if error.is_unsent() => next_pause(attempt, error),
            _ => None,
        };
        match wait.and_then(|wait| Some((wait, patience.checked_sub(wait)?))) {
            Some((wait, rest)) => {
                *patience = rest;
                self.api.clock().sleep(wait).await;
                Ok(())
            }
            None => Err(error),
        }
    }
}

fn next_pause(attempt: u32, error: &Error) -> Option<Duration> {
    let pause = jittered(FIRST_PAUSE.saturating_mul(1 << (attempt - 1).min(6)));
    let tries = if error.took_all_its_time() { TRIES - 1 } else { TRIES };
    (attempt < tries).then(|| pause.max(error.retry_after().unwrap_or_default()))
}

impl Account {
    fn new(base: &Url, application: &Application) -> Result<Account, &'static str> {
        let hash = &application.store_hash;
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        if hash.is_empty() || !hash.bytes().all(allowed) {
            return Err("a store hash is of lower-case letters and digits");
        }
        let root = base.join(&format!("/stores/{hash}/")).map_err(|_| "the API has an address")?;
        let token = HeaderValue::from_str(application.credentials.access_token.expose());
        let mut token = token.map_err(|_| "an access token is of visible characters")?;
        token.set_sensitive(true);
        Ok(Account { root, token })
    }
}

/// Tells where, and nothing secret.
impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let root = self.account.as_ref().map(|account| account.root.as_str());
        f.debug_struct("Client").field("root", &root).finish_non_exhaustive()
    }
}
