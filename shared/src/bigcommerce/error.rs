//! What can go wrong between us and BigCommerce, for two readers: `Display` tells a log what could
//! not be done and holds nothing personal; [`Error::message`] is the store's own sentence, for the report.

use std::{collections::BTreeMap, fmt, sync::Arc, time::Duration};

/// The rule of an answer that is JSON and yet cannot be read.
pub(super) const SHAPE: &str = "an answer is of the documented shape";

/// What can go wrong between us and BigCommerce.
#[derive(Clone, thiserror::Error)]
pub enum Error {
    /// No answer: no connection, or its time ended first. The request may have been carried out.
    #[error("BigCommerce did not answer (20 seconds)")]
    Unreachable {
        /// Without the address, whose query may be personal.
        #[source]
        source: Arc<reqwest::Error>,
    },
    /// Over the store's quota, or so near that the rest is left to the merchant's other apps.
    #[error("the store's quota allows no call now (next in {} s)", retry_after.as_secs())]
    RateLimited {
        /// When the next call may be made.
        retry_after: Duration,
    },
    /// The store understood and refused; asking again is no use.
    #[error("the store refused the request ({status} {})", public(title))]
    Refused {
        /// The status of the answer.
        status: u16,
        /// The store's own words.
        title: String,
        /// The store's own words on each field or row.
        errors: Reasons,
    },
    /// The store has no such record, or there is no such store.
    #[error("the store has no such record (404)")]
    NotFound,
    /// The access token is wrong, revoked or of another store.
    #[error("the store refused the credentials (401)")]
    Unauthorized,
    /// The access token lacks a scope, or the store is suspended.
    #[error("the credentials do not allow the request (403)")]
    Forbidden,
    /// The store, or what stands before it, cannot answer now.
    #[error("the store cannot answer now ({status})")]
    Unavailable {
        /// The status of the answer.
        status: u16,
        /// When the answer tells.
        retry_after: Option<Duration>,
    },
    /// What came is not what the API answers. A write may have been carried out.
    #[error("the answer cannot be read ({rule}; status {status})")]
    Garbled {
        /// The status of the answer.
        status: u16,
        /// What an answer has to be.
        rule: &'static str,
    },
    /// A write succeeded, and its answer does not hold this record.
    #[error("the record is missing in the answer (each record that was written comes back)")]
    Unconfirmed,
    /// The application's settings, or the address of the API, cannot be used.
    #[error("the store cannot be addressed ({0})")]
    Misconfigured(&'static str),
}

/// The store's own words on each field or row of a request; may be personal.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Reasons(BTreeMap<String, String>);

impl Error {
    /// Whether the same request may succeed later without anybody's doing.
    pub fn retryable(&self) -> bool {
        match self {
            Error::Unreachable { .. }
            | Error::RateLimited { .. }
            | Error::Unavailable { .. }
            | Error::Garbled { .. }
            | Error::Unconfirmed => true,
            Error::Refused { .. }
            | Error::NotFound
            | Error::Unauthorized
            | Error::Forbidden
            | Error::Misconfigured(_) => false,
        }
    }

