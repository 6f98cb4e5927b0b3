//! The report sealed: the entries of each hour of an application are made one block, which holds
//! their digest, how they ended, and the hash of the block before it. Who changes, takes away or
//! puts in an entry later breaks its block; who makes the block anew breaks the one after it, and has
//! no key for its mark.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use ring::digest::{Context, SHA256};
use serde::{Deserialize, Serialize};

use crate::{
    application::ApplicationId,
    report::{Entry, Outcome},
};

/// How long after its end an hour is sealed: whoever writes an entry does so within minutes.
pub const SETTLES: SignedDuration = SignedDuration::from_mins(15);

/// How many entries ended in which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Totals {
    /// [`Outcome::Success`].
    pub success: u64,
    /// [`Outcome::Conflict`].
    pub conflict: u64,
    /// [`Outcome::Blocked`].
    pub blocked: u64,
    /// [`Outcome::Failed`].
    pub failed: u64,
}

impl Totals {
    /// Counts one more.
    pub fn count(&mut self, outcome: Outcome) {
        *match outcome {
            Outcome::Success => &mut self.success,
            Outcome::Conflict => &mut self.conflict,
            Outcome::Blocked => &mut self.blocked,
            Outcome::Failed => &mut self.failed,
        } += 1;
    }

    /// Both together.
    pub fn and(self, other: Totals) -> Totals {
        Totals {
            success: self.success + other.success,
            conflict: self.conflict + other.conflict,
            blocked: self.blocked + other.blocked,
            failed: self.failed + other.failed,
        }
    }

    /// All of them.
    pub fn all(self) -> u64 {
        self.success + self.conflict + self.blocked + self.failed
    }
}

/// Entries rolled into one digest, one after the other. It can be laid down and taken up again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Roll {
    /// Of all entries so far, in base64; empty for none.
    pub digest: String,
    /// How they ended.
    pub totals: Totals,
}

impl Roll {
    /// Rolls one more in.
    pub fn add(&mut self, entry: &Entry) {
        // An entry is written by its type, so what is not of it does not count.
        let text = serde_json::to_vec(entry).unwrap_or_default();
        self.digest = hash(&[self.digest.as_bytes(), &text]);
        self.totals.count(entry.outcome);
    }
}

/// The entries of one hour, sealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Block {
    /// When the hour began.
    pub hour: Timestamp,
    /// The entries of it.
    #[serde(flatten)]
    pub roll: Roll,
    /// The hash of the block before; empty for the first.
    pub previous: String,
    /// The hash of all that.
    pub hash: String,
}

impl Block {
    /// The block of an hour, after the one whose hash is `previous`.
    pub fn new(application: &ApplicationId, hour: Timestamp, roll: Roll, previous: &str) -> Block {
        let block = Block { hour, roll, previous: previous.to_owned(), hash: String::new() };
        Block { hash: block.hashed(application), ..block }
    }

    /// Whether its hash is its own.
    pub fn is_whole(&self, application: &ApplicationId) -> bool {
        self.hash == self.hashed(application)
    }

    fn hashed(&self, application: &ApplicationId) -> String {
        let Totals { success, conflict, blocked, failed } = self.roll.totals;
        let counts = [success, conflict, blocked, failed].map(u64::to_be_bytes).concat();
        hash(&[
            application.as_str().as_bytes(),
            self.hour.to_string().as_bytes(),
            &counts,
            self.roll.digest.as_bytes(),
            self.previous.as_bytes(),
        ])
    }
}

/// The hour that a moment is in.
pub fn hour_of(at: Timestamp) -> Timestamp {
    let second = at.as_second();
    Timestamp::from_second(second - second.rem_euclid(3600)).unwrap_or(at)
}

/// The hour after.
pub fn after(hour: Timestamp) -> Timestamp {
    hour.saturating_add(SignedDuration::from_hours(1)).unwrap_or(Timestamp::MAX)
}

/// The hash of several parts, each with its length, so that none can lend to the next.
fn hash(parts: &[&[u8]]) -> String {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    URL_SAFE_NO_PAD.encode(context.finish())
}

/// Where the chain of an application stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Chain {
    /// The first hour that was sealed: what is older never was.
    pub since: Timestamp,
    /// The hour that is to be sealed next.
    pub next: Timestamp,
    /// The hash of the last block; empty for none.
    pub last: String,
    /// The hour that is being sealed, where it takes several goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open: Option<Place>,
}

