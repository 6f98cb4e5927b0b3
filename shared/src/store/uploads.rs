//! Files that people send: a record, the parts, and what the rows came to, each for as long as the file is
//! kept. Those with rows to go over are noted apart, so that who looks for them reads no more.

use std::io::{Read, Write};

use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use flate2::{Compression, bufread::DeflateDecoder, write::DeflateEncoder};
use futures_util::{StreamExt, TryStreamExt, future::try_join_all, stream};
use serde::{Deserialize, Serialize};

use super::{
    Error, Table, Tables,
    call::held,
    item::{Item, item, key_of, number, read, text, written},
    notes::row_key,
};
use crate::csv_import::{KEPT, PART, RowTold, Stage, Upload};

const KIND: &str = "csv";
const DUE: &str = "csv-due";

/// How many rows one item tells of: with all their attributes changed and clipped they fit.
const ROWS_AN_ITEM: usize = 25;

/// How many parts are deleted at once.
const TOGETHER: usize = 8;

/// The most files that a list gives.
const MOST_UPLOADS: i32 = 100;

#[derive(Serialize, Deserialize)]
struct Rows {
    rows: Vec<RowTold>,
}

/// Some rows of a file, as they were told.
pub struct RowPage {
    /// In the order of the file.
    pub rows: Vec<RowTold>,
    /// Where the next page begins; `None`: there are no more.
    pub next: Option<String>,
}

fn part_key(upload: &str, part: u32) -> Item {
    row_key(&format!("csv-part#{upload}"), &format!("{part:05}"))
}

/// What a file was checked to come to stands apart from what it came to.
fn rows_kind(upload: &str, applied: bool) -> String {
    format!("csv-{}#{upload}", if applied { "applied" } else { "checked" })
}

impl Tables {
    /// Keeps the record of a file that is to be sent.
    pub async fn begin_upload(&self, upload: &Upload) -> Result<(), Error> {
        let put = self.client.put_item().set_item(Some(self.upload_row(upload)?));
        self.put(Table::Settings, put.condition_expression("attribute_not_exists(kind)")).await
    }

    /// Writes a file's record over the revision that was read, which grows by one; gives whether nobody
    /// else wrote it since.
    pub async fn put_upload(&self, upload: &mut Upload) -> Result<bool, Error> {
        let before = upload.revision;
        upload.revision += 1;
        if upload.stage.is_under_way() {
            let due = row_key(DUE, &upload.id).into_iter().chain(self.upload_expiry(upload)?).collect();
            self.put(Table::Settings, self.client.put_item().set_item(Some(due))).await?;
        }
        let put = self
            .client
            .put_item()
            .set_item(Some(self.upload_row(upload)?))
            .condition_expression("revision = :before")
            .expression_attribute_values(":before", number(before));
        held(self.put(Table::Settings, put).await.map(|()| None))
    }

    fn upload_row(&self, upload: &Upload) -> Result<Item, Error> {
        let row = written(upload)?.into_iter().chain(row_key(KIND, &upload.id));
        Ok(row.chain(self.upload_expiry(upload)?).collect())
    }

    fn upload_expiry(&self, upload: &Upload) -> Result<Item, Error> {
        let expires = upload.begun_at.checked_add(KEPT).map_err(Error::rejected)?;
        Ok(item([("expiresAt", number(expires.as_second()))]))
    }

    /// The file of this identifier.
    pub async fn upload(&self, id: &str) -> Result<Option<Upload>, Error> {
        self.recall(KIND, id).await
    }

    /// The last files, newest first.
    pub async fn uploads(&self, limit: i32) -> Result<Vec<Upload>, Error> {
        let query = self
            .query_of(Table::Settings)
            .key_condition_expression("kind = :kind")
            .expression_attribute_values(":kind", text(KIND))
            .scan_index_forward(false)
            .limit(limit.clamp(1, MOST_UPLOADS));
        self.query(query).await?.items.into_iter().map(read).collect()
    }

