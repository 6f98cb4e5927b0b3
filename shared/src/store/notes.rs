//! What functions remember between calls: how far a walk is, when a store was last watched.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Serialize, de::DeserializeOwned};

use super::{
    Error, Table, Tables,
    item::{Item, item, key_of, read, text, written},
};

pub(super) fn row_key(kind: &str, id: &str) -> Item {
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

    /// What is remembered about each of `ids`; what there is no note about is left out.
    pub async fn recall_each<T: DeserializeOwned>(
        &self,
        kind: &str,
        ids: &BTreeSet<String>,
    ) -> Result<BTreeMap<String, T>, Error> {
        let rows = self.batch_get(Table::Settings, ids.iter().map(|id| row_key(kind, id)).collect()).await?;
        rows.into_iter().map(|row| Ok((key_of(&row, "id")?, read(row)?))).collect()
    }

    /// What is remembered of a kind of which there are few, in the order of what it is about.
    pub(super) async fn recall_all<T: DeserializeOwned>(&self, kind: &str) -> Result<Vec<T>, Error> {
        let query =
            self.query_of(Table::Settings).key_condition_expression("kind = :kind").consistent_read(true);
        let rows = self.query_all(query.expression_attribute_values(":kind", text(kind))).await?;
        rows.into_iter().map(read).collect()
    }

    /// Forgets what is remembered about `id`.
    pub async fn forget(&self, kind: &str, id: &str) -> Result<(), Error> {
        let delete = self.client.delete_item().set_key(Some(row_key(kind, id)));
        self.delete(Table::Settings, delete).await.map(drop)
    }
}
