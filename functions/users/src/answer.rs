//! Answers as SCIM messages (RFC 7644, 3.4.2 and 3.12).

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use shared::{store, user::User};

use crate::{query::cursor, resource::resource};

/// A message with what was asked for.
#[derive(Debug)]
pub(crate) struct Answer(Value);

impl Answer {
    /// One user.
    pub(crate) fn one(url: &str, user: &User) -> Answer {
        Answer(resource(url, user))
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
        Answer(page)
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        message(StatusCode::OK, &self.0)
    }
}

/// Why a request is not served.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    kind: Option<&'static str>,
    detail: String,
}

impl Refusal {
    pub(crate) fn unauthorized() -> Refusal {
        Refusal::new(StatusCode::UNAUTHORIZED, None, "Send a valid bearer token in the Authorization header.")
    }

    pub(crate) fn not_found() -> Refusal {
        Refusal::new(StatusCode::NOT_FOUND, None, "There is no such resource. Users are at /scim/v2/Users.")
    }

    pub(crate) fn wrong_method() -> Refusal {
        Refusal::new(StatusCode::METHOD_NOT_ALLOWED, None, "This address serves GET only.")
    }

    pub(crate) fn invalid_filter(reason: &str) -> Refusal {
        Refusal::new(StatusCode::BAD_REQUEST, Some("invalidFilter"), format!("The filter cannot be served: {reason}."))
    }

    pub(crate) fn invalid_value(reason: &str) -> Refusal {
        Refusal::new(StatusCode::BAD_REQUEST, Some("invalidValue"), format!("The request cannot be served: {reason}."))
    }

    pub(crate) fn invalid_cursor() -> Refusal {
        let detail = "The cursor is not one that was handed out. Start again without a cursor.";
        Refusal::new(StatusCode::BAD_REQUEST, Some("invalidCursor"), detail)
    }

    fn new(status: StatusCode, kind: Option<&'static str>, detail: impl Into<String>) -> Refusal {
        Refusal { status, kind, detail: detail.into() }
    }
}

impl From<store::Error> for Refusal {
    fn from(error: store::Error) -> Refusal {
        tracing::error!(error = %error, "directory not read");
        Refusal::new(StatusCode::SERVICE_UNAVAILABLE, None, "The directory cannot be read now. Try again in a while.")
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
            StatusCode::UNAUTHORIZED => Some((header::WWW_AUTHENTICATE, "Bearer")),
            StatusCode::METHOD_NOT_ALLOWED => Some((header::ALLOW, "GET")),
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
