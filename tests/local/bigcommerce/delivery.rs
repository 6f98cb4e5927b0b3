//! Delivering events: signed posts, retries on a long ladder, and a hook that is switched off at its end.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use rand::seq::SliceRandom;
use serde::{Deserialize, Serialize};
use standardwebhooks::Webhook;

use super::{
    blocklist::domain,
    faults::Moment,
    hooks::Hook,
    log::{Entry, Outcome},
    shop::Shop,
};

/// How long after an attempt the next one comes.
const LADDER: [u64; 11] = [60, 180, 300, 600, 900, 1800, 3600, 7200, 21600, 50400, 86400];

/// How many deliveries are under way at once.
const AT_ONCE: usize = 16;

/// An event on its way to a hook.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Delivery {
    pub(super) hash: String,
    pub(super) scope: String,
    pub(super) body: String,
    pub(super) hook: u32,
    /// 0 is the first attempt.
    pub(super) attempt: u32,
}

impl Delivery {
    /// The line of the log about how this attempt ended.
    pub(super) fn ended(&self, at: Timestamp, outcome: Outcome) -> Entry {
        let Delivery { hash, hook, attempt, .. } = self;
        Entry::Delivery { at, hash: hash.clone(), hook: *hook, attempt: *attempt, outcome }
    }
}

/// Sends what is due now, and returns how many deliveries that were.
pub(super) async fn deliver_due(shop: &Shop) -> usize {
    let due = take_due(shop);
    let tried = due.len();
    stream::iter(due)
        .for_each_concurrent(AT_ONCE, |(number, delivery)| async move {
            let outcome = attempt(shop, &delivery).await;
            settle(shop, number, delivery, outcome);
        })
        .await;
    tried
}

/// Moves what is due from the queue to what is on its way.
fn take_due(shop: &Shop) -> Vec<(u64, Delivery)> {
    let now = shop.clock.now();
    let mut state = shop.state();
    for hook in state.head.hooks.values_mut() {
        hook.rest_if_silent(now);
    }
    let later = state.queue.split_off(&(now, u64::MAX));
    let due = std::mem::replace(&mut state.queue, later);
    let mut due: Vec<(u64, Delivery)> =
        due.into_iter().map(|((_, number), delivery)| (number, delivery)).collect();
    state.sending.extend(due.iter().cloned());
    let mut traffic = shop.traffic();
    if !traffic.draw(Moment::Sending, "").is_empty() {
        due.shuffle(&mut traffic.rng);
    }
    due
}

/// Posts a delivery, unless its hook is gone or its domain is blocked.
async fn attempt(shop: &Shop, delivery: &Delivery) -> Outcome {
    let hook = shop.state().head.hooks.get(&delivery.hook).filter(|hook| hook.wire.is_active).cloned();
    let Some(hook) = hook else { return Outcome::Dropped };
    if shop.traffic().blocklist.is_blocked(&domain(&hook.wire.destination), shop.clock.now()) {
        return Outcome::Blocked;
    }
    match post(shop, delivery, &hook).await {
        Ok(response) => Outcome::Answered(response.status().as_u16()),
        Err(_) => Outcome::Failed,
    }
}

/// The request of one attempt: the identifier stays, time and signature are new.
async fn post(shop: &Shop, delivery: &Delivery, hook: &Hook) -> reqwest::Result<reqwest::Response> {
    let timestamp = shop.clock.now().as_second();
    let signature = sign(&shop.client_secret(), &delivery.hash, timestamp, &delivery.body);
    let mut request = shop
        .http
        .post(&hook.wire.destination)
        .header("content-type", "application/json")
        .header("webhook-id", &delivery.hash)
        .header("webhook-timestamp", timestamp)
        .header("webhook-signature", signature);
    for (name, value) in hook.wire.headers.iter().flatten() {
        request = request.header(name, value);
    }
    request.body(delivery.body.clone()).send().await
}

/// The signature that receivers verify. Their libraries want base64 of the client secret and decode
/// it: the key is the secret as issued.
pub(super) fn sign(client_secret: &str, id: &str, timestamp: i64, body: &str) -> String {
    let webhook = Webhook::new(&STANDARD.encode(client_secret));
    webhook.and_then(|webhook| webhook.sign(id, timestamp, body.as_bytes())).unwrap_or_default()
}

/// Notes how an attempt ended, and plans the next one if there is to be one.
fn settle(shop: &Shop, number: u64, delivery: Delivery, outcome: Outcome) {
    let now = shop.clock.now();
    let mut state = shop.state();
    state.sending.remove(&number);
    let destination = state.head.hooks.get(&delivery.hook).map(|hook| domain(&hook.wire.destination));
    let mut traffic = shop.traffic();
    traffic.log.add(delivery.ended(now, outcome));
    let delivered = match outcome {
        Outcome::Answered(status) => (200..300).contains(&status),
        Outcome::Failed | Outcome::Blocked => false,
        Outcome::Dropped | Outcome::Lost => return,
    };
    if outcome != Outcome::Blocked
        && let Some(destination) = &destination
    {
        traffic.blocklist.note(destination, now, delivered);
    }
    drop(traffic);
    if delivered {
        return;
    }
    if let Some(wait) = LADDER.get(delivery.attempt as usize) {
        let attempt = delivery.attempt + 1;
        state.queue.insert((now + Duration::from_secs(*wait), number), Delivery { attempt, ..delivery });
    } else if let Some(hook) = state.head.hooks.get_mut(&delivery.hook) {
        hook.deactivate(now);
    }
}
