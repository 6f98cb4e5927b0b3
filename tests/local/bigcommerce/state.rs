//! Everything the store remembers, and the indexes by which it finds it.

use std::{
    collections::{BTreeMap, BTreeSet, hash_map::DefaultHasher},
    hash::{Hash, Hasher},
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    attributes::Attribute,
    delivery::Delivery,
    groups::Group,
    hooks::Hook,
    record::{Customer, Field},
    settings::Settings,
};

/// The store's memory.
#[derive(Default)]
pub(super) struct State {
    customers: BTreeMap<u32, Customer>,
    by_email: BTreeSet<(u64, u32)>,
    by_address: BTreeMap<u32, u32>,
    by_value: BTreeMap<u32, u32>,
    /// Deliveries that wait, by when they are due.
    pub(super) queue: BTreeMap<(Timestamp, u64), Delivery>,
    /// Deliveries on their way.
    pub(super) sending: BTreeMap<u64, Delivery>,
    pub(super) head: Head,
}

/// What there is little of; the first line of the state file.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Head {
    pub(super) last: Last,
    pub(super) attributes: BTreeMap<u32, Attribute>,
    pub(super) groups: BTreeMap<u32, Group>,
    pub(super) settings: Settings,
    pub(super) hooks: BTreeMap<u32, Hook>,
    /// Whom the store mails about its hooks.
    pub(super) mails: Vec<String>,
}

/// The identifiers given last; none is given twice.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Last {
    pub(super) customer: u32,
    pub(super) address: u32,
    pub(super) value: u32,
    pub(super) attribute: u32,
    pub(super) group: u32,
    pub(super) hook: u32,
    pub(super) event: u64,
    pub(super) delivery: u64,
}

/// The next identifier after `last`.
pub(super) fn next(last: &mut u32) -> u32 {
    *last += 1;
    *last
}

impl State {
    /// All customers, by identifier.
    pub(super) fn customers(&self) -> &BTreeMap<u32, Customer> {
        &self.customers
    }

    /// Keeps `customer` in the place of the one with its identifier, if there is one.
    pub(super) fn put(&mut self, mut customer: Customer) {
        self.remove(customer.id);
        customer.addresses.shrink_to_fit();
        customer.values.shrink_to_fit();
        let id = customer.id;
        self.by_email.insert((email_hash(customer.get(Field::Email)), id));
        self.by_address.extend(customer.addresses.iter().map(|address| (address.id, id)));
        self.by_value.extend(customer.values.iter().map(|held| (held.id, id)));
        self.customers.insert(id, customer);
    }

    /// Forgets a customer.
    pub(super) fn remove(&mut self, id: u32) -> Option<Customer> {
        let customer = self.customers.remove(&id)?;
        self.by_email.remove(&(email_hash(customer.get(Field::Email)), id));
        for address in &customer.addresses {
            self.by_address.remove(&address.id);
        }
        for held in &customer.values {
            self.by_value.remove(&held.id);
        }
        Some(customer)
    }

    /// The customers with this address; spelling in capitals or not is one address.
    pub(super) fn with_email<'a>(&'a self, email: &'a str) -> impl Iterator<Item = &'a Customer> + 'a {
        let hash = email_hash(email);
        let folded = email.to_lowercase();
        self.by_email
            .range((hash, 0)..=(hash, u32::MAX))
            .filter_map(|(_, id)| self.customers.get(id))
            .filter(move |customer| customer.get(Field::Email).to_lowercase() == folded)
    }

    /// Whose address it is.
    pub(super) fn owner_of_address(&self, address: u32) -> Option<&Customer> {
        self.customers.get(self.by_address.get(&address)?)
    }

    /// Whose attribute value it is.
    pub(super) fn owner_of_value(&self, value: u32) -> Option<&Customer> {
        self.customers.get(self.by_value.get(&value)?)
    }

    /// Deliveries that are not settled.
    pub(super) fn pending(&self) -> usize {
        self.queue.len() + self.sending.len()
    }
}

fn email_hash(email: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    email.to_lowercase().hash(&mut hasher);
    hasher.finish()
}
