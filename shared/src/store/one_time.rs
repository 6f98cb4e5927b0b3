//! One-time links. A link is two rows: what it is, by its hash, which never changes; and its
//! subject's, which tells which link is the newest and what became of it. So a newer link voids
//! all older ones, and a link is used once, each by one conditional write of one row.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::{
    Error, Table, Tables,
    call::held,
    item::{Item, aliases, item, number, read, text, written},
    notes::row_key,
    tokens::token_hash,
};
use crate::{
    clock::random_id,
    one_time::{OneTimeLink, Purpose, Standing, Token, TokenHash},
};

const LINK: &str = "one-time-link";
const NEWEST: &str = "newest-one-time-link";

/// How long after its end a link is still told from one that never was.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(30 * 24);

/// The row of a subject.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Newest {
    hash: String,
    used_at: Option<Timestamp>,
}

/// The right of one caller to use a link, for a while.
#[derive(Debug)]
pub struct Hold {
    /// What the link is.
    pub link: OneTimeLink,
    hash: TokenHash,
    holder: String,
}

impl Tables {
    /// Makes a link and gives its token, which is not to be had again. It takes the place of the
    /// links of its subject: those to activate and to reset are one kind.
    pub async fn issue(&self, link: &OneTimeLink) -> Result<Token, Error> {
        let token = Token::random();
        let hash = token.hash();
        let dropped = link.expires_at.checked_add(REMEMBERED).unwrap_or(Timestamp::MAX).as_second();
        let mut row: Item = written(link)?.into_iter().chain(row_key(LINK, hash.as_str())).collect();
        row.insert("expiresAt".to_owned(), number(dropped));
        // Who dies between the two has made a link that is nobody's newest, and so is void.
        self.put(Table::Settings, self.client.put_item().set_item(Some(row))).await?;
        let update = self
            .client
            .update_item()
            .set_key(Some(newest_of(link.purpose, &link.subject)))
            .update_expression("SET #hash = :hash, expiresAt = :dropped REMOVE usedAt, holder, heldUntil")
            .set_expression_attribute_names(Some(aliases(&["hash"])))
            .expression_attribute_values(":hash", text(hash.as_str()))
            .expression_attribute_values(":dropped", number(dropped));
        self.update(Table::Settings, update).await?;
        Ok(token)
    }

    /// The link with this hash, with what became of it; `None`: there is none.
    pub async fn one_time_link(&self, hash: &TokenHash) -> Result<Option<OneTimeLink>, Error> {
        let Some(row) = self.get(Table::Settings, row_key(LINK, hash.as_str())).await? else {
            return Ok(None);
        };
        let link: OneTimeLink = read(row)?;
        let newest = self.get(Table::Settings, newest_of(link.purpose, &link.subject)).await?;
        let newest: Option<Newest> = newest.map(read).transpose()?;
        let newest = newest.filter(|newest| newest.hash == hash.as_str());
        let superseded = newest.is_none();
        Ok(Some(OneTimeLink { used_at: newest.and_then(|newest| newest.used_at), superseded, ..link }))
    }

    /// Uses the link up, once: gives it to exactly one of those who ask. `None`: it is not, or no
    /// longer, to be used.
    pub async fn redeem(&self, hash: &TokenHash, now: Timestamp) -> Result<Option<OneTimeLink>, Error> {
        let used = self.take(hash, now, "SET holder = :holder, usedAt = :value", text(now.to_string()));
        Ok(used.await?.map(|hold| hold.link))
    }

    /// Takes the link for one caller, who either uses it up or gives it back; who does neither has
    /// lost it after `lease`. `None`: it cannot be used, or somebody is using it.
    pub async fn hold(
        &self,
        hash: &TokenHash,
        now: Timestamp,
        lease: SignedDuration,
    ) -> Result<Option<Hold>, Error> {
        let until = now.checked_add(lease).map_err(Error::rejected)?;
        let change = "SET holder = :holder, heldUntil = :value";
        self.take(hash, now, change, number(until.as_millisecond())).await
    }

    /// Uses up a link that is held; `false` when it is not any more.
    pub async fn use_up(&self, hold: &Hold, now: Timestamp) -> Result<bool, Error> {
        let values = item([(":now", text(now.to_string()))]);
        // The holder stays: the same write sent again, its answer lost, finds what it has done.
        self.end(hold, "SET usedAt = :now REMOVE heldUntil", "", values).await
    }

    /// Gives back a link that is held, so that it can be used at once.
    pub async fn give_back(&self, hold: &Hold) -> Result<(), Error> {
        let unused = " AND attribute_not_exists(usedAt)";
        self.end(hold, "REMOVE holder, heldUntil", unused, Item::new()).await.map(drop)
    }

    async fn take(
        &self,
        hash: &TokenHash,
        now: Timestamp,
        change: &str,
        value: AttributeValue,
    ) -> Result<Option<Hold>, Error> {
        let link = self.one_time_link(hash).await?;
        let Some(link) = link.filter(|link| link.standing(now) == Standing::Open) else {
            return Ok(None);
        };
        let hold = Hold { link, hash: hash.clone(), holder: random_id() };
        let values = item([(":value", value), (":now", number(now.as_millisecond()))]);
        let is_free = "#hash = :hash AND (holder = :holder OR attribute_not_exists(usedAt) \
             AND (attribute_not_exists(heldUntil) OR heldUntil <= :now))";
        Ok(self.change_newest(&hold, change, is_free, values).await?.then_some(hold))
    }

    async fn end(&self, hold: &Hold, change: &str, further: &str, values: Item) -> Result<bool, Error> {
        let is_held = format!("#hash = :hash AND holder = :holder{further}");
        self.change_newest(hold, change, &is_held, values).await
    }

    async fn change_newest(
        &self,
        hold: &Hold,
        change: &str,
        condition: &str,
        values: Item,
    ) -> Result<bool, Error> {
        let update = self
            .client
            .update_item()
            .set_key(Some(newest_of(hold.link.purpose, &hold.link.subject)))
            .update_expression(change)
            .condition_expression(condition)
            .set_expression_attribute_names(Some(aliases(&["hash"])))
            .set_expression_attribute_values(Some(values))
            .expression_attribute_values(":hash", text(hold.hash.as_str()))
            .expression_attribute_values(":holder", text(&hold.holder));
        held(self.update(Table::Settings, update).await)
    }
}

/// The key of a subject's row. Hashed: an address may be longer than a key.
fn newest_of(purpose: Purpose, subject: &str) -> Item {
    row_key(NEWEST, &token_hash(&format!("{}#{subject}", purpose.class())))
}
