//! Amendments: written together with what they tell of, read newest first.

use serde::Serialize;

use super::{
    Error, Table, Tables,
    call::held,
    item::{Item, instant, key_of, read, text, written},
    notes::row_key,
    step::{Refusal, Step},
};
use crate::amendment::Amendment;

const AMENDMENT: &str = "amendment";
const LARGEST_PAGE: i32 = 100;

/// Some of the amendments, newest first.
#[derive(Clone, Debug, PartialEq)]
pub struct AmendmentPage {
    /// The amendments.
    pub amendments: Vec<Amendment>,
    /// The key after which the next page begins; `None`: there is no more.
    pub next: Option<String>,
}

impl Tables {
    /// Keeps an amendment whose change is written by itself.
    pub async fn amend(&self, amendment: &Amendment) -> Result<(), Error> {
        let put = self.client.put_item().set_item(Some(row(amendment)?));
        let put = put.condition_expression("attribute_not_exists(kind)");
        held(self.put(Table::Settings, put).await.map(|()| None)).map(drop)
    }

    /// Writes a row of the settings and the amendment that tells of it, or neither.
    pub(super) async fn amend_with(&self, row: Item, amendment: &Amendment) -> Result<(), Error> {
        let change = self.put_step(Table::Settings, row, None, Refusal::Moved)?;
        self.transact(vec![change, self.amendment_step(amendment)?]).await
    }

    /// As [`Tables::remember`], with the amendment that tells of it.
    pub(super) async fn remember_with<T: Serialize>(
        &self,
        kind: &str,
        id: &str,
        note: &T,
        amendment: &Amendment,
    ) -> Result<(), Error> {
        self.amend_with(written(note)?.into_iter().chain(row_key(kind, id)).collect(), amendment).await
    }

    /// As [`Tables::forget`], with the amendment that tells of it.
    pub(super) async fn forget_with(&self, kind: &str, id: &str, amendment: &Amendment) -> Result<(), Error> {
        let gone = self.delete_any_step(Table::Settings, row_key(kind, id))?;
        self.transact(vec![gone, self.amendment_step(amendment)?]).await
    }

    pub(super) fn amendment_step(&self, amendment: &Amendment) -> Result<Step, Error> {
        self.put_step(Table::Settings, row(amendment)?, None, Refusal::Moved)
    }

    /// A page of the amendments, newest first, from the key after `after`.
    pub async fn amendments(&self, after: Option<&str>, limit: u16) -> Result<AmendmentPage, Error> {
        let query = self
            .query_of(Table::Settings)
            .key_condition_expression("kind = :kind")
            .expression_attribute_values(":kind", text(AMENDMENT))
            .scan_index_forward(false)
            .set_exclusive_start_key(after.map(|after| row_key(AMENDMENT, after)))
            .limit(i32::from(limit).clamp(1, LARGEST_PAGE));
        let slice = self.query(query).await?;
        let next = slice.last.map(|last| key_of(&last, "id")).transpose()?;
        let amendments = slice.items.into_iter().map(amendment).collect::<Result<_, _>>()?;
        Ok(AmendmentPage { amendments, next })
    }
}

#[derive(Serialize, serde::Deserialize)]
struct Row {
    amendment: Amendment,
}

fn row(amendment: &Amendment) -> Result<Item, Error> {
    let key = row_key(AMENDMENT, &format!("{}#{}", instant(amendment.at), amendment.id));
    Ok(written(&Row { amendment: amendment.clone() })?.into_iter().chain(key).collect())
}

fn amendment(row: Item) -> Result<Amendment, Error> {
    Ok(read::<Row>(row)?.amendment)
}
