//! Which rows there were, by what makes a user one: so that of two rows about one user the first counts,
//! however far apart they are. Of each value there are 12 bytes.

use std::{
    collections::HashMap,
    hash::{BuildHasher, Hash, RandomState},
};

use super::row::Read;

/// The rows that were seen.
#[derive(Default)]
pub(super) struct Seen {
    hashed: RandomState,
    rows: HashMap<u64, u32>,
}

impl Seen {
    /// The earlier row that is about the same user; none: this is the first, which is now seen.
    pub(super) fn first_about(&mut self, row: &Read) -> Option<u32> {
        let keys: Vec<u64> = row.keys().iter().map(|key| self.hashed.hash_one(key)).collect();
        if let Some(first) = keys.iter().find_map(|key| self.rows.get(key)) {
            return Some(*first);
        }
        self.rows.extend(keys.into_iter().map(|key| (key, row.number)));
        None
    }
}

/// One value that makes a user one.
#[derive(Hash, PartialEq, Eq)]
pub(super) enum Key<'a> {
    Id(&'a str),
    Customer(u32),
    Other(&'a crate::store::Reservation),
}
