//! A pure model of the world around a plan, for its tests: one directory with one user at most,
//! one store with a few customers, and the engine's part of applying a plan.

use jiff::Timestamp;
use serde_json::Value;

use super::*;
use crate::{
    application::{Credentials, SignatureMode, WebhookPolicy},
    bigcommerce::{Address, FormField},
    mapping::{Mapping, field_steps},
    secret::{EmailAddress, Secret, fold},
    user::{Email, UserId},
};

/// What the store makes of what it is sent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Habit {
    Keeps,
    Trims,
    Lowers,
}

#[derive(Clone)]
pub(super) struct World {
    pub(super) application: Application,
    pub(super) user: Option<User>,
    /// The customer that was linked to a user who is deleted.
    pub(super) deleted: Option<CustomerId>,
    pub(super) customers: Vec<Customer>,
    pub(super) habit: Habit,
    pub(super) now: Timestamp,
    pub(super) in_scope: bool,
    /// What was sent by a look that was cut off.
    pub(super) sent: Option<Sent>,
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let json = |value: serde_json::Result<String>| value.unwrap_or_default();
        writeln!(f, "user {}", json(serde_json::to_string(&self.user)))?;
        writeln!(f, "customers {}", json(serde_json::to_string(&self.customers)))?;
        writeln!(f, "deleted {:?} {:?} {:?}", self.deleted, self.habit, self.application.policies)?;
        write!(f, "{}", json(serde_json::to_string(&self.application.mapping.rules[2..])))
    }
}

pub(super) fn application(policies: Policies) -> Application {
    let secret = || Secret::new("secret");
    Application {
        id: "store".parse().unwrap(),
        name: "Store".to_owned(),
        store_hash: "hash".to_owned(),
        credentials: Credentials {
            client_id: "client".to_owned(),
            client_secret: secret(),
            previous_client_secret: None,
            access_token: secret(),
        },
        webhook: WebhookPolicy {
            app_secret: secret(),
            previous_app_secret: None,
            signature: SignatureMode::default(),
        },
        mapping: Mapping::default(),
        policies,
    }
}

pub(super) fn user(email: &str, given: &str, family: &str) -> User {
    let mut user = User::new(email, Timestamp::UNIX_EPOCH);
    user.id = UserId::from("user".to_owned());
    let value = EmailAddress::new(email);
    user.emails = vec![Email { value, kind: Some("work".to_owned()), display: None, primary: true }];
    user.name.given_name = Some(given.to_owned()).filter(|name| !name.is_empty());
    user.name.family_name = Some(family.to_owned()).filter(|name| !name.is_empty());
    user
}

pub(super) fn customer(id: i64, email: &str, first: &str, last: &str) -> Customer {
    Customer {
        id: Some(id.try_into().unwrap()),
        email: email.to_owned(),
        first_name: first.to_owned(),
        last_name: last.to_owned(),
        company: Some(String::new()),
        phone: Some(String::new()),
        accepts_product_review_abandoned_cart_emails: Some(false),
        addresses: Some(Vec::new()),
        attributes: Some(Vec::new()),
        form_fields: Some(Vec::new()),
        date_modified: Some(Timestamp::UNIX_EPOCH),
        ..Customer::default()
    }
}

impl World {
    pub(super) fn new(policies: Policies) -> World {
        World {
            application: application(policies),
            user: None,
            deleted: None,
            customers: Vec::new(),
            habit: Habit::Keeps,
            now: Timestamp::UNIX_EPOCH,
            in_scope: true,
            sent: None,
        }
    }

