//! Who asks, and what their token opens.

use axum::http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{AUTHORIZATION, WWW_AUTHENTICATE},
};
use shared::{
    client::{ClientId, Scope},
    http::{Problem, bearer},
    store::token_hash,
};

use super::{App, answer::trouble};

/// A client that has shown its token.
pub(super) struct Caller {
    pub(super) client: ClientId,
}

impl App {
    /// Lets nobody further without a token that opens `scope`.
    pub(super) async fn admit(&self, headers: &HeaderMap, scope: Scope) -> Result<Caller, Problem> {
        let mut given = headers.get_all(AUTHORIZATION).iter();
        let (Some(value), None) = (given.next(), given.next()) else {
            return Err(refused("Send one bearer token in the Authorization header."));
        };
        let text = value.to_str().ok().and_then(bearer);
        let text = text.ok_or_else(|| refused("Send one bearer token in the Authorization header."))?;
        let (hash, now) = (token_hash(text), self.clock.now());
        let token = self.tables.api_token(&hash).await.map_err(trouble)?;
        let token = token.filter(|token| token.is_valid(now));
        let token =
            token.ok_or_else(|| refused("The token opens nothing, or no longer. Ask for a new one."))?;
        match token.opens(scope, now) {
            true => Ok(Caller { client: token.client }),
            false => Err(Problem::new(
                StatusCode::FORBIDDEN,
                "The token does not open this. Ask for one that may write, to begin or stop an import, or read, to \
                 watch one.",
            )),
        }
    }
}

fn refused(detail: &'static str) -> Problem {
    let challenge = HeaderValue::from_static(r#"Bearer realm="clientele""#);
    Problem::new(StatusCode::UNAUTHORIZED, detail).header(WWW_AUTHENTICATE, challenge)
}
