//! The same rows looked at twice at once, and what comes and goes before anybody looks.

use std::time::Duration;

use local::bigcommerce::{Fault, FaultKind};
use shared::{store::Also, work::Subject};

use super::bench::Bench;

const CREATE: &str = "POST /v3/customers";
const UPDATE: &str = "PUT /v3/customers";

impl Bench {
    async fn work_of(&self, users: &[shared::user::User]) -> Vec<Subject> {
        users.iter().map(|user| Subject::User(user.id.clone())).collect()
    }
}

#[tokio::test]
async fn two_looks_at_once_at_the_same_rows_make_one_call_g55() {
    for steps in [0, 3, 10, 30, 60, 100, 200, 400] {
        let bench = Bench::with(0).await;
        let users = bench.add_many(10).await;
        let subjects = bench.work_of(&users).await;
        let (one, other) = (bench.engine(), bench.engine());
        let until = bench.later(600);
        let begins_later = async {
            for _ in 0..steps {
                tokio::task::yield_now().await;
            }
            other.look(&subjects, until).await
        };
        let (one, other) = tokio::join!(one.look(&subjects, until), begins_later);
        assert_eq!(one.unwrap().done + other.unwrap().done, 10, "begun {steps} steps later");
        assert_eq!(bench.calls(CREATE), 1);
        bench.all_is_well().await;
        assert_eq!((bench.calls(CREATE), bench.calls(UPDATE)), (1, 0));
    }
}

#[tokio::test]
async fn a_change_while_a_look_has_the_row_is_sent_after_it_g55() {
    let bench = Bench::with(1).await;
    bench.edit(1, |user| user.name.family_name = Some("Old".to_owned())).await;
    let user = bench.known(1).await;
    let subjects = [Subject::User(user.id.clone())];
    let (one, other) = (bench.engine(), bench.engine());
    let until = bench.later(600);
    bench.stack.store().faults([Fault::new(FaultKind::Latency { ms: 200 }).on(UPDATE)]);
    let late = async {
        while bench.stack.store().calls().endpoints.get(UPDATE).is_none_or(|calls| calls.in_flight == 0) {
            tokio::task::yield_now().await;
        }
        bench.edit(1, |user| user.name.family_name = Some("New".to_owned())).await;
        other.look(&subjects, until).await.unwrap()
    };
    let both = async { tokio::join!(one.look(&subjects, until), late) };
    let (first, second) = bench.while_time_passes(both).await;
    first.unwrap();
    assert_eq!(second.skipped, 1, "the first look has the row");
    bench.stack.store().clear_faults();
    bench.all_is_well().await;
    assert_eq!(bench.customer(1).unwrap().last_name, "New");
    assert_eq!(bench.calls(UPDATE), 2);
}

#[tokio::test]
async fn a_row_whose_look_died_is_taken_up_again_g55() {
    let bench = Bench::with(0).await;
    let users = bench.add_many(3).await;
    let subjects = bench.work_of(&users).await;
    let rows = bench.stack.tables().work(&subjects).await.unwrap();
    for row in &rows {
        assert!(bench.stack.tables().claim(row, bench.later(120)).await.unwrap());
        assert!(!bench.stack.tables().claim(row, bench.later(120)).await.unwrap());
    }
    while bench.stack.round().await.unwrap() {}
    assert_eq!(bench.calls(CREATE), 0);
    bench.all_is_well().await;
    assert_eq!(bench.stack.store().count(), 3);
}

#[tokio::test]
async fn a_user_created_changed_and_deleted_before_anybody_looks_costs_no_call_g52() {
    let bench = Bench::with(0).await;
    let calls = bench.stack.store().calls().total();
    let user = bench.add("ada@x.example", "Ada", "King").await;
    let tables = bench.stack.tables();
    let mut after = user.clone();
    after.name.family_name = Some("Lovelace".to_owned());
    let also = bench.also(&after);
    let written = tables.update_user(&user, &after, &[also]).await.unwrap().user;
    let also = Also::Work {
        subject: Subject::User(user.id.clone()),
        cause: "users".to_owned(),
        asked_at: bench.stack.clock().now() + Duration::from_secs(1),
    };
    tables.delete_user(&written, &Default::default(), &[also]).await.unwrap();
    bench.all_is_well().await;
    assert_eq!(bench.stack.store().calls().total(), calls);
}

#[tokio::test]
async fn a_user_created_and_changed_before_anybody_looks_costs_one_call_g52() {
    let bench = Bench::with(0).await;
    let user = bench.add("ada@x.example", "Ada", "King").await;
    let mut after = user.clone();
    after.name.family_name = Some("Lovelace".to_owned());
    let also = bench.also(&after);
    bench.stack.tables().update_user(&user, &after, &[also]).await.unwrap();
    bench.all_is_well().await;
    assert_eq!(bench.customer(1).unwrap().last_name, "Lovelace");
    assert_eq!((bench.calls(CREATE), bench.calls(UPDATE)), (1, 0));
}
