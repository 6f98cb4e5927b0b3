//! Users in the order of their names and of their user names, and those whose name begins so. The
//! reservations of user names lie in order themselves; by name, users stand in an index of the
//! users table. A page costs the same wherever it is and however many users there are.
//!
//! Both have a partition for each of nine ranges of the first letter, a shelf: few enough to be
//! walked through in order, and enough that no partition takes all writes of an import.
//!
//! The index costs a write of its own. A user that is created with a row of work is put into it by
//! the look at that row, so that who creates users neither waits nor pays for it.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::{
    Error, Table, Tables,
    body::user_of,
    call::held,
    item::{Item, aliases, item, key_of, number, text},
    token_hash,
    users::user_key,
};
use crate::{
    secret::fold,
    user::{User, UserId},
};

/// The index, and its keys.
const INDEX: &str = "in-order";
const SHELF: &str = "shelf";
const FOLDED: &str = "folded";

/// The first letters of the shelves after the first.
const SHELVES: [char; 8] = ['a', 'c', 'e', 'i', 'm', 'p', 't', '{'];

/// How much of a text is kept in order, in bytes: the key of an index takes 1024.
const LONGEST: usize = 512;

/// Stands between the text and the user's identifier, and before every letter.
const BETWEEN: char = '\u{1f}';

/// By what users stand in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Order {
    /// Family name, then first name; who has none of them by the displayed name or the user name.
    Name,
    /// User name.
    UserName,
}

/// From which end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Sense {
    /// From the first.
    #[default]
    Ascending,
    /// From the last.
    Descending,
}

/// Users in an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// By what.
    pub order: Order,
    /// From which end.
    pub sense: Sense,
    /// Only those who begin so, folded.
    pub prefix: String,
}

/// One user of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Where: the next page begins after it.
    pub place: String,
    /// Who.
    pub user: UserId,
}

impl Order {
    fn kind(self) -> &'static str {
        match self {
            Order::Name => "name",
            Order::UserName => "userName",
        }
    }

    /// The text by which the user stands, folded.
    pub fn text(self, user: &User) -> String {
        match self {
            Order::Name => name_of(user),
            Order::UserName => user.folded_user_name(),
        }
    }
}

fn name_of(user: &User) -> String {
    let parts = [user.name.family_name.as_deref(), user.name.given_name.as_deref()];
    let whole = fold(&parts.into_iter().flatten().collect::<Vec<_>>().join(" "));
    let shown = || user.name.formatted.as_ref().or(user.attributes.get("displayName"));
    match whole.is_empty() {
        false => whole,
        true => fold(shown().map_or(&user.user_name, |shown| shown)),
    }
}

fn shelf(text: &str) -> usize {
    let first = text.chars().next().unwrap_or_default();
    SHELVES.iter().filter(|from| first >= **from).count()
}

fn shelf_key(order: Order, shelf: usize) -> String {
    format!("{}#{shelf}", order.kind())
}

/// The text up to where it is kept in order.
fn kept(folded: &str) -> &str {
    &folded[..folded.floor_char_boundary(LONGEST)]
}

/// What puts the row of a user into the index.
pub(super) fn listed_by_name(user: &User) -> Item {
    let name = name_of(user);
    let (shelf, place) =
        (shelf_key(Order::Name, shelf(&name)), format!("{}{BETWEEN}{}", kept(&name), user.id));
    item([(SHELF, text(shelf)), (FOLDED, text(place))])
}

/// The key of the reservation of a user name: its place among all. What is too long to be a key is
/// told apart by its digest.
pub(super) fn user_name_key(folded: &str) -> Item {
    let rest = if folded.len() > LONGEST { token_hash(folded) } else { String::new() };
    let place = format!("{}{BETWEEN}{rest}", kept(folded));
    item([("pk", text(shelf_key(Order::UserName, shelf(folded)))), ("sk", text(place))])
}

impl Listing {
    /// The shelves that are to be walked, in order.
    fn shelves(&self, after: Option<&str>) -> Vec<usize> {
        let of = |text: &str| shelf(text);
        let (first, last) = match self.prefix.is_empty() {
            true => (0, SHELVES.len()),
            false => (of(&self.prefix), of(&self.prefix)),
        };
        let reached = after.map(of);
        match self.sense {
            Sense::Ascending => (reached.unwrap_or(first).max(first)..=last).collect(),
            Sense::Descending => (first..=reached.unwrap_or(last).min(last)).rev().collect(),
        }
    }

    /// The places between which the next ones are, both taken in.
    fn range(&self, after: Option<&str>) -> (String, String) {
        let (first, last) = (format!("{}\u{1}", self.prefix), format!("{}\u{10ffff}", self.prefix));
        let first = if self.prefix.is_empty() { "\u{1}".to_owned() } else { first };
        match (self.sense, after) {
            (_, None) => (first, last),
            (Sense::Ascending, Some(after)) => (format!("{after}\u{1}").max(first), last),
            // No place is a beginning of another, so this is before it and after all before.
            (Sense::Descending, Some(after)) => (first, before(after).min(last)),
        }
    }
}

