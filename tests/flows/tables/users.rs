//! Users, their unique values and their counts.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use jiff::Timestamp;
use serde_json::json;
use shared::{
    application::ApplicationId,
    bigcommerce::CustomerId,
    client::ClientId,
    mapping::{AddressAttribute, AddressField, CustomerField},
    report::Attention,
    store::{Also, Error, Reservation, Unique},
    user::{Address, PhoneNumber, User, UserId},
    work::Subject,
};

use super::bench::{Bench, customer, email, link, linked, user};

fn main_store() -> ApplicationId {
    "main-store".parse().unwrap()
}

/// A user with something everywhere.
fn whole_user() -> User {
    let mut user = linked(user("Ada@X.example", &["Ada@X.example", "a.l@x.example"]), 42);
    user.name.given_name = Some("Ada".to_owned());
    user.name.family_name = Some(String::new());
    user.attributes.insert("displayName".to_owned(), "Ada L. 😀".to_owned());
    user.phone_numbers = vec![PhoneNumber {
        value: "+44 1".to_owned(),
        kind: Some("work".to_owned()),
        display: None,
        primary: true,
    }];
    let parts = BTreeMap::from([(AddressAttribute::StreetAddress, "1 Row".to_owned())]);
    user.addresses = vec![Address { parts, kind: None, primary: true }];
    user.fields.insert("size".to_owned(), json!({"shoe": [41, 42.5, -1, null, true, ""], "none": {}}));
    user.groups.insert("readers".to_owned().into());
    let link = user.links.get_mut(&main_store()).unwrap();
    link.base.fields.insert(CustomerField::Email, json!("Ada@X.example"));
    link.base.fields.insert(CustomerField::FormField("Fax #".to_owned()), json!(["a", "b"]));
    link.base.fields.insert(CustomerField::Attribute(7), json!("x"));
    link.base.addresses.insert(BTreeMap::from([(AddressField::Address1, "1 Row".to_owned())]));
    user
}

#[tokio::test]
async fn a_user_reads_back_as_written() {
    let Bench { tables, .. } = Bench::start().await;
    let written = tables.create_user(&whole_user(), &[]).await.unwrap();
    assert_eq!(written.version, 1);
    let read = tables.user(&written.id).await.unwrap().unwrap();
    assert!(read == written);
    assert!(tables.users(&[written.id.clone(), written.id.clone()]).await.unwrap()[&written.id] == written);
    let by_name = tables.user_by_user_name("ada@x.example").await.unwrap();
    assert_eq!(by_name, Some(written.id.clone()));
}

#[tokio::test]
async fn g42_what_cannot_be_an_identifier_is_nobody() {
    let Bench { tables, wire, .. } = Bench::start().await;
    wire.sent();
    for id in ["", "x", "../count", &"a".repeat(10_000), "A0", "ab", "é"] {
        assert!(tables.user(&UserId::from(id.to_owned())).await.unwrap().is_none(), "{id}");
    }
    assert!(tables.user_by_user_name(&"a".repeat(10_000)).await.unwrap().is_none());
    assert!(tables.users_by_email(&["a".repeat(10_000)]).await.unwrap().is_empty());
    assert_eq!(wire.sent().len(), 0, "nothing of it is worth a read");
}

#[tokio::test(flavor = "multi_thread")]
async fn g29_of_16_who_want_one_user_name_at_once_one_gets_it() {
    let Bench { tables, .. } = &Bench::start().await;
    let spellings = ["ada@x.example", "Ada@X.example", "ADA@x.EXAMPLE", "ａda@x.example"];
    let users: Vec<User> = (0..16).map(|n| user(spellings[n % 4], &[])).collect();
    let outcomes = join_all(users.iter().map(|user| tables.create_user(user, &[]))).await;
    let winner = outcomes.iter().flatten().next().unwrap();
    assert_eq!(outcomes.iter().flatten().count(), 1);
    for refused in outcomes.iter().filter_map(|outcome| outcome.as_ref().err()) {
        let Error::Taken { what: Unique::UserName, value, by } = refused else { panic!("{refused:?}") };
        assert_eq!((value.as_str(), by), ("ada@x.example", &winner.id));
    }
    assert_eq!(tables.count_users().await.unwrap(), 1);
    assert_eq!(tables.page_of_users(None, 100).await.unwrap().len(), 1, "no half-written user is left");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_16_who_want_one_email_at_once_one_gets_it_and_the_others_change_nothing() {
    let Bench { tables, .. } = &Bench::start().await;
    let mut users = Vec::new();
    for n in 0..16 {
        users.push(tables.create_user(&user(&format!("u{n}"), &[]), &[]).await.unwrap());
    }
    let outcomes = join_all(users.iter().map(|before| async move {
        let after = User { emails: vec![email("E\u{301}@x.example")], ..before.clone() };
        tables.update_user(before, &after, &[]).await
    }))
    .await;
    let winner = outcomes.iter().flatten().next().unwrap();
    assert_eq!(outcomes.iter().flatten().count(), 1);
    let told = |error: &Error| matches!(error, Error::Taken { what: Unique::Email, by, .. } if *by == winner.user.id);
    assert!(outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).all(told));
    let holders = tables.users_by_email(&["\u{e9}@x.example".to_owned()]).await.unwrap();
    assert_eq!(holders.into_values().collect::<Vec<_>>(), std::slice::from_ref(&winner.user.id));
    let versions: u64 = tables.page_of_users(None, 100).await.unwrap().iter().map(|user| user.version).sum();
    assert_eq!(versions, 17);
}

