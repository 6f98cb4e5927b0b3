//! Whether a request is for the version that is there (RFC 7644, 3.14; RFC 9110, 13).

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderName, header, request::Parts},
};

use crate::refusal::Refusal;

/// What a request asks of the version that is there.
#[derive(Clone, Debug, Default)]
pub(crate) struct Precondition {
    /// One of these, if there are any.
    only: Vec<String>,
    /// None of these.
    unless: Vec<String>,
}

impl Precondition {
    /// That this is the version that is there.
    pub(crate) fn is(version: &str) -> Precondition {
        Precondition { only: vec![version.to_owned()], unless: Vec::new() }
    }

    /// Whether the request insists on a version: then nothing is to be tried again with another.
    pub(crate) fn insists(&self) -> bool {
        !self.only.is_empty()
    }

    /// For what is to be changed.
    pub(crate) fn check(&self, version: &str) -> Result<(), Refusal> {
        let unfit = self.insists() && !names(&self.only, version);
        if unfit || self.knows(version) { Err(Refusal::precondition_failed()) } else { Ok(()) }
    }

    /// Whether the client has this version already.
    pub(crate) fn knows(&self, version: &str) -> bool {
        names(&self.unless, version)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Precondition {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Precondition, Refusal> {
        let only = tags(&parts.headers, &header::IF_MATCH);
        Ok(Precondition { only, unless: tags(&parts.headers, &header::IF_NONE_MATCH) })
    }
}

fn tags(headers: &HeaderMap, name: &HeaderName) -> Vec<String> {
    let values = headers.get_all(name).iter().map(|value| value.to_str().unwrap_or_default());
    values.flat_map(|tags| tags.split(',')).map(|tag| tag.trim().to_owned()).collect()
}

/// A version is a weak tag, so tags are compared weakly, in If-Match too: SCIM has it so.
fn names(tags: &[String], version: &str) -> bool {
    let opaque = |tag: &str| tag.strip_prefix("W/").unwrap_or(tag).to_owned();
    tags.iter().any(|tag| tag == "*" || opaque(tag) == opaque(version))
}
