//! One page of a run: read, told apart from what was seen before, and what is new brought into step
//! or foreseen.

use std::{collections::BTreeMap, time::Duration};

use jiff::Timestamp;
use shared::{
    application::Application,
    bigcommerce::{self, Client, Customer, CustomerId, Include, PageQuery},
    import::{AttributesMapped, Delta, Effect, Forecast, Place, Run, Stage, Verdict, each_once},
    store::{self, Pointer},
    survey::{Error, Survey, Surveyor},
    sync::{Engine, Hand},
};

/// Goes on with runs of one application.
pub(crate) struct Walker<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) application: &'a Application,
    /// Whether customers are looked at too that are as they were last seen.
    pub(crate) everyone: bool,
}

/// What a page shows, of whichever kind of run.
struct Found {
    read_at: Timestamp,
    differing: Vec<Customer>,
    garbled: Vec<CustomerId>,
    buried: Vec<CustomerId>,
    gone: Vec<CustomerId>,
    unchanged: u64,
}

impl Found {
    fn at(read_at: Timestamp) -> Found {
        let (garbled, buried, gone) = (Vec::new(), Vec::new(), Vec::new());
        Found { read_at, differing: Vec::new(), garbled, buried, gone, unchanged: 0 }
    }
}

impl Walker<'_> {
    /// The run a page on.
    pub(crate) async fn step(&self, run: &Run, until: Timestamp) -> Result<Run, Error> {
        let (place, found) = match &run.place {
            Place::Full(survey) => self.look(survey, until).await?,
            Place::Incremental(delta) => self.look_for_changes(delta, until).await?,
        };
        let over = match &place {
            Place::Full(survey) => survey.finished,
            Place::Incremental(delta) => delta.stage == Stage::Over,
        };
        let mut next = Run { place, pages: run.pages + 1, ..run.clone() };
        next.counts.add(Verdict::Unchanged, found.unchanged);
        next.counts.add(Verdict::Invalid, found.garbled.len() as u64);
        next.counts.add(Verdict::Left, found.buried.len() as u64);
        for (verdict, more) in self.take(&next, found).await.map_err(Error::Tables)? {
            next.counts.add(verdict, more);
        }
        Ok(if over { next.done(self.engine.clock.now()) } else { next })
    }

    fn surveyor(&self) -> Surveyor<'_> {
        let Walker { engine, application, everyone } = *self;
        Surveyor { engine, application, everyone }
    }

    /// The next page of all customers.
    async fn look(&self, survey: &Survey, until: Timestamp) -> Result<(Place, Found), Error> {
        let surveyor = self.surveyor();
        let seen = surveyor.look(survey, until).await?;
        let apart = (seen.differing.len() + seen.garbled.len() + seen.buried.len()) as u64;
        let found = Found {
            read_at: seen.read_at,
            unchanged: seen.on_page - apart,
            differing: seen.differing,
            garbled: seen.garbled,
            buried: seen.buried,
            gone: seen.gone.into_keys().collect(),
        };
        Ok((Place::Full(Box::new(seen.survey)), found))
    }

    /// The next page of the customers that changed.
    async fn look_for_changes(&self, delta: &Delta, until: Timestamp) -> Result<(Place, Found), Error> {
        let read_at = self.engine.clock.now();
        let patience = Duration::try_from(until.duration_since(read_at)).unwrap_or_default();
        let client = self.engine.api.store(self.application).with_patience(patience);
        let include = Include::of(&self.application.mapping);
        let (page, next) = match delta.stage {
            Stage::Attributes => with_changed_attributes(&client, delta, include).await,
            Stage::Customers | Stage::Over => changed(&client, delta, include).await,
        }
        .map_err(Error::Store)?;
        let seen = (page.customers.len() + page.garbled.len()) as u64;
        let mapped = AttributesMapped(include.attributes);
        let total = delta.total.or(page.total);
        let place = Place::Incremental(Delta { total, ..delta.after(next, seen, mapped) });
        let found = Found { garbled: page.garbled, ..Found::at(read_at) };
        Ok((place, self.apart(page.customers, found).await.map_err(Error::Tables)?))
    }

    /// Tells those customers apart that are known as they are, and those whose users were deleted.
    async fn apart(&self, customers: Vec<Customer>, mut found: Found) -> Result<Found, store::Error> {
        if customers.is_empty() {
            return Ok(found);
        }
        let ids = each_once(customers.iter().map(|customer| customer.id));
        let known = self.engine.tables.pointers(&self.application.id, &ids).await?;
        let surveyor = self.surveyor();
        for customer in customers {
            let Some(id) = customer.id else { continue };
            match known.get(&id) {
                Some(Pointer { gone: Some(_), .. }) => found.buried.push(id),
                Some(Pointer { fingerprint, .. })
                    if !self.everyone && *fingerprint == Some(surveyor.fingerprint(&customer)) =>
                {
                    found.unchanged += 1;
                }
                _ => found.differing.push(customer),
            }
        }
        Ok(found)
    }

    /// Brings into step what was found, or foresees it; what it came to.
    async fn take(&self, run: &Run, found: Found) -> Result<BTreeMap<Verdict, u64>, store::Error> {
        let Found { read_at, differing, garbled, buried, gone, .. } = found;
        if differing.is_empty() && garbled.is_empty() && buried.is_empty() && gone.is_empty() {
            return Ok(BTreeMap::new());
        }
        let application = self.application;
        let hand = Hand { application, customers: differing, gone, read_at, cause: run.kind.cause() };
        match run.effect {
            Effect::Apply => {
                // A person is told of what cannot be read by whoever looks at the row.
                self.engine.leave(application, &[garbled, buried].concat(), run.kind.cause()).await?;
                let brought = self.engine.bring(hand).await?;
                Ok(counted(brought.verdicts.into_iter().map(|(_, verdict)| verdict)))
            }
            Effect::Foresee => {
                let mut foreseen = self.engine.foresee(hand).await?;
                let counts = counted(foreseen.iter().map(|forecast| forecast.verdict));
                foreseen.extend(garbled.into_iter().map(Forecast::garbled));
                self.engine.tables.keep_forecasts(run, &foreseen).await?;
                Ok(counts)
            }
        }
    }
}

