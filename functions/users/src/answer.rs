//! Answers as SCIM messages.

use axum::{
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::Value;
use shared::scim::Schemas;

use crate::query::Shown;

/// What is answered to a request that is served.
#[derive(Debug)]
pub(crate) struct Answer {
    status: StatusCode,
    body: Option<Value>,
    headers: HeaderMap,
}

impl Answer {
    /// A message.
    pub(crate) fn of(body: Value) -> Answer {
        Answer { status: StatusCode::OK, body: Some(body), headers: HeaderMap::new() }
    }

    /// One resource, as much of it as was asked for.
    pub(crate) fn one(resource: Value, Shown(projection): &Shown, schemas: &Schemas) -> Answer {
        let version = version(&resource).to_owned();
        Answer::of(projection.apply(resource, schemas)).with(header::ETAG, &version)
    }

    /// A resource that is there from now on, and where.
    pub(crate) fn created(resource: Value, shown: &Shown, schemas: &Schemas) -> Answer {
        let location = location(&resource).to_owned();
        let answer = Answer::one(resource, shown, schemas).with(header::LOCATION, &location);
        Answer { status: StatusCode::CREATED, ..answer }
    }

    /// That it was done, and no more.
    pub(crate) fn nothing() -> Answer {
        Answer { status: StatusCode::NO_CONTENT, body: None, headers: HeaderMap::new() }
    }

    /// Only that nothing has changed: the client has this version (RFC 9110, 13.1.2).
    pub(crate) fn unchanged(resource: &Value) -> Answer {
        let answer = Answer { status: StatusCode::NOT_MODIFIED, ..Answer::nothing() };
        answer.with(header::ETAG, version(resource))
    }

    fn with(mut self, name: HeaderName, value: &str) -> Answer {
        self.headers.extend(HeaderValue::try_from(value).ok().map(|value| (name, value)));
        self
    }
}

/// The entity tag of a resource.
pub(crate) fn version(resource: &Value) -> &str {
    resource["meta"]["version"].as_str().unwrap_or_default()
}

/// Where a resource is.
pub(crate) fn location(resource: &Value) -> &str {
    resource["meta"]["location"].as_str().unwrap_or_default()
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut response = match &self.body {
            Some(body) => message(self.status, body),
            None => self.status.into_response(),
        };
        response.headers_mut().extend(self.headers);
        response
    }
}

pub(crate) fn message(status: StatusCode, body: &Value) -> Response {
    let headers = [(header::CONTENT_TYPE, "application/scim+json"), (header::CACHE_CONTROL, "no-store")];
    (status, headers, body.to_string()).into_response()
}
