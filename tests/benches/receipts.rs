//! What it takes to receive a webhook: signed deliveries through the function's router into the
//! embedded engine, over its real wire. `cargo bench -p tests --bench receipts`
//!
//! All of it runs on one thread, to tell how many a core receives; then once more with the engine
//! on a thread of its own, to tell what is ours of it. What comes before the tables alone is
//! measured by `cargo bench -p webhook`.

#![expect(clippy::print_stdout, reason = "a benchmark's result is what it prints")]
#![expect(clippy::disallowed_methods, reason = "a benchmark measures by the machine's clock")]

use std::{sync::mpsc, thread};

use aws_sdk_dynamodb::Client;
use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use jiff::Timestamp;
use shared::{clock::Clock, store::Table};

use measure::{Measured, measure, runtime, start_engine, tables};

mod measure;
#[path = "../../functions/webhook/src/sample.rs"]
mod sample;

const WARM_UP: usize = 200;
/// The engine slows down with the length of its streams, which nobody shortens here.
const RECEIPTS: usize = 2_000;
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
    let function = webhook::router(webhook::App::new(tables.clone(), Clock::system()));
    measure(&function, requests(WARM_UP), at_once, StatusCode::OK).await;
    tables.meter().take(Table::Work);
    let measured = measure(&function, requests(RECEIPTS), at_once, StatusCode::OK).await;
    let writes = tables.meter().take(Table::Work).write / RECEIPTS as f64;
    measured.print(what, &writes.to_string());
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
