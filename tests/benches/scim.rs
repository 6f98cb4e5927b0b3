//! What it takes to serve the directory: SCIM requests through the function's router into the
//! embedded engine, over its real wire, among a thousand users and among a hundred thousand.
//! `cargo bench -p tests --bench scim`
//!
//! First all of it runs on one thread, then the engine on a thread of its own, so that the CPU is
//! what is ours: the function and the SDK. The cost of the SDK's calls alone stands beside it.

#![expect(clippy::print_stdout, reason = "a benchmark's result is what it prints")]
#![expect(clippy::disallowed_methods, reason = "a benchmark measures by the machine's clock")]

use std::{collections::BTreeMap, env, thread};

use aws_sdk_dynamodb::{Client, types::AttributeValue};
use axum::{
    Router,
    body::Body,
    http::{Method, Request, StatusCode},
    routing::get,
};
use jiff::Timestamp;
use local::{
    crowd::{settle, typical},
    engine::Engine,
};
use serde_json::json;
use shared::{
    client::ApiToken,
    clock::Clock,
    store::{Tables, token_hash},
};
use tokio::runtime::Runtime;

use measure::{Measured, measure, runtime, start_engine, tables};

mod measure;

/// How many requests of a kind, and before them to warm up.
const REQUESTS: u64 = 1_000;
const WARM_UP: u64 = 100;
/// A list of 100 users takes as long as many others.
const LISTS: u64 = 100;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Get,
    Filter,
    List,
    Patch,
    Create,
}

impl Kind {
    /// Those that write come last: the engine slows down with the length of its streams.
    const ALL: [Kind; 5] = [Kind::Get, Kind::Filter, Kind::List, Kind::Patch, Kind::Create];

    fn status(self) -> StatusCode {
        if self == Kind::Create { StatusCode::CREATED } else { StatusCode::OK }
    }

    fn count(self) -> u64 {
        if self == Kind::List { LISTS } else { REQUESTS }
    }
}

/// How a kind of request was made: with the engine apart, how many at once.
type Way = (bool, usize, Kind);

fn main() {
    let mut medians: BTreeMap<Way, Vec<f64>> = BTreeMap::new();
    let sizes = env::args().nth(1).and_then(|size| size.parse().ok());
    for users in sizes.map_or(vec![1_000, 100_000], |size: u64| vec![size]) {
        println!();
        Measured::head("");
        let (engine, started, directory) = filled(users);
        for at_once in [1, 16] {
            let measured = engine.block_on(directory.all("one thread", at_once));
            keep(&mut medians, false, at_once, measured);
        }
        let directory = directory.through(started.client());
        run_apart(engine, started);
        let ours = runtime();
        for at_once in [1, 16] {
            let measured = ours.block_on(directory.all("engine apart", at_once));
            keep(&mut medians, true, at_once, measured);
        }
        ours.block_on(directory.calls());
    }
    println!("\nhow much longer among the more users (p50):");
    for ((apart, at_once, kind), medians) in medians.iter().filter(|(_, medians)| medians.len() > 1) {
        let place = if *apart { "engine apart" } else { "one thread" };
        println!("{:<44}{:>10.2}", format!("{kind:?}, {at_once} at once, {place}"), medians[1] / medians[0]);
    }
}

/// An engine with so many users. They are made on another thread: what that leaves of the heap would
/// slow this one down.
fn filled(users: u64) -> (Runtime, Engine, Directory) {
    let filling = thread::spawn(move || {
        let engine = runtime();
        let (started, directory) = engine.block_on(Directory::of(users));
        (engine, started, directory)
    });
    filling.join().expect("the users are there")
}

fn keep(medians: &mut BTreeMap<Way, Vec<f64>>, apart: bool, at_once: usize, measured: Vec<(Kind, f64)>) {
    for (kind, median) in measured {
        medians.entry((apart, at_once, kind)).or_default().push(median);
    }
}

/// Lets the engine run on a thread of its own for as long as the process.
fn run_apart(runtime: Runtime, engine: Engine) {
    thread::spawn(move || {
        runtime.block_on(std::future::pending::<()>());
        drop(engine);
    });
}

/// A directory of many users, and its door.
struct Directory {
    users: u64,
    tables: Tables,
    client: Client,
    router: Router,
    token: String,
}

impl Directory {
    async fn of(users: u64) -> (Engine, Directory) {
        let engine = start_engine().await;
        let tables = tables(engine.client());
        let crowd: Vec<_> = (0..users).rev().map(typical).collect();
        settle(&engine, &tables, &crowd).await.expect("the users are there");
        let token = ApiToken::new("local".parse().expect("an identifier"), Timestamp::now());
        let token = tables.create_api_token(&token).await.expect("a token").expose().to_owned();
        let directory = Directory { users, router: door(&tables), client: engine.client(), tables, token };
        (engine, directory)
    }

