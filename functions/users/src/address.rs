//! What the address of a request names.

use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
};

use crate::refusal::Refusal;

/// The identifier in the address of a resource. One that is none is that of no resource.
pub(crate) struct Id(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Id, Refusal> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        path.map(|Path(id)| Id(id)).map_err(|_| Refusal::no_resource())
    }
}