#[tokio::test(flavor = "multi_thread")]
async fn g30_of_two_who_write_over_one_version_one_is_told_to_read_again() {
    let Bench { tables, .. } = &Bench::start().await;
    let before = &tables.create_user(&user("ada", &[]), &[]).await.unwrap();
    let outcomes = join_all((0..8).map(|n| async move {
        let after = User { active: n % 2 == 0, ..before.clone() };
        tables.update_user(before, &after, &[]).await
    }))
    .await;
    assert_eq!(outcomes.iter().flatten().count(), 1);
    let moved = |error: &Error| matches!(error, Error::Moved) && error.retryable();
    assert!(outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).all(moved));
    assert_eq!(tables.user(&before.id).await.unwrap().unwrap().version, 2);
}

#[tokio::test]
async fn a_value_that_is_given_up_is_told_and_free_for_others() {
    let Bench { tables, .. } = Bench::start().await;
    let ada = tables.create_user(&user("Ada", &["A@x.example", "b@x.example"]), &[]).await.unwrap();
    let after = User { user_name: "Augusta".to_owned(), emails: vec![email("B@X.example")], ..ada.clone() };
    let written = tables.update_user(&ada, &after, &[]).await.unwrap();
    let released: Vec<String> = written.released.iter().map(|released| released.key()).collect();
    assert_eq!(released, ["userName#ada", "email#a@x.example"]);
    assert!(tables.create_user(&user("ada", &["a@X.example"]), &[]).await.is_ok());

    let mut released = tables.delete_user(&written.user, &BTreeSet::new(), &[]).await.unwrap();
    released.sort();
    let released: Vec<String> = released.iter().map(|released| released.key()).collect();
    assert_eq!(released, ["userName#augusta", "email#b@x.example"]);
    assert!(tables.create_user(&user("AUGUSTA", &["b@x.example"]), &[]).await.is_ok());
}

#[tokio::test]
async fn another_spelling_of_ones_own_value_sets_nothing_free() {
    let Bench { tables, .. } = Bench::start().await;
    let ada = tables.create_user(&user("ada", &["a@x.example", "A@X.example", ""]), &[]).await.unwrap();
    let after = User { user_name: "ADA".to_owned(), emails: vec![email("A@x.example")], ..ada.clone() };
    assert!(tables.update_user(&ada, &after, &[]).await.unwrap().released.is_empty());
    assert!(
        tables.create_user(&user("other", &["", "c@x.example"]), &[]).await.is_ok(),
        "no address is no value"
    );
}

#[tokio::test]
async fn an_external_id_is_unique_among_the_users_of_its_client_and_exact() {
    let Bench { tables, .. } = Bench::start().await;
    let [okta, entra] = ["okta", "entra"].map(|id| id.parse::<ClientId>().unwrap());
    let known_as = |name: &str, client: &ClientId, value: &str| {
        let external_ids = [(client.clone(), value.to_owned())].into();
        User { external_ids, ..user(name, &[]) }
    };
    let ada = tables.create_user(&known_as("ada", &okta, "00u1"), &[]).await.unwrap();
    let refused = tables.create_user(&known_as("bob", &okta, "00u1"), &[]).await.unwrap_err();
    let Error::Taken { what: Unique::ExternalId, value, by } = refused else { panic!("{refused:?}") };
    assert_eq!((value.as_str(), by), ("okta#00u1", ada.id.clone()));
    let exact = tables.create_user(&known_as("bob", &okta, "00U1"), &[]).await.unwrap();
    let elsewhere = tables.create_user(&known_as("eve", &entra, "00u1"), &[]).await.unwrap();
    for (client, value, holder) in
        [(&okta, "00u1", &ada), (&okta, "00U1", &exact), (&entra, "00u1", &elsewhere)]
    {
        assert_eq!(tables.user_by_external_id(client, value).await.unwrap().as_ref(), Some(&holder.id));
    }

    let changed = tables.update_user(&ada, &known_as("ada", &okta, "00u2"), &[]).await.unwrap();
    assert_eq!(changed.released.iter().map(Reservation::key).collect::<Vec<_>>(), ["externalId#okta#00u1"]);
    assert_eq!(tables.user_by_external_id(&okta, "00u1").await.unwrap(), None);
    assert!(tables.create_user(&known_as("joe", &okta, "00u1"), &[]).await.is_ok());
    let unnamed = [known_as("no1", &okta, ""), known_as("no2", &okta, "")];
    for user in &unnamed {
        assert!(tables.create_user(user, &[]).await.is_ok(), "no identifier is no value");
    }
}