/// How far the sealing of an hour is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Place {
    /// In which of the partitions.
    pub shard: u8,
    /// After which entry; none: at the partition's first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// What was rolled in.
    pub roll: Roll,
}

impl Chain {
    /// One that begins with the day before.
    pub fn begun(now: Timestamp) -> Chain {
        let since = hour_of(now.saturating_sub(SignedDuration::from_hours(24)).unwrap_or(now));
        Chain { since, next: since, last: String::new(), open: None }
    }

    /// Whether there is an hour to be sealed.
    pub fn is_due(&self, now: Timestamp) -> bool {
        after(self.next).saturating_add(SETTLES).is_ok_and(|settled| settled <= now)
    }
}

/// What is wrong with an hour of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Flaw {
    /// Its entries are not those that were sealed.
    EntriesDiffer,
    /// It has entries and no block.
    BlockMissing,
    /// Its block does not follow the block before it: one was taken away or put in.
    LinkBroken,
    /// Its block was not made by this deployment.
    Forged,
}

/// An hour with a flaw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// When the hour began.
    pub hour: Timestamp,
    /// What is wrong.
    pub flaw: Flaw,
    /// How many entries were sealed.
    pub sealed: u64,
    /// How many there are.
    pub found: u64,
}

/// What a check of the report came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Check {
    /// How many hours were looked at.
    pub hours: u64,
    /// How many entries.
    pub entries: u64,
    /// What is wrong; nothing: the report is as it was written.
    pub findings: Vec<Finding>,
    /// The hour at which a further check goes on; none: all was looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<Timestamp>,
    /// The hash of the last block that was seen: a further check goes on from it.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub last: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Action;

    fn entry(id: &str, outcome: Outcome) -> Entry {
        Entry {
            id: id.to_owned(),
            at: Timestamp::UNIX_EPOCH,
            application: shop(),
            user: None,
            customer: None,
            identifier: None,
            action: Action::Link,
            cause: "import".to_owned(),
            outcome,
            changes: Vec::new(),
            detail: String::new(),
        }
    }

    fn shop() -> ApplicationId {
        "shop".parse().unwrap()
    }

    fn rolled(entries: &[Entry]) -> Roll {
        entries.iter().fold(Roll::default(), |mut roll, entry| {
            roll.add(entry);
            roll
        })
    }

    #[test]
    fn a_roll_tells_order_content_and_number() {
        let (a, b) = (entry("a", Outcome::Success), entry("b", Outcome::Failed));
        let roll = rolled(&[a.clone(), b.clone()]);
        assert_eq!(roll, rolled(&[a.clone(), b.clone()]));
        assert_eq!(roll.totals, Totals { success: 1, failed: 1, ..Totals::default() });
        for other in
            [vec![b.clone(), a.clone()], vec![a.clone()], vec![a, Entry { detail: "x".to_owned(), ..b }]]
        {
            assert_ne!(rolled(&other).digest, roll.digest);
        }
    }

    #[test]
    fn a_block_is_not_whole_when_anything_of_it_is_another() {
        let roll = rolled(&[entry("a", Outcome::Success)]);
        let block = Block::new(&shop(), Timestamp::UNIX_EPOCH, roll, "before");
        assert!(block.is_whole(&shop()));
        assert!(!block.is_whole(&"outlet".parse().unwrap()));
        let mut changed = [block.clone(), block.clone(), block.clone()];
        changed[0].previous.clear();
        changed[1].hour = after(changed[1].hour);
        changed[2].roll.totals = Totals { failed: 1, ..Totals::default() };
        assert!(changed.iter().all(|block| !block.is_whole(&shop())));
    }

    #[test]
    fn an_hour_is_due_when_it_has_settled() {
        let begun: Timestamp = "2026-03-02T10:59:59Z".parse().unwrap();
        let chain = Chain::begun(begun);
        assert_eq!(chain.since.to_string(), "2026-03-01T10:00:00Z");
        let last = Chain { next: "2026-03-02T09:00:00Z".parse().unwrap(), ..chain };
        assert!(!last.is_due("2026-03-02T10:14:59Z".parse().unwrap()));
        assert!(last.is_due("2026-03-02T10:15:00Z".parse().unwrap()));
    }
}
