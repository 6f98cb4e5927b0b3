//! Time and chance: the only door to either. Rules take `now` as a parameter; whoever must wait
//! or ask for the time holds a [`Clock`], which a test bench may drive by hand.

use std::{fmt, future::Future, pin::Pin, sync::Arc, time::Duration};

use jiff::Timestamp;
use ring::rand::{SecureRandom, SystemRandom};

type Sleep = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Tells the time and waits.
#[derive(Clone)]
pub struct Clock {
    now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    sleep: Arc<dyn Fn(Duration) -> Sleep + Send + Sync>,
}

impl Clock {
    /// The machine's clock and the runtime's timer.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    pub fn system() -> Clock {
        Clock::new(Timestamp::now, |duration| Box::pin(tokio::time::sleep(duration)))
    }

    /// A clock from its two closures.
    pub fn new(
        now: impl Fn() -> Timestamp + Send + Sync + 'static,
        sleep: impl Fn(Duration) -> Sleep + Send + Sync + 'static,
    ) -> Clock {
        Clock { now: Arc::new(now), sleep: Arc::new(sleep) }
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        (self.now)()
    }

    /// Returns after `duration` of this clock's time.
    pub async fn sleep(&self, duration: Duration) {
        (self.sleep)(duration).await;
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

/// `N` bytes of the operating system's randomness.
///
/// # Panics
/// When the operating system has no randomness to give: nothing can go on without it.
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).expect("the operating system gives randomness");
    bytes
}

/// A fresh random UUID (version 4, RFC 9562 section 5.4), hyphenated.
pub fn random_id() -> String {
    uuid::Builder::from_random_bytes(random_bytes()).into_uuid().to_string()
}

/// A duration drawn evenly from half of `duration` to all of it: jitter for back-off, so that
/// many who failed together do not come back together.
pub fn jittered(duration: Duration) -> Duration {
    let share = f64::from(u32::from_le_bytes(random_bytes())) / f64::from(u32::MAX);
    duration.mul_f64(0.5 + share / 2.0)
}
