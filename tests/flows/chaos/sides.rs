//! Both sides edited at once, while everything between them goes wrong.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use local::{
    bigcommerce::{Fault as StoreFault, FaultKind, Plan},
    engine::Fault,
};
use rand::{RngExt, rngs::StdRng, seq::IndexedRandom};
use shared::{
    bigcommerce::{Address, Customer, CustomerId},
    mapping::{AddressField, AddressFields, CustomerField},
    merge::AddressChanges,
    secret::EmailAddress,
    store::{Also, Error},
    user::{Email, User},
    work::Subject,
};

use super::{
    Town, dice,
    panel::{address, number},
    seed,
};
use crate::oracle::NOTHING;

const FIELDS: [CustomerField; 5] = [
    CustomerField::Email,
    CustomerField::FirstName,
    CustomerField::LastName,
    CustomerField::Company,
    CustomerField::Phone,
];

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Side {
    Directory,
    Store,
}

/// One edit; later ones have higher numbers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Edit {
    number: u32,
    side: Side,
    value: String,
}

/// Everyone who edits, and what they did. Each value is used once; a person is named by the
/// customer's identifier or, until there is one, by the user's.
struct People {
    dice: StdRng,
    done: u32,
    edits: BTreeMap<(String, CustomerField), Vec<Edit>>,
    gained: BTreeMap<String, BTreeSet<u32>>,
    lost: BTreeSet<u32>,
    /// Customers that the merchant made: the others were made of users.
    merchants: BTreeSet<CustomerId>,
}

impl People {
    fn new(purpose: u64) -> People {
        People {
            dice: dice(purpose),
            done: 0,
            edits: BTreeMap::new(),
            gained: BTreeMap::new(),
            lost: BTreeSet::new(),
            merchants: BTreeSet::new(),
        }
    }

    async fn act(&mut self, town: &Town) {
        self.done += 1;
        match (self.dice.random_range(0..20), self.dice.random_bool(0.5)) {
            (0 | 1, true) => self.join_store(town).await,
            (0 | 1, false) => self.join_directory(town).await,
            (2, _) => self.leave(town).await,
            (_, true) => self.edit_at_store(town).await,
            (_, false) => self.edit_in_directory(town).await,
        }
    }

    async fn join_store(&mut self, town: &Town) {
        let customer = town.add(&format!("new{}@x.example", self.done)).await.unwrap();
        self.merchants.insert(customer);
    }

    async fn join_directory(&mut self, town: &Town) {
        let email = format!("new{}@x.example", self.done);
        let mut user = User::new(email.clone(), town.clock.now());
        user.name.given_name = Some("Ada".to_owned());
        user.name.family_name = Some("King".to_owned());
        user.emails =
            vec![Email { value: EmailAddress::new(email), kind: None, display: None, primary: true }];
        // Where the answer was lost it is there, and the next try says so.
        while let Err(error) = town.stack.tables().create_user(&user, &[work(town, &user)]).await {
            if matches!(error, Error::Moved | Error::Taken { .. }) {
                return;
            }
            assert!(error.retryable(), "{error:?}");
        }
    }

    async fn leave(&mut self, town: &Town) {
        let customers = town.stack.store().customers();
        if customers.len() > 8 {
            town.remove(customers.choose(&mut self.dice).unwrap().id.unwrap()).await;
        }
    }

    /// A field in five may be edited at both sides; of the others each has its side.
    fn field(&mut self, customer: CustomerId, side: Side) -> Option<CustomerField> {
        let index = self.dice.random_range(0..FIELDS.len());
        let place = (customer.get() as usize + index) % 5;
        let mine = match side {
            Side::Directory => place < 3,
            Side::Store => place > 1,
        };
        mine.then(|| FIELDS[index].clone())
    }

    fn value(&self, field: &CustomerField) -> String {
        match field {
            CustomerField::Email => format!("new{}@x.example", self.done),
            field => format!("{field} {}", self.done),
        }
    }

    fn note(&mut self, who: impl ToString, field: CustomerField, side: Side, value: String) {
        let edit = Edit { number: self.done, side, value };
        self.edits.entry((who.to_string(), field)).or_default().push(edit);
    }

    async fn edit_at_store(&mut self, town: &Town) {
        let customers = town.stack.store().customers();
        let Some(customer) = customers.choose(&mut self.dice) else { return };
        let id = customer.id.unwrap();
        if self.dice.random_bool(0.3) {
            return self.move_at_store(town, customer).await;
        }
        let Some(field) = self.field(id, Side::Store) else { return };
        let value = self.value(&field);
        // Made of a user and not linked yet, it has no base: the user's own value counts as an edit.
        if !self.merchants.contains(&id) && patiently(async || town.find_user_of(id).await).await.is_none() {
            self.note(id, field.clone(), Side::Directory, String::new());
        }
        if town.change(id, &field.to_string(), &value).await {
            self.note(id, field, Side::Store, value);
        }
    }

