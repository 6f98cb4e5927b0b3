//! What functions remember between calls: how far a walk is, when a store was last watched.

use serde::{Serialize, de::DeserializeOwned};

use super::{
    Error, Table, Tables,
    item::{Item, item, read, text, written},
};

fn row_key(kind: &str, id: &str) -> Item {
    item([("kind", text(kind)), ("id", text(id))])
}

impl Tables {
    /// Remembers `note` about `id`, in place of what was remembered before. A note is a map and
    /// has no fields `kind` and `id`.
    pub async fn remember<T: Serialize>(&self, kind: &str, id: &str, note: &T) -> Result<(), Error> {
        let row = written(note)?.into_iter().chain(row_key(kind, id)).collect();
        self.put(Table::Settings, self.client.put_item().set_item(Some(row))).await
    }

    /// What is remembered about `id`.
    pub async fn recall<T: DeserializeOwned>(&self, kind: &str, id: &str) -> Result<Option<T>, Error> {
        self.get(Table::Settings, row_key(kind, id)).await?.map(read).transpose()
    }
}
