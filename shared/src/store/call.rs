//! How one call is sent: its capacity counted, its failure made an [`Error`].

use std::time::Duration;

use aws_sdk_dynamodb::operation::{
    delete_item::builders::DeleteItemFluentBuilder, get_item::builders::GetItemFluentBuilder,
    put_item::builders::PutItemFluentBuilder, query::builders::QueryFluentBuilder,
    scan::builders::ScanFluentBuilder, update_item::builders::UpdateItemFluentBuilder,
};

use super::{Error, Table, Tables, item::Item};
use crate::clock::jittered;

/// What one Query or Scan read.
pub(super) struct Slice {
    pub(super) items: Vec<Item>,
    /// Where the next one goes on; `None`: there is no more.
    pub(super) last: Option<Item>,
}

impl Tables {
    /// The row as last written.
    pub(super) async fn get(&self, table: Table, key: Item) -> Result<Option<Item>, Error> {
        self.get_by(self.client.get_item().set_key(Some(key)).consistent_read(true), table).await
    }

    /// The row as last written or as a moment before, at half the cost. A row that is not there is
    /// looked for again: it may have been written just now.
    pub(super) async fn get_lately(&self, table: Table, key: Item) -> Result<Option<Item>, Error> {
        match self.get_by(self.client.get_item().set_key(Some(key.clone())), table).await? {
            None => self.get(table, key).await,
            found => Ok(found),
        }
    }

    async fn get_by(&self, get: GetItemFluentBuilder, table: Table) -> Result<Option<Item>, Error> {
        let get = get.table_name(self.name(table));
        let answer = get.set_return_consumed_capacity(self.meter.asked()).send().await;
        let answer = answer.map_err(Error::from_sdk)?;
        self.meter.read(&self.names, answer.consumed_capacity());
        Ok(answer.item)
    }

    pub(super) fn query_of(&self, table: Table) -> QueryFluentBuilder {
        self.client.query().table_name(self.name(table))
    }

    pub(super) async fn query(&self, query: QueryFluentBuilder) -> Result<Slice, Error> {
        let answer = query.set_return_consumed_capacity(self.meter.asked()).send().await;
        let answer = answer.map_err(Error::from_sdk)?;
        self.meter.read(&self.names, answer.consumed_capacity());
        Ok(Slice { items: answer.items.unwrap_or_default(), last: answer.last_evaluated_key })
    }

    /// Everything that `query` finds, however many pages it takes: for what is known to be little.
    pub(super) async fn query_all(&self, query: QueryFluentBuilder) -> Result<Vec<Item>, Error> {
        let mut found = Vec::new();
        let mut next = query.clone();
        loop {
            let slice = self.query(next).await?;
            found.extend(slice.items);
            match slice.last {
                Some(last) => next = query.clone().set_exclusive_start_key(Some(last)),
                None => return Ok(found),
            }
        }
    }

    pub(super) async fn scan(&self, scan: ScanFluentBuilder) -> Result<Slice, Error> {
        let answer = scan.set_return_consumed_capacity(self.meter.asked()).send().await;
        let answer = answer.map_err(Error::from_sdk)?;
        self.meter.read(&self.names, answer.consumed_capacity());
        Ok(Slice { items: answer.items.unwrap_or_default(), last: answer.last_evaluated_key })
    }

    pub(super) async fn put(&self, table: Table, put: PutItemFluentBuilder) -> Result<(), Error> {
        let put = put.table_name(self.name(table)).set_return_consumed_capacity(self.meter.asked());
        let answer = put.send().await.map_err(|error| self.refused(table, Error::from_sdk(error)))?;
        self.meter.wrote(&self.names, answer.consumed_capacity());
        Ok(())
    }

    /// Gives the attributes that `update` asks for by its return values.
    pub(super) async fn update(
        &self,
        table: Table,
        update: UpdateItemFluentBuilder,
    ) -> Result<Option<Item>, Error> {
        let update = update.table_name(self.name(table)).set_return_consumed_capacity(self.meter.asked());
        let answer = update.send().await.map_err(|error| self.refused(table, Error::from_sdk(error)))?;
        self.meter.wrote(&self.names, answer.consumed_capacity());
        Ok(answer.attributes)
    }

    /// Gives the attributes that `delete` asks for by its return values.
    pub(super) async fn delete(
        &self,
        table: Table,
        delete: DeleteItemFluentBuilder,
    ) -> Result<Option<Item>, Error> {
        let delete = delete.table_name(self.name(table)).set_return_consumed_capacity(self.meter.asked());
        let answer = delete.send().await.map_err(|error| self.refused(table, Error::from_sdk(error)))?;
        self.meter.wrote(&self.names, answer.consumed_capacity());
        Ok(answer.attributes)
    }

    fn refused(&self, table: Table, error: Error) -> Error {
        if matches!(error, Error::Moved) {
            self.meter.refused(table);
        }
        error
    }

    /// Waits before the next of several attempts: 50 ms after the first, then twice as long each.
    pub(super) async fn back_off(&self, attempt: u32) {
        self.clock.sleep(jittered(Duration::from_millis(50) * (1 << attempt.saturating_sub(1).min(6)))).await;
    }
}

/// `true` when the row was written, `false` when its condition did not hold.
pub(super) fn held(written: Result<Option<Item>, Error>) -> Result<bool, Error> {
    match written {
        Ok(_) => Ok(true),
        Err(Error::Moved) => Ok(false),
        Err(error) => Err(error),
    }
}
