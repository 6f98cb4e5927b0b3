//! (a) The same people on both sides, and (b) nobody made twice on the way there.

use std::collections::{BTreeMap, BTreeSet};

use local::bigcommerce::Entry as Line;
use shared::{
    bigcommerce::{Customer, CustomerId},
    mapping::{CustomerField, alike},
    report::{Action, Entry},
    secret::fold,
    user::{User, UserId},
};

use super::Evidence;

/// What our client calls itself begins so.
const OURS: &str = "Clientele/";

/// A customer that came to be, as the store's log has it.
struct Creation<'a> {
    line: usize,
    customer: u32,
    by: &'a str,
}

impl Evidence {
    /// (a)
    pub(super) fn out_of_step(&self, apart: &[u32]) -> Vec<String> {
        let mut found = Vec::new();
        let mut linked: BTreeMap<CustomerId, &User> = BTreeMap::new();
        for user in &self.users {
            match user.links.get(&self.application.id) {
                Some(link) => {
                    if let Some(other) = linked.insert(link.customer, user) {
                        found.push(format!("(a) {} is users {} and {}", link.customer, user.id, other.id));
                    }
                }
                None if user.active => found.push(format!("(a) user {} is active and no customer", user.id)),
                None => {}
            }
        }
        for customer in &self.customers {
            let user = customer.id.and_then(|id| linked.remove(&id));
            match (user, customer.id) {
                (_, Some(id)) if apart.contains(&id.get()) => {}
                (Some(user), _) => found.extend(self.pair_differs(user, customer)),
                (None, _) => found.push(format!("(a) {customer:?} is no user")),
            }
        }
        linked.retain(|id, _| !apart.contains(&id.get()));
        found.extend(linked.keys().map(|id| format!("(a) customer {id} is a user and not at the store")));
        if self.counted != self.users.len() as u64 {
            found.push(format!("(a) {} users are counted as {}", self.users.len(), self.counted));
        }
        found
    }

    fn pair_differs(&self, user: &User, customer: &Customer) -> Vec<String> {
        let mapping = &self.application.mapping;
        let (mine, theirs) = (mapping.read_user(user), mapping.read_customer(customer));
        let mut found = Vec::new();
        let fields: BTreeSet<&CustomerField> = mine.fields.keys().chain(theirs.fields.keys()).collect();
        for field in fields {
            let (one, other) = (mine.fields.get(field), theirs.fields.get(field));
            if !alike(field, one, other) {
                found.push(format!("(a) {customer:?}: {field} is {one:?} here and {other:?} there"));
            }
        }
        if mine.addresses != theirs.addresses {
            found.push(format!("(a) {customer:?}: {:?} here, {:?} there", mine.addresses, theirs.addresses));
        }
        let failed = user.links.get(&self.application.id).and_then(|link| link.last_error.as_ref());
        found.extend(failed.map(|error| format!("(a) {customer:?}: {error}")));
        found
    }

    /// (b) A creation of ours is one too many where the same person was a customer before, or where
    /// a customer that we had made was forgotten.
    pub(super) fn created_twice(&self) -> Vec<String> {
        let emails: BTreeSet<String> = self.customers.iter().map(|customer| fold(&customer.email)).collect();
        let shared = (emails.len() != self.customers.len())
            .then(|| "(b) two customers have one e-mail address".to_owned());
        let mut found: Vec<String> = shared.into_iter().collect();
        for creations in self.creations().values() {
            for (index, later) in creations.iter().enumerate().filter(|(_, later)| is_ours(later)) {
                let twice = creations[..index].iter().filter(|earlier| self.is_again(earlier, later));
                found.extend(twice.map(|earlier| {
                    format!("(b) who is customer {} was made again as {}", earlier.customer, later.customer)
                }));
            }
        }
        found
    }

    /// By their folded addresses, oldest first.
    fn creations(&self) -> BTreeMap<String, Vec<Creation<'_>>> {
        let mut creations: BTreeMap<String, Vec<Creation<'_>>> = BTreeMap::new();
        for (line, entry) in self.log.iter().enumerate() {
            if let Line::Creation { customer, email, by, .. } = entry {
                let creation = Creation { line, customer: *customer, by };
                creations.entry(fold(email)).or_default().push(creation);
            }
        }
        creations
    }

    /// Whether both are one person who was not let go between, or one of them was made by us and
    /// forgotten.
    fn is_again(&self, earlier: &Creation<'_>, later: &Creation<'_>) -> bool {
        let (known, known_later) = (self.known_as(earlier.customer), self.known_as(later.customer));
        if self.was_let_go(earlier, later.line) {
            return false;
        }
        let forgotten = is_ours(earlier) && known.is_empty() && !self.was_deleted(earlier, later.line);
        let untold = known_later.is_empty() && !self.was_deleted(later, self.log.len());
        forgotten || untold || !known.is_disjoint(&known_later)
    }

    /// The users that the report tells to be this customer.
    fn known_as(&self, customer: u32) -> BTreeSet<&UserId> {
        let joins = [Action::CreateUser, Action::CreateCustomer, Action::Link];
        let of_it = |id: CustomerId| id.get() == customer;
        let joined = self.entries.iter().filter(|entry| joins.contains(&entry.action));
        joined
            .filter(|entry| entry.customer.is_some_and(of_it))
            .filter_map(|entry| entry.user.as_ref())
            .collect()
    }

    /// Whether it was deleted, and the report tells that we did it: who is back in scope is made anew.
    fn was_let_go(&self, creation: &Creation<'_>, before: usize) -> bool {
        let of_it = |id: CustomerId| id.get() == creation.customer;
        let deleted = |entry: &&Entry| entry.action == Action::DeleteCustomer;
        let told = self.entries.iter().filter(deleted).any(|entry| entry.customer.is_some_and(of_it));
        told && self.was_deleted(creation, before)
    }

    fn was_deleted(&self, creation: &Creation<'_>, before: usize) -> bool {
        self.log[creation.line..before].iter().any(|line| {
            matches!(line, Line::Event { scope, customer, .. }
                if scope == "store/customer/deleted" && *customer == creation.customer)
        })
    }
}

fn is_ours(creation: &Creation<'_>) -> bool {
    creation.by.starts_with(OURS)
}
