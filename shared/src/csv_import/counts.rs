//! What a row comes to, and how many of each there are.

use serde::{Deserialize, Serialize};

/// What a row comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RowVerdict {
    /// A user is created.
    Create,
    /// A user who was there gets other values.
    Update,
    /// The user is as the row has it.
    Unchanged,
    /// An earlier row is about the same user, and that one counts.
    Duplicate,
    /// Its values belong to several users, or one of them to another.
    Conflict,
    /// It cannot be a user: a value is missing or of the wrong kind.
    Invalid,
    /// It could not be written now, though nothing is wrong with it.
    Failed,
}

impl RowVerdict {
    /// All of them.
    pub const ALL: [RowVerdict; 7] = [
        RowVerdict::Create,
        RowVerdict::Update,
        RowVerdict::Unchanged,
        RowVerdict::Duplicate,
        RowVerdict::Conflict,
        RowVerdict::Invalid,
        RowVerdict::Failed,
    ];

    /// As it is written in JSON.
    pub fn name(self) -> &'static str {
        match self {
            RowVerdict::Create => "create",
            RowVerdict::Update => "update",
            RowVerdict::Unchanged => "unchanged",
            RowVerdict::Duplicate => "duplicate",
            RowVerdict::Conflict => "conflict",
            RowVerdict::Invalid => "invalid",
            RowVerdict::Failed => "failed",
        }
    }
}

/// How many rows came to each verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RowCounts {
    /// [`RowVerdict::Create`].
    pub create: u64,
    /// [`RowVerdict::Update`].
    pub update: u64,
    /// [`RowVerdict::Unchanged`].
    pub unchanged: u64,
    /// [`RowVerdict::Duplicate`].
    pub duplicate: u64,
    /// [`RowVerdict::Conflict`].
    pub conflict: u64,
    /// [`RowVerdict::Invalid`].
    pub invalid: u64,
    /// [`RowVerdict::Failed`].
    pub failed: u64,
}

impl RowCounts {
    /// Counts a row.
    pub fn add(&mut self, verdict: RowVerdict) {
        *self.of_mut(verdict) += 1;
    }

    /// How many rows came to `verdict`.
    pub fn of(mut self, verdict: RowVerdict) -> u64 {
        *self.of_mut(verdict)
    }

    /// All rows.
    pub fn total(self) -> u64 {
        RowVerdict::ALL.into_iter().map(|verdict| self.of(verdict)).sum()
    }

    /// The rows that change a user.
    pub fn changes(self) -> u64 {
        self.create + self.update
    }

    fn of_mut(&mut self, verdict: RowVerdict) -> &mut u64 {
        match verdict {
            RowVerdict::Create => &mut self.create,
            RowVerdict::Update => &mut self.update,
            RowVerdict::Unchanged => &mut self.unchanged,
            RowVerdict::Duplicate => &mut self.duplicate,
            RowVerdict::Conflict => &mut self.conflict,
            RowVerdict::Invalid => &mut self.invalid,
            RowVerdict::Failed => &mut self.failed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_counts_once_under_the_name_of_its_verdict() {
        let mut counts = RowCounts::default();
        for verdict in RowVerdict::ALL {
            counts.add(verdict);
            assert_eq!(
                (counts.of(verdict), serde_json::to_value(verdict).unwrap()),
                (1, verdict.name().into())
            );
        }
        assert_eq!((counts.total(), counts.changes()), (7, 2));
    }
}
