//! Whom the functions speak to: the host of the configuration, below the path of the store, and
//! nobody whom a request, a customer or an answer names.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum::{Router, http::StatusCode, http::header::LOCATION, response::IntoResponse};
use local::{
    bigcommerce::{Entry, sign},
    stack::{Options, Stack},
};
use serde_json::{Value, json};
use shared::{
    application::{Application, WEBHOOK_SECRET_HEADER},
    bigcommerce::{Api, CustomerChange, Error},
};

use crate::stack::gateway::client;

/// A server that nobody is to speak to.
struct Canary {
    url: String,
    calls: Arc<AtomicUsize>,
}

impl Canary {
    /// One that sends whoever comes to `elsewhere`, or answers 200.
    async fn start(elsewhere: Option<String>) -> Canary {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let calls = Arc::new(AtomicUsize::new(0));
        let counted = calls.clone();
        let router = Router::new().fallback(async move || {
            counted.fetch_add(1, Ordering::Relaxed);
            match elsewhere {
                Some(elsewhere) => (StatusCode::TEMPORARY_REDIRECT, [(LOCATION, elsewhere)]).into_response(),
                None => "{\"data\": []}".into_response(),
            }
        });
        tokio::spawn(async move { axum::serve(listener, router).await });
        Canary { url, calls }
    }

    fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }
}

async fn connected() -> (Stack, Application) {
    let stack = Stack::start(Options { customers: 2, ..Options::default() }).await.unwrap();
    let application = stack.connect("main-store".parse().unwrap(), "Main store").await.unwrap();
    stack.settle().await.unwrap();
    (stack, application)
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_the_token_stays_here_g88() {
    let (stack, application) = connected().await;
    let elsewhere = Canary::start(None).await;
    let redirecting = Canary::start(Some(format!("{}/stolen", elsewhere.url))).await;
    let api = Api::new(&redirecting.url, stack.clock().clone()).unwrap();
    let answer = api.store(&application).store_information().await;
    assert!(matches!(answer, Err(Error::Garbled { status: 307, .. })), "{answer:?}");
    let change = CustomerChange { id: stack.store().customers()[0].id.unwrap(), fields: Default::default() };
    assert!(api.store(&application).update_customers(&[change]).await.is_err());
    assert!(redirecting.calls() > 0);
    assert_eq!(elsewhere.calls(), 0);
}

#[tokio::test]
async fn a_store_hash_that_is_more_than_a_hash_reaches_nobody_g88() {
    let (stack, application) = connected().await;
    let canary = Canary::start(None).await;
    let api = Api::new(&canary.url, stack.clock().clone()).unwrap();
    let hashes = [
        "",
        "..",
        "../v1",
        "a/b",
        "a%2fb",
        "a?x",
        "a#x",
        "@evil.example",
        "//evil.example",
        "A",
        "a b",
        "é",
        "http://169.254.169.254",
        "a\r\nhost: evil.example",
        "[::ffff:127.0.0.1]",
    ];
    for hash in hashes {
        let application = Application { store_hash: hash.to_owned(), ..application.clone() };
        let answer = api.store(&application).store_information().await;
        assert!(matches!(answer, Err(Error::Misconfigured(_))), "{hash}: {answer:?}");
    }
    assert_eq!(canary.calls(), 0);
}

#[tokio::test]
async fn what_a_delivery_or_a_customer_says_steers_no_request_g88() {
    let (stack, application) = connected().await;
    let canary = Canary::start(None).await;
    let customer = stack.store().customers()[0].id.unwrap();
    let fields = json!({ "notes": canary.url, "company": canary.url, "phone": canary.url });
    let Value::Object(fields) = fields else { panic!("{fields}") };
    let change = CustomerChange { id: customer, fields };
    stack.bigcommerce().store(&application).update_customers(&[change]).await.unwrap();
    let account = stack.store().account();
    for producer in [format!("stores/{}", account.store_hash), format!("stores/../{}", canary.url)] {
        for id in [json!(customer), json!(canary.url), json!("1/../../hooks"), json!(-1)] {
            let body = json!({
                "producer": producer, "scope": "store/customer/updated", "hash": canary.url,
                "created_at": stack.clock().now().as_second(), "store_id": canary.url,
                "destination": canary.url, "url": canary.url,
                "data": { "type": "customer", "id": id, "url": canary.url },
            });
            let status = deliver(&stack, &application, &body.to_string()).await;
            assert!(status == 200 || status == 400, "{status} {body}");
        }
    }
    stack.settle().await.unwrap();
    assert_eq!(canary.calls(), 0);
    let below = format!("/stores/{}/", account.store_hash);
    for entry in stack.store().log() {
        if let Entry::Call { uri, .. } = entry {
            assert!(uri.starts_with(&below) && !uri.contains(".."), "{uri}");
        }
    }
}

async fn deliver(stack: &Stack, application: &Application, body: &str) -> u16 {
    let (id, now) = (shared::clock::random_id(), stack.clock().now().as_second());
    let signature = sign(&application.credentials.client_secret, &id, now, body);
    let delivery = client().post(format!("{}/webhooks/{}", stack.api(), application.id));
    let delivery = delivery.header(WEBHOOK_SECRET_HEADER, application.webhook.app_secret.expose());
    let delivery = delivery.header("webhook-id", id).header("webhook-timestamp", now);
    let answer = delivery.header("webhook-signature", signature).body(body.to_owned()).send();
    answer.await.unwrap().status().as_u16()
}
