//! People who are hard to tell apart, and people whom somebody edits meanwhile.

use std::time::Duration;

use shared::{
    import::{Counts, State, Verdict},
    store::Also,
    sync::{Engine, Hand},
    work::Subject,
};

use super::bench::Bench;

#[tokio::test]
async fn every_customer_is_accounted_for_however_bad_its_address_is_g66() {
    let bench = Bench::with(12).await;
    let ids: Vec<u32> = bench.ids().iter().map(|id| id.get()).collect();
    let store = bench.stack.store();
    let email = bench.customers()[0].email.clone();
    store.set_past_the_rules(ids[1], "email", &email.to_uppercase());
    store.set_past_the_rules(ids[2], "email", "");
    store.set_past_the_rules(ids[3], "email", "no address");
    let run = bench.import().await;
    assert_eq!(run.counts.total(), 12);
    // What is no address is imported as it is: the directory asks only that there be one.
    assert_eq!((run.counts.conflict, run.counts.invalid, run.counts.left), (1, 1, 0), "{:?}", run.counts);
    assert_eq!(run.counts.of(Verdict::Create), 10);
    bench.settle().await;
    assert_eq!((bench.users().await, bench.stack.left().len()), (10, 0));
    let asked = crate::oracle::attention(&bench.stack).await;
    for apart in &ids[1..3] {
        let about = |asked: &shared::report::Attention| {
            let subjects = asked.waiting.iter().map(ToString::to_string).chain([asked.about.clone()]);
            subjects.into_iter().any(|subject| subject.ends_with(&format!("#{apart}")))
        };
        assert!(asked.iter().any(about), "nobody is asked about customer {apart}");
    }
}

#[tokio::test]
async fn an_edit_in_the_directory_while_the_page_is_in_flight_survives_g67() {
    let bench = Bench::with(5).await;
    bench.import().await;
    let (stack, application) = (&bench.stack, &bench.application);
    let (read_at, in_flight) = (stack.clock().now(), bench.customers());
    let before = crate::oracle::users(stack).await.remove(0);
    let mut after = before.clone();
    after.attributes.insert("organization".to_owned(), "Edited".to_owned());
    let subject = Subject::User(before.id.clone());
    let also = Also::Work { subject, cause: "users".to_owned(), asked_at: read_at };
    stack.tables().update_user(&before, &after, &[also]).await.unwrap();
    for settled in [false, true] {
        // Before the edit reached the store, and after: what is in flight is older than both.
        let engine = Engine::new(stack.tables().clone(), stack.bigcommerce().clone(), stack.clock().clone());
        let (customers, gone) = (in_flight.clone(), Vec::new());
        let hand = Hand { application, customers, gone, read_at, cause: "import/full" };
        engine.bring(hand).await.unwrap();
        stack.settle().await.unwrap();
        let is = stack.tables().user(&before.id).await.unwrap().unwrap();
        assert_eq!(is.attributes["organization"], "Edited", "settled: {settled}");
    }
    bench.all_is_well().await;
}

#[tokio::test]
async fn a_user_who_was_there_is_adopted_and_one_who_belongs_to_another_customer_is_not() {
    let bench = Bench::with(3).await;
    let customer = bench.customers().remove(0);
    let mut user = shared::user::User::new(customer.email.clone(), bench.stack.clock().now());
    user.emails = vec![shared::user::Email {
        value: shared::secret::EmailAddress::new(customer.email.clone()),
        kind: None,
        display: None,
        primary: true,
    }];
    user.name.given_name = Some(customer.first_name.clone());
    user.name.family_name = Some(customer.last_name.clone());
    bench.stack.tables().create_user(&user, &[]).await.unwrap();
    bench.pass(Duration::from_secs(60));
    let run = bench.import().await;
    assert_eq!((run.state, run.counts.total()), (State::Done, 3));
    assert_eq!(run.counts, Counts { adopt: 1, create: 2, ..Counts::default() });
    bench.all_is_well().await;
}
