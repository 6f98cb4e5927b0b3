//! Work: "this subject may be out of step". A row a subject; events coalesce into it.

use std::{fmt, str::FromStr, time::Duration};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{application::ApplicationId, bigcommerce::CustomerId, user::UserId};

/// What may be out of step: the key of a row of work.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// A customer at an application: `customer#<application>#<id>`.
    Customer(ApplicationId, CustomerId),
    /// A user, at all its applications: `user#<id>`.
    User(UserId),
}

/// The text names no subject.
#[derive(Debug, thiserror::Error)]
#[error("no subject of work (customer#<application>#<id> or user#<id>)")]
pub struct NotASubject;

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Subject::Customer(application, customer) => write!(f, "customer#{application}#{customer}"),
            Subject::User(user) => write!(f, "user#{user}"),
        }
    }
}

impl FromStr for Subject {
    type Err = NotASubject;

    fn from_str(key: &str) -> Result<Subject, NotASubject> {
        let mut parts = key.splitn(3, '#');
        match (parts.next(), parts.next(), parts.next()) {
            (Some("customer"), Some(application), Some(customer)) => Ok(Subject::Customer(
                application.parse().map_err(|_| NotASubject)?,
                customer.parse().map_err(|_| NotASubject)?,
            )),
            (Some("user"), Some(user), None) if !user.is_empty() => Ok(Subject::User(user.to_owned().into())),
            _ => Err(NotASubject),
        }
    }
}

impl Serialize for Subject {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Subject {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Subject, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A row of work: outstanding until it is deleted on the condition that `token` is unchanged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Work {
    /// What may be out of step.
    pub subject: Subject,
    /// Fresh with every event: whoever read it before looking may finish the row only while it
    /// stands.
    pub token: String,
    /// What last asked for the look: `store/customer/updated`, `users`, `import`, `survey/gap`, …
    pub cause: String,
    /// When the outside last asked, in the time of who asked.
    pub asked_at: Timestamp,
    /// When the sweep is to take it up.
    pub due_at: Timestamp,
    /// How often a look has failed since the last event.
    pub attempts: u32,
    /// How many events this row stands for.
    #[serde(default)]
    pub events: u64,
    /// Set after a burst: nobody looks before this time, however many events come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resting_until: Option<Timestamp>,
    /// Whose look writes at a store holds the row until then: no other look takes it up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claimed_until: Option<Timestamp>,
    /// Why the last look failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
    /// Given up: stays until a person retries it or a new event revives it.
    #[serde(default)]
    pub dead: bool,
    /// The user was created, and is not in the index of names until a look puts it there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unlisted: bool,
}

impl Work {
    /// A row that is in no table: for a look that nobody asked for by one.
    pub fn unwritten(subject: Subject, cause: &str, asked_at: Timestamp) -> Work {
        Work {
            subject,
            token: String::new(),
            cause: cause.to_owned(),
            asked_at,
            due_at: asked_at,
            attempts: 0,
            events: 1,
            resting_until: None,
            claimed_until: None,
            last_error: None,
            dead: false,
            unlisted: false,
        }
    }
}

/// How many failed looks make a row dead: with [`backoff`] about six hours.
pub const LAST_ATTEMPT: u32 = 12;

/// How long to wait after the `attempts`-th failed look, before jitter: 5 s, 10 s, 20 s, … one hour at most.
pub fn backoff(attempts: u32) -> Duration {
    Duration::from_secs(5)
        .saturating_mul(1 << attempts.saturating_sub(1).min(10))
        .min(Duration::from_secs(3600))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_reads_back_as_written() {
        for key in ["customer#main-store#42", "user#6f9d5c1e"] {
            assert_eq!(key.parse::<Subject>().unwrap().to_string(), key);
        }
    }

    #[test]
    fn other_text_is_no_subject() {
        for key in
            ["", "customer", "customer#a#b", "customer#A#1", "customer#a#-1", "user#", "user#a#b", "order#1"]
        {
            assert!(key.parse::<Subject>().is_err(), "{key}");
        }
    }

    #[test]
    fn backoff_doubles_up_to_an_hour() {
        let seconds: Vec<u64> = [1, 2, 3, 10, 11, 40].map(|n| backoff(n).as_secs()).to_vec();
        assert_eq!(seconds, [5, 10, 20, 2560, 3600, 3600]);
    }
}
