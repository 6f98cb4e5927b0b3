//! What a person decided about deletions that the brake stopped.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Error, Tables};
use crate::{
    application::ApplicationId,
    report::{Attention, AttentionKind},
};

/// Which side loses records by deletions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Customers at the store, for their users have left.
    ToStore,
    /// Users in the directory, for their customers are gone.
    ToDirectory,
}

/// What a person decided about deletions that the brake stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Decision {
    /// They are wanted, and so are further ones until then.
    Approved {
        /// Until when.
        until: Timestamp,
    },
    /// Those asked for until then are to be undone.
    Rejected {
        /// When it was decided.
        at: Timestamp,
        /// How many there were in that hour: they count no more.
        tallied: u64,
    },
}

#[derive(Serialize, Deserialize)]
struct Note {
    decision: Decision,
}

const DECISION: &str = "decision";

impl Way {
    /// Both.
    pub const ALL: [Way; 2] = [Way::ToStore, Way::ToDirectory];

    /// As text: `to-store`, `to-directory`.
    pub fn as_str(self) -> &'static str {
        match self {
            Way::ToStore => "to-store",
            Way::ToDirectory => "to-directory",
        }
    }

    /// What attention and decisions about such deletions at `application` are about.
    pub fn about(self, application: &ApplicationId) -> String {
        format!("{application}#{}", self.as_str())
    }
}

impl Tables {
    /// Lets the deletions go on that the brake stopped, and further ones until `until`.
    pub async fn approve_deletions(
        &self,
        application: &ApplicationId,
        way: Way,
        until: Timestamp,
    ) -> Result<Option<Attention>, Error> {
        self.decide(application, way, Decision::Approved { until }).await
    }

    /// Has the deletions undone that the brake stopped: users are made again from their customers,
    /// customers from their users.
    pub async fn reject_deletions(
        &self,
        application: &ApplicationId,
        way: Way,
    ) -> Result<Option<Attention>, Error> {
        let now = self.clock.now();
        let tallied = self.tally_deletions(application, way.as_str(), now, 0).await?;
        self.decide(application, way, Decision::Rejected { at: now, tallied }).await
    }

    /// What was last decided.
    pub async fn deletions_decided(
        &self,
        application: &ApplicationId,
        way: Way,
    ) -> Result<Option<Decision>, Error> {
        let note: Option<Note> = self.recall(DECISION, &way.about(application)).await?;
        Ok(note.map(|note| note.decision))
    }

    /// The attention is settled last: while it stands, the deletions wait.
    async fn decide(
        &self,
        application: &ApplicationId,
        way: Way,
        decision: Decision,
    ) -> Result<Option<Attention>, Error> {
        let about = way.about(application);
        self.remember(DECISION, &about, &Note { decision }).await?;
        self.settle_attention(AttentionKind::Deletions, &about).await
    }
}
