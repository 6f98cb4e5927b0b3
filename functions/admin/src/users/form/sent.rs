//! What a form sends, laid over the resource of the user as it was.

use serde_json::{Map, Value, json};
use shared::{
    profile::ProfileField,
    scim::{ENTERPRISE, FIELDS},
};

use super::{ADDRESS, NAMES, PERSON, Pairs, WORK};

/// What a form says, laid over the resource of the user as it was.
pub(in crate::users) fn lay_over(resource: &mut Value, sent: &Pairs, fields: &[ProfileField]) {
    let sent = Sent(sent);
    resource["userName"] = json!(sent.one("userName"));
    resource["active"] = json!(sent.one("active") == "true");
    for (path, _) in NAMES.iter().chain(&PERSON) {
        set(resource, path, sent.text(path));
    }
    for (path, _) in WORK {
        let value = sent.text(&format!("enterprise.{path}"));
        set(resource, &format!("{ENTERPRISE}|{path}"), value);
    }
    resource["emails"] = sent.list("email", &resource["emails"]);
    resource["phoneNumbers"] = sent.list("phone", &resource["phoneNumbers"]);
    resource["addresses"] = sent.addresses(&resource["addresses"]);
    let mut profile = Map::new();
    for field in fields.iter().filter(|field| !field.read_only) {
        let typed = sent.one(&format!("field.{}", field.name));
        let value = match field.multi_valued {
            true => {
                let lines: Vec<&str> = typed.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
                if lines.is_empty() { Value::Null } else { json!(lines) }
            }
            false if typed.trim().is_empty() => Value::Null,
            false => json!(typed),
        };
        profile.insert(field.name.clone(), value);
    }
    resource[FIELDS] = Value::Object(profile);
}

/// Sets a text at a path; none takes it away. A URN, which has dots, is parted off by a bar.
fn set(resource: &mut Value, path: &str, value: Option<&str>) {
    let names: Vec<&str> = match path.split_once('|') {
        Some((urn, name)) => vec![urn, name],
        None => path.split('.').collect(),
    };
    let Some((name, parents)) = names.split_last() else { return };
    let holder = parents.iter().fold(resource, |holder, parent| &mut holder[*parent]);
    match value {
        Some(value) => holder[*name] = json!(value),
        None => {
            if let Some(holder) = holder.as_object_mut() {
                holder.remove(*name);
            }
        }
    }
}

/// What a form sent, by name.
struct Sent<'a>(&'a Pairs);

impl<'a> Sent<'a> {
    fn one(&self, name: &str) -> &'a str {
        self.all(name).first().copied().unwrap_or_default()
    }

    fn all(&self, name: &str) -> Vec<&'a str> {
        self.0.iter().filter(|(other, _)| other == name).map(|(_, value)| value.as_str()).collect()
    }

    /// What was typed; `None`: nothing.
    fn text(&self, name: &str) -> Option<&'a str> {
        Some(self.one(name)).filter(|value| !value.trim().is_empty())
    }

    fn primary(&self, name: &str, row: usize) -> bool {
        self.one(&format!("{name}.primary")).parse() == Ok(row)
    }

    /// The rows with a value; of one that was there, what the form does not show stays.
    fn list(&self, name: &str, before: &Value) -> Value {
        let kinds = self.all(&format!("{name}.type"));
        let values = self.all(&format!("{name}.value")).into_iter().enumerate();
        let rows = values.filter(|(_, value)| !value.trim().is_empty()).map(|(row, value)| {
            let mut one = known(before, |one| one["value"] == value);
            one["value"] = json!(value);
            one["type"] =
                kinds.get(row).filter(|kind| !kind.is_empty()).map_or(Value::Null, |kind| json!(kind));
            one["primary"] = json!(self.primary(name, row));
            one
        });
        rows.collect()
    }

    fn addresses(&self, before: &Value) -> Value {
        let streets = self.all("address.streetAddress");
        let parts: Vec<(&str, Vec<&str>)> = ["type"]
            .into_iter()
            .chain(ADDRESS.map(|(part, _)| part))
            .map(|part| (part, self.all(&format!("address.{part}"))))
            .collect();
        let mut addresses = Vec::new();
        for (row, street) in streets.iter().enumerate() {
            let mut one = before.get(row).cloned().unwrap_or_else(|| json!({}));
            let was = one.clone();
            // Browsers end lines as mail does.
            put(&mut one, "streetAddress", &street.replace("\r\n", "\n"));
            for (part, values) in &parts {
                put(&mut one, part, values.get(row).copied().unwrap_or_default());
            }
            one["primary"] = json!(self.primary("address", row));
            let says_something = |(name, value): (&String, &Value)| {
                !matches!(name.as_str(), "type" | "primary" | "formatted") && !value.is_null()
            };
            if one != was {
                // The whole address as it is shown no longer says what its parts say.
                one.as_object_mut().map(|parts| parts.remove("formatted"));
            }
            if one.as_object().is_some_and(|parts| parts.iter().any(says_something)) {
                addresses.push(one);
            }
        }
        Value::Array(addresses)
    }
}

fn put(address: &mut Value, part: &str, value: &str) {
    address[part] = if value.trim().is_empty() { Value::Null } else { json!(value) };
    if address[part].is_null()
        && let Some(parts) = address.as_object_mut()
    {
        parts.remove(part);
    }
}

fn known(before: &Value, is: impl Fn(&Value) -> bool) -> Value {
    let found = before.as_array().into_iter().flatten().find(|one| is(one));
    found.cloned().unwrap_or_else(|| json!({}))
}
