//! Why a link opens nothing.

use axum::http::StatusCode;
use shared::one_time::Standing;

/// Why a link opens nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dead {
    /// There is none like it; or whom it was for is gone, or has another address.
    Unknown,
    /// It was used.
    Used,
    /// A newer one was sent.
    Superseded,
    /// Its time is over.
    Expired,
}

impl Dead {
    /// `None`: the link is good.
    pub(super) fn of(standing: Standing) -> Option<Dead> {
        match standing {
            Standing::Open => None,
            Standing::Used => Some(Dead::Used),
            Standing::Superseded => Some(Dead::Superseded),
            Standing::Expired => Some(Dead::Expired),
        }
    }

    pub(super) fn status(self) -> StatusCode {
        match self {
            Dead::Unknown => StatusCode::NOT_FOUND,
            Dead::Used | Dead::Superseded | Dead::Expired => StatusCode::GONE,
        }
    }
}
