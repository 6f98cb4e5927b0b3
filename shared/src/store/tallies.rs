//! Deletions, counted by the hour, and what a person decided about those that the brake stopped.

use aws_sdk_dynamodb::types::ReturnValue;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    Error, Table, Tables,
    item::{aliases, item, number, read, text},
};
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
    },
}

#[derive(Serialize, Deserialize)]
struct Note {
    decision: Decision,
}

const TALLY: &str = "tally";
const DECISION: &str = "deletions";
/// For how long a tally is kept, in hours.
const KEPT: i64 = 2;

impl Way {
    /// Both.
    pub const ALL: [Way; 2] = [Way::ToStore, Way::ToDirectory];

    /// What attention and decisions about such deletions at `application` are about.
    pub fn about(self, application: &ApplicationId) -> String {
        let way = match self {
            Way::ToStore => "to-store",
            Way::ToDirectory => "to-directory",
        };
        format!("{application}#{way}")
    }
}

impl Tables {
    /// Counts so many more deletions, and gives how many that makes in this hour.
    pub async fn tally_deletions(
        &self,
        application: &ApplicationId,
        way: Way,
        deletions: u64,
    ) -> Result<u64, Error> {
        #[derive(Deserialize)]
        struct Tally {
            deletions: u64,
        }
        let now = self.clock.now();
        let expires = now + SignedDuration::from_hours(KEPT);
        let update = self
            .client
            .update_item()
            .set_key(Some(self.tally_key(application, way, now)))
            .update_expression("SET expiresAt = :expires ADD #deletions :deletions")
            .set_expression_attribute_names(Some(aliases(&["deletions"])))
            .expression_attribute_values(":expires", number(expires.as_second()))
            .expression_attribute_values(":deletions", number(deletions))
            .return_values(ReturnValue::AllNew);
        let row = self.update(Table::Settings, update).await?;
        row.map_or(Ok(deletions), |row| Ok(read::<Tally>(row)?.deletions))
    }

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
        let tally = self.client.delete_item().set_key(Some(self.tally_key(application, way, now)));
        self.delete(Table::Settings, tally).await?;
        self.decide(application, way, Decision::Rejected { at: now }).await
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

    fn tally_key(&self, application: &ApplicationId, way: Way, at: Timestamp) -> super::item::Item {
        let hour = at.strftime("%Y-%m-%dT%H");
        item([("kind", text(TALLY)), ("id", text(format!("{}#{hour}", way.about(application))))])
    }
}
