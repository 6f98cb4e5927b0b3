//! The bearer tokens of API clients. Only their hashes are kept: they are random and long, so a
//! plain hash is as good as a slow one.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Error, Tables};
use crate::{clock::random_bytes, secret::Secret};

const TOKEN: &str = "token";

/// What is known of a token: whose it is and how long it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApiToken {
    /// The client it was given to.
    pub client: String,
    /// When it ends; `None`: not by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
}

impl ApiToken {
    /// Whether it opens anything at `now`.
    pub fn is_valid(&self, now: Timestamp) -> bool {
        self.expires.is_none_or(|expires| now < expires)
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_holds_until_it_expires() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let token = ApiToken { client: "idp".to_owned(), expires: Some(at(100)) };
        assert!(token.is_valid(at(99)) && !token.is_valid(at(100)));
        assert!(ApiToken { expires: None, ..token }.is_valid(at(1_000_000)));
    }

    #[test]
    fn a_hash_tells_nothing_of_its_token_and_is_its_own() {
        assert_eq!(token_hash("a"), token_hash("a"));
        assert_ne!(token_hash("a"), token_hash("b"));
        assert_eq!(token_hash("a").len(), 43);
    }
}
