//! Walks all customers of a store, page by page, and notes work for each pair that is not as both
//! sides last agreed: a customer unknown here, one that reads differently, one that is gone. An
//! unchanged page costs one call and about one read.
//!
//! Pages are in the order of identifiers, and each begins where the one before ended, however many
//! customers come and go meanwhile. Where the store refuses to go on from there, the walk goes on
//! from when the last customers that it saw were created, if those dates rise as identifiers do;
//! else it begins again, and passes over whom it has seen.

#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

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
    /// An import asked for it.
    Import,
}

impl Occasion {
    /// The cause that the work found on such a walk has, as reports have it.
    pub fn cause(self) -> &'static str {
        match self {
            Occasion::First => "survey/first",
            Occasion::Gap => "survey/gap",
            Occasion::Periodic => "survey/periodic",
            Occasion::Import => "import/full",
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

/// What a page shows.
pub struct Seen {
    /// Where the walk stands after it.
    pub survey: Survey,
    /// When it was asked for.
    pub read_at: Timestamp,
    /// How many customers are on it.
    pub on_page: u64,
    /// Those that are not known as they are now.
    pub differing: Vec<Customer>,
    /// Those that are not of the documented shape.
    pub garbled: Vec<CustomerId>,
    /// Those whose users were deleted; they are yet to be seen to at the store.
    pub buried: Vec<CustomerId>,
    /// Those known that should be on it and are gone.
    pub gone: BTreeMap<CustomerId, Pointer>,
}

/// Walks the customers of one application.
#[derive(Clone, Copy, Debug)]
pub struct Surveyor<'a> {
    /// What is to see to the work.
    pub engine: &'a Engine,
    /// Whose customers.
    pub application: &'a Application,
    /// Whether customers are told of too that are as they were last seen.
    pub everyone: bool,
}

impl Surveyor<'_> {
    /// Walks one page on, waiting for the store's quota until `until` at most, and notes work for
    /// what is out of step on it.
    ///
    /// # Errors
    /// When the store or the tables do not answer, or when more customers are gone than the
    /// application's brake allows: nothing of the page was noted then.
    pub async fn step(&self, survey: &Survey, until: Timestamp) -> Result<Survey, Error> {
        let Seen { survey, differing, garbled, buried, gone, .. } = self.look(survey, until).await?;
        let differing = differing.into_iter().filter_map(|customer| customer.id);
        let noted = differing.chain(garbled).chain(buried).chain(gone.into_keys());
        self.note(noted, survey.occasion.cause()).await.map_err(Error::Tables)?;
        Ok(survey)
    }

    /// What the next page shows, and where the walk stands after it.
    ///
    /// # Errors
    /// As [`Surveyor::step`].
    pub async fn look(&self, survey: &Survey, until: Timestamp) -> Result<Seen, Error> {
        let read_at = self.engine.clock.now();
        let (survey, page) = self.page(survey, until).await.map_err(Error::Store)?;
        let page = unseen(page, survey.last);
        let to = end_of(&page, survey.last);
        let mut known = self.known(&survey, to).await.map_err(Error::Tables)?;
        let tombstones: BTreeSet<CustomerId> =
            known.extract_if(.., |_, pointer| pointer.gone.is_some()).map(|(id, _)| id).collect();
        let known_before = survey.known + known.len() as u64;
        let dates = page.items.iter().filter_map(|customer| customer.date_created);
        let dates = dates.fold(survey.dates, Dates::and);
        let on_page = (page.items.len() + page.garbled.len()) as u64;
        let (buried, items): (Vec<Customer>, Vec<Customer>) = page
            .items
            .into_iter()
            .partition(|customer| customer.id.is_some_and(|id| tombstones.contains(&id)));
        let buried: Vec<CustomerId> = buried.iter().filter_map(|customer| customer.id).collect();
        let (differing, gone) = self.out_of_step(items, &page.garbled, known);
        let all_gone = survey.gone + gone.len() as u64;
        if self.application.policies.deletion_brake.stops(all_gone, known_before) {
            return Err(Error::Braked { gone: all_gone, known: known_before, noted: survey.gone });
        }
        let noted = (differing.len() + page.garbled.len() + buried.len() + gone.len()) as u64;
        let survey = Survey {
            known: known_before,
            gone: all_gone,
            dates,
            finished: page.next.is_none(),
            last: to,
            seen: survey.seen + on_page,
            // Of a page on a detour it is the total of what is left.
            total: survey.total.or(page.total),
            noted: survey.noted + noted,
            cursor: page.next,
            ..survey
        };
        Ok(Seen { survey, read_at, on_page, differing, garbled: page.garbled, buried, gone })
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

    /// The customers that are not known as they are now, and those known that are gone.
    fn out_of_step(
        &self,
        items: Vec<Customer>,
        garbled: &[CustomerId],
        mut known: BTreeMap<CustomerId, Pointer>,
    ) -> (Vec<Customer>, BTreeMap<CustomerId, Pointer>) {
        known.retain(|id, _| !garbled.contains(id));
        let mut differs = |customer: &Customer| {
            let pointer = customer.id.and_then(|id| known.remove(&id));
            let fingerprint = pointer.and_then(|pointer| pointer.fingerprint);
            customer.id.is_some() && (self.everyone || fingerprint != Some(self.fingerprint(customer)))
        };
        let differing = items.into_iter().filter(|customer| differs(customer)).collect();
        (differing, known)
    }

    /// The fingerprint that a customer has, as it is now.
    pub fn fingerprint(&self, customer: &Customer) -> String {
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
