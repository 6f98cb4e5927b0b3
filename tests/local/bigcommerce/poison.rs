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
    let strict = faults.iter().find_map(|fault| match fault {
        FaultKind::StrictPasswords { minimum } => Some(*minimum),
        _ => None,
    });
    let writes = request.method() == Method::POST || request.method() == Method::PUT;
    if !writes || (refused.is_none() && strict.is_none()) {
        return Ok(request);
    }
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.map_err(|_| StatusCode::BAD_REQUEST.into_response())?;
    let rows: Value = serde_json::from_slice(&body).unwrap_or_default();
    let rows = rows.as_array().map(Vec::as_slice).unwrap_or_default();
    let short = |row: &Value| {
        row["authentication"]["new_password"]
            .as_str()
            .filter(|text| text.chars().count() < strict.unwrap_or(0))
            .map(str::to_owned)
    };
    if let Some(password) = rows.iter().find_map(short) {
        return Err(too_plain(&password));
    }
    let is =
        |row: &Value, email: &str| row["email"].as_str().is_some_and(|text| text.eq_ignore_ascii_case(email));
    let refused = refused.and_then(|(email, blame)| {
        let place = rows.iter().position(|row| is(row, email))?;
        Some(refusal(place, email, blame))
    });
    match refused {
        Some(refusal) => Err(refusal),
        None => Ok(Request::from_parts(parts, Body::from(body))),
    }
}

/// The worst that a store could do: it says the password in its answer.
fn too_plain(password: &str) -> Response {
    let reason = format!("{password} is too plain a password for this store");
    Refusal::of(TITLE, "0.authentication.new_password".to_owned(), reason).into_response()
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
