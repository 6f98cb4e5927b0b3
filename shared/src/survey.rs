//! Walks all customers of a store, page by page, and notes work for each pair that is not as both
//! sides last agreed: a customer unknown here, one that reads differently, one that is gone. An
//! unchanged page costs one call and about one read.
//!
//! Pages are in the order of identifiers, and each begins where the one before ended, however many
//! customers come and go meanwhile. Where the store refuses to go on from there, the walk goes on
//! from when the last customers that it saw were created, if those dates rise as identifiers do;
//! else it begins again, and passes over whom it has seen.

use std::{collections::BTreeMap, time::Duration};

use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    application::Application,
    bigcommerce::{self, Cursor, Customer, CustomerId, Include, Page, PageQuery},
    store::{self, Pointer},
    sync::{Engine, WRITERS},
    user::Base,
    work::Subject,
};

/// The largest page that BigCommerce serves.
const PAGE: usize = 250;
/// How much earlier a walk goes on that goes on from a date: the store's servers need not agree
/// about the time, and whether its filter takes the very second is not documented.
const OVERLAP: Duration = Duration::from_secs(60);

/// How a walk came about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Occasion {
    /// The store was connected: nothing of it is known yet.
    First,
    /// The store had stopped telling what happens there.
    Gap,
    /// It was time for it.
    #[default]
    Periodic,
}

impl Occasion {
    /// The cause that the work found on such a walk has, as reports have it.
    pub fn cause(self) -> &'static str {
        match self {
            Occasion::First => "survey/first",
            Occasion::Gap => "survey/gap",
            Occasion::Periodic => "survey/periodic",
        }
    }
}

/// Where a survey stands: enough to go on elsewhere.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Survey {
    /// How it came about.
    pub occasion: Occasion,
    /// The page to go on after; none: from the start.
    pub cursor: Option<Cursor>,
    /// The last customer that was seen.
    pub last: Option<CustomerId>,
    /// When the customers were created that were seen.
    pub dates: Dates,
    /// How it went on where the store refused a cursor.
    pub detour: Option<Detour>,
    /// How many customers were seen.
    pub seen: u64,
    /// How many customers the store says it has.
    pub total: Option<u64>,
    /// How many customers were known that should have been seen.
    pub known: u64,
    /// How many of those are gone.
    pub gone: u64,
    /// How many rows of work were noted.
    pub noted: u64,
    /// Whether the last page was seen.
    pub finished: bool,
}

/// What the dates of creation tell of how far a walk is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Dates {
    /// None was seen.
    #[default]
    None,
    /// They rise as identifiers do, and this is the latest.
    Until(Timestamp),
    /// They do not: the store has kept dates from elsewhere.
    Mixed,
}

impl Dates {
    fn and(self, created: Timestamp) -> Dates {
        match self {
            Dates::None => Dates::Until(created),
            Dates::Until(latest) if created >= before(latest) => Dates::Until(latest.max(created)),
            Dates::Until(_) | Dates::Mixed => Dates::Mixed,
        }
    }

    /// Since when all those were created that are yet to be seen.
    fn since(self) -> Option<Timestamp> {
        match self {
            Dates::Until(latest) => Some(before(latest)),
            Dates::None | Dates::Mixed => None,
        }
    }
}

fn before(instant: Timestamp) -> Timestamp {
    instant.checked_sub(OVERLAP).unwrap_or(Timestamp::MIN)
}

/// A walk begun again beside the cursors that the store refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Detour {
    /// The last customer that had been seen by then.
    pub after: Option<CustomerId>,
    /// Since when the customers were created that are walked from now on; none: all of them.
    pub since: Option<Timestamp>,
}

impl Survey {
    /// A walk to begin.
    pub fn new(occasion: Occasion) -> Survey {
        Survey { occasion, ..Survey::default() }
    }

    /// The same walk without the cursor that the store refused; none where there is no other way.
    fn around_cursor(&self) -> Option<Survey> {
        let cursor = self.cursor.as_ref().filter(|cursor| !cursor.is_by_number());
        cursor?;
        let stuck = self.detour.is_some_and(|detour| detour.after == self.last);
        let detour = Detour { after: self.last, since: self.dates.since() };
        Some(Survey {
            // The first page of the detour led to nobody new, and the next ones have numbers only.
            cursor: stuck.then(|| Cursor::by_number(2)),
            detour: self.detour.filter(|_| stuck).or(Some(detour)),
            ..self.clone()
        })
    }
}

