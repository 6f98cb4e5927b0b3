//! The limiter of one store: calls wait here for their turn, or are handed back with the time of it.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::{Notify, Semaphore, SemaphorePermit};

use super::{
    error::Error,
    pace::{Admission, Pace},
    quota::{Quota, Told},
};
use crate::clock::{Clock, jittered};

/// BigCommerce answers 429 to more writes at once on one endpoint, whatever the quota.
const WRITERS: usize = 3;

pub(super) struct Limiter {
    clock: Clock,
    pace: Mutex<Pace>,
    ended: Notify,
    writers: Semaphore,
}

/// A call under way; dropped, it has ended.
pub(super) struct Turn<'a> {
    limiter: &'a Limiter,
    answered: bool,
}

impl Limiter {
    pub(super) fn new(clock: Clock) -> Limiter {
        Limiter { clock, pace: Mutex::default(), ended: Notify::new(), writers: Semaphore::new(WRITERS) }
    }

    pub(super) fn quota(&self) -> Option<Quota> {
        self.pace().quota()
    }

    /// One of the places of writers; the semaphore is never closed.
    pub(super) async fn writer(&self) -> Option<SemaphorePermit<'_>> {
        self.writers.acquire().await.ok()
    }

    /// Waits for a turn and takes the wait from `patience`; a longer wait is handed back instead.
    pub(super) async fn turn(&self, reserve_percent: u8, patience: &mut Duration) -> Result<Turn<'_>, Error> {
        loop {
            let ended = self.ended.notified();
            let admission = self.pace().admit(self.clock.now(), reserve_percent);
            match admission {
                Admission::Now => return Ok(Turn { limiter: self, answered: false }),
                Admission::AfterAnswer => ended.await,
                Admission::After(wait) => match patience.checked_sub(wait) {
                    Some(rest) => {
                        *patience = rest;
                        self.clock.sleep(wait).await;
                    }
                    None => return Err(Error::RateLimited { retry_after: wait }),
                },
            }
        }
    }

    fn pace(&self) -> MutexGuard<'_, Pace> {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turn<'_> {
    /// The store itself answered, and not with 429.
    pub(super) fn answered(mut self, told: &Told) {
        self.answered = true;
        self.limiter.pace().answered(told, self.limiter.clock.now());
    }

    /// The store answered 429: how long it is closed to all calls.
    pub(super) fn refused(mut self, told: &Told) -> Duration {
        self.answered = true;
        self.limiter.pace().refused(told, self.limiter.clock.now(), jittered)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut pace = self.limiter.pace();
        if !self.answered {
            pace.unanswered();
        }
        pace.ended();
        drop(pace);
        self.limiter.ended.notify_waiters();
    }
}
