//! What the directory's record becomes once the store has answered.

use jiff::Timestamp;

use super::{CustomerSeen, DirectoryStep, LinkStep, Pair, Plan, StoreStep, UserSeen};
use crate::{
    bigcommerce::Customer,
    mapping::{CustomerField, Fields, Mapping},
    merge::AddressChanges,
    user::{Base, Link, LinkState, User},
};

impl Plan {
    /// The directory's step with the link's step in it: what is to be written once the store's step
    /// has succeeded. `answer` is the customer as the store created or updated it.
    pub fn settled(&self, pair: Pair<'_>, answer: Option<&Customer>, now: Timestamp) -> DirectoryStep {
        let before = match pair.user {
            UserSeen::One(user) => Some(user),
            UserSeen::None | UserSeen::Deleted { .. } => None,
        };
        let mut user = match (&self.directory, before) {
            (DirectoryStep::Delete, _) => return DirectoryStep::Delete,
            (DirectoryStep::Create(user) | DirectoryStep::Update(user), _) => User::clone(user),
            (DirectoryStep::Nothing, Some(user)) => user.clone(),
            (DirectoryStep::Nothing, None) => return DirectoryStep::Nothing,
        };
        match &self.link {
            LinkStep::Keep => {}
            LinkStep::Set { .. } => self.set(&mut user, pair, answer, now),
            LinkStep::Break => {
                user.links.remove(&pair.application.id);
                if user.active {
                    user.unlinked.insert(pair.application.id.clone());
                }
            }
            LinkStep::Leave => drop(user.links.remove(&pair.application.id)),
        }
        match (&self.directory, before) {
            (DirectoryStep::Create(_), _) => DirectoryStep::Create(Box::new(user)),
            (_, Some(before)) if *before == user => DirectoryStep::Nothing,
            _ => DirectoryStep::Update(Box::new(user)),
        }
    }

    fn set(&self, user: &mut User, pair: Pair<'_>, answer: Option<&Customer>, now: Timestamp) {
        let LinkStep::Set { base, held, in_scope } = &self.link else { return };
        let seen = match pair.customer {
            CustomerSeen::One(customer) => Some(customer),
            CustomerSeen::Several(customers) => {
                let linked = user.links.get(&pair.application.id).map(|link| link.customer);
                customers.iter().find(|customer| linked.is_some() && customer.id == linked)
            }
            CustomerSeen::Unknown | CustomerSeen::None => None,
        };
        let Some((customer, id)) = answer.or(seen).and_then(|customer| Some((customer, customer.id?))) else {
            return;
        };
        let base = match self.store {
            StoreStep::Create { .. } => with_id(&pair.application.mapping, user, base.clone(), customer, now),
            StoreStep::Nothing | StoreStep::Update { .. } | StoreStep::Delete(_) => base.clone(),
        };
        let blocked = self.asked.first().map(|asked| asked.detail.clone());
        let link = Link {
            customer: id,
            base,
            in_scope: *in_scope,
            held: held.clone(),
            state: if blocked.is_some() { LinkState::Blocked } else { LinkState::InStep },
            store_modified: customer.date_modified,
            synced_at: now,
            last_error: blocked,
            attention: user
                .links
                .get(&pair.application.id)
                .map(|link| link.attention.clone())
                .unwrap_or_default(),
        };
        let before = user.links.get(&pair.application.id);
        let times_alone = before.is_some_and(|before| {
            let (store_modified, synced_at) = (before.store_modified, before.synced_at);
            *before == Link { store_modified, synced_at, ..link.clone() }
        });
        if !times_alone {
            user.links.insert(pair.application.id.clone(), link);
        }
        user.unlinked.remove(&pair.application.id);
    }
}

/// The identifier of a customer just created flows back at once: the store gave it.
fn with_id(mapping: &Mapping, user: &mut User, mut base: Base, customer: &Customer, now: Timestamp) -> Base {
    let read = mapping.read_customer(customer).fields.remove(&CustomerField::Id);
    if let Some(id) = read {
        let changes = Fields::from([(CustomerField::Id, id.clone())]);
        mapping.write_user(user, &changes, &AddressChanges::default(), now);
        base.fields.insert(CustomerField::Id, id);
    }
    base
}
