//! Death at any instant: a function's future is dropped between two of its steps, as a Lambda is
//! whose time is up or whose host is gone. What it had sent may or may not have been done.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};

use rand::{RngExt, SeedableRng, rngs::StdRng};

use super::{Failed, Function};

/// A future that is dropped unless it is ready within a number of polls; then it comes to `None`.
pub struct KillAfter<F: Future> {
    inner: Option<Pin<Box<F>>>,
    polls: u32,
}

impl<F: Future> KillAfter<F> {
    /// Lets `future` live for so many polls; with none it dies before its first step.
    pub fn new(future: F, polls: u32) -> KillAfter<F> {
        KillAfter { inner: Some(Box::pin(future)), polls }
    }
}

impl<F: Future> Future for KillAfter<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<F::Output>> {
        let lives = self.polls > 0;
        self.polls = self.polls.saturating_sub(1);
        match self.inner.as_mut().filter(|_| lives) {
            Some(inner) => inner.as_mut().poll(context).map(Some),
            None => {
                self.inner = None;
                Poll::Ready(None)
            }
        }
    }
}

/// Kills calls of functions: which ones and after how many polls, the seed decides.
#[derive(Clone, Default)]
pub struct Killer(Arc<Mutex<Option<Dice>>>);

struct Dice {
    dice: StdRng,
    share: f64,
    polls: u32,
}

impl Killer {
    /// From now on kills a share of the calls within their first `polls` polls.
    pub fn kill_some(&self, seed: u64, share: f64, polls: u32) {
        let dice = Dice { dice: StdRng::seed_from_u64(seed), share, polls };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(dice);
    }

    /// From now on lets every call live.
    pub fn rest(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// The function as it is when this killer is about.
    pub fn around(&self, function: Function) -> Function {
        let killer = self.clone();
        Arc::new(move |event| {
            let call = function(event);
            let Some(polls) = killer.fate() else { return call };
            Box::pin(async move {
                let killed = || Err(Failed(format!("it was killed (after {polls} polls)")));
                KillAfter::new(call, polls).await.unwrap_or_else(killed)
            })
        })
    }

    fn fate(&self) -> Option<u32> {
        let mut dice = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Dice { dice, share, polls } = dice.as_mut()?;
        dice.random_bool(*share).then(|| dice.random_range(0..*polls))
    }
}
