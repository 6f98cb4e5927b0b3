//! (d) The report tells what happened to each user: heard from the beginning, entry by entry, it
//! comes to what is there now, and each value that it says was there before is the one told last.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use shared::{
    application::Offboarding,
    bigcommerce::CustomerId,
    mapping::{AddressFields, CustomerField, alike},
    report::{Action, Change, Entry},
    user::{User, UserId},
};

use super::Evidence;

/// What the entries about a user come to.
#[derive(Clone, Default)]
struct Story {
    customer: Option<CustomerId>,
    deleted: bool,
    /// Two who were found to be one person had values alike that nobody told.
    found: bool,
    fields: BTreeMap<String, Value>,
    addresses: BTreeSet<String>,
}

impl Evidence {
    /// (d)
    pub(super) fn mistold(&self, apart: &[u32]) -> Vec<String> {
        let mut of_user: BTreeMap<&UserId, Vec<&Entry>> =
            self.users.iter().map(|user| (&user.id, Vec::new())).collect();
        for entry in self.entries.iter().filter(|entry| entry.action != Action::Refuse) {
            if let Some(user) = &entry.user {
                of_user.entry(user).or_default().push(entry);
            }
        }
        let mut found = Vec::new();
        for (id, entries) in of_user {
            let user = self.users.iter().find(|user| user.id == *id);
            let entries = without_strays(entries);
            let story = heard(&entries).and_then(|story| self.ends_well(&story, user, apart));
            found.extend(story.err().map(|problem| format!("(d) {id}: {problem}")));
        }
        found
    }

    fn ends_well(&self, story: &Story, user: Option<&User>, apart: &[u32]) -> Result<(), String> {
        let linked = user.and_then(|user| user.links.get(&self.application.id)).map(|link| link.customer);
        if user.is_none() && story.customer.is_some_and(|customer| self.goes_on(customer)) {
            return Ok(());
        }
        if linked != story.customer {
            return Err(format!("is customer {linked:?}, told to be {:?}", story.customer));
        }
        if story.deleted && user.is_some() {
            return Err("is there, told to be deleted".to_owned());
        }
        match (user, linked) {
            (Some(user), Some(customer)) if !apart.contains(&customer.get()) => self.is_as_told(user, story),
            _ => Ok(()),
        }
    }

    /// Whether the customer of a user who is gone has a story of its own: it is kept by policy, was
    /// made a user anew because the deletion was rejected, or was deleted when nobody knew whose it was.
    fn goes_on(&self, customer: CustomerId) -> bool {
        let kept = self.application.policies.on_user_deleted != Offboarding::DeleteCustomer;
        let mut links = self.users.iter().filter_map(|user| user.links.get(&self.application.id));
        let of_nobody = |entry: &&Entry| entry.user.is_none() && entry.customer == Some(customer);
        let mut alone = self.entries.iter().filter(of_nobody);
        kept || links.any(|link| link.customer == customer)
            || alone.any(|entry| entry.action == Action::DeleteCustomer)
    }

    fn is_as_told(&self, user: &User, story: &Story) -> Result<(), String> {
        let is = self.application.mapping.read_user(user);
        for field in is.fields.keys().filter(|field| **field != CustomerField::Id) {
            story.tells(&field.to_string(), is.fields.get(field))?;
        }
        for field in story.fields.keys().filter(|field| *field != "id") {
            story.tells(field, is.fields.get(&field.parse::<CustomerField>().unwrap()))?;
        }
        let addresses: BTreeSet<String> = is.addresses.iter().map(written).collect();
        let all_told =
            if story.found { story.addresses.is_subset(&addresses) } else { story.addresses == addresses };
        if all_told { Ok(()) } else { Err(format!("has {addresses:?}, told {:?}", story.addresses)) }
    }
}

/// Without the deletions of customers that were made for a user who was deleted meanwhile: nobody
/// was ever told to be them.
fn without_strays(mut entries: Vec<&Entry>) -> Vec<&Entry> {
    let joined: BTreeSet<Option<CustomerId>> =
        entries.iter().filter(|entry| joins(entry)).map(|entry| entry.customer).collect();
    entries.retain(|entry| entry.action != Action::DeleteCustomer || joined.contains(&entry.customer));
    entries
}

