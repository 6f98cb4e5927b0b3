//! The gate in front of the engine: it passes calls on, counts them, and lets those fail that a
//! test wants to fail, or that the template gives a function no right to. What fails here fails on
//! the wire, as it would on AWS.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use http_body_util::{BodyExt, Full};
use hyper::{
    Request, Response,
    body::{Bytes, Incoming},
    client::conn::http1::SendRequest,
    header::{CONTENT_TYPE, HeaderMap},
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};

use super::rights::{caller, taken};
use crate::{clock::Activity, template::Right};

/// A way to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The table's throughput is exceeded; nothing is done.
    Throttled,
    /// Another transaction has the item; nothing is done.
    Conflict,
    /// The service fails; nothing is done.
    Unavailable,
    /// The connection breaks before anything is done.
    LostRequest,
    /// It is done, and the connection breaks before the answer.
    LostAnswer,
}

/// The gate. It passes everything on until it is told otherwise.
#[derive(Default)]
pub struct Gate(Mutex<State>);

#[derive(Default)]
struct State {
    calls: BTreeMap<String, u64>,
    activity: Activity,
    planned: Vec<Planned>,
    chance: Option<Chance>,
    /// What each known caller may do; who is not known may do anything.
    granted: BTreeMap<String, BTreeSet<Right>>,
    used: BTreeMap<String, BTreeSet<Right>>,
}

struct Planned {
    operation: String,
    fault: Fault,
    left: u32,
}

struct Chance {
    dice: StdRng,
    share: f64,
    faults: Vec<Fault>,
}

impl Gate {
    /// Lets the next `times` calls of an operation (`UpdateItem`) fail. The SDK's own retries are
    /// calls too.
    pub fn fail(&self, operation: &str, fault: Fault, times: u32) {
        self.state().planned.push(Planned { operation: operation.to_owned(), fault, left: times });
    }

    /// Lets a share of all calls fail, in one of these ways: which ones, the seed decides.
    pub fn fail_some(&self, seed: u64, share: f64, faults: &[Fault]) {
        let dice = StdRng::seed_from_u64(seed);
        self.state().chance = Some(Chance { dice, share, faults: faults.to_vec() });
    }

    /// Lets everything pass again.
    pub fn mend(&self) {
        let mut state = self.state();
        state.planned.clear();
        state.chance = None;
    }

    /// How often each operation was called, the calls that failed included.
    pub fn calls(&self) -> BTreeMap<String, u64> {
        self.state().calls.clone()
    }

    /// Counts from zero again.
    pub fn forget_calls(&self) {
        self.state().calls.clear();
    }

    /// How many calls there were, and how many are under way.
    pub fn activity(&self) -> Activity {
        self.state().activity
    }

    /// Lets `caller`, who signs with an access key of this name, do no more than `rights`.
    pub fn grant(&self, caller: &str, rights: BTreeSet<Right>) {
        self.state().granted.insert(caller.to_owned(), rights);
    }

    /// The rights that `caller` has made use of.
    pub fn used(&self, caller: &str) -> BTreeSet<Right> {
        self.state().used.get(caller).cloned().unwrap_or_default()
    }

    /// The first right that a call takes and its caller has not.
    fn missing(&self, caller: &str, taken: BTreeSet<Right>) -> Option<Right> {
        let mut state = self.state();
        let granted = state.granted.get(caller);
        let missing = taken.iter().find(|right| granted.is_some_and(|granted| !granted.contains(right)));
        let missing = missing.cloned();
        state.used.entry(caller.to_owned()).or_default().extend(taken);
        missing
    }

    fn called(&self, operation: &str) -> Option<Fault> {
        let mut state = self.state();
        state.activity.calls += 1;
        *state.calls.entry(operation.to_owned()).or_default() += 1;
        if let Some(planned) = state.planned.iter_mut().find(|p| p.operation == operation && p.left > 0) {
            planned.left -= 1;
            return Some(planned.fault);
        }
        let Chance { dice, share, faults } = state.chance.as_mut()?;
        let fails = !faults.is_empty() && dice.random_bool(*share);
        fails.then(|| faults[dice.random_range(0..faults.len())])
    }

    /// Counts a call as under way until the guard goes.
    fn under_way(&self) -> UnderWay<'_> {
        self.state().activity.in_flight += 1;
        UnderWay(self)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct UnderWay<'a>(&'a Gate);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.state().activity.in_flight -= 1;
    }
}

