//! A schedule: calls a function again and again, with the event that EventBridge sends.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use serde_json::json;
use shared::clock::{Clock, random_id};

use super::{Failed, Function};
use crate::clock::later;

/// Calls a function at a rate, for the first time when the first interval is over.
pub struct Schedule {
    every: Duration,
    next: Mutex<Timestamp>,
    clock: Clock,
    function: Function,
}

impl Schedule {
    /// A schedule that begins now.
    pub fn new(every: Duration, function: Function, clock: Clock) -> Arc<Schedule> {
        let next = Mutex::new(later(clock.now(), every));
        Arc::new(Schedule { every, next, clock, function })
    }

    /// When the function is due.
    pub fn next(&self) -> Timestamp {
        *self.next.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Calls the function if it is due, once however often it was missed; tells what came of it.
    pub async fn run_if_due(&self) -> Option<Result<(), Failed>> {
        let now = self.clock.now();
        if now < self.next() {
            return None;
        }
        *self.next.lock().unwrap_or_else(PoisonError::into_inner) = later(now, self.every);
        Some((self.function)(event(now)).await.map(drop))
    }

    /// Calls the function at its times until the task is aborted.
    pub async fn run(self: Arc<Self>) {
        loop {
            let wait = self.next().duration_since(self.clock.now());
            self.clock.sleep(Duration::try_from(wait).unwrap_or_default()).await;
            if let Some(Err(error)) = self.run_if_due().await {
                tracing::error!(%error, "a scheduled call failed");
            }
        }
    }
}

fn event(now: Timestamp) -> serde_json::Value {
    json!({
        "version": "0",
        "id": random_id(),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "000000000000",
        "time": now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "region": "us-east-1",
        "resources": ["arn:aws:events:us-east-1:000000000000:rule/local"],
        "detail": {},
    })
}
