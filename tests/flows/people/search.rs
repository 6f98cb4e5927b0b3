//! Users are found by what people type, at the same cost among few and many.

use std::collections::BTreeSet;

use local::{
    crowd::{settle, typical},
    stack::{Options, Stack},
};
use shared::{
    search::{MOST_LOOKED_AT, Place, Reach, Search, Standing, Status},
    secret::EmailAddress,
    store::{Order, Sense, Table, Tables},
    user::{Email, Name, User},
};

async fn crowd(users: u64) -> Stack {
    let stack = Stack::start(Options { metered: true, ..Options::default() }).await.unwrap();
    let users: Vec<User> = (0..users).map(typical).collect();
    settle(stack.engine(), stack.tables(), &users).await.unwrap();
    stack.tables().meter().take(Table::Users);
    stack
}

fn person(given: &str, family: &str, stack: &Stack) -> User {
    let address = format!("{}@x.example", given.to_lowercase());
    let email = EmailAddress::new(&address);
    User {
        name: Name {
            given_name: Some(given.to_owned()),
            family_name: Some(family.to_owned()),
            ..Name::default()
        },
        emails: vec![Email { value: email, kind: None, display: None, primary: true }],
        ..User::new(format!("u-{given}"), stack.clock().now())
    }
}

fn typed(text: &str) -> Search {
    Search { text: text.to_owned(), ..Search::default() }
}

async fn names(tables: &Tables, search: &Search) -> Vec<String> {
    let found = tables.search(search, None, 50).await.unwrap();
    assert_eq!(found.next, None);
    found.users.iter().filter_map(|user| user.name.given_name.clone()).collect()
}

/// Everyone that a search finds, by pages of so many.
async fn walked(tables: &Tables, search: &Search, limit: usize) -> Vec<User> {
    let (mut users, mut after): (Vec<User>, Option<Place>) = (Vec::new(), None);
    loop {
        let found = tables.search(search, after.as_ref(), limit).await.unwrap();
        users.extend(found.users);
        after = found.next.map(|next| next.to_string().parse().unwrap());
        if after.is_none() {
            return users;
        }
    }
}

#[tokio::test]
async fn a_user_is_found_by_name_address_user_name_identifier_and_customer() {
    let stack = crowd(5).await;
    stack.leave_work();
    let tables = stack.tables();
    let ada = tables.create_user(&person("Ada", "King-Noël", &stack), &[]).await.unwrap();
    tables.create_user(&person("Grace", "Hopper", &stack), &[]).await.unwrap();
    for text in [
        "king",
        "KING-NO",
        "Ada King-Noël",
        "king-noël ada",
        "ada@x.example",
        "U-ad",
        ada.id.as_str(),
        "king-noe\u{308}l",
    ] {
        assert_eq!(names(tables, &typed(text)).await, ["Ada"], "{text}");
    }
    assert!(names(tables, &typed("da")).await.is_empty(), "only from the beginning");
    let anywhere = Search { reach: Reach::Anywhere, ..typed("da k") };
    assert_eq!(names(tables, &anywhere).await, ["Ada"]);
    assert!(names(tables, &typed("4")).await.is_empty(), "no store is connected");
}

#[tokio::test]
async fn every_user_comes_once_in_order_whatever_the_pages_and_the_sense() {
    let stack = crowd(40).await;
    stack.leave_work();
    let tables = stack.tables();
    for (given, family) in [("Zoë", "Ångström"), ("Al", "9 Lives"), ("Émile", "du Châtelet"), ("漢", "字")]
    {
        tables.create_user(&person(given, family, &stack), &[]).await.unwrap();
    }
    for order in [Order::Name, Order::UserName] {
        for sense in [Sense::Ascending, Sense::Descending] {
            for limit in [1, 7, 44, 100] {
                let users = walked(tables, &Search { order, sense, ..Search::default() }, limit).await;
                let mut texts: Vec<String> = users.iter().map(|user| order.text(user)).collect();
                if sense == Sense::Descending {
                    texts.reverse();
                }
                assert!(texts.is_sorted(), "{order:?} {sense:?} {limit}");
                let ids: BTreeSet<_> = users.iter().map(|user| &user.id).collect();
                assert_eq!((users.len(), ids.len()), (44, 44), "{order:?} {sense:?} {limit}");
            }
        }
    }
}

#[tokio::test]
async fn filters_look_at_a_bounded_number_and_go_on_where_they_stopped() {
    let stack = crowd(700).await;
    stack.leave_work();
    let tables = stack.tables();
    let away = typical(699);
    let there = tables.user(&away.id).await.unwrap().unwrap();
    tables.update_user(&there, &User { active: false, ..there.clone() }, &[]).await.unwrap();
    let inactive = Search { status: Some(Status::Inactive), ..Search::default() };
    let page = tables.search(&inactive, None, 50).await.unwrap();
    assert!(page.looked_at <= MOST_LOOKED_AT && page.next.is_some(), "{}", page.looked_at);
    let all = walked(tables, &inactive, 50).await;
    assert_eq!(all.iter().map(|user| &user.id).collect::<Vec<_>>(), [&away.id]);
    let linked = |standing| Search { standing: Some(standing), ..Search::default() };
    assert_eq!(walked(tables, &linked(Standing::Linked), 200).await.len(), 700);
    assert!(walked(tables, &linked(Standing::Unlinked), 200).await.is_empty());
    assert!(walked(tables, &linked(Standing::Blocked), 200).await.is_empty());
}

/// What a page of 50 costs, each way of asking.
async fn costs(users: u64) -> Vec<f64> {
    let stack = crowd(users).await;
    stack.leave_work();
    let tables = stack.tables();
    let middle = tables.search(&Search::default(), None, users as usize / 2).await.unwrap().next;
    tables.meter().take(Table::Users);
    let family = typed("brzezinska-q");
    let inactive = Search { status: Some(Status::Inactive), ..Search::default() };
    let mut costs = Vec::new();
    for (search, after) in [
        (Search::default(), None),
        (Search::default(), middle.as_ref()),
        (family, None),
        (typed("zofia.brzezinska.7@wholesale.example"), None),
        (inactive, None),
    ] {
        let found = tables.search(&search, after, 50).await.unwrap();
        assert!(found.users.len() == 50 || found.users.len() <= 1);
        costs.push(tables.meter().take(Table::Users).read);
    }
    costs
}

#[tokio::test]
async fn a_page_of_50_costs_alike_among_many_and_few() {
    let (few, many) = (costs(400).await, costs(2_400).await);
    for (few, many) in few.iter().zip(&many) {
        assert!((few - many).abs() <= 2.0, "{few} {many}");
    }
    assert!(many[..3].iter().all(|page| *page <= 32.0), "{many:?}");
    assert!(many[3] <= 4.0, "{many:?}");
    assert!(many[4] <= 170.0, "{many:?}");
}