    /// Plans for what there is, seen as the engine sees it, and calls `then` with the pair.
    pub(super) fn seen<T>(&self, then: impl FnOnce(Pair<'_>) -> T) -> T {
        let folded = self.user.as_ref().map(User::folded_emails).unwrap_or_default();
        let link = self.user.as_ref().and_then(|user| user.links.get(&self.application.id));
        let id = link.map(|link| link.customer).or(self.deleted);
        let found: Vec<Customer> = match id {
            Some(_) => self.customers.iter().filter(|customer| customer.id == id).cloned().collect(),
            None if self.user.is_none() => self.customers.first().cloned().into_iter().collect(),
            None => {
                let matches = |customer: &&Customer| folded.contains(&fold(&customer.email));
                self.customers.iter().filter(matches).cloned().collect()
            }
        };
        let gone = UserId::from("user".to_owned());
        let user = match (&self.user, self.deleted) {
            (Some(user), _) => UserSeen::One(user),
            (None, Some(customer)) => {
                UserSeen::Deleted { user: &gone, customer, since: Timestamp::UNIX_EPOCH }
            }
            (None, None) => UserSeen::None,
        };
        let customer = match &found[..] {
            [] => CustomerSeen::None,
            [one] => CustomerSeen::One(one),
            several => CustomerSeen::Several(several),
        };
        let in_scope = self.in_scope && matches!(user, UserSeen::One(_));
        then(Pair { application: &self.application, user, customer, in_scope, sent: self.sent.as_ref() })
    }

    pub(super) fn plan(&self) -> Plan {
        self.seen(|pair| plan(pair, self.now))
    }

    /// Applies a plan as far as the store; whoever comes next finds only what was noted.
    pub(super) fn apply_cut_off(&mut self, plan: &Plan) -> Option<Customer> {
        self.now += jiff::SignedDuration::from_secs(1);
        let sent = self.seen(|pair| plan.sent(pair));
        self.sent = sent.or(self.sent.take());
        self.apply_at_store(&plan.store)
    }

    /// Applies a plan: the store's step, then the directory's.
    pub(super) fn apply(&mut self, plan: &Plan) {
        let before = self.clone();
        let answer = self.apply_cut_off(plan);
        let settled = before.seen(|pair| plan.settled(pair, answer.as_ref(), self.now));
        self.sent = None;
        match settled {
            DirectoryStep::Nothing => {}
            DirectoryStep::Create(user) | DirectoryStep::Update(user) => self.user = Some(*user),
            DirectoryStep::Delete => self.user = None,
        }
    }

    fn apply_at_store(&mut self, step: &StoreStep) -> Option<Customer> {
        let mut written = match step {
            StoreStep::Nothing => return None,
            StoreStep::Delete(id) => {
                self.customers.retain(|customer| customer.id != Some(*id));
                return None;
            }
            StoreStep::Create { fields, addresses } => self.created(fields, addresses),
            StoreStep::Update { customer, fields, addresses, .. } => {
                self.updated(*customer, fields, addresses)
            }
        };
        self.settle_in(&mut written);
        match self.customers.iter().position(|customer| customer.id == written.id) {
            Some(place) => self.customers[place] = written.clone(),
            None => self.customers.push(written.clone()),
        }
        Some(written)
    }

    fn created(&self, fields: &Fields, addresses: &BTreeSet<AddressFields>) -> Customer {
        let new = self.application.mapping.new_customer(fields, addresses);
        let blank = customer(100, "", "", "");
        Customer {
            id: blank.id,
            company: new.company.or(blank.company),
            accepts_product_review_abandoned_cart_emails: new
                .accepts_product_review_abandoned_cart_emails
                .or(Some(false)),
            addresses: new.addresses.or(blank.addresses),
            attributes: new.attributes.or(blank.attributes),
            form_fields: new.form_fields.or(blank.form_fields),
            date_created: Some(self.now),
            ..new
        }
    }

    fn updated(&self, id: CustomerId, fields: &Fields, addresses: &AddressChanges) -> Customer {
        let before = self.customers.iter().find(|customer| customer.id == Some(id)).unwrap();
        let steps = field_steps(fields);
        let mut wire = serde_json::to_value(before).unwrap();
        wire.as_object_mut().unwrap().extend(steps.customer);
        let mut after: Customer = serde_json::from_value(wire).unwrap();
        let values = after.form_fields.get_or_insert_default();
        for FormField { name, value } in steps.form_fields {
            values.retain(|known| known.name != name);
            values.push(FormField { name, value });
        }
        let steps = self.application.mapping.address_steps(before, addresses);
        let list = after.addresses.get_or_insert_default();
        list.retain(|address| !steps.delete.contains(&address.id.unwrap()));
        for update in steps.update {
            let place = list.iter().position(|address| address.id == update.id).unwrap();
            list[place] = update;
        }
        list.extend(steps.create);
        after
    }

    /// What a store does to every write: identifiers, its habits, no two addresses alike.
    fn settle_in(&self, customer: &mut Customer) {
        customer.date_modified = Some(self.now);
        let habit = |text: &mut String| match self.habit {
            Habit::Keeps => {}
            Habit::Trims => *text = text.trim().to_owned(),
            Habit::Lowers => *text = text.to_lowercase(),
        };
        for text in [&mut customer.email, &mut customer.first_name, &mut customer.last_name] {
            habit(text);
        }
        customer.company.as_mut().map(habit);
        customer.phone.as_mut().map(habit);
        let mut kept: Vec<Address> = Vec::new();
        for (index, mut address) in customer.addresses.take().unwrap_or_default().into_iter().enumerate() {
            address.id = Some(u32::try_from(index).unwrap() + 1);
            for text in [&mut address.address1, &mut address.city, &mut address.company] {
                habit(text);
            }
            if !kept.iter().any(|known| Address { id: address.id, ..known.clone() } == address) {
                kept.push(address);
            }
        }
        customer.addresses = Some(kept);
    }
}

/// A plan in one line, for the table.
pub(super) fn line(plan: &Plan) -> String {
    let store = match &plan.store {
        StoreStep::Nothing => "-".to_owned(),
        StoreStep::Create { .. } => "create".to_owned(),
        StoreStep::Update { .. } => "update".to_owned(),
        StoreStep::Delete(id) => format!("delete {id}"),
    };
    let directory = match &plan.directory {
        DirectoryStep::Nothing => "-",
        DirectoryStep::Create(_) => "create",
        DirectoryStep::Update(user) if user.active => "update",
        DirectoryStep::Update(_) => "update inactive",
        DirectoryStep::Delete => "delete",
    };
    let link = match &plan.link {
        LinkStep::Keep => "-",
        LinkStep::Set { .. } => "set",
        LinkStep::Break => "break",
        LinkStep::Leave => "leave",
    };
    let later = match (plan.stale, plan.look_again) {
        (true, _) => "stale",
        (false, Some(_)) => "later",
        (false, None) => "",
    };
    let told: Vec<Value> = plan.told.iter().map(|told| serde_json::to_value(told.action).unwrap()).collect();
    let told: Vec<&str> = told.iter().filter_map(Value::as_str).collect();
    let asked: Vec<String> = plan.asked.iter().map(|asked| format!("{:?}", asked.kind)).collect();
    let line =
        format!("{store:9}| {directory:16}| {link:6}| {:32}| {}{later}", told.join(" "), asked.join(" "));
    line.trim_end_matches(['|', ' ']).to_owned()
}
