//! `GET /v3/customers`: filters, sorting, and pages by number and by cursor.

use std::{cmp::Ordering, collections::BTreeSet, ops::Bound, sync::Arc};

use axum::{Extension, extract::State, http::Uri, response::Response};

use super::{
    errors::{Refusal, json},
    gate::Quirks,
    paging::{Cursor, Listed, Meta, Place, Sides, Wanted, cursor_pagination, pagination},
    query::{Query, Span},
    record::{Customer, Field},
    shop::Shop,
    state::State as Memory,
    wire::{self, Include},
};

const FILTERS: [&str; 20] = [
    "page",
    "limit",
    "id:in",
    "company:in",
    "customer_group_id:in",
    "date_created",
    "date_created:min",
    "date_created:max",
    "date_modified",
    "date_modified:min",
    "date_modified:max",
    "email:in",
    "name:in",
    "name:like",
    "phone:in",
    "registration_ip_address:in",
    "include",
    "sort",
    "after",
    "before",
];

/// Which customers are asked for.
struct Filter {
    ids: Option<BTreeSet<u32>>,
    emails: Option<Vec<String>>,
    groups: Option<Vec<u32>>,
    companies: Option<Vec<String>>,
    phones: Option<Vec<String>>,
    names: Option<Vec<String>>,
    like: Option<Vec<String>>,
    addresses_of_origin: Option<Vec<String>>,
    created: Span,
    modified: Span,
}

impl Filter {
    fn of(query: &Query) -> Result<Filter, Refusal> {
        Ok(Filter {
            ids: query.ids("id:in")?.map(BTreeSet::from_iter),
            emails: query.list("email:in"),
            groups: query.ids("customer_group_id:in")?,
            companies: query.list("company:in"),
            phones: query.list("phone:in"),
            names: query.list("name:in"),
            like: query.list("name:like"),
            addresses_of_origin: query.list("registration_ip_address:in"),
            created: query.span("date_created")?,
            modified: query.span("date_modified")?,
        })
    }

    fn holds(&self, customer: &Customer) -> bool {
        let is_in = |list: &Option<Vec<String>>, field: Field| {
            list.as_ref().is_none_or(|list| list.contains(&customer.get(field).to_lowercase()))
        };
        let name = || customer.name().to_lowercase();
        self.ids.as_ref().is_none_or(|ids| ids.contains(&customer.id))
            && self.groups.as_ref().is_none_or(|groups| groups.contains(&customer.group))
            && is_in(&self.emails, Field::Email)
            && is_in(&self.companies, Field::Company)
            && is_in(&self.phones, Field::Phone)
            && self.names.as_ref().is_none_or(|names| names.contains(&name()))
            && self.like.as_ref().is_none_or(|like| like.iter().any(|part| name().contains(part)))
            && self.addresses_of_origin.as_ref().is_none_or(|list| list.is_empty())
            && self.created.holds(customer.created)
            && self.modified.holds(customer.modified)
    }

    /// The customers that can pass, by identifier: few where identifiers or addresses are named.
    fn candidates<'a>(&'a self, state: &'a Memory) -> Box<dyn DoubleEndedIterator<Item = &'a Customer> + 'a> {
        if let Some(ids) = &self.ids {
            return Box::new(ids.iter().filter_map(|id| state.customers().get(id)));
        }
        if let Some(emails) = &self.emails {
            let ids: BTreeSet<u32> =
                emails.iter().flat_map(|email| state.with_email(email)).map(|customer| customer.id).collect();
            return Box::new(ids.into_iter().filter_map(|id| state.customers().get(&id)));
        }
        Box::new(state.customers().values())
    }

    /// The customers that pass, by identifier.
    fn passing<'a>(&'a self, state: &'a Memory) -> impl DoubleEndedIterator<Item = &'a Customer> + 'a {
        self.candidates(state).filter(|customer| self.holds(customer))
    }

    /// The customers that pass between two identifiers, without walking those outside.
    fn between<'a>(
        &'a self,
        state: &'a Memory,
        ends: (Bound<u32>, Bound<u32>),
    ) -> impl DoubleEndedIterator<Item = &'a Customer> + 'a {
        let everyone = state.customers().range(ends).map(|(_, customer)| customer);
        everyone.filter(|customer| self.holds(customer))
    }
}

/// What is embedded, as `include` names it.
fn include(query: &Query) -> Result<Include, Refusal> {
    let known = ["addresses", "storecredit", "attributes", "formfields", "shopper_profile_id", "segment_ids"];
    let wanted = query.list("include").unwrap_or_default();
    if wanted.iter().any(|name| !known.contains(&name.as_str())) {
        return Err(Refusal::bad_filter("include"));
    }
    let has = |name: &str| wanted.iter().any(|wanted| wanted == name);
    Ok(Include {
        addresses: has("addresses"),
        attributes: has("attributes"),
        form_fields: has("formfields"),
        store_credit: has("storecredit"),
    })
}

type Order = fn(&Customer, &Customer) -> Ordering;

