//! The store's quota: what the headers of an answer tell of it. Pure.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use reqwest::header::HeaderMap;

/// The store's quota as last told; all of the merchant's apps draw on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Calls a window.
    pub per_window: u64,
    /// Calls left in this window.
    pub left: u64,
    /// How long a window is.
    pub window: Duration,
    /// When the next one begins.
    pub resets_at: Timestamp,
}

/// What the headers of one answer tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Told {
    per_window: Option<u64>,
    left: Option<u64>,
    window: Option<Duration>,
    reset: Option<Duration>,
    retry_after: Option<Duration>,
}

impl Told {
    pub(super) fn read(headers: &HeaderMap) -> Told {
        Told {
            per_window: number(headers, "x-rate-limit-requests-quota"),
            left: number(headers, "x-rate-limit-requests-left"),
            window: milliseconds(headers, "x-rate-limit-time-window-ms"),
            reset: milliseconds(headers, "x-rate-limit-time-reset-ms"),
            retry_after: seconds(headers, "x-retry-after").max(seconds(headers, "retry-after")),
        }
    }

    /// How long until the next window.
    pub(super) fn reset(&self) -> Option<Duration> {
        self.reset
    }

    /// How long the answer asks to wait, in its own words.
    pub(super) fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    pub(super) fn quota(&self, now: Timestamp) -> Option<Quota> {
        let window = self.window.filter(|window| !window.is_zero()).unwrap_or(WINDOW);
        let resets_at = later(now, self.reset?);
        Some(Quota { per_window: self.per_window?, left: self.left?, window, resets_at })
    }
}

const WINDOW: Duration = Duration::from_secs(30);

/// No header makes anybody wait longer.
const LONGEST: Duration = Duration::from_secs(3600);

/// Negative numbers are met where a quota is overdrawn.
fn number(headers: &HeaderMap, name: &str) -> Option<u64> {
    let number: i64 = headers.get(name)?.to_str().ok()?.trim().parse().ok()?;
    Some(number.max(0).unsigned_abs())
}

fn milliseconds(headers: &HeaderMap, name: &str) -> Option<Duration> {
    number(headers, name).map(|number| Duration::from_millis(number).min(LONGEST))
}

fn seconds(headers: &HeaderMap, name: &str) -> Option<Duration> {
    number(headers, name).map(|number| Duration::from_secs(number).min(LONGEST))
}

pub(super) fn between(now: Timestamp, then: Timestamp) -> Option<Duration> {
    Duration::try_from(then.duration_since(now)).ok().filter(|wait| !wait.is_zero())
}

pub(super) fn later(now: Timestamp, wait: Duration) -> Timestamp {
    let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX);
    now.saturating_add(wait).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
impl Told {
    /// What a store with 150 calls in 30 seconds tells.
    pub(super) fn example(left: u64, reset: u64, retry_after: Option<u64>) -> Told {
        Told {
            per_window: Some(150),
            left: Some(left),
            window: Some(WINDOW),
            reset: Some(Duration::from_secs(reset)),
            retry_after: retry_after.map(Duration::from_secs),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_read_and_odd_ones_are_none() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("X-Rate-Limit-Requests-Quota", "150"),
            ("X-Rate-Limit-Requests-Left", "-2"),
            ("X-Rate-Limit-Time-Reset-Ms", "99999999999"),
            ("X-Rate-Limit-Time-Window-Ms", "soon"),
            ("X-Retry-After", "9"),
            ("Retry-After", "Wed, 21 Oct 2026 07:28:00 GMT"),
        ] {
            let name: reqwest::header::HeaderName = name.parse().unwrap();
            headers.insert(name, value.parse().unwrap());
        }
        let told = Told::read(&headers);
        assert_eq!((told.per_window, told.left, told.window), (Some(150), Some(0), None));
        assert_eq!((told.reset, told.retry_after), (Some(LONGEST), Some(Duration::from_secs(9))));
        assert_eq!(Told::read(&HeaderMap::new()), Told::default());
    }
}
