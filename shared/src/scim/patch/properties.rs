//! What holds for every PATCH, and for every message that is none.

use proptest::{collection::vec, prelude::*};
use serde_json::{Map, Value, json};

use super::*;
use crate::{
    client::ClientId,
    scim::{
        ENTERPRISE, FIELDS, GroupPatch, LINKS, Projection, group_resource, user_resource, write_group,
        write_user,
    },
    user::User,
};

/// Any JSON, with names that SCIM knows among its own.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "(True|False|work|home|ada@x\\.example|7|add|replace|remove|)".prop_map(Value::from),
        path().prop_map(Value::from),
        "\\PC{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 5, |inside| {
        prop_oneof![
            vec(inside.clone(), 0..5).prop_map(Value::from),
            vec((path(), inside), 0..5).prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn path() -> impl Strategy<Value = String> {
    let attribute = "(userName|USERNAME|name|name\\.givenName|emails|emails\\.value|phoneNumbers|addresses|roles|photos|active|title|externalId|id|meta|groups|schemas|members|value|type|primary|display|locality|streetAddress|Operations|op|path|displayName|manager)";
    let qualified = (proptest::sample::select(vec![ENTERPRISE, FIELDS, LINKS, "urn:x"]), attribute)
        .prop_map(|(urn, name)| format!("{urn}:{name}"));
    let filtered = (
        attribute,
        "(type eq \"work\"|primary eq true|value co \"a\"|not \\(type pr\\)|value eq \"7\"|)",
        "(|\\.value|\\.primary|\\.locality|\\.)",
    )
        .prop_map(|(name, filter, part)| format!("{name}[{filter}]{part}"));
    prop_oneof![
        4 => attribute,
        1 => qualified,
        2 => filtered,
        1 => Just(ENTERPRISE.to_owned()),
        1 => "\\PC{0,8}",
    ]
}

fn operation() -> impl Strategy<Value = Value> {
    let op = "(add|Add|replace|REPLACE|Remove|remove)";
    (op, proptest::option::of(path()), any_json()).prop_map(|(op, path, value)| match path {
        Some(path) => json!({ "op": op, "path": path, "value": value }),
        None => json!({ "op": op, "value": value }),
    })
}

fn message() -> impl Strategy<Value = Value> {
    vec(operation(), 0..4).prop_map(|operations| json!({ "Operations": operations }))
}

fn client() -> ClientId {
    "idp".parse().unwrap()
}

fn shown(user: &User) -> Value {
    user_resource(user, &client(), "https://x.example/scim/v2", &[], &[])
}

/// A user as any client may have written it.
fn user() -> impl Strategy<Value = User> {
    let attributes = vec((path(), any_json()), 0..6);
    attributes.prop_map(|attributes| {
        let mut user = User::new("ada", jiff::Timestamp::UNIX_EPOCH);
        for (name, value) in attributes {
            let sent = json!({ "userName": "ada", name: value });
            // What a value cannot be is refused, and leaves the user as it was.
            let _ = write_user(&mut user, &sent, &client(), &[]);
        }
        let mut resource = shown(&user);
        resource["emails"] = json!([{ "value": "ada@x.example", "type": "work", "primary": true }]);
        resource["addresses"] = json!([{ "streetAddress": "1\n2\n3", "locality": "L", "type": "home" }]);
        write_user(&mut user, &resource, &client(), &[]).unwrap();
        user
    })
}

proptest! {
    #[test]
    fn any_message_changes_a_user_or_leaves_it(user in user(), message in prop_oneof![message(), any_json()]) {
        let before = shown(&user);
        let mut after = before.clone();
        match patch(&mut after, &Schemas::user(&[]), &message) {
            Ok(changed) => prop_assert_eq!(changed, after != before),
            Err(_) => prop_assert_eq!(after, before),
        }
    }

    #[test]
    fn to_replace_twice_is_to_replace_once(user in user(), path in path(), value in any_json()) {
        let message = json!({ "Operations": [{ "op": "replace", "path": path, "value": value }] });
        let mut once = shown(&user);
        if patch(&mut once, &Schemas::user(&[]), &message).is_ok() {
            let mut twice = once.clone();
            match patch(&mut twice, &Schemas::user(&[]), &message) {
                // What was replaced is what the filter went by.
                Err(error) => prop_assert!(error.kind == ScimType::NoTarget && path.contains('['), "{error:?}"),
                again => prop_assert_eq!(again, Ok(false)),
            }
            prop_assert_eq!(twice, once);
        }
    }

    #[test]
    fn what_a_patch_leaves_is_written_and_reads_back(user in user(), message in message()) {
        let mut patched = shown(&user);
        if patch(&mut patched, &Schemas::user(&[]), &message).is_ok() {
            let mut written = user.clone();
            if write_user(&mut written, &patched, &client(), &[]).is_ok() {
                let mut again = written.clone();
                write_user(&mut again, &shown(&written), &client(), &[]).unwrap();
                prop_assert!(again == written, "{} {}", shown(&written), shown(&again));
            }
        }
    }

    #[test]
    fn at_most_one_value_is_primary(user in user(), message in message()) {
        let mut patched = shown(&user);
        if patch(&mut patched, &Schemas::user(&[]), &message).is_ok() {
            let mut written = user.clone();
            if write_user(&mut written, &patched, &client(), &[]).is_ok() {
                prop_assert!(written.emails.iter().filter(|email| email.primary).count() <= 1);
                prop_assert!(written.phone_numbers.iter().filter(|phone| phone.primary).count() <= 1);
            }
        }
    }

    #[test]
    fn any_body_is_written_whole_or_not_at_all(user in user(), body in any_json()) {
        let mut written = user.clone();
        if write_user(&mut written, &body, &client(), &[]).is_err() {
            prop_assert!(written == user);
        }
    }

    #[test]
    fn a_group_without_its_members_at_hand_changes_as_one_with_them(
        before in vec("[a-d]", 0..4),
        operations in vec((
            "(add|replace|remove)",
            prop_oneof![
                Just(None),
                Just(Some("members".to_owned())),
                "[a-d]".prop_map(|id| Some(format!("members[value eq \"{id}\"]"))),
                "[a-d]".prop_map(|id| Some(format!("MEMBERS[value eq \"{id}\" or value eq \"a\"]"))),
            ],
            vec("[a-d]", 0..3),
        ), 0..5),
    ) {
        let operation = |(op, path, ids): (String, Option<String>, Vec<String>)| {
            let members: Vec<Value> = ids.iter().map(|id| json!({ "value": id })).collect();
            match path {
                Some(path) => json!({ "op": op, "path": path, "value": members }),
                None => json!({ "op": op, "value": { "members": members, "displayName": "New" } }),
            }
        };
        let message = json!({ "Operations": operations.into_iter().map(operation).collect::<Vec<_>>() });
        let members: std::collections::BTreeSet<String> = before.into_iter().collect();
        let mut group = crate::group::Group::new("Staff", jiff::Timestamp::UNIX_EPOCH);
        let with: Vec<_> = members.iter().map(|id| crate::group::Member { value: id.clone(), kind: crate::group::MemberKind::User }).collect();
        let mut whole = group_resource(&group, &with, &client(), "");
        let mut rest = group_resource(&group, &[], &client(), "");
        let outcome = patch(&mut whole, &Schemas::group(), &message).map(|_| ());
        if let Ok(Some(told)) = GroupPatch::read(&message) {
            prop_assert_eq!(patch(&mut rest, &Schemas::group(), &told.rest).map(|_| ()), outcome.clone());
            if outcome.is_ok() {
                let mut after = if told.members.replaced { Default::default() } else { members };
                after.retain(|id| !told.members.leaving.contains(id));
                after.extend(told.members.joining.into_keys());
                let expected = write_group(&mut group, &whole, &client()).unwrap();
                let expected: std::collections::BTreeSet<String> = expected.into_iter().map(|member| member.value).collect();
                prop_assert_eq!(after, expected);
                prop_assert_eq!(&rest["displayName"], &whole["displayName"]);
            }
        }
    }

    #[test]
    fn any_group_message_is_read_or_refused(message in prop_oneof![message(), any_json()]) {
        let _ = GroupPatch::read(&message);
    }

    #[test]
    fn a_projection_takes_away_only(user in user(), attributes in vec(path(), 0..4), excluded in vec(path(), 0..4)) {
        let resource = shown(&user);
        let schemas = Schemas::user(&[]);
        let projection = Projection::parse(Some(&attributes.join(",")), Some(&excluded.join(",")));
        let projected = projection.apply(resource.clone(), &schemas);
        let known: &Map<String, Value> = resource.as_object().unwrap();
        for (name, value) in projected.as_object().unwrap() {
            prop_assert!(known.contains_key(name));
            prop_assert!(value.is_object() || value.is_array() || known[name] == *value);
        }
        prop_assert_eq!(&projected["id"], &resource["id"]);
        prop_assert_eq!(&projected["schemas"], &resource["schemas"]);
        prop_assert_eq!(projection.apply(projected.clone(), &schemas), projected);
    }
}
