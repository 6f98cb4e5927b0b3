//! Deliveries that are the store's own and nothing for us.

use std::{
    io,
    sync::{Arc, Mutex},
};

use reqwest::StatusCode;
use serde_json::{Value, json};
use tracing::{Dispatch, subscriber::DefaultGuard};

use super::{Delivery, Intake, NOTHING};

/// What was logged since it was last taken.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn take(&self) -> String {
        String::from_utf8(std::mem::take(&mut *self.0.lock().unwrap())).unwrap()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What this thread logs, while the guards live. As long as there is one subscriber only, a place
/// that logs for the first time asks the subscriber of its own thread whether to log ever: another
/// test's thread has none, so there have to be two.
fn logged() -> (Log, Dispatch, DefaultGuard) {
    let another = Dispatch::new(tracing_subscriber::registry());
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone());
    (log, another, tracing::subscriber::set_default(subscriber.finish()))
}

/// Bodies that no row comes of, with what the log is to say of them.
fn ignored(intake: &Intake) -> Vec<(&'static str, String)> {
    let customer = |id: Value| json!({ "type": "customer", "id": id });
    let mut ignored: Vec<(&str, String)> = [
        json!("1"),
        json!("x"),
        json!(-1),
        json!(0),
        json!(1_u64 << 63),
        json!(u64::MAX),
        json!(1.5),
        Value::Null,
        json!([1]),
    ]
    .into_iter()
    .map(|id| ("ignored: no customer", intake.event("store/customer/updated", customer(id))))
    .collect();
    ignored.extend(
        [Value::Null, json!([]), json!("1"), json!({})]
            .map(|data| ("ignored: no customer", intake.event("store/customer/deleted", data))),
    );
    for scope in ["store/order/created", "store/order/*", "store/cart/updated", "store/customer/renamed", ""]
    {
        ignored.push(("ignored: other scope", intake.event(scope, customer(json!(1)))));
    }
    let event = intake.event("store/customer/updated", customer(json!(1)));
    let own = format!("stores/{}", intake.application.store_hash);
    for producer in ["stores/another", "stores/", "", &own.to_uppercase()] {
        ignored.push(("ignored: other store", event.replace(&own, producer)));
    }
    ignored
}

#[tokio::test]
async fn what_is_nothing_for_us_is_acknowledged_logged_and_never_looked_up_g12() {
    let (log, _another, _guard) = logged();
    let intake = Intake::start(1).await;
    for (verdict, body) in ignored(&intake) {
        log.take();
        assert_eq!(intake.post(&intake.signed(body.clone())).await, StatusCode::OK, "{body}");
        let logged = log.take();
        assert!(logged.contains(&format!("verdict={verdict}")), "{body}: {logged}");
        assert_eq!(intake.writes(), NOTHING, "{body}");
    }
    intake.stack.settle().await.unwrap();
    assert_eq!(intake.reads(), 0);
}

#[tokio::test]
async fn an_acknowledgement_is_empty_and_every_answer_has_few_headers_g17() {
    let intake = Intake::start(1).await;
    let good = intake.updated(intake.customers()[0]);
    let ignored = intake.signed(intake.event("store/order/created", json!({})));
    let too_large = intake.signed(" ".repeat(70_000));
    for (delivery, status) in [
        (good.clone(), 200),
        (ignored, 200),
        (intake.signed("[]"), 400),
        (good.clone().with("webhook-id", "another"), 401),
        (too_large, 413),
    ] {
        let Delivery { headers, body } = delivery;
        let answer = intake.http.post(intake.url()).headers(headers).body(body).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), status);
        assert!(answer.headers().len() < 10, "{:?}", answer.headers());
        let length = answer.bytes().await.unwrap().len();
        assert!(if status == 200 { length == 0 } else { length < 1000 }, "{status}: {length} bytes");
    }
    intake.stack.settle().await.unwrap();
}
