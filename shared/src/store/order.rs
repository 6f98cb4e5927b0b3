//! Rows in the order of their identifiers: users and groups lie in 16 partitions each, by the
//! first digit.

use super::{
    Error, Table, Tables,
    item::{Item, key_of, text},
};

/// The first digits, in order.
pub(super) const DIGITS: &str = "0123456789abcdef";

/// A row of a kind by its identifier; `None` for what cannot be one.
pub(super) fn ordered_key(kind: &str, id: &str) -> Option<Item> {
    let digit = id.chars().next().filter(|digit| DIGITS.contains(*digit) && id.len() <= 64)?;
    Some(super::item::item([("pk", text(format!("{kind}#{digit}"))), ("sk", text(id))]))
}

impl Tables {
    /// At most `limit` rows of a kind, from the one after `after`; as last written or a moment before.
    pub(super) async fn in_order(&self, kind: &str, after: &str, limit: usize) -> Result<Vec<Item>, Error> {
        let mut rows = Vec::new();
        for digit in DIGITS.chars().filter(|digit| after.chars().next() <= Some(*digit)) {
            if rows.len() >= limit {
                break;
            }
            // A sort key must not be empty, and every identifier is greater than its first digit.
            let after = if after.starts_with(digit) { after.to_owned() } else { digit.to_string() };
            let partition = format!("{kind}#{digit}");
            rows.extend(self.rows_after(&partition, after, limit - rows.len()).await?);
        }
        Ok(rows)
    }

    /// At most `limit` rows of a partition of the users table, from the one after `after`.
    pub(super) async fn rows_after(
        &self,
        partition: &str,
        mut after: String,
        limit: usize,
    ) -> Result<Vec<Item>, Error> {
        let mut rows: Vec<Item> = Vec::new();
        while rows.len() < limit {
            let query = self
                .query_of(Table::Users)
                .key_condition_expression("pk = :pk AND sk > :after")
                .expression_attribute_values(":pk", text(partition))
                .expression_attribute_values(":after", text(after))
                .limit(i32::try_from(limit - rows.len()).unwrap_or(i32::MAX));
            let slice = self.query(query).await?;
            rows.extend(slice.items);
            match slice.last {
                Some(last) => after = key_of(&last, "sk")?,
                None => break,
            }
        }
        Ok(rows)
    }
}
