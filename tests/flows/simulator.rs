//! The simulated store, held against the published schemas and against what is known of the live one.
#![expect(clippy::unwrap_used, reason = "what a bench needs and does not get fails its test")]

mod contract;
mod customers;
mod faults;
mod hooks;
mod pages;
mod parts;
mod retries;
mod specs;

use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, AtomicU16, Ordering},
    },
    time::Duration,
};

use axum::{Router, body::Bytes, http::HeaderMap, http::StatusCode};
use jiff::Timestamp;
use local::bigcommerce::{Config, Plan, Simulator};
use serde_json::{Value, json};
use shared::clock::Clock;

/// A store and a client of its API, on a clock that stands still unless it is told to go on.
struct Bench {
    store: Simulator,
    http: reqwest::Client,
    now: Arc<AtomicI64>,
}

/// What a call was answered.
struct Answer {
    status: u16,
    headers: reqwest::header::HeaderMap,
    text: String,
}

impl Answer {
    /// The body, which must be JSON.
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {}", self.text))
    }

    /// The first thing in `data`.
    fn first(&self) -> Value {
        self.json()["data"][0].clone()
    }
}

impl Bench {
    /// A store without a quota, which sends webhooks to this machine.
    fn start() -> Bench {
        Bench::with(Config { plan: Plan::UNLIMITED, allow_local_destinations: true, ..Config::default() })
    }

    fn with(config: Config) -> Bench {
        let now = Arc::new(AtomicI64::new(1_700_000_000_000));
        let (told, moved) = (Arc::clone(&now), Arc::clone(&now));
        let clock = Clock::new(
            move || Timestamp::from_millisecond(told.load(Ordering::SeqCst)).unwrap(),
            move |duration| {
                moved.fetch_add(i64::try_from(duration.as_millis()).unwrap(), Ordering::SeqCst);
                Box::pin(tokio::task::yield_now())
            },
        );
        let store = Simulator::start(config, clock).unwrap();
        Bench { store, http: reqwest::Client::new(), now }
    }

    /// Lets the clock go on.
    fn wait(&self, seconds: u64) {
        let ms = i64::try_from(Duration::from_secs(seconds).as_millis()).unwrap();
        self.now.fetch_add(ms, Ordering::SeqCst);
    }

    /// A request of the API, with the token.
    fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let account = self.store.account();
        let url = format!("{}/stores/{}{path}", self.store.url(), account.store_hash);
        let method = method.parse().unwrap();
        self.http.request(method, url).header("x-auth-token", account.access_token.expose())
    }

    async fn call(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let request = self.request(method, path);
        let request = body.iter().fold(request, |request, body| request.json(body));
        answer(request).await.unwrap()
    }

    async fn get(&self, path: &str) -> Answer {
        self.call("GET", path, None).await
    }

    async fn post(&self, path: &str, body: Value) -> Answer {
        self.call("POST", path, Some(body)).await
    }

    async fn put(&self, path: &str, body: Value) -> Answer {
        self.call("PUT", path, Some(body)).await
    }

    async fn delete(&self, path: &str) -> Answer {
        self.call("DELETE", path, None).await
    }

    /// Creates a customer, and returns its identifier.
    async fn customer(&self, email: &str) -> u64 {
        let answer = self.post("/v3/customers", json!([person(email)])).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.first()["id"].as_u64().unwrap()
    }

    /// Registers a hook for `scope`, and returns its identifier.
    async fn hook(&self, scope: &str, destination: &str) -> u64 {
        let hook = json!({
            "scope": scope,
            "destination": destination,
            "headers": { "x-clientele": "between us" },
        });
        let answer = self.post("/v3/hooks", hook).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()["data"]["id"].as_u64().unwrap()
    }
}

async fn answer(request: reqwest::RequestBuilder) -> reqwest::Result<Answer> {
    let response = request.send().await?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Ok(Answer { status, headers, text: response.text().await? })
}

/// A customer to be created.
fn person(email: &str) -> Value {
    json!({ "email": email, "first_name": "Ada", "last_name": "Lovelace" })
}

/// An address to be created.
fn home(customer: u64) -> Value {
    json!({
        "customer_id": customer,
        "first_name": "Ada",
        "last_name": "Lovelace",
        "address1": "12 St James's Square",
        "city": "Austin",
        "state_or_province": "Texas",
        "postal_code": "78701",
        "country_code": "US",
    })
}

/// Where webhooks arrive.
struct Receiver {
    url: String,
    received: Arc<Mutex<Vec<(HeaderMap, String)>>>,
    status: Arc<AtomicU16>,
}

impl Receiver {
    /// Answers everything with 200, until told otherwise.
    async fn start() -> Receiver {
        let received = Arc::new(Mutex::new(Vec::new()));
        let status = Arc::new(AtomicU16::new(200));
        let (kept, answered) = (Arc::clone(&received), Arc::clone(&status));
        let router = Router::new().fallback(async move |headers: HeaderMap, body: Bytes| {
            kept.lock().unwrap().push((headers, String::from_utf8(body.to_vec()).unwrap()));
            StatusCode::from_u16(answered.load(Ordering::SeqCst)).unwrap()
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/webhooks", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Receiver { url, received, status }
    }

    fn answers(&self, status: u16) {
        self.status.store(status, Ordering::SeqCst);
    }

    /// What arrived since the last look.
    fn take(&self) -> Vec<(HeaderMap, String)> {
        std::mem::take(&mut self.received.lock().unwrap())
    }

    /// The scope and data of what arrived since the last look, sorted.
    fn events(&self) -> Vec<(String, Value)> {
        let event = |(_, body): (HeaderMap, String)| {
            let body: Value = serde_json::from_str(&body).unwrap();
            (body["scope"].as_str().unwrap().to_owned(), body["data"].clone())
        };
        let mut events: Vec<_> = self.take().into_iter().map(event).collect();
        events.sort_by_key(|(scope, data)| (scope.clone(), data.to_string()));
        events
    }
}

/// A published file, or `None` with a word why, where the folder of specifications is absent.
fn published(name: &str) -> Option<String> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/bigcommerce/specs");
    let folder = std::env::var_os("CLIENTELE_SPECS").map_or_else(|| PathBuf::from(beside), PathBuf::from);
    let path = folder.join(name);
    match std::fs::read_to_string(&path) {
        Ok(text) => Some(text),
        Err(error) => {
            let required = std::env::var("CLIENTELE_REQUIRE_SPECS").is_ok_and(|value| value == "1");
            assert!(!required, "{} must be there: {error}", path.display());
            eprintln!("skipped, as {} cannot be read: {error}", path.display());
            None
        }
    }
}