#[tokio::test]
async fn a_customer_belongs_to_one_user() {
    let Bench { tables, .. } = Bench::start().await;
    let ada = tables.create_user(&linked(user("ada", &[]), 7), &[]).await.unwrap();
    let refused = tables.create_user(&linked(user("bob", &[]), 7), &[]).await.unwrap_err();
    let Error::Taken { what: Unique::Customer, value, by } = refused else { panic!("{refused:?}") };
    assert_eq!((value.as_str(), &by), ("main-store#7", &ada.id));

    let moved = tables.update_user(&ada, &linked(ada.clone(), 8), &[]).await.unwrap().user;
    let pointers = tables.pointers(&main_store(), &[customer(7), customer(8)]).await.unwrap();
    assert_eq!(pointers.keys().collect::<Vec<_>>(), [&customer(8)]);
    let mut other = user("bob", &[]);
    other.links.insert("other-store".parse().unwrap(), link(8));
    assert!(tables.create_user(&other, &[]).await.is_ok(), "the same number elsewhere is another customer");
    tables.delete_user(&moved, &[main_store()].into(), &[]).await.unwrap();
    assert!(tables.pointers(&main_store(), &[customer(8)]).await.unwrap().is_empty());
}

#[tokio::test]
async fn pointers_are_found_whether_their_customers_are_near_or_far() {
    let Bench { tables, .. } = Bench::start().await;
    let ids = [1, 2, 4, 9, 9_999, 10_000, 10_001, 2_147_483_647];
    for id in ids {
        tables.create_user(&linked(user(&format!("u{id}"), &[]), id), &[]).await.unwrap();
    }
    let asked: Vec<_> = [1, 2, 3, 9, 10_000, 10_001, 2_147_483_647, 2].map(customer).to_vec();
    let found = tables.pointers(&main_store(), &asked).await.unwrap();
    let mut found: Vec<u32> = found.keys().map(|customer| customer.get()).collect();
    found.sort_unstable();
    assert_eq!(found, [1, 2, 9, 10_000, 10_001, 2_147_483_647], "4 was read, but not asked for");
}

#[tokio::test]
async fn a_pointer_tells_what_was_last_agreed_with_the_customer() {
    let Bench { tables, .. } = Bench::start().await;
    let (app, seven) = (main_store(), customer(7));
    let ada = tables.create_user(&linked(user("ada", &[]), 7), &[]).await.unwrap();
    let mut renamed = ada.clone();
    let base = &mut renamed.links.get_mut(&app).unwrap().base;
    base.fields.insert(CustomerField::LastName, "Byron".into());
    for user in [&ada, &renamed] {
        tables.update_user(&tables.user(&ada.id).await.unwrap().unwrap(), user, &[]).await.unwrap();
        let pointers = tables.pointers(&app, &[seven, customer(8)]).await.unwrap();
        assert_eq!(pointers.len(), 1);
        assert_eq!(pointers[&seven].fingerprint, Some(user.links[&app].base.fingerprint()));
    }
}

#[tokio::test]
async fn a_walk_over_the_pointers_ends_with_the_last_partition() {
    let tables = Bench::start().await.tables.metered();
    for id in [5, 9_999, 10_000, 25_000] {
        tables.create_user(&linked(user(&format!("u{id}"), &[]), id), &[]).await.unwrap();
    }
    let found = tables.pointers_between(&main_store(), customer(6), CustomerId::LAST).await.unwrap();
    let found: Vec<u32> = found.keys().map(|customer| customer.get()).collect();
    assert_eq!(found, [9_999, 10_000, 25_000]);
}

#[tokio::test(flavor = "multi_thread")]
async fn counts_are_exact_after_many_at_once_and_failures() {
    let Bench { tables, .. } = &Bench::start().await;
    let users: Vec<User> = (0..40).map(|n| user(&format!("u{}", n % 30), &[])).collect();
    let created = join_all(users.iter().map(|user| tables.create_user(user, &[]))).await;
    let created: Vec<User> = created.into_iter().flatten().collect();
    assert_eq!((created.len(), tables.count_users().await.unwrap()), (30, 30));
    let gone = created.iter().take(10).chain(created.iter().take(10));
    let done = &BTreeSet::new();
    let deleted = join_all(gone.map(|user| tables.delete_user(user, done, &[]))).await;
    assert_eq!(deleted.iter().flatten().count(), 10);
    assert_eq!(tables.count_users().await.unwrap(), 20);
}

