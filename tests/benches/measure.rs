//! What the benches share: tables over an engine, requests through a router, and how long they took.

use std::{
    fs,
    time::{Duration, Instant},
};

use aws_sdk_dynamodb::Client;
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, StatusCode},
};
use futures_util::{StreamExt, stream};
use local::{
    engine::{Engine, Keep},
    template::Template,
};
use shared::{
    clock::Clock,
    secret::Secret,
    store::{TableNames, Tables},
    vault::Vault,
};
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt;

pub(crate) fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime")
}

pub(crate) async fn start_engine() -> Engine {
    let template = Template::deployed().expect("the template");
    Engine::start(Keep::Memory(Clock::system()), &template).await.expect("an engine")
}

pub(crate) fn tables(client: Client) -> Tables {
    let [users, work, jobs, reports, settings] =
        ["UsersTable", "WorkTable", "JobsTable", "ReportsTable", "SettingsTable"].map(str::to_owned);
    let names = TableNames { users, work, jobs, reports, settings };
    let vault = Vault::new(&Secret::new("0".repeat(64))).expect("a key");
    Tables::new(client, names, vault)
}

/// How long requests took.
pub(crate) struct Measured {
    pub(crate) wall: Duration,
    /// What the thread ran meanwhile.
    pub(crate) cpu: Option<Duration>,
    /// How long each took, in order of length.
    pub(crate) each: Vec<Duration>,
    /// How many were answered with the status that they should be.
    pub(crate) taken: usize,
}

/// Has the router answer requests with this status, so many at once.
pub(crate) async fn measure(
    router: &Router,
    requests: Vec<Request<Body>>,
    at_once: usize,
    status: StatusCode,
) -> Measured {
    let answer = |request: Request<Body>| async move {
        let began = Instant::now();
        let answer = router.clone().oneshot(request).await.expect("an answer");
        let found = answer.status();
        to_bytes(answer.into_body(), usize::MAX).await.expect("a body");
        (began.elapsed(), found == status)
    };
    let (began, cpu) = (Instant::now(), thread_time());
    let all = stream::iter(requests).map(answer).buffer_unordered(at_once);
    let (mut each, taken): (Vec<Duration>, Vec<bool>) = all.unzip().await;
    let wall = began.elapsed();
    let cpu = thread_time().zip(cpu).map(|(end, begin)| end - begin);
    each.sort_unstable();
    Measured { wall, cpu, each, taken: taken.into_iter().filter(|taken| *taken).count() }
}

/// What this thread has run so far, as Linux counts it.
fn thread_time() -> Option<Duration> {
    let counted = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(Duration::from_nanos(counted.split(' ').next()?.parse().ok()?))
}

impl Measured {
    pub(crate) fn head(last: &str) {
        println!("{:<44}{:>10}{:>10}{:>10}{:>11}{last:>14}", "", "a second", "p50", "p99", "CPU each");
    }

    pub(crate) fn print(&self, what: &str, last: &str) {
        let count = self.each.len();
        let share = |hundredths: usize| micros(self.each[(count - 1) * hundredths / 100]);
        let a_second = count as f64 / self.wall.as_secs_f64();
        let cpu = self.cpu.map_or("n/a".to_owned(), |cpu| micros(cpu / count as u32));
        println!("{what:<44}{a_second:>10.0}{:>10}{:>10}{cpu:>11}{last:>14}", share(50), share(99));
    }
}

fn micros(duration: Duration) -> String {
    format!("{} µs", duration.as_micros())
}
