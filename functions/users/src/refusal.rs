//! Why a request is not served, as SCIM tells it (RFC 7644, 3.12).

use std::borrow::Cow;

use axum::{
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use shared::{
    client::Scope,
    directory::Refused,
    mapping,
    scim::{FilterError, PatchError, ScimType, ValueError},
    store::{self, Unique},
};

use crate::answer::message;

/// Why a request is not served: a sentence with a next step, and nothing of the inside.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    kind: Option<ScimType>,
    detail: Cow<'static, str>,
    header: Option<(HeaderName, &'static str)>,
}

const CHALLENGE: &str = r#"Bearer realm="clientele""#;
const WRONG_TOKEN: &str = r#"Bearer realm="clientele", error="invalid_token""#;
const NARROW_TOKEN: &str = r#"Bearer realm="clientele", error="insufficient_scope""#;

impl Refusal {
    fn new(status: StatusCode, detail: impl Into<Cow<'static, str>>) -> Refusal {
        Refusal { status, kind: None, detail: detail.into(), header: None }
    }

    fn bad(kind: ScimType, detail: impl Into<Cow<'static, str>>) -> Refusal {
        Refusal { kind: Some(kind), ..Refusal::new(StatusCode::BAD_REQUEST, detail) }
    }

    fn with(self, name: HeaderName, value: &'static str) -> Refusal {
        Refusal { header: Some((name, value)), ..self }
    }

    pub(crate) fn without_token() -> Refusal {
        Refusal::new(StatusCode::UNAUTHORIZED, "Send one bearer token in the Authorization header.")
            .with(header::WWW_AUTHENTICATE, CHALLENGE)
    }

    pub(crate) fn wrong_token() -> Refusal {
        Refusal::new(StatusCode::UNAUTHORIZED, "The token opens nothing, or no longer. Ask for a new one.")
            .with(header::WWW_AUTHENTICATE, WRONG_TOKEN)
    }

    pub(crate) fn out_of_scope(scope: Scope) -> Refusal {
        let what = match scope {
            Scope::Read => "read",
            Scope::Write => "create and change",
            Scope::Delete => "delete",
        };
        let detail = format!("The token does not allow to {what}. Use one that was made for that.");
        Refusal::new(StatusCode::FORBIDDEN, detail).with(header::WWW_AUTHENTICATE, NARROW_TOKEN)
    }

    pub(crate) fn no_resource() -> Refusal {
        Refusal::new(StatusCode::NOT_FOUND, "There is no such resource. Look for it with a filter.")
    }

    pub(crate) fn no_address() -> Refusal {
        Refusal::new(
            StatusCode::NOT_FOUND,
            "Nothing is at this address. Users are at /scim/v2/Users, groups at /scim/v2/Groups.",
        )
    }

    pub(crate) fn wrong_method() -> Refusal {
        Refusal::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "This address does not take the method. Use one that the Allow header names.",
        )
    }

    pub(crate) fn no_alias() -> Refusal {
        Refusal::new(
            StatusCode::NOT_IMPLEMENTED,
            "A token belongs to a client and not to a user, so there is no Me. Use /Users/{id}.",
        )
    }

    pub(crate) fn filtered_discovery() -> Refusal {
        Refusal::new(StatusCode::FORBIDDEN, "What is served cannot be filtered. Ask without a filter.")
    }

    pub(crate) fn too_large(limit: &'static str) -> Refusal {
        Refusal::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("The request is too large ({limit}). Send it in parts."),
        )
    }

    pub(crate) fn wrong_type() -> Refusal {
        let detail = "The body must be JSON, not compressed, with Content-Type application/scim+json.";
        Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail)
    }

    pub(crate) fn precondition_failed() -> Refusal {
        Refusal::new(
            StatusCode::PRECONDITION_FAILED,
            "The resource is not of the version that the request is for. Read it again.",
        )
    }

    pub(crate) fn invalid_syntax(reason: impl std::fmt::Display) -> Refusal {
        Refusal::bad(ScimType::InvalidSyntax, format!("The request cannot be read: {reason}."))
    }

    pub(crate) fn invalid_value(reason: impl std::fmt::Display) -> Refusal {
        Refusal::bad(ScimType::InvalidValue, format!("The request cannot be served: {reason}."))
    }

    pub(crate) fn invalid_cursor() -> Refusal {
        let detail =
            "The cursor is not one that was handed out for this query. Start again with an empty cursor.";
        Refusal::bad(ScimType::InvalidCursor, detail)
    }

    pub(crate) fn too_many(detail: &'static str) -> Refusal {
        Refusal::bad(ScimType::TooMany, detail)
    }

    pub(crate) fn too_many_members() -> Refusal {
        Refusal::too_many("There are more members than an answer holds. Ask with excludedAttributes=members.")
    }

    /// A value that a connected store would refuse, for a client that wants to know at once.
    pub(crate) fn by_store(store: &str, refused: &mapping::Refusal) -> Refusal {
        Refusal::bad(
            ScimType::InvalidValue,
            format!("The store {store} would refuse this ({refused}). Correct the value and send it again."),
        )
    }

    /// A reference of a bulk request that leads nowhere, or in a circle (RFC 7644, 3.7.1).
    pub(crate) fn unresolved() -> Refusal {
        Refusal::new(
            StatusCode::CONFLICT,
            "What the operation refers to was not created: it failed, is not in the request or refers \
             back to this. Send the operation by itself, with the identifier.",
        )
    }

    /// There was no time left for an operation of a bulk request.
    pub(crate) fn late() -> Refusal {
        Refusal::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "The operation was not begun: there was no time left. Send it again in another request.",
        )
    }

    pub(crate) fn not_unique(what: Unique) -> Refusal {
        let detail = format!("The {what} belongs to another resource. Look for that one with a filter.");
        Refusal { kind: Some(ScimType::Uniqueness), ..Refusal::new(StatusCode::CONFLICT, detail) }
    }

    /// What goes on being changed by others.
    pub(crate) fn busy() -> Refusal {
        Refusal::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "The resource is being changed by others. Try again in a while.",
        )
        .with(header::RETRY_AFTER, "1")
    }

    fn unavailable() -> Refusal {
        Refusal::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "The directory cannot be reached now. Try again in a while.",
        )
        .with(header::RETRY_AFTER, "5")
    }

    fn failed() -> Refusal {
        Refusal::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "The request could not be carried out. The reason is in the log of the service.",
        )
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }

    /// The message of the error.
    pub(crate) fn body(&self) -> Value {
        let mut body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
            "status": self.status.as_str(),
            "detail": self.detail,
        });
        if let Some(kind) = self.kind {
            body["scimType"] = json!(kind.as_str());
        }
        body
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = message(self.status, &self.body());
        let header = self.header.map(|(name, value)| (name, HeaderValue::from_static(value)));
        response.headers_mut().extend(header);
        response
    }
}

