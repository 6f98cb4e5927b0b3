//! What identity providers really send, each quirk a test.

use serde_json::{Value, json};

use crate::scim::{ENTERPRISE, GroupPatch, Schemas, patch};

fn user(parts: Value) -> Value {
    let mut user = json!({ "id": "1", "userName": "ada", "active": true });
    for (name, value) in parts.as_object().unwrap() {
        user[name] = value.clone();
    }
    user
}

/// What the operations make of the user.
fn patched(mut user: Value, operations: Value) -> Value {
    let message = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": operations,
    });
    patch(&mut user, &Schemas::user(&[]), &message).unwrap();
    user
}

fn group(members: &[&str]) -> Value {
    let members: Vec<Value> = members.iter().map(|id| json!({ "value": id, "type": "User" })).collect();
    json!({ "id": "g", "displayName": "Staff", "members": members })
}

fn members_after(group: Value, operations: Value) -> Vec<String> {
    let mut group = group;
    patch(&mut group, &Schemas::group(), &json!({ "Operations": operations })).unwrap();
    let members = group.get("members").and_then(Value::as_array).cloned().unwrap_or_default();
    members.iter().map(|member| member["value"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn entra_id_capitalises_operations_and_sends_truth_as_text_g31() {
    let operations = json!([
        { "op": "Replace", "path": "active", "value": "False" },
        { "op": "Add", "path": "displayName", "value": "Ada" },
    ]);
    let user = patched(user(json!({})), operations);
    assert_eq!((&user["active"], &user["displayName"]), (&json!(false), &json!("Ada")));
}

#[test]
fn entra_id_writes_parts_of_values_that_are_not_there_yet_g31() {
    let path = |part: &str| format!("addresses[type eq \"work\"].{part}");
    let user = patched(
        user(json!({ "addresses": [{ "type": "home", "locality": "Ockham", "primary": false }] })),
        json!([
            { "op": "Add", "path": "emails[type eq \"work\"].primary", "value": "True" },
            { "op": "Add", "path": "emails[type eq \"work\"].type", "value": "work" },
            { "op": "Replace", "path": "emails[type eq \"work\"].value", "value": "ada@x.example" },
            { "op": "Add", "path": path("streetAddress"), "value": "1 Way" },
            { "op": "Add", "path": path("locality"), "value": "London" },
        ]),
    );
    assert_eq!(user["emails"], json!([{ "type": "work", "value": "ada@x.example", "primary": true }]));
    assert_eq!(
        user["addresses"],
        json!([
            { "type": "home", "locality": "Ockham", "primary": false },
            { "type": "work", "streetAddress": "1 Way", "locality": "London" },
        ])
    );
}

#[test]
fn entra_id_sends_dotted_names_and_urns_without_a_path() {
    let user = patched(
        user(json!({ "name": { "givenName": "A", "middleName": "M" } })),
        json!([{ "op": "replace", "value": {
            "displayName": "Ada",
            "name.givenName": "Ada",
            "name.familyName": "Lovelace",
            "emails[type eq \"work\"].value": "ada@x.example",
            format!("{ENTERPRISE}:employeeNumber"): 42,
            format!("{ENTERPRISE}:manager.value"): "7",
        } }]),
    );
    assert_eq!(user["name"], json!({ "givenName": "Ada", "middleName": "M", "familyName": "Lovelace" }));
    assert_eq!(user["emails"], json!([{ "type": "work", "value": "ada@x.example" }]));
    assert_eq!(user[ENTERPRISE], json!({ "employeeNumber": "42", "manager": { "value": "7" } }));
}

#[test]
fn entra_id_sends_a_manager_as_text_and_takes_it_away_as_empty_text() {
    let path = format!("{ENTERPRISE}:manager");
    let with = |value: Value| json!([{ "op": "Add", "path": path, "value": value }]);
    let managed = patched(user(json!({})), with(json!("2c2f6fb8")));
    assert_eq!(managed[ENTERPRISE], json!({ "manager": { "value": "2c2f6fb8" } }));
    let same = patched(user(json!({})), with(json!({ "$ref": "../Users/2c2f6fb8", "value": "2c2f6fb8" })));
    assert_eq!(same[ENTERPRISE]["manager"]["value"], managed[ENTERPRISE]["manager"]["value"]);
    for none in [json!(""), json!(null), json!({ "value": null })] {
        assert_eq!(patched(managed.clone(), with(none)).get(ENTERPRISE), None);
    }
    let removed = patched(managed, json!([{ "op": "Remove", "path": path }]));
    assert_eq!(removed.get(ENTERPRISE), None);
}

#[test]
fn entra_id_removes_members_by_a_list_of_them() {
    let operations =
        json!([{ "op": "Remove", "path": "members", "value": [{ "$ref": null, "value": "b" }] }]);
    assert_eq!(members_after(group(&["a", "b", "c"]), operations.clone()), ["a", "c"]);
    assert_eq!(members_after(group(&["a"]), operations), ["a"]);
}

#[test]
fn entra_id_removes_a_member_by_a_path_even_twice() {
    let operations = json!([{ "op": "Remove", "path": "members[value eq \"b\"]" }]);
    let twice = json!([operations[0], operations[0]]);
    assert_eq!(members_after(group(&["a", "b"]), twice), ["a"]);
}

#[test]
fn entra_id_sends_roles_as_json_within_text() {
    let role = r#"{"id":"18","value":"Admin","displayName":"Admin"}"#;
    let operations = json!([{ "op": "Add", "path": "roles", "value": [{ "value": role }] }]);
    assert_eq!(patched(user(json!({})), operations)["roles"], json!([{ "value": role }]));
    let operations = json!([{ "op": "Add", "path": "roles", "value": [role] }]);
    assert_eq!(patched(user(json!({})), operations)["roles"], json!([{ "value": role }]));
    let primary = json!([{ "op": "Add", "path": "roles[primary eq \"True\"].value", "value": "Admin" }]);
    assert_eq!(patched(user(json!({})), primary)["roles"], json!([{ "primary": true, "value": "Admin" }]));
}

#[test]
fn entra_id_removes_a_part_that_is_not_there() {
    let operations = json!([{ "op": "Remove", "path": "phoneNumbers[type eq \"fax\"].value" }]);
    let before = user(json!({}));
    assert_eq!(patched(before.clone(), operations), before);
}

#[test]
fn entra_ids_validator_names_a_new_member_otherwise() {
    let operations = json!([
        { "name": "addMember", "op": "add", "path": "members", "value": [{ "displayName": "new", "value": "b" }] },
    ]);
    assert_eq!(members_after(group(&["a"]), operations), ["a", "b"]);
}

#[test]
fn okta_deactivates_without_a_path() {
    let user = patched(user(json!({})), json!([{ "op": "replace", "value": { "active": false } }]));
    assert_eq!(user["active"], false);
}

#[test]
fn okta_renames_a_group_and_sends_its_identifier_along() {
    let mut group = group(&["a"]);
    let message =
        json!({ "Operations": [{ "op": "replace", "value": { "id": "other", "displayName": "New" } }] });
    assert_eq!(patch(&mut group, &Schemas::group(), &message), Ok(true));
    assert_eq!((&group["id"], &group["displayName"]), (&json!("g"), &json!("New")));
    assert_eq!(group["members"].as_array().unwrap().len(), 1);
}

#[test]
fn okta_adds_members_with_what_they_are_called_and_empties_a_group() {
    let add =
        json!([{ "op": "add", "path": "members", "value": [{ "value": "b", "display": "b@x.example" }] }]);
    assert_eq!(members_after(group(&["a"]), add), ["a", "b"]);
    let none: [&str; 0] = [];
    let replace = json!([{ "op": "replace", "path": "members", "value": [] }]);
    assert_eq!(members_after(group(&["a"]), replace), none);
    let replace = json!([{ "op": "replace", "value": { "members": [], "id": "g", "displayName": "Staff" } }]);
    assert_eq!(members_after(group(&["a"]), replace), none);
}

#[test]
fn okta_sends_a_list_of_one_where_one_value_is_meant() {
    let user = patched(user(json!({})), json!([{ "op": "replace", "path": "active", "value": [false] }]));
    assert_eq!(user["active"], false);
}

#[test]
fn onelogin_adds_a_member_by_a_path_alone() {
    let add = json!([{ "op": "add", "path": "members[value eq \"b\"]" }]);
    assert_eq!(members_after(group(&["a"]), add.clone()), ["a", "b"]);
    assert_eq!(members_after(group(&["a", "b"]), add.clone()), ["a", "b"]);
    let told = GroupPatch::read(&json!({ "Operations": add })).unwrap().unwrap();
    assert_eq!(told.members.joining.into_keys().collect::<Vec<_>>(), ["b"]);
}

#[test]
fn onelogin_sends_null_for_what_it_has_not() {
    let user = patched(
        user(json!({ "title": "Countess", "nickName": "A", "emails": [{ "value": "a@x.example" }] })),
        json!([{ "op": "replace", "value": { "title": null, "profileUrl": null, "emails": null } }]),
    );
    assert_eq!(user, json!({ "id": "1", "userName": "ada", "active": true, "nickName": "A" }));
}

#[test]
fn jumpcloud_adds_and_removes_members_by_lists_without_a_filter() {
    let add = json!([{ "op": "add", "path": "members", "value": [{ "value": "b" }, {}] }]);
    assert_eq!(members_after(group(&["a"]), add), ["a", "b"]);
    let remove = json!([{ "op": "remove", "path": "members", "value": [{ "value": "a" }] }]);
    assert_eq!(members_after(group(&["a", "b"]), remove), ["b"]);
}

#[test]
fn schemas_and_attributes_nobody_knows_are_left_out_whoever_sends_them() {
    let before = user(json!({ "nickName": "A" }));
    let after = patched(
        before.clone(),
        json!([{ "op": "replace", "value": {
            "schemas": ["urn:example:google:2.0:User"],
            "shoeSize": 41,
            "urn:example:google:2.0:User": { "nickName": "B" },
            "urn:example:google:2.0:User:nickName": "C",
        } }]),
    );
    assert_eq!(after, before);
}

#[test]
fn a_message_that_asks_nothing_changes_nothing() {
    let before = group(&["a"]);
    let mut after = before.clone();
    assert_eq!(patch(&mut after, &Schemas::group(), &json!({ "Operations": [] })), Ok(false));
    assert_eq!(after, before);
}

#[test]
fn a_member_is_added_as_one_object_or_as_text() {
    let one = json!([{ "op": "add", "path": "members", "value": { "value": "b" } }]);
    assert_eq!(members_after(group(&["a"]), one), ["a", "b"]);
    let text = json!([{ "op": "add", "path": "members", "value": "b" }]);
    assert_eq!(members_after(group(&["a"]), text), ["a", "b"]);
}

#[test]
fn scim_for_keycloak_sends_the_attributes_as_json_within_text() {
    let mut group = group(&[]);
    let value = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"EPD"}"#;
    let message = json!({ "Operations": [{ "op": "replace", "value": value }] });
    assert_eq!(patch(&mut group, &Schemas::group(), &message), Ok(true));
    assert_eq!(group["displayName"], "EPD");
}
