//! A user as a resource tells it: what the resource lacks is removed, what clients may only read
//! is left alone, and so is what SCIM does not know.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{
    draft::{Draft, Unset, Way},
    resource::{OF_CORE, OF_ENTERPRISE},
    schema::{ENTERPRISE, FIELDS, Kind, Schema, Schemas},
    value::ValueError,
};
use crate::{
    client::ClientId,
    mapping::AddressAttribute,
    profile::ProfileField,
    user::{Address, Email, Manager, PhoneNumber, User},
};

/// The multi-valued attributes that are kept as sent.
const KEPT_AS_SENT: [&str; 5] = ["ims", "photos", "entitlements", "roles", "x509Certificates"];

/// Writes what `resource`, which may be as a client sent it, tells of a user. `client` is who calls
/// the user by the `externalId`. Without `active` the user stays as active as before.
///
/// # Errors
/// A value is not of its attribute's kind, or a required one is missing; the user is as it was.
pub fn write_user(
    user: &mut User,
    resource: &Value,
    client: &ClientId,
    fields: &[ProfileField],
) -> Result<(), ValueError> {
    let schemas = Schemas::user(fields);
    let mut resource = canonical(resource, &schemas)?;
    let mut enterprise = object(resource.remove(ENTERPRISE));
    let told = object(resource.remove(FIELDS));
    let profile = schemas.schema(FIELDS);
    require(&schemas.core, &resource)?;
    profile.map_or(Ok(()), |profile| require(profile, &told))?;

    user.user_name = text(resource.remove("userName")).unwrap_or_default();
    if let Some(Value::Bool(active)) = resource.remove("active") {
        user.active = active;
    }
    user.name = read(resource.remove("name")).unwrap_or_default();
    user.emails = list(resource.remove("emails")).into_iter().filter_map(email).collect();
    user.phone_numbers = list(resource.remove("phoneNumbers")).into_iter().filter_map(phone).collect();
    user.addresses = list(resource.remove("addresses")).into_iter().map(address).collect();
    for name in KEPT_AS_SENT {
        set(&mut user.others, name, resource.remove(name).map(|values| list(Some(values))));
    }
    set(&mut user.external_ids, client.clone(), text(resource.remove("externalId")));
    user.manager = read::<Manager>(enterprise.remove("manager"));
    for name in OF_CORE {
        set(&mut user.attributes, name, text(resource.remove(name)));
    }
    for name in OF_ENTERPRISE {
        set(&mut user.attributes, name, text(enterprise.remove(name)));
    }
    profile.into_iter().for_each(|profile| write_fields(user, profile, told.clone()));
    Ok(())
}

/// What a client sent in canonical form, without what it may only read.
pub(super) fn canonical(resource: &Value, schemas: &Schemas) -> Result<Map<String, Value>, ValueError> {
    let Value::Object(sent) = resource else {
        return Err(ValueError::new(schemas.resource, "an object with its attributes"));
    };
    let mut draft = Draft { schemas, resource: Map::new() };
    match draft.set_all(sent, Way::Replace) {
        Ok(()) => Ok(draft.resource),
        Err(Unset::Value(error)) => Err(error),
        Err(Unset::Required(attribute)) => Err(ValueError::new(attribute, "required")),
        Err(Unset::NoTarget) => Err(ValueError::new(schemas.resource, "names of attributes")),
    }
}

/// Each required attribute has a value, and text is not empty.
pub(super) fn require(schema: &Schema, resource: &Map<String, Value>) -> Result<(), ValueError> {
    let missing = schema.attributes.iter().filter(|attribute| attribute.required).find(|attribute| {
        match resource.get(attribute.name.as_ref()) {
            None => true,
            Some(Value::String(text)) => attribute.kind == Kind::Text && text.trim().is_empty(),
            Some(_) => false,
        }
    });
    match missing {
        Some(attribute) => Err(ValueError::new(attribute.name.as_ref(), "required")),
        None => Ok(()),
    }
}

fn write_fields(user: &mut User, profile: &Schema, mut told: Map<String, Value>) {
    for attribute in profile.attributes.iter().filter(|attribute| !attribute.is_read_only()) {
        set(&mut user.fields, attribute.name.as_ref(), told.remove(attribute.name.as_ref()));
    }
}

/// Sets or removes one entry.
pub(super) fn set<K: Clone + Ord, V>(map: &mut BTreeMap<K, V>, key: impl Into<K>, value: Option<V>) {
    match value {
        Some(value) => drop(map.insert(key.into(), value)),
        None => drop(map.remove(&key.into())),
    }
}

pub(super) fn text(value: Option<Value>) -> Option<String> {
    match value {
        Some(Value::String(text)) => Some(text),
        _ => None,
    }
}

fn object(value: Option<Value>) -> Map<String, Value> {
    match value {
        Some(Value::Object(object)) => object,
        _ => Map::new(),
    }
}

pub(super) fn list(value: Option<Value>) -> Vec<Value> {
    match value {
        Some(Value::Array(values)) => values,
        _ => Vec::new(),
    }
}

/// A canonical value as ours: the two have the same names and kinds.
fn read<T: DeserializeOwned>(value: Option<Value>) -> Option<T> {
    value.and_then(|value| serde_json::from_value(value).ok())
}

/// An e-mail address, if the value has one.
fn email(value: Value) -> Option<Email> {
    read(Some(value)).filter(|email: &Email| !email.value.as_str().trim().is_empty())
}

fn phone(value: Value) -> Option<PhoneNumber> {
    read(Some(value)).filter(|phone: &PhoneNumber| !phone.value.trim().is_empty())
}

/// The second and following lines of the street address are the extended address.
fn address(value: Value) -> Address {
    let mut address: Address = read(Some(value)).unwrap_or_default();
    let lines = address.parts.get(&AddressAttribute::StreetAddress).and_then(|street| {
        street
            .split_once('\n')
            .map(|(first, further)| (first.trim_end_matches('\r').to_owned(), further.to_owned()))
    });
    if let Some((first, further)) = lines {
        let street = Some(first).filter(|line| !line.is_empty());
        set(&mut address.parts, AddressAttribute::StreetAddress, street);
        set(&mut address.parts, AddressAttribute::ExtendedAddress, Some(further));
    }
    address
}
