//! The pace of calls to one store: whether another may be made now, so that the quota is kept and some
//! of it is left to the merchant's other apps. Pure: the time is a parameter.

use std::time::Duration;

use jiff::Timestamp;

use super::quota::{Quota, Told, between, later};

/// What is known of the current window.
#[derive(Debug, Default)]
enum View {
    /// Nothing, at the start, in a new window and after a refusal: one call goes ahead and finds out.
    #[default]
    Unknown,
    /// The store tells no quota.
    Untold,
    Known(Quota),
}

/// Whether a call may be made.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Admission {
    Now,
    After(Duration),
    /// When a call that is under way has ended.
    AfterAnswer,
}

/// The pace of one store: how many calls are under way, and what their answers told.
#[derive(Debug, Default)]
pub(super) struct Pace {
    view: View,
    last: Option<Quota>,
    under_way: u64,
    closed_until: Option<Timestamp>,
    headerless_refusals: u32,
}

impl Pace {
    pub(super) fn quota(&self) -> Option<Quota> {
        self.last
    }

    /// Counts the call as under way when it is admitted.
    pub(super) fn admit(&mut self, now: Timestamp, reserve_percent: u8) -> Admission {
        if let Some(wait) = self.closed_until.and_then(|until| between(now, until)) {
            return Admission::After(wait);
        }
        if let View::Known(quota) = &self.view {
            match between(now, quota.resets_at) {
                Some(wait) if quota.left <= reserve(quota, reserve_percent) + self.under_way => {
                    return Admission::After(wait);
                }
                Some(_) => {}
                None => self.view = View::Unknown,
            }
        }
        if matches!(self.view, View::Unknown) && self.under_way > 0 {
            return Admission::AfterAnswer;
        }
        self.under_way += 1;
        Admission::Now
    }

    /// The call has ended, with or without an answer.
    pub(super) fn ended(&mut self) {
        self.under_way = self.under_way.saturating_sub(1);
    }

    /// The store itself gave no answer: nobody is to wait for what this call would have found out.
    pub(super) fn unanswered(&mut self) {
        if matches!(self.view, View::Unknown) {
            self.view = View::Untold;
        }
    }

    /// The store itself answered, and not with 429.
    pub(super) fn answered(&mut self, told: &Told, now: Timestamp) {
        self.headerless_refusals = 0;
        match (told.quota(now), &mut self.view) {
            (Some(quota), View::Known(known)) => *known = merged(*known, quota),
            (Some(quota), view) => *view = View::Known(quota),
            (None, View::Known(known)) => known.left = known.left.saturating_sub(1),
            (None, view) => *view = View::Untold,
        }
        if let View::Known(known) = self.view {
            self.last = Some(known);
        }
    }

    /// The store answered 429: how long no call may be made. `jitter` shortens a back-off to half at most.
    pub(super) fn refused(
        &mut self,
        told: &Told,
        now: Timestamp,
        jitter: impl Fn(Duration) -> Duration,
    ) -> Duration {
        self.view = View::Unknown;
        if let Some(quota) = told.quota(now) {
            self.last = Some(quota);
        }
        let closed = self.closed_until.and_then(|until| between(now, until));
        let wait = match (told.reset(), closed) {
            (Some(reset), _) => reset.max(SHORTEST),
            // The rest of one burst: refused together, counted once.
            (None, Some(closed)) => closed,
            (None, None) => {
                self.headerless_refusals += 1;
                jitter(headerless_backoff(self.headerless_refusals))
            }
        };
        let wait = wait.max(told.retry_after().unwrap_or_default()).max(closed.unwrap_or_default());
        self.closed_until = Some(later(now, wait));
        wait
    }
}

const SHORTEST: Duration = Duration::from_secs(1);

/// A 429 without headers protects the platform: 10 s, 20 s, 40 s, … ten minutes at most, before jitter.
pub(super) fn headerless_backoff(refusals: u32) -> Duration {
    let doublings = refusals.saturating_sub(1).min(6);
    Duration::from_secs(10).saturating_mul(1 << doublings).min(Duration::from_secs(600))
}

/// The calls left to others: never the whole quota, or nothing would ever be done.
fn reserve(quota: &Quota, percent: u8) -> u64 {
    let share = quota.per_window.saturating_mul(u64::from(percent.min(100))) / 100;
    share.min(quota.per_window.saturating_sub(1))
}