/// The order of `sort`; ties are in the order of identifiers.
fn order(query: &Query) -> Result<Option<(Order, bool)>, Refusal> {
    let Some(sort) = query.text("sort") else { return Ok(None) };
    let (field, direction) = sort.split_once(':').ok_or(Refusal::bad_filter("sort"))?;
    let order: Order = match field {
        "date_created" => |a, b| a.created.cmp(&b.created),
        "date_modified" => |a, b| a.modified.cmp(&b.modified),
        "last_name" => {
            |a, b| a.get(Field::LastName).to_lowercase().cmp(&b.get(Field::LastName).to_lowercase())
        }
        _ => return Err(Refusal::bad_filter("sort")),
    };
    match direction {
        "asc" => Ok(Some((order, false))),
        "desc" => Ok(Some((order, true))),
        _ => Err(Refusal::bad_filter("sort")),
    }
}

/// `GET /v3/customers`
pub(super) async fn list(
    State(shop): State<Arc<Shop>>,
    Extension(quirks): Extension<Quirks>,
    uri: Uri,
) -> Result<Response, Refusal> {
    let query = Query::parse(&uri, &FILTERS)?;
    let wanted = Wanted::<Cursor>::of(&query, quirks.most_a_page())?;
    let (filter, include) = (Filter::of(&query)?, include(&query)?);
    let state = shop.state();
    let (customers, meta) = match wanted.place {
        Place::Page(number) => by_number(&query, &state, &filter, wanted.limit, number)?,
        Place::After(_) | Place::Before(_) if quirks.refuse_cursor == Some(400) => {
            return Err(Refusal::bad_input());
        }
        Place::After(_) | Place::Before(_) if quirks.refuse_cursor.is_some() => {
            return Err(Refusal::bad_filter("after"));
        }
        Place::After(cursor) => after(&query, &state, &filter, wanted.limit, &cursor),
        Place::Before(cursor) => before(&query, &state, &filter, wanted.limit, &cursor),
    };
    let mut customers = quirks.spoil(customers);
    let shown: BTreeSet<u32> = customers.iter().map(|customer| customer.id).collect();
    let strangers = state.customers().values().filter(|customer| !shown.contains(&customer.id));
    customers.extend(strangers.take(quirks.foreign));
    let data = customers.into_iter().map(|customer| wire::customer(customer, include)).collect();
    Ok(json(&Listed { data, meta }))
}

/// A page by its number. Only the first has cursors; a sorted one has none, as a cursor follows
/// identifiers.
fn by_number<'a>(
    query: &Query,
    state: &'a Memory,
    filter: &'a Filter,
    limit: usize,
    number: usize,
) -> Result<(Vec<&'a Customer>, Meta), Refusal> {
    let order = order(query)?;
    let mut passing: Vec<&Customer> = filter.passing(state).collect();
    if let Some((order, descending)) = order {
        passing.sort_by(|a, b| if descending { order(b, a) } else { order(a, b) });
    }
    let total = passing.len();
    let skipped = (number - 1).saturating_mul(limit);
    let customers: Vec<&Customer> = passing.into_iter().skip(skipped).take(limit).collect();
    let cursors = (number == 1 && order.is_none()).then(|| {
        let sides = Sides { before: false, after: total > limit };
        cursor_pagination(query, limit, customers.len(), ends(&customers), sides)
    });
    let pagination = pagination(query, limit, number, customers.len(), total);
    Ok((customers, Meta { pagination: Some(pagination), cursor_pagination: cursors }))
}

/// The page after a cursor: whatever was created or deleted before it moves nothing.
fn after<'a>(
    query: &Query,
    state: &'a Memory,
    filter: &'a Filter,
    limit: usize,
    cursor: &Cursor,
) -> (Vec<&'a Customer>, Meta) {
    let ends = (Bound::Excluded(cursor.id), Bound::Unbounded);
    let mut customers: Vec<&Customer> = filter.between(state, ends).take(limit + 1).collect();
    let sides = Sides { before: true, after: customers.len() > limit };
    customers.truncate(limit);
    (customers.clone(), cursors_only(query, limit, &customers, sides))
}

/// The page before a cursor.
fn before<'a>(
    query: &Query,
    state: &'a Memory,
    filter: &'a Filter,
    limit: usize,
    cursor: &Cursor,
) -> (Vec<&'a Customer>, Meta) {
    let ends = (Bound::Unbounded, Bound::Excluded(cursor.id));
    let mut customers: Vec<&Customer> = filter.between(state, ends).rev().take(limit + 1).collect();
    let sides = Sides { before: customers.len() > limit, after: true };
    customers.truncate(limit);
    customers.reverse();
    (customers.clone(), cursors_only(query, limit, &customers, sides))
}

fn cursors_only(query: &Query, limit: usize, customers: &[&Customer], sides: Sides) -> Meta {
    let cursors = cursor_pagination(query, limit, customers.len(), ends(customers), sides);
    Meta { pagination: None, cursor_pagination: Some(cursors) }
}

fn ends(customers: &[&Customer]) -> Option<(Cursor, Cursor)> {
    let cursor = |customer: &&Customer| Cursor { id: customer.id };
    Some((cursor(customers.first()?), cursor(customers.last()?)))
}
