//! A connected store, and what a merchant, a shopper or an administrator does.

use std::collections::BTreeSet;

use local::{
    bigcommerce::{Fault, FaultKind},
    clock::ManualClock,
    stack::{Options, Stack, Time},
};
use serde_json::{Value, json};
use shared::{
    application::Application,
    bigcommerce::{Api, Customer, CustomerId},
    report::{Action, Entry},
    secret::EmailAddress,
    store::{Also, Pointer},
    sync::Engine,
    user::{Email, User},
    work::Subject,
};

use crate::oracle;

pub(super) struct Bench {
    pub(super) stack: Stack,
    pub(super) application: Application,
    http: reqwest::Client,
}

impl Bench {
    /// A store with so many customers, all of them in step.
    pub(super) async fn with(customers: u32) -> Bench {
        Bench::set(customers, |_| {}).await
    }

    /// As [`Bench::with`], with another application than the usual one.
    pub(super) async fn set(customers: u32, change: impl FnOnce(&mut Application)) -> Bench {
        Bench::start(Options { customers, ..Options::default() }, change).await
    }

    /// As [`Bench::with`], in another stack than the usual one.
    pub(super) async fn start(options: Options, change: impl FnOnce(&mut Application)) -> Bench {
        let stack = Stack::start(options).await.unwrap();
        let id = "main-store".parse().unwrap();
        let mut application = stack.connect(id, "Main store").await.unwrap();
        change(&mut application);
        stack.tables().put_application(&application).await.unwrap();
        let bench = Bench { stack, application, http: reqwest::Client::new() };
        bench.settle().await;
        bench
    }

    pub(super) async fn settle(&self) {
        self.stack.settle().await.unwrap();
        // What is done next is later: the report is in the order of time.
        self.pass(1);
    }

    /// Settles, and everything is in step.
    pub(super) async fn all_is_well(&self) {
        self.settle().await;
        oracle::all_is_well(&self.stack, &self.application).await;
    }

    /// Settles, and everything is in step but these customers, about which a person is asked.
    pub(super) async fn well_but_for(&self, apart: &[u32]) {
        self.settle().await;
        oracle::well_but_for(&self.stack, &self.application, apart).await;
    }

    /// Lets time pass.
    pub(super) fn pass(&self, seconds: u64) {
        self.clock().advance(std::time::Duration::from_secs(seconds));
    }

    pub(super) fn clock(&self) -> &ManualClock {
        let Time::ByHand(clock) = self.stack.time() else { panic!("the clock is a manual one") };
        clock
    }

    /// A call of the store's API, by somebody else than us.
    pub(super) async fn call(&self, method: &str, path: &str, body: Value) -> Value {
        let account = self.stack.store().account();
        let url = format!("{}/stores/{}/v3/{path}", self.stack.store().url(), account.store_hash);
        let request = self.http.request(method.parse().unwrap(), url).json(&body);
        let answer = request.header("x-auth-token", account.access_token.expose()).send().await.unwrap();
        assert!(answer.status().is_success(), "{method} {path}: {}", answer.text().await.unwrap());
        serde_json::from_str(&answer.text().await.unwrap()).unwrap_or_default()
    }

