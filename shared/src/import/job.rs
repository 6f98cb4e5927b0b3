//! The imports of one application: the run under way or the last one, who has it, and what the next
//! needs to know. There is one row an application, so there is never more than one run.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Command, Effect, Kind, Run};
use crate::{
    application::{Application, ApplicationId, Policies},
    mapping::Mapping,
};

/// The imports of one application.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Job {
    /// The run under way, or the last one.
    pub run: Run,
    /// Fresh with every write: who read it before writes only while it stands.
    pub token: String,
    /// Who has it at work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease: Option<Lease>,
    /// When it is to go on.
    pub due_at: Timestamp,
    /// How often it failed since the last page.
    #[serde(default)]
    pub attempts: u32,
    /// Why it failed last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
    /// What a person asked of it meanwhile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<Command>,
    /// What is tried out by the run, where it only foresees.
    #[serde(default, skip_serializing_if = "WhatIf::is_nothing")]
    pub what_if: WhatIf,
    /// From when on the next incremental run has to look.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub watermark: Option<Timestamp>,
    /// When the last whole full run began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub full_at: Option<Timestamp>,
    /// The rules that the last whole full run went by, as [`Application::rules_digest`] tells them:
    /// by others, customers that are as they were last seen may have to be looked at too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub full_with: Option<String>,
    /// The rules that this run began with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begun_with: Option<String>,
}

/// Another mapping, or other policies, than the application has.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct WhatIf {
    /// In the place of the application's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mapping: Option<Mapping>,
    /// In the place of the application's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policies: Option<Policies>,
}

impl WhatIf {
    /// Whether all is as it is.
    pub fn is_nothing(&self) -> bool {
        *self == WhatIf::default()
    }

    /// The application as it would be.
    pub fn applied(&self, application: Application) -> Application {
        Application {
            mapping: self.mapping.clone().unwrap_or(application.mapping),
            policies: self.policies.clone().unwrap_or(application.policies),
            ..application
        }
    }
}

/// Who has a run at work, and until when nobody else takes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Lease {
    /// Random.
    pub holder: String,
    /// Its end.
    pub until: Timestamp,
}

impl Job {
    /// The job of a run that begins.
    pub fn new(run: Run, before: Option<&Job>) -> Job {
        Job {
            token: String::new(),
            due_at: run.begun_at,
            lease: None,
            attempts: 0,
            last_error: None,
            asked: None,
            what_if: WhatIf::default(),
            watermark: before.and_then(|before| before.watermark),
            full_at: before.and_then(|before| before.full_at),
            full_with: before.and_then(|before| before.full_with.clone()),
            begun_with: None,
            run,
        }
    }

    /// Whether nobody has the run, and it is to go on.
    pub fn is_due(&self, now: Timestamp) -> bool {
        let free = self.lease.as_ref().is_none_or(|lease| lease.until <= now);
        free && self.run.state == super::State::Active && self.due_at <= now
    }

    /// The job when its run has ended.
    pub fn ended(&self, run: Run) -> Job {
        let whole = run.watermark();
        let is_whole = run.kind == Kind::Full && whole.is_some();
        let full_at = if is_whole { whole } else { self.full_at };
        let full_with = if is_whole { self.begun_with.clone() } else { self.full_with.clone() };
        Job {
            watermark: whole.max(self.watermark),
            full_at,
            full_with,
            begun_with: None,
            lease: None,
            asked: None,
            what_if: WhatIf::default(),
            attempts: 0,
            last_error: None,
            run,
            ..self.clone()
        }
    }
}

/// When an application's schedules ask for the next runs, full and incremental; `None`: not by
/// themselves.
pub fn next_scheduled(policies: &Policies, job: Option<&Job>, now: Timestamp) -> [Option<Timestamp>; 2] {
    let next = |every: SignedDuration, last: Option<Timestamp>| {
        let next = last.map_or(now, |last| last.saturating_add(every).unwrap_or(Timestamp::MAX));
        (!every.is_zero() && !policies.paused).then_some(next.max(now))
    };
    let full = next(policies.full_every(), job.and_then(|job| job.full_at));
    let watermark = job.and_then(|job| job.watermark);
    [full, watermark.and_then(|watermark| next(policies.changes_every(), Some(watermark)))]
}

