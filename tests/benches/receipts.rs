//! What it takes to receive a webhook: signed deliveries through the function's router into the
//! embedded engine, over its real wire. `cargo bench -p tests --bench receipts`
//!
//! All of it runs on one thread, to tell how many a core receives; then once more with the engine
//! on a thread of its own, to tell what is ours of it. What comes before the tables alone is
//! measured by `cargo bench -p webhook`.

#![expect(clippy::print_stdout, reason = "a benchmark's result is what it prints")]
#![expect(clippy::disallowed_methods, reason = "a benchmark measures by the machine's clock")]

use std::{collections::BTreeMap, sync::mpsc, thread};

use aws_sdk_dynamodb::Client;
use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode},
};
use jiff::Timestamp;
use shared::{
    clock::Clock,
    store::{Table, Tables},
};

use measure::{Measured, measure, runtime, start_engine, tables};

mod measure;
#[path = "../../functions/webhook/src/sample.rs"]
mod sample;

const WARM_UP: usize = 200;
/// The engine slows down with the length of its streams, which nobody shortens here.
const RECEIPTS: usize = 2_000;
/// How many an environment receives before a new one takes its place.
const COLD: usize = 500;
const CUSTOMERS: usize = 1_000;

fn main() {
    Measured::head("write units");
    for at_once in [1, 16] {
        runtime().block_on(async {
            let engine = start_engine().await;
            receive(engine.client(), at_once, &format!("one thread, {at_once} at once")).await;
        });
    }
    let client = engine_apart();
    runtime().block_on(receive(client, 1, "without the engine's own thread"));
    let least = runtime().block_on(a_minute());
    println!("answered with 200, in the window of two minutes with the fewest: {:.2} %", least * 100.0);
}

/// What 200 deliveries a second come to in a minute, as fast as they are taken; a new engine for
/// each sixth of them, for it slows down with the length of its streams. Gives the least share
/// answered with 200 in a window of two minutes, of which there is one if it takes no longer.
async fn a_minute() -> f64 {
    const PARTS: usize = 6;
    let (mut all, mut writes) = (None::<Measured>, 0.0);
    let mut windows: BTreeMap<u64, (usize, usize)> = BTreeMap::new();
    for _ in 0..PARTS {
        let engine = start_engine().await;
        let tables = tables(engine.client()).metered();
        tables.put_application(&sample::application()).await.expect("the application is kept");
        for _ in 0..RECEIPTS / COLD {
            let (measured, wrote) = received(&tables, &environment(&tables), COLD, 16).await;
            let (taken, of) = (measured.taken, measured.each.len());
            let sum = all.take().into_iter().fold(measured, joined);
            let window = windows.entry(sum.wall.as_secs() / 120).or_default();
            *window = (window.0 + taken, window.1 + of);
            (all, writes) = (Some(sum), writes + wrote);
        }
    }
    if let Some(all) = all {
        all.print("12,000, environments new each 500", &(writes / all.each.len() as f64).to_string());
    }
    windows.into_values().map(|(taken, of)| taken as f64 / of as f64).fold(1.0, f64::min)
}

/// What one took and then another, as one.
fn joined(mut one: Measured, other: Measured) -> Measured {
    one.each.extend(other.each);
    one.each.sort_unstable();
    one.wall += other.wall;
    one.cpu = one.cpu.zip(other.cpu).map(|(one, other)| one + other);
    one.taken += other.taken;
    one
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

/// Has deliveries received, so many at a time, and tells how that went.
async fn receive(client: Client, at_once: usize, what: &str) {
    let tables = tables(client).metered();
    tables.put_application(&sample::application()).await.expect("the application is kept");
    let function = environment(&tables);
    received(&tables, &function, WARM_UP, at_once).await;
    let (measured, writes) = received(&tables, &function, RECEIPTS, at_once).await;
    assert_eq!(measured.taken, RECEIPTS);
    measured.print(what, &(writes / RECEIPTS as f64).to_string());
}

fn environment(tables: &Tables) -> Router {
    webhook::router(webhook::App::new(tables.clone(), Clock::system()))
}

/// Has so many deliveries received by one environment; with the write units of it.
async fn received(tables: &Tables, function: &Router, count: usize, at_once: usize) -> (Measured, f64) {
    tables.meter().take(Table::Work);
    let measured = measure(function, requests(count), at_once, StatusCode::OK).await;
    (measured, tables.meter().take(Table::Work).write)
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
