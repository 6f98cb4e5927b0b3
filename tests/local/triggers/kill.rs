//! Death at any instant: a function's future is dropped between two of its steps, as a Lambda is
//! whose time is up or whose host is gone. What it had sent may or may not have been done.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
};

use axum::{
    Router,
    extract::Request,
    http::StatusCode,
    middleware::{Next, from_fn},
    response::IntoResponse,
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
pub struct Killer(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    next: Option<u32>,
    dice: Option<Dice>,
    deaths: Vec<u32>,
}

struct Dice {
    dice: StdRng,
    share: f64,
    polls: u32,
}

impl Killer {
    /// From now on kills a share of the calls within their first `polls` polls.
    pub fn kill_some(&self, seed: u64, share: f64, polls: u32) {
        self.state().dice = Some(Dice { dice: StdRng::seed_from_u64(seed), share, polls });
    }

    /// Kills the next call after so many polls, if it lives as long.
    pub fn kill_next(&self, polls: u32) {
        self.state().next = Some(polls);
    }

    /// From now on lets every call live.
    pub fn rest(&self) {
        self.state().dice = None;
    }

    /// After how many polls each call died that did, from the beginning. A call that was over before
    /// is not among them.
    pub fn deaths(&self) -> Vec<u32> {
        self.state().deaths.clone()
    }

    /// The function as it is when this killer is about.
    pub fn around(&self, function: Function) -> Function {
        let killer = self.clone();
        Arc::new(move |event| {
            let killer = killer.clone();
            let call = function(event);
            Box::pin(async move {
                let killed = |polls| Err(Failed(format!("it was killed (after {polls} polls)")));
                killer.meet(call).await.unwrap_or_else(killed)
            })
        })
    }

    /// The function behind the API as it is when this killer is about. Whoever asked one that died is
    /// answered as API Gateway answers.
    pub fn in_front_of(&self, router: Router) -> Router {
        let killer = self.clone();
        router.layer(from_fn(move |request: Request, next: Next| {
            let killer = killer.clone();
            async move {
                let killed = |_| StatusCode::INTERNAL_SERVER_ERROR.into_response();
                killer.meet(next.run(request)).await.unwrap_or_else(killed)
            }
        }))
    }

    /// What comes of the call, or after how many polls it died.
    async fn meet<F: Future>(&self, call: F) -> Result<F::Output, u32> {
        let Some(polls) = self.state().fate() else { return Ok(call.await) };
        let lived = KillAfter::new(call, polls).await;
        lived.ok_or_else(|| {
            self.state().deaths.push(polls);
            polls
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn fate(&mut self) -> Option<u32> {
        if let Some(polls) = self.next.take() {
            return Some(polls);
        }
        let Dice { dice, share, polls } = self.dice.as_mut()?;
        dice.random_bool(*share).then(|| dice.random_range(0..*polls))
    }
}
