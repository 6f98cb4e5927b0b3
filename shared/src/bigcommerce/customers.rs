//! Reading customers: by identifier, by e-mail address, page by page; and deleting them.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;

use super::{
    client::Client,
    customer::{Address, AttributeValue, Customer, CustomerId},
    error::Error,
    list::{Cursor, Envelope, Listed, PAGE, Page},
};
use crate::{
    mapping::{CustomerField, Mapping},
    secret::{EmailAddress, fold},
};

const PATH: &str = "v3/customers";

/// What is embedded in a customer besides its own fields (`include`). What is not asked for is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Include {
    /// All its addresses.
    pub addresses: bool,
    /// All its attribute values.
    pub attributes: bool,
    /// The values of its form fields.
    pub form_fields: bool,
}

/// Which page of the store's customers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageQuery {
    /// Where it begins; `None` is at the beginning.
    pub after: Option<Cursor>,
    /// How many customers at most, 1 to 250; the store may give less.
    pub limit: usize,
    /// Only customers whose own fields changed since; whether at that second is not documented.
    pub modified_since: Option<Timestamp>,
    /// Only customers created since; whether at that second is not documented.
    pub created_since: Option<Timestamp>,
    /// What is embedded.
    pub include: Include,
}

impl Default for PageQuery {
    fn default() -> PageQuery {
        PageQuery {
            after: None,
            limit: PAGE,
            modified_since: None,
            created_since: None,
            include: Include::default(),
        }
    }
}

impl Include {
    /// The customer's own fields only.
    pub const NOTHING: Include = Include { addresses: false, attributes: false, form_fields: false };
    /// All that can be mapped.
    pub const EVERYTHING: Include = Include { addresses: true, attributes: true, form_fields: true };

    /// What a mapping compares, and no more.
    pub fn of(mapping: &Mapping) -> Include {
        let any = |kind: fn(&CustomerField) -> bool| mapping.rules.iter().any(|rule| kind(&rule.field));
        Include {
            addresses: !mapping.address_rules.is_empty(),
            attributes: mapping.identity.is_some()
                || any(|field| matches!(field, CustomerField::Attribute(_))),
            form_fields: any(|field| matches!(field, CustomerField::FormField(_))),
        }
    }

    fn parameter(self) -> Option<(&'static str, String)> {
        let names = [
            (self.addresses, "addresses"),
            (self.attributes, "attributes"),
            (self.form_fields, "formfields"),
        ];
        let asked: Vec<&str> = names.into_iter().filter_map(|(asked, name)| asked.then_some(name)).collect();
        (!asked.is_empty()).then(|| ("include", asked.join(",")))
    }
}

impl PageQuery {
    fn parameters(&self) -> Vec<(&'static str, String)> {
        let mut query = vec![("limit", self.limit.clamp(1, PAGE).to_string())];
        query.extend(self.modified_since.map(|since| ("date_modified:min", zoneless(since))));
        query.extend(self.created_since.map(|since| ("date_created:min", zoneless(since))));
        query.extend(self.include.parameter());
        query.extend(self.after.as_ref().map(Cursor::parameter));
        query
    }
}

