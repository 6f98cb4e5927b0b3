//! A group as a SCIM resource, and back.

use serde_json::{Map, Value, json};

use super::{
    record::{canonical, list, require, set, text},
    resource::{entity_tag, finish},
    schema::{GROUP, Schemas},
    value::ValueError,
};
use crate::{
    client::ClientId,
    group::{Group, Member, MemberKind},
};

/// The whole resource of a group with `members`, as `seen_by` knows it, of a service at `url`.
pub fn group_resource(group: &Group, members: &[Member], seen_by: &ClientId, url: &str) -> Value {
    let mut resource = Map::new();
    let mut insert = |name: &str, value: Value| resource.insert(name.to_owned(), value);
    insert("id", json!(group.id));
    insert("externalId", json!(group.external_ids.get(seen_by)));
    insert("displayName", json!(group.display_name));
    insert("members", members.iter().map(|one| member(one, url)).collect());
    insert(
        "meta",
        json!({
            "resourceType": "Group",
            "created": group.created,
            "lastModified": group.last_modified,
            "location": format!("{url}/Groups/{}", group.id),
            "version": entity_tag(group.version),
        }),
    );
    finish(resource, GROUP, &[])
}

/// One who is not there yet has no address and no kind.
fn member(member: &Member, url: &str) -> Value {
    let of = |kind: &str, endpoint: &str| json!({ "value": member.value, "type": kind, "$ref": format!("{url}/{endpoint}/{}", member.value) });
    match member.kind {
        MemberKind::User => of("User", "Users"),
        MemberKind::Group => of("Group", "Groups"),
        MemberKind::Pending => json!({ "value": member.value }),
    }
}

/// Writes what `resource`, which may be as a client sent it, tells of a group, and gives the members
/// that it tells. Whether there are such users and groups is not known here: a member without a kind
/// is [`MemberKind::Pending`].
///
/// # Errors
/// A value is not of its attribute's kind, or the name is missing; the group is as it was.
pub fn write_group(
    group: &mut Group,
    resource: &Value,
    client: &ClientId,
) -> Result<Vec<Member>, ValueError> {
    let schemas = Schemas::group();
    let mut resource = canonical(resource, &schemas)?;
    require(&schemas.core, &resource)?;
    let members = list(resource.remove("members")).iter().filter_map(read_member).collect();
    group.display_name = text(resource.remove("displayName")).unwrap_or_default();
    set(&mut group.external_ids, client.clone(), text(resource.remove("externalId")));
    Ok(members)
}

pub(super) fn read_member(value: &Value) -> Option<Member> {
    let id = value.get("value")?.as_str()?.to_owned();
    let kind = match value.get("type").and_then(Value::as_str) {
        Some(kind) if kind.eq_ignore_ascii_case("user") => MemberKind::User,
        Some(kind) if kind.eq_ignore_ascii_case("group") => MemberKind::Group,
        _ => MemberKind::Pending,
    };
    Some(Member { value: id, kind })
}
