//! Members: what the group, the user and the work know of them, and who is yet to come.

use std::collections::BTreeSet;

use shared::{
    client::ClientId,
    group::{Group, Member, MemberKind},
    store::{Error, Table, Tables},
    user::{User, UserId},
    work::Subject,
};

use super::{
    bench::{Bench, Fault, user},
    costs,
    groups::{group, okta},
};

fn member(value: impl ToString) -> Member {
    Member { value: value.to_string(), kind: MemberKind::User }
}

fn pending(value: &str) -> Member {
    Member { value: value.to_owned(), kind: MemberKind::Pending }
}

async fn people(tables: &Tables, count: usize) -> Vec<User> {
    let mut users = Vec::new();
    for n in 0..count {
        users.push(tables.create_user(&user(&format!("u{n}"), &[]), &[]).await.unwrap());
    }
    users
}

async fn change(tables: &Tables, group: &Group, add: &[Member], remove: &[Member]) -> Result<Group, Error> {
    tables.update_group(group, group, add, remove, &okta(), &[]).await
}

async fn members(tables: &Tables, group: &Group) -> Vec<Member> {
    tables.members(&group.id, None, 1_000).await.unwrap().members
}

async fn groups_of(tables: &Tables, user: &UserId) -> Vec<String> {
    let user = tables.user(user).await.unwrap().unwrap();
    user.groups.iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn who_joins_and_leaves_knows_it_is_looked_at_and_has_another_version() {
    let Bench { tables, clock, .. } = Bench::start().await;
    let ada = people(&tables, 1).await.remove(0);
    let readers = tables.create_group(&group("Readers"), &[member(&ada.id)], &okta(), &[]).await.unwrap();
    assert_eq!(members(&tables, &readers).await, [member(&ada.id)]);
    assert_eq!(groups_of(&tables, &ada.id).await, [readers.id.to_string()]);
    let joined = tables.user(&ada.id).await.unwrap().unwrap();
    assert_eq!((joined.version, joined.last_modified), (2, clock.now()));
    let work = tables.work(&[Subject::User(ada.id.clone())]).await.unwrap().remove(0);
    assert_eq!(work.cause, "group");
    assert!(tables.finish(&work).await.unwrap());

    let again = change(&tables, &readers, &[member(&ada.id)], &[]).await.unwrap();
    assert_eq!(again.version, readers.version, "who is there does not come");
    let left = change(&tables, &readers, &[], &[member(&ada.id)]).await.unwrap();
    assert_eq!(left.version, readers.version + 1);
    assert!(members(&tables, &readers).await.is_empty() && groups_of(&tables, &ada.id).await.is_empty());
    assert_eq!(tables.work(&[Subject::User(ada.id.clone())]).await.unwrap().len(), 1);
    assert!(matches!(change(&tables, &readers, &[member(&ada.id)], &[]).await, Err(Error::Moved)));
    assert!(groups_of(&tables, &ada.id).await.is_empty(), "what is refused changes nothing");
}

#[tokio::test]
async fn a_user_who_is_written_over_keeps_its_groups_or_is_told_to_read_again() {
    let Bench { tables, .. } = Bench::start().await;
    let ada = people(&tables, 1).await.remove(0);
    let readers = tables.create_group(&group("Readers"), &[member(&ada.id)], &okta(), &[]).await.unwrap();
    let stale = tables.update_user(&ada, &User { active: false, ..ada.clone() }, &[]).await;
    assert!(matches!(stale, Err(Error::Moved)));
    let read = tables.user(&ada.id).await.unwrap().unwrap();
    tables.update_user(&read, &User { active: false, ..read.clone() }, &[]).await.unwrap();
    assert_eq!(groups_of(&tables, &ada.id).await, [readers.id.to_string()]);
}

#[tokio::test]
async fn many_members_come_and_go_in_steps_and_a_page_at_a_time() {
    let Bench { tables, .. } = Bench::start().await;
    let users = people(&tables, 80).await;
    let all: Vec<Member> = users.iter().map(|user| member(&user.id)).collect();
    let readers = tables.create_group(&group("Readers"), &all, &okta(), &[]).await.unwrap();
    assert_eq!(readers.version, 4, "25 in a step");
    assert_eq!(tables.group(&readers.id).await.unwrap(), Some(readers.clone()));
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = tables.members(&readers.id, after.as_deref(), 33).await.unwrap();
        seen.extend(page.members);
        match page.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    let mut sorted = all.clone();
    sorted.sort();
    assert_eq!(seen, sorted);

    let fewer = change(&tables, &readers, &[], &all[..50]).await.unwrap();
    assert_eq!(members(&tables, &readers).await.len(), 30);
    let swapped = change(&tables, &fewer, &all[..1], &all[50..51]).await.unwrap();
    let among = [&all[0], &all[50], &all[51]].map(|member| member.value.clone());
    assert_eq!(tables.members_among(&readers.id, &among).await.unwrap().len(), 2);
    tables.delete_group(&swapped, &[]).await.unwrap();
    assert_eq!(tables.group(&readers.id).await.unwrap(), None);
    assert!(members(&tables, &readers).await.is_empty());
    for user in &users {
        assert!(groups_of(&tables, &user.id).await.is_empty());
    }
}

#[tokio::test]
async fn a_change_that_was_cut_off_is_completed_by_repeating_it() {
    let Bench { tables, wire, .. } = Bench::start().await;
    let users = people(&tables, 60).await;
    let all: Vec<Member> = users.iter().map(|user| member(&user.id)).collect();
    let readers = tables.create_group(&group("Readers"), &[], &okta(), &[]).await.unwrap();
    let denied = Fault::Refused(400, r#"{"__type": "x#AccessDeniedException"}"#);
    // A look at who is there, one step, and then no more.
    wire.faults([Fault::Passes, Fault::Passes, denied]);
    assert!(change(&tables, &readers, &all, &[]).await.is_err());
    assert_eq!(members(&tables, &readers).await.len(), 25);
    let read = tables.group(&readers.id).await.unwrap().unwrap();
    change(&tables, &read, &all, &[]).await.unwrap();
    assert_eq!(members(&tables, &readers).await.len(), 60);
    for user in &users {
        let read = tables.user(&user.id).await.unwrap().unwrap();
        assert_eq!((read.groups.len(), read.version), (1, 2), "each has joined once");
    }
}

#[tokio::test]
async fn a_deleted_user_is_no_member_and_its_groups_have_changed() {
    let Bench { tables, .. } = Bench::start().await;
    let ada = people(&tables, 2).await.remove(0);
    let mut groups = Vec::new();
    for n in 0..45 {
        let named = group(&format!("g{n}"));
        groups.push(tables.create_group(&named, &[member(&ada.id)], &okta(), &[]).await.unwrap());
    }
    let stale = tables.delete_user(&ada, &BTreeSet::new(), &[]).await;
    assert!(matches!(stale, Err(Error::Moved)));
    let read = tables.user(&ada.id).await.unwrap().unwrap();
    assert_eq!(read.groups.len(), 45);
    tables.delete_user(&read, &BTreeSet::new(), &[]).await.unwrap();
    assert!(tables.user(&ada.id).await.unwrap().is_none());
    for group in &groups {
        assert!(members(&tables, group).await.is_empty());
        assert_eq!(tables.group(&group.id).await.unwrap().unwrap().version, group.version + 1);
    }
    assert_eq!(tables.count_users().await.unwrap(), 1);
}

#[tokio::test]
async fn a_member_who_is_not_there_is_pending_until_the_client_creates_the_user_it_knows_so() {
    let Bench { tables, .. } = Bench::start().await;
    let nobody = UserId::random().to_string();
    let wanted = [member(&nobody), member("Ada@X.example"), member("00u1"), pending("00u2")];
    let readers = tables.create_group(&group("Readers"), &wanted, &okta(), &[]).await.unwrap();
    let mut expected = [nobody.as_str(), "Ada@X.example", "00u1", "00u2"].map(pending);
    expected.sort();
    assert_eq!(members(&tables, &readers).await, expected);

    let known_as = |name: &str, client: &ClientId, value: &str| {
        let external_ids = [(client.clone(), value.to_owned())].into();
        User { external_ids, ..user(name, &[]) }
    };
    let entra = "entra".parse().unwrap();
    let other = tables.create_user(&known_as("eve", &entra, "00u1"), &[]).await.unwrap();
    assert!(tables.admit(&entra, &other).await.unwrap().is_empty(), "another client's value");
    let exact = tables.create_user(&known_as("bob", &okta(), "00U2"), &[]).await.unwrap();
    assert!(tables.admit(&okta(), &exact).await.unwrap().is_empty(), "an external identifier is exact");

    let ada = tables.create_user(&known_as("ada@x.EXAMPLE", &okta(), "00u1"), &[]).await.unwrap();
    assert_eq!(tables.admit(&okta(), &ada).await.unwrap().len(), 2, "by its name and its identifier");
    assert!(tables.admit(&okta(), &ada).await.unwrap().is_empty());
    assert_eq!(groups_of(&tables, &ada.id).await, [readers.id.to_string()]);
    let mut expected = vec![pending(&nobody), pending("00u2"), member(&ada.id)];
    expected.sort();
    assert_eq!(members(&tables, &readers).await, expected);
    assert_eq!(tables.work(&[Subject::User(ada.id.clone())]).await.unwrap().len(), 1);

    let read = tables.group(&readers.id).await.unwrap().unwrap();
    change(&tables, &read, &[], &[pending("00u2")]).await.unwrap();
    let late = tables.create_user(&known_as("joe", &okta(), "00u2"), &[]).await.unwrap();
    assert!(tables.admit(&okta(), &late).await.unwrap().is_empty(), "who was taken out is not expected");
}

#[tokio::test]
async fn a_member_who_is_deleted_meanwhile_goes_all_the_same() {
    let bench = Bench::start().await;
    let tables = &bench.tables;
    let ada = people(tables, 1).await.remove(0);
    let readers = tables.create_group(&group("Readers"), &[member(&ada.id)], &okta(), &[]).await.unwrap();
    let key = |text: &str| aws_sdk_dynamodb::types::AttributeValue::S(text.to_owned());
    let pk = format!("user#{}", &ada.id.as_str()[..1]);
    let delete = bench.client.delete_item().table_name("users").key("pk", key(&pk));
    delete.key("sk", key(ada.id.as_str())).send().await.unwrap();
    change(tables, &readers, &[], &[member(&ada.id)]).await.unwrap();
    assert!(members(tables, &readers).await.is_empty());
}

#[tokio::test]
async fn groups_are_members_as_they_are_given_and_values_have_bounds() {
    let Bench { tables, .. } = Bench::start().await;
    let inner = tables.create_group(&group("Inner"), &[], &okta(), &[]).await.unwrap();
    let nested = Member { value: inner.id.to_string(), kind: MemberKind::Group };
    let outer =
        tables.create_group(&group("Outer"), std::slice::from_ref(&nested), &okta(), &[]).await.unwrap();
    assert_eq!(members(&tables, &outer).await, [nested]);
    for value in ["", &"x".repeat(901), &"\u{fdfa}".repeat(100)] {
        let refused = change(&tables, &outer, &[member(value)], &[]).await;
        assert!(matches!(refused, Err(Error::TooLarge(_))), "{value}");
        assert!(change(&tables, &outer, &[], &[member(value)]).await.is_ok(), "none such is there");
    }
}

#[tokio::test]
async fn to_join_a_group_costs_8_writes_however_many_are_in_it() {
    let bench = costs::bench().await;
    let tables = &bench.tables;
    let users = people(tables, 30).await;
    let all: Vec<Member> = users.iter().map(|user| member(&user.id)).collect();
    let mut readers = tables.create_group(&group("Readers"), &all[..28], &okta(), &[]).await.unwrap();
    for joining in &all[28..] {
        tables.meter().take(Table::Users);
        tables.meter().take(Table::Work);
        readers = change(tables, &readers, std::slice::from_ref(joining), &[]).await.unwrap();
        // The group, the member and the user; and the work.
        let used = tables.meter().take(Table::Users);
        assert_eq!((used.write, used.read), (6.0, 1.0));
        assert_eq!(tables.meter().take(Table::Work).write, 2.0);
    }
}
