//! What it takes to receive a webhook: signed deliveries through the function's router into the
//! embedded engine, over its real wire. `cargo bench -p tests --bench receipts`
//!
//! All of it runs on one thread, to tell how many a core receives; then once more with the engine
//! on a thread of its own, to tell what is ours of it. What comes before the tables alone is
//! measured by `cargo bench -p webhook`.

#![expect(clippy::print_stdout, reason = "a benchmark's result is what it prints")]
#![expect(clippy::disallowed_methods, reason = "a benchmark measures by the machine's clock")]

use std::{
    collections::BTreeMap,
    fs,
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use aws_sdk_dynamodb::Client;
use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode},
};
use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use local::{
    engine::{Engine, Keep},
    template::Template,
};
use shared::{
    clock::Clock,
    secret::Secret,
    store::{Table, TableNames, Tables, Usage},
    vault::Vault,
};
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt;

#[path = "../../functions/webhook/src/sample.rs"]
mod sample;

const WARM_UP: usize = 200;
/// The engine slows down with the length of its streams, which nobody shortens here.
const RECEIPTS: usize = 2_000;
/// How many an environment receives before a new one takes its place.
const COLD: usize = 500;
const CUSTOMERS: usize = 1_000;

fn main() {
    println!("{:<38}{:>10}{:>10}{:>10}{:>14}{:>13}", "", "a second", "p50", "p99", "CPU each", "write units");
    for at_once in [1, 16] {
        let measured = runtime().block_on(async {
            let engine = start_engine().await;
            receive(engine.client(), at_once).await
        });
        measured.print(&format!("one thread, {at_once} at once"));
    }
    let client = engine_apart();
    let measured = runtime().block_on(receive(client, 1));
    measured.print("without the engine's own thread");
    let (measured, windows) = runtime().block_on(a_minute());
    measured.print("12,000, environments new each 500");
    let least = windows.into_iter().fold(1.0, f64::min);
    println!("answered with 200, in the window of two minutes with the fewest: {:.2} %", least * 100.0);
}

/// What 200 deliveries a second come to in a minute, as fast as they are taken; a new engine for
/// each sixth of them, for it slows down with the length of its streams. The shares answered with
/// 200, by windows of two minutes, of which there is one if it takes no longer.
async fn a_minute() -> (Measured, Vec<f64>) {
    const PARTS: usize = 6;
    let mut all =
        Measured { wall: Duration::ZERO, cpu: Some(Duration::ZERO), each: Vec::new(), writes: 0.0, taken: 0 };
    let mut windows: BTreeMap<u64, (usize, usize)> = BTreeMap::new();
    for _ in 0..PARTS {
        let engine = start_engine().await;
        let tables = tables(engine.client());
        tables.put_application(&sample::application()).await.expect("the application is kept");
        for _ in 0..RECEIPTS / COLD {
            let function = webhook::router(webhook::App::new(tables.clone(), Clock::system()));
            let measured = measure(&tables, &function, COLD, 16).await;
            all.wall += measured.wall;
            all.cpu = all.cpu.zip(measured.cpu).map(|(one, other)| one + other);
            all.writes += measured.writes;
            all.taken += measured.taken;
            let window = windows.entry(all.wall.as_secs() / 120).or_default();
            *window = (window.0 + measured.taken, window.1 + measured.each.len());
            all.each.extend(measured.each);
        }
    }
    all.each.sort_unstable();
    let share = |(taken, of): (usize, usize)| taken as f64 / of as f64;
    (all, windows.into_values().map(share).collect())
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime")
}

async fn start_engine() -> Engine {
    let template = Template::deployed().expect("the template");
    Engine::start(Keep::Memory(Clock::system()), &template).await.expect("an engine")
}

/// A client of an engine that runs on a thread of its own for as long as the process.
fn engine_apart() -> Client {
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        runtime().block_on(async {
            let engine = start_engine().await;
            tell.send(engine.client()).expect("somebody waits");
            std::future::pending::<()>().await;
        });
    });
    told.recv().expect("an engine")
}

