//! Events that come twice, late, in any order or never: what is there in the end is what the store
//! has, whatever was told of it.

use std::time::Duration;

use local::bigcommerce::{Fault, FaultKind};
use proptest::{
    collection::vec,
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner},
};

use super::{Town, seed};
use crate::oracle::NOTHING;

const FIELDS: [&str; 5] = ["email", "first_name", "last_name", "company", "phone"];
const DAY: Duration = Duration::from_secs(24 * 3600);

/// What the merchant does, to the customer whose turn it is.
#[derive(Clone, Copy, Debug)]
enum Deed {
    Add,
    Change(usize),
    Remove,
    AddAddress,
    ChangeAddress,
    RemoveAddress,
}

/// What becomes of the events about it.
#[derive(Clone, Copy, Debug)]
enum Fate {
    Told,
    Doubled(u32),
    Late(u64),
    Lost,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Do(Deed, usize, Fate),
    Round,
    Pass(u64),
    HooksOff,
}

fn step() -> impl Strategy<Value = Step> {
    let deed = prop_oneof![
        3 => Just(Deed::Add),
        4 => (0..FIELDS.len()).prop_map(Deed::Change),
        1 => Just(Deed::Remove),
        2 => Just(Deed::AddAddress),
        1 => Just(Deed::ChangeAddress),
        1 => Just(Deed::RemoveAddress),
    ];
    let fate = prop_oneof![
        2 => Just(Fate::Told),
        2 => (1_u32..4).prop_map(Fate::Doubled),
        2 => (1_u64..100_000).prop_map(Fate::Late),
        2 => Just(Fate::Lost),
    ];
    prop_oneof![
        12 => (deed, any::<usize>(), fate).prop_map(|(deed, who, fate)| Step::Do(deed, who, fate)),
        3 => Just(Step::Round),
        3 => (1_u64..200).prop_map(Step::Pass),
        1 => Just(Step::HooksOff),
    ]
}

impl Step {
    async fn take(self, number: u32, town: &Town) {
        match self {
            Step::Do(deed, who, fate) => {
                let fault = match fate {
                    Fate::Told => None,
                    Fate::Doubled(copies) => Some(FaultKind::DuplicateWebhook { copies }),
                    Fate::Late(ms) => Some(FaultKind::DelayWebhook { ms }),
                    Fate::Lost => Some(FaultKind::LoseWebhook),
                };
                town.stack
                    .store()
                    .faults(fault.into_iter().chain([FaultKind::ReorderWebhooks]).map(Fault::new));
                deed.take(who, number, town).await;
                town.stack.store().clear_faults();
            }
            Step::Round => {
                town.stack.store().faults([Fault::new(FaultKind::ReorderWebhooks)]);
                town.stack.round().await.unwrap();
            }
            Step::Pass(seconds) => town.clock.advance(Duration::from_secs(seconds)),
            Step::HooksOff => town.stack.store().faults([Fault::new(FaultKind::DeactivateHooks)]),
        }
    }
}

impl Deed {
    async fn take(self, who: usize, number: u32, town: &Town) {
        let customers = town.stack.store().customers();
        let email = format!("new{number}@x.example");
        let Some(customer) = customers.get(who % customers.len().max(1)) else {
            town.add(&email).await.unwrap();
            return;
        };
        let id = customer.id.unwrap();
        let home = customer.addresses.iter().flatten().filter_map(|address| address.id).next();
        match (self, home) {
            (Deed::Add, _) => assert!(town.add(&email).await.is_some()),
            (Deed::Remove, _) => town.remove(id).await,
            (Deed::Change(0), _) => assert!(town.change(id, FIELDS[0], &email).await),
            (Deed::Change(field), _) => assert!(town.change(id, FIELDS[field], &format!("v{number}")).await),
            (Deed::ChangeAddress, Some(home)) => assert!(town.change_address(id, home, number).await),
            (Deed::RemoveAddress, Some(home)) => town.remove_address(id, home).await,
            (Deed::AddAddress | Deed::ChangeAddress | Deed::RemoveAddress, _) => {
                assert!(town.add_address(id, number).await);
            }
        }
    }
}

/// What is not as it should be after these steps, and a day.
async fn problems_after(steps: Vec<Step>) -> Vec<String> {
    let town = Town::start().await;
    for (number, step) in (1..).zip(steps) {
        step.take(number, &town).await;
    }
    town.stack.settle().await.unwrap();
    town.clock.advance(DAY);
    town.stack.settle().await.unwrap();
    town.problems().await
}

#[test]
fn no_sequence_of_doubled_reordered_late_or_lost_events_changes_the_end_g01_g16_g18() {
    let config = Config { cases: 4, max_shrink_iters: 60, failure_persistence: None, ..Config::default() };
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed().to_le_bytes());
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    let outcome = runner.run(&vec(step(), 60..90), |steps| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let found = runtime.block_on(problems_after(steps));
        prop_assert_eq!(found, NOTHING);
        Ok(())
    });
    if let Err(TestError::Fail(reason, steps)) = outcome {
        panic!("seed {}: {reason}\n{steps:#?}", seed());
    }
    outcome.unwrap();
}
