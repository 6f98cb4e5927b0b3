//! The gateway's routes and limits.

use std::collections::BTreeMap;

use axum::{Router, extract::Path, routing::post};
use local::{
    gateway::{Gateway, Port},
    template::Template,
};
use reqwest::{Client, StatusCode};

fn functions() -> BTreeMap<String, Router> {
    let answer = |Path(application): Path<String>, body: String| async move {
        format!("{application}: {} bytes", body.len())
    };
    let webhook = Router::new().route("/webhooks/{application}", post(answer));
    BTreeMap::from([
        ("activation-page".to_owned(), Router::new()),
        ("admin".to_owned(), Router::new()),
        ("users".to_owned(), Router::new()),
        ("webhook".to_owned(), webhook),
    ])
}

async fn gateway() -> Gateway {
    Gateway::start(&Template::deployed().unwrap(), functions(), Port::open(0).await.unwrap()).unwrap()
}

#[tokio::test]
async fn a_route_of_the_template_reaches_its_function() {
    let gateway = gateway().await;
    let url = format!("{}/webhooks/main-store", gateway.url());
    let answer = client().post(url).body("12345").send().await.unwrap();
    assert_eq!(answer.text().await.unwrap(), "main-store: 5 bytes");
}

#[tokio::test]
async fn what_no_route_takes_is_not_found() {
    let gateway = gateway().await;
    for (method, path) in [("GET", "/webhooks/main-store"), ("POST", "/webhooks"), ("GET", "/")] {
        let request = client().request(method.parse().unwrap(), format!("{}{path}", gateway.url()));
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{method} {path}");
        assert_eq!(answer.headers()["content-type"], "application/problem+json");
    }
}

#[tokio::test]
async fn a_body_of_ten_megabytes_passes_and_a_longer_one_does_not() {
    let gateway = gateway().await;
    let url = format!("{}/webhooks/main-store", gateway.url());
    let send = |length: usize| client().post(&url).body(vec![b'x'; length]).send();
    // The function of this test reads two megabytes at most, so its own answer tells that it was reached.
    assert_eq!(send(1024).await.unwrap().status(), StatusCode::OK);
    let longest = send(10 * 1024 * 1024).await.unwrap();
    assert_ne!(longest.headers().get("content-type").unwrap(), "application/problem+json");
    let longer = send(10 * 1024 * 1024 + 1).await.unwrap();
    assert_eq!(longer.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(longer.headers()["content-type"], "application/problem+json");
}

#[tokio::test]
async fn headers_that_are_too_long_are_refused() {
    let gateway = gateway().await;
    let url = format!("{}/webhooks/main-store", gateway.url());
    let send = |length: usize| client().post(&url).header("x-long", "x".repeat(length)).send();
    assert_eq!(send(9_000).await.unwrap().status(), StatusCode::OK);
    assert_eq!(send(10_240).await.unwrap().status(), StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
}

#[tokio::test]
async fn template_and_functions_must_fit() {
    let template = Template::deployed().unwrap();
    let mut fewer = functions();
    fewer.remove("users");
    let missing = Gateway::start(&template, fewer, Port::open(0).await.unwrap()).err().unwrap();
    assert_eq!(
        missing.to_string(),
        "the API could not be started (nothing here answers the routes of users)"
    );
    let mut more = functions();
    more.insert("other".into(), Router::new());
    let unrouted = Gateway::start(&template, more, Port::open(0).await.unwrap()).err().unwrap();
    assert_eq!(unrouted.to_string(), "the API could not be started (the template has no route to other)");
}

/// The library asks for a provider of TLS, though these tests speak none.
pub(crate) fn client() -> Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::new()
}
