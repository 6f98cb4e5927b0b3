//! Lists: all users page by page, and the one that a filter finds.

use std::collections::BTreeSet;

use local::engine::Fault;
use shared::user::UserId;

use super::asking::{Directory, user};

/// All users by pages of `count`, and how many pages it took.
async fn walk(directory: &Directory, count: usize) -> (Vec<UserId>, usize) {
    let (mut ids, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
    loop {
        let page = directory.get(&format!("/Users?count={count}&cursor={cursor}")).await;
        assert_eq!(page.status, 200);
        assert!(page.ids().len() <= count);
        assert_eq!(page.body["itemsPerPage"], page.ids().len());
        ids.extend(page.ids());
        pages += 1;
        match page.body["nextCursor"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => return (ids, pages),
        }
    }
}

#[tokio::test]
async fn pages_give_every_user_once_in_the_order_of_identifiers_g33() {
    let directory = Directory::of(37).await;
    for (count, pages) in [(1, 37), (5, 8), (36, 2), (37, 1), (100, 1)] {
        let (ids, walked) = walk(&directory, count).await;
        assert_eq!((ids.len(), walked), (37, pages), "pages of {count}");
        assert!(ids.is_sorted());
        assert_eq!(BTreeSet::from_iter(&ids).len(), 37);
    }
}

#[tokio::test]
async fn users_that_come_and_go_while_pages_are_read_cost_nobody_else_g33() {
    let directory = Directory::of(20).await;
    let tables = directory.stack.tables();
    let (all, _) = walk(&directory, 100).await;
    let first = directory.get("/Users?count=10&cursor=").await;
    for id in &all[..5] {
        let gone = tables.user(id).await.unwrap().unwrap();
        tables.delete_user(&gone, &BTreeSet::new(), &[]).await.unwrap();
    }
    let came = user("came@example.com", directory.stack.clock().now());
    tables.create_user(&came, &[]).await.unwrap();
    let cursor = first.body["nextCursor"].as_str().unwrap();
    let rest = directory.get(&format!("/Users?count=100&cursor={cursor}")).await.ids();
    let expected: Vec<&UserId> = all[10..].iter().collect();
    assert_eq!(rest.iter().filter(|id| **id != came.id).collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn counts_and_starts_are_clamped_and_altered_cursors_refused_g33() {
    let directory = Directory::of(3).await;
    for (query, users) in [
        ("count=0", 0),
        ("count=-1", 0),
        ("count=2", 2),
        ("count=1000000000", 3),
        ("count=99999999999999999999999", 3),
        ("startIndex=1", 3),
        ("startIndex=0", 3),
        ("startIndex=-7", 3),
        ("startIndex=1000000000", 0),
        ("cursor=", 3),
        ("startIndex=3", 1),
        ("startIndex=2&count=1", 1),
        ("sortBy=userName&unknown=1&attributes=userName", 3),
    ] {
        let page = directory.get(&format!("/Users?{query}")).await;
        assert_eq!((page.ids().len(), &page.body["totalResults"]), (users, &3.into()), "{query}");
    }
    let next = directory.get("/Users?count=1&cursor=").await.body["nextCursor"].as_str().unwrap().to_owned();
    let altered = [format!("{next}A"), next[1..].to_owned(), next.to_uppercase(), "x".to_owned()];
    for cursor in altered {
        directory.get(&format!("/Users?cursor={cursor}")).await.is_error(400, Some("invalidCursor"));
    }
    for query in ["count=x", "count=", "count=1.5", "startIndex=x", "startIndex=2&cursor="] {
        directory.get(&format!("/Users?{query}")).await.is_error(400, Some("invalidValue"));
    }
}

#[tokio::test]
async fn a_user_is_found_by_name_and_by_address_without_case() {
    let directory = Directory::of(3).await;
    for filter in [
        r#"userName eq "ann1@example.com""#,
        r#"USERNAME EQ "ANN1@EXAMPLE.COM""#,
        r#"emails.value eq "aNN1@example.com""#,
        r#"emails eq " ann1@example.com ""#,
        r#"urn:ietf:params:scim:schemas:core:2.0:User:userName  eq  "ann1@example.com""#,
        r#"userName eq "ａｎｎ１@example.com""#,
    ] {
        let found = directory.filter(filter).await;
        assert_eq!(found.body["totalResults"], 1, "{filter}");
        assert_eq!(found.body["Resources"][0]["userName"], "Ann1@Example.com", "{filter}");
    }
    let found = directory.get("/Users?count=0&filter=userName%20eq%20%22ann1@example.com%22").await;
    assert_eq!((found.ids(), &found.body["totalResults"]), (Vec::new(), &1.into()));
}

#[tokio::test]
async fn a_filter_that_finds_nobody_is_no_error_however_odd_its_value() {
    let directory = Directory::of(1).await;
    // The last folds to eleven times its length, longer than any key.
    for value in ["nobody", "", " ", "\u{0}", "😀@例え.jp", &"\u{fdfa}".repeat(300)] {
        for attribute in ["userName", "emails.value"] {
            let filter = format!("{attribute} eq {}", serde_json::json!(value));
            let found = directory.filter(&filter).await;
            assert_eq!((found.status.as_u16(), &found.body["totalResults"]), (200, &0.into()), "{filter}");
        }
    }
}

#[tokio::test]
async fn tables_that_do_not_answer_make_it_unavailable_and_nothing_is_told_of_them_g39() {
    let directory = Directory::of(1).await;
    directory.stack.engine().gate().fail("Query", Fault::Unavailable, 1_000);
    let answer = directory.get("/Users").await;
    answer.is_error(503, None);
    assert_eq!(answer.headers["retry-after"], "5");
    assert!(!answer.body.to_string().contains("Dynamo"), "{}", answer.body);
    directory.stack.engine().gate().mend();
    assert_eq!(directory.get("/Users").await.status, 200);
}
