//! How many users there are, where the user of a rank is, and how many are linked at a store: kept
//! with every write, never counted.
//!
//! 64 rows, by the first six bits of the identifier, have 64 numbers each, by the next six: so
//! the users are counted in 4,096 buckets, the first three digits of the identifier, in order. All
//! of it is 20 KB: a few read units tell the bucket in which the user of a rank is, and each write
//! of a user costs one of these rows, which stays below the kilobyte that a write unit covers.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::types::AttributeValue;

use super::{
    Error, Table, Tables,
    item::{Item, item, key_of, number, text},
    step::Step,
};
use crate::{
    application::ApplicationId,
    user::{User, UserId},
};

/// The names of a row's numbers: of one byte each, as a name counts as much as its value.
const NAMES: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// In how many buckets the users of a row are counted.
const BUCKETS_A_ROW: usize = NAMES.len();

const COUNT: &str = "count";

/// Some users and how many there are in all.
#[derive(Clone, PartialEq)]
pub struct UserPage {
    /// The users, in the order of their identifiers.
    pub users: Vec<User>,
    /// How many users there are.
    pub total: u64,
}

/// How many users are in each bucket, and links at each application.
#[derive(Default)]
struct Counts {
    users: BTreeMap<usize, u64>,
    links: BTreeMap<String, u64>,
}

/// A user's bucket: the value of the first three digits of its identifier; `None` for what cannot
/// be a user's identifier.
pub(super) fn bucket(id: &UserId) -> Option<usize> {
    let digits = id.as_str().get(..3).filter(|_| id.as_str().len() <= 64)?;
    let is_digit = |digit: u8| digit.is_ascii_digit() || (b'a'..=b'f').contains(&digit);
    digits.bytes().all(is_digit).then(|| usize::from_str_radix(digits, 16).ok())?
}

fn row_of(bucket: usize) -> String {
    format!("{:02}", bucket / BUCKETS_A_ROW)
}

fn name_of(bucket: usize) -> String {
    char::from(NAMES[bucket % BUCKETS_A_ROW]).into()
}

fn link_name(application: &str) -> String {
    format!("link:{application}")
}

impl Counts {
    fn read(rows: Vec<Item>) -> Result<Counts, Error> {
        let mut counts = Counts::default();
        for row in rows {
            let place: usize = key_of(&row, "sk")?.parse().map_err(Error::unreadable)?;
            for (name, value) in &row {
                counts.add(place, name, value)?;
            }
        }
        Ok(counts)
    }

    fn add(&mut self, row: usize, name: &str, value: &AttributeValue) -> Result<(), Error> {
        let Ok(digits) = value.as_n() else { return Ok(()) };
        let count: u64 = digits.parse().map_err(Error::unreadable)?;
        let place = NAMES.iter().position(|known| name.as_bytes() == [*known]);
        match (place, name.strip_prefix("link:")) {
            (Some(place), _) => drop(self.users.insert(row * BUCKETS_A_ROW + place, count)),
            (None, Some(application)) => *self.links.entry(application.to_owned()).or_default() += count,
            (None, None) => return Err(Error::unreadable("a count of nothing that is known")),
        }
        Ok(())
    }

    fn total(&self) -> u64 {
        self.users.values().sum()
    }

    /// The bucket of the user of this rank, and how many are before it there; `None`: there are
    /// fewer users.
    fn place(&self, rank: u64) -> Option<(usize, u64)> {
        let mut before = 0;
        for (bucket, count) in &self.users {
            if rank < before + count {
                return Some((*bucket, rank - before));
            }
            before += count;
        }
        None
    }
}

impl Tables {
    /// How many users there are.
    pub async fn count_users(&self) -> Result<u64, Error> {
        Ok(self.counts().await?.total())
    }

    /// How many users are linked to a customer of this application.
    pub async fn count_links(&self, application: &ApplicationId) -> Result<u64, Error> {
        Ok(self.counts().await?.links.get(application.as_str()).copied().unwrap_or_default())
    }