    /// The store loses and changes only addresses of its own, which have even numbers.
    async fn move_at_store(&mut self, town: &Town, customer: &Customer) {
        let id = customer.id.unwrap();
        let new = 2 * self.done;
        let own = |address: &&Address| is_the_stores(number(&address.address1));
        let home = customer.addresses.iter().flatten().find(own);
        let home = home.map(|home| (home.id.unwrap(), number(&home.address1)));
        match (self.dice.random_range(0..4), home) {
            (0, Some((home, old))) => {
                town.remove_address(id, home).await;
                self.lost.insert(old);
            }
            (1, Some((home, old))) if town.change_address(id, home, new).await => {
                self.lost.insert(old);
                self.gained.entry(id.to_string()).or_default().insert(new);
            }
            _ if town.add_address(id, new).await => {
                self.gained.entry(id.to_string()).or_default().insert(new);
            }
            _ => {}
        }
    }

    async fn edit_in_directory(&mut self, town: &Town) {
        let users = patiently(async || town.stack.tables().page_of_users(None, 250).await).await;
        let Some(user) = users.choose(&mut self.dice).cloned() else { return };
        let linked = user.links.get(&town.application.id).map(|link| link.customer);
        let who = linked.map_or(user.id.to_string(), |customer| customer.to_string());
        if self.dice.random_bool(0.3) {
            return self.move_in_directory(town, &user, who).await;
        }
        let field =
            linked.map_or(Some(CustomerField::Company), |customer| self.field(customer, Side::Directory));
        let Some(field) = field else { return };
        let value = self.value(&field);
        let edit = |user: &User| town.edited(user, &[(field.clone(), &value)], &AddressChanges::default());
        if write(town, &user, edit).await {
            self.note(who, field, Side::Directory, value);
        }
    }

    /// The directory loses only addresses of its own, which have odd numbers, and only those that
    /// the store is known to have.
    async fn move_in_directory(&mut self, town: &Town, user: &User, who: String) {
        let new = 2 * self.done + 1;
        let link = user.links.get(&town.application.id);
        let street = |address: &AddressFields| number(&address[&AddressField::Address1]);
        let mut known = link.into_iter().flat_map(|link| &link.base.addresses);
        let home = known.find(|known| !is_the_stores(street(known))).cloned();
        let home = home.filter(|_| self.dice.random_bool(0.4));
        let gained = read(town, new);
        let changes =
            AddressChanges { add: BTreeSet::from([gained]), remove: home.iter().cloned().collect() };
        if write(town, user, |user| town.edited(user, &[], &changes)).await {
            self.lost.extend(home.as_ref().map(street));
            self.gained.entry(who).or_default().insert(new);
        }
    }

    /// What was edited at one side alone and is not there.
    async fn forgotten(&self, town: &Town) -> Vec<String> {
        let mut found = Vec::new();
        for customer in town.stack.store().customers() {
            let id = customer.id.unwrap();
            let user = town.user_of(id).await.unwrap();
            let names = [id.to_string(), user.id.to_string()];
            let here = town.application.mapping.read_customer(&customer);
            for field in FIELDS {
                let now = here.fields.get(&field).and_then(|value| value.as_str());
                let edits = self.edits_of(&names, &field);
                if !stands(now, &edits) {
                    found.push(format!("{id}: {field} is {now:?} after {edits:?}"));
                }
            }
            let (there, due) = (numbers(&customer), self.due(&names));
            if due != there {
                found.push(format!("{id}: addresses {there:?}, due {due:?}"));
            }
        }
        found
    }

    fn edits_of(&self, names: &[String], field: &CustomerField) -> BTreeSet<&Edit> {
        let of = |name: &String| self.edits.get(&(name.clone(), field.clone()));
        names.iter().filter_map(of).flatten().collect()
    }

    /// The addresses that were gained at either side and lost at none.
    fn due(&self, names: &[String]) -> BTreeSet<u32> {
        let gained = names.iter().filter_map(|name| self.gained.get(name)).flatten();
        gained.filter(|number| !self.lost.contains(number)).copied().collect()
    }
}

/// Of what one side edited alone, the last edit must stand; of what both did, any.
fn stands(now: Option<&str>, edits: &BTreeSet<&Edit>) -> bool {
    let Some(last) = edits.last() else { return true };
    let alone = edits.iter().all(|edit| edit.side == last.side);
    let is_there = |edit: &&Edit| now == Some(edit.value.as_str());
    if alone { is_there(last) } else { edits.iter().any(|edit| is_there(edit) || edit.value.is_empty()) }
}

