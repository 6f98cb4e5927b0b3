//! Two stores: what one of them suffers, the other does not feel; and who is a customer of both is one user.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use local::{
    bigcommerce::{Config, Fault, FaultKind, Simulator},
    clock::ManualClock,
    stack::{Options, Stack, Time},
};
use shared::{
    application::{Application, ApplicationId},
    bigcommerce::CustomerId,
    user::UserId,
};

use crate::oracle;

/// How many customers come to each store at once, and how often.
const AT_ONCE: u32 = 12;
const WAVES: u32 = 3;

/// Two connected stores of one directory.
struct Twins {
    stack: Stack,
    clock: ManualClock,
    browser: reqwest::Client,
    second: Arc<Simulator>,
    applications: [Application; 2],
}

/// What the second store saw.
#[derive(Debug, PartialEq)]
struct Seen {
    /// How long each wave took to reach the directory.
    took: Vec<SignedDuration>,
    calls: u64,
    refused: u64,
}

impl Twins {
    /// Stores that give each other no customers.
    async fn apart() -> Twins {
        let twins = Twins::start().await;
        for application in &twins.applications {
            let mut application = application.clone();
            application.policies.to_store.create = false;
            twins.stack.tables().put_application(&application).await.unwrap();
        }
        twins
    }

    async fn start() -> Twins {
        let options = Options { patience: Some(Duration::from_millis(300)), ..Options::default() };
        let Time::ByHand(clock) = options.time.clone() else { panic!("a test's time is moved by hand") };
        let mut stack = Stack::start(options).await.unwrap();
        let second = stack.open_store(Config { seed: 7, ..Config::default() }).unwrap();
        let one = stack.connect("main-store".parse().unwrap(), "Main store").await.unwrap();
        let id: ApplicationId = "second-store".parse().unwrap();
        let other = stack.connect_to(&second, id, "Second store").await.unwrap();
        stack.settle().await.unwrap();
        let browser = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        Twins { stack, clock, browser: browser.build().unwrap(), second, applications: [one, other] }
    }

    /// A new customer, at the store's own page.
    async fn add(&self, store: &Simulator, email: &str) -> CustomerId {
        let body = format!("first_name=Ada&last_name=King&email={}", email.replace('@', "%40"));
        let request = self.browser.post(format!("{}/customers", store.url()));
        let request = request.header("content-type", "application/x-www-form-urlencoded").body(body);
        let answer = request.send().await.unwrap();
        let location = answer.headers()["location"].to_str().unwrap().to_owned();
        location.rsplit('/').next().unwrap().parse().unwrap()
    }

    /// When the last of these customers of the second store became a user; `None`: some are none yet.
    async fn known_at(&self, customers: &BTreeSet<CustomerId>) -> Option<Timestamp> {
        let (tables, ids) = (self.stack.tables(), customers.iter().copied().collect::<Vec<_>>());
        let application = &self.applications[1].id;
        let pointers = tables.pointers(application, &ids).await.unwrap();
        let users: Vec<UserId> = pointers.into_values().map(|pointer| pointer.user).collect();
        let users = tables.users(&users).await.unwrap();
        let linked = users.values().filter_map(|user| Some(user.links.get(application)?.synced_at));
        (users.len() == customers.len()).then(|| linked.max()).flatten()
    }

    /// Customers come to both stores, wave by wave, while the first one fails so.
    async fn live(&self, fails: Option<FaultKind>) -> Seen {
        let (first, second) = (self.stack.store(), &self.second);
        let before = second.calls();
        first.faults(fails.map(Fault::new));
        let mut took = Vec::new();
        for wave in 0..WAVES {
            let mut came = BTreeSet::new();
            for n in 0..AT_ONCE {
                self.add(first, &format!("first-{wave}-{n}@x.example")).await;
                came.insert(self.add(second, &format!("second-{wave}-{n}@x.example")).await);
            }
            let begun = self.clock.now();
            let known_at = loop {
                if let Some(at) = self.known_at(&came).await {
                    break at;
                }
                if !self.stack.round().await.unwrap() {
                    self.clock.advance(Duration::from_secs(1));
                }
                assert!(self.clock.now().duration_since(begun) < SignedDuration::from_mins(30));
            };
            took.push(known_at.duration_since(begun));
        }
        let after = second.calls();
        Seen { took, calls: after.total() - before.total(), refused: after.answered(429) }
    }
}

#[tokio::test]
async fn a_store_that_fails_costs_the_other_no_time_and_no_call_g92() {
    let alone = Twins::apart().await.live(None).await;
    assert_eq!(alone.refused, 0);
    let slow = FaultKind::Latency { ms: 25_000 };
    let refuses = FaultKind::TooManyRequests { headers: false, retry_after: Some(20) };
    let down = FaultKind::ServerError { status: 503, html: true, applied: false };
    for fails in [down, FaultKind::Drop { applied: false }, refuses, slow, FaultKind::Hang] {
        let twins = Twins::apart().await;
        let seen = twins.live(Some(fails.clone())).await;
        assert!(seen.calls <= alone.calls, "{fails:?}: {seen:?} instead of {alone:?}");
        assert_eq!(seen.refused, 0, "{fails:?}");
        for (took, alone) in seen.took.iter().zip(&alone.took) {
            assert!(*took <= *alone + SignedDuration::from_secs(1), "{fails:?}: {took} instead of {alone}");
        }
        twins.stack.store().clear_faults();
        twins.stack.settle().await.unwrap();
        assert_eq!(twins.stack.tables().count_users().await.unwrap(), u64::from(2 * AT_ONCE * WAVES));
    }
}

#[tokio::test]
async fn who_is_a_customer_of_both_stores_is_one_user_and_a_change_at_one_reaches_the_other_g92() {
    let twins = Twins::start().await;
    let (first, second) = (twins.stack.store(), &twins.second);
    let here = twins.add(first, "ada@x.example").await;
    twins.stack.settle().await.unwrap();
    let there = second.customers()[0].id.unwrap();
    assert_eq!(twins.stack.tables().count_users().await.unwrap(), 1);
    let request = twins.browser.post(format!("{}/customers/{there}", second.url()));
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    request.body("company=Analytical+Engines").send().await.unwrap();
    twins.stack.settle().await.unwrap();
    let customer = first.customers().into_iter().find(|one| one.id == Some(here)).unwrap();
    assert_eq!(customer.company.as_deref(), Some("Analytical Engines"));
    oracle::in_step(&twins.stack, &twins.applications[0]).await;
}
