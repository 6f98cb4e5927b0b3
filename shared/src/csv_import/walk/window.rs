//! As much of a file as is in memory: two parts.

use crate::{
    csv_import::{
        PART, Upload,
        rows::{Reader, Row},
    },
    store::{self, Tables},
};

/// The part that was read last, and the one behind it.
#[derive(Default)]
pub(super) struct Window {
    first: u32,
    bytes: Vec<u8>,
    /// Whether a part of the file was not there.
    pub(super) missing: bool,
}

/// Rows, and where they end.
pub(super) struct Found {
    pub(super) rows: Vec<Result<Vec<String>, String>>,
    /// The byte of the file at which the next begins.
    pub(super) end: u64,
}

impl Window {
    /// Up to `most` rows from the byte `offset` on; `None`: there are none.
    pub(super) async fn rows(
        &mut self,
        tables: &Tables,
        upload: &Upload,
        mut offset: u64,
        most: usize,
    ) -> Result<Option<Found>, store::Error> {
        while offset < upload.size {
            let from = self.at(tables, upload, offset).await?;
            if self.missing {
                return Ok(None);
            }
            let is_end = self.end() >= upload.size;
            let reader = Reader::of(&upload.reading, is_end);
            let rows: Vec<Row> = reader.rows(&self.bytes[from..], most);
            match rows.last() {
                Some(last) => {
                    let end = offset + last.end as u64;
                    return Ok(Some(Found { rows: rows.into_iter().map(|row| row.cells).collect(), end }));
                }
                None if is_end => return Ok(None),
                // Nothing but blank lines.
                None => offset = self.end(),
            }
        }
        Ok(None)
    }

    /// The byte of the file at which what is in memory ends.
    fn end(&self) -> u64 {
        u64::from(self.first) * PART as u64 + self.bytes.len() as u64
    }

    /// Has the part with `offset` in memory and the one behind it, and gives where in them it is.
    async fn at(&mut self, tables: &Tables, upload: &Upload, offset: u64) -> Result<usize, store::Error> {
        let part = u32::try_from(offset / PART as u64).unwrap_or(u32::MAX);
        if self.bytes.is_empty() || part != self.first {
            // The second of them is the first of the next.
            let kept = match part == self.first + 1 && self.bytes.len() > PART {
                true => self.bytes.split_off(PART),
                false => Vec::new(),
            };
            (self.first, self.bytes) = (part, kept);
            for next in [part, part + 1] {
                let begins = u64::from(next) * PART as u64;
                if begins >= upload.size || self.end() > begins {
                    continue;
                }
                match tables.part(&upload.id, next).await? {
                    Some(bytes) if Some(bytes.len()) == upload.size_of_part(next) => self.bytes.extend(bytes),
                    _ => {
                        self.missing = true;
                        return Ok(0);
                    }
                }
            }
        }
        Ok(usize::try_from(offset - u64::from(self.first) * PART as u64).unwrap_or(0))
    }
}
