//! What the engine leaves undone with a file: it looks through all of a stream's records with
//! every write, without an index, and forgets none of them. A second connection to the file adds
//! the index and forgets the records.

use std::{
    path::Path,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, params};

/// A sequence number is 10^20 and the number that the engine keeps.
const OFFSET: u128 = 100_000_000_000_000_000_000;

pub(super) struct Upkeep(Mutex<Connection>);

impl Upkeep {
    pub(super) fn open(path: &Path) -> rusqlite::Result<Upkeep> {
        let connection = Connection::open(path)?;
        connection.busy_timeout(Duration::from_secs(5))?;
        connection.execute_batch(
            "CREATE INDEX IF NOT EXISTS clientele_stream_order
             ON _stream_records (table_name, CAST(sequence_number AS INTEGER))",
        )?;
        Ok(Upkeep(Mutex::new(connection)))
    }

    pub(super) fn forget(&self, table: &str, up_to: &str) -> rusqlite::Result<()> {
        let kept = up_to.parse::<u128>().ok().and_then(|number| number.checked_sub(OFFSET));
        let Some(kept) = kept.and_then(|number| i64::try_from(number).ok()) else { return Ok(()) };
        self.delete("table_name = ?1 AND CAST(sequence_number AS INTEGER) <= ?2", params![table, kept])
    }

    pub(super) fn forget_older_than_a_day(&self, now: Timestamp) -> rusqlite::Result<()> {
        let yesterday = now.as_second() - SignedDuration::from_hours(24).as_secs();
        self.delete("created_at < ?1", params![yesterday])
    }

    fn delete(&self, condition: &str, values: &[&dyn rusqlite::ToSql]) -> rusqlite::Result<()> {
        let connection = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        connection.execute(&format!("DELETE FROM _stream_records WHERE {condition}"), values)?;
        Ok(())
    }
}
