//! Everything at once for a long time: events, changes over SCIM and imports, while stores and tables fail
//! now and then. Tried for some seconds with every run of the tests;
//! `CLIENTELE_SOAK=1800 cargo test --profile bench -p tests --test flows soak` does it for half an hour of the
//! clock that is moved by hand, and holds the memory against it.

use std::{env, fs, time::Duration};

use local::{
    bigcommerce::{Config, Fault as StoreFault, FaultKind, Plan},
    clock::ManualClock,
    engine::Fault,
    stack::{Options, Time},
};
use rand::{RngExt, rngs::StdRng};
use serde_json::json;
use shared::{
    bigcommerce::CustomerId,
    clock::Clock,
    import::{Effect, Job, Run},
    user::UserId,
};

use super::{Town, dice, seed};
use crate::{
    oracle::NOTHING,
    stack::{engine::Folder, gateway::client},
};

const CUSTOMERS: u32 = 300;
const EVENTS_A_SECOND: u32 = 50;
const CHANGES_A_SECOND: u32 = 10;
/// How many seconds lie between two imports.
const IMPORTS_EVERY: u64 = 300;
/// How many seconds lie between two looks at the memory.
const LOOKS_EVERY: u64 = 20;
/// How fast the memory may grow once it has found its size, in bytes an hour.
const MOST_GROWTH: f64 = 1024.0 * 1024.0;
/// What is shorter says nothing about that.
const LONG: u64 = 900;
const DAY: Duration = Duration::from_secs(24 * 3600);

struct Soak {
    town: Town,
    token: String,
    dice: StdRng,
    done: u32,
    customers: Vec<CustomerId>,
    users: Vec<UserId>,
}

impl Soak {
    async fn start(folder: &Folder) -> Soak {
        let store = Config { plan: Plan::PRO, ..Config::default() };
        let data = Some(folder.path().join("data"));
        // What is kept in files expires by the machine's clock.
        let time = Time::ByHand(ManualClock::starting_at(Clock::system().now()));
        let town = Town::on(Options { data, time, store, customers: CUSTOMERS, ..Options::default() }).await;
        let tables = town.stack.tables();
        let users = tables.page_of_users(None, CUSTOMERS as usize).await.unwrap();
        let users = users.into_iter().map(|user| user.id).collect();
        let customers = town.stack.store().customers().iter().filter_map(|customer| customer.id).collect();
        let token = town.stack.token().await.unwrap().expose().to_owned();
        Soak { town, token, dice: dice(91), done: 0, customers, users }
    }

    /// Now and then something goes wrong, on either side.
    fn trouble(&self) {
        let failed = FaultKind::ServerError { status: 503, html: true, applied: false };
        let lost = FaultKind::Drop { applied: true };
        let refused = FaultKind::TooManyRequests { headers: true, retry_after: None };
        let doubled = FaultKind::DuplicateWebhook { copies: 2 };
        self.town.stack.store().faults([
            StoreFault::new(failed).chance(0.02),
            StoreFault::new(lost).chance(0.01),
            StoreFault::new(refused).chance(0.01),
            StoreFault::new(doubled).chance(0.05),
            StoreFault::new(FaultKind::LoseWebhook).chance(0.01),
        ]);
        let faults = [Fault::Throttled, Fault::Unavailable, Fault::LostRequest, Fault::LostAnswer];
        self.town.stack.engine().gate().fail_some(seed(), 0.005, &faults);
    }

    async fn second(&mut self) {
        for _ in 0..EVENTS_A_SECOND {
            self.done += 1;
            let customer = self.customers[self.dice.random_range(0..self.customers.len())];
            let field = ["company", "phone", "first_name"][self.dice.random_range(0..3)];
            assert!(self.town.change(customer, field, &format!("{}", self.done)).await);
        }
        for _ in 0..CHANGES_A_SECOND {
            self.done += 1;
            let user = &self.users[self.dice.random_range(0..self.users.len())];
            let operation = json!({ "op": "replace", "path": "title", "value": self.done.to_string() });
            let message = json!({ "Operations": [operation, {
                "op": "replace", "path": "name.familyName", "value": format!("King {}", self.done),
            }] });
            let url = format!("{}/scim/v2/Users/{user}", self.town.stack.api());
            // Tables that fail are told to the client, which comes again or not.
            let answer = client().patch(url).bearer_auth(&self.token).json(&message).send().await.unwrap();
            assert!(answer.status().as_u16() != 500, "{}", answer.text().await.unwrap());
        }
        self.town.stack.round().await.unwrap();
        self.town.clock.advance(Duration::from_secs(1));
    }

    async fn import(&self) {
        let (tables, id) = (self.town.stack.tables(), &self.town.application.id);
        let Ok(before) = tables.job(id).await else { return };
        if before.as_ref().is_some_and(|job| job.run.state.is_open()) {
            return;
        }
        let run = Run::full(id.clone(), Effect::Apply, "a soak", self.town.clock.now());
        // Tables that fail now are asked again with the next import.
        let _ = tables.put_job(before.as_ref(), &Job::new(run, before.as_ref())).await;
    }
}

/// What is resident, in bytes.
fn resident() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kilobytes = status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB"));
    kilobytes.and_then(|number| number.trim().parse::<f64>().ok()).unwrap_or_default() * 1024.0
}

/// The slope of the line through these points.
fn slope(points: &[(f64, f64)]) -> f64 {
    let number = points.len() as f64;
    let (x, y) = points.iter().fold((0.0, 0.0), |sum, point| (sum.0 + point.0, sum.1 + point.1));
    let (x, y) = (x / number, y / number);
    let (over, under) = points.iter().fold((0.0, 0.0), |sum, point| {
        (sum.0 + (point.0 - x) * (point.1 - y), sum.1 + (point.0 - x).powi(2))
    });
    over / under
}

#[tokio::test]
async fn everything_at_once_leaves_both_sides_the_same_and_the_memory_as_it_was_g91() {
    let asked = env::var("CLIENTELE_SOAK").ok();
    let seconds: u64 = asked.map_or(4, |text| text.parse().expect("CLIENTELE_SOAK is a number of seconds"));
    let folder = Folder::new();
    let mut soak = Soak::start(&folder).await;
    soak.trouble();
    let mut looks = Vec::new();
    for second in 0..seconds {
        if second % IMPORTS_EVERY == 1 {
            soak.import().await;
        }
        soak.second().await;
        if second % LOOKS_EVERY == 0 {
            looks.push((second as f64 / 3600.0, resident()));
            eprintln!("{second} s: {:.1} MB", resident() / 1024.0 / 1024.0);
        }
    }
    let town = &soak.town;
    town.stack.store().clear_faults();
    town.stack.engine().gate().mend();
    town.stack.settle().await.unwrap();
    // What no event told is found by the walk of the day.
    town.clock.advance(DAY);
    town.stack.settle().await.unwrap();
    assert_eq!(town.problems().await, NOTHING);
    if seconds >= LONG {
        let growth = slope(&looks[looks.len() / 3..]);
        assert!(growth < MOST_GROWTH, "{:.1} MB an hour", growth / 1024.0 / 1024.0);
    }
}
