//! What requests cost, from the door to the tables, in the units that DynamoDB charges.

use std::time::Duration;

use local::{
    crowd::{settle, typical},
    stack::{Options, Time},
};
use serde_json::{Value, json};
use shared::store::{Table, Usage};

use super::asking::{Answer, Directory};

/// What the check of the token costs: the token's row, as last written.
const TOKEN: Usage = Usage { read: 1.0, write: 0.0, refused: 0 };

/// A directory of so many typical users that has read its settings.
async fn directory(users: u64) -> Directory {
    let directory = Directory::on(Options { metered: true, ..Options::default() }, 0).await;
    let users: Vec<_> = (0..users).rev().map(typical).collect();
    settle(directory.stack.engine(), directory.stack.tables(), &users).await.unwrap();
    directory.stack.leave_work();
    assert_eq!(directory.get("/Users?count=0").await.body["totalResults"], users.len());
    cost(&directory);
    directory
}

/// What was consumed since the last time: of the users' rows and of the work's. Of the settings, only
/// the token was read, and nothing else at all.
fn cost(directory: &Directory) -> (Usage, Usage, Usage) {
    let meter = directory.stack.tables().meter();
    assert_eq!((meter.take(Table::Jobs), meter.take(Table::Reports)), Default::default());
    (meter.take(Table::Users), meter.take(Table::Work), meter.take(Table::Settings))
}

fn read(read: f64) -> Usage {
    Usage { read, ..Usage::default() }
}

fn wrote(write: f64) -> Usage {
    Usage { write, ..Usage::default() }
}

fn person(n: u64) -> Value {
    json!({ "userName": format!("new{n}"), "name": { "givenName": "Ada", "familyName": "Byron" } })
}

fn is(answer: &Answer, status: u16) {
    assert_eq!(answer.status, status, "{}", answer.body);
}

#[tokio::test]
async fn a_creation_costs_8_writes_and_2_more_a_further_unique_value() {
    let directory = directory(100).await;
    // Groups may wait for whoever has the user name, or what the client calls the user.
    let created = |writes, waiting| (Usage { read: waiting, ..wrote(writes) }, wrote(2.0), TOKEN);
    is(&directory.post("/Users", &person(1)).await, 201);
    // The user, its user name and the count of users.
    assert_eq!(cost(&directory), created(6.0, 1.0));
    let mut further = person(2);
    further["emails"] = json!([{ "value": "ada@x.example" }]);
    is(&directory.post("/Users", &further).await, 201);
    assert_eq!(cost(&directory), created(8.0, 1.0));
    let mut further = person(3);
    further["emails"] = json!([{ "value": "bob@x.example" }]);
    further["externalId"] = json!("3");
    is(&directory.post("/Users", &further).await, 201);
    assert_eq!(cost(&directory), created(10.0, 2.0));
    let taken = directory.post("/Users", &person(1)).await;
    taken.is_error(409, Some("uniqueness"));
    assert_eq!(cost(&directory), (Usage { refused: 1, ..Usage::default() }, Usage::default(), TOKEN));
}

#[tokio::test]
async fn a_change_costs_4_writes_and_the_read_before_it_half_a_read() {
    let directory = directory(100).await;
    let path = format!("/Users/{}", typical(7).id);
    let title = json!([{ "op": "replace", "path": "title", "value": "Countess" }]);
    is(&directory.patch(&path, &title).await, 200);
    assert_eq!(cost(&directory), (Usage { read: 0.5, ..wrote(2.0) }, wrote(2.0), TOKEN));
    is(&directory.patch(&path, &title).await, 200);
    assert_eq!(cost(&directory), (read(1.5), Usage::default(), TOKEN), "that it is so is made sure of");
}

#[tokio::test]
async fn a_user_costs_half_a_read_and_1_read_more_to_be_found() {
    let directory = directory(100).await;
    let user = typical(7);
    is(&directory.get(&format!("/Users/{}", user.id)).await, 200);
    assert_eq!(cost(&directory), (read(0.5), Usage::default(), TOKEN));
    let address = &user.user_name;
    for filter in [
        format!("userName eq \"{}\"", address.to_uppercase()),
        format!("emails.value eq \"{address}\""),
        format!("emails[type eq \"work\" and value eq \"{address}\"]"),
        format!("externalId eq \"00u{:017}\"", 7),
        format!("userName eq \"{address}\" and active eq true"),
    ] {
        assert_eq!(directory.filter(&filter).await.ids(), std::slice::from_ref(&user.id), "{filter}");
        assert_eq!(cost(&directory), (read(1.5), Usage::default(), TOKEN), "{filter}");
    }
    let none = directory.filter("userName eq \"nobody\"").await;
    assert_eq!(none.body["totalResults"], 0);
    assert_eq!(cost(&directory), (read(1.0), Usage::default(), TOKEN));
}

/// The reads of a page of 100 by `query`, and the page.
async fn page(directory: &Directory, query: &str) -> (f64, Answer) {
    let page = directory.get(&format!("/Users?count=100&{query}")).await;
    assert_eq!(page.ids().len(), 100, "{query}: {}", page.body["detail"]);
    let (users, work, settings) = cost(directory);
    assert_eq!((users, work, settings), (read(users.read), Usage::default(), TOKEN));
    (users.read, page)
}

async fn pages_cost_at_most_15(users: u64) {
    let directory = directory(users).await;
    let mut reads = Vec::new();
    for start in [1, users / 2, users - 99] {
        reads.push(page(&directory, &format!("startIndex={start}")).await.0);
    }
    let (mut read, mut last) = page(&directory, "cursor").await;
    let mut pages = 1;
    while let Some(next) = last.body["nextCursor"].as_str().map(str::to_owned) {
        reads.push(read);
        (read, last) = page(&directory, &format!("cursor={next}")).await;
        pages += 1;
    }
    reads.push(read);
    assert_eq!(pages, users / 100);
    assert!(reads.iter().all(|read| *read <= 15.0), "{reads:?}");
}

#[tokio::test]
async fn a_page_of_100_of_a_thousand_users_costs_15_reads_at_most() {
    pages_cost_at_most_15(1_000).await;
}

#[tokio::test]
async fn a_page_of_100_of_two_thousand_users_costs_15_reads_at_most() {
    pages_cost_at_most_15(2_000).await;
}

#[tokio::test]
async fn the_settings_are_read_again_after_ten_seconds_and_not_before() {
    let directory = directory(1).await;
    let Time::ByHand(clock) = directory.stack.time() else { panic!("the time is moved by hand") };
    let path = format!("/Users/{}", typical(0).id);
    for (seconds, more) in [(4, 0.0), (4, 0.0), (4, 2.0), (4, 0.0)] {
        clock.advance(Duration::from_secs(seconds));
        is(&directory.get(&path).await, 200);
        let settings = Usage { read: TOKEN.read + more, ..TOKEN };
        assert_eq!(cost(&directory), (read(0.5), Usage::default(), settings));
    }
}
