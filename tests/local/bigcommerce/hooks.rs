//! Webhooks: registering them, and what the store knows of each.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    body::Bytes,
    extract::{Path, State},
    http::{StatusCode, Uri},
    response::{IntoResponse, Response},
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    blocklist::Blocked,
    check::object,
    errors::{Broken, Refusal, json},
    paging::{Written, page_of},
    query::Query,
    shop::Shop,
    state::next,
};

/// Nothing heard for so long switches a hook off.
const SILENCE: SignedDuration = SignedDuration::from_hours(90 * 24);
/// How many hooks one client may have for one scope.
const A_SCOPE: usize = 10;

/// A hook as the store keeps it.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Hook {
    pub(super) wire: Registration,
    heard_at: i64,
    deactivated: bool,
}

/// A hook as its owner sees it, in the order of the wire.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Registration {
    id: u32,
    client_id: String,
    store_hash: String,
    created_at: i64,
    updated_at: i64,
    scope: String,
    pub(super) destination: String,
    pub(super) is_active: bool,
    pub(super) headers: Option<BTreeMap<String, String>>,
}

impl Hook {
    /// Whether this hook is told of `scope`. A wildcard takes whatever is below it; events name the
    /// scope itself.
    pub(super) fn wants(&self, scope: &str) -> bool {
        let below = self.wire.scope.strip_suffix('*');
        self.wire.is_active && below.map_or(self.wire.scope == scope, |above| scope.starts_with(above))
    }

    /// Something happened that this hook, whose identifier it returns, is told of.
    pub(super) fn heard(&mut self, now: Timestamp) -> u32 {
        self.heard_at = now.as_second();
        self.wire.id
    }

    /// Switched off by the store.
    pub(super) fn deactivate(&mut self, now: Timestamp) {
        self.wire.is_active = false;
        self.wire.updated_at = now.as_second();
        self.deactivated = true;
    }

    /// Switched off by the store if nothing was heard for ninety days.
    pub(super) fn rest_if_silent(&mut self, now: Timestamp) {
        let silent = now.as_second() - self.heard_at.max(self.wire.updated_at);
        if self.wire.is_active && silent > SILENCE.as_secs() {
            self.deactivate(now);
        }
    }

    fn told(&self) -> Told<'_> {
        let status = match (self.wire.is_active, self.deactivated) {
            (true, _) => "active",
            (false, true) => "deactivated",
            (false, false) => "inactive",
        };
        Told { hook: &self.wire, status }
    }
}

/// What a caller wants of a hook.
#[derive(Default)]
struct Wish {
    scope: Option<String>,
    destination: Option<String>,
    is_active: Option<bool>,
    headers: Option<Option<BTreeMap<String, String>>>,
}

impl Wish {
    fn read(body: &Map<String, Value>) -> Result<Wish, Refusal> {
        let text = |name: &str| match body.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(Refusal::bad_input()),
        };
        let is_active = match body.get("is_active") {
            None | Some(Value::Null) => None,
            Some(value) => Some(value.as_bool().ok_or(Refusal::bad_input())?),
        };
        let headers = match body.get("headers") {
            None => None,
            Some(value) => Some(Option::deserialize(value).map_err(|_| Refusal::bad_input())?),
        };
        Ok(Wish { scope: text("scope")?, destination: text("destination")?, is_active, headers })
    }

    fn apply(self, hook: &mut Hook, now: i64) {
        let Hook { wire, deactivated, .. } = hook;
        wire.scope = self.scope.unwrap_or_else(|| std::mem::take(&mut wire.scope));
        wire.destination = self.destination.unwrap_or_else(|| std::mem::take(&mut wire.destination));
        wire.is_active = self.is_active.unwrap_or(wire.is_active);
        wire.headers = self.headers.unwrap_or_else(|| wire.headers.take());
        wire.updated_at = now;
        *deactivated &= !wire.is_active;
    }
}

/// `GET /v3/hooks`
pub(super) async fn list(State(shop): State<Arc<Shop>>, uri: Uri) -> Result<Response, Refusal> {
    let query = Query::parse(&uri, &["page", "limit", "is_active", "scope", "destination"])?;
    let active = query.flag("is_active")?;
    let state = shop.state();
    let hooks = state.head.hooks.values().map(|hook| &hook.wire).filter(|hook| {
        active.is_none_or(|active| hook.is_active == active)
            && query.text("scope").is_none_or(|scope| hook.scope == scope)
            && query.text("destination").is_none_or(|destination| hook.destination == destination)
    });
    Ok(json(&page_of(&query, 250, hooks.collect())?))
}

