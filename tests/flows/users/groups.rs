//! Groups and their members.

use reqwest::Method;
use serde_json::{Value, json};

use super::asking::{Directory, sent};

/// A directory with users of these names, and their identifiers.
async fn with(names: &[&str]) -> (Directory, Vec<String>) {
    let directory = Directory::of(0).await;
    directory.stack.leave_work();
    let mut ids = Vec::new();
    for name in names {
        ids.push(directory.post("/Users", &json!({ "userName": name })).await.id());
    }
    (directory, ids)
}

fn members(ids: &[String]) -> Value {
    ids.iter().map(|id| json!({ "value": id })).collect()
}

/// The values of a group's members.
fn values(group: &Value) -> Vec<String> {
    let mut values: Vec<String> = group["members"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|member| member["value"].as_str().unwrap().to_owned())
        .collect();
    values.sort();
    values
}

fn sorted(ids: &[&String]) -> Vec<String> {
    let mut ids: Vec<String> = ids.iter().map(|id| (*id).clone()).collect();
    ids.sort();
    ids
}

#[tokio::test]
async fn a_group_is_created_changed_and_deleted_and_its_members_know_of_it() {
    let (directory, ids) = with(&["ann", "bob", "cat"]).await;
    let group = json!({ "displayName": "Buyers", "externalId": "g1", "members": members(&ids[..2]) });
    let created = directory.post("/Groups", &group).await;
    assert_eq!(created.status, 201, "{}", created.body);
    let path = format!("/Groups/{}", created.id());
    assert_eq!(created.headers["location"], directory.url(&path));
    let member = &created.body["members"][0];
    assert_eq!(member["$ref"], directory.url(&format!("/Users/{}", member["value"].as_str().unwrap())));
    assert_eq!(member["type"], "User");
    let ann = directory.get(&format!("/Users/{}", ids[0])).await.body;
    assert_eq!(
        (&ann["groups"][0]["value"], &ann["groups"][0]["display"]),
        (&json!(created.id()), &json!("Buyers"))
    );

    let put = directory.put(&path, &json!({ "displayName": "Chefs", "members": members(&ids[1..]) })).await;
    assert_eq!((put.status.as_u16(), values(&put.body)), (200, sorted(&[&ids[1], &ids[2]])));
    assert_eq!(put.body["externalId"], Value::Null);
    let ann = directory.get(&format!("/Users/{}", ids[0])).await.body;
    assert_eq!(ann["groups"], Value::Null);

    assert_eq!(directory.delete(&path).await.status, 204);
    directory.get(&path).await.is_error(404, None);
    directory.delete(&path).await.is_error(404, None);
    let cat = directory.get(&format!("/Users/{}", ids[2])).await.body;
    assert_eq!(cat["groups"], Value::Null);
    for bad in
        [json!({}), json!({ "displayName": "" }), json!({ "displayName": "x", "members": [{ "value": {} }] })]
    {
        directory.post("/Groups", &bad).await.is_error(400, Some("invalidValue"));
    }
}

#[tokio::test]
async fn members_come_and_go_in_every_way_that_providers_send_it() {
    let (directory, ids) = with(&["ann", "bob", "cat"]).await;
    let created = directory.post("/Groups", &json!({ "displayName": "Buyers" })).await;
    let path = format!("/Groups/{}", created.id());
    let steps = [
        // Entra ID: capitalised, one by one, and removal by a list of values.
        (json!([{ "op": "Add", "path": "members", "value": [{ "value": ids[0] }] }]), vec![&ids[0]]),
        (
            json!([{ "op": "Add", "path": "members", "value": [{ "value": ids[0] }, { "value": ids[1] }] }]),
            vec![&ids[0], &ids[1]],
        ),
        (json!([{ "op": "Remove", "path": "members", "value": [{ "value": ids[0] }] }]), vec![&ids[1]]),
        // Okta: removal by a value path, replacement without a path.
        (json!([{ "op": "remove", "path": format!("members[value eq \"{}\"]", ids[1]) }]), vec![]),
        (json!([{ "op": "replace", "value": { "id": created.id(), "displayName": "B" } }]), vec![]),
        (json!([{ "op": "replace", "path": "members", "value": members(&ids) }]), ids.iter().collect()),
        (json!([{ "op": "add", "value": { "members": [{ "value": ids[2] }] } }]), ids.iter().collect()),
        (json!([{ "op": "remove", "path": "members[value ne \"x\" and value ne \"y\"]" }]), vec![]),
        (
            json!([{ "op": "add", "path": "members", "value": members(&ids) }, { "op": "remove", "path": "members" }]),
            vec![],
        ),
    ];
    for (operations, expected) in steps {
        let patched = directory.patch(&path, &operations).await;
        assert_eq!(patched.status, 200, "{operations}: {}", patched.body);
        assert_eq!(values(&patched.body), sorted(&expected), "{operations}");
        assert_eq!(values(&directory.get(&path).await.body), sorted(&expected), "{operations}");
    }
    let before = directory.get(&path).await;
    let again = directory.patch(&path, &json!([{ "op": "remove", "path": "members" }])).await;
    assert_eq!(again.headers["etag"], before.headers["etag"], "what is so already is not written");
    assert_eq!(before.body["displayName"], "B");
    let stale = directory.request(Method::PATCH, &path).header("if-match", "W/\"1\"");
    let add = json!({ "Operations": [{ "op": "add", "path": "members", "value": members(&ids) }] });
    sent(stale.json(&add)).await.is_error(412, None);
}

