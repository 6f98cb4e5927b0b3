//! The webhook function: `POST /webhooks/{application}` checks that a delivery is the store's own,
//! keeps a row of work for the customer it names, and answers at once.
//!
//! * [`verdict`](mod@verdict): what is to be done with a delivery; pure
//! * [`signature`]: its Standard Webhooks signature; pure
//! * [`event`]: what it says; pure
//! * `json`: one way only to read it
//! * `applications`: the applications as last read
//! * `answer`: what the store is answered, and what the log is told
//!
//! | answer | when | does the store send again? |
//! | --- | --- | --- |
//! | 200, empty | a row of work is kept, or there is nothing to keep | no |
//! | 400 | authentic, and not a JSON object | yes |
//! | 401 | unknown application, wrong secret or wrong signature, all alike | yes, until they are put right |
//! | 413 | larger than [`LARGEST_BODY`] | yes |
//! | 503 | no row could be kept within [`PATIENCE`] | yes |

pub mod event;
pub mod signature;
pub mod verdict;

mod answer;
mod applications;
mod json;
#[cfg(test)]
mod sample;

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, Bytes, HttpBody, to_bytes},
    extract::{Path, State, rejection::PathRejection},
    http::{HeaderMap, StatusCode},
    routing::post,
};
use jiff::SignedDuration;
use shared::{
    application::{ApplicationId, WEBHOOK_SECRET_HEADER},
    clock::Clock,
    http::{Problem, method_not_allowed, not_found},
    store::{self, Tables},
};

use crate::{
    applications::{Applications, DOUBTED, TRUSTED},
    verdict::{Decision, Verdict, verdict},
};

/// The largest body that is taken, in bytes; a store's own are about 200.
pub const LARGEST_BODY: usize = 64 * 1024;

/// How long the tables may take over one delivery before it is answered 503.
pub const PATIENCE: Duration = Duration::from_millis(2500);

/// What the function needs: the tables, the time, and the applications as last read.
pub struct App {
    tables: Tables,
    clock: Clock,
    applications: Applications,
}

impl App {
    /// The function over these tables, which it gives no longer than 2 s for a call, and this clock.
    pub fn new(tables: Tables, clock: Clock) -> App {
        App { tables: tables.impatient(), clock, applications: Applications::default() }
    }

    /// The function as the environment says; see [`Tables::from_env`] for what it reads.
    pub async fn from_env() -> Result<App, lambda_http::Error> {
        Ok(App::new(Tables::from_env().await?, Clock::system()))
    }
}

/// The function's addresses.
pub fn router(app: App) -> Router {
    Router::new()
        .route("/webhooks/{application}", post(receive))
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .with_state(Arc::new(app))
}

/// A delivery, before it is known to be anybody's.
struct Delivery {
    /// `None` where the path holds no identifier.
    application: Option<ApplicationId>,
    headers: HeaderMap,
}

/// Why a delivery could not be dealt with.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("the body could not be taken (64 KiB at most)")]
    TooLarge,
    #[error("the application could not be read")]
    Unread(#[source] store::Error),
    #[error("the row of work could not be kept")]
    Unkept(#[source] store::Error),
    #[error("the tables did not answer (within 2.5 s)")]
    TooLate,
}

async fn receive(
    State(app): State<Arc<App>>,
    path: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, Problem> {
    let application = path.ok().and_then(|Path(id)| id.parse().ok());
    let delivery = Delivery { application, headers };
    let outcome = match whole(body).await {
        Ok(body) => in_time(PATIENCE, handle(&app, &delivery, &body)).await,
        Err(failure) => Err(failure),
    };
    answer::log(&delivery, &outcome);
    answer::answer(outcome)
}

/// The body, unless it is too large: by its announced length before any of it is read, else as
/// soon as it is. One that breaks off is not told apart: nobody is left to read the answer.
async fn whole(body: Body) -> Result<Bytes, Failure> {
    if body.size_hint().lower() > LARGEST_BODY as u64 {
        return Err(Failure::TooLarge);
    }
    to_bytes(body, LARGEST_BODY).await.map_err(|_| Failure::TooLarge)
}

/// What comes of `work`, unless it takes longer than `patience`. That is the machine's time and
/// not the clock's: it bounds how long a connection is waited for, not when something is due.
async fn in_time<T>(
    patience: Duration,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    tokio::time::timeout(patience, work).await.unwrap_or(Err(Failure::TooLate))
}

/// Judges the delivery and does what is to be done. One that would be refused is judged once more
/// by the application as it stands in the table.
async fn handle(app: &App, delivery: &Delivery, body: &[u8]) -> Result<Verdict, Failure> {
    let mut verdict = judge(app, delivery, body, TRUSTED).await?;
    if matches!(verdict.decision, Decision::Refuse(_)) {
        verdict = judge(app, delivery, body, DOUBTED).await?;
    }
    if let Decision::Keep(notice) = &verdict.decision {
        let kept = app.tables.enqueue(&notice.subject, notice.scope, notice.asked_at).await;
        kept.map_err(Failure::Unkept)?;
    }
    Ok(verdict)
}

async fn judge(
    app: &App,
    delivery: &Delivery,
    body: &[u8],
    trust: SignedDuration,
) -> Result<Verdict, Failure> {
    let now = app.clock.now();
    // Without a secret to compare, no delivery is worth a read.
    let named =
        delivery.application.as_ref().filter(|_| delivery.headers.contains_key(WEBHOOK_SECRET_HEADER));
    let application = match named {
        Some(id) => app.applications.get(id, now, trust, async |id| app.tables.application(id).await).await,
        None => Ok(None),
    };
    let application = application.map_err(Failure::Unread)?;
    Ok(verdict(application.as_deref(), &delivery.headers, body, now))
}

#[cfg(test)]
mod tests {
    use futures_util::stream;

    use super::*;

    async fn is_taken(body: Body) -> bool {
        whole(body).await.is_ok()
    }

    #[tokio::test]
    async fn g10_a_body_of_64_kib_is_taken_and_a_byte_more_is_not() {
        assert!(is_taken(Body::from(vec![b' '; LARGEST_BODY])).await);
        assert!(!is_taken(Body::from(vec![b' '; LARGEST_BODY + 1])).await);
    }

    #[tokio::test]
    async fn g10_a_body_without_a_length_is_given_up_at_the_limit() {
        let chunk = || Ok::<_, std::io::Error>(Bytes::from(vec![b' '; 1024]));
        assert!(is_taken(Body::from_stream(stream::iter((0..64).map(move |_| chunk())))).await);
        // It never ends: to read on would never return.
        assert!(!is_taken(Body::from_stream(stream::repeat_with(chunk))).await);
    }

    #[tokio::test]
    async fn g13_tables_that_do_not_answer_are_given_up_within_3_s() {
        const { assert!(PATIENCE.as_secs() < 3) };
        let outcome = in_time(Duration::ZERO, std::future::pending::<Result<(), Failure>>()).await;
        assert!(matches!(outcome, Err(Failure::TooLate)));
        assert!(in_time(Duration::ZERO, async { Ok(()) }).await.is_ok());
    }
}
