//! A row of a plain file: its cells are laid over the user as SCIM has it.

use serde_json::{Value, json};

use super::Target;
use crate::{
    client::ClientId,
    directory::Refused,
    mapping::AddressAttribute,
    profile::ProfileField,
    scim::{ENTERPRISE, FIELDS, is_of_enterprise, user_resource, write_user},
    secret::fold,
    user::User,
};

/// What a row says of a user: targets with what their cells hold.
pub(super) type Cells = Vec<(Target, String)>;

/// Whose resource it is, and which profile fields it has.
#[derive(Clone, Copy)]
pub(super) struct Of<'a> {
    pub(super) client: &'a ClientId,
    pub(super) fields: &'a [ProfileField],
}

/// Lays the cells over `user`.
///
/// # Errors
/// When a value is none of its attribute's.
pub(super) fn lay_over(user: &mut User, cells: &Cells, clears: bool, of: Of<'_>) -> Result<(), Refused> {
    let resource = laid_over(user, cells, clears, of);
    Ok(write_user(user, &resource, of.client, of.fields)?)
}

/// The user's resource with the cells laid over it.
pub(super) fn laid_over(user: &User, cells: &Cells, clears: bool, of: Of<'_>) -> Value {
    let mut resource = user_resource(user, of.client, "", &[], of.fields);
    let email = user.primary_email().map(|email| email.value.folded());
    for (target, cell) in cells.iter().filter(|(_, cell)| clears || !cell.is_empty()) {
        set(&mut resource, target, cell, of);
    }
    let named = cells.iter().any(|(target, cell)| *target == Target::UserName && !cell.is_empty());
    // Whoever has no other name is called by the e-mail address, and goes on to be.
    if !named && (user.user_name.is_empty() || email.as_ref() == Some(&fold(&user.user_name))) {
        let now = primary(&resource["emails"]).and_then(|place| resource["emails"][place]["value"].as_str());
        if let Some(now) = now.map(str::to_owned) {
            resource["userName"] = json!(now);
        }
    }
    resource
}

fn set(resource: &mut Value, target: &Target, cell: &str, of: Of<'_>) {
    let value = if cell.is_empty() { Value::Null } else { json!(cell) };
    match target {
        // A user has a name, and is active or not.
        Target::UserName | Target::Active if value.is_null() => {}
        Target::UserName => resource["userName"] = value,
        Target::Active => resource["active"] = truth(cell),
        Target::ExternalId => resource["externalId"] = value,
        Target::Email => set_primary(&mut resource["emails"], value),
        Target::PhoneNumber => set_primary(&mut resource["phoneNumbers"], value),
        Target::Name(part) => resource["name"][*part] = value,
        Target::Text(name) if is_of_enterprise(name) => resource[ENTERPRISE][*name] = value,
        Target::Text(name) => resource[*name] = value,
        Target::Address(part) => set_address(&mut resource["addresses"], *part, value),
        Target::Field(name) => {
            let several = of.fields.iter().any(|field| field.name == *name && field.multi_valued);
            let values = || cell.split('|').map(str::trim).filter(|one| !one.is_empty());
            resource[FIELDS][name] = if several && !value.is_null() { values().collect() } else { value };
        }
        Target::Id | Target::Customer(_) | Target::CustomerAddresses | Target::CustomerAddress(..) => {}
    }
}

/// As people write it in tables; what is neither is left for the attribute to refuse.
fn truth(cell: &str) -> Value {
    match cell.to_lowercase().as_str() {
        "true" | "yes" | "y" | "1" | "active" | "enabled" => json!(true),
        "false" | "no" | "n" | "0" | "inactive" | "disabled" => json!(false),
        _ => json!(cell),
    }
}

fn primary(list: &Value) -> Option<usize> {
    let list = list.as_array()?;
    let primary = list.iter().position(|one| one["primary"] == json!(true));
    primary.or_else(|| (!list.is_empty()).then_some(0))
}

/// Sets the primary value, so that it is there once; null takes it away.
fn set_primary(list: &mut Value, value: Value) {
    let place = primary(list);
    if !list.is_array() {
        *list = json!([]);
    }
    let Some(values) = list.as_array_mut() else { return };
    match place {
        Some(place) if value.is_null() => drop(values.remove(place)),
        Some(place) => {
            let is_it = |one: &Value| match (one["value"].as_str(), value.as_str()) {
                (Some(one), Some(value)) => fold(one) == fold(value),
                _ => false,
            };
            // Another spelling of the same is no change that anyone asked for.
            if !is_it(&values[place]) {
                values[place]["value"] = value.clone();
            }
            let mut index = 0..;
            values.retain(|one| index.next() == Some(place) || !is_it(one));
        }
        None if value.is_null() => {}
        None => values.push(json!({ "value": value, "primary": true })),
    }
}