#[tokio::test]
async fn pages_give_every_user_once_in_order() {
    let Bench { tables, .. } = Bench::start().await;
    let mut ids = Vec::new();
    for n in 0..53 {
        ids.push(tables.create_user(&user(&format!("u{n}"), &[]), &[]).await.unwrap().id);
    }
    ids.sort();
    let mut seen = Vec::<UserId>::new();
    loop {
        let page = tables.page_of_users(seen.last(), 10).await.unwrap();
        assert!(page.len() == 10 || seen.len() + page.len() == 53);
        if page.is_empty() {
            break;
        }
        seen.extend(page.into_iter().map(|user| user.id));
    }
    assert_eq!(seen, ids);
    assert!(tables.page_of_users(Some(&UserId::from("zzz".to_owned())), 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn more_than_100_users_are_read_at_once() {
    let Bench { tables, .. } = Bench::start().await;
    let mut ids = Vec::new();
    for n in 0..105 {
        ids.push(tables.create_user(&user(&format!("u{n}"), &[]), &[]).await.unwrap().id);
    }
    ids.extend(ids.clone());
    ids.push(UserId::random());
    assert_eq!(tables.users(&ids).await.unwrap().len(), 105);
}

#[tokio::test]
async fn a_user_and_its_work_are_written_together_or_not_at_all() {
    let Bench { tables, .. } = Bench::start().await;
    let ada = user("ada", &[]);
    let subject = Subject::User(ada.id.clone());
    let also = |cause: &str| Also::Work {
        subject: subject.clone(),
        cause: cause.to_owned(),
        asked_at: Timestamp::UNIX_EPOCH,
    };
    tables.create_user(&ada, &[also("users"), also("import")]).await.unwrap();
    let work = tables.work(std::slice::from_ref(&subject)).await.unwrap();
    assert_eq!((work.len(), work[0].cause.as_str()), (1, "import"));
    assert!(tables.finish(&work[0]).await.unwrap());

    let other = user("ADA", &[]);
    let refused = tables.create_user(&other, &[also("users")]).await.unwrap_err();
    assert!(matches!(refused, Error::Taken { .. }) && !refused.retryable());
    assert!(tables.work(&[subject]).await.unwrap().is_empty());
    assert!(tables.user(&other.id).await.unwrap().is_none());
}

#[tokio::test]
async fn what_does_not_fit_is_refused_before_it_is_sent() {
    let Bench { tables, wire, .. } = Bench::start().await;
    let ada = tables.create_user(&user("ada", &[]), &[]).await.unwrap();
    wire.sent();
    let crowd: Vec<_> = (0..100).map(|n| email(&format!("{n}@x.example"))).collect();
    let bulk = BTreeMap::from([("notes".to_owned(), "x".repeat(400 * 1024))]);
    let long = vec![email(&"x".repeat(2048))];
    for after in [
        User { emails: crowd, ..ada.clone() },
        User { attributes: bulk, ..ada.clone() },
        User { emails: long, ..ada.clone() },
    ] {
        let refused = tables.update_user(&ada, &after, &[]).await.unwrap_err();
        assert!(matches!(refused, Error::TooLarge(_)), "{refused:?}");
    }
    assert_eq!(wire.sent().len(), 0);
}

#[tokio::test]
async fn errors_print_nothing_personal() {
    let Bench { tables, .. } = Bench::start().await;
    tables.create_user(&user("ada@x.example", &["ada@x.example"]), &[]).await.unwrap();
    let refused = tables.create_user(&user("bob", &["ada@x.example"]), &[]).await.unwrap_err();
    let printed = format!("{refused} {refused:?}");
    assert!(printed.contains("e-mail address") && !printed.contains("ada"), "{printed}");
}

#[tokio::test]
async fn attention_about_a_taken_value_is_found_by_the_released_one() {
    let Bench { tables, clock, .. } = Bench::start().await;
    let ada = tables.create_user(&user("ada", &["a@x.example"]), &[]).await.unwrap();
    let waiting = Subject::Customer(main_store(), customer(9));
    let attention = Attention {
        about: "email#a@x.example".to_owned(),
        kind: shared::report::AttentionKind::Taken,
        application: main_store(),
        since: clock.now(),
        detail: "ada has it".to_owned(),
        waiting: vec![waiting.clone()],
    };
    tables.raise(&attention).await.unwrap();
    let released = tables.delete_user(&ada, &BTreeSet::new(), &[]).await.unwrap();
    let mut settled = Vec::new();
    for released in released {
        settled.extend(tables.settle_attention(attention.kind, &released.key()).await.unwrap());
    }
    assert_eq!(settled.len(), 1);
    assert_eq!(settled[0].waiting, [waiting]);
}
