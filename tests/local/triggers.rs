//! What wakes functions: the streams of tables and schedules. Each can be worked by hand, a turn
//! at a time, or left to work by itself.

mod events;
mod filter;
mod kill;
mod schedule;
mod stream;

use std::sync::Arc;

use futures_util::future::BoxFuture;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

pub use events::EventRule;
pub use filter::NotAPattern;
pub use kill::{KillAfter, Killer};
pub use schedule::Schedule;
pub use stream::{StreamPump, Turn};

/// A function as Lambda calls it: an event in JSON, an answer in JSON.
pub type Function = Arc<dyn Fn(Value) -> BoxFuture<'static, Result<Value, Failed>> + Send + Sync>;

/// A call of a function failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the function failed: {0}")]
pub struct Failed(pub String);

/// A handler of typed events as a function.
pub fn function<E, A, F>(handler: impl Fn(E) -> F + Send + Sync + 'static) -> Function
where
    E: DeserializeOwned,
    A: Serialize,
    F: Future<Output = Result<A, Failed>> + Send + 'static,
{
    Arc::new(move |event| match serde_json::from_value(event) {
        Ok(event) => {
            let handled = handler(event);
            Box::pin(async move { serde_json::to_value(handled.await?).map_err(|e| Failed(e.to_string())) })
        }
        Err(error) => Box::pin(async move { Err(Failed(error.to_string())) }),
    })
}
