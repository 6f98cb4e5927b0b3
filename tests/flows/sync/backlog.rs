//! Many users at once: ten customers a call, three writers at most, and each customer exactly once
//! whatever becomes of the answers.

use local::bigcommerce::{Fault, FaultKind};
use shared::{report::Action, work::Subject};

use super::bench::{Bench, house};

const CREATE: &str = "POST /v3/customers";
const UPDATE: &str = "PUT /v3/customers";

#[tokio::test]
async fn a_backlog_is_written_ten_customers_a_call() {
    let bench = Bench::with(0).await;
    bench.add_many(200).await;
    bench.all_is_well().await;
    let created = bench.calls(CREATE);
    assert!(200.0 / created as f64 >= 9.5, "{created} calls");
    for id in 1..=200 {
        bench.edit(id, |user| user.name.given_name = Some("Augusta".to_owned())).await;
    }
    bench.all_is_well().await;
    let updated = bench.calls(UPDATE);
    assert!(200.0 / updated as f64 >= 9.5, "{updated} calls");
    assert_eq!(bench.stack.store().count(), 200);
}

#[tokio::test]
async fn addresses_of_many_customers_go_together() {
    let bench = Bench::with(0).await;
    bench.add_many(40).await;
    bench.settle().await;
    for id in 1..=40 {
        let customer = serde_json::json!({ "email": "x@x.example", "addresses": [house("Austin")] });
        let customer = serde_json::from_value(customer).unwrap();
        let read = bench.application.mapping.read_customer(&customer).addresses;
        let changes = shared::merge::AddressChanges { add: read, ..Default::default() };
        let now = bench.stack.clock().now();
        let mapping = bench.application.mapping.clone();
        bench.edit(id, |user| mapping.write_user(user, &Default::default(), &changes, now)).await;
    }
    bench.all_is_well().await;
    assert!(bench.calls("POST /v3/customers/addresses") <= 5, "{:?}", bench.stack.store().calls());
}

#[tokio::test]
async fn with_one_answer_in_25_lost_each_customer_exists_once_g44() {
    for applied in [true, false] {
        let bench = Bench::with(0).await;
        bench.stack.store().faults([
            Fault::new(FaultKind::Drop { applied }).chance(0.04),
            Fault::new(FaultKind::ServerError { status: 500, html: true, applied }).on(CREATE).times(1),
        ]);
        bench.add_many(150).await;
        bench.settle().await;
        bench.stack.store().clear_faults();
        bench.all_is_well().await;
        assert_eq!(bench.stack.store().count(), 150);
    }
}

#[tokio::test]
async fn a_customer_whose_creation_is_not_remembered_is_found_again_whatever_the_match_rule_g43_g45() {
    for polls in (0..60).step_by(3) {
        let bench = Bench::with(0).await;
        bench.add_many(3).await;
        bench.stack.killer().kill_some(polls, 1.0, 1 + u32::try_from(polls).unwrap());
        let _ = bench.stack.round().await;
        bench.stack.killer().rest();
        bench.all_is_well().await;
        assert_eq!(bench.stack.store().count(), 3, "killed in its first {polls} polls");
    }
}

#[tokio::test]
async fn created_identifiers_in_another_order_or_fewer_are_matched_by_address_g58() {
    let bench = Bench::with(0).await;
    bench.stack.store().faults([
        Fault::new(FaultKind::Shuffle).on(CREATE).times(2),
        Fault::new(FaultKind::MissingIds { count: 3 }).on(CREATE).times(1),
    ]);
    bench.add_many(30).await;
    bench.all_is_well().await;
    assert_eq!(bench.stack.store().count(), 30);
}

#[tokio::test]
async fn three_processes_together_never_write_with_more_than_three_writers_g51() {
    let bench = Bench::with(0).await;
    let users = bench.add_many(120).await;
    let subjects: Vec<Subject> = users.into_iter().map(|user| Subject::User(user.id)).collect();
    let (one, other, third) = (bench.engine(), bench.engine(), bench.engine());
    let until = bench.later(600);
    bench.stack.store().faults([Fault::new(FaultKind::Latency { ms: 60 })]);
    let all = async {
        tokio::join!(
            one.look(&subjects[..40], until),
            other.look(&subjects[40..80], until),
            third.look(&subjects[80..], until)
        )
    };
    let (a, b, c) = bench.while_time_passes(all).await;
    bench.stack.store().clear_faults();
    assert_eq!([a, b, c].map(|looked| looked.unwrap().done), [40; 3]);
    let calls = bench.stack.store().calls();
    assert!((2..=3).contains(&calls.most_writers), "{calls:?}");
    bench.all_is_well().await;
}

#[tokio::test]
async fn a_customer_made_at_the_store_is_linked_and_not_made_again_g48() {
    let bench = Bench::with(0).await;
    bench.stack.store().faults([Fault::new(FaultKind::LoseWebhook)]);
    for n in 1..=12 {
        bench.create(&format!("User{n}@x.example")).await;
    }
    bench.stack.store().clear_faults();
    bench.add_many(12).await;
    bench.all_is_well().await;
    assert_eq!(bench.stack.store().count(), 12);
    assert_eq!(bench.calls(CREATE), 12, "the merchant's own calls");
    let linked = bench.told(0).await.into_iter().filter(|told| told.action == Action::Link).count();
    assert_eq!(linked, 12);
}