/// The filters know no zone: UTC, to the second.
pub(super) fn zoneless(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

impl Client {
    /// The customers with these identifiers, each once, in no order; one that is missing does not
    /// exist. Lists embedded by `include` are whole.
    ///
    /// # Errors
    /// When any part of the answer could not be had.
    pub async fn customers(&self, ids: &[CustomerId], include: Include) -> Result<Vec<Customer>, Error> {
        let mut wanted: BTreeSet<CustomerId> = ids.iter().copied().collect();
        let values: Vec<String> = wanted.iter().map(CustomerId::to_string).collect();
        let mut found = self.customers_by("id:in", &values, include).await?;
        found.retain(|customer| customer.id.is_some_and(|id| wanted.remove(&id)));
        self.complete(&mut found, include).await?;
        Ok(found)
    }

    /// The customers with these e-mail addresses, in no order. Where sign-in is separate by channel there
    /// may be several with one address.
    ///
    /// # Errors
    /// When any part of the answer could not be had.
    pub async fn customers_by_email(
        &self,
        emails: &[EmailAddress],
        include: Include,
    ) -> Result<Vec<Customer>, Error> {
        let wanted: HashMap<String, &str> =
            emails.iter().map(|email| (email.folded(), email.as_str())).collect();
        let values: Vec<String> = wanted.values().map(|email| (*email).to_owned()).collect();
        let mut found = self.customers_by("email:in", &values, include).await?;
        let mut seen = BTreeSet::new();
        found.retain(|customer| wanted.contains_key(&fold(&customer.email)) && seen.insert(customer.id));
        self.complete(&mut found, include).await?;
        Ok(found)
    }

    /// A page of the store's customers. The cursor is stable while customers come and go.
    ///
    /// # Errors
    /// When any part of the answer could not be had.
    pub async fn page(&self, query: &PageQuery) -> Result<Page<Customer>, Error> {
        let call = self.get(PATH, &query.parameters())?;
        let page: Envelope<Vec<Listed<Customer>>> = self.ask(call).await?;
        let next = page.next();
        if next.is_some() && next == query.after {
            return Err(Error::Garbled { status: 200, rule: "a list comes to an end" });
        }
        let total = page.meta.pagination.and_then(|pages| pages.total);
        let (mut items, mut garbled) = (Vec::new(), Vec::new());
        for listed in page.data {
            match listed {
                Listed::Whole(customer) => items.push(customer),
                Listed::Garbled { id } => garbled.push(id),
            }
        }
        self.complete(&mut items, query.include).await?;
        Ok(Page { items, garbled, next, total })
    }

    /// Deletes customers; one that does not exist is as good as deleted. No identifier is no request.
    ///
    /// # Errors
    /// When the store did not confirm all of them.
    pub async fn delete_customers(&self, ids: &[CustomerId]) -> Result<(), Error> {
        let ids: BTreeSet<CustomerId> = ids.iter().copied().collect();
        let values: Vec<String> = ids.iter().map(CustomerId::to_string).collect();
        self.delete_by_id(PATH, &values).await
    }

    async fn customers_by(
        &self,
        filter: &str,
        values: &[String],
        include: Include,
    ) -> Result<Vec<Customer>, Error> {
        let mut query = vec![("limit", PAGE.to_string())];
        query.extend(include.parameter());
        self.all_by(PATH, filter, values, &query).await
    }

    /// At most ten addresses and ten attribute values come embedded: fetches the lists of who has more.
    async fn complete(&self, customers: &mut [Customer], include: Include) -> Result<(), Error> {
        if include.addresses {
            let more = having_more(customers, |customer| {
                (customer.addresses.as_ref().map(Vec::len), customer.address_count)
            });
            let mut all = by_customer(self.addresses(&more).await?, |address: &Address| address.customer_id);
            for customer in of(customers, &more) {
                customer.addresses = customer.id.map(|id| all.remove(&id).unwrap_or_default());
            }
        }
        if include.attributes {
            let more = having_more(customers, |customer| {
                (customer.attributes.as_ref().map(Vec::len), customer.attribute_count)
            });
            let values = self.attribute_values(&more).await?;
            let mut all = by_customer(values, |value: &AttributeValue| value.customer_id);
            for customer in of(customers, &more) {
                customer.attributes = customer.id.map(|id| all.remove(&id).unwrap_or_default());
            }
        }
        Ok(())
    }
}

/// The most that comes embedded.
const EMBEDDED: usize = 10;

/// The customers that have more than came embedded, or may have.
fn having_more(
    customers: &[Customer],
    embedded: impl Fn(&Customer) -> (Option<usize>, Option<u32>),
) -> Vec<CustomerId> {
    let has_more = |customer: &&Customer| match embedded(customer) {
        (embedded, Some(count)) => {
            embedded.unwrap_or_default() < usize::try_from(count).unwrap_or(usize::MAX)
        }
        (Some(embedded), None) => embedded >= EMBEDDED,
        (None, None) => true,
    };
    customers.iter().filter(has_more).filter_map(|customer| customer.id).collect()
}

fn of<'a>(customers: &'a mut [Customer], ids: &'a [CustomerId]) -> impl Iterator<Item = &'a mut Customer> {
    customers.iter_mut().filter(|customer| customer.id.is_some_and(|id| ids.contains(&id)))
}

fn by_customer<T>(items: Vec<T>, owner: impl Fn(&T) -> Option<CustomerId>) -> HashMap<CustomerId, Vec<T>> {
    let mut grouped: HashMap<CustomerId, Vec<T>> = HashMap::new();
    for item in items {
        if let Some(customer) = owner(&item) {
            grouped.entry(customer).or_default().push(item);
        }
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_embedded_is_named_as_the_store_names_it() {
        assert_eq!(Include::NOTHING.parameter(), None);
        let everything = ("include", "addresses,attributes,formfields".to_owned());
        assert_eq!(Include::EVERYTHING.parameter(), Some(everything));
    }

    #[test]
    fn a_page_is_asked_for_without_a_zone_and_within_bounds() {
        let since = "2026-01-02T03:04:05.678Z".parse().unwrap();
        let (modified_since, created_since) = (Some(since), Some(since));
        let query = PageQuery { limit: 1000, modified_since, created_since, ..PageQuery::default() };
        let (modified, created) = ("date_modified:min", "date_created:min");
        let since = "2026-01-02T03:04:05";
        let expected = [("limit", "250"), (modified, since), (created, since)];
        assert_eq!(query.parameters(), expected.map(|(name, value)| (name, value.to_owned())));
    }

    #[test]
    fn who_may_have_more_than_came_is_asked_again() {
        let customer = |id: i64, embedded: Option<usize>, count: Option<u32>| Customer {
            id: Some(id.try_into().unwrap()),
            addresses: embedded.map(|embedded| vec![Address::default(); embedded]),
            address_count: count,
            ..Customer::default()
        };
        let customers = [
            customer(1, Some(10), Some(11)),
            customer(2, Some(10), Some(10)),
            customer(3, Some(10), None),
            customer(4, Some(9), None),
            customer(5, None, None),
            customer(6, None, Some(0)),
        ];
        let more = having_more(&customers, |customer| {
            (customer.addresses.as_ref().map(Vec::len), customer.address_count)
        });
        assert_eq!(more.iter().map(|id| id.get()).collect::<Vec<_>>(), [1, 3, 5]);
    }
}
