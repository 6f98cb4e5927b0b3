//! Going over a file, page by page: who each row is about, what it comes to, and, where it is applied,
//! writing it. Where the walk is, is written after each page; who takes it up after a crash does that page
//! again at most, which then comes to rows that are as the file has them.

mod row;
mod seen;
mod verdict;
mod window;

use futures_util::{StreamExt, stream};
use jiff::{SignedDuration, Timestamp};

use super::{MOST_ROWS, Place, Reading, RowTold, RowVerdict, Stage, Upload, plain::Of};
use crate::{
    bulk::console,
    clock::Clock,
    mapping::Mapping,
    profile::ProfileField,
    store::{self, Tables},
    user::User,
};
use row::Read;
use seen::Seen;
use verdict::Desk;
use window::Window;

/// How many rows are gone over before it is written where the walk is.
const PAGE: usize = 100;
/// How many users are written at once.
const WRITERS: usize = 8;
/// For how long who has a file at work has it alone: longer than a page takes.
const LEASE: SignedDuration = SignedDuration::from_secs(60);

/// Goes on with the files that nobody has at work, until `until`.
///
/// # Errors
/// When the tables do not answer.
pub async fn go_on(tables: &Tables, clock: &Clock, until: Timestamp) -> Result<(), store::Error> {
    for upload in tables.uploads_due().await? {
        carry_out(tables, clock, upload, until).await?;
    }
    Ok(())
}

/// Goes on with a file until `until`, and gives how far it is; with one that somebody else has at work
/// nothing is done.
///
/// # Errors
/// When the tables do not answer.
pub async fn carry_out(
    tables: &Tables,
    clock: &Clock,
    mut upload: Upload,
    until: Timestamp,
) -> Result<Upload, store::Error> {
    if upload.leased_until.is_some_and(|leased| leased > clock.now()) || !upload.stage.is_under_way() {
        return Ok(upload);
    }
    upload.leased_until = Some(clock.now() + LEASE);
    if tables.put_upload(&mut upload).await? {
        let desk = Desk::new(tables, clock, &upload).await?;
        let mut walk = Walk::begin(&desk, &upload).await?;
        while upload.stage.is_under_way() {
            if clock.now() >= until {
                upload.leased_until = None;
                tables.put_upload(&mut upload).await?;
                break;
            }
            walk.page(&mut upload).await?;
            if !tables.put_upload(&mut upload).await? {
                break;
            }
        }
    }
    let upload = tables.upload(&upload.id).await?.unwrap_or(upload);
    if !upload.stage.is_under_way() {
        tables.forget_due_upload(&upload.id).await?;
    }
    if upload.stage.is_over() {
        tables.forget_parts(&upload).await?;
    }
    Ok(upload)
}

/// The user whom a row of these cells tells where nobody is there yet.
///
/// # Errors
/// Why it tells none, in a sentence.
pub fn told_user(
    cells: Vec<String>,
    reading: &Reading,
    mapping: Option<&Mapping>,
    fields: &[ProfileField],
    now: Timestamp,
) -> Result<User, String> {
    let client = console();
    let meant = Read::of(2, Ok(cells), reading, &client.id).meant().map_err(|(_, reason)| reason)?;
    let mut user = User::new("", now);
    let of = Of { client: &client.id, fields };
    meant.lay_over(&mut user, reading, of, mapping, now).map_err(|refused| refused.sentence())?;
    Ok(user)
}

/// A walk over a file, and what of the file is in memory.
struct Walk<'a> {
    desk: &'a Desk<'a>,
    window: Window,
    seen: Seen,
}

