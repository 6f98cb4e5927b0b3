//! A clock driven by hand, so that a test that spans hours takes no time.
//!
//! Time moves in two ways. Whoever holds the [`ManualClock`] moves it with `advance`. And, unless
//! the clock is held, a sleeper moves it: nothing else is worth waiting for, so the time jumps to
//! the end of the sleep. Sleeps that begin together end together, as they would on a real clock.
//! While the clock is held, sleepers wait until somebody advances the time past their end.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use shared::clock::Clock;
use tokio::sync::oneshot;

/// A clock driven by hand. Clones are one clock.
#[derive(Clone)]
pub struct ManualClock(Arc<Mutex<State>>);

struct State {
    now: Timestamp,
    held: bool,
    sleepers: BTreeMap<(Timestamp, u64), oneshot::Sender<()>>,
    slept: u64,
}

impl ManualClock {
    /// A clock that shows `now`.
    pub fn starting_at(now: Timestamp) -> ManualClock {
        let state = State { now, held: false, sleepers: BTreeMap::new(), slept: 0 };
        ManualClock(Arc::new(Mutex::new(state)))
    }

    /// This clock as production code holds it.
    pub fn clock(&self) -> Clock {
        let (tells, waits) = (self.clone(), self.clone());
        Clock::new(
            move || tells.now(),
            move |duration| {
                let clock = waits.clone();
                Box::pin(async move { clock.sleep(duration).await })
            },
        )
    }

    /// The time it shows.
    pub fn now(&self) -> Timestamp {
        self.state().now
    }

    /// Moves the time on by `duration` and wakes the sleepers whose time has come.
    pub fn advance(&self, duration: Duration) {
        self.advance_to(later(self.now(), duration));
    }

    /// Moves the time on to `instant`, unless it is past, and wakes the sleepers whose time has come.
    pub fn advance_to(&self, instant: Timestamp) {
        let mut state = self.state();
        state.now = state.now.max(instant);
        let now = state.now;
        let waiting = state.sleepers.split_off(&(now, u64::MAX));
        let woken = std::mem::replace(&mut state.sleepers, waiting);
        for sleeper in woken.into_values() {
            // A sleeper that has been dropped wants no call.
            let _ = sleeper.send(());
        }
    }

    /// From now on sleepers wait until the time is advanced.
    pub fn hold(&self) {
        self.state().held = true;
    }

    /// From now on sleepers move the time; the time moves to the end of the longest sleep at once.
    pub fn release(&self) {
        self.state().held = false;
        let last = self.state().sleepers.keys().next_back().map(|(end, _)| *end);
        if let Some(end) = last {
            self.advance_to(end);
        }
    }

    /// When the next sleeper wakes, while the clock is held.
    pub fn next_wake_up(&self) -> Option<Timestamp> {
        self.state().sleepers.keys().next().map(|(end, _)| *end)
    }

    async fn sleep(&self, duration: Duration) {
        let (woken, end) = {
            let mut state = self.state();
            let end = later(state.now, duration);
            let (wake, woken) = oneshot::channel();
            state.slept += 1;
            let key = (end, state.slept);
            state.sleepers.insert(key, wake);
            (woken, end)
        };
        // Whoever begins to sleep in the same breath is to count from the same time.
        tokio::task::yield_now().await;
        if !self.state().held {
            self.advance_to(end);
        }
        // The other end goes only with the clock itself.
        let _ = woken.await;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `duration` after `instant`, or the end of time.
pub(crate) fn later(instant: Timestamp, duration: Duration) -> Timestamp {
    instant.checked_add(duration).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use futures_util::{FutureExt, future::join_all};

    use super::*;

    fn clock() -> ManualClock {
        ManualClock::starting_at("2026-01-01T00:00:00Z".parse().unwrap())
    }

    #[tokio::test]
    async fn a_sleep_moves_the_time_to_its_end() {
        let manual = clock();
        manual.clock().sleep(Duration::from_secs(3600)).await;
        assert_eq!(manual.now().to_string(), "2026-01-01T01:00:00Z");
    }

    #[tokio::test]
    async fn sleeps_that_begin_together_end_together() {
        let manual = clock();
        let clock = manual.clock();
        join_all((0..3).map(|_| clock.sleep(Duration::from_secs(5)))).await;
        assert_eq!(manual.now().to_string(), "2026-01-01T00:00:05Z");
    }

    #[tokio::test]
    async fn a_held_clock_wakes_a_sleeper_at_its_time_and_not_before() {
        let manual = clock();
        manual.hold();
        let clock = manual.clock();
        let mut sleeper = Box::pin(clock.sleep(Duration::from_secs(10)));
        assert!(sleeper.as_mut().now_or_never().is_none());
        assert_eq!(manual.next_wake_up().unwrap().to_string(), "2026-01-01T00:00:10Z");
        manual.advance(Duration::from_secs(9));
        assert!(sleeper.as_mut().now_or_never().is_none());
        manual.advance(Duration::from_secs(1));
        sleeper.await;
        assert_eq!(manual.next_wake_up(), None);
    }

    #[tokio::test]
    async fn a_clock_let_go_wakes_those_who_waited() {
        let manual = clock();
        manual.hold();
        let clock = manual.clock();
        let mut sleeper = Box::pin(clock.sleep(Duration::from_secs(10)));
        assert!(sleeper.as_mut().now_or_never().is_none());
        manual.release();
        sleeper.await;
        assert_eq!(manual.now().to_string(), "2026-01-01T00:00:10Z");
    }
}