/// The run that an application's schedule asks for now, if it does.
pub fn scheduled(
    application: &ApplicationId,
    policies: &Policies,
    job: Option<&Job>,
    now: Timestamp,
) -> Option<Run> {
    if policies.paused || job.is_some_and(|job| job.run.state.is_open()) {
        return None;
    }
    let due = |every: SignedDuration, last: Option<Timestamp>| {
        !every.is_zero() && last.is_none_or(|last| now.duration_since(last) >= every)
    };
    let (full_at, watermark) = (job.and_then(|job| job.full_at), job.and_then(|job| job.watermark));
    if due(policies.full_every(), full_at) {
        return Some(Run::full(application.clone(), Effect::Apply, "schedule", now));
    }
    let watermark = watermark.filter(|_| due(policies.changes_every(), watermark))?;
    Some(Run::incremental(application.clone(), watermark, Effect::Apply, "schedule", now))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::Asks;

    fn at(minute: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minute)
    }

    fn id() -> ApplicationId {
        "main-store".parse().unwrap()
    }

    fn policies(hours: u16, minutes: u16) -> Policies {
        Policies { import_every_hours: hours, import_changes_every_minutes: minutes, ..Policies::default() }
    }

    fn after_full(begun: i64) -> Job {
        let run = Run::full(id(), Effect::Apply, "ada", at(begun));
        Job::new(run.clone(), None).ended(run.done(at(begun + 1)))
    }

    #[test]
    fn full_and_incremental_runs_have_schedules_of_their_own() {
        let asks = |policies: &Policies, minute| {
            scheduled(&id(), policies, Some(&after_full(0)), at(minute)).map(|run| run.kind)
        };
        assert_eq!(asks(&policies(0, 0), 1_000_000), None);
        assert_eq!(asks(&policies(24, 15), 14), None);
        assert_eq!(asks(&policies(24, 15), 15), Some(Kind::Incremental));
        assert_eq!(asks(&policies(24, 15), 24 * 60), Some(Kind::Full));
        assert_eq!(scheduled(&id(), &policies(24, 15), None, at(0)).unwrap().kind, Kind::Full);
        let nothing_to_go_by = scheduled(&id(), &policies(0, 15), None, at(0));
        assert!(nothing_to_go_by.is_none(), "changes since when?");
    }

    #[test]
    fn the_next_runs_are_told_before_they_are_due() {
        let next = |policies: &Policies, job| next_scheduled(policies, job, at(5));
        let job = after_full(0);
        assert_eq!(next(&policies(24, 15), Some(&job)), [Some(at(24 * 60)), Some(at(15))]);
        assert_eq!(next(&policies(0, 3), Some(&job)), [None, Some(at(5))], "overdue is now");
        assert_eq!(next(&policies(24, 15), None), [Some(at(5)), None], "changes since when?");
        let paused = Policies { paused: true, ..policies(24, 15) };
        assert_eq!(next(&paused, Some(&job)), [None, None]);
    }

    #[test]
    fn a_schedule_waits_for_the_run_under_way_g61() {
        let run = Run::full(id(), Effect::Apply, "ada", at(0));
        for run in [run.clone(), run.stopped(Asks::Deletions, "Ask.".to_owned())] {
            assert!(scheduled(&id(), &policies(1, 1), Some(&Job::new(run, None)), at(1_000)).is_none());
        }
    }

    #[test]
    fn a_run_is_due_while_nobody_has_it() {
        let job = Job::new(Run::full(id(), Effect::Apply, "ada", at(0)), None);
        assert!(job.is_due(at(0)));
        let lease = Some(Lease { holder: "x".to_owned(), until: at(2) });
        let leased = Job { lease, ..job.clone() };
        assert!(!leased.is_due(at(1)) && leased.is_due(at(2)));
        assert!(!Job { due_at: at(5), ..job }.is_due(at(4)));
    }

    #[test]
    fn the_watermark_never_goes_back() {
        let job = after_full(10);
        assert_eq!((job.watermark, job.full_at), (Some(at(10)), Some(at(10))));
        let run = Run::incremental(id(), at(10), Effect::Apply, "schedule", at(20));
        let later = Job::new(run.clone(), Some(&job)).ended(run.done(at(21)));
        assert_eq!((later.watermark, later.full_at), (Some(at(20)), Some(at(10))));
        let dry = Run::full(id(), Effect::Foresee, "ada", at(30));
        let dry = Job::new(dry.clone(), Some(&later)).ended(dry.done(at(31)));
        assert_eq!((dry.watermark, dry.full_at), (Some(at(20)), Some(at(10))));
    }
}
