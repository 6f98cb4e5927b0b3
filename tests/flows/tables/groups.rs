//! Groups: their names, what clients call them, their order and their counts.

use futures_util::future::join_all;
use jiff::Timestamp;
use shared::{
    client::ClientId,
    group::{Group, GroupId},
    store::{Error, Table, Tables, Usage},
};

use super::{bench::Bench, costs};

pub(super) fn okta() -> ClientId {
    "okta".parse().unwrap()
}

pub(super) fn group(name: &str) -> Group {
    Group::new(name, Timestamp::UNIX_EPOCH)
}

fn known_as(name: &str, client: &str, value: &str) -> Group {
    let external_ids = [(client.parse().unwrap(), value.to_owned())].into();
    Group { external_ids, ..group(name) }
}

async fn created(tables: &Tables, group: &Group) -> Result<Group, Error> {
    tables.create_group(group, &[], &okta(), &[]).await
}

#[tokio::test]
async fn a_group_reads_back_as_written() {
    let Bench { tables, .. } = Bench::start().await;
    let readers = created(&tables, &known_as("Readers", "okta", "00g1")).await.unwrap();
    assert_eq!(readers.version, 1);
    assert_eq!(tables.group(&readers.id).await.unwrap(), Some(readers.clone()));
    let ids = [readers.id.clone(), readers.id.clone(), GroupId::random()];
    assert_eq!(tables.groups(&ids).await.unwrap(), [(readers.id.clone(), readers.clone())].into());
    for id in ["", "x", "../count", &"a".repeat(100)] {
        assert_eq!(tables.group(&GroupId::from(id.to_owned())).await.unwrap(), None, "{id}");
    }
    assert!(matches!(created(&tables, &readers).await, Err(Error::Moved | Error::GroupTaken { .. })));
}

#[tokio::test]
async fn a_name_finds_all_groups_of_it_in_any_spelling_until_they_change_it() {
    let Bench { tables, .. } = Bench::start().await;
    let readers = created(&tables, &group("Readers")).await.unwrap();
    let others = created(&tables, &group("READERS")).await.unwrap();
    let found = async || {
        let mut found = tables.groups_by_name("readers").await.unwrap();
        found.sort();
        found
    };
    let mut both = vec![readers.id.clone(), others.id.clone()];
    both.sort();
    assert_eq!(found().await, both);
    let writers = Group { display_name: "Writers".to_owned(), ..readers.clone() };
    let writers = tables.update_group(&readers, &writers, &[], &[], &okta(), &[]).await.unwrap();
    assert_eq!((writers.version, found().await), (2, vec![others.id.clone()]));
    assert_eq!(tables.groups_by_name("writers").await.unwrap(), [writers.id]);
    tables.delete_group(&others, &[]).await.unwrap();
    assert!(found().await.is_empty());
}

#[tokio::test]
async fn what_a_client_calls_a_group_is_unique_among_the_groups_of_that_client_and_exact() {
    let Bench { tables, .. } = Bench::start().await;
    let readers = created(&tables, &known_as("Readers", "okta", "00g1")).await.unwrap();
    let refused = created(&tables, &known_as("Writers", "okta", "00g1")).await.unwrap_err();
    assert!(matches!(&refused, Error::GroupTaken { by } if *by == readers.id), "{refused:?}");
    for (client, value) in [("okta", "00G1"), ("entra", "00g1")] {
        assert!(created(&tables, &known_as("Writers", client, value)).await.is_ok());
    }
    let found = async |value| tables.group_by_external_id(&okta(), value).await.unwrap();
    assert_eq!(found("00g1").await, Some(readers.id.clone()));
    let renamed = Group { external_ids: known_as("", "okta", "00g2").external_ids, ..readers.clone() };
    tables.update_group(&readers, &renamed, &[], &[], &okta(), &[]).await.unwrap();
    assert_eq!((found("00g1").await, found("00g2").await), (None, Some(readers.id)));
    assert_eq!(tables.count_groups().await.unwrap(), 3, "who was refused is not counted");
}

#[tokio::test]
async fn of_two_who_write_over_one_version_of_a_group_one_is_told_to_read_again() {
    let Bench { tables, .. } = Bench::start().await;
    let readers = created(&tables, &group("Readers")).await.unwrap();
    let named = |name: &str| Group { display_name: name.to_owned(), ..readers.clone() };
    tables.update_group(&readers, &named("a"), &[], &[], &okta(), &[]).await.unwrap();
    let late = tables.update_group(&readers, &named("b"), &[], &[], &okta(), &[]).await;
    assert!(matches!(late, Err(Error::Moved)));
    assert!(matches!(tables.delete_group(&readers, &[]).await, Err(Error::Moved)));
    assert!(tables.groups_by_name("b").await.unwrap().is_empty());
}

#[tokio::test]
async fn a_write_that_changes_nothing_writes_nothing() {
    let Bench { tables, .. } = costs::bench().await;
    let readers = created(&tables, &group("Readers")).await.unwrap();
    tables.meter().take(Table::Users);
    let later = Group { last_modified: Timestamp::MAX, ..readers.clone() };
    assert_eq!(tables.update_group(&readers, &later, &[], &[], &okta(), &[]).await.unwrap(), readers);
    assert_eq!(tables.meter().take(Table::Users), Usage::default());
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_are_counted_and_given_in_order_from_any_rank() {
    let Bench { tables, .. } = &Bench::start().await;
    let groups: Vec<Group> = (0..45).map(|n| group(&format!("g{n}"))).collect();
    let mut groups: Vec<Group> =
        join_all(groups.iter().map(|group| created(tables, group))).await.into_iter().flatten().collect();
    for gone in groups.drain(40..) {
        tables.delete_group(&gone, &[]).await.unwrap();
    }
    groups.sort_by(|a, b| a.id.as_str().cmp(b.id.as_str()));
    for (start, limit) in [(0, 10), (0, 100), (7, 1), (13, 20), (39, 5), (40, 5), (3, 0)] {
        let page = tables.page_of_groups_from(start as u64, limit).await.unwrap();
        assert_eq!(page.groups, groups[start..(start + limit).min(40)], "{limit} from {start}");
        assert_eq!(page.total, 40);
    }
    assert_eq!(tables.page_of_groups(Some(&groups[9].id), 10).await.unwrap(), groups[10..20]);
    assert_eq!(tables.count_groups().await.unwrap(), 40);
}

#[tokio::test]
async fn a_group_that_does_not_fit_is_refused_before_it_is_sent() {
    let Bench { tables, wire, .. } = Bench::start().await;
    wire.sent();
    let long = "x".repeat(1025);
    for group in [group(&long), known_as("Readers", "okta", &long), group(&"x".repeat(20_000))] {
        assert!(matches!(created(&tables, &group).await, Err(Error::TooLarge(_))));
    }
    assert!(tables.groups_by_name(&long).await.unwrap().is_empty());
    assert_eq!(tables.group_by_external_id(&okta(), &long).await.unwrap(), None);
    assert_eq!(wire.sent().len(), 0);
}
