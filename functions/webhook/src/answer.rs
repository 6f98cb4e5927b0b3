//! What the store is answered, and what the log is told.

use std::error::Error;

use axum::http::{HeaderValue, StatusCode, header::WWW_AUTHENTICATE};
use shared::{http::Problem, work::Subject};

use crate::{
    Delivery, Failure,
    signature::{self, only},
    verdict::{Decision, Ignored, Verdict},
};

/// The answer: an empty 200 or a problem. All who are refused are answered alike.
pub(crate) fn answer(outcome: Result<Verdict, Failure>) -> Result<StatusCode, Problem> {
    match outcome.map(|verdict| verdict.decision) {
        Ok(Decision::Keep(_) | Decision::Ignore(_)) => Ok(StatusCode::OK),
        Ok(Decision::Malformed) => Err(malformed()),
        Ok(Decision::Refuse(_)) => Err(unauthorized()),
        Err(Failure::TooLarge) => Err(too_large()),
        Err(Failure::Unread(_) | Failure::Unkept(_) | Failure::TooLate) => Err(unavailable()),
    }
}

fn malformed() -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "The body is not one JSON object in UTF-8; send the event as JSON.")
        .kind("urn:clientele:problem:malformed-event", "Malformed event")
}

fn unauthorized() -> Problem {
    let detail = "The delivery is not shown to be a connected store's own; \
        register the webhook again from the page of its application.";
    Problem::new(StatusCode::UNAUTHORIZED, detail)
        .header(WWW_AUTHENTICATE, HeaderValue::from_static("Webhook"))
}

fn too_large() -> Problem {
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "A delivery has at most 65536 bytes; send a smaller one.")
}

fn unavailable() -> Problem {
    Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "The delivery could not be kept; send it again in a minute.",
    )
    .retry_after(60)
}

/// One line a delivery: which it is, what it is about, and what became of it.
pub(crate) fn log(delivery: &Delivery, outcome: &Result<Verdict, Failure>) {
    let application = delivery.application.as_ref().map(tracing::field::display);
    let id = delivery_id(delivery);
    match outcome {
        Ok(verdict) => {
            let (scope, subject) = about(&verdict.decision);
            tracing::info!(
                application.id = application,
                delivery.id = id,
                event.scope = scope,
                subject = subject.map(tracing::field::display),
                signature = %verdict.signature,
                verdict = %verdict.decision,
                "delivery judged"
            );
        }
        // Anybody can send too much, which is no error of ours.
        Err(Failure::TooLarge) => {
            tracing::info!(
                application.id = application,
                delivery.id = id,
                verdict = "too large",
                "delivery judged"
            );
        }
        Err(failure) => tracing::error!(
            application.id = application,
            delivery.id = id,
            error = failure as &dyn Error,
            "delivery not taken"
        ),
    }
}

/// What the sender calls the delivery, if it looks like a name: anybody may have written it.
fn delivery_id(delivery: &Delivery) -> Option<&str> {
    let id = std::str::from_utf8(only(&delivery.headers, signature::ID)?).ok()?;
    let plain = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
    (id.len() <= 64 && plain).then_some(id)
}

fn about(decision: &Decision) -> (Option<&str>, Option<&Subject>) {
    match decision {
        Decision::Keep(notice) => (Some(notice.scope), Some(&notice.subject)),
        Decision::Ignore(Ignored::OtherScope(scope)) => (Some(scope), None),
        Decision::Ignore(Ignored::NoCustomer(scope)) => (Some(scope), None),
        Decision::Ignore(Ignored::OtherStore) | Decision::Malformed | Decision::Refuse(_) => (None, None),
    }
}

#[cfg(test)]
mod tests {
    use axum::{
        body::{Bytes, to_bytes},
        http::HeaderMap,
        response::IntoResponse,
    };
    use jiff::Timestamp;

    use super::*;
    use crate::{
        sample::{self, NOW},
        signature::Finding,
        verdict::{Refusal, verdict},
    };

    async fn answered(decision: Decision) -> (StatusCode, HeaderMap, Bytes) {
        let response = answer(Ok(Verdict { decision, signature: Finding::Absent })).into_response();
        let (parts, body) = response.into_parts();
        (parts.status, parts.headers, to_bytes(body, 10_000).await.unwrap())
    }

    #[tokio::test]
    async fn g17_an_acknowledgement_has_no_body_and_no_header() {
        let body = sample::event("store/customer/created");
        let headers = sample::signed(sample::CLIENT_SECRET, NOW, &body);
        let now = Timestamp::from_second(NOW).unwrap();
        let kept = verdict(Some(&sample::application()), &headers, &body, now).decision;
        assert!(matches!(kept, Decision::Keep(_)));
        for decision in [kept, Decision::Ignore(Ignored::OtherStore)] {
            let (status, headers, body) = answered(decision).await;
            assert_eq!((status, headers.len(), body.len()), (StatusCode::OK, 0, 0));
        }
    }

    #[tokio::test]
    async fn all_who_are_refused_are_answered_alike() {
        let unknown = answered(Decision::Refuse(Refusal::UnknownApplication)).await;
        assert_eq!(unknown.0, StatusCode::UNAUTHORIZED);
        for refusal in [Refusal::AppSecret, Refusal::Signature] {
            assert_eq!(answered(Decision::Refuse(refusal)).await, unknown);
        }
    }

    #[test]
    fn g13_what_could_not_be_kept_is_never_acknowledged() {
        let problem = answer(Err(Failure::TooLate)).expect_err("a problem");
        assert_eq!(problem.status(), StatusCode::SERVICE_UNAVAILABLE);
    }

    #[test]
    fn only_a_name_of_a_delivery_is_logged() {
        let logged = |id: &str| {
            let headers = sample::headers(&[(signature::ID, id)]);
            delivery_id(&Delivery { application: None, headers }).is_some()
        };
        assert!(logged(sample::ID_OF_DELIVERY) && logged("msg_2KWPBgLlAfxdpx2AI54pPJ85f4W"));
        assert!(!logged("a b") && !logged("a@b.example") && !logged(&"a".repeat(65)));
    }
}
