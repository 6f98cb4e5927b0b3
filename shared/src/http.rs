//! What a JSON door answers when it cannot do what was asked: problem details (RFC 9457).

use std::borrow::Cow;

use axum::{
    http::{
        HeaderName, HeaderValue, StatusCode,
        header::{CONTENT_TYPE, RETRY_AFTER},
    },
    response::{IntoResponse, Response},
};
use serde::Serialize;

/// An answer of `application/problem+json`. Whoever makes one writes `detail` for the caller: a
/// sentence with a next step, and nothing of the inside.
#[derive(Clone, Debug)]
pub struct Problem {
    status: StatusCode,
    kind: &'static str,
    title: Cow<'static, str>,
    detail: Cow<'static, str>,
    errors: Vec<Wrong>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

/// What is wrong with one of the values that were sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Wrong {
    /// Its name in the request.
    pub field: String,
    /// A sentence with a next step.
    pub detail: String,
}

impl Problem {
    /// A problem that its status tells: `type` is `about:blank`, `title` the status's own phrase
    /// (RFC 9457, 4.2.1).
    pub fn new(status: StatusCode, detail: impl Into<Cow<'static, str>>) -> Problem {
        Problem {
            status,
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Error").into(),
            detail: detail.into(),
            errors: Vec::new(),
            headers: Vec::new(),
        }
    }

    /// Names the kind of problem, for callers that tell problems of one status apart: a URN such
    /// as `urn:clientele:problem:malformed-event`, and a title that is the same for all of the kind.
    pub fn kind(self, urn: &'static str, title: impl Into<Cow<'static, str>>) -> Problem {
        Problem { kind: urn, title: title.into(), ..self }
    }

    /// Adds a header that the status asks for: `WWW-Authenticate`, `Allow`.
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Problem {
        self.headers.push((name, value));
        self
    }

    /// Tells when to come back, in seconds.
    pub fn retry_after(self, seconds: u32) -> Problem {
        self.header(RETRY_AFTER, seconds.into())
    }

    /// Says what is wrong with which value.
    pub fn errors(self, errors: Vec<Wrong>) -> Problem {
        Problem { errors, ..self }
    }

    /// What is wrong with which value.
    pub fn wrong(&self) -> &[Wrong] {
        &self.errors
    }

    /// The sentence for the caller.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// The status of the answer.
    pub fn status(&self) -> StatusCode {
        self.status
    }
}

#[derive(Serialize)]
struct Body<'a> {
    r#type: &'a str,
    title: &'a str,
    status: u16,
    detail: &'a str,
    #[serde(skip_serializing_if = "<[Wrong]>::is_empty")]
    errors: &'a [Wrong],
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = Body {
            r#type: self.kind,
            title: &self.title,
            status: self.status.as_u16(),
            detail: &self.detail,
            errors: &self.errors,
        };
        let mut response = (self.status, axum::Json(body)).into_response();
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        response.headers_mut().extend(self.headers);
        response
    }
}

/// The token of an `Authorization` header's value (RFC 6750, 2.1); the scheme is read without case.
pub fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

/// The fallback of a router: nothing is at this address.
pub async fn not_found() -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        "Nothing is at this address; compare its path with the documentation.",
    )
}

/// The fallback of a router where the address takes other methods; axum names them in `Allow`.
pub async fn method_not_allowed() -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "This address does not take the method; use one that the Allow header names.",
    )
}

#[cfg(test)]
mod tests {
    use axum::{
        Router,
        body::{Body, to_bytes},
        http::{HeaderMap, Request, header::ALLOW},
        routing::post,
    };
    use serde_json::{Value, json};
    use tower::ServiceExt;

    use super::*;

    async fn read(response: Response) -> (StatusCode, HeaderMap, Value) {
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, 10_000).await.unwrap();
        (parts.status, parts.headers, serde_json::from_slice(&body).unwrap())
    }

    async fn ask(method: &str, path: &str) -> (StatusCode, HeaderMap, Value) {
        let router: Router = Router::new()
            .route("/here", post(async || ()))
            .fallback(not_found)
            .method_not_allowed_fallback(method_not_allowed);
        let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
        read(router.oneshot(request).await.unwrap()).await
    }

    #[tokio::test]
    async fn a_problem_is_written_as_problem_json() {
        let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "Try again.").retry_after(60);
        let (status, headers, body) = read(problem.into_response()).await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(headers[CONTENT_TYPE], "application/problem+json");
        assert_eq!(headers[RETRY_AFTER], "60");
        let expected = json!({
            "type": "about:blank", "title": "Service Unavailable", "status": 503, "detail": "Try again."
        });
        assert_eq!(body, expected);
    }

    #[tokio::test]
    async fn a_kind_of_problem_has_its_own_type_and_title() {
        let problem = Problem::new(StatusCode::BAD_REQUEST, "Look again.").kind("urn:x:y", "Unread");
        let (_, _, body) = read(problem.into_response()).await;
        assert_eq!((&body["type"], &body["title"]), (&json!("urn:x:y"), &json!("Unread")));
    }

    #[tokio::test]
    async fn other_paths_and_methods_are_problems_and_the_methods_are_named() {
        let (status, _, body) = ask("POST", "/elsewhere").await;
        assert_eq!((status, &body["status"]), (StatusCode::NOT_FOUND, &json!(404)));
        let (status, headers, body) = ask("GET", "/here").await;
        assert_eq!((status, &body["status"]), (StatusCode::METHOD_NOT_ALLOWED, &json!(405)));
        assert_eq!(headers[ALLOW], "POST");
    }
}
