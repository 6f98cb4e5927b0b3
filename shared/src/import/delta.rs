//! Where an incremental run stands: first the customers that changed, then those whose attribute
//! values did. The store tells times to the second, and whether a filter takes the very second is
//! not documented: so each run looks back a while, and what it sees again plans to nothing.

use std::{collections::BTreeSet, time::Duration};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::bigcommerce::{Cursor, CustomerId};

/// How far a run looks back beyond the watermark.
const OVERLAP: Duration = Duration::from_secs(120);

/// Where an incremental run stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Delta {
    /// Changes before are not looked for.
    pub since: Timestamp,
    /// What it goes over.
    pub stage: Stage,
    /// The page to go on after; none: the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<Cursor>,
    /// How many customers were seen.
    #[serde(default)]
    pub seen: u64,
    /// How many changed, as far as the store says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
}

/// What an incremental run goes over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Stage {
    /// Customers whose own fields changed.
    Customers,
    /// Attribute values that changed.
    Attributes,
    /// There is no more.
    Over,
}

impl Delta {
    /// What changed since `watermark`, and a little before.
    pub fn since(watermark: Timestamp) -> Delta {
        let since = watermark.checked_sub(OVERLAP).unwrap_or(Timestamp::MIN);
        Delta { since, stage: Stage::Customers, cursor: None, seen: 0, total: None }
    }

    /// After a page: the next one of the stage, or the next stage. Attribute values are passed over
    /// where none is mapped.
    pub fn after(&self, next: Option<Cursor>, seen: u64, attributes: AttributesMapped) -> Delta {
        let stage = match (&next, self.stage, attributes) {
            (Some(_), stage, _) => stage,
            (None, Stage::Customers, AttributesMapped(true)) => Stage::Attributes,
            (None, ..) => Stage::Over,
        };
        Delta { stage, cursor: next, seen: self.seen + seen, ..self.clone() }
    }
}

/// Whether the mapping has any attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttributesMapped(pub bool);

/// Customers, each once.
pub fn each_once(customers: impl IntoIterator<Item = Option<CustomerId>>) -> Vec<CustomerId> {
    customers.into_iter().flatten().collect::<BTreeSet<_>>().into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cursor() -> Option<Cursor> {
        Some(Cursor::by_number(2))
    }

    #[test]
    fn a_run_looks_back_beyond_the_watermark() {
        let delta = Delta::since(Timestamp::from_second(1_000).unwrap());
        assert_eq!(delta.since, Timestamp::from_second(880).unwrap());
    }

    #[test]
    fn customers_come_first_and_attribute_values_only_where_they_are_mapped() {
        let begin = Delta::since(Timestamp::UNIX_EPOCH);
        let more = begin.after(cursor(), 250, AttributesMapped(true));
        assert_eq!((more.stage, more.seen), (Stage::Customers, 250));
        let values = more.after(None, 3, AttributesMapped(true));
        assert_eq!((values.stage, values.cursor.clone(), values.seen), (Stage::Attributes, None, 253));
        assert_eq!(values.after(None, 0, AttributesMapped(true)).stage, Stage::Over);
        assert_eq!(begin.after(None, 0, AttributesMapped(false)).stage, Stage::Over);
    }
}