/// Why a survey stopped; it goes on from where it stands.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store did not answer.
    #[error("the customers could not be read")]
    Store(#[source] bigcommerce::Error),
    /// The tables did not answer.
    #[error("the tables could not be used")]
    Tables(#[source] store::Error),
    /// Too many customers are gone for it to be taken for granted.
    #[error("{gone} of {known} customers are gone (the deletion brake allows fewer)")]
    Braked {
        /// How many are gone, up to the page that stopped the walk.
        gone: u64,
        /// Of how many that were known up to there.
        known: u64,
        /// How many of those gone were noted on the pages before.
        noted: u64,
    },
}

/// Walks the customers of one application.
#[derive(Clone, Copy, Debug)]
pub struct Surveyor<'a> {
    /// What is to see to the work.
    pub engine: &'a Engine,
    /// Whose customers.
    pub application: &'a Application,
}

impl Surveyor<'_> {
    /// Walks one page on, waiting for the store's quota until `until` at most.
    ///
    /// # Errors
    /// When the store or the tables do not answer, or when more customers are gone than the
    /// application's brake allows: nothing of the page was noted then.
    pub async fn step(&self, survey: &Survey, until: Timestamp) -> Result<Survey, Error> {
        let (survey, page) = self.page(survey, until).await.map_err(Error::Store)?;
        let page = unseen(page, survey.last);
        let to = end_of(&page, survey.last);
        let known = self.known(&survey, to).await.map_err(Error::Tables)?;
        let known_before = survey.known + known.len() as u64;
        let (differing, gone_now) = self.out_of_step(&page, known);
        let gone = survey.gone + gone_now.len() as u64;
        if self.application.policies.deletion_brake.stops(gone, known_before) {
            return Err(Error::Braked { gone, known: known_before, noted: survey.gone });
        }
        let noted = (differing.len() + gone_now.len()) as u64;
        let cause = survey.occasion.cause();
        self.note(differing.into_iter().chain(gone_now), cause).await.map_err(Error::Tables)?;
        let dates = page.items.iter().filter_map(|customer| customer.date_created);
        Ok(Survey {
            known: known_before,
            gone,
            dates: dates.fold(survey.dates, Dates::and),
            finished: page.next.is_none(),
            last: to,
            seen: survey.seen + (page.items.len() + page.garbled.len()) as u64,
            // Of a page on a detour it is the total of what is left.
            total: survey.total.or(page.total),
            noted: survey.noted + noted,
            cursor: page.next,
            ..survey
        })
    }

    /// The next page, and the survey as it came by it.
    async fn page(
        &self,
        survey: &Survey,
        until: Timestamp,
    ) -> Result<(Survey, Page<Customer>), bigcommerce::Error> {
        let engine = self.engine;
        let patience = Duration::try_from(until.duration_since(engine.clock.now())).unwrap_or_default();
        let store = engine.api.store(self.application).with_patience(patience);
        match (store.page(&self.query(survey)).await, survey.around_cursor()) {
            (Err(bigcommerce::Error::Refused { .. }), Some(around)) => {
                let page = store.page(&self.query(&around)).await?;
                Ok((around, page))
            }
            (page, _) => Ok((survey.clone(), page?)),
        }
    }

    fn query(&self, survey: &Survey) -> PageQuery {
        PageQuery {
            after: survey.cursor.clone(),
            limit: PAGE,
            created_since: survey.detour.and_then(|detour| detour.since),
            include: Include::of(&self.application.mapping),
            ..PageQuery::default()
        }
    }

    /// The customers known that should be on the page which accounts for all up to `to`.
    async fn known(
        &self,
        survey: &Survey,
        to: Option<CustomerId>,
    ) -> Result<BTreeMap<CustomerId, Pointer>, store::Error> {
        let from = survey.last.map_or(CustomerId::FIRST, CustomerId::next);
        let Some(to) = to.filter(|to| from <= *to) else { return Ok(BTreeMap::new()) };
        let mut known = self.engine.tables.pointers_between(&self.application.id, from, to).await?;
        known.retain(|_, pointer| pointer.gone.is_none());
        Ok(known)
    }

    /// The customers that are not known as they are now, those that cannot be read, and those known
    /// that are gone.
    fn out_of_step(
        &self,
        page: &Page<Customer>,
        mut known: BTreeMap<CustomerId, Pointer>,
    ) -> (Vec<CustomerId>, Vec<CustomerId>) {
        let mut differing = page.garbled.clone();
        known.retain(|id, _| !differing.contains(id));
        for customer in &page.items {
            let Some(id) = customer.id else { continue };
            let fingerprint = known.remove(&id).and_then(|pointer| pointer.fingerprint);
            if fingerprint != Some(self.fingerprint(customer)) {
                differing.push(id);
            }
        }
        (differing, known.into_keys().collect())
    }

    fn fingerprint(&self, customer: &Customer) -> String {
        let mapped = self.application.mapping.read_customer(customer);
        Base { fields: mapped.fields, addresses: mapped.addresses }.fingerprint()
    }

    async fn note(
        &self,
        customers: impl Iterator<Item = CustomerId>,
        cause: &str,
    ) -> Result<(), store::Error> {
        let now = self.engine.clock.now();
        stream::iter(customers)
            .map(|customer| async move {
                let subject = Subject::Customer(self.application.id.clone(), customer);
                self.engine.tables.enqueue(&subject, cause, now).await
            })
            .buffer_unordered(WRITERS)
            .try_collect()
            .await
    }
}

