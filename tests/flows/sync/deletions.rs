//! Users who leave: their customers follow, are kept or blocked, and are never made users again.

use local::bigcommerce::{Fault, FaultKind};
use shared::{
    application::{Application, Offboarding},
    report::Action,
    store::Also,
    work::Subject,
};

use super::bench::Bench;
use crate::oracle;

const A_DAY: u64 = 24 * 3_600;

fn on_deletion(offboarding: Offboarding) -> impl FnOnce(&mut Application) {
    move |application| application.policies.on_user_deleted = offboarding
}

#[tokio::test]
async fn a_deleted_users_customer_is_deleted_told_and_forgotten_g40() {
    let bench = Bench::with(2).await;
    let told = bench.count().await;
    let gone = bench.remove(1).await;
    assert!(bench.pointer(1).await.unwrap().gone.is_some());
    bench.all_is_well().await;
    assert!(bench.customer(1).is_none() && bench.customer(2).is_some());
    assert!(bench.pointer(1).await.is_none(), "nothing is left to remember");
    let told = bench.told(told).await;
    assert_eq!(told.iter().map(|told| told.action).collect::<Vec<_>>(), [Action::DeleteCustomer]);
    assert_eq!((told[0].user.as_ref(), told[0].customer.map(|id| id.get())), (Some(&gone.id), Some(1)));
}

#[tokio::test]
async fn a_hundred_deleted_users_cost_one_deletion_call_for_fifty_customers_g40() {
    let bench = Bench::set(100, |application| application.policies.deletion_brake.percent = 100).await;
    for id in 1..=100 {
        bench.remove(id).await;
    }
    bench.all_is_well().await;
    assert_eq!(bench.stack.store().count(), 0);
    assert!(bench.calls("DELETE /v3/customers") <= 4);
}

#[tokio::test]
async fn a_kept_customer_of_a_deleted_user_is_never_made_a_user_again() {
    let bench = Bench::set(1, on_deletion(Offboarding::Nothing)).await;
    let told = bench.count().await;
    bench.remove(1).await;
    bench.settle().await;
    for company in ["One", "Two"] {
        bench.change(1, "company", company).await;
        bench.settle().await;
    }
    bench.pass(A_DAY);
    bench.settle().await;
    assert_eq!((bench.stack.store().count(), oracle::users(&bench.stack).await.len()), (1, 0));
    assert!(bench.pointer(1).await.unwrap().gone.is_some());
    assert_eq!(bench.told(told).await.len(), 0);
    bench.delete(1).await;
    bench.all_is_well().await;
    assert!(bench.pointer(1).await.is_none());
}

#[tokio::test]
async fn a_deleted_users_customer_is_kept_from_signing_in_and_its_address_is_free() {
    let bench = Bench::set(1, on_deletion(Offboarding::BlockSignIn { group: None })).await;
    let gone = bench.remove(1).await;
    bench.settle().await;
    let blocked = bench.customer(1).unwrap();
    assert!(blocked.email.ends_with("@deactivated.invalid"), "{}", blocked.email);
    let email = gone.emails[0].value.as_str();
    let anew = bench.add(email, "Ada", "King").await;
    bench.settle().await;
    assert_eq!(bench.customer(2).unwrap().email, email);
    assert_eq!(bench.known(2).await.id, anew.id);
    assert!(bench.pointer(1).await.unwrap().gone.is_some());
}

#[tokio::test]
async fn a_deleted_users_customer_is_deleted_days_later_without_a_failed_attempt() {
    let bench = Bench::set(1, on_deletion(Offboarding::DeleteAfter { days: 3 })).await;
    bench.remove(1).await;
    while bench.stack.round().await.unwrap() {}
    bench.pass(2 * A_DAY);
    while bench.stack.round().await.unwrap() {}
    assert!(bench.customer(1).is_some());
    let left = bench.stack.left();
    assert!(left.iter().all(|row| row.contains(" 0 attempts")), "{left:?}");
    bench.all_is_well().await;
    assert!(bench.customer(1).is_none() && bench.pointer(1).await.is_none());
}

#[tokio::test]
async fn a_user_made_again_with_the_same_name_has_nothing_of_the_old_one_g40() {
    for brief in [true, false] {
        let bench = Bench::with(0).await;
        let old = bench.add("ada@x.example", "Ada", "King").await;
        bench.settle().await;
        bench.edit(1, |user| drop(user.attributes.insert("organization".to_owned(), "Old".to_owned()))).await;
        bench.settle().await;
        bench.remove(1).await;
        if !brief {
            bench.settle().await;
        }
        let new = bench.add("ada@x.example", "Augusta", "Byron").await;
        bench.all_is_well().await;
        assert_ne!(old.id, new.id);
        let customers = bench.stack.store().customers();
        assert_eq!(customers.len(), 1);
        assert_eq!(
            (customers[0].first_name.as_str(), customers[0].company.as_deref()),
            ("Augusta", Some(""))
        );
        let user = bench.known(customers[0].id.unwrap().get()).await;
        assert_eq!((user.id, user.attributes.get("organization")), (new.id, None));
    }
}

#[tokio::test]
async fn a_user_deleted_while_its_customer_is_made_leaves_no_customer_g40_g45() {
    let bench = Bench::with(0).await;
    let user = bench.add("ada@x.example", "Ada", "King").await;
    let subjects = [Subject::User(user.id.clone())];
    let engine = bench.engine();
    bench.stack.store().faults([Fault::new(FaultKind::Latency { ms: 200 }).on("POST /v3/customers")]);
    let deleting = async {
        while !bench.stack.store().calls().endpoints.contains_key("POST /v3/customers") {
            tokio::task::yield_now().await;
        }
        let tables = bench.stack.tables();
        let also = Also::Work {
            subject: subjects[0].clone(),
            cause: "users".to_owned(),
            asked_at: bench.stack.clock().now(),
        };
        tables.delete_user(&user, &Default::default(), &[also]).await.unwrap();
    };
    let both = async { tokio::join!(engine.look(&subjects, bench.later(600)), deleting) };
    bench.while_time_passes(both).await.0.unwrap();
    bench.stack.store().clear_faults();
    bench.all_is_well().await;
    assert_eq!((bench.stack.store().count(), oracle::users(&bench.stack).await.len()), (0, 0));
    assert_eq!(bench.calls("POST /v3/customers"), 1);
}

#[tokio::test]
async fn a_customer_deleted_at_the_store_leaves_nothing_to_remember() {
    let bench = Bench::with(1).await;
    bench.delete(1).await;
    bench.all_is_well().await;
    assert!(bench.pointer(1).await.is_none());
}

#[tokio::test]
async fn deletions_are_carried_out_once_whatever_fails_g40_g43() {
    for polls in (2..80).step_by(6) {
        let bench = Bench::with(3).await;
        let told = bench.count().await;
        bench.remove(1).await;
        bench.remove(2).await;
        bench.stack.killer().kill_some(1, 1.0, polls);
        let _ = bench.stack.round().await;
        bench.stack.killer().rest();
        bench.fault(FaultKind::Drop { applied: true }, "DELETE /v3/customers", 1);
        bench.settle().await;
        bench.stack.store().clear_faults();
        bench.all_is_well().await;
        assert_eq!(bench.stack.store().count(), 1);
        let told = bench.told(told).await;
        assert_eq!(told.iter().filter(|told| told.action == Action::DeleteCustomer).count(), 2);
    }
}
