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
        (user.active, user.active_unassigned) = (active, false);
    }
    user.name = read(resource.remove("name")).unwrap_or_default();
    user.emails = list(resource.remove("emails")).into_iter().filter_map(email).collect();
    user.phone_numbers = list(resource.remove("phoneNumbers")).into_iter().filter_map(phone).collect();
    user.addresses = list(resource.remove("addresses")).into_iter().map(address).collect();
    for name in KEPT_AS_SENT {
        set(&mut user.others, name, resource.remove(name).map(|values| list(Some(values))));
    }
    set(&mut user.external_ids, client.clone(), text(resource.remove("externalId")));
    // An address alone names nobody.
    user.manager = read(enterprise.remove("manager")).filter(|manager| *manager != Manager::default());
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{profile::FieldKind, scim::user_resource};

    fn client() -> ClientId {
        "idp".parse().unwrap()
    }

    fn written(resource: Value) -> Result<User, ValueError> {
        let mut user = User::new("before", jiff::Timestamp::UNIX_EPOCH);
        write_user(&mut user, &resource, &client(), &[]).map(|()| user)
    }

    #[test]
    fn names_and_kinds_are_taken_as_providers_spell_them() {
        let user = written(json!({
            "USERNAME": "ada",
            "Active": "False",
            "EMAILS": [{ "Value": "ada@x.example", "Primary": "True" }, { "type": "home" }, { "value": "" }],
            "phoneNumbers": ["1"],
            "password": "x",
            "urn:example:2.0:User": { "a": 1 },
            ENTERPRISE: { "manager": "", "employeeNumber": 42 },
        }))
        .unwrap();
        assert_eq!((user.user_name.as_str(), user.active), ("ada", false));
        assert_eq!(user.emails.len(), 1);
        assert!(user.emails[0].primary);
        assert_eq!(user.phone_numbers[0].value, "1");
        assert!(user.manager.is_none());
        assert_eq!(user.attributes["employeeNumber"], "42");
        assert_eq!(user.attributes.len(), 1);
    }

    #[test]
    fn google_workspace_suspends_by_the_whole_user_and_who_says_nothing_leaves_it_so() {
        let mut user = written(json!({ "userName": "ada", "active": false })).unwrap();
        write_user(&mut user, &json!({ "userName": "ada" }), &client(), &[]).unwrap();
        assert!(!user.active);
    }

    #[test]
    fn okta_sends_empty_text_for_what_it_has_not_and_it_reads_back() {
        let sent = json!({ "userName": "ada", "title": "", "name": { "givenName": "" } });
        let user = written(sent).unwrap();
        let shown = user_resource(&user, &client(), "", &[], &[]);
        let mut again = user.clone();
        write_user(&mut again, &shown, &client(), &[]).unwrap();
        assert!(again == user);
    }

    #[test]
    fn what_a_resource_lacks_is_removed_and_what_scim_does_not_know_stays() {
        let mut user = written(json!({ "userName": "ada", "title": "T", "externalId": "1" })).unwrap();
        user.external_ids.insert("other".parse().unwrap(), "2".to_owned());
        user.attributes.insert("company".to_owned(), "C".to_owned());
        user.fields.insert("loyalty".to_owned(), json!(7));
        let field = |name: &str, read_only| ProfileField {
            name: name.to_owned(),
            label: String::new(),
            kind: FieldKind::Integer,
            multi_valued: false,
            required: false,
            read_only,
        };
        user.fields.insert("customerId".to_owned(), json!(1));
        user.fields.insert("points".to_owned(), json!(1));
        let fields = [field("customerId", true), field("points", false)];
        let sent = json!({ "userName": "ada", FIELDS: { "customerId": 9 } });
        write_user(&mut user, &sent, &client(), &fields).unwrap();
        assert_eq!(user.external_ids.len(), 1);
        assert_eq!(user.attributes.keys().collect::<Vec<_>>(), ["company"]);
        assert_eq!(
            user.fields,
            [("customerId".to_owned(), json!(1)), ("loyalty".to_owned(), json!(7))].into()
        );
    }

    #[test]
    fn values_that_cannot_be_are_refused_by_name_and_rule() {
        let refused = |resource: Value| written(resource).err().map(|error| error.to_string());
        for (resource, expected) in [
            (json!({}), "userName cannot have the value (required)"),
            (json!({ "userName": " " }), "userName cannot have the value (required)"),
            (json!([]), "User cannot have the value (an object with its attributes)"),
            (json!({ "userName": {} }), "userName cannot have the value (text)"),
            (json!({ "userName": "a", "active": "yes" }), "active cannot have the value (true or false)"),
            (
                json!({ "userName": "a", "emails": [{ "value": "a", "primary": 2 }] }),
                "emails.primary cannot have the value (true or false)",
            ),
        ] {
            assert_eq!(refused(resource).as_deref(), Some(expected));
        }
    }

    #[test]
    fn the_lines_of_a_street_are_kept_apart_and_come_back() {
        for street in ["1 Way", "1 Way\nFloor 2", "1\n2\n3", "\nFloor 2", "1\n"] {
            let address = json!({ "streetAddress": street, "formatted": "whole", "primary": false });
            let user = written(json!({ "userName": "ada", "addresses": [address] })).unwrap();
            let shown = user_resource(&user, &client(), "", &[], &[]);
            assert_eq!(shown["addresses"][0]["streetAddress"], street);
            assert_eq!(shown["addresses"][0]["formatted"], "whole");
        }
    }
}