/// The page without what was accounted for before: a detour begins before where the walk stood.
fn unseen(mut page: Page<Customer>, last: Option<CustomerId>) -> Page<Customer> {
    page.items.retain(|customer| customer.id > last);
    page.garbled.retain(|id| Some(*id) > last);
    page
}

/// Up to where the page accounts for every customer there is.
fn end_of(page: &Page<Customer>, last: Option<CustomerId>) -> Option<CustomerId> {
    if page.next.is_none() {
        return Some(CustomerId::LAST);
    }
    let ids = page.items.iter().filter_map(|customer| customer.id);
    ids.chain(page.garbled.iter().copied()).max().or(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(cursor: &str) -> Option<Cursor> {
        Some(serde_json::from_value(serde_json::json!({ "after": cursor })).unwrap())
    }

    fn stopped_at(last: i64) -> Survey {
        Survey {
            cursor: after("x"),
            last: Some(last.try_into().unwrap()),
            dates: Dates::Until("2026-01-02T03:04:05Z".parse().unwrap()),
            known: 7,
            gone: 3,
            ..Survey::new(Occasion::Gap)
        }
    }

    #[test]
    fn a_refused_cursor_is_gone_around_by_date_and_what_was_counted_stays_g69() {
        let around = stopped_at(9).around_cursor().unwrap();
        let detour = around.detour.unwrap();
        assert_eq!(detour.since.unwrap().to_string(), "2026-01-02T03:03:05Z");
        assert_eq!(around, Survey { cursor: None, detour: Some(detour), ..stopped_at(9) });
    }

    #[test]
    fn cursors_refused_again_at_once_leave_the_numbers_of_pages_and_then_no_way_g69() {
        let once = stopped_at(9).around_cursor().unwrap();
        let again = Survey { cursor: after("y"), ..once.clone() }.around_cursor().unwrap();
        assert_eq!((again.cursor.clone(), again.detour), (Some(Cursor::by_number(2)), once.detour));
        assert_eq!(again.around_cursor(), None);
        let later = Survey { last: Some(CustomerId::LAST), ..stopped_at(9) };
        let later = Survey { detour: once.detour, ..later }.around_cursor().unwrap();
        assert_eq!((later.cursor, later.detour.unwrap().after), (None, Some(CustomerId::LAST)));
    }

    #[test]
    fn dates_that_do_not_rise_as_identifiers_do_are_no_way_g69() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let rising = Dates::None.and(at(1_000)).and(at(1_500)).and(at(1_450));
        assert_eq!((rising, rising.since()), (Dates::Until(at(1_500)), Some(at(1_440))));
        assert_eq!(rising.and(at(1_000)).and(at(2_000)).since(), None);
        let mixed = Survey { dates: Dates::Mixed, ..stopped_at(9) }.around_cursor().unwrap();
        assert_eq!((mixed.cursor, mixed.detour.unwrap().since), (None, None));
    }

    #[test]
    fn what_no_cursor_asked_for_is_refused_for_good() {
        assert_eq!(Survey::new(Occasion::First).around_cursor(), None);
    }
}
