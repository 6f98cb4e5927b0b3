//! How often a network and an address may ask. Nobody is ever locked out: it is a matter of minutes.

use jiff::SignedDuration;
use shared::{secret::EmailAddress, store};

use super::{App, visit::Visit};

/// The span in which attempts are counted, and in which an address is sent one mail at most.
const SPAN: SignedDuration = SignedDuration::from_mins(10);

/// How many passwords one network may try to set in [`SPAN`]: an office shares one.
const MOST_PASSWORDS: u32 = 60;

/// How many links one network may ask for in [`SPAN`].
const MOST_LINKS: u32 = 30;

/// It was asked too often; again after this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooOften(pub(super) SignedDuration);

impl TooOften {
    pub(super) fn seconds(self) -> i64 {
        self.0.as_secs().max(1)
    }

    pub(super) fn minutes(self) -> i64 {
        (self.seconds() + 59) / 60
    }
}

impl App {
    pub(super) async fn may_set(&self, visit: &Visit) -> Result<Result<(), TooOften>, store::Error> {
        self.at_most("password", MOST_PASSWORDS, visit).await
    }

    pub(super) async fn may_ask(&self, visit: &Visit) -> Result<Result<(), TooOften>, store::Error> {
        self.at_most("link", MOST_LINKS, visit).await
    }

    /// Whether the address may be sent a mail.
    pub(super) async fn may_be_sent(&self, email: &EmailAddress) -> Result<bool, store::Error> {
        self.tables.once_in("reset", &email.folded(), self.clock.now(), SPAN).await
    }

    async fn at_most(
        &self,
        what: &str,
        most: u32,
        visit: &Visit,
    ) -> Result<Result<(), TooOften>, store::Error> {
        let counted = self.tables.at_most(what, &visit.client, most, self.clock.now(), SPAN).await?;
        Ok(counted.map_err(TooOften))
    }
}
