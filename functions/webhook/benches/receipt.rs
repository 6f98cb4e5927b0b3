//! What a delivery costs before it reaches the tables: both secrets, the signature, the reading of
//! the body, the decision. One thread; `cargo bench -p webhook`.

#![expect(clippy::print_stdout, reason = "a benchmark's result is what it prints")]
#![expect(clippy::disallowed_methods, reason = "a benchmark measures by the machine's clock")]

use std::{fs, hint::black_box, time::Instant};

use axum::http::HeaderMap;
use jiff::Timestamp;
use shared::{application::SignatureMode, secret::Secret};
use webhook::verdict::{Decision, Refusal, verdict};

#[path = "../src/sample.rs"]
mod sample;

const ROUNDS: usize = 100_000;

fn main() {
    let event = sample::event("store/customer/updated");
    let signed = sample::signed(sample::CLIENT_SECRET, sample::NOW, &event);
    measure("kept: an event as stores send it", &signed, &event, |decision| {
        matches!(decision, Decision::Keep(_))
    });

    let forged = sample::signed("another secret", sample::NOW, &event);
    let refused = |decision: &Decision| *decision == Decision::Refuse(Refusal::Signature);
    measure("refused: the signature is wrong", &forged, &event, refused);

    let zeros = format!("[{}0]", "0,".repeat(32_000)).into_bytes();
    let largest = sample::signed(sample::CLIENT_SECRET, sample::NOW, &zeros);
    measure("malformed: 64 KB, signed", &largest, &zeros, |decision| *decision == Decision::Malformed);
}

/// Judges one delivery over and over, in the strictest mode and with previous secrets to try.
fn measure(what: &str, headers: &HeaderMap, body: &[u8], expected: fn(&Decision) -> bool) {
    let mut application = sample::application();
    application.webhook.signature = SignatureMode::Require;
    application.webhook.previous_app_secret = Some(Secret::new("the app secret before this"));
    application.credentials.previous_client_secret = Some(Secret::new("the client secret before this"));
    let now = Timestamp::from_second(sample::NOW).expect("a time");
    let rounds = ROUNDS * 200 / body.len().max(200);

    let mut nanoseconds = Vec::with_capacity(rounds);
    let (began, cpu) = (Instant::now(), cpu_nanoseconds());
    for _ in 0..rounds {
        let start = Instant::now();
        let judged = black_box(verdict(Some(&application), black_box(headers), black_box(body), now));
        nanoseconds.push(start.elapsed().as_nanos());
        assert!(expected(&judged.decision), "{judged:?}");
    }
    let (wall, cpu) =
        (began.elapsed().as_secs_f64(), cpu_nanoseconds().zip(cpu).map(|(end, begin)| end - begin));
    nanoseconds.sort_unstable();

    let micro = |share: usize| nanoseconds[(rounds - 1) * share / 100] as f64 / 1e3;
    let cpu = cpu.map_or("n/a".to_owned(), |cpu| format!("{:.1} µs", cpu as f64 / rounds as f64 / 1e3));
    println!(
        "{what}: {:.0} a second, p50 {:.1} µs, p99 {:.1} µs, CPU {cpu} each ({rounds} rounds)",
        rounds as f64 / wall,
        micro(50),
        micro(99),
    );
}

/// What this process has run so far, as Linux counts it.
fn cpu_nanoseconds() -> Option<u64> {
    fs::read_to_string("/proc/self/schedstat").ok()?.split(' ').next()?.parse().ok()
}
