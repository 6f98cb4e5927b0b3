//! Blocks of the sealed report (see [`seal`]): made hour by hour, read a day at a time, and held
//! against the entries.
//!
//! [`seal`]: crate::seal

use std::collections::BTreeMap;

use futures_util::future::try_join_all;
use jiff::{SignedDuration, Timestamp, civil::Date};

use super::{
    Error, Table, Tables,
    item::{Item, instant, item, number, read, text, text_of, written},
    reports::{SHARDS, entry, partition},
};
use crate::{
    application::ApplicationId,
    seal::{Block, Chain, Check, Finding, Flaw, Place, Roll, after, hour_of},
    secret::Secret,
};

/// The kind of setting under which it is kept where each chain stands.
const CHAIN: &str = "report-chain";

/// What a mark is bound to, besides the application.
const MARK: &str = "report-block";

/// The most days whose blocks are read at once.
const MOST_DAYS: usize = 400;

/// A block, and whether its mark is ours.
struct Kept {
    block: Block,
    is_ours: bool,
}

fn blocks_of(application: &ApplicationId, day: &str) -> String {
    format!("{application}#{day}#blocks")
}

fn day_of(at: Timestamp) -> String {
    instant(at).chars().take(10).collect()
}

impl Tables {
    /// Seals the hours of an application's report that have settled, as far as `until` allows; what
    /// is left goes on with the next call. Two that seal at once make the same blocks.
    pub async fn seal_report(&self, application: &ApplicationId, until: Timestamp) -> Result<(), Error> {
        let id = application.as_str();
        let now = self.clock.now();
        let known = self.recall(CHAIN, id).await?;
        let mut chain = known.clone().unwrap_or_else(|| Chain::begun(now));
        while chain.is_due(now) && self.clock.now() < until {
            let place = match chain.open.take() {
                Some(place) => place,
                None => match self.first_hour(application, chain.next, now).await? {
                    Some(hour) => {
                        chain.next = hour;
                        Place::default()
                    }
                    // Quiet hours are passed over when there is something after them.
                    None => break,
                },
            };
            if !chain.is_due(now) {
                break;
            }
            match self.roll_hour(application, chain.next, place, until).await? {
                (roll, None) => {
                    if roll.totals.all() > 0 {
                        chain.last = self.put_block(application, chain.next, roll, &chain.last).await?;
                    }
                    chain.next = after(chain.next);
                }
                (roll, Some(place)) => chain.open = Some(Place { roll, ..place }),
            }
        }
        let moved = known.as_ref().is_none_or(|known| known.last != chain.last || known.open != chain.open);
        match moved && (!chain.last.is_empty() || chain.open.is_some()) {
            true => self.remember(CHAIN, id, &chain).await,
            false => Ok(()),
        }
    }