/// `POST /v3/hooks`
pub(super) async fn create(State(shop): State<Arc<Shop>>, body: Bytes) -> Result<Response, Refusal> {
    let body = object(&body)?;
    let missing: Broken = ["scope", "destination"]
        .into_iter()
        .filter(|name| body.get(*name).is_none_or(Value::is_null))
        .map(|name| (name.to_owned(), "error.path.missing.".to_owned()))
        .collect();
    if !missing.is_empty() {
        return Err(Refusal::garbled(missing));
    }
    let wish = Wish::read(&body)?;
    let now = shop.second();
    let account = shop.account().clone();
    let mut state = shop.state();
    let wire = Registration {
        id: 0,
        client_id: account.client_id,
        store_hash: account.store_hash,
        created_at: now,
        updated_at: now,
        scope: String::new(),
        destination: String::new(),
        is_active: true,
        headers: None,
    };
    let mut hook = Hook { wire, heard_at: now, deactivated: false };
    wish.apply(&mut hook, now);
    check(&shop, &hook.wire, &state.head.hooks)?;
    hook.wire.id = next(&mut state.head.last.hook);
    let answer = json(&Written::new(&hook.wire));
    state.head.hooks.insert(hook.wire.id, hook);
    Ok(answer)
}

/// `GET /v3/hooks/{id}`
pub(super) async fn read(
    State(shop): State<Arc<Shop>>,
    Path((_, id)): Path<(String, String)>,
) -> Result<Response, Refusal> {
    let state = shop.state();
    let hook = find(&id, &state.head.hooks)?;
    Ok(json(&Written::new(&hook.wire)))
}

/// `PUT /v3/hooks/{id}`
pub(super) async fn update(
    State(shop): State<Arc<Shop>>,
    Path((_, id)): Path<(String, String)>,
    body: Bytes,
) -> Result<Response, Refusal> {
    let wish = Wish::read(&object(&body)?)?;
    let mut state = shop.state();
    let mut hook = find(&id, &state.head.hooks)?.clone();
    wish.apply(&mut hook, shop.second());
    check(&shop, &hook.wire, &state.head.hooks)?;
    let answer = json(&Written::new(&hook.wire));
    state.head.hooks.insert(hook.wire.id, hook);
    Ok(answer)
}

/// `DELETE /v3/hooks/{id}`, which answers what was deleted.
pub(super) async fn delete(
    State(shop): State<Arc<Shop>>,
    Path((_, id)): Path<(String, String)>,
) -> Result<Response, Refusal> {
    let mut state = shop.state();
    let hook = find(&id, &state.head.hooks)?.clone();
    state.head.hooks.remove(&hook.wire.id);
    Ok(json(&Written::new(hook.wire)))
}

#[derive(Serialize)]
struct Admin<'a> {
    emails: &'a [String],
    hooks_list: Vec<Told<'a>>,
    blocked_domains: Vec<Blocked>,
}

#[derive(Serialize)]
struct Told<'a> {
    #[serde(flatten)]
    hook: &'a Registration,
    status: &'static str,
}

/// `GET /v3/hooks/admin`
pub(super) async fn admin(State(shop): State<Arc<Shop>>, uri: Uri) -> Result<Response, Refusal> {
    let active = Query::parse(&uri, &["is_active"])?.flag("is_active")?;
    let state = shop.state();
    let hooks = state.head.hooks.values();
    let hooks = hooks.filter(|hook| active.is_none_or(|active| hook.wire.is_active == active));
    let blocked_domains = shop.traffic().blocklist.blocked(shop.clock.now());
    let admin =
        Admin { emails: &state.head.mails, hooks_list: hooks.map(Hook::told).collect(), blocked_domains };
    Ok(json(&Written::new(admin)))
}

/// `PUT /v3/hooks/admin`
pub(super) async fn set_admin(State(shop): State<Arc<Shop>>, body: Bytes) -> Result<Response, Refusal> {
    let body = object(&body)?;
    let mails = body.get("emails").and_then(|mails| Vec::deserialize(mails).ok());
    shop.state().head.mails = mails.ok_or(Refusal::bad_input())?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn find<'a>(id: &str, hooks: &'a BTreeMap<u32, Hook>) -> Result<&'a Hook, Refusal> {
    id.parse().ok().and_then(|id: u32| hooks.get(&id)).ok_or_else(|| Refusal::no_hook(id))
}

/// The rules: https at the usual port, one a scope and destination, ten a scope.
fn check(shop: &Shop, hook: &Registration, hooks: &BTreeMap<u32, Hook>) -> Result<(), Refusal> {
    if hook.scope.split('/').next() != Some("store") || hook.scope.split('/').count() < 3 {
        return Err(Refusal::bad_input());
    }
    let url = reqwest::Url::parse(&hook.destination).map_err(|_| Refusal::bad_input())?;
    let real = url.scheme() == "https" && url.port_or_known_default() == Some(443);
    if !real && !shop.config.allow_local_destinations {
        return Err(Refusal::bad_input());
    }
    let title = "Webhook could not be saved.";
    let hooks = hooks.values().map(|other| &other.wire);
    let others: Vec<_> = hooks.filter(|other| other.id != hook.id && other.scope == hook.scope).collect();
    if others.iter().any(|other| other.destination == hook.destination) {
        return Err(Refusal::of(title, "scope", "a hook for this scope and destination exists"));
    }
    if others.len() >= A_SCOPE {
        return Err(Refusal::of(title, "scope", "there are ten hooks for this scope"));
    }
    Ok(())
}
