//! Where the user of a rank is, how many there are and how many are linked.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use shared::{
    application::ApplicationId,
    store::{Error, Tables},
    user::{User, UserId},
};

use super::bench::{Bench, link, linked, user};

fn main_store() -> ApplicationId {
    "main-store".parse().unwrap()
}

fn outlet() -> ApplicationId {
    "outlet".parse().unwrap()
}

async fn links(tables: &Tables) -> [u64; 2] {
    [tables.count_links(&main_store()).await.unwrap(), tables.count_links(&outlet()).await.unwrap()]
}

#[tokio::test(flavor = "multi_thread")]
async fn the_user_of_every_rank_is_found_whatever_comes_and_goes_between() {
    let Bench { tables, .. } = &Bench::start().await;
    let mut random = StdRng::seed_from_u64(20);
    let users: Vec<User> = (0..150).map(|n| user(&format!("u{n}"), &[])).collect();
    let mut users: Vec<User> = join_all(users.iter().map(|user| tables.create_user(user, &[])))
        .await
        .into_iter()
        .flatten()
        .collect();
    for _ in 0..40 {
        let gone = users.remove(random.random_range(0..users.len()));
        tables.delete_user(&gone, &BTreeSet::new(), &[]).await.unwrap();
    }
    users.sort_by(|a, b| a.id.cmp(&b.id));
    let total = users.len();
    for _ in 0..60 {
        let (start, limit) = (random.random_range(0..=total), random.random_range(0..=total));
        let page = tables.page_of_users_from(start as u64, limit).await.unwrap();
        assert!(page.users == users[start..(start + limit).min(total)], "{limit} from {start}");
        assert_eq!(page.total, total as u64);
    }
    for beyond in [total as u64, total as u64 + 1, u64::MAX] {
        assert!(tables.page_of_users_from(beyond, 10).await.unwrap().users.is_empty());
    }
    assert_eq!(tables.count_users().await.unwrap(), total as u64);
}

#[tokio::test]
async fn links_are_counted_by_application_when_they_are_set_and_broken() {
    let Bench { tables, .. } = Bench::start().await;
    let ada = tables.create_user(&linked(user("ada", &[]), 7), &[]).await.unwrap();
    let bob = tables.create_user(&user("bob", &[]), &[]).await.unwrap();
    assert_eq!(links(&tables).await, [1, 0]);

    let mut both = linked(bob.clone(), 8);
    both.links.insert(outlet(), link(1));
    let bob = tables.update_user(&bob, &both, &[]).await.unwrap().user;
    assert_eq!(links(&tables).await, [2, 1]);
    let relinked = tables.update_user(&ada, &linked(ada.clone(), 9), &[]).await.unwrap().user;
    assert_eq!(links(&tables).await, [2, 1], "another customer is not another link");
    let stale = tables.update_user(&ada, &User { links: Default::default(), ..ada.clone() }, &[]).await;
    assert!(matches!(stale, Err(Error::Moved)));
    assert_eq!(links(&tables).await, [2, 1]);

    let mut single = bob.clone();
    single.links.remove(&main_store());
    let bob = tables.update_user(&bob, &single, &[]).await.unwrap().user;
    assert_eq!(links(&tables).await, [1, 1]);
    for gone in [relinked, bob] {
        tables.delete_user(&gone, &BTreeSet::new(), &[]).await.unwrap();
    }
    assert_eq!(links(&tables).await, [0, 0]);
    assert_eq!(tables.count_users().await.unwrap(), 0);
}

#[tokio::test]
async fn a_user_whose_identifier_has_no_place_in_the_order_is_refused() {
    let Bench { tables, .. } = Bench::start().await;
    for id in ["", "x", "ab", "AB0", "0x1"] {
        let nowhere = User { id: UserId::from(id.to_owned()), ..user("ada", &[]) };
        assert!(matches!(tables.create_user(&nowhere, &[]).await, Err(Error::Rejected(_))), "{id}");
    }
    assert_eq!(tables.count_users().await.unwrap(), 0);
}

#[tokio::test]
async fn counts_as_an_earlier_version_kept_them_are_not_taken_for_these() {
    let Bench { tables, client, .. } = Bench::start().await;
    for digit in ["a", "1"] {
        let text = |text: &str| aws_sdk_dynamodb::types::AttributeValue::S(text.to_owned());
        let row = [("pk", text("count")), ("sk", text(digit))].map(|(name, key)| (name.to_owned(), key));
        let users = aws_sdk_dynamodb::types::AttributeValue::N("3".to_owned());
        let row = row.into_iter().chain([("users".to_owned(), users)]).collect();
        client.put_item().table_name("users").set_item(Some(row)).send().await.unwrap();
        assert!(matches!(tables.count_users().await, Err(Error::Unreadable(_))), "{digit}");
    }
}
