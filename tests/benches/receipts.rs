//! What it takes to receive a webhook: signed deliveries through the function's router into the
//! embedded engine, over its real wire. `cargo bench -p tests --bench receipts`
//!
//! All of it runs on one thread, to tell how many a core receives; then once more with the engine
//! on a thread of its own, to tell what is ours of it. What comes before the tables alone is
//! measured by `cargo bench -p webhook`.

#![expect(clippy::print_stdout, reason = "a benchmark's result is what it prints")]
#![expect(clippy::disallowed_methods, reason = "a benchmark measures by the machine's clock")]

use std::{
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

struct Measured {
    wall: Duration,
    cpu: Option<Duration>,
    /// How long each took, in order of length.
    each: Vec<Duration>,
    writes: f64,
}

/// Has deliveries received, so many at a time.
async fn receive(client: Client, at_once: usize) -> Measured {
    let tables = tables(client);
    tables.put_application(&sample::application()).await.expect("the application is kept");
    let function = webhook::router(webhook::App::new(tables.clone(), Clock::system()));
    all(&function, requests(WARM_UP), at_once).await;
    tables.meter().take(Table::Work);

    let requests = requests(RECEIPTS);
    let (began, cpu) = (Instant::now(), thread_time());
    let mut each = all(&function, requests, at_once).await;
    let wall = began.elapsed();
    let cpu = thread_time().zip(cpu).map(|(end, begin)| end - begin);
    each.sort_unstable();
    let Usage { write, .. } = tables.meter().take(Table::Work);
    Measured { wall, cpu, each, writes: write }
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

async fn all(function: &Router, requests: Vec<Request<Body>>, at_once: usize) -> Vec<Duration> {
    let receive = |request: Request<Body>| async move {
        let began = Instant::now();
        let answer = function.clone().oneshot(request).await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::OK);
        began.elapsed()
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
