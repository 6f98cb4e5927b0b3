//! The bearer tokens of API clients. Only their hashes are kept: they are random and long, so a
//! plain hash is as good as a slow one.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

use super::{Error, Tables};
use crate::{client::ApiToken, clock::random_bytes, secret::Secret};

const TOKEN: &str = "token";

/// The form in which a token is kept: the SHA-256 of its text, base64url without padding.
pub fn token_hash(token: &str) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, token.as_bytes());
    BASE64_URL_SAFE_NO_PAD.encode(digest)
}

impl Tables {
    /// Makes a token for a client and gives its text, which is not to be had again: `clt_` and
    /// 256 random bits, base64url.
    pub async fn create_api_token(&self, token: &ApiToken) -> Result<Secret, Error> {
        let text = format!("clt_{}", BASE64_URL_SAFE_NO_PAD.encode(random_bytes::<32>()));
        self.remember(TOKEN, &token_hash(&text), token).await?;
        Ok(Secret::new(text))
    }

    /// What is known of the token with this hash.
    pub async fn api_token(&self, hash: &str) -> Result<Option<ApiToken>, Error> {
        self.recall(TOKEN, hash).await
    }
}
