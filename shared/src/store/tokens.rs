//! The bearer tokens of API clients. Only their hashes are kept: they are random and long, so a
//! plain hash is as good as a slow one. A row a client names its tokens, so that they are found
//! and counted without reading those of others.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::{
    Error, Table, Tables,
    call::held,
    item::{Item, item, number, text, written},
    notes::row_key,
    step::{Change, Condition, Refusal, Step},
};
use crate::{
    client::{ApiToken, ClientId},
    clock::random_bytes,
    secret::Secret,
};

const TOKEN: &str = "token";
const TOKENS_OF: &str = "client-tokens";

/// Two, so that a new one can be brought into use before the old one ends.
const MOST_TOKENS: usize = 2;

/// How often a token is made anew when others change the client's tokens at the same time.
const MOST_ATTEMPTS: u32 = 4;

/// How long a token's last use may be out of date.
const TOUCHED_EVERY: SignedDuration = SignedDuration::from_hours(1);

#[derive(Default, Deserialize)]
struct TokensOf {
    #[serde(default)]
    hashes: BTreeSet<String>,
}

/// The form in which a token is kept: the SHA-256 of its text, base64url without padding.
pub fn token_hash(token: &str) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, token.as_bytes());
    BASE64_URL_SAFE_NO_PAD.encode(digest)
}

fn hashes<'a>(hashes: impl IntoIterator<Item = &'a String>) -> Item {
    item([(":hashes", AttributeValue::Ss(hashes.into_iter().cloned().collect()))])
}

impl Tables {
    /// Makes a token for a client and gives its text, which is not to be had again: `clt_` and
    /// 256 random bits, base64url.
    ///
    /// # Errors
    /// [`Error::TooManyTokens`] when the client has two that have not expired.
    pub async fn create_api_token(&self, token: &ApiToken) -> Result<Secret, Error> {
        let secret = Secret::new(format!("clt_{}", BASE64_URL_SAFE_NO_PAD.encode(random_bytes::<32>())));
        let hash = token_hash(secret.expose());
        for _ in 0..MOST_ATTEMPTS {
            self.make_room(&token.client).await?;
            let steps = vec![self.name_token_step(&token.client, &hash)?, self.token_step(&hash, token)?];
            match self.transact(steps).await {
                Err(Error::Moved) => {}
                made => return made.map(|()| secret),
            }
        }
        Err(Error::Moved)
    }

    /// Strikes out those tokens of a client that have expired or were revoked.
    async fn make_room(&self, client: &ClientId) -> Result<(), Error> {
        let named = self.hashes_of(client).await?;
        let mut known: BTreeMap<String, ApiToken> = self.recall_each(TOKEN, &named).await?;
        known.retain(|_, token| token.is_valid(self.clock.now()));
        if known.len() >= MOST_TOKENS {
            return Err(Error::TooManyTokens);
        }
        let over: Vec<_> = named.iter().filter(|hash| !known.contains_key(*hash)).collect();
        if over.is_empty() {
            return Ok(());
        }
        let update = self
            .client
            .update_item()
            .set_key(Some(row_key(TOKENS_OF, client.as_str())))
            .update_expression("DELETE hashes :hashes")
            .set_expression_attribute_values(Some(hashes(over)));
        self.update(Table::Settings, update).await.map(drop)
    }

    async fn hashes_of(&self, client: &ClientId) -> Result<BTreeSet<String>, Error> {
        let row: Option<TokensOf> = self.recall(TOKENS_OF, client.as_str()).await?;
        Ok(row.unwrap_or_default().hashes)
    }

    fn name_token_step(&self, client: &ClientId, hash: &String) -> Result<Step, Error> {
        let mut values = hashes([hash]);
        values.insert(":most".to_owned(), number(MOST_TOKENS));
        self.change_step(Change {
            table: Table::Settings,
            key: row_key(TOKENS_OF, client.as_str()),
            expression: "ADD hashes :hashes",
            condition: Some("attribute_not_exists(hashes) OR size(hashes) < :most"),
            names: HashMap::new(),
            values,
        })
    }

    fn token_step(&self, hash: &str, token: &ApiToken) -> Result<Step, Error> {
        let mut row: Item = written(token)?.into_iter().chain(row_key(TOKEN, hash)).collect();
        if let Some(expires) = token.expires {
            row.insert("expiresAt".to_owned(), number(expires.as_second()));
        }
        self.put_step(Table::Settings, row, None, Refusal::Moved)
    }

    /// What is known of the token with this hash.
    pub async fn api_token(&self, hash: &str) -> Result<Option<ApiToken>, Error> {
        self.recall(TOKEN, hash).await
    }

    /// The tokens of a client by their hashes, those that have expired a short while ago too.
    pub async fn tokens_of(&self, client: &ClientId) -> Result<BTreeMap<String, ApiToken>, Error> {
        self.recall_each(TOKEN, &self.hashes_of(client).await?).await
    }

    /// Ends a token at once; `false` when there is none with this hash.
    pub async fn revoke_api_token(&self, hash: &str) -> Result<bool, Error> {
        let Some(token) = self.api_token(hash).await? else { return Ok(false) };
        let hash = hash.to_owned();
        let gone = self.delete_step(
            Table::Settings,
            row_key(TOKEN, &hash),
            &Condition::Present("kind"),
            Refusal::Moved,
        )?;
        let struck = self.update_step(
            Table::Settings,
            row_key(TOKENS_OF, token.client.as_str()),
            "DELETE hashes :hashes",
            HashMap::new(),
            hashes([&hash]),
        )?;
        held(self.transact(vec![gone, struck]).await.map(|()| None))
    }

    /// Notes that the token with this hash, read as `token`, is used: at most once an hour.
    pub async fn touch_api_token(&self, hash: &str, token: &ApiToken, now: Timestamp) -> Result<(), Error> {
        if token.last_used.is_some_and(|last| now.duration_since(last) < TOUCHED_EVERY) {
            return Ok(());
        }
        let update = self
            .client
            .update_item()
            .set_key(Some(row_key(TOKEN, hash)))
            .update_expression("SET lastUsed = :now")
            // What was revoked meanwhile is not to be made again.
            .condition_expression("attribute_exists(kind)")
            .expression_attribute_values(":now", text(now.to_string()));
        held(self.update(Table::Settings, update).await).map(drop)
    }
}
