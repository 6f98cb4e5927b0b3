//! Who works at the console: operators, what they may do, and their sessions.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::secret::EmailAddress;

/// What one may do at the console; each may do what those before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Role {
    /// To look at everything but secrets.
    Viewer,
    /// To do the day's work: users, imports, mails, what asks for attention.
    Operator,
    /// To change how it works: applications, mapping, policies, clients and their tokens.
    Admin,
    /// To say who the operators are.
    Owner,
}

impl Role {
    /// All of them.
    pub const ALL: [Role; 4] = [Role::Viewer, Role::Operator, Role::Admin, Role::Owner];

    /// As text: `viewer`, `operator`, `admin`, `owner`.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Viewer => "viewer",
            Role::Operator => "operator",
            Role::Admin => "admin",
            Role::Owner => "owner",
        }
    }
}

/// A person who may sign in at the console.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Operator {
    /// Where sign-in links are sent; its folded form is the operator's key.
    pub email: EmailAddress,
    /// What they may do.
    pub role: Role,
    /// Since when.
    pub added_at: Timestamp,
    /// Who let them in.
    pub added_by: String,
}

/// How long a session lasts without being used.
const IDLE: SignedDuration = SignedDuration::from_hours(2);

/// How long a session lasts at all.
const WHOLE: SignedDuration = SignedDuration::from_hours(12);

/// How long the note of a session's last use may be out of date.
const TOUCHED_EVERY: SignedDuration = SignedDuration::from_mins(5);

/// A browser in which an operator has signed in. What it shows is kept nowhere but hashed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    /// The operator: their folded e-mail address.
    pub operator: String,
    /// Since when.
    pub started: Timestamp,
    /// When it was last used, to some minutes.
    pub seen: Timestamp,
}

impl Session {
    /// A session of `operator` that begins.
    pub fn begin(operator: impl Into<String>, now: Timestamp) -> Session {
        Session { operator: operator.into(), started: now, seen: now }
    }

    /// When it ends unless it is used.
    pub fn ends(&self) -> Timestamp {
        (self.seen + IDLE).min(self.started + WHOLE)
    }

    /// Whether it still holds at `now`.
    pub fn is_valid(&self, now: Timestamp) -> bool {
        now < self.ends()
    }

    /// Whether its use at `now` is to be noted.
    pub fn is_stale(&self, now: Timestamp) -> bool {
        now.duration_since(self.seen) >= TOUCHED_EVERY
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: f64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_secs_f64(hours * 3600.0)
    }

    #[test]
    fn a_session_ends_when_it_is_not_used_and_at_the_latest_after_half_a_day() {
        let session = Session::begin("a@example.com", at(0.0));
        assert!(session.is_valid(at(1.9)) && !session.is_valid(at(2.0)));
        let used = Session { seen: at(11.5), ..session };
        assert!(used.is_valid(at(11.9)) && !used.is_valid(at(12.0)));
    }

    #[test]
    fn each_role_may_do_what_those_before_it_may() {
        assert!(Role::ALL.is_sorted());
        assert!(Role::Owner > Role::Admin && Role::Operator > Role::Viewer);
    }
}
