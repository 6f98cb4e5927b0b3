//! Filters and orders: what is found, and what it may cost.

use local::stack::Options;
use reqwest::Method;
use serde_json::{Value, json};
use shared::store::Table;

use super::asking::{Directory, sent, user};

#[tokio::test]
async fn any_filter_and_any_order_are_served_of_a_small_directory() {
    let directory = Directory::of(0).await;
    directory.stack.leave_work();
    for (name, title, age) in [("ann", "Buyer", 3), ("bob", "buyer", 1), ("cat", "Chef", 2)] {
        let emails =
            json!([{ "value": format!("{name}@x.example"), "type": if age == 1 { "home" } else { "work" } }]);
        let resource =
            json!({ "userName": name, "title": title, "nickName": age.to_string(), "emails": emails });
        assert_eq!(directory.post("/Users", &resource).await.status, 201);
    }
    let names = |answer: &Value| -> Vec<String> {
        let users = answer["Resources"].as_array().unwrap().iter();
        users.map(|user| user["userName"].as_str().unwrap().to_owned()).collect()
    };
    for (filter, found) in [
        (r#"title eq "BUYER""#, vec!["ann", "bob"]),
        (r#"emails[type eq "home"]"#, vec!["bob"]),
        (r#"userName sw "c" or title eq "buyer" and not (userName eq "ann")"#, vec!["bob", "cat"]),
        (r#"userName eq "ann" or emails.value eq "cat@x.example""#, vec!["ann", "cat"]),
        (r#"userName eq "ann" and title eq "chef""#, vec![]),
        (r#"meta.created gt "2030-01-01T00:00:00Z""#, vec![]),
        (r#"unheardOf eq "x""#, vec![]),
        (r#"userName pr"#, vec!["ann", "bob", "cat"]),
    ] {
        let asked = [("filter", filter), ("sortBy", "userName")];
        let answer = sent(directory.request(Method::GET, "/Users").query(&asked)).await;
        assert_eq!(names(&answer.body), found, "{filter}: {}", answer.body);
        assert_eq!(answer.body["totalResults"], found.len(), "{filter}");
    }
    let sorted = directory.get("/Users?sortBy=nickName&sortOrder=descending&count=2&startIndex=2").await;
    assert_eq!(names(&sorted.body), ["cat", "bob"]);
    let first = directory.get("/Users?sortBy=nickName&count=2&cursor=").await;
    assert_eq!(names(&first.body), ["bob", "cat"]);
    let next = first.body["nextCursor"].as_str().unwrap();
    let second = directory.get(&format!("/Users?sortBy=nickName&count=2&cursor={next}")).await;
    assert_eq!((names(&second.body), &second.body["nextCursor"]), (vec!["ann".to_owned()], &Value::Null));
    let other = directory.get(&format!("/Users?sortBy=userName&count=2&cursor={next}")).await;
    other.is_error(400, Some("invalidCursor"));
}

#[tokio::test]
async fn a_search_by_message_finds_what_one_by_address_does() {
    let directory = Directory::of(5).await;
    let message = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
        "filter": "userName sw \"ann\"", "sortBy": "userName", "startIndex": 2, "count": 2,
        "attributes": ["userName"],
    });
    let found = directory.post("/Users/.search", &message).await;
    assert_eq!((found.status.as_u16(), &found.body["totalResults"]), (200, &json!(5)));
    let expected = directory
        .get("/Users?filter=userName+sw+%22ann%22&sortBy=userName&startIndex=2&count=2&attributes=userName")
        .await;
    assert_eq!(found.body, expected.body);
    assert_eq!(found.body["Resources"][0]["userName"], "Ann1@Example.com");
    assert_eq!(found.body["Resources"][0]["emails"], Value::Null);
}

#[tokio::test]
async fn a_filter_that_no_one_could_mean_is_refused_without_reading_a_user_g32() {
    let directory = Directory::of(1).await;
    assert_eq!(directory.get("/Users").await.status, 200);
    directory.stack.engine().gate().forget_calls();
    let many = ["userName eq \"a\""; 10_000].join(" or ");
    let deep = format!("{}userName eq \"a\"{}", "(".repeat(5_000), ")".repeat(5_000));
    let nots = format!("{}userName eq \"a\"{}", "not(".repeat(5_000), ")".repeat(5_000));
    let long = format!("userName eq \"{}\"", "a".repeat(900_000));
    for filter in [&many, &deep, &nots, &long] {
        let answer = directory.post("/Users/.search", &json!({ "filter": filter })).await;
        answer.is_error(400, Some("invalidFilter"));
    }
    let plain = [
        "userName",
        "eq",
        "userName eq",
        "userName eq x",
        "userName xx \"a\"",
        "(",
        "",
        "emails[",
        "a b c d",
    ];
    for filter in plain {
        directory.filter(filter).await.is_error(400, Some("invalidFilter"));
    }
    let calls = directory.stack.engine().gate().calls();
    assert_eq!(calls.keys().collect::<Vec<_>>(), ["GetItem"], "only the token is read: {calls:?}");
}

#[tokio::test]
async fn of_a_large_directory_only_what_an_index_answers_is_looked_for_g32() {
    let directory = Directory::on(Options { metered: true, ..Options::default() }, 0).await;
    let (tables, now) = (directory.stack.tables(), directory.stack.clock().now());
    let users: Vec<_> = (0..1_001).map(|n| user(&format!("ann{n}@example.com"), now)).collect();
    for some in users.chunks(50) {
        let created = some.iter().map(|user| tables.create_user(user, &[]));
        futures_util::future::try_join_all(created).await.unwrap();
    }
    assert_eq!(directory.get("/Users").await.status, 200);
    tables.meter().take(Table::Users);
    for filter in [r#"userName co """#, r#"title pr"#, r#"userName ne "x""#, r#"not (active eq false)"#] {
        directory.filter(filter).await.is_error(400, Some("tooMany"));
    }
    directory.get("/Users?sortBy=userName").await.is_error(400, Some("tooMany"));
    let read = tables.meter().take(Table::Users).read;
    assert!(read <= 5.0 * 3.0, "they cost {read} read units");
    for filter in [r#"userName eq "ann7@example.com" and title ne "x""#, r#"emails eq "ann7@example.com""#] {
        let found = directory.filter(filter).await;
        assert_eq!(found.body["totalResults"], 1, "{filter}: {}", found.body);
    }
    let read = tables.meter().take(Table::Users).read;
    assert!(read <= 2.0 * 1.5, "they cost {read} read units");
}
