//! A clock driven by hand, so that a test that spans hours takes no time.
//!
//! Time moves in two ways. Whoever holds the [`ManualClock`] moves it with `advance`. And, unless
//! the clock is held, it moves by itself when nothing goes on but waiting: then the time jumps to
//! where the first sleeper wakes. Something goes on while a call is under way (see
//! [`ManualClock::watch`]) or a task has yet to run, so a time limit of two seconds is not reached
//! by an engine that takes two milliseconds. While the clock is held, sleepers wait until somebody
//! advances the time to their end.
//!
//! That nothing goes on is told by letting every other task run many times over. It takes a runtime
//! of one thread, as `#[tokio::test]` makes it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use shared::clock::Clock;
use tokio::sync::oneshot;

/// How often all other tasks may run before nothing is held to go on: one call over loopback takes
/// about ten turns from its caller to whoever counts it.
const TURNS: usize = 200;

/// A clock driven by hand. Clones are one clock.
#[derive(Clone)]
pub struct ManualClock(Arc<Mutex<State>>);

struct State {
    now: Timestamp,
    held: bool,
    /// By their end; the number tells those of one end apart.
    sleepers: BTreeMap<(Timestamp, u64), oneshot::Sender<()>>,
    slept: u64,
    moves: u64,
    watched: Vec<Watched>,
}

type Watched = Arc<dyn Fn() -> Activity + Send + Sync>;

/// What goes on somewhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Activity {
    /// How many calls there were, from the beginning.
    pub calls: u64,
    /// How many are under way.
    pub in_flight: u64,
}

impl ManualClock {
    /// A clock that shows `now`.
    pub fn starting_at(now: Timestamp) -> ManualClock {
        ManualClock(Arc::new(Mutex::new(State {
            now,
            held: false,
            sleepers: BTreeMap::new(),
            slept: 0,
            moves: 0,
            watched: Vec::new(),
        })))
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

    /// From now on time does not move by itself while there is activity here.
    pub fn watch(&self, activity: impl Fn() -> Activity + Send + Sync + 'static) {
        self.state().watched.push(Arc::new(activity));
    }

    /// Moves the time on by `duration` and wakes the sleepers whose time has come.
    pub fn advance(&self, duration: Duration) {
        self.advance_to(later(self.now(), duration));
    }

    /// Moves the time on to `instant`, unless it is past, and wakes the sleepers whose time has come.
    pub fn advance_to(&self, instant: Timestamp) {
        let mut state = self.state();
        let now = state.now.max(instant);
        state.now = now;
        state.moves += 1;
        let waiting = state.sleepers.split_off(&(now, u64::MAX));
        for sleeper in std::mem::replace(&mut state.sleepers, waiting).into_values() {
            // A sleeper that was dropped wants no call.
            let _ = sleeper.send(());
        }
    }

    /// From now on sleepers wait until the time is advanced.
    pub fn hold(&self) {
        self.state().held = true;
    }

    /// From now on the time moves by itself; it moves to the end of the longest sleep at once.
    pub fn release(&self) {
        self.state().held = false;
        let last = self.state().living_sleepers().next_back();
        if let Some(end) = last {
            self.advance_to(end);
        }
    }

    /// When the next sleeper wakes.
    pub fn next_wake_up(&self) -> Option<Timestamp> {
        self.state().living_sleepers().next()
    }

    /// Returns when nothing goes on but waiting.
    pub async fn quiet(&self) {
        loop {
            let (before, moves) = (self.activity(), self.state().moves);
            for _ in 0..TURNS {
                tokio::task::yield_now().await;
            }
            let idle = before.iter().all(|activity| activity.in_flight == 0);
            if idle && self.activity() == before && self.state().moves == moves {
                return;
            }
        }
    }

    async fn sleep(&self, duration: Duration) {
        let end = later(self.now(), duration);
        if end <= self.now() {
            return;
        }
        let mut woken = self.lie_down(end);
        loop {
            tokio::select! {
                biased;
                // Only an advance past its end wakes a sleeper.
                _ = &mut woken => return,
                () = self.quiet(), if !self.state().held => {}
            }
            let next = self.next_wake_up().filter(|_| !self.state().held);
            if let Some(next) = next {
                self.advance_to(next);
            }
        }
    }

    fn lie_down(&self, end: Timestamp) -> oneshot::Receiver<()> {
        let mut state = self.state();
        let (wake, woken) = oneshot::channel();
        state.slept += 1;
        let key = (end, state.slept);
        state.sleepers.insert(key, wake);
        woken
    }

    fn activity(&self) -> Vec<Activity> {
        let watched = self.state().watched.clone();
        watched.iter().map(|activity| activity()).collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn living_sleepers(&mut self) -> impl DoubleEndedIterator<Item = Timestamp> {
        self.sleepers.retain(|_, sleeper| !sleeper.is_closed());
        self.sleepers.keys().map(|(end, _)| *end)
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
    async fn sleeps_of_different_lengths_end_at_their_own_times() {
        let manual = clock();
        let ends = [10, 5].map(|seconds| {
            let (manual, clock) = (manual.clone(), manual.clock());
            async move {
                clock.sleep(Duration::from_secs(seconds)).await;
                manual.now().to_string()
            }
        });
        assert_eq!(join_all(ends).await, ["2026-01-01T00:00:10Z", "2026-01-01T00:00:05Z"]);
    }

    #[tokio::test]
    async fn a_time_limit_is_not_reached_while_what_it_limits_goes_on() {
        let manual = clock();
        let in_flight = Arc::new(Mutex::new(1));
        let watched = in_flight.clone();
        manual.watch(move || Activity { calls: 1, in_flight: *watched.lock().unwrap() });
        let work = async {
            for _ in 0..5 * TURNS {
                tokio::task::yield_now().await;
            }
            *in_flight.lock().unwrap() = 0;
        };
        let clock = manual.clock();
        tokio::select! {
            () = work => {}
            () = clock.sleep(Duration::from_secs(2)) => panic!("the limit was reached"),
        }
        assert_eq!(manual.next_wake_up(), None);
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
