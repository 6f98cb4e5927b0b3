//! The quota of calls, which all apps of a store share, and how many may write at once.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue};
use jiff::Timestamp;

/// How many calls a store may answer in each window of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Calls in a window; `None` has no limit, and no rate headers.
    pub quota: Option<u32>,
    /// How long a window is.
    pub window: Duration,
}

impl Plan {
    /// 150 calls in 30 seconds.
    pub const STANDARD: Plan = Plan { quota: Some(150), window: Duration::from_secs(30) };
    /// 450 calls in 30 seconds.
    pub const PRO: Plan = Plan { quota: Some(450), window: Duration::from_secs(30) };
    /// As many as wanted, which an Enterprise contract may say.
    pub const UNLIMITED: Plan = Plan { quota: None, window: Duration::from_secs(30) };
}

/// The quota as the headers tell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Quota {
    window_ms: i64,
    reset_ms: i64,
    quota: u32,
    left: u32,
}

impl Quota {
    /// Writes the four rate headers.
    pub(super) fn write(self, headers: &mut HeaderMap) {
        for (name, value) in [
            ("x-rate-limit-time-window-ms", self.window_ms),
            ("x-rate-limit-time-reset-ms", self.reset_ms),
            ("x-rate-limit-requests-quota", i64::from(self.quota)),
            ("x-rate-limit-requests-left", i64::from(self.left)),
        ] {
            headers.insert(name, HeaderValue::from(value));
        }
    }
}

/// What was spent of the present window, and what was refused in any.
#[derive(Default)]
pub(super) struct Limits {
    window: i64,
    spent: u32,
    refused: u64,
    refused_most: u64,
    checks: (i64, u32),
}

impl Limits {
    /// Spends one call. `others` is what other apps spend of each window. `Err` is a refusal.
    pub(super) fn spend(&mut self, plan: Plan, others: u32, now: Timestamp) -> Result<Option<Quota>, Quota> {
        let Some(quota) = plan.quota else { return Ok(None) };
        let window_ms = i64::try_from(plan.window.as_millis()).unwrap_or(i64::MAX).max(1);
        let window = now.as_millisecond().div_euclid(window_ms);
        if window != self.window {
            (self.window, self.spent, self.refused) = (window, 0, 0);
        }
        let reset_ms = window_ms - now.as_millisecond().rem_euclid(window_ms);
        let left = quota.saturating_sub(others).saturating_sub(self.spent);
        if left == 0 {
            self.refused += 1;
            self.refused_most = self.refused_most.max(self.refused);
            return Err(Quota { window_ms, reset_ms, quota, left: 0 });
        }
        self.spent += 1;
        Ok(Some(Quota { window_ms, reset_ms, quota, left: left - 1 }))
    }

    /// The most calls that one window had to refuse for its quota.
    pub(super) fn refused_most(&self) -> u64 {
        self.refused_most
    }

    /// Whether one more check of a password is let through: 60 a minute. The real number is not
    /// published; it guards against guessing.
    pub(super) fn check_password(&mut self, now: Timestamp) -> bool {
        let minute = now.as_second().div_euclid(60);
        if self.checks.0 != minute {
            self.checks = (minute, 0);
        }
        self.checks.1 += 1;
        self.checks.1 <= 60
    }
}

/// How many may be at an endpoint at once; `None` for reads, which the quota alone holds back.
pub(super) fn most_at_once(endpoint: &str) -> Option<usize> {
    match endpoint {
        "POST /v3/customers/addresses" | "PUT /v3/customers/form-field-values" => Some(10),
        "POST /v3/customers/validate-credentials" => None,
        _ if endpoint.starts_with("GET ") => None,
        _ if endpoint.contains(" /v2/customer_groups") => Some(40),
        _ => Some(3),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millisecond(ms).unwrap()
    }

    #[test]
    fn a_window_gives_its_quota_and_the_next_one_gives_it_again() {
        let plan = Plan { quota: Some(2), window: Duration::from_secs(30) };
        let mut limits = Limits::default();
        assert_eq!(limits.spend(plan, 0, at(60_000)).unwrap().unwrap().left, 1);
        assert_eq!(limits.spend(plan, 0, at(70_000)).unwrap().unwrap().left, 0);
        assert_eq!(limits.spend(plan, 0, at(80_000)).unwrap_err().reset_ms, 10_000);
        assert!(limits.spend(plan, 0, at(90_000)).is_ok());
        assert_eq!(limits.refused_most(), 1);
    }

    #[test]
    fn other_apps_spend_of_the_same_quota() {
        let plan = Plan { quota: Some(3), window: Duration::from_secs(30) };
        let mut limits = Limits::default();
        assert_eq!(limits.spend(plan, 2, at(0)).unwrap().unwrap().left, 0);
        assert!(limits.spend(plan, 2, at(1)).is_err());
    }
}
