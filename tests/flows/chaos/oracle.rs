//! What must hold once nothing is pending, read from the store, the tables and the report directly.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use shared::{
    bigcommerce::{Customer, CustomerId},
    mapping::{AddressFields, Mapped, alike},
    report::{Action, Change, Entry},
    secret::fold,
    store::{EntryQuery, Of},
    user::User,
};

use super::Town;

/// No difference.
pub(super) const NOTHING: [&str; 0] = [];

impl Town {
    /// How directory and store differ; nothing, if they agree on everyone.
    pub(super) async fn differences(&self) -> Vec<String> {
        let customers = self.stack.store().customers();
        let ids: Vec<CustomerId> = customers.iter().filter_map(|customer| customer.id).collect();
        let tables = self.stack.tables();
        let pointers = tables.pointers(&self.application.id, &ids).await.unwrap();
        let owners: Vec<_> = pointers.values().map(|pointer| pointer.user.clone()).collect();
        let users = tables.users(&owners).await.unwrap();
        let mut found = Vec::new();
        for customer in &customers {
            let user = customer.id.and_then(|id| users.get(&pointers.get(&id)?.user));
            match user {
                Some(user) => found.extend(self.pair_differs(user, customer)),
                None => found.push(format!("{customer:?} is nobody")),
            }
        }
        let count = tables.count_users().await.unwrap();
        if count != customers.len() as u64 {
            found.push(format!("{count} users are {} customers", customers.len()));
        }
        let emails: BTreeSet<String> = customers.iter().map(|customer| fold(&customer.email)).collect();
        if emails.len() != customers.len() {
            found.push("an e-mail address exists twice at the store".to_owned());
        }
        let rows = self.stack.engine().items("WorkTable").unwrap();
        found.extend(rows.iter().map(|row| format!("work is left: {row}")));
        let asked = tables.all_attention(None, 100).await.unwrap().attention;
        found.extend(asked.into_iter().map(|asked| format!("a person is asked: {}", asked.detail)));
        found
    }

    fn pair_differs(&self, user: &User, customer: &Customer) -> Vec<String> {
        let mapping = &self.application.mapping;
        let (mine, theirs) = (mapping.read_user(user), mapping.read_customer(customer));
        let mut found = Vec::new();
        for rule in &mapping.rules {
            let (one, other) = (mine.fields.get(&rule.field), theirs.fields.get(&rule.field));
            if !alike(&rule.field, one, other) {
                found.push(format!("{customer:?}: {} is {one:?} here and {other:?} there", rule.field));
            }
        }
        if mine.addresses != theirs.addresses {
            found.push(format!("{customer:?}: {:?} here, {:?} there", mine.addresses, theirs.addresses));
        }
        let linked = user.links.get(&self.application.id);
        if linked.map(|link| Some(link.customer)) != Some(customer.id) {
            found.push(format!("{customer:?}: linked to {linked:?}"));
        }
        if let Some(error) = linked.and_then(|link| link.last_error.as_ref()) {
            found.push(format!("{customer:?}: {error}"));
        }
        found
    }

    /// The report, oldest first.
    pub(super) async fn entries(&self) -> Vec<Entry> {
        let mut query = EntryQuery {
            of: Of::Application(self.application.id.clone()),
            from: Timestamp::UNIX_EPOCH,
            to: self.clock.now() + SignedDuration::from_hours(1),
            outcome: None,
            limit: 250,
            cursor: None,
        };
        let mut entries = Vec::new();
        loop {
            let page = self.stack.tables().entries(&query).await.unwrap();
            entries.extend(page.entries);
            match page.next {
                Some(next) => query.cursor = Some(next),
                None => break,
            }
        }
        entries.reverse();
        entries
    }

    /// Where the report of a directory that only the store changes does not tell exactly what
    /// happened: of each value, how often it came and went must come to what is there now.
    pub(super) async fn misreported(&self) -> Vec<String> {
        let mut by_customer: BTreeMap<CustomerId, Vec<Entry>> = BTreeMap::new();
        for entry in self.entries().await {
            if let Some(customer) = entry.customer {
                by_customer.entry(customer).or_default().push(entry);
            }
        }
        let mut now: BTreeMap<CustomerId, Customer> = BTreeMap::new();
        now.extend(self.stack.store().customers().into_iter().filter_map(|known| Some((known.id?, known))));
        let mut found = Vec::new();
        for customer in now.keys().chain(by_customer.keys()).collect::<BTreeSet<_>>() {
            let entries = by_customer.get(customer).map(Vec::as_slice).unwrap_or_default();
            let here = now.get(customer).map(|known| self.application.mapping.read_customer(known));
            let problems = misreported(entries, here.as_ref());
            found.extend(problems.into_iter().map(|problem| format!("{customer}: {problem}")));
        }
        found
    }
}

fn misreported(entries: &[Entry], now: Option<&Mapped>) -> Vec<String> {
    let mut found = Vec::new();
    let count = |action| entries.iter().filter(|entry| entry.action == action).count();
    let (born, died) = (count(Action::CreateUser), count(Action::DeleteUser));
    let alive = usize::from(now.is_some());
    if born != died + alive {
        found.push(format!("created {born} times, deleted {died} times, there {alive} times"));
    }
    if let Some(now) = now {
        let changes: Vec<&Change> = entries.iter().flat_map(|entry| &entry.changes).collect();
        found.extend(unbalanced(&changes, now));
    }
    found
}

fn unbalanced(changes: &[&Change], now: &Mapped) -> Vec<String> {
    let mut balance: BTreeMap<(String, String), i32> = BTreeMap::new();
    for change in changes {
        for (value, weight) in [(&change.after, 1), (&change.before, -1)] {
            for value in one_by_one(value) {
                *balance.entry((change.field.clone(), value)).or_default() += weight;
            }
        }
    }
    for (field, value) in &now.fields {
        *balance.entry((field.to_string(), value.to_string())).or_default() -= 1;
    }
    for address in &now.addresses {
        *balance.entry(("addresses".to_owned(), told(address))).or_default() -= 1;
    }
    let off = balance.into_iter().filter(|((_, value), balance)| value != "null" && *balance != 0);
    off.map(|((field, value), balance)| format!("{field} {value} is {balance:+} in the report")).collect()
}

/// Of a list of addresses each, of anything else the whole.
fn one_by_one(value: &Value) -> Vec<String> {
    match value {
        Value::Array(list) => list.iter().map(Value::to_string).collect(),
        value => vec![value.to_string()],
    }
}

fn told(address: &AddressFields) -> String {
    let object = address.iter().map(|(field, text)| (field.to_string(), Value::from(text.as_str())));
    Value::Object(object.collect()).to_string()
}
