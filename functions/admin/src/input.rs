//! What is sent, as a form or as JSON: one handler takes both.

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::{StatusCode, header::CONTENT_TYPE},
};
use serde::de::DeserializeOwned;

use crate::refusal::Refusal;

/// What is sent: `T` as JSON, or a form that is read as `F` and becomes a `T`. A form knows only text,
/// so numbers and `true` are read from it; a field that may come several times is a `Vec`; an
/// unchecked box is not sent, so give it `#[serde(default)]`.
pub(crate) struct Sent<T, F = T> {
    pub(crate) value: T,
    form: std::marker::PhantomData<fn() -> F>,
}

impl<S, T, F> FromRequest<S> for Sent<T, F>
where
    S: Send + Sync,
    T: DeserializeOwned + TryFrom<F>,
    T::Error: Into<Refusal>,
    F: DeserializeOwned,
{
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Sent<T, F>, Refusal> {
        let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let kind = kind.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_owned();
        let body = Bytes::from_request(request, state).await.map_err(|_| Refusal::too_large())?;
        let value = match kind.as_str() {
            "application/json" => {
                serde_json::from_slice(&body).map_err(|error| Refusal::unreadable(&error))?
            }
            "application/x-www-form-urlencoded" => {
                let form: F =
                    serde_html_form::from_bytes(&body).map_err(|error| Refusal::unreadable(&error))?;
                T::try_from(form).map_err(Into::into)?
            }
            _ => return Err(wrong_kind()),
        };
        Ok(Sent { value, form: std::marker::PhantomData })
    }
}

impl From<std::convert::Infallible> for Refusal {
    fn from(never: std::convert::Infallible) -> Refusal {
        match never {}
    }
}

fn wrong_kind() -> Refusal {
    Refusal::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "Send JSON with Content-Type application/json, or a form with application/x-www-form-urlencoded.",
    )
}
