//! Answers as SCIM messages (RFC 7644, 3.4.2 and 3.12).

use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use shared::{store, user::User};

use crate::{
    query::cursor,
    resource::{resource, version},
};

/// A message with what was asked for.
#[derive(Debug)]
pub(crate) struct Answer {
    body: Value,
    /// The version of the one resource that it holds.
    version: Option<String>,
    /// Whether the client has that version already.
    known: bool,
}

impl Answer {
    /// One user.
    pub(crate) fn one(url: &str, user: &User) -> Answer {
        Answer { body: resource(url, user), version: Some(version(user)), known: false }
    }

    /// Only that nothing has changed, if the client has this version (RFC 9110, 13.1.2).
    pub(crate) fn unless_known(mut self, headers: &HeaderMap) -> Answer {
        let known = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|tags| tags.to_str().ok());
        self.known = known.flat_map(|tags| tags.split(',')).any(|tag| {
            tag.trim() == "*" || self.version.as_deref().is_some_and(|version| same(tag, version))
        });
        self
    }

    /// A page of `users`, of which one more than `count` was read if there is a next page.
    pub(crate) fn page(url: &str, mut users: Vec<User>, count: usize, total: u64) -> Answer {
        let more = users.len() > count;
        users.truncate(count);
        let mut page = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
            "totalResults": total,
            "itemsPerPage": users.len(),
            "Resources": users.iter().map(|user| resource(url, user)).collect::<Vec<_>>(),
        });
        if let (true, Some(last)) = (more, users.last()) {
            page["nextCursor"] = json!(cursor(&last.id));
        }
        Answer { body: page, version: None, known: false }
    }
}

/// Whether two entity tags are one, weakly.
fn same(one: &str, other: &str) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    opaque(one) == opaque(other)
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut response = match self.known {
            true => StatusCode::NOT_MODIFIED.into_response(),
            false => message(StatusCode::OK, &self.body),
        };
        let version = self.version.and_then(|version| HeaderValue::try_from(version).ok());
        response.headers_mut().extend(version.map(|version| (header::ETAG, version)));
        response
    }
}

/// Why a request is not served.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    kind: Option<&'static str>,
    detail: String,
    /// The challenge of a 401 (RFC 6750, 3).
    challenge: &'static str,
}

impl Refusal {
    pub(crate) fn without_token() -> Refusal {
        Refusal::new(StatusCode::UNAUTHORIZED, None, "Send one bearer token in the Authorization header.")
    }

    pub(crate) fn wrong_token() -> Refusal {
        let detail = "The token opens nothing, or no longer. Ask for a new one.";
        let challenge = r#"Bearer realm="clientele", error="invalid_token""#;
        Refusal { challenge, ..Refusal::new(StatusCode::UNAUTHORIZED, None, detail) }
    }

    pub(crate) fn not_found() -> Refusal {
        Refusal::new(StatusCode::NOT_FOUND, None, "There is no such resource. Users are at /scim/v2/Users.")
    }

    pub(crate) fn wrong_method() -> Refusal {
        Refusal::new(StatusCode::METHOD_NOT_ALLOWED, None, "This address serves GET only.")
    }

    pub(crate) fn invalid_filter(reason: &str) -> Refusal {
        Refusal::new(
            StatusCode::BAD_REQUEST,
            Some("invalidFilter"),
            format!("The filter cannot be served: {reason}."),
        )
    }

    pub(crate) fn invalid_value(reason: &str) -> Refusal {
        Refusal::new(
            StatusCode::BAD_REQUEST,
            Some("invalidValue"),
            format!("The request cannot be served: {reason}."),
        )
    }

    pub(crate) fn index() -> Refusal {
        Refusal::invalid_value("pages go by cursor: send no startIndex, then cursor with each nextCursor")
    }

    pub(crate) fn invalid_cursor() -> Refusal {
        let detail = "The cursor is not one that was handed out. Start again without a cursor.";
        Refusal::new(StatusCode::BAD_REQUEST, Some("invalidCursor"), detail)
    }

    fn new(status: StatusCode, kind: Option<&'static str>, detail: impl Into<String>) -> Refusal {
        Refusal { status, kind, detail: detail.into(), challenge: r#"Bearer realm="clientele""# }
    }
}

impl From<store::Error> for Refusal {
    fn from(error: store::Error) -> Refusal {
        tracing::error!(?error, "directory not read");
        Refusal::new(
            StatusCode::SERVICE_UNAVAILABLE,
            None,
            "The directory cannot be read now. Try again in a while.",
        )
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
            "status": self.status.as_str(),
            "detail": self.detail,
        });
        if let Some(kind) = self.kind {
            body["scimType"] = json!(kind);
        }
        let mut response = message(self.status, &body);
        let extra = match self.status {
            StatusCode::UNAUTHORIZED => Some((header::WWW_AUTHENTICATE, self.challenge)),
            StatusCode::METHOD_NOT_ALLOWED => Some((header::ALLOW, "GET, HEAD")),
            StatusCode::SERVICE_UNAVAILABLE => Some((header::RETRY_AFTER, "5")),
            _ => None,
        };
        response.headers_mut().extend(extra.map(|(name, value)| (name, HeaderValue::from_static(value))));
        response
    }
}

fn message(status: StatusCode, body: &Value) -> Response {
    let headers = [(header::CONTENT_TYPE, "application/scim+json"), (header::CACHE_CONTROL, "no-store")];
    (status, headers, body.to_string()).into_response()
}