    /// The first hour from `from` on in which there are entries.
    async fn first_hour(
        &self,
        application: &ApplicationId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Option<Timestamp>, Error> {
        for day in days(from, to)? {
            let first = (0..SHARDS).map(|shard| async move {
                let pk = partition(application, &day.to_string(), shard);
                let query = self.query_of(Table::Reports).limit(1).consistent_read(true);
                let query = query.key_condition_expression("pk = :of AND sk >= :from");
                let query = query.expression_attribute_values(":of", text(pk));
                let slice =
                    self.query(query.expression_attribute_values(":from", text(instant(from)))).await?;
                Ok::<_, Error>(slice.items.first().and_then(|row| text_of(row, "sk")).map(str::to_owned))
            });
            let first = try_join_all(first).await?.into_iter().flatten().min();
            if let Some(sk) = first {
                let at = sk.get(..30).unwrap_or_default().parse().map_err(Error::unreadable)?;
                return Ok(Some(hour_of(at)));
            }
        }
        Ok(None)
    }

    /// Rolls the entries of an hour from a place on; where it could not come to the end by `until`,
    /// the place it came to.
    async fn roll_hour(
        &self,
        application: &ApplicationId,
        hour: Timestamp,
        place: Place,
        until: Timestamp,
    ) -> Result<(Roll, Option<Place>), Error> {
        let Place { mut shard, after: mut last, mut roll } = place;
        while shard < SHARDS {
            let (entries, more) = self.entries_of_hour(application, hour, shard, last.as_deref()).await?;
            for row in entries {
                last = text_of(&row, "sk").map(str::to_owned);
                roll.add(&entry(row)?);
            }
            if !more {
                (shard, last) = (shard + 1, None);
            } else if self.clock.now() >= until {
                return Ok((roll, Some(Place { shard, after: last, roll: Roll::default() })));
            }
        }
        Ok((roll, None))
    }

    /// A page of one partition's entries of an hour, in order, and whether there are more.
    async fn entries_of_hour(
        &self,
        application: &ApplicationId,
        hour: Timestamp,
        shard: u8,
        last: Option<&str>,
    ) -> Result<(Vec<Item>, bool), Error> {
        let pk = partition(application, &day_of(hour), shard);
        let (from, to) = (last.map_or_else(|| instant(hour), str::to_owned), instant(after(hour)));
        let query = self.query_of(Table::Reports).consistent_read(true);
        let query = query.key_condition_expression("pk = :of AND sk BETWEEN :from AND :to");
        let query = query
            .expression_attribute_values(":of", text(pk))
            .expression_attribute_values(":from", text(&from))
            .expression_attribute_values(":to", text(to));
        let slice = self.query(query).await?;
        // BETWEEN includes both ends; no entry has the hour alone as its key.
        let fresh = |row: &Item| last.is_none() || text_of(row, "sk") != Some(&from);
        Ok((slice.items.into_iter().filter(fresh).collect(), slice.last.is_some()))
    }

    /// Writes a block unless it is there; gives its hash.
    async fn put_block(
        &self,
        application: &ApplicationId,
        hour: Timestamp,
        roll: Roll,
        previous: &str,
    ) -> Result<String, Error> {
        let block = Block::new(application, hour, roll, previous);
        let mark = self.vault.seal(application, MARK, &Secret::new(block.hash.clone()));
        let expires = hour.checked_add(self.retention).map_err(Error::rejected)?;
        let mut row = written(&block)?;
        row.extend(item([
            ("pk", text(blocks_of(application, &day_of(hour)))),
            ("sk", text(instant(hour))),
            ("mark", text(mark.map_err(Error::rejected)?)),
            ("expiresAt", number(expires.as_second())),
        ]));
        let put = self.client.put_item().set_item(Some(row)).condition_expression("attribute_not_exists(pk)");
        match self.put(Table::Reports, put).await {
            Ok(()) | Err(Error::Moved) => Ok(block.hash),
            Err(error) => Err(error),
        }
    }

    /// Where the chain of an application's report stands; none: nothing was sealed yet.
    pub async fn report_chain(&self, application: &ApplicationId) -> Result<Option<Chain>, Error> {
        self.recall(CHAIN, application.as_str()).await
    }

    /// The blocks of the hours from `from` until `to`, in order.
    pub async fn blocks(
        &self,
        application: &ApplicationId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Block>, Error> {
        let mut blocks = Vec::new();
        for day in days(from, to)? {
            let kept = self.blocks_of_day(application, day).await?;
            let wanted = |block: &Block| hour_of(from) <= block.hour && block.hour < to;
            blocks.extend(kept.into_iter().map(|kept| kept.block).filter(wanted));
        }
        Ok(blocks)
    }

    async fn blocks_of_day(&self, application: &ApplicationId, day: Date) -> Result<Vec<Kept>, Error> {
        let query = self.query_of(Table::Reports).key_condition_expression("pk = :of");
        let pk = text(blocks_of(application, &day.to_string()));
        let rows = self.query_all(query.expression_attribute_values(":of", pk)).await?;
        rows.into_iter().map(|row| self.kept(application, row)).collect()
    }

    fn kept(&self, application: &ApplicationId, row: Item) -> Result<Kept, Error> {
        let mark = text_of(&row, "mark").unwrap_or_default().to_owned();
        let block: Block = read(row)?;
        let marked = self.vault.open(application, MARK, &mark);
        let is_ours = block.is_whole(application) && marked.is_ok_and(|marked| marked.expose() == block.hash);
        Ok(Kept { block, is_ours })
    }

    /// Holds the report of an application against its blocks, hour by hour from `from` until `to`,
    /// as far as `until` allows. `previous` is the hash of the block before `from`, where it is
    /// known: what a check before came to.
    ///
    /// # Errors
    /// When the tables do not answer, or hold what cannot be read.
    pub async fn check_report(
        &self,
        application: &ApplicationId,
        (from, to): (Timestamp, Timestamp),
        previous: Option<&str>,
        until: Timestamp,
    ) -> Result<Check, Error> {
        let Some(chain) = self.report_chain(application).await? else { return Ok(Check::default()) };
        let kept_since = self.clock.now().saturating_sub(self.retention).unwrap_or(Timestamp::UNIX_EPOCH);
        // Of the hour in which entries expire, some are gone already.
        let from = hour_of(from).max(chain.since).max(after(hour_of(kept_since)));
        let to = to.min(chain.next);
        let mut check = Check { last: previous.unwrap_or_default().to_owned(), ..Check::default() };
        let mut known = previous.is_some() || from == chain.since;
        let mut hour = from;
        let mut of_day: (Option<Date>, BTreeMap<Timestamp, Kept>) = (None, BTreeMap::new());
        while hour < to {
            if self.clock.now() >= until && hour > from {
                check.next = Some(hour);
                return Ok(check);
            }
            let day = date(hour)?;
            if of_day.0 != Some(day) {
                let kept = self.blocks_of_day(application, day).await?;
                of_day = (Some(day), kept.into_iter().map(|kept| (kept.block.hour, kept)).collect());
            }
            let (roll, _) = self.roll_hour(application, hour, Place::default(), Timestamp::MAX).await?;
            let kept = of_day.1.remove(&hour);
            check.take(hour, &roll, kept, &mut known);
            hour = after(hour);
        }
        // The chain's own end: who takes its last blocks away leaves this standing.
        if to == chain.next && known && check.last != chain.last {
            check.find(to, Flaw::LinkBroken, 0, 0);
        }
        Ok(check)
    }
}

impl Check {
    fn take(&mut self, hour: Timestamp, roll: &Roll, kept: Option<Kept>, known: &mut bool) {
        let found = roll.totals.all();
        self.hours += 1;
        self.entries += found;
        let Some(Kept { block, is_ours }) = kept else {
            if found > 0 {
                self.find(hour, Flaw::BlockMissing, 0, found);
            }
            return;
        };
        let sealed = block.roll.totals.all();
        if !is_ours {
            self.find(hour, Flaw::Forged, sealed, found);
        }
        if *roll != block.roll {
            self.find(hour, Flaw::EntriesDiffer, sealed, found);
        }
        if *known && block.previous != self.last {
            self.find(hour, Flaw::LinkBroken, sealed, found);
        }
        (self.last, *known) = (block.hash, true);
    }

    fn find(&mut self, hour: Timestamp, flaw: Flaw, sealed: u64, found: u64) {
        self.findings.push(Finding { hour, flaw, sealed, found });
    }
}

fn date(at: Timestamp) -> Result<Date, Error> {
    day_of(at).parse().map_err(Error::unreadable)
}

/// The days of a span.
fn days(from: Timestamp, to: Timestamp) -> Result<Vec<Date>, Error> {
    let last = to.saturating_sub(SignedDuration::from_nanos(1)).unwrap_or(to);
    let (first, last) = (date(from)?, date(last)?);
    Ok(first.series(jiff::Span::new().days(1)).take_while(|day| *day <= last).take(MOST_DAYS).collect())
}
