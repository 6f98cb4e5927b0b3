//! The walk through a report, newest first: rounds of bounded reads, each going on where the one
//! before ended.

use futures_util::future::try_join_all;
use jiff::{Timestamp, civil::Date};

use super::{EntryPage, EntryQuery, SHARDS, cursor_after, entry, partition};
use crate::{
    application::ApplicationId,
    report::Entry,
    store::{
        Error, Table, Tables,
        call::Slice,
        item::{Item, instant, text, text_of},
        reports::Cursor,
    },
};

/// How many rounds one page takes at most; a round of an application is one day at least.
const ROUNDS_A_PAGE: usize = 32;

/// How far a walk has come: what is at or after `from` and before `before` is yet to be seen.
pub(super) struct Walk {
    from: String,
    before: String,
}

/// What one round found, newest first.
struct Round {
    rows: Vec<Item>,
    /// Everything at or after this sort key has been seen; `None`: everything there is.
    seen_to: Option<String>,
}

impl Walk {
    pub(super) fn new(from: Timestamp, to: Timestamp, cursor: Option<&str>) -> Walk {
        let to = instant(to);
        let before = cursor.filter(|cursor| **cursor < *to).map_or(to.clone(), str::to_owned);
        Walk { from: instant(from), before }
    }

    fn is_over(&self) -> bool {
        self.before <= self.from
    }

    /// The day that the next entry may be of.
    fn day(&self) -> Result<Date, Error> {
        let day = self.before.get(..10).unwrap_or_default();
        let date: Date = day.parse().map_err(Error::unreadable)?;
        if self.before == start_of(date) { date.yesterday().map_err(Error::unreadable) } else { Ok(date) }
    }
}

fn start_of(day: Date) -> String {
    format!("{day}T00:00:00.000000000Z")
}

/// A page in the making.
struct Page<'a> {
    query: &'a EntryQuery,
    entries: Vec<Entry>,
}

impl Page<'_> {
    fn missing(&self) -> usize {
        self.query.page_size() - self.entries.len()
    }

    /// Takes what is wanted of `rows`; gives the place of the last when the page is full.
    fn take(&mut self, rows: Vec<Item>) -> Result<Option<Cursor>, Error> {
        for row in rows {
            let place = cursor_after(&row);
            let entry = entry(row)?;
            if self.query.wants(&entry) {
                self.entries.push(entry);
                if self.missing() == 0 {
                    return Ok(place);
                }
            }
        }
        Ok(None)
    }

    fn end(self, next: Option<Cursor>) -> EntryPage {
        EntryPage { entries: self.entries, next }
    }
}

impl Tables {
    /// Walks an application's days backwards, the shards of each together.
    pub(super) async fn walk_days(
        &self,
        mut walk: Walk,
        application: &ApplicationId,
        query: &EntryQuery,
    ) -> Result<EntryPage, Error> {
        let mut page = Page { query, entries: Vec::new() };
        for _ in 0..ROUNDS_A_PAGE {
            if walk.is_over() {
                return Ok(page.end(None));
            }
            let day = walk.day()?;
            let round = self.round_of_day(&walk, application, day, page.missing()).await?;
            if let Some(place) = page.take(round.rows)? {
                return Ok(page.end(Some(place)));
            }
            walk.before = round.seen_to.unwrap_or_else(|| start_of(day));
        }
        Ok(page.end(Some(Cursor { before: walk.before })))
    }

    async fn round_of_day(
        &self,
        walk: &Walk,
        application: &ApplicationId,
        day: Date,
        missing: usize,
    ) -> Result<Round, Error> {
        let day = day.to_string();
        // Entries lie evenly in the shards: a little more than a share of each fills the page.
        let share = missing / usize::from(SHARDS) + 3;
        let slices = (0..SHARDS).map(|shard| {
            let query = self
                .query_of(Table::Reports)
                .key_condition_expression("pk = :of AND sk BETWEEN :from AND :before");
            self.step(query, walk, partition(application, &day, shard), share)
        });
        Ok(merged(try_join_all(slices).await?, &walk.before))
    }

    /// Walks the index of identifiers.
    pub(super) async fn walk_index(
        &self,
        mut walk: Walk,
        identifier: &str,
        query: &EntryQuery,
    ) -> Result<EntryPage, Error> {
        let mut page = Page { query, entries: Vec::new() };
        if !(1..=super::LONGEST_IDENTIFIER).contains(&identifier.len()) {
            return Ok(page.end(None));
        }
        for _ in 0..ROUNDS_A_PAGE {
            if walk.is_over() {
                return Ok(page.end(None));
            }
            let index = self.query_of(Table::Reports).index_name("by-identifier");
            let index = index.key_condition_expression("identifier = :of AND sk BETWEEN :from AND :before");
            let slice = self.step(index, &walk, identifier, page.missing() + 1).await?;
            let round = merged(vec![slice], &walk.before);
            if let Some(place) = page.take(round.rows)? {
                return Ok(page.end(Some(place)));
            }
            match round.seen_to {
                Some(seen_to) => walk.before = seen_to,
                None => return Ok(page.end(None)),
            }
        }
        Ok(page.end(Some(Cursor { before: walk.before })))
    }

    async fn step(
        &self,
        query: aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder,
        walk: &Walk,
        of: impl Into<String>,
        limit: usize,
    ) -> Result<Slice, Error> {
        let query = query
            .expression_attribute_values(":of", text(of))
            .expression_attribute_values(":from", text(&walk.from))
            .expression_attribute_values(":before", text(&walk.before))
            .scan_index_forward(false)
            .limit(i32::try_from(limit).unwrap_or(i32::MAX));
        self.query(query).await
    }
}

/// The rows of several slices in one order, as far as all of them have been seen. BETWEEN includes
/// `before`, which was seen already.
fn merged(slices: Vec<Slice>, before: &str) -> Round {
    let sk = |row: &Item| text_of(row, "sk").unwrap_or_default().to_owned();
    let unfinished = slices.iter().filter(|slice| slice.last.is_some());
    let seen_to = unfinished.filter_map(|slice| slice.items.last().map(sk)).max();
    let rows = slices.into_iter().flat_map(|slice| slice.items);
    let wanted = |sk: &str| *sk < *before && seen_to.as_deref().is_none_or(|seen_to| sk >= seen_to);
    let mut rows: Vec<(String, Item)> =
        rows.map(|row| (sk(&row), row)).filter(|(sk, _)| wanted(sk)).collect();
    rows.sort_by(|(a, _), (b, _)| b.cmp(a));
    Round { rows: rows.into_iter().map(|(_, row)| row).collect(), seen_to }
}