impl From<store::Error> for Refusal {
    fn from(error: store::Error) -> Refusal {
        match &error {
            store::Error::Taken { what, .. } => return Refusal::not_unique(*what),
            store::Error::GroupTaken { .. } => return Refusal::not_unique(Unique::ExternalId),
            store::Error::TooLarge(limit) => return Refusal::too_large(limit),
            _ => tracing::error!(?error, "directory.failed"),
        }
        match error {
            store::Error::Moved | store::Error::Throttled => Refusal::busy(),
            store::Error::Unavailable(_) => Refusal::unavailable(),
            _ => Refusal::failed(),
        }
    }
}

impl From<Refused> for Refusal {
    fn from(refused: Refused) -> Refusal {
        match refused {
            Refused::NoUser => Refusal::no_resource(),
            Refused::Version => Refusal::precondition_failed(),
            Refused::Value(error) => error.into(),
            Refused::Patch(error) => error.into(),
            Refused::ByStore { store, refusal } => Refusal::by_store(&store, &refusal),
            Refused::Row(told) => Refusal::bad(ScimType::InvalidValue, told),
            Refused::Taken { what, .. } => Refusal::not_unique(what),
            Refused::Busy => Refusal::busy(),
            Refused::Tables(error) => error.into(),
        }
    }
}

impl From<FilterError> for Refusal {
    fn from(error: FilterError) -> Refusal {
        Refusal::bad(ScimType::InvalidFilter, sentence(&error))
    }
}

impl From<PatchError> for Refusal {
    fn from(error: PatchError) -> Refusal {
        Refusal::bad(error.kind, sentence(&error))
    }
}

impl From<ValueError> for Refusal {
    fn from(error: ValueError) -> Refusal {
        Refusal::bad(ScimType::InvalidValue, sentence(&error))
    }
}

/// What a rule says of what was sent, for who sent it.
fn sentence(error: &impl std::error::Error) -> String {
    let told = error.to_string();
    let mut letters = told.chars();
    let first = letters.next().map(char::to_uppercase).into_iter().flatten();
    format!("{}. Correct the request and send it again.", first.chain(letters).collect::<String>())
}
