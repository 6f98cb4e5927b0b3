//! One import: how far it is and what it came to.

use std::{fmt, str::FromStr};

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};

use super::{Counts, Delta};
use crate::{
    application::ApplicationId,
    clock::random_id,
    survey::{Occasion, Survey},
};

/// The identifier of a run: `<application>.<16 hexadecimal digits of its time>-<8 random ones>`, so
/// that it leads to its application and the runs of one are in the order of time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId {
    application: ApplicationId,
    rest: String,
}

/// The text is no identifier of a run.
#[derive(Debug, thiserror::Error)]
#[error("no identifier of a run (an application, a full stop and what the run was given)")]
pub struct NotARunId;

impl RunId {
    /// A new identifier.
    pub fn new(application: ApplicationId, begun: Timestamp) -> RunId {
        let random: String = random_id().chars().take(8).collect();
        RunId { application, rest: format!("{:016x}-{random}", begun.as_millisecond().max(0)) }
    }

    /// Whose run it is.
    pub fn application(&self) -> &ApplicationId {
        &self.application
    }

    /// The part after the application.
    pub fn rest(&self) -> &str {
        &self.rest
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.application, self.rest)
    }
}

impl FromStr for RunId {
    type Err = NotARunId;

    fn from_str(text: &str) -> Result<RunId, NotARunId> {
        let (application, rest) = text.split_once('.').ok_or(NotARunId)?;
        let allowed = |byte: u8| byte.is_ascii_hexdigit() || byte == b'-';
        let is_ours = rest.len() == 25 && rest.bytes().all(allowed);
        let application = application.parse().map_err(|_| NotARunId)?;
        if is_ours { Ok(RunId { application, rest: rest.to_owned() }) } else { Err(NotARunId) }
    }
}

impl Serialize for RunId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for RunId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<RunId, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Which customers a run goes over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    /// All of them; those that are gone are found.
    Full,
    /// Those that changed since the last run; deletions are not found.
    Incremental,
}

impl Kind {
    /// What reports have as the cause of what such a run does.
    pub fn cause(self) -> &'static str {
        match self {
            Kind::Full => "import/full",
            Kind::Incremental => "import/incremental",
        }
    }
}

/// What a run does with what it finds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Effect {
    /// It brings both sides into step.
    #[default]
    Apply,
    /// It tells what it would do, customer by customer, and changes nothing.
    Foresee,
}

/// Whether a run goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum State {
    /// It goes on, slice by slice.
    Active,
    /// A person stopped it; it may be resumed.
    Paused,
    /// It stopped and asks a person; it may be resumed.
    Stopped,
    /// It came to its end.
    Done,
    /// A person ended it.
    Cancelled,
}

impl State {
    /// Whether the run may still go on: its application has no other one until then.
    pub fn is_open(self) -> bool {
        match self {
            State::Active | State::Paused | State::Stopped => true,
            State::Done | State::Cancelled => false,
        }
    }
}

/// What a run that stopped asks a person for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Asks {
    /// Whether so many customers are really gone.
    Deletions,
    /// Credentials that the store takes.
    Credentials,
}

/// What a person may ask of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Command {
    /// To stop until it is resumed.
    Pause,
    /// To go on from where it stands.
    Resume,
    /// To end. What it did stays done.
    Cancel,
}

/// Where a run stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Place {
    /// On its walk over all customers.
    Full(Box<Survey>),
    /// Among those that changed.
    Incremental(Delta),
}

/// One import.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Run {
    /// Its identifier.
    pub id: RunId,
    /// Which customers it goes over.
    pub kind: Kind,
    /// What it does with what it finds.
    pub effect: Effect,
    /// Whether it goes on.
    pub state: State,
    /// Who asked for it: a client's identifier, or `schedule`.
    pub asked_by: String,
    /// When it was asked for.
    pub begun_at: Timestamp,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// Where it stands.
    pub place: Place,
    /// What it came to so far.
    #[serde(default)]
    pub counts: Counts,
    /// How many pages it went over.
    #[serde(default)]
    pub pages: u64,
    /// How many milliseconds it was at work; pauses are not.
    #[serde(default)]
    pub worked_ms: u64,
    /// How much of the store's quota was used when it was last told, in percent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quota_used_percent: Option<u8>,
    /// What a person is to know: why it stopped, and what to do.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// What a person is asked for, where it stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asks: Option<Asks>,
    /// Who let the deletions of this run pass that the brake had stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deletions_approved_by: Option<String>,
    /// The rules that it went by, as [`crate::application::Application::rules_digest`] tells them,
    /// where all of it went by the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<String>,
}

impl Run {
    /// A run over all customers, to begin.
    pub fn full(application: ApplicationId, effect: Effect, asked_by: &str, now: Timestamp) -> Run {
        let place = Place::Full(Box::new(Survey::new(Occasion::Import)));
        Run::new(application, (Kind::Full, place), effect, asked_by, now)
    }

    /// A run over what changed since `watermark`, to begin.
    pub fn incremental(
        application: ApplicationId,
        watermark: Timestamp,
        effect: Effect,
        asked_by: &str,
        now: Timestamp,
    ) -> Run {
        let place = Place::Incremental(Delta::since(watermark));
        Run::new(application, (Kind::Incremental, place), effect, asked_by, now)
    }