    /// How long to wait before the next try, where the store told.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Error::RateLimited { retry_after } => Some(*retry_after),
            Error::Unavailable { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// The store's own words, for the report: may hold personal data and must not be logged.
    pub fn message(&self) -> String {
        match self {
            Error::Refused { title, errors, .. } if !errors.is_empty() => format!("{title} ({errors})"),
            Error::Refused { title, .. } => title.clone(),
            other => other.to_string(),
        }
    }

    /// Whether the store says that another customer has the e-mail address. A hint: the words may change.
    pub fn says_already_in_use(&self) -> bool {
        matches!(self, Error::Refused { .. })
            && self.message().to_ascii_lowercase().contains("already in use")
    }

    /// Whether the answer was whole and JSON, so that it may be one of its records that is not of
    /// the documented shape.
    pub fn may_be_of_one_record(&self) -> bool {
        matches!(self, Error::Garbled { rule: SHAPE, .. })
    }

    /// Without the address: its query may hold e-mail addresses.
    pub(super) fn unreachable(source: reqwest::Error) -> Error {
        Error::Unreachable { source: Arc::new(source.without_url()) }
    }

    /// Whether a write that failed so may have been carried out all the same.
    pub(super) fn leaves_in_doubt(&self) -> bool {
        match self {
            Error::Unreachable { .. } => !self.is_unsent(),
            Error::Garbled { status: 300..=399, .. } => false,
            Error::Unavailable { .. } | Error::Garbled { .. } => true,
            _ => false,
        }
    }

    /// Whether the request did not even leave: there was no connection.
    pub(super) fn is_unsent(&self) -> bool {
        matches!(self, Error::Unreachable { source } if source.is_connect())
    }

    /// Whether the time of a call went by: not often to be spent again.
    pub(super) fn took_all_its_time(&self) -> bool {
        matches!(self, Error::Unreachable { source } if source.is_timeout())
    }

    /// Whether another request would fare no better now, whatever its rows.
    pub(super) fn concerns_the_store(&self) -> bool {
        match self {
            Error::Unreachable { .. }
            | Error::RateLimited { .. }
            | Error::NotFound
            | Error::Unauthorized
            | Error::Forbidden
            | Error::Misconfigured(_) => true,
            // Also what a store answers when it stumbles over a row.
            Error::Unavailable { status, .. } => *status != 500,
            Error::Refused { .. } | Error::Garbled { .. } | Error::Unconfirmed => false,
        }
    }

    /// Whether the request may have been refused because it names too many records.
    pub(super) fn may_mean_too_many(&self) -> bool {
        matches!(self, Error::Refused { status: 413 | 414 | 422 | 431, .. })
    }
}

impl Reasons {
    /// Each field or row, and what the store says of it.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(about, words)| (about.as_str(), words.as_str()))
    }

    /// Whether the store gave none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<(String, String)> for Reasons {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(reasons: I) -> Reasons {
        Reasons(reasons.into_iter().collect())
    }
}

impl fmt::Display for Reasons {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (about, words)) in self.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{about}: {words}")?;
        }
        Ok(())
    }
}

/// Tells how many, and nothing personal.
impl fmt::Debug for Reasons {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reasons({})", self.0.len())
    }
}

/// As `Display`: the fields may be personal.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A title as it may be logged: words with an `@` masked, at most 200 characters.
fn public(title: &str) -> String {
    let masked = title.split_whitespace().map(|word| if word.contains('@') { "***" } else { word });
    masked.collect::<Vec<_>>().join(" ").chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused() -> Error {
        Error::Refused {
            status: 422,
            title: "Cannot keep ann@example.com here.".to_owned(),
            errors: [("0.email".to_owned(), "ann@example.com is taken".to_owned())].into_iter().collect(),
        }
    }

    #[test]
    fn a_log_sees_the_title_and_no_address() {
        assert_eq!(refused().to_string(), "the store refused the request (422 Cannot keep *** here.)");
        assert_eq!(format!("{:?}", refused()), refused().to_string());
    }

    #[test]
    fn the_report_sees_the_stores_own_words() {
        assert_eq!(
            refused().message(),
            "Cannot keep ann@example.com here. (0.email: ann@example.com is taken)"
        );
    }

    #[test]
    fn only_what_time_may_mend_is_retryable() {
        let wait = Duration::from_secs(7);
        assert!(Error::RateLimited { retry_after: wait }.retryable());
        assert!(Error::Unavailable { status: 503, retry_after: None }.retryable());
        assert!(Error::Garbled { status: 200, rule: "JSON" }.retryable());
        assert!(!refused().retryable() && !Error::Unauthorized.retryable() && !Error::NotFound.retryable());
        assert_eq!(Error::RateLimited { retry_after: wait }.retry_after(), Some(wait));
        assert_eq!(refused().retry_after(), None);
    }
}
