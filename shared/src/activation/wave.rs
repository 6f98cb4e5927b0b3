//! A wave: activation mails to many users, asked for at once and sent bit by bit.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{import::RunId, scim::Filter, user::UserId};

/// Whom a wave is for. Who has set a password, is inactive or has no customer is never among them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Selection {
    /// These users: [`Selection::MOST_USERS`] at most.
    Users(Vec<UserId>),
    /// Those who meet a SCIM filter.
    Filter(Filter),
    /// All who never set a password.
    NeverSet,
}

impl Selection {
    /// How many users may be named one by one.
    pub const MOST_USERS: usize = 1_000;
}

/// Whether a wave goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum WaveState {
    /// Users are gone over, and their mails asked for.
    Active,
    /// All users were gone over; the last mails may still be on their way.
    Walked,
    /// It stopped and asks a person; it may be resumed.
    Stopped,
    /// A person ended it.
    Cancelled,
}

impl WaveState {
    /// Whether its mails may be sent.
    pub fn sends(self) -> bool {
        match self {
            WaveState::Active | WaveState::Walked => true,
            WaveState::Stopped | WaveState::Cancelled => false,
        }
    }
}

/// Why a user gets no mail of a wave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Skipped {
    /// A password was set.
    Done,
    /// There is no customer at the application yet.
    NotLinked,
    /// The user is inactive.
    Inactive,
    /// There is no e-mail address that a mail can be sent to.
    NoAddress,
    /// The address refuses mails, or its owner does not want any.
    Refused,
    /// A mail is on its way, or was sent less than a day ago.
    Recent,
}

/// What a wave came to so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct WaveCounts {
    /// How many users were gone over.
    pub seen: u64,
    /// How many mails were asked for.
    pub queued: u64,
    /// How many were sent.
    pub sent: u64,
    /// How many were not sent after all.
    pub dropped: u64,
    /// How many came back, or were called unwanted.
    pub bounced: u64,
    /// How many users got none, by the reason.
    pub skipped: BTreeMap<Skipped, u64>,
}

/// A wave of activation mails.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Wave {
    /// Its identifier.
    pub id: RunId,
    /// Whom it is for.
    pub selection: Selection,
    /// Whether it goes on.
    pub state: WaveState,
    /// Who asked for it.
    pub asked_by: String,
    /// When it was asked for.
    pub begun_at: Timestamp,
    /// The user up to whom it has gone; of users named one by one, how many.
    #[serde(default)]
    pub after: String,
    /// What it came to so far.
    #[serde(default)]
    pub counts: WaveCounts,
    /// What a person is to know: why it stopped, and what to do.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// Fresh with every write of what is not a count.
    #[serde(default)]
    pub token: String,
}

impl Wave {
    /// A wave to begin.
    pub fn new(id: RunId, selection: Selection, asked_by: &str, now: Timestamp) -> Wave {
        Wave {
            id,
            selection,
            state: WaveState::Active,
            asked_by: asked_by.to_owned(),
            begun_at: now,
            after: String::new(),
            counts: WaveCounts::default(),
            detail: String::new(),
            token: String::new(),
        }
    }

    /// The wave as it goes on from its beginning: who was sent a mail of it is passed over.
    pub fn resumed(&self) -> Wave {
        let counts =
            WaveCounts { sent: self.counts.sent, bounced: self.counts.bounced, ..WaveCounts::default() };
        let (after, detail) = (String::new(), String::new());
        Wave { state: WaveState::Active, after, detail, counts, ..self.clone() }
    }

    /// Whether nothing of it is left to do.
    pub fn is_over(&self) -> bool {
        let handled = self.counts.sent + self.counts.dropped;
        self.state == WaveState::Cancelled || self.state == WaveState::Walked && handled >= self.counts.queued
    }
}