fn counted(verdicts: impl Iterator<Item = Verdict>) -> BTreeMap<Verdict, u64> {
    verdicts.fold(BTreeMap::new(), |mut counts, verdict| {
        *counts.entry(verdict).or_default() += 1;
        counts
    })
}

/// Customers of a page that changed.
struct Changed {
    customers: Vec<Customer>,
    garbled: Vec<CustomerId>,
    total: Option<u64>,
}

type NextPage = Option<bigcommerce::Cursor>;

async fn changed(
    client: &Client,
    delta: &Delta,
    include: Include,
) -> Result<(Changed, NextPage), bigcommerce::Error> {
    let query = PageQuery {
        after: delta.cursor.clone(),
        modified_since: Some(delta.since),
        include,
        ..PageQuery::default()
    };
    let page = client.page(&query).await?;
    Ok((Changed { customers: page.items, garbled: page.garbled, total: page.total }, page.next))
}

async fn with_changed_attributes(
    client: &Client,
    delta: &Delta,
    include: Include,
) -> Result<(Changed, NextPage), bigcommerce::Error> {
    let page = client.changed_attribute_values(delta.since, delta.cursor.as_ref()).await?;
    let ids = each_once(page.items.iter().map(|value| value.customer_id));
    let customers = client.customers(&ids, include).await?;
    Ok((Changed { customers, garbled: Vec::new(), total: None }, page.next))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts_are_counted() {
        let counts = counted([Verdict::Create, Verdict::Left, Verdict::Create].into_iter());
        assert_eq!(counts, BTreeMap::from([(Verdict::Create, 2), (Verdict::Left, 1)]));
    }
}
