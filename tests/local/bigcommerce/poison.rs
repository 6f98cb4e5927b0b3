//! A customer that the store refuses for reasons of its own, and with it the whole batch.

use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::{Method, StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    errors::{Broken, Refusal},
    faults::FaultKind,
};

const TITLE: &str = "Create customers failed.";

/// How a refusal tells which of the batch it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Blame {
    /// By its place in the batch.
    Place,
    /// By its e-mail address, in a sentence.
    Address,
    /// In no way.
    Nobody,
    /// By a page, with the status of a refusal.
    Page,
}

/// The request as it came, unless it holds a customer that is refused.
pub(super) async fn refuse(request: Request, faults: &[FaultKind]) -> Result<Request, Response> {
    let refused = faults.iter().find_map(|fault| match fault {
        FaultKind::RefuseEmail { email, blame } => Some((email, *blame)),
        _ => None,
    });
    let writes = request.method() == Method::POST || request.method() == Method::PUT;
    let Some((email, blame)) = refused.filter(|_| writes) else { return Ok(request) };
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.map_err(|_| StatusCode::BAD_REQUEST.into_response())?;
    let rows: Value = serde_json::from_slice(&body).unwrap_or_default();
    let is = |row: &Value| row["email"].as_str().is_some_and(|text| text.eq_ignore_ascii_case(email));
    match rows.as_array().and_then(|rows| rows.iter().position(is)) {
        Some(place) => Err(refusal(place, email, blame)),
        None => Ok(Request::from_parts(parts, Body::from(body))),
    }
}

fn refusal(place: usize, email: &str, blame: Blame) -> Response {
    match blame {
        Blame::Place => Refusal::of(TITLE, format!("{place}.email"), "is on a list").into_response(),
        Blame::Address => Refusal::of(TITLE, ".customer_create", format!("The address {email} is on a list"))
            .into_response(),
        Blame::Nobody => Refusal::invalid("Something was not right.", Broken::new()).into_response(),
        Blame::Page => {
            let page = "<html><body><h1>422</h1></body></html>";
            (StatusCode::UNPROCESSABLE_ENTITY, [(CONTENT_TYPE, "text/html")], page).into_response()
        }
    }
}
