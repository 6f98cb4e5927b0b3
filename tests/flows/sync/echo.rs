//! Echoes: what we write at a store comes back as a webhook, and changes nothing.

use std::thread;

use local::{
    bigcommerce::{Config, Fault, FaultKind, Plan},
    stack::Options,
};
use serde_json::json;
use shared::{bigcommerce::Customer, user::User};

use tokio::runtime::Builder;

use super::bench::Bench;
use crate::oracle;

impl Bench {
    /// The calls that write.
    fn writes(&self) -> u64 {
        let calls = self.stack.store().calls();
        let writes = calls.endpoints.iter().filter(|(endpoint, _)| !endpoint.starts_with("GET "));
        writes.map(|(_, endpoint)| endpoint.calls).sum()
    }

    /// How often each user was written.
    async fn versions(&self) -> Vec<u64> {
        oracle::users(&self.stack).await.iter().map(|user| user.version).collect()
    }

    /// Every customer gets this company at the store, ten a call.
    async fn edit_all_there(&self, company: &str) {
        let customers = self.stack.store().customers();
        for ten in customers.chunks(10) {
            let change = |customer: &Customer| json!({ "id": customer.id, "company": company });
            self.call("PUT", "customers", ten.iter().map(change).collect()).await;
        }
    }

    /// Every user gets this organization in the directory.
    async fn edit_all_here(&self, users: &[User], organization: &str) {
        for before in users {
            let organization = organization.to_owned();
            self.write(before, |user| drop(user.attributes.insert("organization".to_owned(), organization)))
                .await;
        }
    }
}

#[tokio::test]
async fn an_echo_writes_no_user_and_calls_nobody_g22() {
    let bench = Bench::with(1).await;
    bench.edit(1, |user| user.name.family_name = Some("Hopper".to_owned())).await;
    let written = bench.known(1).await.version;
    let calls = bench.writes();
    bench.all_is_well().await;
    assert_eq!(bench.writes(), calls + 1, "the change itself");
    // The change, and what the link remembers of it.
    assert_eq!(bench.known(1).await.version, written + 1);
}

/// So many pairs go through so many rounds at once, in each of so many towns: a thousand rounds of
/// one pair. (The engine becomes slow with the length of its streams, so that no town gets all.)
const PAIRS: u32 = 50;
const ROUNDS: u32 = 4;
const TOWNS: u32 = 5;

/// A change there and a change here of each pair; what we write on each ends with its echo.
async fn to_and_fro(bench: &Bench, round: u32) -> usize {
    let calls = bench.writes();
    bench.edit_all_there(&format!("There {round}")).await;
    bench.settle().await;
    let users = oracle::users(&bench.stack).await;
    assert_eq!(bench.writes() - calls, u64::from(PAIRS / 10), "the merchant's own calls");

    bench.edit_all_here(&users, &format!("Here {round}")).await;
    bench.stack.round().await.unwrap();
    let echoes = bench.stack.store().pending();
    let (calls, written) = (bench.writes(), bench.versions().await);
    bench.settle().await;
    assert_eq!((bench.writes(), bench.versions().await), (calls, written), "after the echoes");
    echoes
}

/// How many echoes came back in a town of its own.
async fn town() -> usize {
    let store = Config { plan: Plan::UNLIMITED, ..Config::default() };
    let bench = Bench::start(Options { customers: PAIRS, store, ..Options::default() }, |_| {}).await;
    let mut echoes = 0;
    for round in 0..ROUNDS {
        echoes += to_and_fro(&bench, round).await;
    }
    bench.all_is_well().await;
    let customers = bench.stack.store().customers();
    assert!(customers.iter().all(|known| known.company.as_deref() == Some("Here 3")));
    echoes
}

#[test]
fn a_thousand_rounds_to_and_fro_end_with_the_echo_each_g22() {
    let alone = || Builder::new_current_thread().enable_all().build().unwrap().block_on(town());
    let echoes = thread::scope(|scope| {
        let towns: Vec<_> = (0..TOWNS).map(|_| scope.spawn(alone)).collect();
        towns.into_iter().map(|town| town.join().unwrap()).sum::<usize>()
    });
    assert_eq!(echoes, 1_000);
}

#[tokio::test]
async fn a_store_that_spells_addresses_its_own_way_is_not_fought_g22() {
    let bench = Bench::with(0).await;
    bench.stack.store().faults([Fault::new(FaultKind::LowercaseEmails)]);
    bench.add("Grace.Hopper@X.example", "Grace", " Hopper ").await;
    bench.all_is_well().await;
    let calls = bench.writes();
    for company in ["One", "Two", "Three"] {
        bench
            .edit(1, |user| drop(user.attributes.insert("organization".to_owned(), format!(" {company} "))))
            .await;
        bench.all_is_well().await;
    }
    assert_eq!(bench.writes() - calls, 3);
    assert_eq!(bench.known(1).await.user_name, "Grace.Hopper@X.example");
    assert_eq!(bench.customer(1).unwrap().email, "grace.hopper@x.example");
}
