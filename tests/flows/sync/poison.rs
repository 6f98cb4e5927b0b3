//! One customer that the store refuses, for reasons of its own: the others of its batch go on, and
//! it costs few calls, however the store says which one it is.

use local::bigcommerce::{Blame, Fault, FaultKind};
use shared::report::{Action, AttentionKind};

use super::bench::Bench;
use crate::oracle;

const CREATE: &str = "POST /v3/customers";
const UPDATE: &str = "PUT /v3/customers";

impl Bench {
    fn poison(&self, email: &str, blame: Blame) {
        let email = email.to_owned();
        self.stack.store().faults([Fault::new(FaultKind::RefuseEmail { email, blame })]);
    }

    /// Nine users are customers, and a person is asked about the tenth, in the store's words.
    async fn nine_and_a_question(&self, words: &str) {
        assert_eq!(self.stack.store().count(), 9);
        let asked = oracle::attention(&self.stack).await;
        assert_eq!(asked.iter().map(|asked| asked.kind).collect::<Vec<_>>(), [AttentionKind::Refused]);
        assert!(asked[0].detail.contains(words), "{}", asked[0].detail);
        let refused = |told: &shared::report::Entry| told.action == Action::Refuse;
        assert_eq!(self.told(0).await.into_iter().filter(refused).count(), 1);
    }
}

#[tokio::test]
async fn one_refused_creation_in_ten_costs_eight_calls_at_most_however_it_is_told_g46_g47() {
    for (blame, words, most) in [
        (Blame::Place, "is on a list", 2),
        (Blame::Address, "is on a list", 2),
        (Blame::Nobody, "Something was not right.", 9),
        (Blame::Page, "no explanation given", 9),
    ] {
        for poison in [1, 5, 10] {
            let bench = Bench::with(0).await;
            bench.poison(&format!("user{poison}@x.example"), blame);
            bench.add_many(10).await;
            bench.settle().await;
            bench.nine_and_a_question(words).await;
            let calls = bench.calls(CREATE);
            assert!(calls <= most, "{blame:?} at {poison}: {calls} calls");
            bench.stack.store().clear_faults();
        }
    }
}

#[tokio::test]
async fn a_refused_creation_that_is_mended_is_made_g46() {
    let bench = Bench::with(0).await;
    bench.poison("user3@x.example", Blame::Nobody);
    let users = bench.add_many(10).await;
    bench.settle().await;
    bench.nine_and_a_question("Something was not right.").await;
    let before = bench.stack.tables().user(&users[2].id).await.unwrap().unwrap();
    let mut after = before.clone();
    after.emails[0].value = shared::secret::EmailAddress::new("other@x.example");
    let also = bench.also(&after);
    bench.stack.tables().update_user(&before, &after, &[also]).await.unwrap();
    bench.all_is_well().await;
    assert_eq!(bench.stack.store().count(), 10);
}

#[tokio::test]
async fn one_refused_update_in_ten_keeps_no_other_out_g46_g47() {
    for blame in [Blame::Place, Blame::Nobody, Blame::Page] {
        let bench = Bench::with(10).await;
        bench.poison("taken@x.example", blame);
        let calls = bench.calls(UPDATE);
        for id in 1..=10 {
            bench
                .edit(id, |user| {
                    user.name.family_name = Some("Hopper".to_owned());
                    if id == 4 {
                        user.emails[0].value = shared::secret::EmailAddress::new("taken@x.example");
                    }
                })
                .await;
        }
        bench.well_but_for(&[4]).await;
        let hoppers = bench.stack.store().customers();
        let hoppers = hoppers.iter().filter(|customer| customer.last_name == "Hopper").count();
        assert_eq!(hoppers, 9, "{blame:?}");
        let calls = bench.calls(UPDATE) - calls;
        assert!(calls <= 9, "{blame:?}: {calls} calls");
        bench.stack.store().clear_faults();
    }
}

#[tokio::test]
async fn a_customer_that_is_deleted_at_the_store_while_we_write_is_refused_once_and_no_more_g49() {
    let bench = Bench::with(10).await;
    bench.stack.store().faults([Fault::new(FaultKind::LoseWebhook)]);
    bench.delete(4).await;
    bench.stack.store().clear_faults();
    for id in 1..=10 {
        bench.edit(id, |user| user.name.family_name = Some("Hopper".to_owned())).await;
    }
    bench.all_is_well().await;
    assert!(bench.user(4).await.is_none(), "its last customer is gone, so is the user");
    assert_eq!(bench.stack.store().count(), 9);
    assert!(bench.calls(UPDATE) <= 3);
}
