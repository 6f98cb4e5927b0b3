//! Functions killed at any step, while the store's people go on.

use std::{collections::BTreeSet, time::Duration};

use rand::{RngExt, rngs::StdRng, seq::IndexedRandom};
use shared::bigcommerce::CustomerId;

use super::{Town, dice, seed};
use crate::oracle::NOTHING;

const FIELDS: [&str; 5] = ["email", "first_name", "last_name", "company", "phone"];

/// A merchant who does something at random, each value only once.
struct Merchant {
    dice: StdRng,
    done: u32,
}

impl Merchant {
    async fn act(&mut self, town: &Town) {
        self.done += 1;
        let done = self.done;
        let customers = town.stack.store().customers();
        let Some(customer) = customers.choose(&mut self.dice).filter(|_| !self.dice.random_bool(0.15)) else {
            town.add(&format!("new{done}@x.example")).await.unwrap();
            return;
        };
        let id = customer.id.unwrap();
        let home = customer.addresses.iter().flatten().filter_map(|address| address.id).next();
        match (self.dice.random_range(0..10), home) {
            (0, _) if customers.len() > 3 => town.remove(id).await,
            (0 | 1, _) | (2 | 3, None) => assert!(town.add_address(id, done).await),
            (2, Some(home)) => assert!(town.change_address(id, home, done).await),
            (3, Some(home)) => town.remove_address(id, home).await,
            _ => self.edit(town, id).await,
        }
    }

    async fn edit(&mut self, town: &Town, customer: CustomerId) {
        let field = *FIELDS.choose(&mut self.dice).unwrap();
        let done = self.done;
        let value = if field == "email" { format!("new{done}@x.example") } else { format!("{field} {done}") };
        assert!(town.change(customer, field, &value).await);
    }
}

/// Most rounds that are needed for so many deaths.
const ROUNDS: usize = 300;
const DEATHS: usize = 200;

#[tokio::test]
async fn workers_killed_hundreds_of_times_leave_nothing_undone_and_nothing_untold_g14_g56() {
    let town = Town::start().await;
    let mut merchant = Merchant { dice: dice(1), done: 0 };
    let (workers, takers) = (town.stack.killer(), town.stack.killer_of_requests());
    // A call that has little to do is over after a dozen polls, a delivery after five.
    workers.kill_some(seed(), 0.95, 16);
    takers.kill_some(seed(), 0.5, 6);
    for _ in 0..ROUNDS {
        for _ in 0..merchant.dice.random_range(1..4) {
            merchant.act(&town).await;
        }
        town.stack.round().await.unwrap();
        town.clock.advance(Duration::from_secs(merchant.dice.random_range(0..40)));
        if workers.deaths().len() >= DEATHS {
            break;
        }
    }
    workers.rest();
    takers.rest();
    town.stack.settle().await.unwrap();
    assert_eq!(town.problems().await, NOTHING, "seed {}", seed());
    let points = |deaths: &[u32]| deaths.iter().copied().collect::<BTreeSet<u32>>().len();
    let (deaths, unanswered) = (workers.deaths(), takers.deaths());
    assert!(deaths.len() >= DEATHS && points(&deaths) >= 12, "{deaths:?}, seed {}", seed());
    assert!(unanswered.len() >= 20 && points(&unanswered) >= 3, "{unanswered:?}, seed {}", seed());
}
