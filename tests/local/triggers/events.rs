//! Events as EventBridge hands them to functions: to each whose pattern they match, and again when
//! a call fails, as often as Lambda tries a call that nobody waits for.

use serde_json::Value;

use super::{Failed, Function, NotAPattern, filter::Filter};

/// How often a call that failed is made again.
const RETRIES: usize = 2;

/// A function that is called for events.
pub struct EventRule {
    filter: Filter,
    function: Function,
}

impl EventRule {
    /// A rule of a pattern.
    ///
    /// # Errors
    /// When the pattern uses what is not known here.
    pub fn new(pattern: &Value, function: Function) -> Result<EventRule, NotAPattern> {
        Ok(EventRule { filter: Filter::new(std::slice::from_ref(pattern))?, function })
    }

    /// Hands an event over, if it matches; what came of the last attempt.
    ///
    /// # Errors
    /// When every attempt failed.
    pub async fn hand_over(&self, event: &Value) -> Result<(), Failed> {
        if !self.filter.lets_pass(event) {
            return Ok(());
        }
        let mut last = Ok(());
        for _ in 0..=RETRIES {
            last = (self.function)(event.clone()).await.map(drop);
            if last.is_ok() {
                break;
            }
        }
        last
    }
}