fn is_the_stores(number: u32) -> bool {
    number.is_multiple_of(2)
}

fn numbers(customer: &Customer) -> BTreeSet<u32> {
    customer.addresses.iter().flatten().map(|address| number(&address.address1)).collect()
}

fn read(town: &Town, number: u32) -> AddressFields {
    let customer = Customer { addresses: Some(vec![address(number)]), ..Customer::default() };
    town.application.mapping.read_customer(&customer).addresses.pop_first().unwrap()
}

pub(super) fn work(town: &Town, user: &User) -> Also {
    let asked_at = town.clock.now();
    Also::Work { subject: Subject::User(user.id.clone()), cause: "users".to_owned(), asked_at }
}

/// Asks again until it is answered.
pub(super) async fn patiently<T>(ask: impl AsyncFn() -> Result<T, Error>) -> T {
    loop {
        match ask().await {
            Ok(answer) => return answer,
            Err(error) => assert!(error.retryable(), "{error:?}"),
        }
    }
}

/// Writes the edit, again until it is written; whether the user was still there.
pub(super) async fn write(town: &Town, user: &User, edit: impl Fn(&User) -> User) -> bool {
    loop {
        let before = patiently(async || town.stack.tables().user(&user.id).await).await;
        let Some(before) = before else { return false };
        let after = edit(&before);
        if town.stack.tables().update_user(&before, &after, &[work(town, user)]).await.is_ok() {
            return true;
        }
    }
}

/// What goes wrong next at the store and on its way here.
pub(super) fn store_faults(dice: &mut StdRng) -> Vec<StoreFault> {
    let applied = dice.random_bool(0.5);
    let html = dice.random_bool(0.5);
    let kinds = [
        FaultKind::OtherApps { requests: 4 },
        FaultKind::TooManyRequests { headers: true, retry_after: None },
        FaultKind::TooManyRequests { headers: false, retry_after: None },
        FaultKind::ServerError { status: 503, html, applied },
        FaultKind::Drop { applied },
        FaultKind::Truncate,
        FaultKind::HtmlOk,
        FaultKind::Shuffle,
        FaultKind::LoseWebhook,
        FaultKind::DuplicateWebhook { copies: 2 },
        FaultKind::DelayWebhook { ms: dice.random_range(1..90_000) },
        FaultKind::ReorderWebhooks,
    ];
    let some = dice.random_range(0..4);
    let times = dice.random_range(1..4);
    kinds.sample(dice, some).map(|kind| StoreFault::new(kind.clone()).times(times)).collect()
}

pub(super) const ENGINE_FAULTS: [Fault; 5] =
    [Fault::Throttled, Fault::Conflict, Fault::Unavailable, Fault::LostRequest, Fault::LostAnswer];

/// So small a quota is spent in most windows.
pub(super) const TIGHT: Plan = Plan { quota: Some(8), window: Duration::from_secs(30) };

#[tokio::test]
async fn both_sides_edited_through_every_fault_agree_and_no_edit_of_one_side_is_lost_g23_g39_g44_g50() {
    let town = Town::with(TIGHT).await;
    let mut people = People::new(3);
    let mut weather = dice(4);
    town.stack.engine().gate().fail_some(seed(), 0.03, &ENGINE_FAULTS);
    town.stack.killer().kill_some(seed(), 0.5, 30);
    town.stack.killer_of_requests().kill_some(seed(), 0.1, 6);
    for _ in 0..40 {
        town.stack.store().faults(store_faults(&mut weather));
        let deeds = weather.random_range(1..5);
        let acting = async {
            for _ in 0..deeds {
                people.act(&town).await;
            }
        };
        let (round, ()) = tokio::join!(town.stack.round(), acting);
        round.unwrap();
        town.stack.store().clear_faults();
        town.clock.advance(Duration::from_secs(weather.random_range(0..40)));
    }
    let deaths = town.stack.killer().deaths().len();
    town.calm().await;
    assert_eq!(town.problems().await, NOTHING, "seed {}", seed());
    assert_eq!(people.forgotten(&town).await, NOTHING, "seed {}", seed());
    let calls = town.stack.store().calls();
    assert!(calls.most_writers <= 3, "{calls:?}");
    assert!(deaths >= 10, "{deaths} deaths, seed {}", seed());
}

impl Town {
    /// Nothing goes wrong any more, and a day passes.
    pub(super) async fn calm(&self) {
        self.stack.engine().gate().mend();
        self.stack.killer().rest();
        self.stack.killer_of_requests().rest();
        self.stack.settle().await.unwrap();
        self.clock.advance(Duration::from_secs(24 * 3600));
        self.stack.settle().await.unwrap();
    }
}
