//! The HTTP API in front of the functions: the template's routes, and the limits that API Gateway
//! sets (10 MB a body, 10,240 bytes a request line with its headers). What no route takes is 404.

use std::{collections::BTreeMap, io};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::Request,
    http::{Method, StatusCode, header::CONTENT_TYPE},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{MethodFilter, on_service},
};
use serde_json::json;
use tokio::{net::TcpListener, task::JoinHandle};
use tower::ServiceExt;

use crate::template::{Route, Template};

const BODY_LIMIT: usize = 10 * 1024 * 1024;
const HEADER_LIMIT: usize = 10_240;

/// The API's port, opened before what it will serve is there: functions are told its address.
pub struct Port {
    listener: TcpListener,
    url: String,
}

/// The API, served until it is dropped.
pub struct Gateway {
    url: String,
    server: JoinHandle<()>,
}

/// Why the API cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The port could not be opened.
    #[error("the API could not be started (port {0} of the loopback address is taken, or not to be had)")]
    Port(u16, #[source] io::Error),
    /// A function of the template is not there.
    #[error("the API could not be started (nothing here answers the routes of {0})")]
    NoFunction(String),
    /// A function has no route.
    #[error("the API could not be started (the template has no route to {0})")]
    NoRoute(String),
    /// A route has another method than HTTP's.
    #[error("the API could not be started ({0} is no method)")]
    NoMethod(String),
}

impl Port {
    /// Opens a port of the loopback address (0: any free one).
    ///
    /// # Errors
    /// When the port is taken.
    pub async fn open(port: u16) -> Result<Port, Error> {
        let listener =
            TcpListener::bind(("127.0.0.1", port)).await.map_err(|error| Error::Port(port, error))?;
        let address = listener.local_addr().map_err(|error| Error::Port(port, error))?;
        Ok(Port { listener, url: format!("http://{address}") })
    }

    /// The address of the API, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Gateway {
    /// Serves the routes of the template at `port`, with the functions by the names of their binaries.
    ///
    /// # Errors
    /// When the template and the functions do not fit.
    pub fn start(
        template: &Template,
        functions: BTreeMap<String, Router>,
        port: Port,
    ) -> Result<Gateway, Error> {
        let router = router(template, functions)?;
        let Port { listener, url } = port;
        let server = tokio::spawn(async move {
            // It returns when the task is aborted, and not before.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Gateway { url, server })
    }

    /// Its address, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn router(template: &Template, mut functions: BTreeMap<String, Router>) -> Result<Router, Error> {
    let mut router = Router::new();
    for function in template.functions.iter().filter(|function| !function.routes.is_empty()) {
        let answers =
            functions.remove(&function.name).ok_or_else(|| Error::NoFunction(function.name.clone()))?;
        // What this router found in the path is not for the function's own router to find again.
        let answers = answers.map_request(|mut request: Request| {
            request.extensions_mut().clear();
            request
        });
        for Route { method, path } in &function.routes {
            router = router.route(&pattern(path), on_service(methods(method)?, answers.clone()));
        }
    }
    match functions.into_keys().next() {
        Some(name) => Err(Error::NoRoute(name)),
        None => Ok(router
            .fallback(no_route)
            .method_not_allowed_fallback(no_route)
            .layer(middleware::from_fn(limits))),
    }
}

/// `{path+}` takes the rest of the path, which axum writes `{*path}`.
fn pattern(path: &str) -> String {
    match path.strip_suffix("+}").and_then(|path| path.rsplit_once('{')) {
        Some((before, name)) => format!("{before}{{*{name}}}"),
        None => path.to_owned(),
    }
}

fn methods(method: &str) -> Result<MethodFilter, Error> {
    if method == "ANY" {
        let all = [MethodFilter::GET, MethodFilter::HEAD, MethodFilter::POST, MethodFilter::PUT];
        let more = [MethodFilter::PATCH, MethodFilter::DELETE, MethodFilter::OPTIONS];
        return Ok(all.into_iter().chain(more).fold(MethodFilter::GET, MethodFilter::or));
    }
    let known = method.parse::<Method>().ok().and_then(|method| MethodFilter::try_from(method).ok());
    known.ok_or_else(|| Error::NoMethod(method.to_owned()))
}

/// Hands on whole requests only, as API Gateway does.
async fn limits(request: Request, next: Next) -> Response {
    let line = request.method().as_str().len() + request.uri().to_string().len();
    let headers = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len());
    if line + headers.sum::<usize>() > HEADER_LIMIT {
        return problem(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "The request's headers are too long.");
    }
    let (head, body) = request.into_parts();
    match to_bytes(body, BODY_LIMIT).await {
        Ok(body) => next.run(Request::from_parts(head, Body::from(body))).await,
        Err(_) => problem(StatusCode::PAYLOAD_TOO_LARGE, "The request's body is longer than 10 MB."),
    }
}

async fn no_route() -> Response {
    problem(StatusCode::NOT_FOUND, "There is nothing at this address.")
}

fn problem(status: StatusCode, title: &str) -> Response {
    let body = json!({ "title": title, "status": status.as_u16() }).to_string();
    (status, [(CONTENT_TYPE, "application/problem+json")], body).into_response()
}