/// What so many receipts took.
struct Measured {
    wall: Duration,
    cpu: Option<Duration>,
    /// How long each took, in order of length.
    each: Vec<Duration>,
    writes: f64,
    /// How many were answered with 200.
    taken: usize,
}

/// Has deliveries received, so many at a time.
async fn receive(client: Client, at_once: usize) -> Measured {
    let tables = tables(client);
    tables.put_application(&sample::application()).await.expect("the application is kept");
    let function = webhook::router(webhook::App::new(tables.clone(), Clock::system()));
    all(&function, requests(WARM_UP), at_once).await;
    let measured = measure(&tables, &function, RECEIPTS, at_once).await;
    assert_eq!(measured.taken, RECEIPTS);
    measured
}

/// Has so many deliveries received by one environment.
async fn measure(tables: &Tables, function: &Router, count: usize, at_once: usize) -> Measured {
    tables.meter().take(Table::Work);
    let requests = requests(count);
    let (began, cpu) = (Instant::now(), thread_time());
    let (mut each, statuses): (Vec<Duration>, Vec<StatusCode>) =
        all(function, requests, at_once).await.into_iter().unzip();
    let wall = began.elapsed();
    let cpu = thread_time().zip(cpu).map(|(end, begin)| end - begin);
    each.sort_unstable();
    let Usage { write, .. } = tables.meter().take(Table::Work);
    let taken = statuses.into_iter().filter(|status| *status == StatusCode::OK).count();
    Measured { wall, cpu, each, writes: write, taken }
}

fn tables(client: Client) -> Tables {
    let [users, work, jobs, reports, settings] =
        ["UsersTable", "WorkTable", "JobsTable", "ReportsTable", "SettingsTable"].map(str::to_owned);
    let names = TableNames { users, work, jobs, reports, settings };
    let vault = Vault::new(&Secret::new("0".repeat(64))).expect("a key");
    Tables::new(client, names, vault).metered()
}

/// Deliveries as the store makes them, signed before the watch runs.
fn requests(count: usize) -> Vec<Request<Body>> {
    let now = Timestamp::now().as_second();
    let event = String::from_utf8(sample::event("store/customer/updated")).expect("text");
    let request = |n: usize| {
        let body = event.replace("\"id\":32", &format!("\"id\":{}", n % CUSTOMERS + 1));
        let mut request =
            Request::post("/webhooks/main-store").body(Body::from(body.clone())).expect("a request");
        *request.headers_mut() = sample::signed(sample::CLIENT_SECRET, now, body.as_bytes());
        request
    };
    (0..count).map(request).collect()
}

async fn all(function: &Router, requests: Vec<Request<Body>>, at_once: usize) -> Vec<(Duration, StatusCode)> {
    let receive = |request: Request<Body>| async move {
        let began = Instant::now();
        let answer = function.clone().oneshot(request).await.expect("an answer");
        (began.elapsed(), answer.status())
    };
    stream::iter(requests).map(receive).buffer_unordered(at_once).collect().await
}

/// What this thread has run so far, as Linux counts it.
fn thread_time() -> Option<Duration> {
    let counted = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(Duration::from_nanos(counted.split(' ').next()?.parse().ok()?))
}

impl Measured {
    fn print(&self, what: &str) {
        let count = self.each.len();
        let share = |hundredths: usize| micros(self.each[(count - 1) * hundredths / 100]);
        let cpu = self.cpu.map_or("n/a".to_owned(), |cpu| micros(cpu / count as u32));
        println!(
            "{what:<38}{:>10.0}{:>10}{:>10}{cpu:>14}{:>13}",
            count as f64 / self.wall.as_secs_f64(),
            share(50),
            share(99),
            self.writes / count as f64,
        );
    }
}

fn micros(duration: Duration) -> String {
    format!("{} µs", duration.as_micros())
}
