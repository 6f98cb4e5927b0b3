//! Bodies of requests, within bounds.

use axum::{
    body::to_bytes,
    extract::{FromRequest, Request},
    http::{HeaderMap, header},
};
use serde_json::{Map, Value};

use crate::refusal::Refusal;

/// The largest body, in bytes.
pub(crate) const LARGEST: usize = 1024 * 1024;

/// A body: one JSON object. JSON that nests deeper than 128 is refused by its parser.
pub(crate) struct Body(pub(crate) Map<String, Value>);

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &S) -> Result<Body, Refusal> {
        let (head, body) = request.into_parts();
        is_plain_json(&head.headers)?;
        // What is announced as too large is not read at all; what is not announced is read up to there.
        let announced = head.headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
        if announced
            .and_then(|length| length.parse::<u64>().ok())
            .is_some_and(|length| length > LARGEST as u64)
        {
            return Err(too_large());
        }
        let bytes = to_bytes(body, LARGEST).await.map_err(|_| too_large())?;
        match serde_json::from_slice(&bytes) {
            Ok(Value::Object(object)) => Ok(Body(object)),
            Ok(_) => Err(Refusal::invalid_syntax("the body is not a JSON object")),
            Err(error) => Err(Refusal::invalid_syntax(format!(
                "the body is no JSON (line {}, column {})",
                error.line(),
                error.column()
            ))),
        }
    }
}

fn too_large() -> Refusal {
    Refusal::too_large("a body has 1 MiB at most")
}

/// A compressed body could be any size once it is unpacked.
fn is_plain_json(headers: &HeaderMap) -> Result<(), Refusal> {
    let mut encodings = headers.get_all(header::CONTENT_ENCODING).iter();
    if !encodings.all(|encoding| encoding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Err(Refusal::wrong_type());
    }
    let mut types =
        headers.get_all(header::CONTENT_TYPE).iter().map(|kind| kind.to_str().unwrap_or_default());
    match (types.next(), types.next()) {
        (Some(kind), None) if is_json(kind) => Ok(()),
        _ => Err(Refusal::wrong_type()),
    }
}

/// JSON is UTF-8 (RFC 8259, 8.1); whoever says so is believed.
fn is_json(kind: &str) -> bool {
    let (kind, parameters) = kind.split_once(';').unwrap_or((kind, ""));
    let json = ["application/scim+json", "application/json"];
    let is = |known: &str| kind.trim().eq_ignore_ascii_case(known);
    let charset = parameters.split(';').filter_map(|parameter| parameter.trim().split_once('='));
    let mut charset = charset.filter(|(name, _)| name.trim().eq_ignore_ascii_case("charset"));
    json.into_iter().any(is)
        && charset.all(|(_, value)| value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8"))
}

/// A member of a message by its name in any case.
pub(crate) fn member<'a>(message: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    let found = message.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_known_by_its_type_whatever_its_case_and_parameters() {
        for kind in [
            "application/scim+json",
            "Application/JSON",
            "application/json; charset=UTF-8",
            "application/scim+json;charset=\"utf-8\"; v=2",
        ] {
            assert!(is_json(kind), "{kind}");
        }
        for kind in
            ["", "text/plain", "application/xml", "application/json; charset=utf-16", "application/jsonx"]
        {
            assert!(!is_json(kind), "{kind}");
        }
    }
}
