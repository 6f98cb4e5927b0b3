//! Many rows at once, by their keys: chunk by chunk, and again what DynamoDB left out.

use aws_sdk_dynamodb::types::{KeysAndAttributes, PutRequest, WriteRequest};

use super::{Error, Table, Tables, item::Item};

/// How many keys one BatchGetItem takes.
const KEYS_A_READ: usize = 100;

/// How many items one BatchWriteItem takes.
const ITEMS_A_WRITE: usize = 25;

/// How old what is read may be.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Age {
    /// As last written.
    LastWritten,
    /// As last written, or a moment before.
    Lately,
}

impl Tables {
    /// The rows of these keys, consistently read, in no order; absent ones are left out. No key
    /// may come twice.
    pub(super) async fn batch_get(&self, table: Table, keys: Vec<Item>) -> Result<Vec<Item>, Error> {
        self.batch_get_of(table, keys, Age::LastWritten).await
    }

    /// The rows of these keys as last written or as a moment before, at half the cost.
    pub(super) async fn batch_get_lately(&self, table: Table, keys: Vec<Item>) -> Result<Vec<Item>, Error> {
        self.batch_get_of(table, keys, Age::Lately).await
    }

    async fn batch_get_of(&self, table: Table, keys: Vec<Item>, age: Age) -> Result<Vec<Item>, Error> {
        let mut found = Vec::with_capacity(keys.len());
        for chunk in keys.chunks(KEYS_A_READ) {
            let (mut left, mut attempt) = (chunk.to_vec(), 1);
            while !left.is_empty() {
                let asked = left.len();
                let items;
                (items, left) = self.batch_get_once(table, left, age).await?;
                found.extend(items);
                attempt = self.go_on(attempt, asked, left.len()).await?;
            }
        }
        Ok(found)
    }

    async fn batch_get_once(
        &self,
        table: Table,
        keys: Vec<Item>,
        age: Age,
    ) -> Result<(Vec<Item>, Vec<Item>), Error> {
        let name = self.name(table);
        let consistent = age == Age::LastWritten;
        let keys = KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(consistent).build();
        let get = self.client.batch_get_item().request_items(name, keys.map_err(Error::rejected)?);
        let answer = get.set_return_consumed_capacity(self.meter.asked()).send().await;
        let answer = answer.map_err(Error::from_sdk)?;
        self.meter.read(&self.names, answer.consumed_capacity());
        let items = answer.responses.unwrap_or_default().remove(name).unwrap_or_default();
        let left = answer.unprocessed_keys.unwrap_or_default().remove(name);
        Ok((items, left.map(|left| left.keys).unwrap_or_default()))
    }

    /// Writes items, without condition. No key may come twice.
    pub(super) async fn batch_put(&self, table: Table, items: Vec<Item>) -> Result<(), Error> {
        let writes: Vec<_> = items.into_iter().map(put_request).collect::<Result<_, _>>()?;
        for chunk in writes.chunks(ITEMS_A_WRITE) {
            let (mut left, mut attempt) = (chunk.to_vec(), 1);
            while !left.is_empty() {
                let asked = left.len();
                left = self.batch_put_once(table, left).await?;
                attempt = self.go_on(attempt, asked, left.len()).await?;
            }
        }
        Ok(())
    }

    async fn batch_put_once(
        &self,
        table: Table,
        writes: Vec<WriteRequest>,
    ) -> Result<Vec<WriteRequest>, Error> {
        let name = self.name(table);
        let put = self.client.batch_write_item().request_items(name, writes);
        let answer = put.set_return_consumed_capacity(self.meter.asked()).send().await;
        let answer = answer.map_err(Error::from_sdk)?;
        self.meter.wrote(&self.names, answer.consumed_capacity());
        Ok(answer.unprocessed_items.unwrap_or_default().remove(name).unwrap_or_default())
    }

    /// The number of the next attempt at what was left out of `asked`. A read may be cut by its
    /// size: while some of it is answered, that is no failed attempt.
    async fn go_on(&self, attempt: u32, asked: usize, left: usize) -> Result<u32, Error> {
        match left {
            0 => Ok(attempt),
            left if left < asked => Ok(1),
            _ if attempt >= self.attempts => Err(Error::Throttled),
            _ => {
                self.back_off(attempt).await;
                Ok(attempt + 1)
            }
        }
    }
}

fn put_request(item: Item) -> Result<WriteRequest, Error> {
    let put = PutRequest::builder().set_item(Some(item)).build().map_err(Error::rejected)?;
    Ok(WriteRequest::builder().put_request(put).build())
}
