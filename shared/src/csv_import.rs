//! Users from a file of comma-separated values: as BigCommerce exports customers, or plain, a column an
//! attribute. The file is kept in parts and gone over twice: to tell what each row would come to, and to
//! do it. It is done page by page, by whoever has the time, goes on where it stopped, and holds two parts
//! of the file and the keys of its rows in memory, however long the file is.

mod columns;
mod counts;
mod exported;
mod plain;
mod rows;
mod target;
mod told;
mod walk;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{application::ApplicationId, clock::random_id};

pub use columns::{Column, Layout, flaw, guessed, guessed_layout};
pub use counts::{RowCounts, RowVerdict};
pub use rows::{NotAFile, heading, preview};
pub use target::{NotATarget, Target, targets};
pub use told::RowTold;
pub use walk::{carry_out, go_on, told_user};

/// The size of a part, in bytes; the last one may be smaller. Even one that cannot be packed fits an item
/// of the tables.
pub const PART: usize = 256 * 1024;
/// The largest file, in bytes.
pub const LARGEST_FILE: u64 = 64 * 1024 * 1024;
/// The most rows of a file: their keys are held in memory, so that none is taken twice.
pub const MOST_ROWS: u32 = 250_000;
/// The most columns.
pub const MOST_COLUMNS: usize = 300;
/// For how long a file is kept, and what it came to.
pub const KEPT: SignedDuration = SignedDuration::from_hours(24 * 7);

/// A file that was sent, and how far it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Upload {
    /// Sorts by time.
    pub id: String,
    /// The file's name, for people.
    pub name: String,
    /// Its size, in bytes.
    pub size: u64,
    /// How far it is.
    pub stage: Stage,
    /// How its rows are read.
    pub reading: Reading,
    /// Who sent it.
    pub asked_by: String,
    /// When.
    pub begun_at: Timestamp,
    /// Where in the file the walk of this stage is.
    #[serde(default)]
    pub place: Place,
    /// What the rows would come to, as far as they were checked.
    #[serde(default)]
    pub checked: RowCounts,
    /// What they came to, as far as they were applied.
    #[serde(default)]
    pub applied: RowCounts,
    /// When the walk of this stage began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage_begun_at: Option<Timestamp>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage_ended_at: Option<Timestamp>,
    /// What a person is to know: why it stopped, and what to do.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// Until when somebody has it at work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leased_until: Option<Timestamp>,
    /// Grows by one with each write: the condition of the next.
    pub revision: u64,
}

/// How far a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Stage {
    /// Parts of it are still to come.
    Uploading,
    /// It is whole; a person says what its columns are.
    Ready,
    /// Each row is looked at, and nothing is changed.
    Checking,
    /// It is known what each row would come to.
    Checked,
    /// The rows are applied.
    Applying,
    /// They were.
    Applied,
    /// A person ended it. What it did stays done.
    Cancelled,
}

/// How the rows of a file are read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reading {
    /// What parts the cells: a comma, a semicolon or a tab.
    pub delimiter: char,
    /// Whether a cell stands for a user's attribute or for a customer's field.
    pub layout: Layout,
    /// Of a customer's fields: at which store, whose mapping they go through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application: Option<ApplicationId>,
    /// What each column is.
    pub columns: Vec<Column>,
    /// Whether an empty cell takes away what the user has; otherwise it leaves it.
    #[serde(default)]
    pub clears: bool,
}

/// Where in a file a walk is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Place {
    /// The byte at which the next row begins.
    pub offset: u64,
    /// How many rows there were before it, the heading among them.
    pub rows: u32,
    /// How many pages that was.
    pub pages: u32,
}

impl Stage {
    /// Whether there are rows to go over.
    pub fn is_under_way(self) -> bool {
        matches!(self, Stage::Checking | Stage::Applying)
    }

    /// Whether it is over, and the file needed no more.
    pub fn is_over(self) -> bool {
        matches!(self, Stage::Applied | Stage::Cancelled)
    }

    /// As it is written in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Stage::Uploading => "uploading",
            Stage::Ready => "ready",
            Stage::Checking => "checking",
            Stage::Checked => "checked",
            Stage::Applying => "applying",
            Stage::Applied => "applied",
            Stage::Cancelled => "cancelled",
        }
    }
}

impl Upload {
    /// To begin; its parts come next.
    pub fn new(name: &str, size: u64, asked_by: &str, now: Timestamp) -> Upload {
        Upload {
            id: format!("{:012}-{}", now.as_millisecond(), random_id()),
            name: name.to_owned(),
            size,
            stage: Stage::Uploading,
            reading: Reading {
                delimiter: ',',
                layout: Layout::Plain,
                application: None,
                columns: Vec::new(),
                clears: false,
            },
            asked_by: asked_by.to_owned(),
            begun_at: now,
            place: Place::default(),
            checked: RowCounts::default(),
            applied: RowCounts::default(),
            stage_begun_at: None,
            stage_ended_at: None,
            detail: String::new(),
            leased_until: None,
            revision: 1,
        }
    }

    /// How many parts it has.
    pub fn parts(&self) -> u32 {
        u32::try_from(self.size.div_ceil(PART as u64)).unwrap_or(u32::MAX)
    }

    /// The size of a part, in bytes; `None`: it has no such part.
    pub fn size_of_part(&self, part: u32) -> Option<usize> {
        let before = u64::from(part) * PART as u64;
        let left = self.size.checked_sub(before).filter(|left| *left > 0)?;
        usize::try_from(left).ok().map(|left| left.min(PART))
    }

    /// The file at the beginning of a walk over it: to check it, or to apply it.
    pub fn walked(&self, stage: Stage, now: Timestamp) -> Upload {
        let counts = match stage {
            Stage::Applying => self.checked,
            _ => RowCounts::default(),
        };
        Upload {
            stage,
            place: Place::default(),
            checked: counts,
            applied: RowCounts::default(),
            stage_begun_at: Some(now),
            stage_ended_at: None,
            detail: String::new(),
            leased_until: None,
            ..self.clone()
        }
    }

    /// What the walk of this stage came to so far.
    pub fn counts(&self) -> RowCounts {
        match self.stage {
            Stage::Applying | Stage::Applied | Stage::Cancelled if self.applied.total() > 0 => self.applied,
            _ => self.checked,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_in_one_part() {
        for size in [1, PART as u64 - 1, PART as u64, PART as u64 + 1, 5 * PART as u64] {
            let upload = Upload::new("a.csv", size, "ada", Timestamp::UNIX_EPOCH);
            let parts: Vec<_> = (0..upload.parts()).map(|part| upload.size_of_part(part).unwrap()).collect();
            assert_eq!(parts.iter().sum::<usize>() as u64, size);
            assert_eq!(upload.size_of_part(upload.parts()), None);
        }
    }

    #[test]
    fn a_stage_is_named_as_it_is_written() {
        use Stage::{Applied, Applying, Cancelled, Checked, Checking, Ready, Uploading};
        for stage in [Uploading, Ready, Checking, Checked, Applying, Applied, Cancelled] {
            assert_eq!(serde_json::to_value(stage).unwrap(), stage.name());
        }
    }
}
