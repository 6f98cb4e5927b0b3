//! What came of an attempt to set a password.

use shared::password::Shortcoming;

use super::{case::Case, dead::Dead, throttle::TooOften};

/// What came of an attempt to set a password. Only with the first is the link used up.
pub(super) enum Ending {
    /// It is set everywhere.
    Set(Box<Case>),
    /// It is not, and why; the person may go on.
    Not(Box<Case>, Not),
    /// The link opens nothing.
    Dead(Dead),
}

/// Why a password is not set.
pub(super) enum Not {
    /// It falls short of our rules.
    Short(Vec<Shortcoming>),
    /// A store does not take it, with its own words.
    Refused(Vec<Refusal>),
    /// These stores did not answer as they should.
    Somewhere(Vec<String>),
    /// There is no store to set it at, just now.
    Nowhere,
    /// Somebody else is using the link.
    Busy,
    /// It was tried too often.
    TooOften(TooOften),
}

/// A store that does not take a password.
pub(super) struct Refusal {
    pub(super) store: String,
    /// Its own words, in which the password does not stand.
    pub(super) says: String,
}
