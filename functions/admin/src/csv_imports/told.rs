//! A file as it is told.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use shared::csv_import::{Reading, RowCounts, RowVerdict, Stage, Upload};

use super::{address, grouped, words};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Told {
    pub(super) id: String,
    pub(super) name: String,
    /// In bytes.
    size: u64,
    /// How many parts it has.
    parts: u32,
    pub(super) stage: Stage,
    pub(super) asked_by: String,
    pub(super) begun_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) stage_ended_at: Option<Timestamp>,
    pub(super) reading: Reading,
    pub(super) progress: Progress,
    /// What the rows would come to.
    pub(super) checked: RowCounts,
    /// What they came to.
    pub(super) applied: RowCounts,
    #[serde(skip)]
    counts: RowCounts,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) detail: String,
}

/// How far the walk of this stage is.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Progress {
    /// Rows gone over, without the heading.
    rows: u64,
    /// Of the file's bytes.
    percent: u64,
    /// Rows a second.
    #[serde(skip_serializing_if = "Option::is_none")]
    rate: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    eta_seconds: Option<u64>,
}

/// How many rows came to a verdict.
pub(super) struct Came {
    pub(super) name: &'static str,
    pub(super) badge: (&'static str, &'static str),
    pub(super) number: String,
}

impl Told {
    pub(super) fn of(upload: Upload, now: Timestamp) -> Told {
        Told {
            progress: Progress::of(&upload, now),
            counts: upload.counts(),
            parts: upload.parts(),
            id: upload.id,
            name: upload.name,
            size: upload.size,
            stage: upload.stage,
            asked_by: upload.asked_by,
            begun_at: upload.begun_at,
            stage_ended_at: upload.stage_ended_at,
            reading: upload.reading,
            checked: upload.checked,
            applied: upload.applied,
            detail: upload.detail,
        }
    }

    pub(super) fn address(&self) -> String {
        address(&self.id)
    }

    pub(super) fn badge(&self) -> (&'static str, &'static str) {
        words::stage(self.stage)
    }

    pub(super) fn is_under_way(&self) -> bool {
        self.stage.is_under_way()
    }

    pub(super) fn is_open(&self) -> bool {
        !self.stage.is_over()
    }

    /// Whether a person says what its columns are.
    pub(super) fn is_to_be_read(&self) -> bool {
        matches!(self.stage, Stage::Ready | Stage::Checked)
    }

    pub(super) fn is_checked(&self) -> bool {
        self.stage == Stage::Checked
    }

    /// Whether rows were applied.
    pub(super) fn was_applied(&self) -> bool {
        self.applied.total() > 0 || matches!(self.stage, Stage::Applying | Stage::Applied)
    }

    /// The steps of the way, and which it is at.
    pub(super) fn steps(&self) -> [(&'static str, bool); 4] {
        let at = match self.stage {
            Stage::Uploading => 0,
            Stage::Ready => 1,
            Stage::Checking | Stage::Checked => 2,
            Stage::Applying | Stage::Applied | Stage::Cancelled => 3,
        };
        let names = ["Send the file", "Say what its columns are", "Look at what would be done", "Apply it"];
        let mut index = 0..;
        names.map(|name| (name, index.next() == Some(at)))
    }

    /// What it came to, verdict by verdict; what none came to is left out.
    pub(super) fn verdicts(&self) -> Vec<Came> {
        let came = |verdict: RowVerdict| Came {
            name: verdict.name(),
            badge: words::verdict(verdict),
            number: grouped(self.counts.of(verdict)),
        };
        RowVerdict::ALL.into_iter().filter(|verdict| self.counts.of(*verdict) > 0).map(came).collect()
    }

    /// The rows that would change a user, in words: `12 users are created and 3 changed`.
    pub(super) fn would_change(&self) -> String {
        let RowCounts { create, update, .. } = self.checked;
        match (create, update) {
            (0, 0) => "No row changes anything".to_owned(),
            (create, 0) => format!("{} created", users(create)),
            (0, update) => format!("{} changed", users(update)),
            (create, update) => format!("{} created and {} changed", users(create), grouped(update)),
        }
    }

    pub(super) fn changes_something(&self) -> bool {
        self.checked.changes() > 0
    }

    pub(super) fn percent(&self) -> u64 {
        self.progress.percent
    }

    pub(super) fn rows(&self) -> String {
        grouped(self.progress.rows)
    }

    pub(super) fn rate(&self) -> Option<String> {
        self.progress.rate.map(|rate| format!("{rate:.0} rows a second"))
    }

    pub(super) fn eta(&self) -> Option<String> {
        let seconds = i64::try_from(self.progress.eta_seconds?).ok()?;
        Some(crate::imports::stretch(SignedDuration::from_secs(seconds)))
    }

    pub(super) fn cells(&self) -> [String; 6] {
        [
            self.id.clone(),
            self.name.clone(),
            self.stage.name().to_owned(),
            self.asked_by.clone(),
            self.begun_at.to_string(),
            self.counts.total().to_string(),
        ]
    }
}

fn users(number: u64) -> String {
    format!("{} user{}", grouped(number), if number == 1 { " is" } else { "s are" })
}

impl Progress {
    fn of(upload: &Upload, now: Timestamp) -> Progress {
        let place = upload.place;
        let end = upload.stage_ended_at.unwrap_or(now);
        let seconds = upload.stage_begun_at.map(|begun| end.duration_since(begun).as_secs_f64());
        let seconds = seconds.filter(|seconds| *seconds >= 1.0 && place.offset > 0);
        let left = upload.size.saturating_sub(place.offset) as f64;
        let under_way = upload.stage.is_under_way();
        let rows = u64::from(place.rows.saturating_sub(1));
        Progress {
            rows,
            percent: place.offset.saturating_mul(100).checked_div(upload.size).unwrap_or_default().min(100),
            rate: seconds.map(|seconds| rows as f64 / seconds),
            eta_seconds: seconds
                .filter(|_| under_way)
                .map(|seconds| (left * seconds / place.offset as f64).ceil() as u64),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_be_done_is_said_as_people_say_it() {
        let told = |create, update| {
            let mut upload = Upload::new("a.csv", 10, "ada", Timestamp::UNIX_EPOCH);
            upload.checked = RowCounts { create, update, ..RowCounts::default() };
            Told::of(upload, Timestamp::UNIX_EPOCH).would_change()
        };
        assert_eq!(told(0, 0), "No row changes anything");
        assert_eq!(told(1, 0), "1 user is created");
        assert_eq!(told(1200, 3), "1,200 users are created and 3 changed");
    }

    #[test]
    fn the_time_left_goes_by_the_bytes_that_are_left() {
        let mut upload = Upload::new("a.csv", 1000, "ada", Timestamp::UNIX_EPOCH)
            .walked(Stage::Checking, Timestamp::UNIX_EPOCH);
        upload.place.offset = 250;
        upload.place.rows = 11;
        let progress = Progress::of(&upload, Timestamp::from_second(5).unwrap());
        assert_eq!(
            (progress.rows, progress.percent, progress.rate, progress.eta_seconds),
            (10, 25, Some(2.0), Some(15))
        );
    }
}
