//! An application's store as it answers now: each thing that must hold is tried, and what does not
//! hold is told with its fix.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use serde::Serialize;
use shared::{
    application::{Application, WEBHOOK_SCOPES},
    bigcommerce::{Client, Error, PageQuery},
};

use crate::App;

/// Something that was tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Check {
    pub(super) name: &'static str,
    pub(super) state: CheckState,
    /// What was found, and what to do where it does not hold.
    pub(super) detail: String,
}

/// How it went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum CheckState {
    Good,
    Warn,
    Bad,
}

impl CheckState {
    pub(super) fn kind(self) -> &'static str {
        match self {
            CheckState::Good => "good",
            CheckState::Warn => "warn",
            CheckState::Bad => "bad",
        }
    }

    pub(super) fn word(self) -> &'static str {
        match self {
            CheckState::Good => "in order",
            CheckState::Warn => "look",
            CheckState::Bad => "broken",
        }
    }
}

/// How far the store's clock may be from ours: beyond it, signatures are refused.
const TOLERANCE: SignedDuration = SignedDuration::from_secs(60);

fn good(name: &'static str, detail: impl Into<String>) -> Check {
    Check { name, state: CheckState::Good, detail: detail.into() }
}

fn warn(name: &'static str, detail: impl Into<String>) -> Check {
    Check { name, state: CheckState::Warn, detail: detail.into() }
}

fn bad(name: &'static str, detail: impl Into<String>) -> Check {
    Check { name, state: CheckState::Bad, detail: detail.into() }
}

/// Whether nothing stands in the way of working with the store.
pub(super) fn is_usable(checks: &[Check]) -> bool {
    checks.iter().all(|check| check.state != CheckState::Bad)
}

impl App {
    /// The checks of a store that is connected: its account and its webhooks.
    pub(super) async fn checks(&self, application: &Application) -> Vec<Check> {
        let store = self.engine.api.store(application);
        let mut checks = self.checks_of_account(&store, application).await;
        if is_usable(&checks) {
            checks.push(self.check_hooks(&store, application).await);
            checks.extend(check_quota(&store, application.policies.quota_reserve_percent));
        }
        checks
    }

    /// The checks of an API account; after the first that the others need, they are left.
    pub(super) async fn checks_of_account(&self, store: &Client, application: &Application) -> Vec<Check> {
        let time = match store.time().await {
            Err(error) => return vec![bad("Connection", failed(&error))],
            Ok(time) => time,
        };
        let mut checks = vec![good("Connection", "The store answers and takes the access token.")];
        let off = time.duration_since(self.engine.clock.now()).abs();
        checks.push(match off > TOLERANCE {
            true => warn("Clock", format!("The store's clock is {} s off ours, so its webhooks may be refused. It should right itself; if not, tell whoever runs this service.", off.as_secs())),
            false => good("Clock", "The store's clock and ours agree."),
        });
        checks.push(check_store(store, &application.store_hash).await);
        checks.push(check_customers(store).await);
        let secret = application.credentials.client_secret.expose();
        checks.push(match secret == application.credentials.access_token.expose() {
            true => bad("Client secret", "The client secret is the access token. Copy it from the field Client secret."),
            false => good("Client secret", "Kept sealed. It is proved by the signature of the store's first webhook; a wrong one would have every webhook refused."),
        });
        checks
    }

    async fn check_hooks(&self, store: &Client, application: &Application) -> Check {
        let name = "Webhooks";
        let destination = self.destination(application);
        match store.hooks().await {
            Err(error) => bad(name, failed(&error)),
            Ok(hooks) => {
                let ours = hooks.iter().filter(|hook| hook.destination == destination && hook.is_active);
                let on: BTreeSet<&str> = ours.map(|hook| hook.scope.as_str()).collect();
                let missing = WEBHOOK_SCOPES.iter().filter(|scope| !on.contains(**scope)).count();
                match missing {
                    0 => good(name, format!("All {} are on.", WEBHOOK_SCOPES.len())),
                    _ => warn(
                        name,
                        format!(
                            "{missing} of {} are off or missing. Press Set up again; they are also set up every quarter of an hour, and what was missed is looked for.",
                            WEBHOOK_SCOPES.len()
                        ),
                    ),
                }
            }
        }
    }
}

async fn check_store(store: &Client, hash: &str) -> Check {
    let name = "Store";
    match store.store_information().await {
        Ok(found) if found.id == hash => {
            let title = found.name.unwrap_or_else(|| "without a name".to_owned());
            let plan = found.plan_name.map(|plan| format!(", plan {plan}")).unwrap_or_default();
            good(name, format!("{title}{plan}."))
        }
        Ok(found) => bad(
            name,
            format!(
                "The token is of the store {}, not of {hash}. Copy both from the same API account.",
                found.id
            ),
        ),
        Err(Error::Forbidden) => warn(
            name,
            "The token may not read the store's information. Give the API account the scope Information & Settings, read-only; without it, the store cannot be told for sure.",
        ),
        Err(error) => bad(name, failed(&error)),
    }
}

async fn check_customers(store: &Client) -> Check {
    let name = "Scopes";
    let query = PageQuery { limit: 1, ..PageQuery::default() };
    match store.page(&query).await {
        Err(Error::Forbidden) => {
            return bad(
                name,
                "The token may not read customers. Give the API account the scope Customers: modify.",
            );
        }
        Err(error) => return bad(name, failed(&error)),
        Ok(_) => {}
    }
    match store.may_change_customers().await {
        Ok(true) => good(name, "Customers may be read and changed."),
        Ok(false) => {
            bad(name, "The token may only read customers. Give the API account the scope Customers: modify.")
        }
        Err(error) => bad(name, failed(&error)),
    }
}

/// What is left of the quota, as the calls just made told.
fn check_quota(store: &Client, reserve: u8) -> Option<Check> {
    let quota = store.quota()?;
    let left = (quota.left * 100).checked_div(quota.per_window)?;
    let detail = format!(
        "{} of {} calls are left in this window of {} s.",
        quota.left,
        quota.per_window,
        quota.window.as_secs()
    );
    Some(match left < u64::from(reserve) {
        true => warn(
            "Quota",
            format!("{detail} That is the merchant's reserve of {reserve} %, so the directory waits."),
        ),
        false => good("Quota", detail),
    })
}

/// What a person reads of a call that failed.
fn failed(error: &Error) -> String {
    match error {
        Error::Unauthorized => {
            "The store refuses the access token. Create a new API account at the store and enter its values."
                .to_owned()
        }
        Error::Forbidden => {
            "The token lacks a scope, or the store is suspended. Look at both at the store.".to_owned()
        }
        Error::NotFound => {
            "There is no such store. Compare the store hash with the API path of the account.".to_owned()
        }
        Error::RateLimited { .. } => {
            "The store's quota is used up for the moment. Try again in a minute.".to_owned()
        }
        error if error.retryable() => format!("{error}. Try again in a while."),
        error => format!("{error}. Correct it at the store."),
    }
}
