//! A run as it is told, and how a page writes what it tells.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use shared::import::{Asks, Counts, Effect, Job, Kind, Progress, Run, RunId, State, Verdict};

use super::words;
use crate::frame::grouped;

/// A run as it is told.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Told {
    pub(super) id: RunId,
    kind: Kind,
    pub(super) dry: bool,
    pub(super) state: State,
    pub(super) asked_by: String,
    pub(super) begun_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ended_at: Option<Timestamp>,
    pub(super) progress: Progress,
    pub(super) counts: Counts,
    total_counted: u64,
    pub(super) pages: u64,
    worked_ms: u64,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) detail: String,
    /// What a person is asked for, where it stopped.
    #[serde(skip_serializing_if = "Option::is_none")]
    asks: Option<Asks>,
    /// Who let its deletions pass that the brake had stopped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) deletions_approved_by: Option<String>,
    /// The share of the store's quota that was used when last read, in percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) quota_used_percent: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) waits: Option<Waits>,
}

/// Why a run does not go on at once.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Waits {
    pub(super) until: Timestamp,
    pub(super) attempts: u32,
    pub(super) reason: String,
}

/// How many customers came to a verdict.
pub(super) struct Came {
    pub(super) name: &'static str,
    /// The kind of its badge, and its word.
    pub(super) kind: &'static str,
    pub(super) word: &'static str,
    pub(super) number: String,
    /// Whether it was kept who they are.
    pub(super) is_kept: bool,
}

impl Told {
    pub(super) fn ended(run: Run) -> Told {
        Told {
            progress: Progress::of(&run),
            dry: run.effect == Effect::Foresee,
            total_counted: run.counts.total(),
            id: run.id,
            kind: run.kind,
            state: run.state,
            asked_by: run.asked_by,
            begun_at: run.begun_at,
            ended_at: run.ended_at,
            counts: run.counts,
            pages: run.pages,
            worked_ms: run.worked_ms,
            detail: run.detail,
            asks: run.asks,
            deletions_approved_by: run.deletions_approved_by,
            quota_used_percent: run.quota_used_percent,
            waits: None,
        }
    }

    pub(super) fn under_way(job: Job) -> Told {
        let waits = job.last_error.map(|reason| Waits { until: job.due_at, attempts: job.attempts, reason });
        Told { waits, ..Told::ended(job.run) }
    }

    pub(super) fn address(&self) -> String {
        super::address(&self.id)
    }

    pub(super) fn is_active(&self) -> bool {
        self.state == State::Active
    }

    pub(super) fn is_open(&self) -> bool {
        self.state.is_open()
    }

    pub(super) fn may_resume(&self) -> bool {
        matches!(self.state, State::Paused | State::Stopped)
    }

    /// Whether it can be applied: it foresaw everything.
    pub(super) fn may_apply(&self) -> bool {
        self.dry && self.state == State::Done
    }

    pub(super) fn asks_about_deletions(&self) -> bool {
        self.asks == Some(Asks::Deletions)
    }

    /// What it is, in words: `Full import`, `Dry run over what changed`.
    pub(super) fn what(&self) -> &'static str {
        match (self.dry, self.kind) {
            (false, Kind::Full) => "Full import",
            (false, Kind::Incremental) => "Import of what changed",
            (true, Kind::Full) => "Dry run over everyone",
            (true, Kind::Incremental) => "Dry run over what changed",
        }
    }

    /// The kind of its badge, and its word.
    pub(super) fn badge(&self) -> (&'static str, &'static str) {
        words::state(self.state)
    }

    /// What it came to, verdict by verdict; what none came to is left out.
    pub(super) fn verdicts(&self) -> Vec<Came> {
        let counted = Verdict::ALL.into_iter().filter(|verdict| self.counts.of(*verdict) > 0);
        counted
            .map(|verdict| {
                let (kind, word) = words::verdict(verdict);
                let is_kept = self.dry && !matches!(verdict, Verdict::Unchanged | Verdict::Left);
                Came { name: verdict.name(), kind, word, number: grouped(self.counts.of(verdict)), is_kept }
            })
            .collect()
    }

    /// How far it is: `1,250 of 50,000 customers`.
    pub(super) fn done(&self) -> String {
        let Progress { done, total, .. } = self.progress;
        match total {
            Some(total) => format!("{} of {} customers", grouped(done), grouped(total)),
            None => format!("{} customers", grouped(done)),
        }
    }

    /// How fast it is, where it was measured.
    pub(super) fn rate(&self) -> Option<String> {
        self.progress.rate.map(|rate| match rate {
            slow if slow < 10.0 => format!("{slow:.1} customers a second"),
            fast => format!("{fast:.0} customers a second"),
        })
    }

    /// In what time it ends, where that can be told.
    pub(super) fn eta(&self) -> Option<String> {
        let seconds = self.progress.eta_seconds?;
        Some(words::time(SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX))))
    }

    /// For how long it was at work.
    pub(super) fn worked(&self) -> String {
        words::time(SignedDuration::from_millis(i64::try_from(self.worked_ms).unwrap_or(i64::MAX)))
    }

    /// What it came to in a line: `Create 4, Left for later 3`.
    pub(super) fn came_to(&self) -> String {
        let came: Vec<String> = self
            .verdicts()
            .into_iter()
            .filter(|came| came.name != Verdict::Unchanged.name())
            .map(|came| format!("{} {}", came.word, came.number))
            .collect();
        if came.is_empty() { "Nothing differed".to_owned() } else { came.join(", ") }
    }

    /// The cells of a table of runs.
    pub(super) fn cells(&self) -> Vec<String> {
        let text = |value: serde_json::Result<serde_json::Value>| {
            value.ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
        };
        let mut cells = vec![
            self.id.to_string(),
            self.id.application().to_string(),
            text(serde_json::to_value(self.kind)),
            self.dry.to_string(),
            text(serde_json::to_value(self.state)),
            self.asked_by.clone(),
            self.begun_at.to_string(),
            self.ended_at.map(|at| at.to_string()).unwrap_or_default(),
            self.progress.done.to_string(),
        ];
        cells.extend(Verdict::ALL.map(|verdict| self.counts.of(verdict).to_string()));
        cells.push(self.detail.clone());
        cells
    }
}
