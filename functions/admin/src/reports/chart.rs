//! How entries ended over time: counted by the sealed hours, and the newest ones one by one.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use shared::{
    application::ApplicationId,
    seal::{Totals, hour_of},
    store::{self, EntryQuery, Of, Tables},
};

/// The longest span that is drawn; of a longer one, its end.
const MOST: SignedDuration = SignedDuration::from_hours(31 * 24);

/// Up to this span each bar is an hour; above it, a day.
const BY_HOURS: SignedDuration = SignedDuration::from_hours(48);

/// How old an entry is at most where there are no sealed hours.
const UNSEALED: SignedDuration = SignedDuration::from_hours(26);

/// How many entries are counted one by one.
const TAIL: usize = 250;

/// The drawing's height, in its own units.
const HEIGHT: u64 = 100;
/// How wide a bar is with the gap beside it.
const STEP: u64 = 12;

/// How entries ended, over time.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Chart {
    /// Of the whole span that is drawn.
    pub(super) totals: Totals,
    bars: Vec<Bar>,
    /// Whether there were more new entries than are counted at once.
    pub(super) is_more: bool,
    #[serde(skip)]
    by_hours: bool,
}

/// The entries of an hour or a day.
#[derive(Serialize)]
struct Bar {
    from: Timestamp,
    #[serde(flatten)]
    totals: Totals,
}

/// A part of a bar as it is drawn.
pub(super) struct Part {
    pub(super) kind: &'static str,
    pub(super) x: u64,
    pub(super) y: u64,
    pub(super) height: u64,
}

/// Counts what is between `from` and `to`.
pub(super) async fn chart(
    tables: &Tables,
    application: &ApplicationId,
    from: Timestamp,
    to: Timestamp,
    now: Timestamp,
) -> Result<Chart, store::Error> {
    let to = to.min(now.saturating_add(SignedDuration::from_secs(1)).unwrap_or(now));
    let from = from.max(to.saturating_sub(MOST).unwrap_or(Timestamp::UNIX_EPOCH)).min(to);
    let mut chart = Chart::empty(from, to);
    let sealed_to = tables.report_chain(application).await?.map(|chain| chain.next);
    for block in tables.blocks(application, from, to).await? {
        chart.count(block.hour, block.roll.totals);
    }
    // Where nothing was sealed yet, there is nothing older than that.
    let unsealed = sealed_to.or_else(|| now.saturating_sub(UNSEALED).ok());
    let open = unsealed.map_or(from, |unsealed| unsealed.max(from));
    if open < to {
        let query = EntryQuery {
            of: Of::Application(application.clone()),
            from: open,
            to,
            outcome: None,
            action: None,
            way: None,
            limit: TAIL,
            cursor: None,
        };
        let page = tables.entries(&query).await?;
        for entry in &page.entries {
            let mut one = Totals::default();
            one.count(entry.outcome);
            chart.count(entry.at, one);
        }
        chart.is_more = page.next.is_some();
    }
    Ok(chart)
}

impl Chart {
    fn empty(from: Timestamp, to: Timestamp) -> Chart {
        let by_hours = to.duration_since(from) <= BY_HOURS;
        let step = SignedDuration::from_hours(if by_hours { 1 } else { 24 });
        let first = if by_hours { hour_of(from) } else { day_of(from) };
        let starts = std::iter::successors(Some(first), |start| start.checked_add(step).ok());
        let bar = |from| Bar { from, totals: Totals::default() };
        let bars = starts.take_while(|start| *start < to).map(bar).collect();
        Chart { totals: Totals::default(), bars, is_more: false, by_hours }
    }

    fn count(&mut self, at: Timestamp, totals: Totals) {
        let place = self.bars.partition_point(|bar| bar.from <= at);
        if let Some(bar) = place.checked_sub(1).and_then(|place| self.bars.get_mut(place)) {
            bar.totals = bar.totals.and(totals);
            self.totals = self.totals.and(totals);
        }
    }

