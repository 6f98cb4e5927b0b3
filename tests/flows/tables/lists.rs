//! What users cost to list, however many there are, and what a typical one costs to write.

use shared::{
    store::{Table, Usage},
    user::User,
};

use super::{
    bench::{Bench, user},
    costs::{self, work_for, wrote},
    directory::typical,
};

/// The read units of a page of 100, from its first to its last user by rank.
async fn page(bench: &Bench, ids: &[String], start: usize) -> f64 {
    bench.tables.meter().take(Table::Users);
    let page = bench.tables.page_of_users_from(start as u64, 100).await.unwrap();
    let Usage { read, .. } = bench.tables.meter().take(Table::Users);
    assert_eq!(page.total, ids.len() as u64);
    let found: Vec<&str> = page.users.iter().map(|user| user.id.as_str()).collect();
    assert_eq!(
        found,
        ids[start..(start + 100).min(ids.len())].iter().map(String::as_str).collect::<Vec<_>>()
    );
    read
}

async fn pages_cost_at_most_15(users: usize) {
    let bench = costs::bench().await;
    let ids = bench.people(users).await;
    let mut read = Vec::new();
    for start in [0, 100, users / 3, users / 2, users - 250, users - 100] {
        read.push(page(&bench, &ids, start).await);
    }
    assert!(read.iter().all(|read| *read <= 15.0), "{read:?}");
    bench.tables.meter().take(Table::Users);
    let after = ids[users / 2].clone().into();
    assert_eq!(bench.tables.page_of_users(Some(&after), 100).await.unwrap().len(), 100);
    let read = bench.tables.meter().take(Table::Users).read;
    assert!(read <= 12.0, "a page after a known user takes no counts: {read}");
}

#[tokio::test]
async fn a_page_of_100_of_a_thousand_users_costs_15_reads_at_most_wherever_it_begins() {
    pages_cost_at_most_15(1_000).await;
}

#[tokio::test]
async fn a_page_of_100_of_100_000_users_costs_15_reads_at_most_wherever_it_begins() {
    pages_cost_at_most_15(100_000).await;
}

#[tokio::test]
async fn a_typical_user_costs_8_writes_to_create_and_2_more_a_further_unique_value() {
    let bench = costs::bench().await;
    bench.people(1_000).await;
    let tables = &bench.tables;
    let mut ada = typical(1);
    ada.links.clear();
    let cost = async |user: &User| {
        tables.meter().take(Table::Users);
        tables.meter().take(Table::Work);
        let user = tables.create_user(user, &work_for(user)).await.unwrap();
        (user, tables.meter().take(Table::Users).write + tables.meter().take(Table::Work).write)
    };
    let (ada, with_email) = cost(&ada).await;
    assert_eq!((cost(&user("bob", &[])).await.1, with_email), (8.0, 8.0 + 2.0));
    let external_ids = [("okta".parse().unwrap(), "00u1".to_owned())].into();
    assert_eq!(cost(&User { external_ids, ..typical_without_link(2) }).await.1, 8.0 + 2.0 + 2.0);

    let titled = User { attributes: [("title".to_owned(), "Dr".to_owned())].into(), ..ada.clone() };
    tables.update_user(&ada, &titled, &work_for(&ada)).await.unwrap();
    assert_eq!(
        (tables.meter().take(Table::Users), tables.meter().take(Table::Work)),
        (wrote(2.0), wrote(2.0))
    );
}

fn typical_without_link(n: usize) -> User {
    User { links: Default::default(), ..typical(n) }
}

#[tokio::test]
async fn a_typical_user_costs_half_a_read_by_its_identifier_and_one_and_a_half_by_any_unique_value() {
    let bench = costs::bench().await;
    let tables = &bench.tables;
    let okta = "okta".parse().unwrap();
    let external_ids = [("okta".parse().unwrap(), "00u1".to_owned())].into();
    let ada = tables.create_user(&User { external_ids, ..typical(1) }, &[]).await.unwrap();
    let reads = async |id| {
        assert!(tables.user_lately(&id).await.unwrap().unwrap() == ada);
        tables.meter().take(Table::Users).read
    };
    tables.meter().take(Table::Users);
    assert_eq!(reads(ada.id.clone()).await, 0.5);
    assert_eq!(reads(tables.user_by_user_name(&ada.folded_user_name()).await.unwrap().unwrap()).await, 1.5);
    assert_eq!(reads(tables.user_by_external_id(&okta, "00u1").await.unwrap().unwrap()).await, 1.5);
    let emails: Vec<String> = ada.folded_emails().into_iter().collect();
    let found = tables.users_by_email(&emails).await.unwrap().remove(&emails[0]).unwrap();
    assert_eq!(reads(found).await, 1.5);
}
