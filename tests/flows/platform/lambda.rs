//! The functions' own binaries, run as Lambda runs them: as processes that ask a Runtime API for
//! invocations and post their answers to it.

use std::{
    collections::{BTreeMap, VecDeque},
    path::PathBuf,
    process::Stdio,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::Value;
use tokio::{
    process::{Child, Command},
    sync::{Notify, oneshot},
};

/// The binary of a function beside the tests' own. `cargo test` does not build it, so one that lies
/// there may be old: it is run only where `CI` says that all were built just now.
pub(super) fn binary(function: &str) -> Option<PathBuf> {
    if std::env::var_os("CI").is_none() {
        eprintln!(
            "skipped: the binaries may be old (cargo build --workspace --bins, then CI=true cargo test)"
        );
        return None;
    }
    let tests = std::env::current_exe().unwrap();
    let path = tests.parent().and_then(std::path::Path::parent).unwrap().join(function);
    assert!(path.exists(), "{} is not built (cargo build --workspace --bins)", path.display());
    Some(path)
}

/// The process of a function, with nothing in its environment but what is given.
pub(super) fn process(binary: &PathBuf, environment: &BTreeMap<&str, String>) -> Command {
    let mut process = Command::new(binary);
    process.env_clear().envs(environment).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    process
}

/// A Runtime API with a function that is served by it.
pub(super) struct Lambda {
    runtime: Runtime,
    _function: Child,
}

/// The Runtime API: hands out one invocation after the other.
#[derive(Clone, Default)]
pub(super) struct Runtime(Arc<Shared>);

#[derive(Default)]
struct Shared {
    waiting: Mutex<VecDeque<String>>,
    more: Notify,
    answers: Mutex<BTreeMap<String, oneshot::Sender<Answer>>>,
    asked: Mutex<usize>,
}

/// What a function answered: its result, or its error.
pub(super) type Answer = Result<Value, Value>;

impl Runtime {
    /// Serves the API; gives its address, which a function finds in `AWS_LAMBDA_RUNTIME_API`.
    pub(super) async fn start(&self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let router = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
            .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
            .with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        address
    }

    /// How often a function asked for an invocation.
    pub(super) fn asked(&self) -> usize {
        *self.0.asked.lock().unwrap()
    }

    fn answer(&self, invocation: &str, answer: Answer) -> StatusCode {
        let waiting = self.0.answers.lock().unwrap().remove(invocation).unwrap();
        waiting.send(answer).unwrap();
        StatusCode::ACCEPTED
    }
}

impl Lambda {
    /// Starts a function.
    pub(super) async fn start(binary: &PathBuf, mut environment: BTreeMap<&str, String>) -> Lambda {
        let runtime = Runtime::default();
        environment.insert("AWS_LAMBDA_RUNTIME_API", runtime.start().await);
        let function = process(binary, &environment).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        Lambda { runtime, _function: function.unwrap() }
    }

    /// Invokes the function with an event.
    pub(super) async fn invoke(&self, event: &Value) -> Answer {
        let (sender, answered) = oneshot::channel();
        self.runtime.0.answers.lock().unwrap().insert(shared::clock::random_id(), sender);
        self.runtime.0.waiting.lock().unwrap().push_back(event.to_string());
        self.runtime.0.more.notify_one();
        answered.await.unwrap()
    }
}

async fn next(State(runtime): State<Runtime>) -> Response {
    *runtime.0.asked.lock().unwrap() += 1;
    let event = loop {
        let waiting = runtime.0.waiting.lock().unwrap().pop_front();
        match waiting {
            Some(event) => break event,
            None => runtime.0.more.notified().await,
        }
    };
    let invocation = runtime.0.answers.lock().unwrap().keys().next().unwrap().clone();
    // Far enough ahead for any machine's clock.
    let deadline = "4102444800000";
    let headers = [
        ("lambda-runtime-aws-request-id", invocation.as_str()),
        ("lambda-runtime-deadline-ms", deadline),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:us-east-1:123456789012:function:local"),
        ("lambda-runtime-trace-id", "Root=1-5759e988-bd862e3fe1be46a994272793"),
    ];
    (headers, event).into_response()
}

async fn response(State(runtime): State<Runtime>, Path(id): Path<String>, body: Bytes) -> StatusCode {
    let value = if body.is_empty() { Value::Null } else { serde_json::from_slice(&body).unwrap() };
    runtime.answer(&id, Ok(value))
}

async fn error(State(runtime): State<Runtime>, Path(id): Path<String>, body: Bytes) -> StatusCode {
    runtime.answer(&id, Err(serde_json::from_slice(&body).unwrap()))
}
