//! Changes of many users: those under way apart from those that are over, so that who goes on with
//! them reads no more than there is to do.

use jiff::SignedDuration;

use super::{
    Error, Table, Tables,
    item::{item, number, read, text, written},
    notes::row_key,
    step::{Change, Condition, Refusal},
};
use crate::bulk::Bulk;

const OPEN: &str = "bulk-open";
const OVER: &str = "bulk";

/// For how long it is kept what a change came to.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 30);

impl Tables {
    /// Begins a change of many users.
    ///
    /// # Errors
    /// [`Error::Moved`] when one of this identifier is under way.
    pub async fn begin_bulk(&self, bulk: &Bulk) -> Result<(), Error> {
        let row = written(bulk)?.into_iter().chain(row_key(OPEN, &bulk.id)).collect();
        let put =
            self.client.put_item().set_item(Some(row)).condition_expression("attribute_not_exists(kind)");
        self.put(Table::Settings, put).await
    }

    /// Writes a change that is under way, or is over now, over the revision that was read, which
    /// grows by one; gives whether nobody else wrote it since.
    pub async fn put_bulk(&self, bulk: &mut Bulk) -> Result<bool, Error> {
        let before = bulk.revision;
        bulk.revision += 1;
        let written = match bulk.is_open() {
            true => self.put_open(bulk, before).await,
            false => self.end_bulk(bulk, before).await,
        };
        match written {
            Ok(()) => Ok(true),
            Err(Error::Moved) => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn put_open(&self, bulk: &Bulk, before: u64) -> Result<(), Error> {
        let row = written(bulk)?.into_iter().chain(row_key(OPEN, &bulk.id)).collect();
        let put = self
            .client
            .put_item()
            .set_item(Some(row))
            .condition_expression("revision = :before")
            .expression_attribute_values(":before", number(before));
        self.put(Table::Settings, put).await
    }

    /// Moves it to those that are over.
    async fn end_bulk(&self, bulk: &Bulk, before: u64) -> Result<(), Error> {
        let expires = bulk.begun_at.checked_add(KEPT).map_err(Error::rejected)?;
        let kept = item([("expiresAt", number(expires.as_second()))]);
        let row = written(bulk)?.into_iter().chain(row_key(OVER, &bulk.id)).chain(kept).collect();
        let held = self.change_step(Change {
            table: Table::Settings,
            key: row_key(OPEN, &bulk.id),
            expression: "SET revision = :after",
            condition: Some("revision = :before"),
            names: Default::default(),
            values: item([(":after", number(bulk.revision)), (":before", number(before))]),
        })?;
        let put = self.put_step(Table::Settings, row, Some(Condition::Unset), Refusal::Moved)?;
        self.transact(vec![held, put]).await?;
        self.forget(OPEN, &bulk.id).await
    }

    /// The change of this identifier.
    pub async fn bulk(&self, id: &str) -> Result<Option<Bulk>, Error> {
        match self.recall(OVER, id).await? {
            None => self.recall(OPEN, id).await,
            over => Ok(over),
        }
    }

    /// The changes that are under way.
    pub async fn open_bulks(&self) -> Result<Vec<Bulk>, Error> {
        self.recall_all(OPEN).await
    }

    /// The changes that are over, newest first.
    pub async fn ended_bulks(&self, limit: i32) -> Result<Vec<Bulk>, Error> {
        let query = self
            .query_of(Table::Settings)
            .key_condition_expression("kind = :kind")
            .expression_attribute_values(":kind", text(OVER))
            .scan_index_forward(false)
            .limit(limit.clamp(1, 100));
        self.query(query).await?.items.into_iter().map(read).collect()
    }
}