    /// A form of the store's pages, filled in.
    pub(super) async fn form(&self, path: &str, typed: &[(&str, &str)]) {
        let url = format!("{}{path}", self.stack.store().url());
        let body: Vec<String> =
            typed.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        let request = self.http.post(url).header("content-type", "application/x-www-form-urlencoded");
        let answer = request.body(body.join("&")).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.text().await.unwrap());
    }

    /// A new customer through the API; its number.
    pub(super) async fn create(&self, email: &str) -> u32 {
        let made = self.call("POST", "customers", json!([person(email)])).await;
        u32::try_from(made["data"][0]["id"].as_u64().unwrap()).unwrap()
    }

    /// One field of a customer, changed through the API.
    pub(super) async fn change(&self, customer: u32, field: &str, value: impl Into<Value>) {
        let value: Value = value.into();
        self.call("PUT", "customers", json!([{ "id": customer, field: value }])).await;
    }

    pub(super) async fn delete(&self, customer: u32) {
        self.call("DELETE", &format!("customers?id:in={customer}"), Value::Null).await;
    }

    pub(super) fn fault(&self, kind: FaultKind, on: &str, times: u32) {
        self.stack.store().faults([Fault::new(kind).on(on).times(times)]);
    }

    pub(super) fn customer(&self, id: u32) -> Option<Customer> {
        let id = CustomerId::try_from(i64::from(id)).unwrap();
        self.stack.store().customers().into_iter().find(|customer| customer.id == Some(id))
    }

    /// The user that a customer is.
    pub(super) async fn user(&self, customer: u32) -> Option<User> {
        let is = |user: &User| user.links.get(&self.application.id).map(|link| link.customer.get());
        oracle::users(&self.stack).await.into_iter().find(|user| is(user) == Some(customer))
    }

    pub(super) async fn known(&self, customer: u32) -> User {
        self.user(customer).await.unwrap_or_else(|| panic!("customer {customer} is no user"))
    }

    /// Writes the user that a customer is, as the directory's API does.
    pub(super) async fn edit(&self, customer: u32, change: impl FnOnce(&mut User)) {
        self.write(&self.known(customer).await, change).await;
    }

    pub(super) async fn write(&self, before: &User, change: impl FnOnce(&mut User)) {
        let mut after = before.clone();
        change(&mut after);
        let also = self.also(&after);
        self.stack.tables().update_user(before, &after, &[also]).await.unwrap();
    }

    /// A new user, as the directory's API writes it.
    pub(super) async fn add(&self, email: &str, first: &str, last: &str) -> User {
        let mut user = User::new(email, self.stack.clock().now());
        user.emails =
            vec![Email { value: EmailAddress::new(email), kind: None, display: None, primary: true }];
        user.name.given_name = Some(first.to_owned());
        user.name.family_name = Some(last.to_owned());
        let also = self.also(&user);
        self.stack.tables().create_user(&user, &[also]).await.unwrap()
    }

    /// New users, as the directory's API writes them: `user1@x.example` and so on.
    pub(super) async fn add_many(&self, count: u32) -> Vec<User> {
        let mut users = Vec::new();
        for n in 1..=count {
            users.push(self.add(&format!("user{n}@x.example"), "Ada", &format!("King {n}")).await);
        }
        users
    }

    /// A process of its own that looks at work, as another Lambda is.
    pub(super) fn engine(&self) -> Engine {
        let clock = self.stack.clock().clone();
        let api = Api::new(&self.stack.store().url(), clock.clone()).unwrap();
        Engine::new(self.stack.tables().clone(), api, clock)
    }

    /// Does this while time passes, so that a store that is slow answers in the end.
    pub(super) async fn while_time_passes<T>(&self, doing: impl Future<Output = T>) -> T {
        let Time::ByHand(clock) = self.stack.time() else { panic!("the clock is a manual one") };
        let passing = async {
            loop {
                for _ in 0..200 {
                    tokio::task::yield_now().await;
                }
                clock.advance(std::time::Duration::from_millis(20));
            }
        };
        tokio::select! {
            done = doing => done,
            () = passing => unreachable!("time does not end"),
        }
    }

    /// How many calls an endpoint of the store had.
    pub(super) fn calls(&self, endpoint: &str) -> u64 {
        self.stack.store().calls().of(endpoint)
    }

    /// In this many seconds.
    pub(super) fn later(&self, seconds: i64) -> jiff::Timestamp {
        self.stack.clock().now() + jiff::SignedDuration::from_secs(seconds)
    }

    /// Deletes the user that a customer is, as the directory's API does.
    pub(super) async fn remove(&self, customer: u32) -> User {
        let user = self.known(customer).await;
        self.stack.tables().delete_user(&user, &BTreeSet::new(), &[]).await.unwrap();
        user
    }

    /// Whose a customer is or was.
    pub(super) async fn pointer(&self, customer: u32) -> Option<Pointer> {
        let id = CustomerId::try_from(i64::from(customer)).unwrap();
        self.stack.tables().pointers(&self.application.id, &[id]).await.unwrap().remove(&id)
    }

    pub(super) fn also(&self, user: &User) -> Also {
        let asked_at = self.stack.clock().now();
        Also::Work { subject: Subject::User(user.id.clone()), cause: "users".to_owned(), asked_at }
    }

    /// What was told since the first `known` entries.
    pub(super) async fn told(&self, known: usize) -> Vec<Entry> {
        oracle::entries(&self.stack, &self.application).await.split_off(known)
    }

    /// How much was told.
    pub(super) async fn count(&self) -> usize {
        oracle::entries(&self.stack, &self.application).await.len()
    }

    /// The only entry since the first `known`: its action, its cause, and the fields with before and after.
    pub(super) async fn told_once(&self, known: usize) -> (Action, String, Vec<(String, Value, Value)>) {
        let told = self.told(known).await;
        assert_eq!(told.len(), 1, "{:?}", told.iter().map(|entry| entry.action).collect::<Vec<_>>());
        let Entry { action, cause, changes, .. } = told[0].clone();
        let changes = changes.into_iter().map(|change| (change.field, change.before, change.after));
        (action, cause, changes.collect())
    }
}

pub(super) fn person(email: &str) -> Value {
    json!({ "email": email, "first_name": "Ada", "last_name": "King" })
}

pub(super) fn house(city: &str) -> Value {
    json!({
        "first_name": "Ada", "last_name": "King", "address1": "1 Elm Avenue", "city": city,
        "state_or_province": "Texas", "postal_code": "78701", "country_code": "US",
        "address_type": "residential",
    })
}

fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    text.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}
