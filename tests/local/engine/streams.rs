//! The streams of the engine's tables.

use std::collections::BTreeMap;

use dynoxide::Database;
use serde::Serialize;
use serde_json::{Value, json};
use shared::clock::Clock;

use super::{Engine, Error, describe, refused, request, value};
use crate::template::Template;

impl Engine {
    /// At most `limit` records (up to 1000) of a table's stream after the one with the sequence
    /// number `after`, or from the oldest one; each as a function receives it.
    ///
    /// # Errors
    /// When the table has no stream or the sequence number is none of its own.
    pub fn records(&self, table: &str, after: Option<&str>, limit: usize) -> Result<Vec<Value>, Error> {
        const WHAT: &str = "read a stream";
        let stream = self.streams.get(table).map_or("", String::as_str);
        let position = match after {
            Some(number) => {
                json!({ "ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": number })
            }
            None => json!({ "ShardIteratorType": "TRIM_HORIZON" }),
        };
        let mut asked = json!({ "StreamArn": stream, "ShardId": dynoxide::streams::shard_id(table) });
        merge(&mut asked, position);
        let iterator = self.database.get_shard_iterator(request(WHAT, asked)?).map_err(refused(WHAT))?;
        let asked = json!({ "ShardIterator": iterator.shard_iterator, "Limit": limit });
        let found = self.database.get_records(request(WHAT, asked)?).map_err(refused(WHAT))?;
        found.records.iter().map(|record| as_delivered(record, stream)).collect()
    }

    /// Forgets the records of a table's stream up to the sequence number `up_to`. They would
    /// otherwise stay for ever and slow every write down; DynamoDB forgets them after a day.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn forget_records(&self, table: &str, up_to: &str) -> Result<(), Error> {
        match &self.upkeep {
            Some(upkeep) => upkeep.forget(table, up_to).map_err(Error::Upkeep),
            None => Ok(()),
        }
    }

    /// Forgets the records of all streams that are older than a day, as DynamoDB does.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn forget_old_records(&self, clock: &Clock) -> Result<(), Error> {
        match &self.upkeep {
            Some(upkeep) => upkeep.forget_older_than_a_day(clock.now()).map_err(Error::Upkeep),
            None => Ok(()),
        }
    }
}

/// The streams' names by their tables' names.
pub(super) fn of(database: &Database, template: &Template) -> Result<BTreeMap<String, String>, Error> {
    let tables = template.tables.iter().filter(|table| table.streams);
    tables
        .map(|table| {
            let stream = describe(database, &table.name)?.latest_stream_arn.unwrap_or_default();
            Ok((table.name.clone(), stream))
        })
        .collect()
}

fn as_delivered(record: &impl Serialize, stream: &str) -> Result<Value, Error> {
    let mut delivered = value("read a stream", record)?;
    merge(&mut delivered, json!({ "eventSourceARN": stream }));
    Ok(delivered)
}

fn merge(into: &mut Value, more: Value) {
    if let (Some(into), Value::Object(more)) = (into.as_object_mut(), more) {
        into.extend(more);
    }
}
