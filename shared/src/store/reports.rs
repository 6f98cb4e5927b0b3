//! Entries of the provisioning report: written once, read newest first, a page at a time.
//!
//! An application's entries of one day lie in a few shards, so that a busy day is not one hot
//! partition; a reader takes the shards together and walks the days backwards. An end-user's
//! entries are one walk of an index. Both walks go by the sort key alone, so a place in them (a
//! [`Cursor`]) stays where it is while newer entries arrive.

mod walk;

use std::{collections::BTreeMap, fmt, str::FromStr};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    Error, Table, Tables,
    item::{Item, instant, item, number, read, text, text_of, written},
};
use crate::{
    application::ApplicationId,
    report::{Action, Entry, Outcome},
    secret::fold,
};
use walk::Walk;

/// In how many partitions the entries of one application and day lie.
pub(super) const SHARDS: u8 = 4;

/// The longest identifier that is indexed, in bytes.
const LONGEST_IDENTIFIER: usize = 1024;

/// The largest page.
const LARGEST_PAGE: usize = 250;

/// Which entries are wanted.
#[derive(Clone)]
pub struct EntryQuery {
    /// Whose.
    pub of: Of,
    /// Not older than this.
    pub from: Timestamp,
    /// Older than this.
    pub to: Timestamp,
    /// Only those that ended so.
    pub outcome: Option<Outcome>,
    /// Only those that did this.
    pub action: Option<Action>,
    /// Only those that came about this way: what their cause is or begins with (`import`, `store/customer`).
    pub way: Option<String>,
    /// How many at most; 250 are the most that is given.
    pub limit: usize,
    /// Where the page before ended.
    pub cursor: Option<Cursor>,
}

/// Whose entries.
#[derive(Clone)]
pub enum Of {
    /// An application's.
    Application(ApplicationId),
    /// An end-user's, at one application or at all.
    Identifier {
        /// The user name or e-mail address; spelling is folded.
        identifier: String,
        /// Only at this application.
        application: Option<ApplicationId>,
    },
}

/// Some entries, newest first.
#[derive(Clone, PartialEq)]
pub struct EntryPage {
    /// The entries; there may be none while more follow, as each page reads a bounded amount.
    pub entries: Vec<Entry>,
    /// Where the next page begins; `None`: there are no more.
    pub next: Option<Cursor>,
}

/// A place in a report. It is opaque, may be handed out, and leads nowhere but into the query
/// that it is sent with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// Everything before this sort key is yet to come.
    before: String,
}

/// The text is no place in a report.
#[derive(Debug, thiserror::Error)]
#[error("no place in a report (only what a page gave as its next)")]
pub struct NotACursor;

#[derive(Serialize, Deserialize)]
struct CursorText {
    before: String,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = serde_json::to_vec(&CursorText { before: self.before.clone() }).map_err(|_| fmt::Error)?;
        f.write_str(&URL_SAFE_NO_PAD.encode(text))
    }
}

impl FromStr for Cursor {
    type Err = NotACursor;

    fn from_str(text: &str) -> Result<Cursor, NotACursor> {
        let json = URL_SAFE_NO_PAD.decode(text).map_err(|_| NotACursor)?;
        let CursorText { before } = serde_json::from_slice(&json).map_err(|_| NotACursor)?;
        let time: Timestamp = before.get(..30).and_then(|time| time.parse().ok()).ok_or(NotACursor)?;
        let ours = before.starts_with(&instant(time)) && before.len() <= 128;
        if ours { Ok(Cursor { before }) } else { Err(NotACursor) }
    }
}

/// The partition of one application's entries of one day (`yyyy-mm-dd`).
pub(super) fn partition(application: &ApplicationId, day: &str, shard: u8) -> String {
    format!("{application}#{day}#{shard}")
}

fn shard_of(entry: &str) -> u8 {
    entry.bytes().fold(0, u8::wrapping_add) % SHARDS
}

