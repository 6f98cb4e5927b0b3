//! A server that answers as a test says, and a clock that a test reads: for what a store does when it,
//! or the way to it, is not well.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::Query,
    http::{HeaderMap, Method, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use serde_json::{Value, json};
use shared::{
    application::{Application, Credentials, Policies, SignatureMode, WebhookPolicy},
    bigcommerce::{Api, Client},
    clock::Clock,
    mapping::Mapping,
    secret::Secret,
};

/// A request as the server saw it.
#[derive(Clone)]
pub(crate) struct Seen {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: HashMap<String, String>,
    pub(crate) raw_query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Seen {
    /// The values of a filter.
    pub(crate) fn values(&self, filter: &str) -> Vec<String> {
        let values = self.query.get(filter).map(String::as_str).unwrap_or_default();
        values.split(',').filter(|value| !value.is_empty()).map(str::to_owned).collect()
    }
}

/// A server, a clock, and a client of both.
pub(crate) struct Fake {
    pub(crate) api: Api,
    seen: Arc<Mutex<Vec<Seen>>>,
    time: Arc<AtomicI64>,
}

impl Fake {
    /// `answer` is given the number of the request (from 0) and the request.
    pub(crate) async fn start(answer: impl Fn(usize, &Seen) -> Response + Send + Sync + 'static) -> Fake {
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let (kept, answer) = (Arc::clone(&seen), Arc::new(answer));
        let handler = move |method: Method, uri: Uri, headers: HeaderMap, body: Bytes| async move {
            let query = Query::try_from_uri(&uri).map(|Query(query)| query).unwrap_or_default();
            let request = Seen {
                method,
                path: uri.path().to_owned(),
                query,
                raw_query: uri.query().unwrap_or_default().to_owned(),
                headers,
                body: serde_json::from_slice(&body).unwrap_or_default(),
            };
            let mut seen = kept.lock().unwrap();
            seen.push(request.clone());
            answer(seen.len() - 1, &request)
        };
        let (api, time) = serve(Router::new().fallback(handler)).await;
        Fake { api, seen, time }
    }

    pub(crate) fn client(&self) -> Client {
        self.api.store(&application("abc123"))
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub(crate) fn calls(&self) -> usize {
        self.seen.lock().unwrap().len()
    }

    /// How long the client has slept.
    pub(crate) fn slept(&self) -> Duration {
        Duration::from_millis(self.time.load(Ordering::SeqCst).unsigned_abs())
    }
}

/// Serves `router` on this machine; sleeping on the clock moves it and takes no time.
pub(crate) async fn serve(router: Router) -> (Api, Arc<AtomicI64>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let time = Arc::new(AtomicI64::new(0));
    let (told, slept) = (Arc::clone(&time), Arc::clone(&time));
    let clock = Clock::new(
        move || Timestamp::from_millisecond(told.load(Ordering::SeqCst)).unwrap(),
        move |wait| {
            slept.fetch_add(i64::try_from(wait.as_millis()).unwrap(), Ordering::SeqCst);
            Box::pin(std::future::ready(()))
        },
    );
    (Api::new(&base, clock).unwrap(), time)
}

pub(crate) fn application(store_hash: &str) -> Application {
    Application {
        id: "main-store".parse().unwrap(),
        name: "Main store".to_owned(),
        store_hash: store_hash.to_owned(),
        credentials: Credentials {
            client_id: "client".to_owned(),
            client_secret: Secret::new("client secret"),
            previous_client_secret: None,
            access_token: Secret::new("token"),
        },
        webhook: WebhookPolicy {
            app_secret: Secret::new("app secret"),
            previous_app_secret: None,
            signature: SignatureMode::Off,
        },
        mapping: Mapping { rules: Vec::new(), address_rules: Vec::new(), ..Mapping::default() },
        policies: Policies::default(),
    }
}

pub(crate) fn data(data: impl Into<Value>) -> Response {
    axum::Json(json!({ "data": data.into(), "meta": {} })).into_response()
}

pub(crate) fn refused(status: u16, title: &str, errors: Value) -> Response {
    let body = json!({ "status": status, "title": title, "type": "https://x.example", "errors": errors });
    (StatusCode::from_u16(status).unwrap(), axum::Json(body)).into_response()
}

pub(crate) fn html(status: u16) -> Response {
    (StatusCode::from_u16(status).unwrap(), "<html><h1>Bad gateway</h1></html>").into_response()
}

/// The headers come, the body breaks off.
pub(crate) fn broken_off() -> Response {
    let parts = [Ok(r#"{"data":[{"id":1"#), Err(std::io::Error::other("broken off"))];
    Body::from_stream(futures_util::stream::iter(parts)).into_response()
}

pub(crate) fn quota(left: u32, reset_ms: u32, mut response: Response) -> Response {
    for (name, value) in [
        ("x-rate-limit-requests-quota", 150),
        ("x-rate-limit-requests-left", left),
        ("x-rate-limit-time-window-ms", 30_000),
        ("x-rate-limit-time-reset-ms", reset_ms),
    ] {
        response.headers_mut().insert(name, value.into());
    }
    response
}
