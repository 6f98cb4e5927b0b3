//! Why the tables could not do something.

use std::{error::Error as Source, fmt};

use aws_sdk_dynamodb::{
    config::http::HttpResponse,
    error::{ProvideErrorMetadata, SdkError},
};

use super::uniques::Unique;
use crate::{group::GroupId, user::UserId};

/// What is behind an error, for the log.
pub(super) type Cause = Box<dyn Source + Send + Sync>;

/// Why the tables could not do something. Neither form prints anything personal.
#[derive(thiserror::Error)]
pub enum Error {
    /// The row was changed or deleted since it was read: read it again.
    #[error("the row cannot be written (it was changed since it was read)")]
    Moved,
    /// A unique value belongs to another user.
    #[error("the {what} cannot be taken (it belongs to user {by})")]
    Taken {
        /// What kind of value.
        what: Unique,
        /// The value as it is unique: see [`Reservation`](super::Reservation).
        value: String,
        /// Whose it is.
        by: UserId,
    },
    /// What a client is to call a group is what it calls another.
    #[error("the external identifier cannot be taken (it belongs to group {by})")]
    GroupTaken {
        /// Whose it is.
        by: GroupId,
    },
    /// A client has as many tokens as it may have.
    #[error("the client cannot be given another token (two that have not expired are the most)")]
    TooManyTokens,
    /// Too much was asked of a table at once.
    #[error("the tables cannot keep up (more was asked than their throughput allows)")]
    Throttled,
    /// No answer, or an error of the server.
    #[error("the tables cannot be reached (DynamoDB gave no useful answer in time)")]
    Unavailable(#[source] Cause),
    /// More than fits.
    #[error("the write is too large ({0})")]
    TooLarge(&'static str),
    /// The request is wrong, or not allowed.
    #[error("the tables refused the request (a name, a right or a value is wrong)")]
    Rejected(#[source] Cause),
    /// A row has not the shape that is written now, or its secrets do not open.
    #[error("a row cannot be read (it is not as this version writes it)")]
    Unreadable(#[source] Cause),
}

pub(super) const ITEM_LIMIT: &str = "an item holds 400 KB at most";

impl Error {
    /// Whether it may succeed when it is begun again, from reading on.
    pub fn retryable(&self) -> bool {
        match self {
            Error::Moved | Error::Throttled | Error::Unavailable(_) => true,
            Error::Taken { .. }
            | Error::GroupTaken { .. }
            | Error::TooManyTokens
            | Error::TooLarge(_)
            | Error::Rejected(_)
            | Error::Unreadable(_) => false,
        }
    }

    pub(super) fn rejected(cause: impl Into<Cause>) -> Error {
        Error::Rejected(cause.into())
    }

    pub(super) fn unreadable(cause: impl Into<Cause>) -> Error {
        Error::Unreadable(cause.into())
    }

    /// What became of a call when the SDK has given it up.
    pub(super) fn from_sdk<E>(error: SdkError<E, HttpResponse>) -> Error
    where
        E: ProvideErrorMetadata + Source + Send + Sync + 'static,
    {
        let SdkError::ServiceError(answer) = &error else {
            return match error {
                SdkError::ConstructionFailure(_) => Error::Rejected(Box::new(error)),
                _ => Error::Unavailable(Box::new(error)),
            };
        };
        let too_large = answer.err().message().is_some_and(is_about_size);
        let status = answer.raw().status();
        match answer.err().code().unwrap_or_default() {
            "ConditionalCheckFailedException" => Error::Moved,
            "ProvisionedThroughputExceededException"
            | "ThrottlingException"
            | "RequestLimitExceeded"
            | "TransactionConflictException"
            | "TransactionInProgressException" => Error::Throttled,
            "ValidationException" if too_large => Error::TooLarge(ITEM_LIMIT),
            _ if status.is_server_error() => Error::Unavailable(Box::new(error)),
            _ => Error::Rejected(Box::new(error)),
        }
    }
}

/// DynamoDB has no code of its own for an item that an update makes too large.
pub(super) fn is_about_size(message: &str) -> bool {
    message.contains("xceeded the maximum allowed size")
}

/// The chain of what happened, without the unique value: it is personal.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")?;
        let mut cause = self.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}
