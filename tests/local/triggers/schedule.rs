//! A schedule: calls a function again and again, with the input that the template gives it.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use serde_json::Value;
use shared::clock::Clock;

use super::{Failed, Function};
use crate::{clock::later, template::ScheduleTrigger};

/// Calls a function at a rate, for the first time when the first interval is over.
pub struct Schedule {
    every: Duration,
    input: Value,
    next: Mutex<Timestamp>,
    clock: Clock,
    function: Function,
}

impl Schedule {
    /// A schedule that begins now.
    pub fn new(trigger: &ScheduleTrigger, function: Function, clock: Clock) -> Arc<Schedule> {
        let ScheduleTrigger { every, input } = trigger.clone();
        let next = Mutex::new(later(clock.now(), every));
        Arc::new(Schedule { every, input, next, clock, function })
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
        Some((self.function)(self.input.clone()).await.map(drop))
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