fn joins(entry: &Entry) -> bool {
    matches!(entry.action, Action::CreateUser | Action::CreateCustomer | Action::Link)
}

/// The entries in the order of time. Those of one instant are heard in whichever order makes sense.
fn heard(entries: &[&Entry]) -> Result<Story, String> {
    let mut story = Story::default();
    for instant in entries.chunk_by(|one, other| one.at == other.at) {
        story = story.hear_all(instant)?;
    }
    Ok(story)
}

impl Story {
    fn hear_all(&self, entries: &[&Entry]) -> Result<Story, String> {
        let mut outcome = Ok(self.clone());
        for (index, entry) in entries.iter().enumerate() {
            let rest: Vec<&Entry> = [&entries[..index], &entries[index + 1..]].concat();
            outcome = self.clone().hear(entry).and_then(|next| next.hear_all(&rest));
            if outcome.is_ok() {
                break;
            }
        }
        outcome
    }

    fn hear(mut self, entry: &Entry) -> Result<Story, String> {
        if joins(entry) == self.customer.is_some() || self.deleted {
            return Err(format!("{:?} after being {:?}", entry.action, self.customer));
        }
        match entry.action {
            Action::CreateUser | Action::CreateCustomer | Action::Link => {
                let found = entry.action == Action::Link;
                self = Story { customer: entry.customer, found, ..Story::default() };
            }
            Action::DeleteUser => self = Story { deleted: true, ..Story::default() },
            Action::DeactivateUser | Action::Unlink | Action::DeleteCustomer => self = Story::default(),
            Action::UpdateUser
            | Action::UpdateCustomer
            | Action::DeactivateCustomer
            | Action::ReactivateCustomer
            | Action::RepairWebhooks
            | Action::SendMail
            | Action::SetPassword
            | Action::Refuse => {}
        }
        for change in &entry.changes {
            // What keeps a customer from signing in stands at the store alone, until it is given back.
            let aside = matches!(change.field.as_str(), "email" | "customer_group_id");
            let outcome = match (entry.action, aside) {
                (Action::DeactivateCustomer, true) => Ok(()),
                (Action::ReactivateCustomer, true) => {
                    self.set(change);
                    Ok(())
                }
                _ => self.change(change),
            };
            outcome.map_err(|problem| format!("{:?} at {}: {problem}", entry.action, entry.at))?;
        }
        Ok(self)
    }

    fn change(&mut self, change: &Change) -> Result<(), String> {
        if change.field == "addresses" {
            let each = |list: &Value| list.as_array().cloned().unwrap_or_default();
            let lost: Vec<String> = each(&change.before).iter().map(Value::to_string).collect();
            let known = lost.iter().filter(|lost| self.addresses.remove(*lost)).count();
            let gained: Vec<String> = each(&change.after).iter().map(Value::to_string).collect();
            let new = gained.iter().filter(|gained| self.addresses.insert((*gained).clone())).count();
            let right = self.found || (known, new) == (lost.len(), gained.len());
            return if right { Ok(()) } else { Err(format!("lost {lost:?}, gained {gained:?}")) };
        }
        // Of a conflict the value that gave way is told, not the one that both had before.
        if change.won.is_none() {
            self.tells(&change.field, Some(&change.before).filter(|before| !before.is_null()))?;
        }
        self.set(change);
        Ok(())
    }

    fn set(&mut self, change: &Change) {
        self.fields.insert(change.field.clone(), change.after.clone());
    }

    fn tells(&self, field: &str, value: Option<&Value>) -> Result<(), String> {
        let told = self.fields.get(field);
        let unknown = told.is_none() && self.found;
        let told = told.filter(|told| !told.is_null());
        let right = unknown || alike(&field.parse().unwrap(), told, value);
        if right { Ok(()) } else { Err(format!("{field} was told to be {told:?} and is {value:?}")) }
    }
}

fn written(address: &AddressFields) -> String {
    let fields = address.iter().map(|(field, text)| (field.to_string(), Value::from(text.as_str())));
    Value::Object(fields.collect()).to_string()
}
