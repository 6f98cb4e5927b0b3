//! How many deletions there were in an hour: what the brake goes by.

use aws_sdk_dynamodb::types::ReturnValue;
use jiff::{SignedDuration, Timestamp};

use super::{
    Error, Table, Tables,
    item::{aliases, item, number},
    notes::row_key,
};
use crate::application::ApplicationId;

const TALLY: &str = "deletions";

/// How long a tally is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(48);

impl Tables {
    /// Adds `n` deletions of an application, one `way`, to those of the hour of `at`, and gives how
    /// many they are by now; with 0, just that. Those who ask at once are given different numbers.
    pub async fn tally_deletions(
        &self,
        application: &ApplicationId,
        way: &str,
        at: Timestamp,
        n: u64,
    ) -> Result<u64, Error> {
        let hour = at.as_second().div_euclid(3600);
        let expires = at.checked_add(KEPT).map_err(Error::rejected)?;
        let update = self
            .client
            .update_item()
            .set_key(Some(row_key(TALLY, &format!("{application}#{way}#{hour}"))))
            .update_expression("SET expiresAt = :expires ADD #count :n")
            .set_expression_attribute_names(Some(aliases(&["count"])))
            .set_expression_attribute_values(Some(item([
                (":expires", number(expires.as_second())),
                (":n", number(n)),
            ])))
            .return_values(ReturnValue::UpdatedNew);
        let row = self.update(Table::Settings, update).await?.unwrap_or_default();
        let count = row.get("count").and_then(|count| count.as_n().ok()?.parse().ok());
        count.ok_or_else(|| Error::unreadable("a tally without a number"))
    }
}