/// Serves the gate until the task is aborted.
pub(super) async fn serve(gate: Arc<Gate>, listener: TcpListener, engine: SocketAddr) {
    let mut connections = tokio::task::JoinSet::new();
    loop {
        // A connection that fails to come about, or breaks, is its client's to make again.
        if let Ok((stream, _)) = listener.accept().await {
            connections.spawn(connection(gate.clone(), stream, engine));
        }
        while connections.try_join_next().is_some() {}
    }
}

async fn connection(gate: Arc<Gate>, inbound: TcpStream, engine: SocketAddr) -> io::Result<()> {
    let outbound = TcpStream::connect(engine).await?;
    inbound.set_nodelay(true)?;
    outbound.set_nodelay(true)?;
    let (sender, passing) =
        hyper::client::conn::http1::handshake(TokioIo::new(outbound)).await.map_err(io::Error::other)?;
    let sender = Arc::new(tokio::sync::Mutex::new(sender));
    let service = service_fn(|request| pass(gate.clone(), sender.clone(), request));
    let serving = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(inbound), service);
    tokio::select! {
        ended = serving => ended.map_err(io::Error::other),
        broken = passing => broken.map_err(io::Error::other),
    }
}

/// An error breaks the connection.
async fn pass(
    gate: Arc<Gate>,
    engine: Arc<tokio::sync::Mutex<SendRequest<Full<Bytes>>>>,
    request: Request<Incoming>,
) -> io::Result<Response<Full<Bytes>>> {
    let _under_way = gate.under_way();
    let (head, body) = request.into_parts();
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
    let operation = operation(&head.headers);
    let fault = gate.called(operation);
    let rights = taken(operation, &serde_json::from_slice(&body).unwrap_or_default());
    if let Some(right) = gate.missing(caller(&head.headers), rights) {
        return Ok(denied(caller(&head.headers), &right));
    }
    if let Some(answer) = fault.and_then(|fault| refusal(fault, &body)) {
        return Ok(answer);
    }
    if fault == Some(Fault::LostRequest) {
        return Err(io::Error::other("the request is lost"));
    }
    let mut engine = engine.lock().await;
    engine.ready().await.map_err(io::Error::other)?;
    let answer = engine.send_request(Request::from_parts(head, Full::new(body)));
    let (head, body) = answer.await.map_err(io::Error::other)?.into_parts();
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
    match fault {
        Some(Fault::LostAnswer) => Err(io::Error::other("the answer is lost")),
        _ => Ok(Response::from_parts(head, Full::new(body))),
    }
}

fn operation(headers: &HeaderMap) -> &str {
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
    target.rsplit('.').next().unwrap_or_default()
}

fn refusal(fault: Fault, body: &Bytes) -> Option<Response<Full<Bytes>>> {
    let (status, kind) = match fault {
        Fault::Throttled => (400, "ProvisionedThroughputExceededException"),
        Fault::Conflict => return Some(conflict(body)),
        Fault::Unavailable => (500, "InternalServerError"),
        Fault::LostRequest | Fault::LostAnswer => return None,
    };
    Some(answer(status, kind, json!({})))
}

fn denied(caller: &str, right: &Right) -> Response<Full<Bytes>> {
    let Right { action, table } = right;
    tracing::error!(caller, action, table, "the template gives no such right");
    answer(400, "AccessDeniedException", json!({}))
}

/// A transaction that meets another is cancelled, with a reason for each of its items.
fn conflict(body: &Bytes) -> Response<Full<Bytes>> {
    let request: Value = serde_json::from_slice(body).unwrap_or_default();
    match request["TransactItems"].as_array() {
        Some(items) => {
            let reason = |index| if index == 0 { "TransactionConflict" } else { "None" };
            let reasons: Vec<Value> =
                (0..items.len()).map(|index| json!({ "Code": reason(index) })).collect();
            answer(400, "TransactionCanceledException", json!({ "CancellationReasons": reasons }))
        }
        None => answer(400, "TransactionConflictException", json!({})),
    }
}

fn answer(status: u16, kind: &str, mut body: Value) -> Response<Full<Bytes>> {
    body["__type"] = format!("com.amazonaws.dynamodb.v20120810#{kind}").into();
    body["message"] = "a fault that a test asked for".into();
    let mut response = Response::new(Full::new(Bytes::from(body.to_string())));
    *response.status_mut() = hyper::StatusCode::from_u16(status).unwrap_or_default();
    let json = hyper::header::HeaderValue::from_static("application/x-amz-json-1.0");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}