/// The greatest text before `place`, as far as places go: the last character of one is in
/// ASCII, and not the first of it.
fn before(place: &str) -> String {
    let mut kept = place.to_owned();
    let last = kept.pop().unwrap_or_default();
    let earlier = char::from_u32(u32::from(last).saturating_sub(1)).unwrap_or_default();
    format!("{kept}{earlier}\u{10ffff}")
}

impl Tables {
    /// At most `limit` users of a listing, from the one after the place `after`; as last written or
    /// a moment before. A page reads each of the nine partitions once at most.
    pub async fn listed(
        &self,
        listing: &Listing,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Listed>, Error> {
        let mut listed = Vec::new();
        let (first, last) = listing.range(after);
        for shelf in listing.shelves(after) {
            if listed.len() >= limit || first > last {
                break;
            }
            let query = self.query_of(Table::Users);
            let query = match listing.order {
                Order::Name => query
                    .index_name(INDEX)
                    .key_condition_expression("shelf = :shelf AND folded BETWEEN :first AND :last"),
                Order::UserName => {
                    query.key_condition_expression("pk = :shelf AND sk BETWEEN :first AND :last")
                }
            };
            let query = query
                .expression_attribute_values(":shelf", text(shelf_key(listing.order, shelf)))
                .expression_attribute_values(":first", text(&first))
                .expression_attribute_values(":last", text(&last))
                .scan_index_forward(listing.sense == Sense::Ascending)
                .limit(i32::try_from(limit - listed.len()).unwrap_or(i32::MAX));
            let slice = self.query(query).await?;
            let more: Vec<Listed> =
                slice.items.iter().map(|row| listing.order.listed(row)).collect::<Result<_, _>>()?;
            listed.extend(more);
        }
        Ok(listed)
    }

    /// Puts a user that was created without it into the index. One that was written since, or is
    /// gone, needs it no more.
    pub async fn list_by_name(&self, id: &UserId) -> Result<(), Error> {
        let (Some(key), Some(user)) = (user_key(id), self.user(id).await?) else { return Ok(()) };
        let values = listed_by_name(&user).into_iter().map(|(name, value)| (format!(":{name}"), value));
        let update = self
            .client
            .update_item()
            .set_key(Some(key))
            .update_expression("SET shelf = :shelf, folded = :folded")
            .condition_expression("#version = :version")
            .set_expression_attribute_names(Some(aliases(&["version"])))
            .set_expression_attribute_values(Some(values.collect()))
            .expression_attribute_values(":version", number(user.version));
        held(self.update(Table::Users, update).await).map(drop)
    }

    /// The users of these identifiers in this order, as last written or a moment before, at half
    /// the cost; those that are not there are left out.
    pub async fn users_lately(&self, ids: &[UserId]) -> Result<Vec<User>, Error> {
        let keys = ids.iter().filter_map(user_key).collect();
        let rows = self.batch_get_lately(Table::Users, keys).await?;
        let mut users: HashMap<UserId, User> = rows
            .iter()
            .map(|row| user_of(row).map(|user| (user.id.clone(), user)))
            .collect::<Result<_, _>>()?;
        Ok(ids.iter().filter_map(|id| users.remove(id)).collect())
    }
}

impl Order {
    fn listed(self, row: &Item) -> Result<Listed, Error> {
        let (place, user) = match self {
            Order::Name => (key_of(row, FOLDED)?, key_of(row, "sk")?),
            Order::UserName => (key_of(row, "sk")?, key_of(row, "user")?),
        };
        Ok(Listed { place, user: UserId::from(user) })
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn shelves_are_in_the_order_of_their_texts() {
        let texts = [
            "", " x", "1", "a", "b", "c", "d", "e", "h", "i", "l", "m", "o", "p", "s", "t", "z", "~", "é",
            "漢",
        ];
        let shelves: Vec<usize> = texts.iter().map(|text| shelf(text)).collect();
        assert!(texts.is_sorted() && shelves.is_sorted(), "{shelves:?}");
        assert_eq!((shelves[0], shelves[texts.len() - 1]), (0, SHELVES.len()));
    }

    #[test]
    fn who_has_no_name_stands_by_what_is_shown() {
        let mut user = User::new(" Ada@X.example", Timestamp::UNIX_EPOCH);
        assert_eq!(Order::Name.text(&user), "ada@x.example");
        user.attributes.insert("displayName".to_owned(), "The Countess".to_owned());
        assert_eq!(Order::Name.text(&user), "the countess");
        user.name.given_name = Some("Ada".to_owned());
        assert_eq!(Order::Name.text(&user), "ada");
        user.name.family_name = Some("King".to_owned());
        assert_eq!(Order::Name.text(&user), "king ada");
    }

    #[test]
    fn a_walk_goes_on_at_the_shelf_it_has_reached() {
        let listing = |sense, prefix: &str| Listing { order: Order::Name, sense, prefix: prefix.to_owned() };
        assert_eq!(listing(Sense::Ascending, "").shelves(None).len(), 9);
        assert_eq!(listing(Sense::Ascending, "").shelves(Some("zuse konrad")), [7, 8]);
        assert_eq!(listing(Sense::Descending, "").shelves(Some("bell")), [1, 0]);
        assert_eq!(listing(Sense::Descending, "king").shelves(Some("kingsley")), [4]);
    }
}