/// Answers overtake each other: within one window the lower number is the newer, and an answer of the
/// window before tells nothing.
fn merged(known: Quota, told: Quota) -> Quota {
    let half = known.window / 2;
    if told.resets_at > later(known.resets_at, half) {
        told
    } else if later(told.resets_at, half) < known.resets_at {
        known
    } else {
        Quota { left: known.left.min(told.left), ..told }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Duration = Duration::from_secs(30);

    const START: Timestamp = Timestamp::UNIX_EPOCH;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    fn secs(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn knowing(left: u64, reset: u64) -> Pace {
        let mut pace = Pace::default();
        pace.answered(&Told::example(left, reset, None), START);
        pace
    }

    fn whole(wait: Duration) -> Duration {
        wait
    }

    #[test]
    fn one_call_goes_ahead_while_nothing_is_known() {
        let mut pace = Pace::default();
        assert_eq!(pace.admit(START, 20), Admission::Now);
        assert_eq!(pace.admit(START, 20), Admission::AfterAnswer);
        pace.answered(&Told::example(100, 30, None), START);
        pace.ended();
        assert_eq!(pace.admit(START, 20), Admission::Now);
        assert_eq!(pace.admit(START, 20), Admission::Now);
    }

    #[test]
    fn the_reserve_is_left_to_other_apps() {
        let mut pace = knowing(32, 12);
        assert_eq!(pace.admit(at(2), 20), Admission::Now);
        assert_eq!(pace.admit(at(2), 20), Admission::Now);
        assert_eq!(pace.admit(at(2), 20), Admission::After(secs(10)));
        assert_eq!(pace.admit(at(2), 0), Admission::Now);
    }

    #[test]
    fn a_reserve_of_everything_still_lets_one_call_pass() {
        let mut pace = knowing(150, 30);
        assert_eq!(pace.admit(START, 255), Admission::Now);
        assert_eq!(pace.admit(START, 255), Admission::After(secs(30)));
    }

    #[test]
    fn a_new_window_is_found_out_by_one_call() {
        let mut pace = knowing(0, 30);
        assert_eq!(pace.admit(at(30), 20), Admission::Now);
        assert_eq!(pace.admit(at(30), 20), Admission::AfterAnswer);
    }

    #[test]
    fn a_store_that_tells_no_quota_is_not_slowed() {
        let mut pace = Pace::default();
        assert_eq!(pace.admit(START, 20), Admission::Now);
        pace.answered(&Told::default(), START);
        pace.ended();
        assert!((0..10).all(|_| pace.admit(START, 20) == Admission::Now));
    }

    #[test]
    fn an_unanswered_call_keeps_nobody_waiting() {
        let mut pace = Pace::default();
        pace.admit(START, 20);
        pace.unanswered();
        pace.ended();
        assert!((0..3).all(|_| pace.admit(START, 20) == Admission::Now));
    }

    #[test]
    fn a_refusal_closes_the_store_until_the_window_ends() {
        let mut pace = knowing(10, 30);
        assert_eq!(pace.admit(START, 0), Admission::Now);
        assert_eq!(pace.refused(&Told::example(0, 12, None), START, whole), secs(12));
        pace.ended();
        assert_eq!(pace.admit(at(5), 0), Admission::After(secs(7)));
        assert_eq!(pace.admit(at(12), 0), Admission::Now);
        assert_eq!(pace.admit(at(12), 0), Admission::AfterAnswer);
    }

    #[test]
    fn a_longer_retry_after_is_honoured() {
        let mut pace = Pace::default();
        let told = Told::example(0, 12, Some(40));
        assert_eq!(pace.refused(&told, START, whole), secs(40));
    }

    #[test]
    fn refusals_without_headers_back_off_and_a_burst_counts_once() {
        let mut pace = Pace::default();
        let half = |wait: Duration| wait / 2;
        assert_eq!(pace.refused(&Told::default(), START, half), secs(5));
        assert_eq!(pace.refused(&Told::default(), at(1), half), secs(4));
        assert_eq!(pace.refused(&Told::default(), at(6), half), secs(10));
        pace.answered(&Told::example(100, 30, None), at(20));
        assert_eq!(pace.refused(&Told::default(), at(40), half), secs(5));
    }

    #[test]
    fn an_answer_that_was_overtaken_raises_nothing() {
        let quota = |left, resets| Quota { per_window: 150, left, window: WINDOW, resets_at: at(resets) };
        assert_eq!(merged(quota(5, 30), quota(9, 30)).left, 5);
        assert_eq!(merged(quota(5, 30), quota(4, 31)).left, 4);
        assert_eq!(merged(quota(5, 30), quota(149, 60)).left, 149);
        assert_eq!(merged(quota(149, 60), quota(3, 30)).left, 149);
    }

    proptest::proptest! {
        #[test]
        fn no_more_calls_are_admitted_than_are_left(left in 0_u64..200, percent in 0_u8..=100, asked in 0_u64..300) {
            let mut pace = knowing(left, 30);
            let admitted = (0..asked).filter(|_| pace.admit(START, percent) == Admission::Now).count() as u64;
            let spare = 150 * u64::from(percent) / 100;
            proptest::prop_assert_eq!(admitted, asked.min(left.saturating_sub(spare.min(149))));
        }

        #[test]
        fn the_back_off_stays_in_its_bounds(refusals in 0_u32..) {
            let wait = headerless_backoff(refusals);
            proptest::prop_assert!(wait >= secs(10) && wait <= secs(600));
        }
    }
}
