//! What is remembered of a store between looks.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use shared::{
    application::{Brake, Policies},
    clock::random_id,
    survey::{Occasion, Survey},
};

/// The kind of setting under which notes are, by application.
pub(super) const KIND: &str = "watch";

/// What is remembered of a store between looks.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Note {
    /// The hooks that are being set up again; none: all were in order.
    pub(super) repair: Option<Repair>,
    /// The walk under way; none: nothing is missing.
    pub(super) survey: Option<Survey>,
    /// When the last walk began.
    pub(super) surveyed: Option<Timestamp>,
    /// Whether the store stopped telling again since the walk under way began.
    pub(super) again: bool,
    /// The deletion brake that stopped the last walk.
    pub(super) braked: Option<Brake>,
    /// Whether a person was asked about credentials that the store refuses.
    pub(super) refused: bool,
    /// Whether a person was asked about hooks that the store does not take.
    pub(super) hookless: bool,
}

/// Hooks that are being set up again: what is told when they are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Repair {
    /// The identifier of the entry that tells it.
    pub(super) entry: String,
    /// When they were found off.
    pub(super) found: Timestamp,
    /// How many.
    pub(super) hooks: usize,
}

impl Repair {
    pub(super) fn new(hooks: usize, found: Timestamp) -> Repair {
        Repair { entry: random_id(), found, hooks }
    }
}

impl Note {
    /// What is known where there is a note of another release: a person may have been asked anything.
    pub(super) fn unreadable() -> Note {
        Note { braked: Some(Brake::default()), refused: true, hookless: true, ..Note::default() }
    }

    /// Why it is time for a walk, if it is. One that is under way is not begun anew.
    pub(super) fn due(&self, policies: &Policies, now: Timestamp) -> Option<Occasion> {
        let every = SignedDuration::from_hours(policies.survey_every_hours.into());
        match (&self.survey, self.surveyed) {
            (Some(_), _) => None,
            (None, None) => Some(Occasion::First),
            (None, Some(begun)) => {
                let is_time = !every.is_zero() && now.duration_since(begun) >= every;
                let is_let_go = self.braked.is_some_and(|brake| brake != policies.deletion_brake);
                (is_time || is_let_go).then_some(Occasion::Periodic)
            }
        }
    }

    pub(super) fn begin(&mut self, occasion: Occasion, now: Timestamp) {
        self.survey = Some(Survey::new(occasion));
        self.surveyed = Some(now);
    }

    /// Something was not told. What was missed before the page where a walk stands, only another
    /// walk finds; the one under way is not given up, or a store whose hooks fail often would never
    /// see the last page of one.
    pub(super) fn miss(&mut self, now: Timestamp) {
        match self.survey {
            Some(_) => self.again = true,
            None => self.begin(Occasion::Gap, now),
        }
    }

    /// The walk under way has come to its end.
    pub(super) fn end(&mut self, now: Timestamp) {
        self.survey = None;
        if std::mem::take(&mut self.again) {
            self.begin(Occasion::Gap, now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hour)
    }

    fn daily() -> Policies {
        Policies { survey_every_hours: 24, ..Policies::default() }
    }

    fn walked() -> Note {
        let mut note = Note::default();
        note.begin(Occasion::First, at(0));
        note.end(at(1));
        note
    }

    #[test]
    fn the_first_walk_is_due_at_once_and_others_when_their_time_has_come() {
        let never = Policies { survey_every_hours: 0, ..Policies::default() };
        assert_eq!(Note::default().due(&never, at(0)), Some(Occasion::First));
        assert_eq!(walked().due(&daily(), at(23)), None);
        assert_eq!(walked().due(&daily(), at(24)), Some(Occasion::Periodic));
        assert_eq!(walked().due(&never, at(24_000)), None);
    }

    #[test]
    fn a_walk_under_way_is_not_begun_anew() {
        let mut note = walked();
        note.begin(Occasion::Periodic, at(24));
        assert_eq!(note.due(&daily(), at(100)), None);
    }

    #[test]
    fn a_gap_that_opens_during_a_walk_has_another_walk_follow() {
        let mut note = walked();
        note.miss(at(2));
        note.miss(at(3));
        assert_eq!((note.survey.clone().unwrap().occasion, note.surveyed), (Occasion::Gap, Some(at(2))));
        note.end(at(4));
        assert_eq!((note.survey.clone().unwrap().occasion, note.surveyed), (Occasion::Gap, Some(at(4))));
        note.end(at(5));
        assert_eq!(note.survey, None);
    }

    #[test]
    fn a_walk_that_the_brake_stopped_is_due_when_the_brake_is_another() {
        let note = Note { braked: Some(Brake::default()), ..walked() };
        assert_eq!(note.due(&daily(), at(2)), None);
        let raised = Brake { number: 1_000, ..Brake::default() };
        assert_eq!(
            note.due(&Policies { deletion_brake: raised, ..daily() }, at(2)),
            Some(Occasion::Periodic)
        );
    }
}
