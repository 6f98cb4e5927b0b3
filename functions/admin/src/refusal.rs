//! Why something is not done: a sentence with a next step, and nothing of the inside. A program
//! gets problem+json, a person a page (see `answer::finish`).

use std::{borrow::Cow, fmt::Display};

use axum::{
    http::{HeaderValue, StatusCode, header::WWW_AUTHENTICATE},
    response::{IntoResponse, Response},
};
use shared::{
    bigcommerce,
    http::{Problem, Wrong},
    operator::Role,
    store,
};

/// Why something is not done.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    /// Boxed: a refusal is the rare end of many results.
    problem: Box<Problem>,
    /// Where a person can go on.
    next: Option<(&'static str, String)>,
    /// Whether signing in would help.
    sign_in: bool,
}

impl Refusal {
    /// A refusal that its status and a sentence with a next step tell.
    pub(crate) fn new(status: StatusCode, detail: impl Into<Cow<'static, str>>) -> Refusal {
        Refusal::from(Problem::new(status, detail))
    }

    /// What was sent cannot be: `detail` is a sentence that says how it must be.
    pub(crate) fn bad(detail: impl Into<Cow<'static, str>>) -> Refusal {
        Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, detail)
    }

    /// Some of the values that were sent cannot be.
    pub(crate) fn wrong(errors: Vec<Wrong>) -> Refusal {
        let detail = "Some values cannot be taken. Correct them and send it again.";
        let problem = Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail)
            .kind("urn:clientele:problem:invalid", "Values that cannot be taken")
            .errors(errors);
        Refusal::from(problem)
    }

    /// The state of things does not allow it now.
    pub(crate) fn conflict(detail: impl Into<Cow<'static, str>>) -> Refusal {
        Refusal::new(StatusCode::CONFLICT, detail)
    }

    /// There is no such thing; `detail` says where to look.
    pub(crate) fn missing(detail: impl Into<Cow<'static, str>>) -> Refusal {
        Refusal::new(StatusCode::NOT_FOUND, detail)
    }

    /// Names a place where a person can go on: its name and its address.
    pub(crate) fn go_on(self, name: &'static str, address: impl Into<String>) -> Refusal {
        Refusal { next: Some((name, address.into())), ..self }
    }

    pub(crate) fn stranger() -> Refusal {
        let detail =
            "Sign in, or send the token of an API client that may use the console as a bearer token.";
        let refusal = Refusal::unauthorized(detail);
        Refusal { sign_in: true, ..refusal.go_on("Sign in", "/admin/sign-in") }
    }

    pub(crate) fn wrong_token() -> Refusal {
        Refusal::unauthorized("The token opens nothing, or no longer. Ask for a new one.")
    }

    fn unauthorized(detail: &'static str) -> Refusal {
        let challenge = HeaderValue::from_static(r#"Bearer realm="clientele""#);
        Problem::new(StatusCode::UNAUTHORIZED, detail).header(WWW_AUTHENTICATE, challenge).into()
    }

    /// A token that was made for SCIM alone.
    pub(crate) fn scim_token() -> Refusal {
        Refusal::new(
            StatusCode::FORBIDDEN,
            "The token opens the directory and not the console. Ask for one with a role at the console.",
        )
    }

    pub(crate) fn above(role: Role) -> Refusal {
        let role = role.as_str();
        let detail = format!("This takes the role {role} or more. Ask an owner to give it to you.");
        Refusal::new(StatusCode::FORBIDDEN, detail).go_on("Back to the overview", "/admin")
    }

    pub(crate) fn foreign() -> Refusal {
        Refusal::new(
            StatusCode::FORBIDDEN,
            "The request does not come from a page of this console, so nothing was changed. Open the page here and \
             try again.",
        )
    }

    pub(crate) fn unproved() -> Refusal {
        Refusal::new(
            StatusCode::FORBIDDEN,
            "The page that this came from is out of date, so nothing was changed. Reload it and try again.",
        )
    }

    pub(crate) fn too_large() -> Refusal {
        Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "More than 4 MB was sent. Send it in parts.")
    }

    pub(crate) fn no_address() -> Refusal {
        Refusal::missing("Nothing is at this address. Start at the overview.").go_on("Overview", "/admin")
    }

    pub(crate) fn wrong_method() -> Refusal {
        Refusal::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "This address does not take the method. Use one that the Allow header names.",
        )
    }

    /// What was sent cannot be read.
    pub(crate) fn unreadable(reason: impl Display) -> Refusal {
        Refusal::new(
            StatusCode::BAD_REQUEST,
            format!("The request cannot be read: {reason}. Correct it and try again."),
        )
    }

    pub(crate) fn failed() -> Refusal {
        Refusal::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "It could not be carried out. The reason is in the log of the service; try again, and if it stays so, \
             tell whoever runs the service.",
        )
    }

    pub(crate) fn problem(&self) -> &Problem {
        &self.problem
    }

    pub(crate) fn next(&self) -> Option<&(&'static str, String)> {
        self.next.as_ref()
    }

    pub(crate) fn wants_sign_in(&self) -> bool {
        self.sign_in
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Refusal {
        Refusal { problem: Box::new(problem), next: None, sign_in: false }
    }
}

impl From<store::Error> for Refusal {
    fn from(error: store::Error) -> Refusal {
        match &error {
            store::Error::Moved => {
                return Refusal::conflict(
                    "It was changed by somebody else at the same moment. Look at it again, then change it.",
                );
            }
            store::Error::TooLarge(limit) => return Refusal::bad(format!("It is too large ({limit}).")),
            _ if error.retryable() => {}
            _ => {
                tracing::error!(?error, "console.tables_failed");
                return Refusal::failed();
            }
        }
        tracing::warn!(?error, "console.tables_not_reached");
        let detail = "The tables cannot be reached now. Try again in a while.";
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail).retry_after(5).into()
    }
}

/// What a store did not do. Its own words are for the log; what a person can do stands here.
impl From<bigcommerce::Error> for Refusal {
    fn from(error: bigcommerce::Error) -> Refusal {
        tracing::warn!(?error, "console.store_refused");
        let again = if error.retryable() {
            "Try again in a while"
        } else {
            "See to that at the store, then try again"
        };
        Refusal::new(StatusCode::BAD_GATEWAY, format!("The store did not do it: {error}. {again}."))
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = (*self.problem).clone().into_response();
        response.extensions_mut().insert(self);
        response
    }
}
