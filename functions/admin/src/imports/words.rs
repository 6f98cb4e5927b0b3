//! What is told of runs, in words.

use jiff::SignedDuration;
use shared::import::{State, Verdict};

/// The kind of a state's badge, and its word.
pub(super) fn state(state: State) -> (&'static str, &'static str) {
    match state {
        State::Active => ("info", "Under way"),
        State::Paused => ("warn", "Paused"),
        State::Stopped => ("bad", "Asks for you"),
        State::Done => ("good", "Done"),
        State::Cancelled => ("", "Cancelled"),
    }
}

/// The kind of a verdict's badge, and its word.
pub(super) fn verdict(verdict: Verdict) -> (&'static str, &'static str) {
    match verdict {
        Verdict::Create => ("good", "Create"),
        Verdict::Update => ("info", "Update"),
        Verdict::Adopt => ("info", "Adopt"),
        Verdict::Delete => ("bad", "Delete"),
        Verdict::Blocked => ("warn", "Blocked"),
        Verdict::Conflict => ("warn", "Conflict"),
        Verdict::Unchanged => ("", "Unchanged"),
        Verdict::Invalid => ("bad", "Invalid"),
        Verdict::Left => ("", "Left for later"),
    }
}

/// What a verdict means.
pub(super) fn meaning(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Create => "A user is created from the customer.",
        Verdict::Update => "The user or the customer is brought up to date with the other.",
        Verdict::Adopt => "A user who was there is found to be the customer, and linked.",
        Verdict::Delete => "The customer is gone: its user goes with it, or the two are parted.",
        Verdict::Blocked => "A value cannot be taken over, and a person is asked.",
        Verdict::Conflict => "Both sides changed a value, or it could be several people.",
        Verdict::Unchanged => "Both sides are as last agreed.",
        Verdict::Invalid => "The customer cannot be a user as it is.",
        Verdict::Left => "Somebody else is at it at this moment; it is looked at on its own.",
    }
}

/// A stretch of time as people say it: `40 s`, `5 min`, `2 h 10 min`.
pub(crate) fn time(time: SignedDuration) -> String {
    let seconds = time.as_secs();
    match (seconds / 3600, seconds % 3600 / 60) {
        (0, 0) => format!("{seconds} s"),
        (0, minutes) if minutes < 10 => format!("{minutes} min {} s", seconds % 60),
        (0, minutes) => format!("{minutes} min"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stretch_of_time_is_said_as_people_say_it() {
        let said = |seconds| time(SignedDuration::from_secs(seconds));
        assert_eq!(
            [0, 59, 61, 599, 600, 7_800].map(said),
            ["0 s", "59 s", "1 min 1 s", "9 min 59 s", "10 min", "2 h 10 min"]
        );
    }
}
