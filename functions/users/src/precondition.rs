//! The version that a request is for, as its headers tell (RFC 7644, 3.14; RFC 9110, 13).

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderName, header, request::Parts},
};
use shared::directory;

use crate::refusal::Refusal;

/// What a request asks of the version that is there.
#[derive(Clone, Debug, Default)]
pub(crate) struct Precondition(pub(crate) directory::Precondition);

impl Precondition {
    /// That this is the version that is there.
    pub(crate) fn is(version: &str) -> Precondition {
        Precondition(directory::Precondition::is(version))
    }

    /// For what is to be changed.
    pub(crate) fn check(&self, version: &str) -> Result<(), Refusal> {
        Ok(self.0.check(version)?)
    }

    /// Whether the client has this version already.
    pub(crate) fn knows(&self, version: &str) -> bool {
        self.0.knows(version)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Precondition {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Precondition, Refusal> {
        let only = tags(&parts.headers, &header::IF_MATCH);
        let unless = tags(&parts.headers, &header::IF_NONE_MATCH);
        Ok(Precondition(directory::Precondition { only, unless }))
    }
}

fn tags(headers: &HeaderMap, name: &HeaderName) -> Vec<String> {
    let values = headers.get_all(name).iter().map(|value| value.to_str().unwrap_or_default());
    values.flat_map(|tags| tags.split(',')).map(|tag| tag.trim().to_owned()).collect()
}