    /// At most `limit` users in the order of their identifiers, from the one before which there
    /// are `start` others. Any page costs what the first does, and up to a bucket more.
    pub async fn page_of_users_from(&self, start: u64, limit: usize) -> Result<UserPage, Error> {
        let counts = self.counts().await?;
        let total = counts.total();
        let Some((bucket, skipped)) = counts.place(start).filter(|_| limit > 0) else {
            return Ok(UserPage { users: Vec::new(), total });
        };
        let skipped = usize::try_from(skipped).unwrap_or(usize::MAX);
        // Every identifier is greater than its own beginning.
        let before = UserId::from(format!("{bucket:03x}"));
        let users = self.page_of_users(Some(&before), limit.saturating_add(skipped)).await?;
        Ok(UserPage { users: users.into_iter().skip(skipped).collect(), total })
    }

    /// As last written, or a moment before.
    async fn counts(&self) -> Result<Counts, Error> {
        let query = self.query_of(Table::Users).key_condition_expression("pk = :pk");
        Counts::read(self.query_all(query.expression_attribute_values(":pk", text(COUNT))).await?)
    }

    /// The step that counts what becomes of a user, where it is counted.
    pub(super) fn count_step(
        &self,
        before: Option<&User>,
        after: Option<&User>,
    ) -> Result<Option<Step>, Error> {
        let changes = changes(before, after);
        let user = before.or(after);
        let (Some(bucket), false) = (user.and_then(|user| bucket(&user.id)), changes.is_empty()) else {
            return Ok(None);
        };
        let key = item([("pk", text(COUNT)), ("sk", text(row_of(bucket)))]);
        let (mut names, mut values, mut added) = (BTreeMap::new(), Item::new(), Vec::new());
        for (place, (application, change)) in changes.into_iter().enumerate() {
            let name = application.map_or_else(|| name_of(bucket), |id| link_name(id.as_str()));
            names.insert(format!("#n{place}"), name);
            values.insert(format!(":n{place}"), number(change));
            added.push(format!("#n{place} :n{place}"));
        }
        let expression = format!("ADD {}", added.join(", "));
        self.update_step(Table::Users, key, &expression, names.into_iter().collect(), values).map(Some)
    }
}

/// By how much the user's bucket (`None`) and its applications change.
fn changes<'a>(before: Option<&'a User>, after: Option<&'a User>) -> BTreeMap<Option<&'a ApplicationId>, i8> {
    let counted = |user: Option<&'a User>| -> BTreeSet<Option<&'a ApplicationId>> {
        user.into_iter().flat_map(|user| user.links.keys().map(Some).chain([None])).collect()
    };
    let (had, has) = (counted(before), counted(after));
    let gained = has.difference(&had).map(|of| (*of, 1));
    gained.chain(had.difference(&has).map(|of| (*of, -1))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bucket_of(id: &str) -> Option<usize> {
        bucket(&UserId::from(id.to_owned()))
    }

    #[test]
    fn buckets_are_in_the_order_of_the_identifiers() {
        assert_eq!(bucket_of("000f0000-"), Some(0));
        assert_eq!(bucket_of("0400"), Some(64));
        assert_eq!(bucket_of("fff"), Some(4095));
        for id in ["", "ff", "Fff", "+ff", "ffg", "f-f", "éé", &"f".repeat(65)] {
            assert_eq!(bucket_of(id), None, "{id}");
        }
        assert_eq!((row_of(4095), name_of(4095)), ("63".to_owned(), "_".to_owned()));
    }

    #[test]
    fn a_rank_is_in_the_bucket_that_reaches_beyond_it() {
        let counts = Counts { users: [(1, 2), (5, 0), (9, 3)].into(), ..Counts::default() };
        let places: Vec<_> = (0..6).map(|rank| counts.place(rank)).collect();
        let expected = [Some((1, 0)), Some((1, 1)), Some((9, 0)), Some((9, 1)), Some((9, 2)), None];
        assert_eq!((places, counts.total()), (expected.to_vec(), 5));
    }
}
