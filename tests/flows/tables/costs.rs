//! What operations cost, in the units that DynamoDB charges.

use std::collections::BTreeSet;

use jiff::Timestamp;
use shared::{
    store::{Also, Error, Table, Usage},
    user::User,
    work::Subject,
};

use super::bench::{Bench, customer, email, linked, user};

pub(super) async fn bench() -> Bench {
    let bench = Bench::start().await;
    Bench { tables: bench.tables.metered(), ..bench }
}

pub(super) fn wrote(write: f64) -> Usage {
    Usage { write, ..Usage::default() }
}

fn refused(refused: u64) -> Usage {
    Usage { refused, ..Usage::default() }
}

pub(super) fn work_for(user: &User) -> [Also; 1] {
    let (subject, cause) = (Subject::User(user.id.clone()), "users".to_owned());
    [Also::Work { subject, cause, asked_at: Timestamp::UNIX_EPOCH }]
}

#[tokio::test]
async fn an_event_costs_one_write_however_many_came_before() {
    let Bench { tables, clock, .. } = bench().await;
    let subject = Subject::Customer("a".repeat(64).parse().unwrap(), customer(2_147_483_647));
    for _ in 0..50 {
        tables.enqueue(&subject, "store/customer/address/updated", clock.now()).await.unwrap();
        assert_eq!(tables.meter().take(Table::Work), wrote(1.0));
    }
    let work = tables.work(std::slice::from_ref(&subject)).await.unwrap().remove(0);
    assert!(tables.put_off(&work, clock.now(), &"é".repeat(5000), false).await.unwrap());
    assert!(tables.rest(&work, clock.now()).await.unwrap());
    tables.meter().take(Table::Work);
    tables.enqueue(&subject, "store/customer/address/updated", clock.now()).await.unwrap();
    assert_eq!(tables.meter().take(Table::Work), wrote(1.0), "after a long error, too");
}

#[tokio::test]
async fn a_user_costs_two_writes_a_row_of_its_transaction() {
    let Bench { tables, .. } = bench().await;
    // How far the pointers go is noted once a process and ten thousand customers.
    tables.create_user(&linked(user("first", &[]), 1), &[]).await.unwrap();
    assert_eq!(tables.meter().take(Table::Users), wrote(9.0));
    let ada = linked(user("ada", &["a@x.example"]), 7);
    let ada = tables.create_user(&ada, &work_for(&ada)).await.unwrap();
    // The user, its name, its address, its pointer and the count; and its work.
    assert_eq!(tables.meter().take(Table::Users), wrote(10.0));
    assert_eq!(tables.meter().take(Table::Work), wrote(2.0));

    let after = User { emails: vec![email("b@x.example")], ..ada.clone() };
    let ada = tables.update_user(&ada, &after, &work_for(&ada)).await.unwrap().user;
    assert_eq!(tables.meter().take(Table::Users), wrote(6.0));

    let ada = tables.update_user(&ada, &User { active: false, ..ada.clone() }, &[]).await.unwrap().user;
    assert_eq!(tables.meter().take(Table::Users), wrote(1.0), "a row alone is no transaction");
    tables.delete_user(&ada, &BTreeSet::new(), &[]).await.unwrap();
    assert_eq!(tables.meter().take(Table::Users), wrote(10.0));
}

#[tokio::test]
async fn a_refused_write_is_one_request_and_one_refusal() {
    let Bench { tables, wire, .. } = bench().await;
    let ada = tables.create_user(&user("ada", &[]), &[]).await.unwrap();
    let newer = tables.update_user(&ada, &ada, &[]).await.unwrap().user;
    tables.meter().take(Table::Users);
    wire.sent();
    assert!(matches!(tables.update_user(&ada, &ada, &[]).await, Err(Error::Moved)));
    assert!(matches!(tables.create_user(&user("Ada", &[]), &[]).await, Err(Error::Taken { .. })));
    assert_eq!((tables.meter().take(Table::Users), wire.sent().len()), (refused(2), 2));
    assert!(matches!(tables.delete_user(&ada, &BTreeSet::new(), &[]).await, Err(Error::Moved)));
    // What would be set free: who waits for it is read first.
    assert_eq!((tables.meter().take(Table::Users), wire.sent().len()), (refused(1), 2));
    tables.enqueue(&Subject::User(newer.id.clone()), "users", Timestamp::UNIX_EPOCH).await.unwrap();
    let mut work = tables.work(&[Subject::User(newer.id)]).await.unwrap().remove(0);
    work.token.clear();
    tables.meter().take(Table::Work);
    assert!(!tables.finish(&work).await.unwrap());
    assert_eq!(tables.meter().take(Table::Work), refused(1));
}

#[tokio::test]
async fn looking_up_costs_a_read_a_row_and_a_page_of_neighbours_a_read() {
    let Bench { tables, .. } = bench().await;
    for id in 1..=20 {
        tables.create_user(&linked(user(&format!("u{id}"), &[]), id), &[]).await.unwrap();
    }
    tables.meter().take(Table::Users);
    let read = |read| Usage { read, ..Usage::default() };
    let found = tables.user_by_user_name("u7").await.unwrap().unwrap();
    assert_eq!(tables.meter().take(Table::Users), read(1.0));
    assert_eq!(tables.user_lately(&found).await.unwrap().unwrap().user_name, "u7");
    assert_eq!(tables.meter().take(Table::Users), read(0.5));
    assert!(tables.user_lately(&user("nobody", &[]).id).await.unwrap().is_none());
    assert_eq!(tables.meter().take(Table::Users), read(1.5), "what is missed is looked for again");
    let customers: Vec<_> = (1..=20).map(customer).collect();
    tables.pointers(&"main-store".parse().unwrap(), &customers).await.unwrap();
    assert_eq!(tables.meter().take(Table::Users), read(1.0));
    tables.count_users().await.unwrap();
    assert_eq!(tables.meter().take(Table::Users), read(0.5));
}

#[tokio::test]
async fn nothing_is_counted_unless_it_is_asked_for() {
    let Bench { tables, wire, clock, .. } = Bench::start().await;
    tables.enqueue(&Subject::User(user("ada", &[]).id), "users", clock.now()).await.unwrap();
    assert_eq!(tables.meter().take(Table::Work), Usage::default());
    assert!(wire.sent().iter().all(|body| body.get("ReturnConsumedCapacity").is_none()));
}
