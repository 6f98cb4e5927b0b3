//! A user as a SCIM resource.

use serde_json::{Map, Value, json};

use super::schema::{Attribute, ENTERPRISE, FIELDS, LINKS, USER};
use crate::{
    client::ClientId,
    group::GroupId,
    mapping::AddressAttribute,
    profile::ProfileField,
    user::{Address, Link, Manager, User},
};

/// Text attributes of the core schema that are kept as sent (RFC 7643, 4.1.1).
pub(super) const OF_CORE: [&str; 8] =
    ["displayName", "nickName", "profileUrl", "title", "userType", "preferredLanguage", "locale", "timezone"];

/// Text attributes that belong to the enterprise extension (RFC 7643, 4.3).
pub(super) const OF_ENTERPRISE: [&str; 5] =
    ["employeeNumber", "costCenter", "organization", "division", "department"];

/// The names of the text attributes of a user that have one value and are kept as sent.
pub fn text_attributes() -> impl Iterator<Item = &'static str> {
    OF_CORE.into_iter().chain(OF_ENTERPRISE)
}

/// Whether users have a text attribute of this name.
pub fn is_text_attribute(name: &str) -> bool {
    text_attributes().any(|known| known == name)
}

/// Whether a text attribute is one of the enterprise extension.
pub fn is_of_enterprise(name: &str) -> bool {
    OF_ENTERPRISE.contains(&name)
}

/// The whole resource of a user, as `seen_by` knows it, of a service at `url`. `groups` are those of
/// the user with their names.
pub fn user_resource(
    user: &User,
    seen_by: &ClientId,
    url: &str,
    groups: &[(GroupId, String)],
    fields: &[ProfileField],
) -> Value {
    let mut resource = Map::new();
    let mut insert = |name: &str, value: Value| resource.insert(name.to_owned(), value);
    insert("id", json!(user.id));
    insert("externalId", json!(user.external_ids.get(seen_by)));
    insert("userName", json!(user.user_name));
    insert("active", json!((!user.active_unassigned).then_some(user.active)));
    insert("name", json!(user.name));
    insert("emails", json!(user.emails));
    insert("phoneNumbers", json!(user.phone_numbers));
    insert("addresses", user.addresses.iter().map(address).collect());
    insert("groups", groups.iter().map(|(id, name)| membership(url, id, name)).collect());
    insert(ENTERPRISE, Value::Object(enterprise(user, url)));
    insert(FIELDS, profile(user, fields));
    insert(LINKS, links(user));
    insert("meta", meta(user, url));
    for (name, values) in &user.others {
        insert(name, json!(values));
    }
    for name in OF_CORE {
        insert(name, json!(user.attributes.get(name)));
    }
    finish(resource, USER, &[ENTERPRISE, FIELDS, LINKS])
}

/// Without what has no value (RFC 7643, 2.5), and with the schemas that are left.
pub(super) fn finish(mut resource: Map<String, Value>, core: &str, extensions: &[&str]) -> Value {
    resource.retain(|_, value| !super::draft::is_empty(value));
    let used = extensions.iter().filter(|urn| resource.contains_key(**urn)).copied();
    let schemas: Vec<&str> = std::iter::once(core).chain(used).collect();
    resource.insert("schemas".to_owned(), json!(schemas));
    Value::Object(resource)
}

/// The version of a user or group, as an entity tag.
pub fn entity_tag(version: u64) -> String {
    format!("W/\"{version}\"")
}

fn meta(user: &User, url: &str) -> Value {
    json!({
        "resourceType": "User",
        "created": user.created,
        "lastModified": user.last_modified,
        "location": format!("{url}/Users/{}", user.id),
        "version": entity_tag(user.version),
    })
}

fn membership(url: &str, id: &GroupId, name: &str) -> Value {
    json!({ "value": id, "$ref": format!("{url}/Groups/{id}"), "display": name, "type": "direct" })
}

fn enterprise(user: &User, url: &str) -> Map<String, Value> {
    let text = |name: &str| Some((name.to_owned(), json!(user.attributes.get(name)?)));
    let mut enterprise: Map<String, Value> = OF_ENTERPRISE.into_iter().filter_map(text).collect();
    if let Some(manager) = &user.manager {
        enterprise.insert("manager".to_owned(), managed(manager, url));
    }
    enterprise.retain(|_, value| !super::draft::is_empty(value));
    enterprise
}

/// Only a manager whose value may be a user's identifier has an address.
fn managed(manager: &Manager, url: &str) -> Value {
    let mut value = json!(manager);
    if let Some(id) = manager.value.as_deref().filter(|id| uuid::Uuid::try_parse(id).is_ok()) {
        value["$ref"] = json!(format!("{url}/Users/{id}"));
    }
    value
}

/// The profile fields that are defined. A value that came from a store is shown as its field wants
/// it, where it can be.
fn profile(user: &User, fields: &[ProfileField]) -> Value {
    let shown = |field: &ProfileField| {
        let value = user.fields.get(&field.name)?;
        let value = Attribute::of_field(field).take(value).ok().flatten()?;
        Some((field.name.clone(), value))
    };
    Value::Object(fields.iter().filter_map(shown).collect())
}

fn links(user: &User) -> Value {
    let link = |(application, link): (&crate::application::ApplicationId, &Link)| {
        let mut value = json!({
            "application": application,
            "customer": link.customer,
            "state": link.state,
            "lastSynced": link.synced_at,
        });
        if let Some(error) = &link.last_error {
            value["lastError"] = json!(error);
        }
        value
    };
    let links: Vec<Value> = user.links.iter().map(link).collect();
    if links.is_empty() { Value::Null } else { json!({ "links": links }) }
}

/// SCIM has one street address of several lines.
fn address(address: &Address) -> Value {
    let mut value = json!(address);
    if let (Value::Object(parts), Some(further)) =
        (&mut value, address.parts.get(&AddressAttribute::ExtendedAddress))
    {
        let first = address.parts.get(&AddressAttribute::StreetAddress).map_or("", String::as_str);
        parts.remove("extendedAddress");
        parts.insert("streetAddress".to_owned(), json!(format!("{first}\n{further}")));
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scim::write_user;

    #[test]
    fn a_resource_written_to_a_user_comes_back_as_it_was() {
        let now = jiff::Timestamp::UNIX_EPOCH;
        let client: ClientId = "idp".parse().unwrap();
        let sent = json!({
            "userName": "ada@x.example",
            "active": false,
            "name": { "givenName": "Ada", "familyName": "Byron", "honorificPrefix": "Lady" },
            "displayName": "Ada",
            "emails": [{ "value": "ada@x.example", "type": "work", "primary": true }],
            "addresses": [{ "streetAddress": "1 Way\nFloor 2\nDoor 3", "country": "GB", "primary": false }],
            "roles": [{ "value": "admin" }],
            ENTERPRISE: { "department": "Engines", "manager": { "value": "7", "displayName": "Charles" } },
            "externalId": "A-1",
        });
        let mut ada = User::new("x", now);
        write_user(&mut ada, &sent, &client, &[]).unwrap();
        let shown = user_resource(&ada, &client, "https://x.example/scim/v2", &[], &[]);
        for (name, value) in sent.as_object().unwrap() {
            assert_eq!(shown[name], *value, "{name}");
        }
        let mut again = ada.clone();
        write_user(&mut again, &shown, &client, &[]).unwrap();
        assert!(again == ada);
    }
}