    fn new(
        application: ApplicationId,
        (kind, place): (Kind, Place),
        effect: Effect,
        asked_by: &str,
        now: Timestamp,
    ) -> Run {
        Run {
            id: RunId::new(application, now),
            kind,
            effect,
            state: State::Active,
            asked_by: asked_by.to_owned(),
            begun_at: now,
            ended_at: None,
            place,
            counts: Counts::default(),
            pages: 0,
            worked_ms: 0,
            quota_used_percent: None,
            detail: String::new(),
            asks: None,
            deletions_approved_by: None,
            rules: None,
        }
    }

    /// The run when it did what `command` asks; `None` where it cannot.
    pub fn asked(&self, command: Command, now: Timestamp) -> Option<Run> {
        let state = match (command, self.state) {
            (Command::Pause, State::Active) => State::Paused,
            (Command::Resume, State::Paused | State::Stopped) => State::Active,
            (Command::Cancel, state) if state.is_open() => State::Cancelled,
            _ => return None,
        };
        let ended_at = (!state.is_open()).then_some(now);
        Some(Run { state, ended_at, detail: String::new(), asks: None, ..self.clone() })
    }

    /// The run that stops and asks a person.
    pub fn stopped(&self, asks: Asks, detail: String) -> Run {
        Run { state: State::Stopped, asks: Some(asks), detail, ..self.clone() }
    }

    /// The run that goes on though the brake stopped it: deletions of it pass from now on. `None`
    /// where it does not wait for that.
    pub fn approved(&self, by: &str, now: Timestamp) -> Option<Run> {
        let resumed = self.asked(Command::Resume, now).filter(|_| self.asks == Some(Asks::Deletions))?;
        Some(Run { deletions_approved_by: Some(by.to_owned()), ..resumed })
    }

    /// The run at its end.
    pub fn done(&self, now: Timestamp) -> Run {
        Run { state: State::Done, ended_at: Some(now), ..self.clone() }
    }

    /// Whether it did nothing and says nothing: no one need look it up later.
    pub fn is_uneventful(&self) -> bool {
        let nothing = self.counts.changed() == 0 && self.detail.is_empty();
        self.kind == Kind::Incremental && self.effect == Effect::Apply && nothing
    }

    /// From when on the next incremental run has to look, if this one came to its end: it began
    /// to read then.
    pub fn watermark(&self) -> Option<Timestamp> {
        (self.state == State::Done && self.effect == Effect::Apply).then_some(self.begun_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn run() -> Run {
        Run::full("main-store".parse().unwrap(), Effect::Apply, "ada", at(100))
    }

    #[test]
    fn an_identifier_leads_to_its_application_and_sorts_by_time() {
        let (early, late) = (run().id, RunId::new("main-store".parse().unwrap(), at(2_000_000_000)));
        assert_eq!(early.to_string().parse::<RunId>().unwrap(), early);
        assert_eq!(early.application().as_str(), "main-store");
        assert!(early < late);
        for other in ["", "main-store", "main-store.", "Main.0000000000000000-00000000", "a.b"] {
            assert!(other.parse::<RunId>().is_err(), "{other}");
        }
    }

    #[test]
    fn a_run_is_paused_resumed_and_cancelled_and_an_ended_one_is_not() {
        let paused = run().asked(Command::Pause, at(1)).unwrap();
        assert_eq!(paused.state, State::Paused);
        assert!(paused.asked(Command::Pause, at(1)).is_none());
        let active = paused.asked(Command::Resume, at(2)).unwrap();
        assert!(active.asked(Command::Resume, at(2)).is_none());
        let cancelled = paused.asked(Command::Cancel, at(3)).unwrap();
        assert_eq!((cancelled.state, cancelled.ended_at), (State::Cancelled, Some(at(3))));
        for command in [Command::Pause, Command::Resume, Command::Cancel] {
            assert!(
                cancelled.asked(command, at(4)).is_none()
                    && run().done(at(4)).asked(command, at(4)).is_none()
            );
        }
    }

    #[test]
    fn a_run_that_stopped_says_why_until_it_is_resumed() {
        let stopped = run().stopped(Asks::Deletions, "Too many are gone.".to_owned());
        assert!(stopped.state.is_open() && !stopped.detail.is_empty());
        let resumed = stopped.asked(Command::Resume, at(1)).unwrap();
        assert!(resumed.detail.is_empty() && resumed.asks.is_none());
    }

    #[test]
    fn only_a_run_that_asks_for_it_has_its_deletions_approved() {
        let stopped = run().stopped(Asks::Deletions, "Too many are gone.".to_owned());
        let approved = stopped.approved("ada", at(1)).unwrap();
        assert_eq!((approved.state, approved.deletions_approved_by.as_deref()), (State::Active, Some("ada")));
        let refused = run().stopped(Asks::Credentials, "The store refuses us.".to_owned());
        assert!(refused.approved("ada", at(1)).is_none() && run().approved("ada", at(1)).is_none());
    }

    #[test]
    fn only_a_whole_run_that_applied_moves_the_watermark() {
        assert_eq!(run().watermark(), None);
        assert_eq!(run().done(at(200)).watermark(), Some(at(100)));
        let dry = Run::full("main-store".parse().unwrap(), Effect::Foresee, "ada", at(100));
        assert_eq!(dry.done(at(200)).watermark(), None);
    }
}