#[tokio::test]
async fn a_member_who_is_not_there_yet_is_kept_and_becomes_one_on_coming() {
    let (directory, _) = with(&[]).await;
    let group = json!({ "displayName": "Buyers", "members": [{ "value": "00u9" }] });
    let created = directory.post("/Groups", &group).await;
    assert_eq!(created.status, 201, "{}", created.body);
    assert_eq!(created.body["members"], json!([{ "value": "00u9" }]));
    let path = format!("/Groups/{}", created.id());
    let add = json!([{ "op": "add", "path": "members", "value": [{ "value": "later@example.com" }] }]);
    assert_eq!(directory.patch(&path, &add).await.status, 200);
    let ann = directory.post("/Users", &json!({ "userName": "ann", "externalId": "00u9" })).await.id();
    let bob = directory.post("/Users", &json!({ "userName": "Later@Example.com" })).await.id();
    directory.stack.settle().await.unwrap();
    let group = directory.get(&path).await.body;
    assert_eq!(values(&group), sorted(&[&ann, &bob]), "{group}");
    let remove = json!([{ "op": "remove", "path": "members", "value": [{ "value": "nobody" }] }]);
    assert_eq!(directory.patch(&path, &remove).await.status, 200);
}

#[tokio::test]
async fn groups_are_found_by_name_by_what_a_client_calls_them_and_by_a_member() {
    let (directory, ids) = with(&["ann", "bob"]).await;
    let mut groups = Vec::new();
    for (name, external, some) in
        [("Buyers", "g1", &ids[..1]), ("buyers", "g2", &ids[..]), ("Chefs", "g3", &[])]
    {
        let group = json!({ "displayName": name, "externalId": external, "members": members(some) });
        groups.push(directory.post("/Groups", &group).await.id());
    }
    for (filter, expected) in [
        (r#"displayName eq "BUYERS""#.to_owned(), vec![&groups[0], &groups[1]]),
        (r#"externalId eq "g3""#.to_owned(), vec![&groups[2]]),
        (format!("members.value eq \"{}\"", ids[0]), vec![&groups[0], &groups[1]]),
        (format!("members[value eq \"{}\"]", ids[1]), vec![&groups[1]]),
        (format!("id eq \"{}\" and members eq \"{}\"", groups[0], ids[0]), vec![&groups[0]]),
        (format!("id eq \"{}\" and members eq \"{}\"", groups[0], ids[1]), vec![]),
        (r#"displayName sw "b" and not (externalId eq "g1")"#.to_owned(), vec![&groups[1]]),
        ("members pr".to_owned(), vec![&groups[0], &groups[1]]),
        (r#"displayName eq "nobody""#.to_owned(), vec![]),
    ] {
        let request = directory.request(Method::GET, "/Groups").query(&[("filter", &filter)]);
        let found = sent(request).await;
        let mut known: Vec<String> = found.ids().iter().map(|id| id.to_string()).collect();
        known.sort();
        assert_eq!(known, sorted(&expected), "{filter}: {}", found.body);
        assert_eq!(found.body["totalResults"], expected.len(), "{filter}");
    }
    let one = directory.get(&format!("/Groups/{}", groups[1])).await.body;
    assert_eq!(values(&one).len(), 2);
    let bare = directory.get(&format!("/Groups/{}?excludedAttributes=members", groups[1])).await.body;
    assert_eq!((&bare["members"], &bare["displayName"]), (&Value::Null, &json!("buyers")));
    let all = directory.get("/Groups?count=2&startIndex=2").await;
    assert_eq!((all.ids().len(), &all.body["totalResults"]), (2, &json!(3)));
    directory
        .post("/Groups", &json!({ "displayName": "x", "externalId": "g1" }))
        .await
        .is_error(409, Some("uniqueness"));
}

#[tokio::test]
async fn a_search_at_the_root_goes_through_users_and_then_groups() {
    let (directory, ids) = with(&["ann", "bob", "cat"]).await;
    for name in ["Buyers", "Chefs"] {
        directory.post("/Groups", &json!({ "displayName": name, "members": members(&ids) })).await;
    }
    let all = directory.post("/.search", &json!({})).await;
    assert_eq!((all.ids().len(), &all.body["totalResults"]), (5, &json!(5)), "{}", all.body);
    let (mut cursor, mut seen) = (String::new(), Vec::new());
    loop {
        let page = directory.post("/.search", &json!({ "count": 2, "cursor": cursor })).await;
        assert_eq!(page.body["totalResults"], 5, "{}", page.body);
        seen.extend(page.ids());
        match page.body["nextCursor"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(seen, all.ids());
    for start in 1..=5 {
        let page = directory.post("/.search", &json!({ "count": 2, "startIndex": start })).await;
        assert_eq!(page.ids(), all.ids()[start - 1..5.min(start + 1)], "from {start}");
    }
    let named =
        json!({ "filter": "displayName eq \"chefs\" or userName eq \"bob\"", "attributes": ["displayName"] });
    assert_eq!(directory.post("/.search", &named).await.body["totalResults"], 2);
}
