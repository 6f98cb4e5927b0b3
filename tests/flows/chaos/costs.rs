//! What it costs: store reads, user writes and write units, counted.

use std::time::Duration;

use local::bigcommerce::Plan;
use shared::{
    bigcommerce::CustomerId,
    mapping::CustomerField,
    merge::AddressChanges,
    store::{Also, Table},
    sync::Engine,
    work::Subject,
};

use super::Town;
use crate::oracle::NOTHING;

const READ: &str = "GET /v3/customers";

impl Town {
    async fn version_of(&self, customer: CustomerId) -> u64 {
        self.user_of(customer).await.unwrap().version
    }

    /// A customer whom both sides have, without an address.
    async fn settled_customer(&self) -> CustomerId {
        let customer = self.add("ada@x.example").await.unwrap();
        self.stack.settle().await.unwrap();
        customer
    }

    /// The write and the read units that a look at the row of a customer takes, all tables together.
    async fn units_of_a_look(&self, customer: CustomerId) -> (f64, f64) {
        let tables = self.stack.tables().clone().metered();
        let (api, clock) = (self.stack.bigcommerce().clone(), self.stack.clock().clone());
        let engine = Engine::new(tables.clone(), api, clock);
        let subject = Subject::Customer(self.application.id.clone(), customer);
        tables.enqueue(&subject, "store/customer/updated", self.clock.now()).await.unwrap();
        engine.look(&[subject], self.clock.now() + Duration::from_secs(60)).await.unwrap();
        let all = [Table::Users, Table::Work, Table::Jobs, Table::Reports, Table::Settings];
        let used = all.map(|table| tables.meter().take(table));
        (used.iter().map(|used| used.write).sum(), used.iter().map(|used| used.read).sum())
    }
}

#[tokio::test]
async fn a_thousand_events_of_one_customer_cost_three_reads_and_three_writes_at_most_g02() {
    let town = Town::with(Plan::UNLIMITED).await;
    let customer = town.settled_customer().await;
    let (version, reads) = (town.version_of(customer).await, town.stack.store().calls().of(READ));
    for n in 0..1_000 {
        assert!(town.change(customer, "company", &format!("company {n}")).await);
    }
    assert_eq!(town.stack.store().pending(), 1_000);
    town.stack.settle().await.unwrap();
    assert_eq!(town.problems().await, NOTHING);
    let user = town.user_of(customer).await.unwrap();
    assert_eq!(user.attributes["organization"], "company 999");
    assert!(user.version - version <= 3, "{} writes", user.version - version);
    let reads = town.stack.store().calls().of(READ) - reads;
    assert!(reads <= 3, "{reads} reads");
}

#[tokio::test]
async fn an_echo_of_our_own_write_costs_one_read_and_no_write_g22() {
    let town = Town::start().await;
    let customer = town.settled_customer().await;
    let user = town.user_of(customer).await.unwrap();
    let after = town.edited(&user, &[(CustomerField::Company, "Acme")], &AddressChanges::default());
    let asked_at = town.clock.now();
    let also = Also::Work { subject: Subject::User(user.id.clone()), cause: "users".to_owned(), asked_at };
    town.stack.tables().update_user(&user, &after, &[also]).await.unwrap();
    town.stack.round().await.unwrap();
    assert_eq!(town.customer(customer).unwrap().company.as_deref(), Some("Acme"));
    assert_eq!(town.stack.store().pending(), 1, "the echo");
    let before = (town.version_of(customer).await, town.stack.store().calls());
    town.stack.settle().await.unwrap();
    let (version, calls) = (town.version_of(customer).await, town.stack.store().calls());
    assert_eq!(version, before.0);
    assert_eq!(calls.of(READ) - before.1.of(READ), 1);
    assert_eq!(calls.total() - before.1.total(), 1);
}

#[tokio::test]
async fn an_update_from_the_store_takes_nine_write_units_and_an_echo_two_and_each_four_read_units() {
    let town = Town::start().await;
    let customer = town.settled_customer().await;
    assert!(town.change(customer, "company", "Acme").await);
    let (update, echo) = (town.units_of_a_look(customer).await, town.units_of_a_look(customer).await);
    // A row of work that comes and goes; for the update also, in one transaction, the user, the
    // pointer's fingerprint and the report's entry with its index.
    assert_eq!((update, echo), ((9.0, 4.0), (2.0, 4.0)));
    town.stack.settle().await.unwrap();
}
