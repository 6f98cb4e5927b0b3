//! What was sent to the store, noted before: should we be cut off, it is not taken for an edit of
//! the store's when it is met there.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Base, Held, digest};
use crate::{
    bigcommerce::Customer,
    mapping::{AddressFields, Coverage, CustomerField, Fields, Mapped},
    merge::AddressChanges,
    secret::fold,
};

/// How many values of one field are remembered: what an earlier look sent may arrive late.
const REMEMBERED: usize = 4;
/// How many addresses are.
const ADDRESSES_REMEMBERED: usize = 40;

/// Digests of what was sent to the store and is not yet known to be taken.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Sent {
    /// By field, the latest last.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    fields: BTreeMap<CustomerField, Vec<String>>,
    /// The addresses that the customer was to gain.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    gained: BTreeSet<String>,
    /// The addresses that the customer was to lose.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    lost: BTreeSet<String>,
    /// What the store had, should the customer be offboarded by it.
    #[serde(skip_serializing_if = "Option::is_none")]
    held: Option<Held>,
}

impl Sent {
    /// What is to be noted before these changes are sent; null clears.
    pub fn of(fields: &Fields, addresses: &AddressChanges) -> Sent {
        let each = |addresses: &BTreeSet<AddressFields>| addresses.iter().map(digest).collect();
        Sent {
            fields: fields
                .iter()
                .map(|(field, value)| (field.clone(), vec![of_value(Some(value))]))
                .collect(),
            gained: each(&addresses.add),
            lost: each(&addresses.remove),
            held: None,
        }
    }

    /// With what the store had, should the customer be offboarded by what is sent.
    pub fn holding(self, held: Option<Held>) -> Sent {
        Sent { held, ..self }
    }

    /// What the store had where it is now seen to have what was sent.
    pub fn held_of(&self, customer: &Customer) -> Option<Held> {
        let has = |field, value: Value| {
            self.fields.get(&field).is_some_and(|digests| digests.contains(&of_value(Some(&value))))
        };
        let group = customer.customer_group_id.filter(|group| *group > 0).map_or(Value::Null, Value::from);
        let mut held = self.held.clone()?;
        held.email = held.email.filter(|_| has(CustomerField::Email, customer.email.as_str().into()));
        held.group = held.group.filter(|_| has(CustomerField::CustomerGroupId, group));
        (held.email.is_some() || held.group.is_some()).then_some(held)
    }

    /// What is to be noted where `earlier` was noted and is not known to be taken.
    pub fn after(mut self, earlier: &Sent) -> Sent {
        for (field, digests) in &earlier.fields {
            let now = self.fields.entry(field.clone()).or_default();
            let mut all: Vec<String> =
                digests.iter().filter(|digest| !now.contains(digest)).cloned().collect();
            all.append(now);
            *now = all.split_off(all.len().saturating_sub(REMEMBERED));
        }
        if earlier.gained.len() + earlier.lost.len() <= ADDRESSES_REMEMBERED {
            self.gained.extend(earlier.gained.iter().cloned());
            self.lost.extend(earlier.lost.iter().cloned());
        }
        self.held = self.held.or_else(|| earlier.held.clone());
        self
    }

    /// Whether nothing was sent.
    pub fn is_empty(&self) -> bool {
        *self == Sent::default()
    }
}

impl Base {
    /// The base with what of `sent` the store is seen to have taken: that much is agreed, but for the
    /// fields that are `apart`.
    pub fn with_sent(mut self, sent: &Sent, customer: &Mapped, apart: &BTreeSet<CustomerField>) -> Base {
        for (field, digests) in &sent.fields {
            let value = customer.fields.get(field);
            if apart.contains(field)
                || customer.withheld.contains(field)
                || !digests.contains(&of_value(value))
            {
                continue;
            }
            match value {
                Some(value) => drop(self.fields.insert(field.clone(), value.clone())),
                None => drop(self.fields.remove(field)),
            }
        }
        let there = &customer.addresses;
        self.addresses.extend(there.iter().filter(|there| sent.gained.contains(&digest(there))).cloned());
        if customer.coverage == Coverage::Whole {
            self.addresses.retain(|known| there.contains(known) || !sent.lost.contains(&digest(known)));
        }
        self
    }
}

/// Of a value as a store may respell it, so that it is known again.
fn of_value(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => digest(&()),
        Some(Value::String(text)) => digest(&fold(text)),
        Some(Value::Number(number)) => digest(&number.to_string()),
        Some(other) => digest(other),
    }
}