/// Sets a part of the first address, or of the primary one.
fn set_address(list: &mut Value, part: AddressAttribute, value: Value) {
    let place = primary(list);
    if !list.is_array() {
        *list = json!([]);
    }
    let Some(addresses) = list.as_array_mut() else { return };
    if place.is_none() && value.is_null() {
        return;
    }
    let place = place.unwrap_or_else(|| {
        addresses.push(json!({}));
        addresses.len() - 1
    });
    let Some(address) = addresses.get_mut(place).and_then(Value::as_object_mut) else { return };
    let before = address.clone();
    // SCIM has one street address of several lines.
    let street = address.get("streetAddress").and_then(Value::as_str).unwrap_or_default().to_owned();
    let (first, further) = street.split_once('\n').unwrap_or((&street, ""));
    let text = value.as_str().unwrap_or_default();
    match part {
        AddressAttribute::StreetAddress | AddressAttribute::ExtendedAddress => {
            let lines = match part {
                AddressAttribute::StreetAddress => [text, further],
                _ => [first, text],
            };
            let lines = if lines[1].is_empty() { lines[0].to_owned() } else { lines.join("\n") };
            address.insert(
                "streetAddress".to_owned(),
                if lines.is_empty() { Value::Null } else { json!(lines) },
            );
        }
        part => drop(address.insert(part.as_str().to_owned(), value)),
    }
    if part != AddressAttribute::Formatted && *address != before {
        // The whole address as it is shown no longer says what its parts say.
        address.remove("formatted");
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::profile::FieldKind;

    fn laid(resource: Value, cells: &[(&str, &str)], clears: bool) -> Result<Value, String> {
        let client: ClientId = "console".parse().unwrap();
        let fields = [
            ProfileField { multi_valued: true, ..ProfileField::new("sizes", "Sizes", FieldKind::Integer) },
            ProfileField::new("vip", "VIP", FieldKind::Boolean),
        ];
        let of = Of { client: &client, fields: &fields };
        let mut user = User::new("", Timestamp::UNIX_EPOCH);
        if !resource.is_null() {
            write_user(&mut user, &resource, &client, &fields).unwrap();
        }
        let cells: Cells =
            cells.iter().map(|(target, cell)| (target.parse().unwrap(), (*cell).to_owned())).collect();
        lay_over(&mut user, &cells, clears, of).map_err(|refused| refused.sentence())?;
        Ok(user_resource(&user, &client, "", &[], &fields))
    }

    #[test]
    fn a_row_becomes_a_user() {
        let cells = [
            ("emails", "Ada@x.example"),
            ("name.givenName", "Ada"),
            ("active", "no"),
            ("department", "Engines"),
            ("addresses.extendedAddress", "Floor 2"),
            ("addresses.streetAddress", "1 Way"),
            ("fields.sizes", "3| 4"),
            ("title", ""),
        ];
        let ada = laid(Value::Null, &cells, false).unwrap();
        assert_eq!((&ada["userName"], &ada["active"]), (&json!("Ada@x.example"), &json!(false)));
        assert_eq!(ada["addresses"][0]["streetAddress"], "1 Way\nFloor 2");
        assert_eq!(ada[ENTERPRISE], json!({ "department": "Engines" }));
        assert_eq!(ada[FIELDS], json!({ "sizes": [3, 4] }));
        assert_eq!(ada["emails"], json!([{ "value": "Ada@x.example", "primary": true }]));
    }

    #[test]
    fn an_empty_cell_leaves_what_is_there_unless_it_is_to_clear() {
        let before = json!({ "userName": "ada", "title": "Countess", "name": { "givenName": "Ada" } });
        let cells = [("title", ""), ("name.givenName", ""), ("userName", ""), ("active", "")];
        let left = laid(before.clone(), &cells, false).unwrap();
        assert_eq!((&left["title"], &left["name"]["givenName"]), (&json!("Countess"), &json!("Ada")));
        let cleared = laid(before, &cells, true).unwrap();
        assert_eq!((&cleared["title"], &cleared["name"]), (&Value::Null, &Value::Null));
        assert_eq!((&cleared["userName"], &cleared["active"]), (&json!("ada"), &json!(true)));
    }

    #[test]
    fn the_primary_address_changes_and_the_others_stay() {
        let before = json!({
            "userName": "ada@x.example",
            "emails": [{ "value": "home@x.example" }, { "value": "Ada@x.example", "primary": true }],
            "addresses": [{ "locality": "London" }, { "locality": "Paris", "formatted": "Paris", "primary": true }],
        });
        let moved =
            laid(before.clone(), &[("emails", "Home@x.example"), ("addresses.locality", "Rome")], false);
        let moved = moved.unwrap();
        assert_eq!(moved["emails"], json!([{ "value": "Home@x.example", "primary": true }]));
        assert_eq!(moved["userName"], "Home@x.example", "who is called by the address still is");
        assert_eq!(moved["addresses"][0]["locality"], "London");
        assert_eq!(moved["addresses"][1], json!({ "locality": "Rome", "primary": true }));
        let same = laid(before, &[("emails", "ADA@x.example")], false).unwrap();
        assert_eq!(same["emails"][1]["value"], "Ada@x.example", "another case is the same");
    }

    #[test]
    fn a_value_of_the_wrong_kind_says_which() {
        let told = laid(Value::Null, &[("userName", "ada"), ("fields.vip", "perhaps")], false).unwrap_err();
        assert!(told.contains("vip"), "{told}");
        assert!(laid(Value::Null, &[("title", "Countess")], false).unwrap_err().contains("userName"));
    }
}