    /// The files with rows to go over.
    pub async fn uploads_due(&self) -> Result<Vec<Upload>, Error> {
        let query = self
            .query_of(Table::Settings)
            .key_condition_expression("kind = :kind")
            .expression_attribute_values(":kind", text(DUE))
            .consistent_read(true);
        let mut due = Vec::new();
        for row in self.query_all(query).await? {
            let id = key_of(&row, "id")?;
            match self.upload(&id).await? {
                Some(upload) if upload.stage.is_under_way() => due.push(upload),
                _ => self.forget(DUE, &id).await?,
            }
        }
        Ok(due)
    }

    /// Keeps a part of a file; one that comes again takes the place of the one before.
    pub async fn put_part(&self, upload: &Upload, part: u32, bytes: &[u8]) -> Result<(), Error> {
        let mut encoder = DeflateEncoder::new(Vec::with_capacity(bytes.len() / 3), Compression::fast());
        encoder.write_all(bytes).map_err(Error::rejected)?;
        let packed = encoder.finish().map_err(Error::rejected)?;
        let mut row = part_key(&upload.id, part);
        row.insert("bytes".to_owned(), AttributeValue::B(Blob::new(packed)));
        row.extend(self.upload_expiry(upload)?);
        self.put(Table::Settings, self.client.put_item().set_item(Some(row))).await
    }

    /// A part of a file; `None`: it did not come, or the file is kept no longer.
    pub async fn part(&self, upload: &str, part: u32) -> Result<Option<Vec<u8>>, Error> {
        let Some(row) = self.get(Table::Settings, part_key(upload, part)).await? else { return Ok(None) };
        let packed = row.get("bytes").and_then(|bytes| bytes.as_b().ok());
        let packed = packed.ok_or_else(|| Error::unreadable("a part of a file without bytes"))?;
        let mut bytes = Vec::with_capacity(PART);
        let most = u64::try_from(PART).unwrap_or(u64::MAX);
        DeflateDecoder::new(packed.as_ref()).take(most).read_to_end(&mut bytes).map_err(Error::unreadable)?;
        Ok(Some(bytes))
    }

    /// Forgets the parts of a file that is needed no more.
    pub async fn forget_parts(&self, upload: &Upload) -> Result<(), Error> {
        let deletes = (0..upload.parts()).map(|part| {
            let delete = self.client.delete_item().set_key(Some(part_key(&upload.id, part)));
            self.delete(Table::Settings, delete)
        });
        stream::iter(deletes).buffer_unordered(TOGETHER).try_for_each(|_| async { Ok(()) }).await
    }

    /// Nobody need look for this file any more.
    pub async fn forget_due_upload(&self, id: &str) -> Result<(), Error> {
        self.forget(DUE, id).await
    }

    /// Keeps what the rows of a page came to; a page that comes again takes the place of the one before.
    pub async fn put_rows(&self, upload: &Upload, rows: &[RowTold]) -> Result<(), Error> {
        let kind = rows_kind(&upload.id, upload.stage == Stage::Applying);
        let mut puts = Vec::new();
        for rows in rows.chunks(ROWS_AN_ITEM) {
            let Some(first) = rows.first() else { continue };
            let mut row = written(&Rows { rows: rows.to_vec() })?;
            row.extend(row_key(&kind, &format!("{:08}", first.row)));
            row.extend(self.upload_expiry(upload)?);
            puts.push(self.put(Table::Settings, self.client.put_item().set_item(Some(row))));
        }
        try_join_all(puts).await.map(drop)
    }

    /// What the rows of a file came to, or would, `items` items of up to 25 rows from the place `after`.
    pub async fn rows(
        &self,
        upload: &str,
        applied: bool,
        after: Option<&str>,
        items: i32,
    ) -> Result<RowPage, Error> {
        let kind = rows_kind(upload, applied);
        let start = after.map(|after| row_key(&kind, after));
        let query = self
            .query_of(Table::Settings)
            .key_condition_expression("kind = :kind")
            .expression_attribute_values(":kind", text(kind))
            .set_exclusive_start_key(start)
            .limit(items);
        let slice = self.query(query).await?;
        let next = slice.last.map(|last| key_of(&last, "id")).transpose()?;
        let rows: Vec<Rows> = slice.items.into_iter().map(read).collect::<Result<_, _>>()?;
        Ok(RowPage { rows: rows.into_iter().flat_map(|rows| rows.rows).collect(), next })
    }
}