impl<'a> Walk<'a> {
    /// A walk that goes on where `upload` says. The keys of the rows before it are read again.
    async fn begin(desk: &'a Desk<'a>, upload: &Upload) -> Result<Walk<'a>, store::Error> {
        let mut walk = Walk { desk, window: Window::default(), seen: Seen::default() };
        let mut place = Place::default();
        while place.offset < upload.place.offset {
            let Some(read) = walk.read(upload, &mut place, upload.place.rows).await? else { break };
            for row in &read {
                walk.seen.first_about(row);
            }
        }
        Ok(walk)
    }

    /// The next rows but for the heading, `rows` in the whole file at most, and moves `place` behind them;
    /// `None`: there are no more, or a part of the file is gone.
    async fn read(
        &mut self,
        upload: &Upload,
        place: &mut Place,
        rows: u32,
    ) -> Result<Option<Vec<Read>>, store::Error> {
        let most = PAGE.min(usize::try_from(rows.saturating_sub(place.rows)).unwrap_or(PAGE));
        let Some(found) = self.window.rows(self.desk.tables, upload, place.offset, most).await? else {
            return Ok(None);
        };
        let mut read = Vec::with_capacity(found.rows.len());
        for cells in found.rows {
            place.rows += 1;
            // The first is the heading.
            if place.rows > 1 {
                read.push(Read::of(place.rows, cells, &upload.reading, &self.desk.client.id));
            }
        }
        place.offset = found.end;
        place.pages += 1;
        Ok(Some(read))
    }

    /// Goes over a page, and has `upload` say so.
    async fn page(&mut self, upload: &mut Upload) -> Result<(), store::Error> {
        let mut place = upload.place;
        let read = self.read(upload, &mut place, MOST_ROWS + 1).await?;
        let now = self.desk.clock.now();
        match read {
            Some(read) => {
                let told = self.told(upload, read).await?;
                self.desk.tables.put_rows(upload, &told).await?;
                let counts = match upload.stage {
                    Stage::Applying => &mut upload.applied,
                    _ => &mut upload.checked,
                };
                told.iter().for_each(|row| counts.add(row.verdict));
                upload.place = place;
                upload.leased_until = Some(now + LEASE);
            }
            None => {
                self.window.missing.then(|| {
                    upload.detail =
                        "The file is kept no longer, or a part of it did not come. Send it again.".to_owned();
                });
                upload.stage = match upload.stage {
                    _ if self.window.missing => Stage::Cancelled,
                    Stage::Applying => Stage::Applied,
                    _ => Stage::Checked,
                };
            }
        }
        if upload.stage.is_under_way() && upload.place.rows > MOST_ROWS && upload.place.offset < upload.size {
            upload.detail = format!(
                "The file has more than {MOST_ROWS} rows. Those after row {} were left out: part the file and \
                 send the rest.",
                upload.place.rows
            );
            upload.stage = if upload.stage == Stage::Applying { Stage::Applied } else { Stage::Checked };
        }
        if !upload.stage.is_under_way() {
            upload.leased_until = None;
            upload.stage_ended_at = Some(now);
        }
        Ok(())
    }

    /// What rows come to, in their order.
    async fn told(&mut self, upload: &Upload, read: Vec<Read>) -> Result<Vec<RowTold>, store::Error> {
        let mut told = Vec::with_capacity(read.len());
        let mut meant = Vec::new();
        for row in read {
            if let Some(first) = self.seen.first_about(&row) {
                told.push(row.told(
                    RowVerdict::Duplicate,
                    format!("Row {first} is about the same user, and counts. Put the two into one row."),
                ));
                continue;
            }
            match row.meant() {
                Ok(found) => meant.push(found),
                Err((number, reason)) => told.push(row::unread(number, RowVerdict::Invalid, reason)),
            }
        }
        let known = self.desk.known(&meant).await?;
        let done: Vec<Result<RowTold, store::Error>> = stream::iter(meant)
            .map(|meant| self.desk.one(upload, meant, &known))
            .buffer_unordered(WRITERS)
            .collect()
            .await;
        for one in done {
            told.push(one?);
        }
        told.sort_by_key(|row| row.row);
        Ok(told)
    }
}