pub(super) fn entry(mut row: Item) -> Result<Entry, Error> {
    if let Some(spelled) = row.remove("spelled") {
        row.insert("identifier".to_owned(), spelled);
    }
    read(row)
}

impl Tables {
    /// Adds entries to the report.
    pub async fn report(&self, entries: &[Entry]) -> Result<(), Error> {
        let mut rows = BTreeMap::new();
        for entry in entries {
            rows.insert((entry.at, &entry.id), self.entry_item(entry)?);
        }
        self.batch_put(Table::Reports, rows.into_values().collect()).await
    }

    pub(super) fn entry_item(&self, entry: &Entry) -> Result<Item, Error> {
        let at = instant(entry.at);
        let day = at.get(..10).unwrap_or_default();
        let expires = entry.at.checked_add(self.retention).map_err(Error::rejected)?;
        let mut row = written(entry)?;
        row.extend(item([
            ("pk", text(partition(&entry.application, day, shard_of(&entry.id)))),
            ("sk", text(format!("{at}#{}", entry.id))),
            ("expiresAt", number(expires.as_second())),
        ]));
        // The index has the identifier folded; what was spelled otherwise is kept beside it.
        if let Some(spelled) = row.remove("identifier") {
            let folded = entry.identifier.as_deref().map(fold).unwrap_or_default();
            if (1..=LONGEST_IDENTIFIER).contains(&folded.len()) {
                row.insert("identifier".to_owned(), text(folded));
            }
            row.insert("spelled".to_owned(), spelled);
        }
        Ok(row)
    }

    /// A page of the entries that `query` wants, newest first.
    pub async fn entries(&self, query: &EntryQuery) -> Result<EntryPage, Error> {
        let now = self.clock.now();
        let kept = now.saturating_sub(self.retention + SignedDuration::from_hours(72));
        let from = query.from.max(kept.unwrap_or(Timestamp::UNIX_EPOCH));
        let to = query.to.min(now.saturating_add(SignedDuration::from_hours(24)).unwrap_or(now));
        let walk = Walk::new(from, to, query.cursor.as_ref().map(|cursor| cursor.before.as_str()));
        match &query.of {
            Of::Application(application) => self.walk_days(walk, application, query).await,
            Of::Identifier { identifier, .. } => self.walk_index(walk, &fold(identifier), query).await,
        }
    }
}

impl EntryQuery {
    fn wants(&self, entry: &Entry) -> bool {
        let here = match &self.of {
            Of::Application(_) => true,
            Of::Identifier { application, .. } => {
                application.as_ref().is_none_or(|application| *application == entry.application)
            }
        };
        here && self.outcome.is_none_or(|outcome| outcome == entry.outcome)
            && self.action.is_none_or(|action| action == entry.action)
            && self.way.as_deref().is_none_or(|way| entry.cause.starts_with(way))
    }

    fn page_size(&self) -> usize {
        self.limit.clamp(1, LARGEST_PAGE)
    }
}

/// The place just after an entry.
fn cursor_after(row: &Item) -> Option<Cursor> {
    text_of(row, "sk").map(|sk| Cursor { before: sk.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_as_written() {
        let cursor = Cursor { before: "2026-01-02T03:04:05.000000000Z#6f9d".to_owned() };
        assert_eq!(cursor.to_string().parse::<Cursor>().unwrap(), cursor);
    }

    #[test]
    fn g33_other_text_is_no_cursor() {
        let before = |before: &str| URL_SAFE_NO_PAD.encode(format!(r#"{{"before":"{before}"}}"#));
        for text in ["", "x", "e30", &before(""), &before("2026"), &before("x".repeat(40).as_str())] {
            assert!(text.parse::<Cursor>().is_err(), "{text}");
        }
        let long = format!("2026-01-02T03:04:05.000000000Z#{}", "x".repeat(200));
        assert!(before(&long).parse::<Cursor>().is_err());
    }
}
