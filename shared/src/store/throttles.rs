//! How often something may be asked for: by an address, by a client.

use aws_sdk_dynamodb::types::ReturnValue;
use jiff::{SignedDuration, Timestamp};

use super::{
    Error, Table, Tables,
    call::held,
    item::{aliases, item, number},
    notes::row_key,
    tokens::token_hash,
};

const THROTTLE: &str = "throttle";

/// How long after it was of use a row is kept at least.
const KEPT: i64 = 3600;

impl Tables {
    /// Whether `who` may do `what` now: the first time, and then once in `every`. Who is asked about
    /// is kept as a hash only.
    pub async fn once_in(
        &self,
        what: &str,
        who: &str,
        now: Timestamp,
        every: SignedDuration,
    ) -> Result<bool, Error> {
        let until = now.checked_add(every).map_err(Error::rejected)?;
        let update = self
            .client
            .update_item()
            .set_key(Some(row_key(THROTTLE, &token_hash(&format!("{what}#{who}")))))
            .update_expression("SET heldUntil = :until, expiresAt = :expires")
            .condition_expression("attribute_not_exists(heldUntil) OR heldUntil <= :now")
            .set_expression_attribute_values(Some(item([
                (":until", number(until.as_millisecond())),
                (":now", number(now.as_millisecond())),
                (":expires", number(until.as_second() + KEPT)),
            ])));
        held(self.update(Table::Settings, update).await)
    }

    /// Counts that `who` does `what` now: whether it is at most the `most`-th time in the span of
    /// `every` that `now` falls in; else how long that still lasts.
    pub async fn at_most(
        &self,
        what: &str,
        who: &str,
        most: u32,
        now: Timestamp,
        every: SignedDuration,
    ) -> Result<Result<(), SignedDuration>, Error> {
        let (length, second) = (every.as_secs().max(1), now.as_second());
        let end = (second.div_euclid(length) + 1) * length;
        let update = self
            .client
            .update_item()
            .set_key(Some(row_key(THROTTLE, &token_hash(&format!("{what}#{who}#{end}")))))
            .update_expression("SET expiresAt = :expires ADD #count :one")
            .set_expression_attribute_names(Some(aliases(&["count"])))
            .set_expression_attribute_values(Some(item([
                (":expires", number(end + KEPT)),
                (":one", number(1)),
            ])))
            .return_values(ReturnValue::UpdatedNew);
        let row = self.update(Table::Settings, update).await?.unwrap_or_default();
        let count = row.get("count").and_then(|count| count.as_n().ok()?.parse::<u32>().ok());
        let count = count.ok_or_else(|| Error::unreadable("a count without a number"))?;
        Ok(if count <= most { Ok(()) } else { Err(SignedDuration::from_secs(end - second)) })
    }
}
