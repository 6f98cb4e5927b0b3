//! Nothing happens without the role that an address takes; and what a browser sends with its session
//! counts only when the request is proved to come from a page of ours: by the Origin header, and by
//! the proof in the form or in `x-csrf-token`.

use std::sync::Arc;

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, Method, header::CONTENT_TYPE, header::ORIGIN},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::{
    App,
    caller::{Caller, Shown},
    refusal::Refusal,
    routes::Needs,
    session,
};

/// The longest body: Lambda hands on 6 MB, and a body that is no text grows by a third on its way.
pub(crate) const LONGEST_BODY: usize = 4 * 1024 * 1024;

/// The header in which scripts prove that a request is ours.
const PROOF: &str = "x-csrf-token";

/// Lets nobody further who lacks the role or the proof.
pub(crate) async fn admit(State(needs): State<Needs>, request: Request, next: Next) -> Response {
    match check(needs, request).await {
        Ok(request) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    }
}

async fn check(needs: Needs, request: Request) -> Result<Request, Refusal> {
    let extensions = request.extensions();
    let shown = extensions.get::<Shown>().cloned().unwrap_or(Shown::Nothing);
    let app = extensions.get::<Arc<App>>().cloned().ok_or_else(Refusal::stranger)?;
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD);
    if changes && request.headers().contains_key(ORIGIN) && !is_own(&app, request.headers()) {
        return Err(Refusal::foreign());
    }
    match (needs, shown) {
        (Needs::Nothing, _) => Ok(request),
        (Needs::Role(_), Shown::Nothing) => Err(Refusal::stranger()),
        (Needs::Role(_), Shown::Refused(refusal)) => Err(*refusal),
        (Needs::Role(role), Shown::Caller(caller)) => {
            caller.require(role)?;
            if changes { proved(&app, &caller, request).await } else { Ok(request) }
        }
    }
}

/// A request that changes something: by a token, or proved to come from a page of ours.
async fn proved(app: &App, caller: &Caller, request: Request) -> Result<Request, Refusal> {
    let Some(proof) = &caller.csrf else { return Ok(request) };
    if !is_own(app, request.headers()) {
        return Err(Refusal::foreign());
    }
    let header = request.headers().get(PROOF).and_then(|value| value.to_str().ok());
    if let Some(given) = header {
        return if session::is_proof(given, proof) { Ok(request) } else { Err(Refusal::unproved()) };
    }
    let (head, body) = request.into_parts();
    let body = to_bytes(body, LONGEST_BODY).await.map_err(|_| Refusal::too_large())?;
    let given = sent(&head.headers, &body).ok_or_else(Refusal::unproved)?;
    match session::is_proof(&given, proof) {
        true => Ok(Request::from_parts(head, Body::from(body))),
        false => Err(Refusal::unproved()),
    }
}

fn is_own(app: &App, headers: &HeaderMap) -> bool {
    headers.get(ORIGIN).is_some_and(|origin| origin.as_bytes() == app.origin().as_bytes())
}

impl App {
    /// The scheme, host and port of the console, as browsers write them.
    fn origin(&self) -> String {
        url::Url::parse(&self.url).map(|url| url.origin().ascii_serialization()).unwrap_or_default()
    }
}

/// The field `csrf` of a form, of either kind.
fn sent(headers: &HeaderMap, body: &Bytes) -> Option<String> {
    let kind = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    if kind.starts_with("application/x-www-form-urlencoded") {
        let mut fields = url::form_urlencoded::parse(body);
        return fields.find(|(name, _)| name == "csrf").map(|(_, value)| value.into_owned());
    }
    if kind.starts_with("multipart/form-data") {
        // The frame's forms send it first, so that no file is looked through.
        let text = String::from_utf8_lossy(&body[..body.len().min(2048)]);
        let (_, after) = text.split_once("name=\"csrf\"\r\n\r\n")?;
        return after.split_once("\r\n").map(|(value, _)| value.to_owned());
    }
    None
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn found(kind: &'static str, body: &'static str) -> Option<String> {
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(kind))]);
        sent(&headers, &Bytes::from_static(body.as_bytes()))
    }

    #[test]
    fn the_proof_is_found_in_forms_of_either_kind_and_nowhere_else() {
        assert_eq!(found("application/x-www-form-urlencoded", "a=1&csrf=x%2Dy").as_deref(), Some("x-y"));
        let parts = "--b\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\nabc\r\n--b--\r\n";
        assert_eq!(found("multipart/form-data; boundary=b", parts).as_deref(), Some("abc"));
        assert_eq!(found("text/plain", "csrf=abc"), None);
        assert_eq!(found("application/json", r#"{"csrf": "abc"}"#), None);
    }
}
