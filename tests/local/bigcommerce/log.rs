//! What happened: a log of calls, events and deliveries, and counters by endpoint.

use std::collections::{BTreeMap, VecDeque};

use jiff::Timestamp;
use serde::Serialize;

/// Older lines are forgotten: the log is for looking at, and for the oracle of a test.
const LINES: usize = 100_000;

/// A line of the log. It holds no secret: no token, no password.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Entry {
    /// A call of the API.
    Call {
        /// When it was answered.
        at: Timestamp,
        /// Method and route.
        endpoint: String,
        /// Path and query.
        uri: String,
        /// The status answered; `None` if the connection was closed instead.
        status: Option<u16>,
    },
    /// A new customer.
    Creation {
        /// When.
        at: Timestamp,
        /// Its number.
        customer: u32,
        /// Its e-mail address, as the store took it.
        email: String,
        /// What its creator calls itself: a user agent of the API, or `page`.
        by: String,
    },
    /// Something that hooks may have registered for.
    Event {
        /// When it happened.
        at: Timestamp,
        /// Its identifier, which all its deliveries carry.
        hash: String,
        /// What it was.
        scope: String,
        /// The customer to whom, or to whose address, it happened.
        customer: u32,
        /// The hooks to which it goes.
        hooks: Vec<u32>,
    },
    /// An attempt to deliver an event.
    Delivery {
        /// When it ended.
        at: Timestamp,
        /// The event.
        hash: String,
        /// The hook.
        hook: u32,
        /// 0 is the first attempt.
        attempt: u32,
        /// How it ended.
        outcome: Outcome,
    },
}

/// How an attempt to deliver ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The receiver answered with this status.
    Answered(u16),
    /// There was no answer in time, or no connection.
    Failed,
    /// The destination's domain is blocked; it was put off without an attempt.
    Blocked,
    /// The hook is gone or not active; the event is lost to it.
    Dropped,
    /// A fault made it disappear.
    Lost,
}

/// What is known about the calls of one endpoint.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct EndpointCalls {
    /// How many there were.
    pub calls: u64,
    /// How many were answered with 429, for whatever reason.
    pub refused: u64,
    /// The statuses answered.
    pub statuses: BTreeMap<u16, u64>,
    /// How many are under way.
    pub in_flight: usize,
    /// How many of those are slow on order: answered, and held back for a time.
    pub slow: usize,
    /// How many were under way at once, at most.
    pub most_in_flight: usize,
}

/// What is known about the calls.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Calls {
    /// By method and route, as in `PUT /v3/customers`.
    pub endpoints: BTreeMap<String, EndpointCalls>,
    /// How many writers were under way at once, over all endpoints, at most.
    pub most_writers: usize,
    /// The most calls that one window of the quota had to refuse.
    pub most_refused_in_a_window: u64,
    writers: usize,
}

impl Calls {
    /// How many calls an endpoint had.
    pub fn of(&self, endpoint: &str) -> u64 {
        self.endpoints.get(endpoint).map_or(0, |calls| calls.calls)
    }

    /// How many calls there were.
    pub fn total(&self) -> u64 {
        self.endpoints.values().map(|calls| calls.calls).sum()
    }

    /// How many calls were answered with `status`.
    pub fn answered(&self, status: u16) -> u64 {
        self.endpoints.values().filter_map(|calls| calls.statuses.get(&status)).sum()
    }

    /// A call begins; how many are now under way at its endpoint.
    pub(super) fn begin(&mut self, endpoint: &str) -> usize {
        if writes(endpoint) {
            self.writers += 1;
            self.most_writers = self.most_writers.max(self.writers);
        }
        let calls = self.endpoints.entry(endpoint.to_owned()).or_default();
        calls.calls += 1;
        calls.in_flight += 1;
        calls.most_in_flight = calls.most_in_flight.max(calls.in_flight);
        calls.in_flight
    }

    /// A call is over, however it ended.
    pub(super) fn end(&mut self, endpoint: &str) {
        if writes(endpoint) {
            self.writers = self.writers.saturating_sub(1);
        }
        let calls = self.endpoints.entry(endpoint.to_owned()).or_default();
        calls.in_flight = calls.in_flight.saturating_sub(1);
    }

    /// An answer is held back.
    pub(super) fn hold_back(&mut self, endpoint: &str) {
        self.endpoints.entry(endpoint.to_owned()).or_default().slow += 1;
    }

    /// An answer is held back no longer.
    pub(super) fn let_go(&mut self, endpoint: &str) {
        let calls = self.endpoints.entry(endpoint.to_owned()).or_default();
        calls.slow = calls.slow.saturating_sub(1);
    }

    /// A call was answered.
    pub(super) fn answer(&mut self, endpoint: &str, status: u16) {
        let calls = self.endpoints.entry(endpoint.to_owned()).or_default();
        calls.refused += u64::from(status == 429);
        *calls.statuses.entry(status).or_default() += 1;
    }
}

fn writes(endpoint: &str) -> bool {
    !endpoint.starts_with("GET ") && !endpoint.ends_with("validate-credentials")
}

/// The last lines of the log.
#[derive(Default)]
pub(super) struct Log {
    lines: VecDeque<Entry>,
}

impl Log {
    /// Adds a line.
    pub(super) fn add(&mut self, entry: Entry) {
        if self.lines.len() == LINES {
            self.lines.pop_front();
        }
        self.lines.push_back(entry);
    }

    /// The lines, oldest first.
    pub(super) fn lines(&self) -> Vec<Entry> {
        self.lines.iter().cloned().collect()
    }
}
