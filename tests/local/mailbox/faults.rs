//! How calls fail, and what becomes of mails.

/// How a call that sends fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// 400, as for more than the rate allows.
    TooFast,
    /// 400, as when the quota of the day is spent.
    QuotaSpent,
    /// 503: nothing was taken.
    Unavailable,
    /// 500, and nothing was taken.
    Failed,
    /// 500, and the mail was taken all the same.
    FailedAfter,
    /// No answer, and nothing was taken.
    Lost,
    /// No answer, and the mail was taken.
    LostAfter,
    /// 400: the sender's address is not verified.
    NotVerified,
}

impl Fault {
    /// Whether the mail is taken all the same.
    pub(super) fn takes(self) -> bool {
        matches!(self, Fault::FailedAfter | Fault::LostAfter)
    }

    /// The status, code and message of the answer; `None`: there is none.
    pub(super) fn answer(self) -> Option<(u16, &'static str, &'static str)> {
        match self {
            Fault::TooFast => Some((400, "Throttling", "Maximum sending rate exceeded.")),
            Fault::QuotaSpent => Some((400, "Throttling", "Daily message quota exceeded.")),
            Fault::Unavailable => Some((503, "ServiceUnavailable", "Service is temporarily unavailable.")),
            Fault::Failed | Fault::FailedAfter => {
                Some((500, "InternalFailure", "An internal error occurred."))
            }
            Fault::NotVerified => {
                Some((400, "MessageRejected", "Email address is not verified. It failed the check."))
            }
            Fault::Lost | Fault::LostAfter => None,
        }
    }
}

/// What becomes of a mail that was taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fate {
    /// It arrives.
    #[default]
    Arrives,
    /// The recipient's server refuses it for good.
    Bounces,
    /// The recipient's mailbox is full.
    BouncesForNow,
    /// It arrives and is called unwanted.
    Unwanted,
    /// The address is on the account's list of those that get no mail.
    Suppressed,
    /// SES finds a virus in it.
    Rejected,
    /// Its recipient unsubscribes.
    Unsubscribed,
}

impl Fate {
    /// What SES's own simulated recipients are for.
    pub(super) fn of_simulated(address: &str) -> Fate {
        match address.split_once('@') {
            Some(("bounce", "simulator.amazonses.com")) => Fate::Bounces,
            Some(("complaint", "simulator.amazonses.com")) => Fate::Unwanted,
            Some(("suppressionlist", "simulator.amazonses.com")) => Fate::Suppressed,
            _ => Fate::Arrives,
        }
    }
}