    fn through(self, client: Client) -> Directory {
        let tables = self.tables.with_client(&client);
        Directory { router: door(&tables), client, tables, ..self }
    }

    /// The median of each kind of request, in microseconds.
    async fn all(&self, place: &str, at_once: usize) -> Vec<(Kind, f64)> {
        let mut medians = Vec::new();
        for kind in Kind::ALL {
            let requests = |what: &str, count| (0..count).map(|n| self.request(kind, n, what)).collect();
            let warm_up = requests(&format!("warm-{place}-{at_once}"), WARM_UP.min(kind.count()));
            measure(&self.router, warm_up, at_once, kind.status()).await;
            let requests = requests(&format!("{place}-{at_once}"), kind.count());
            let measured = measure(&self.router, requests, at_once, kind.status()).await;
            assert_eq!(measured.taken, measured.each.len(), "all are answered as they should be");
            measured.print(&format!("{kind:?}, {} users, {at_once} at once, {place}", self.users), "");
            medians.push((kind, measured.each[measured.each.len() / 2].as_secs_f64() * 1e6));
        }
        medians
    }

    /// The request of this number; `what` tells one series from another.
    fn request(&self, kind: Kind, n: u64, what: &str) -> Request<Body> {
        // A prime: users from all over the directory.
        let user = typical(n * 7_919 % self.users);
        let one = format!("/Users/{}", user.id);
        let filter = format!("/Users?filter=userName%20eq%20%22{}%22", user.user_name);
        let start = n * 7_919 % (self.users - 99) + 1;
        match kind {
            Kind::Get => self.ask(Method::GET, &one, Body::empty()),
            Kind::Filter => self.ask(Method::GET, &filter, Body::empty()),
            Kind::List => {
                self.ask(Method::GET, &format!("/Users?startIndex={start}&count=100"), Body::empty())
            }
            Kind::Patch => {
                let title = json!({ "op": "replace", "path": "title", "value": format!("{what} {n}") });
                let message = json!({
                    "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                    "Operations": [title],
                });
                self.ask(Method::PATCH, &one, message.to_string().into())
            }
            Kind::Create => {
                let name = format!("{}.{n}@new.example", what.replace(' ', "-"));
                let resource = json!({
                    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
                    "userName": name,
                    "externalId": name,
                    "name": { "givenName": "Ada", "familyName": "Byron" },
                    "emails": [{ "value": name, "type": "work", "primary": true }],
                });
                self.ask(Method::POST, "/Users", resource.to_string().into())
            }
        }
    }

    fn ask(&self, method: Method, path: &str, body: Body) -> Request<Body> {
        Request::builder()
            .method(method)
            .uri(format!("/scim/v2{path}"))
            .header("authorization", format!("Bearer {}", self.token))
            .header("content-type", "application/scim+json")
            .body(body)
            .expect("a request")
    }

    /// What the SDK takes for a call, and the token's check with it.
    async fn calls(&self) {
        let (client, tables, token) = (self.client.clone(), self.tables.clone(), self.token.clone());
        let calls = Router::new()
            .route(
                "/sdk",
                get(async move || {
                    let key = |name: &str| AttributeValue::S(name.to_owned());
                    let asked = client.get_item().table_name("SettingsTable");
                    let asked = asked.key("kind", key("token")).key("id", key("none")).consistent_read(true);
                    asked.send().await.map(|_| StatusCode::OK).unwrap_or(StatusCode::BAD_GATEWAY)
                }),
            )
            .route(
                "/token",
                get(async move || {
                    let found = tables.api_token(&token_hash(&token)).await;
                    if matches!(found, Ok(Some(_))) { StatusCode::OK } else { StatusCode::BAD_GATEWAY }
                }),
            )
            .route("/nothing", get(async || StatusCode::OK));
        let asked = [
            ("/nothing", "a router and no call"),
            ("/sdk", "one GetItem of the SDK"),
            ("/token", "the token's row"),
        ];
        for (at_once, (path, what)) in [1, 16].into_iter().flat_map(|at_once| asked.map(|one| (at_once, one)))
        {
            let request = |_| Request::get(path).body(Body::empty()).expect("a request");
            measure(&calls, (0..WARM_UP).map(request).collect(), at_once, StatusCode::OK).await;
            let measured =
                measure(&calls, (0..REQUESTS).map(request).collect(), at_once, StatusCode::OK).await;
            measured.print(&format!("{what}, {at_once} at once"), "");
        }
    }
}

fn door(tables: &Tables) -> Router {
    users::router(users::App::new(tables.clone(), Clock::system(), "https://directory.example/scim/v2"))
}
