//! From an answer that is no success to an [`Error`]. The v3 API explains itself in an object, the
//! v2 API in an array, and what stands before both in HTML or not at all.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::Value;

use super::error::{Error, Reasons};

const NO_EXPLANATION: &str = "no explanation given";

/// What the answer means; 429 is the limiter's.
pub(super) fn error(status: StatusCode, retry_after: Option<Duration>, body: &[u8]) -> Error {
    let code = status.as_u16();
    match code {
        300..=399 => Error::Garbled { status: code, rule: "redirects are not followed" },
        401 => Error::Unauthorized,
        403 if body.trim_ascii().starts_with(b"<") => {
            Error::Garbled { status: code, rule: "a refusal by the store itself, not by a page before it" }
        }
        403 => Error::Forbidden,
        404 => Error::NotFound,
        501 | 505 => refusal(code, body),
        408 | 423 | 425 | 499 | 500..=599 => Error::Unavailable { status: code, retry_after },
        _ => refusal(code, body),
    }
}

fn refusal(status: u16, body: &[u8]) -> Error {
    let problem = match serde_json::from_slice::<Value>(body) {
        Ok(Value::Array(problems)) => problems.into_iter().next().unwrap_or_default(),
        Ok(problem) => problem,
        Err(_) => Value::Null,
    };
    let title = ["title", "message", "error"].iter().find_map(|name| problem[name].as_str());
    let errors = ["errors", "details"].iter().map(|name| &problem[name]).find(|errors| !errors.is_null());
    Error::Refused {
        status,
        title: title.unwrap_or(NO_EXPLANATION).to_owned(),
        errors: errors.map(reasons).unwrap_or_default(),
    }
}

/// Mostly an object of sentences; arrays and nested objects are met as well.
fn reasons(errors: &Value) -> Reasons {
    match errors {
        Value::Object(errors) => errors.iter().map(|(about, words)| (about.clone(), text(words))).collect(),
        Value::Array(errors) => {
            errors.iter().enumerate().map(|(n, words)| (format!("#{}", n + 1), text(words))).collect()
        }
        other => [(String::new(), text(other))].into_iter().collect(),
    }
}

fn text(words: &Value) -> String {
    words.as_str().map_or_else(|| words.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(status: u16, body: &str) -> Error {
        error(StatusCode::from_u16(status).unwrap(), None, body.as_bytes())
    }

    #[test]
    fn a_v3_refusal_gives_its_title_and_its_reasons() {
        let body = r#"{"status":422,"title":"Create customers failed.","type":"https://x.example",
            "errors":{".customer_create":"Error creating customers: email a@b.example already in use"}}"#;
        let error = read(422, body);
        assert!(error.says_already_in_use());
        let Error::Refused { status: 422, title, errors } = error else { panic!("{error}") };
        assert_eq!(title, "Create customers failed.");
        assert_eq!(errors.iter().next().unwrap().0, ".customer_create");
    }

    #[test]
    fn a_v2_refusal_is_an_array() {
        let error =
            read(400, r#"[{"status":400,"message":"The field 'name' is invalid.","details":{"a":[1]}}]"#);
        assert_eq!(error.message(), "The field 'name' is invalid. (a: [1])");
    }

    #[test]
    fn a_refusal_without_json_is_still_one() {
        for body in ["", "<html>no</html>", "[]", "null", "{\"errors\":[]}", "{\"title\":7}"] {
            let Error::Refused { status: 422, title, .. } = read(422, body) else { panic!("{body}") };
            assert_eq!(title, NO_EXPLANATION);
        }
    }

    #[test]
    fn a_page_before_the_store_says_nothing_of_our_credentials() {
        assert!(matches!(read(403, " <!doctype html>"), Error::Garbled { status: 403, .. }));
        assert!(matches!(read(403, ""), Error::Forbidden));
        assert!(matches!(read(401, "<html>"), Error::Unauthorized));
    }

    #[test]
    fn every_status_means_something() {
        for status in 300..1000 {
            let error = read(status, "");
            let passing = matches!(status, 300..=399 | 408 | 423 | 425 | 499 | 500..=599);
            assert_eq!(error.retryable(), passing && status != 501 && status != 505, "{status}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_body_is_too_odd_to_read(status in 400_u16..600, body in "\\PC{0,80}") {
            read(status, &body);
        }
    }
}
