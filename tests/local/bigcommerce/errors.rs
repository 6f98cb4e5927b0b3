//! How the store refuses: the bodies and the texts of the live wire.

use std::collections::BTreeMap;

use axum::{
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use serde::Serialize;

/// Where every error of the third API points.
const STATUS_CODES: &str = "https://developer.bigcommerce.com/api-docs/getting-started/api-status-codes";

/// What is wrong with which field.
pub(super) type Broken = BTreeMap<String, String>;

/// An answer that is not the one asked for.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    title: String,
    errors: Broken,
    shape: Shape,
}

/// The two generations of the API shape errors differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// An array of status and message.
    V2,
    /// An object without details.
    V3Plain,
    /// An object with the fields that were wrong.
    V3,
}

#[derive(Serialize)]
struct V3<'a> {
    status: u16,
    title: &'a str,
    r#type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    errors: Option<&'a Broken>,
}

#[derive(Serialize)]
struct V2<'a> {
    status: u16,
    message: &'a str,
}

impl Refusal {
    fn new(status: StatusCode, title: impl Into<String>, shape: Shape) -> Refusal {
        Refusal { status, title: title.into(), errors: Broken::new(), shape }
    }

    fn because(mut self, errors: Broken) -> Refusal {
        self.errors = errors;
        self
    }

    /// Values that break a rule.
    pub(super) fn invalid(title: &str, errors: Broken) -> Refusal {
        Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, title, Shape::V3).because(errors)
    }

    /// One value that breaks a rule.
    pub(super) fn of(title: &str, field: impl Into<String>, reason: impl Into<String>) -> Refusal {
        Refusal::invalid(title, Broken::from([(field.into(), reason.into())]))
    }

    /// The body is no JSON, or lacks fields, or has values of another type.
    pub(super) fn garbled(errors: Broken) -> Refusal {
        Refusal::invalid("JSON data is missing or invalid", errors)
    }

    /// Query parameters that the endpoint does not know.
    pub(super) fn unknown_filters(names: &[&str]) -> Refusal {
        let title = format!("The filter(s): {} are not valid filter parameter(s).", names.join(", "));
        Refusal::invalid(&title, Broken::new())
    }

    /// A query parameter whose value cannot be read.
    pub(super) fn bad_filter(name: &str) -> Refusal {
        Refusal::of("Invalid field(s) in the query string.", name, "error.invalid")
    }

    /// More items than one call takes.
    pub(super) fn too_many_items(most: usize) -> Refusal {
        let title = format!(
            "The request payload is too large. The maximum number of items allowed in the array is {most}."
        );
        Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, title, Shape::V3)
    }

    /// The token is not one of this store's.
    pub(super) fn unauthorized(shape: Shape) -> Refusal {
        let title = "Unauthorized - the v3 Auth client ID or token in the request are not a valid \
                     combination for this store.";
        Refusal::new(StatusCode::UNAUTHORIZED, title, shape)
    }

    /// The token may not do this, or the store is suspended.
    pub(super) fn forbidden(shape: Shape) -> Refusal {
        let title = "Unauthorized Access. You do not have permission to make this request.";
        Refusal::new(StatusCode::FORBIDDEN, title, shape)
    }

    /// There is nothing at the address.
    pub(super) fn not_found(shape: Shape) -> Refusal {
        let title = match shape {
            Shape::V2 => "The requested resource was not found.",
            Shape::V3 | Shape::V3Plain => "The resource at that URL is not found.",
        };
        Refusal::new(StatusCode::NOT_FOUND, title, shape)
    }

    /// The address knows no such method.
    pub(super) fn method_not_allowed(shape: Shape) -> Refusal {
        let title = "The requested method is not supported by this resource.";
        Refusal::new(StatusCode::METHOD_NOT_ALLOWED, title, shape)
    }

    /// There is no hook of that number.
    pub(super) fn no_hook(id: &str) -> Refusal {
        Refusal::new(StatusCode::NOT_FOUND, format!("Webhook with id [{id}] not found"), Shape::V3Plain)
    }

    /// What a hook is asked to be makes no sense.
    pub(super) fn bad_input() -> Refusal {
        Refusal::new(StatusCode::BAD_REQUEST, "Input is invalid.", Shape::V3Plain)
    }

    /// A field of the second API breaks a rule.
    pub(super) fn bad_field(field: &str) -> Refusal {
        Refusal::new(StatusCode::BAD_REQUEST, format!("The field '{field}' is invalid."), Shape::V2)
    }

    /// The quota is spent, or too many write at once.
    pub(super) fn too_many_requests(shape: Shape) -> Refusal {
        Refusal::new(StatusCode::TOO_MANY_REQUESTS, "Too many requests", shape)
    }

    /// The address is longer than the gateway takes.
    pub(super) fn address_too_long() -> Refusal {
        Refusal::new(StatusCode::URI_TOO_LONG, "Request-URI Too Large", Shape::V3Plain)
    }

    /// What a person at the store's page is told.
    pub(super) fn for_a_person(&self) -> Vec<String> {
        if self.errors.is_empty() {
            return vec![self.title.clone()];
        }
        self.errors.iter().map(|(field, reason)| format!("{}: {reason}", readable(field))).collect()
    }
}

/// `0.first_name` as a person reads it.
fn readable(field: &str) -> String {
    let name = field.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    name.replace(['_', '.'], " ")
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = self.status.as_u16();
        let body = match self.shape {
            Shape::V2 => json(&[V2 { status, message: &self.title }]),
            Shape::V3 => {
                json(&V3 { status, title: &self.title, r#type: STATUS_CODES, errors: Some(&self.errors) })
            }
            Shape::V3Plain => json(&V3 { status, title: &self.title, r#type: STATUS_CODES, errors: None }),
        };
        (self.status, body).into_response()
    }
}

/// `value` as a JSON body with status 200.
pub(super) fn json<T: Serialize + ?Sized>(value: &T) -> Response {
    match serde_json::to_string(value) {
        Ok(body) => ([(CONTENT_TYPE, "application/json")], body).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
