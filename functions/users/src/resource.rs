//! A user as a SCIM resource (RFC 7643, 4.1).

use serde_json::{Map, Value, json};
use shared::user::{Address, User};

const CORE: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const FIELDS: &str = "urn:clientele:params:scim:schemas:extension:fields:2.0:User";
const LINKS: &str = "urn:clientele:params:scim:schemas:extension:links:2.0:User";

/// Text attributes that belong to the enterprise extension (RFC 7643, 4.3).
const OF_ENTERPRISE: [&str; 5] = ["employeeNumber", "costCenter", "organization", "division", "department"];

/// The user as a resource below `url`.
pub(crate) fn resource(url: &str, user: &User) -> Value {
    let mut resource = Map::new();
    let mut enterprise = Map::new();
    for (name, value) in &user.attributes {
        let of = if OF_ENTERPRISE.contains(&name.as_str()) { &mut enterprise } else { &mut resource };
        of.insert(name.clone(), json!(value));
    }
    resource.insert("id".to_owned(), json!(user.id));
    resource.insert("userName".to_owned(), json!(user.user_name));
    resource.insert("active".to_owned(), json!(user.active));
    resource.insert("name".to_owned(), json!(user.name));
    resource.insert("emails".to_owned(), json!(user.emails));
    resource.insert("phoneNumbers".to_owned(), json!(user.phone_numbers));
    resource.insert("addresses".to_owned(), user.addresses.iter().map(address).collect());
    resource.insert(ENTERPRISE.to_owned(), Value::Object(enterprise));
    resource.insert(FIELDS.to_owned(), json!(user.fields));
    resource.insert(LINKS.to_owned(), links(user));
    resource.insert(
        "meta".to_owned(),
        json!({
            "resourceType": "User",
            "created": user.created,
            "lastModified": user.last_modified,
            "location": format!("{url}/Users/{}", user.id),
            "version": version(user),
        }),
    );
    // An attribute without a value is not assigned (RFC 7643, 2.5).
    resource.retain(|_, value| !is_empty(value));
    let schemas = [CORE, ENTERPRISE, FIELDS, LINKS]
        .into_iter()
        .filter(|urn| *urn == CORE || resource.contains_key(*urn));
    let schemas: Vec<&str> = schemas.collect();
    resource.insert("schemas".to_owned(), json!(schemas));
    Value::Object(resource)
}

/// The version of a user, as an entity tag.
pub(crate) fn version(user: &User) -> String {
    format!("W/\"{}\"", user.version)
}

fn links(user: &User) -> Value {
    let link = |(application, link): (&shared::application::ApplicationId, &shared::user::Link)| {
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
    let line = |name: &str| address_part(&value, name);
    let lines: Vec<String> = ["streetAddress", "extendedAddress"].into_iter().filter_map(line).collect();
    if let Value::Object(object) = &mut value {
        object.remove("extendedAddress");
        if !lines.is_empty() {
            object.insert("streetAddress".to_owned(), json!(lines.join("\n")));
        }
    }
    value
}

fn address_part(address: &Value, name: &str) -> Option<String> {
    address.get(name).and_then(Value::as_str).map(str::to_owned)
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(items) => items.is_empty(),
        _ => false,
    }
}
