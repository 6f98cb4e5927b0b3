//! Walks all customers of a store, page by page, and notes work for each pair that is not as both
//! sides last agreed: a customer unknown here, one that reads differently, one that is gone. An
//! unchanged page costs one call and about one read.

use std::collections::BTreeMap;

use futures_util::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};

use crate::{
    application::Application,
    bigcommerce::{self, Api, Cursor, Customer, CustomerId, Include, Page, PageQuery},
    clock::Clock,
    store::{self, Pointer, Tables},
    user::Base,
    work::Subject,
};

/// The largest page that BigCommerce serves.
const PAGE: usize = 250;
/// How many rows of work are noted at once.
const WRITERS: usize = 8;

/// Where a survey stands: enough to go on elsewhere.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Survey {
    /// The page to go on after; none: from the start.
    pub cursor: Option<Cursor>,
    /// The last customer that was seen.
    pub last: Option<CustomerId>,
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
    },
}

/// What a survey needs.
#[derive(Clone, Debug)]
pub struct Surveyor<'a> {
    /// The tables.
    pub tables: &'a Tables,
    /// BigCommerce.
    pub api: &'a Api,
    /// Time.
    pub clock: &'a Clock,
    /// Whose customers.
    pub application: &'a Application,
    /// What the rows of work are to give as their cause.
    pub cause: &'a str,
}

impl Surveyor<'_> {
    /// Walks one page on.
    ///
    /// # Errors
    /// When the store or the tables do not answer, or when more customers are gone than the
    /// application's brake allows: nothing of the page was noted then.
    pub async fn step(&self, survey: &Survey) -> Result<Survey, Error> {
        let query = PageQuery {
            after: survey.cursor.clone(),
            limit: PAGE,
            include: Include::of(&self.application.mapping),
            ..PageQuery::default()
        };
        let page = self.api.store(self.application).page(&query).await.map_err(Error::Store)?;
        let from = survey.last.map_or(CustomerId::FIRST, CustomerId::next);
        let to = self.end_of(&page);
        let mut known =
            self.tables.pointers_between(&self.application.id, from, to).await.map_err(Error::Tables)?;
        known.retain(|_, pointer| pointer.gone.is_none());
        let known_before = survey.known + known.len() as u64;
        let (differing, gone_now) = self.out_of_step(&page, known);
        let gone = survey.gone + gone_now.len() as u64;
        if self.application.policies.deletion_brake.stops(gone, known_before) {
            return Err(Error::Braked { gone, known: known_before });
        }
        let noted = (differing.len() + gone_now.len()) as u64;
        self.note(differing.into_iter().chain(gone_now)).await.map_err(Error::Tables)?;
        Ok(Survey {
            known: known_before,
            gone,
            finished: page.next.is_none(),
            cursor: page.next,
            last: Some(to),
            seen: survey.seen + (page.items.len() + page.garbled.len()) as u64,
            total: page.total.or(survey.total),
            noted: survey.noted + noted,
        })
    }

    /// Up to where the page accounts for every customer there is: pages are in the order of identifiers.
    fn end_of(&self, page: &Page<Customer>) -> CustomerId {
        let ids = page.items.iter().filter_map(|customer| customer.id);
        let last = ids.chain(page.garbled.iter().copied()).max();
        match (&page.next, last) {
            (Some(_), Some(last)) => last,
            _ => CustomerId::LAST,
        }
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

    async fn note(&self, customers: impl Iterator<Item = CustomerId>) -> Result<(), store::Error> {
        let now = self.clock.now();
        stream::iter(customers)
            .map(|customer| async move {
                let subject = Subject::Customer(self.application.id.clone(), customer);
                self.tables.enqueue(&subject, self.cause, now).await
            })
            .buffer_unordered(WRITERS)
            .try_collect()
            .await
    }
}
