//! How a look ends, and why one fails.

use std::time::Duration;

use jiff::Timestamp;

use crate::{application::ApplicationId, bigcommerce, store};

use super::scope;

/// How the look at one row of work ended.
#[derive(Clone, Debug)]
pub(super) enum Verdict {
    /// In step, or a person was asked.
    Done,
    /// In step until then, when there will be something to do that no event tells of.
    Until(Timestamp),
    /// Overtaken by another writer: look again.
    Again,
    /// Not looked at, for the store refuses every call: the row stays as it is.
    Shut,
    /// Another look has the row, or the next one: it stays as it is.
    Elsewhere,
    /// It failed.
    Later(Trouble),
}

/// Why a look failed.
#[derive(Clone, Debug, Default)]
pub(super) struct Trouble {
    /// For the row and the log.
    pub(super) reason: String,
    /// When the other system said to come back.
    pub(super) wait: Option<Duration>,
    /// Whether the other system is down for everyone: such a row never dies.
    pub(super) outage: bool,
    /// Where; a row dies only where it is told.
    pub(super) at: Option<ApplicationId>,
}

impl Verdict {
    /// The verdict on a row whose parts came to `self` and `other`.
    pub(super) fn and(self, other: Verdict) -> Verdict {
        match (self, other) {
            (Verdict::Elsewhere, _) | (_, Verdict::Elsewhere) => Verdict::Elsewhere,
            (Verdict::Later(trouble), _) | (_, Verdict::Later(trouble)) => Verdict::Later(trouble),
            (Verdict::Again, _) | (_, Verdict::Again) => Verdict::Again,
            (Verdict::Shut, Verdict::Shut) => Verdict::Shut,
            // Left as it is, it would be looked at every minute at the stores that do answer.
            (Verdict::Shut, _) | (_, Verdict::Shut) => Verdict::Later(shut()),
            (Verdict::Until(one), Verdict::Until(other)) => Verdict::Until(one.min(other)),
            (Verdict::Until(until), _) | (_, Verdict::Until(until)) => Verdict::Until(until),
            (Verdict::Done, Verdict::Done) => Verdict::Done,
        }
    }

    /// The verdict as it is at one application.
    pub(super) fn at(self, application: &ApplicationId) -> Verdict {
        match self {
            Verdict::Later(trouble) => Verdict::Later(Trouble { at: Some(application.clone()), ..trouble }),
            verdict => verdict,
        }
    }
}

fn shut() -> Trouble {
    let reason = "one of the stores refuses the access token".to_owned();
    Trouble { reason, outage: true, ..Trouble::default() }
}

/// Why something could not be read or written.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error("the tables could not be used")]
    Tables(#[source] store::Error),
    #[error("the store could not be used")]
    BigCommerce(#[source] bigcommerce::Error),
    #[error("it could not be told who is in scope")]
    Scope(#[from] scope::Error),
}

impl Failure {
    pub(super) fn may_be_of_one_record(&self) -> bool {
        matches!(self, Failure::BigCommerce(error) if error.may_be_of_one_record())
    }
}

impl From<store::Error> for Failure {
    fn from(error: store::Error) -> Failure {
        Failure::Tables(error)
    }
}

impl From<bigcommerce::Error> for Failure {
    fn from(error: bigcommerce::Error) -> Failure {
        Failure::BigCommerce(error)
    }
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Trouble {
        match failure {
            Failure::Tables(error) => error.into(),
            Failure::BigCommerce(error) => error.into(),
            Failure::Scope(scope::Error::Tables(error)) => error.into(),
            // Until a person mends it nobody can be told from those who have left.
            Failure::Scope(error) => {
                Trouble { reason: error.to_string(), outage: true, ..Trouble::default() }
            }
        }
    }
}

impl From<store::Error> for Trouble {
    fn from(error: store::Error) -> Trouble {
        Trouble { outage: error.retryable(), reason: error.to_string(), ..Trouble::default() }
    }
}

impl From<bigcommerce::Error> for Trouble {
    fn from(error: bigcommerce::Error) -> Trouble {
        let outage = is_about_credentials(&error) || error.retryable() && !error.may_be_of_one_record();
        Trouble { outage, wait: error.retry_after(), reason: error.to_string(), at: None }
    }
}

/// Whether the store does not know the application's credentials. Of a read, "not found" tells that
/// there is no such store.
pub fn is_about_credentials(error: &bigcommerce::Error) -> bool {
    use bigcommerce::Error::{Forbidden, NotFound, Unauthorized};
    matches!(error, Unauthorized | Forbidden | NotFound)
}

pub(super) fn all_later(rows: usize, trouble: &Trouble) -> Vec<Verdict> {
    vec![Verdict::Later(trouble.clone()); rows]
}
