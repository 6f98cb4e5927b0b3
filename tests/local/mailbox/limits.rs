//! SES's limits: so many mails a second, and so many in any 24 hours.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};

use super::Fault;

const SECOND: SignedDuration = SignedDuration::from_secs(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// What may be sent, and when that was which counts.
pub(super) struct Limits {
    pub(super) a_second: f64,
    pub(super) a_day: f64,
    sent: VecDeque<Timestamp>,
}

impl Default for Limits {
    /// An account that is out of the sandbox.
    fn default() -> Limits {
        Limits { a_second: 50.0, a_day: 50_000.0, sent: VecDeque::new() }
    }
}

impl Limits {
    pub(super) fn set(&mut self, a_second: f64, a_day: f64) {
        (self.a_second, self.a_day) = (a_second, a_day);
    }

    /// Counts a mail, unless it is one too many.
    pub(super) fn take(&mut self, now: Timestamp) -> Result<(), Fault> {
        let within_a_day = self.sent_in_a_day(now);
        // SES measures the rate with some slack for bursts; here there is none.
        let just_now = self.sent.iter().rev().take_while(|at| now.duration_since(**at) < SECOND).count();
        if within_a_day >= self.a_day {
            return Err(Fault::QuotaSpent);
        }
        if count(just_now) >= self.a_second.max(1.0) {
            return Err(Fault::TooFast);
        }
        self.sent.push_back(now);
        Ok(())
    }

    pub(super) fn sent_in_a_day(&mut self, now: Timestamp) -> f64 {
        while self.sent.front().is_some_and(|at| now.duration_since(*at) >= DAY) {
            self.sent.pop_front();
        }
        count(self.sent.len())
    }
}

#[expect(clippy::cast_precision_loss, reason = "SES counts mails in floating point")]
fn count(mails: usize) -> f64 {
    mails as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_too_many_a_second_or_a_day_is_refused() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let mut limits = Limits::default();
        limits.set(1.0, 2.0);
        assert_eq!(limits.take(at(0)), Ok(()));
        assert_eq!(limits.take(at(0)), Err(Fault::TooFast));
        assert_eq!(limits.take(at(1)), Ok(()));
        assert_eq!(limits.take(at(2)), Err(Fault::QuotaSpent));
        assert_eq!(limits.take(at(24 * 3600)), Ok(()));
    }
}
