//! What a deleted user leaves behind, and what is noted of a customer before it is written.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use shared::{
    application::ApplicationId,
    mapping::{CustomerField, Fields},
    merge::AddressChanges,
    store::{Error, Table, Usage},
    user::{Sent, User},
    work::Subject,
};

use super::bench::{Bench, customer, link, linked, user};

fn main_store() -> ApplicationId {
    "main-store".parse().unwrap()
}

fn outlet() -> ApplicationId {
    "outlet".parse().unwrap()
}

/// A user who is customer 7 of the main store and customer 8 of the outlet.
fn twice_linked() -> User {
    let mut user = linked(user("ada", &["a@x.example"]), 7);
    user.links.insert(outlet(), link(8));
    user
}

fn sent(name: &str) -> Sent {
    let fields = Fields::from([(CustomerField::LastName, json!(name))]);
    Sent::of(&fields, &AddressChanges { add: BTreeSet::new(), remove: BTreeSet::new() })
}

#[tokio::test]
async fn a_deleted_user_leaves_a_tombstone_and_work_at_each_store_that_is_not_done_with_it() {
    let Bench { tables, clock, .. } = Bench::start().await;
    let ada = tables.create_user(&twice_linked(), &[]).await.unwrap();
    tables.delete_user(&ada, &[main_store()].into(), &[]).await.unwrap();

    assert!(tables.pointers(&main_store(), &[customer(7)]).await.unwrap().is_empty());
    let pointers = tables.pointers(&outlet(), &[customer(8)]).await.unwrap();
    let tombstone = &pointers[&customer(8)];
    assert_eq!((&tombstone.user, tombstone.gone), (&ada.id, Some(clock.now())));
    let subjects =
        [(main_store(), 7), (outlet(), 8)].map(|(store, id)| Subject::Customer(store, customer(id)));
    let work = tables.work(&subjects).await.unwrap();
    assert_eq!(work.iter().map(|work| &work.subject).collect::<Vec<_>>(), [&subjects[1]]);
    assert!(tables.user(&ada.id).await.unwrap().is_none());
}

#[tokio::test]
async fn a_deletion_that_is_refused_leaves_nothing() {
    let Bench { tables, .. } = Bench::start().await;
    let ada = tables.create_user(&twice_linked(), &[]).await.unwrap();
    tables.update_user(&ada, &ada, &[]).await.unwrap();
    assert!(matches!(tables.delete_user(&ada, &BTreeSet::new(), &[]).await, Err(Error::Moved)));
    let pointers = tables.pointers(&outlet(), &[customer(8)]).await.unwrap();
    assert_eq!(pointers[&customer(8)].gone, None);
    assert!(tables.work(&[Subject::Customer(outlet(), customer(8))]).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_tombstone_gives_way_to_a_user_who_is_linked_and_a_link_to_no_tombstone() {
    let Bench { tables, clock, .. } = Bench::start().await;
    let ada = tables.create_user(&linked(user("ada", &[]), 7), &[]).await.unwrap();
    let refused = tables.bury(&main_store(), customer(7), &ada.id, clock.now()).await;
    assert!(matches!(refused, Err(Error::Moved)));
    assert!(!tables.forget_pointer(&main_store(), customer(7)).await.unwrap(), "it is no tombstone");

    tables.delete_user(&ada, &BTreeSet::new(), &[]).await.unwrap();
    let bob = tables.create_user(&linked(user("bob", &[]), 7), &[]).await.unwrap();
    let pointers = tables.pointers(&main_store(), &[customer(7)]).await.unwrap();
    assert_eq!((&pointers[&customer(7)].user, pointers[&customer(7)].gone), (&bob.id, None));
}

#[tokio::test]
async fn a_customer_without_a_user_is_buried_and_forgotten_once() {
    let Bench { tables, clock, .. } = Bench::start().await;
    let nobody = user("ada", &[]).id;
    for _ in 0..2 {
        tables.bury(&main_store(), customer(25_000), &nobody, clock.now()).await.unwrap();
        let subject = Subject::Customer(main_store(), customer(25_000));
        let work = tables.work(&[subject]).await.unwrap().remove(0);
        assert!(tables.finish(&work).await.unwrap());
    }
    let walked = tables.pointers_between(&main_store(), customer(1), customer(30_000)).await.unwrap();
    assert_eq!(walked[&customer(25_000)].gone, Some(clock.now()), "a walk over the pointers meets it");
    assert!(tables.forget_pointer(&main_store(), customer(25_000)).await.unwrap());
    assert!(!tables.forget_pointer(&main_store(), customer(25_000)).await.unwrap());
    assert!(tables.pointers(&main_store(), &[customer(25_000)]).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_is_sent_is_noted_until_something_is_agreed_or_it_is_cleared() {
    let Bench { tables, .. } = Bench::start().await;
    let tables = tables.metered();
    let ada = tables.create_user(&linked(user("ada", &[]), 7), &[]).await.unwrap();
    let noted = async || {
        let pointers = tables.pointers(&main_store(), &[customer(7)]).await.unwrap();
        pointers[&customer(7)].sent.clone()
    };
    tables.meter().take(Table::Users);
    tables.note_sent(&main_store(), customer(7), &sent("Byron")).await.unwrap();
    assert_eq!(tables.meter().take(Table::Users), Usage { write: 1.0, ..Usage::default() });
    assert_eq!(noted().await, Some(sent("Byron")));
    let ada = tables.update_user(&ada, &User { active: false, ..ada.clone() }, &[]).await.unwrap().user;
    assert_eq!(noted().await, Some(sent("Byron")), "nothing was agreed with the customer");

    let mut agreed = ada.clone();
    let base = &mut agreed.links.get_mut(&main_store()).unwrap().base;
    base.fields = BTreeMap::from([(CustomerField::LastName, json!("Byron"))]);
    tables.update_user(&ada, &agreed, &[]).await.unwrap();
    assert_eq!(noted().await, None);

    tables.note_sent(&main_store(), customer(7), &sent("King")).await.unwrap();
    tables.clear_sent(&main_store(), customer(7)).await.unwrap();
    assert_eq!(noted().await, None);
    let elsewhere = tables.note_sent(&main_store(), customer(9), &sent("King")).await;
    assert!(matches!(elsewhere, Err(Error::Moved)));
    tables.clear_sent(&main_store(), customer(9)).await.unwrap();
    assert!(tables.pointers(&main_store(), &[customer(9)]).await.unwrap().is_empty());
}