    pub(super) fn width(&self) -> u64 {
        self.bars.len() as u64 * STEP
    }

    /// The most entries of a bar.
    pub(super) fn most(&self) -> u64 {
        self.bars.iter().map(|bar| bar.totals.all()).max().unwrap_or_default()
    }

    /// Each bar: when it begins, what it says, and its parts from the ground up.
    pub(super) fn drawn(&self) -> Vec<(String, Vec<Part>)> {
        let most = self.most().max(1);
        let drawn = |(place, bar): (usize, &Bar)| {
            let Totals { success, conflict, blocked, failed } = bar.totals;
            let mut top = HEIGHT;
            let kinds = [("good", success), ("info", conflict), ("warn", blocked), ("bad", failed)];
            let part = |(kind, n): (&'static str, u64)| {
                // What is there at all is to be seen.
                let height = (n * HEIGHT / most).max(2).min(top);
                top -= height;
                Part { kind, x: place as u64 * STEP, y: top, height }
            };
            let parts = kinds.into_iter().filter(|(_, n)| *n > 0).map(part).collect();
            (self.says(bar), parts)
        };
        self.bars.iter().enumerate().map(drawn).collect()
    }

    /// The bars with entries, as a table says them: when, and how many ended in which way.
    pub(super) fn rows(&self) -> Vec<(String, Totals)> {
        let bars = self.bars.iter().filter(|bar| bar.totals.all() > 0);
        bars.map(|bar| (self.when(bar.from), bar.totals)).collect()
    }

    fn says(&self, bar: &Bar) -> String {
        let Totals { success, conflict, blocked, failed } = bar.totals;
        let when = self.when(bar.from);
        format!(
            "{when}: {success} succeeded, {conflict} conflicts resolved, {blocked} blocked, {failed} failed"
        )
    }

    fn when(&self, from: Timestamp) -> String {
        from.strftime(if self.by_hours { "%Y-%m-%d %H:00" } else { "%Y-%m-%d" }).to_string()
    }

    pub(super) fn first(&self) -> String {
        self.bars.first().map(|bar| self.when(bar.from)).unwrap_or_default()
    }

    pub(super) fn last(&self) -> String {
        self.bars.last().map(|bar| self.when(bar.from)).unwrap_or_default()
    }
}

fn day_of(at: Timestamp) -> Timestamp {
    let second = at.as_second();
    Timestamp::from_second(second - second.rem_euclid(24 * 3600)).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn totals(success: u64, failed: u64) -> Totals {
        Totals { success, failed, ..Totals::default() }
    }

    #[test]
    fn entries_are_counted_where_they_are_and_nowhere_else() {
        let mut chart = Chart::empty(at("2026-03-01T12:00:00Z"), at("2026-03-08T12:00:00Z"));
        assert_eq!((chart.bars.len(), chart.first()), (8, "2026-03-01".to_owned()));
        chart.count(at("2026-03-01T23:59:59Z"), totals(1, 0));
        chart.count(at("2026-03-08T00:00:00Z"), totals(2, 3));
        chart.count(at("2026-02-27T00:00:00Z"), totals(9, 9));
        assert_eq!((chart.totals, chart.most()), (totals(3, 3), 5));
        assert_eq!(chart.rows().len(), 2);
    }

    #[test]
    fn a_bar_is_no_higher_than_the_drawing_and_a_single_failure_is_seen() {
        let mut chart = Chart::empty(at("2026-03-01T00:00:00Z"), at("2026-03-01T02:00:00Z"));
        chart.count(at("2026-03-01T00:10:00Z"), totals(1_000_000, 1));
        let drawn = chart.drawn();
        let (_, parts) = &drawn[0];
        assert!(parts.iter().map(|part| part.height).sum::<u64>() <= HEIGHT);
        assert!(parts.iter().any(|part| part.kind == "bad" && part.height > 0), "the failure has no room");
        assert!(drawn[1].1.is_empty());
    }
}
