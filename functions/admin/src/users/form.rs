//! A user as a form: the inputs that a resource fills, and the resource that a form comes to. What the
//! form does not know of a user stays.

mod sent;

use serde_json::Value;
use shared::{
    profile::{FieldKind, ProfileField},
    scim::{ENTERPRISE, FIELDS},
};

pub(super) use sent::lay_over;

/// What a form sends, in order.
pub(super) type Pairs = Vec<(String, String)>;

/// The text attributes of a form, in groups: their path and what people call them.
pub(crate) const NAMES: [(&str, &str); 6] = [
    ("name.givenName", "First name"),
    ("name.familyName", "Last name"),
    ("name.middleName", "Middle names"),
    ("name.formatted", "Whole name as shown"),
    ("name.honorificPrefix", "Title before the name"),
    ("name.honorificSuffix", "Suffix after the name"),
];
pub(crate) const PERSON: [(&str, &str); 8] = [
    ("displayName", "Displayed name"),
    ("nickName", "Nickname"),
    ("title", "Position"),
    ("userType", "Kind of user"),
    ("preferredLanguage", "Language"),
    ("locale", "Locale"),
    ("timezone", "Time zone"),
    ("profileUrl", "Profile page"),
];
pub(crate) const WORK: [(&str, &str); 5] = [
    ("organization", "Organisation"),
    ("division", "Division"),
    ("department", "Department"),
    ("costCenter", "Cost centre"),
    ("employeeNumber", "Employee number"),
];

/// The parts of a postal address, but for the street, which has lines.
pub(crate) const ADDRESS: [(&str, &str); 9] = [
    ("givenName", "Recipient's first name"),
    ("familyName", "Recipient's last name"),
    ("organization", "Organisation"),
    ("locality", "Town"),
    ("region", "State or region"),
    ("postalCode", "Postal code"),
    ("country", "Country"),
    ("phoneNumber", "Telephone"),
    ("premises", "Premises"),
];

/// An input of one line.
pub(super) struct Input {
    pub(super) name: String,
    pub(super) label: String,
    pub(super) value: String,
}

/// A row of a list: an e-mail address or a telephone number.
pub(super) struct Line {
    pub(super) value: String,
    pub(super) kind: String,
    pub(super) primary: bool,
}

/// A postal address.
pub(super) struct AddressInput {
    pub(super) parts: Vec<Input>,
    pub(super) street: String,
    pub(super) kind: String,
    pub(super) primary: bool,
}

/// A profile field.
pub(super) struct FieldInput {
    pub(super) name: String,
    pub(super) label: String,
    /// The value, of several one a line.
    pub(super) value: String,
    pub(super) kind: &'static str,
    pub(super) multi_valued: bool,
    pub(super) required: bool,
    pub(super) read_only: bool,
}

/// A form with its values.
pub(super) struct Form {
    pub(super) user_name: String,
    pub(super) active: bool,
    pub(super) names: Vec<Input>,
    pub(super) person: Vec<Input>,
    pub(super) work: Vec<Input>,
    pub(super) emails: Vec<Line>,
    pub(super) phones: Vec<Line>,
    pub(super) addresses: Vec<AddressInput>,
    pub(super) fields: Vec<FieldInput>,
}

impl Form {
    /// The form of a user's resource, with a row to spare in each list.
    pub(super) fn of(resource: &Value, fields: &[ProfileField]) -> Form {
        let inputs = |named: &[(&str, &str)], of: &Value| -> Vec<Input> {
            named.iter().map(|(path, label)| input(path, label, at(of, path))).collect()
        };
        let work = WORK.iter().map(|(path, label)| {
            input(&format!("enterprise.{path}"), label, at(&resource[ENTERPRISE], path))
        });
        Form {
            user_name: text(&resource["userName"]),
            active: resource["active"].as_bool().unwrap_or(true),
            names: inputs(&NAMES, resource),
            person: inputs(&PERSON, resource),
            work: work.collect(),
            emails: lines(&resource["emails"]),
            phones: lines(&resource["phoneNumbers"]),
            addresses: addresses(&resource["addresses"]),
            fields: fields
                .iter()
                .map(|field| FieldInput::of(field, &resource[FIELDS][&field.name]))
                .collect(),
        }
    }
}

impl Form {
    /// The lists: their legend, their name in the form, the kind of their inputs, and their rows.
    pub(super) fn lists(&self) -> [(&'static str, &'static str, &'static str, &[Line]); 2] {
        [
            ("E-mail addresses", "email", "email", &self.emails),
            ("Telephone numbers", "phone", "tel", &self.phones),
        ]
    }
}

impl FieldInput {
    fn of(field: &ProfileField, value: &Value) -> FieldInput {
        let value = match value {
            Value::Array(values) => values.iter().map(text).collect::<Vec<_>>().join("\n"),
            one => text(one),
        };
        FieldInput {
            name: field.name.clone(),
            label: if field.label.is_empty() { field.name.clone() } else { field.label.clone() },
            value,
            kind: word(field.kind),
            multi_valued: field.multi_valued,
            required: field.required,
            read_only: field.read_only,
        }
    }
}

/// What a profile field holds, in words.
pub(crate) fn word(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::String => "text",
        FieldKind::Integer => "whole number",
        FieldKind::Decimal => "number",
        FieldKind::Boolean => "yes or no",
        FieldKind::DateTime => "date and time",
    }
}

fn input(name: &str, label: &str, value: &Value) -> Input {
    Input { name: name.to_owned(), label: label.to_owned(), value: text(value) }
}

fn at<'a>(of: &'a Value, path: &str) -> &'a Value {
    path.split('.').fold(of, |of, name| &of[name])
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn lines(list: &Value) -> Vec<Line> {
    let line = |value: &Value| Line {
        value: text(&value["value"]),
        kind: text(&value["type"]),
        primary: value["primary"].as_bool().unwrap_or_default(),
    };
    let spare = Line { value: String::new(), kind: String::new(), primary: false };
    list.as_array().into_iter().flatten().map(line).chain([spare]).collect()
}

fn addresses(list: &Value) -> Vec<AddressInput> {
    let input = |value: &Value| AddressInput {
        parts: ADDRESS
            .iter()
            .map(|(part, label)| input(&format!("address.{part}"), label, &value[*part]))
            .collect(),
        street: text(&value["streetAddress"]),
        kind: text(&value["type"]),
        primary: value["primary"].as_bool().unwrap_or_default(),
    };
    list.as_array().into_iter().flatten().map(input).chain([input(&Value::Null)]).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pairs(sent: &[(&str, &str)]) -> Pairs {
        sent.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    /// What a browser sends of a form that nobody touched.
    fn untouched(form: &Form) -> Pairs {
        let mut sent = vec![("userName".to_owned(), form.user_name.clone())];
        if form.active {
            sent.push(("active".to_owned(), "true".to_owned()));
        }
        let inputs = form.names.iter().chain(&form.person).chain(&form.work);
        sent.extend(inputs.map(|input| (input.name.clone(), input.value.clone())));
        for (name, lines) in [("email", &form.emails), ("phone", &form.phones)] {
            for (row, line) in lines.iter().enumerate() {
                sent.push((format!("{name}.value"), line.value.clone()));
                sent.push((format!("{name}.type"), line.kind.clone()));
                if line.primary {
                    sent.push((format!("{name}.primary"), row.to_string()));
                }
            }
        }
        for (row, address) in form.addresses.iter().enumerate() {
            sent.push(("address.streetAddress".to_owned(), address.street.clone()));
            sent.push(("address.type".to_owned(), address.kind.clone()));
            sent.extend(address.parts.iter().map(|part| (part.name.clone(), part.value.clone())));
            if address.primary {
                sent.push(("address.primary".to_owned(), row.to_string()));
            }
        }
        sent.extend(form.fields.iter().map(|field| (format!("field.{}", field.name), field.value.clone())));
        sent
    }

    fn whole() -> Value {
        json!({
            "userName": "ada@x.example",
            "active": true,
            "name": { "givenName": "Ada", "familyName": "King" },
            "title": "Countess",
            "emails": [
                { "value": "ada@x.example", "type": "work", "primary": true, "display": "Ada" },
                { "value": "a@y.example", "primary": false },
            ],
            "addresses": [{ "streetAddress": "1 Way\nFloor 2", "locality": "London", "primary": false, "formatted": "…" }],
            "roles": [{ "value": "admin" }],
            ENTERPRISE: { "organization": "Engines", "manager": { "value": "7" } },
            FIELDS: { "size": "L", "tags": ["a", "b"] },
        })
    }

    fn fields() -> [ProfileField; 2] {
        let tags =
            ProfileField { multi_valued: true, ..ProfileField::new("tags", "Tags", FieldKind::String) };
        [ProfileField::new("size", "Size", FieldKind::String), tags]
    }

    #[test]
    fn a_form_that_nobody_touched_changes_nothing() {
        let before = whole();
        let mut after = before.clone();
        lay_over(&mut after, &untouched(&Form::of(&before, &fields())), &fields());
        assert_eq!(after["phoneNumbers"].take(), json!([]));
        for email in after["emails"].as_array_mut().unwrap() {
            email.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        }
        after.as_object_mut().unwrap().remove("phoneNumbers");
        assert_eq!(after, before);
    }

    #[test]
    fn what_is_emptied_goes_and_what_is_typed_comes() {
        let mut resource = whole();
        let sent = pairs(&[
            ("userName", "ada"),
            ("name.givenName", "Augusta"),
            ("enterprise.organization", " "),
            ("email.value", "new@x.example"),
            ("email.type", ""),
            ("email.value", ""),
            ("email.type", "home"),
            ("email.primary", "0"),
            ("address.streetAddress", "2 Way\r\nFloor 3"),
            ("address.type", "home"),
            ("address.locality", ""),
            ("field.tags", "x\r\n\r\n y "),
        ]);
        lay_over(&mut resource, &sent, &fields());
        assert_eq!((&resource["userName"], &resource["active"]), (&json!("ada"), &json!(false)));
        assert_eq!(resource["name"], json!({ "givenName": "Augusta" }));
        assert_eq!(resource["emails"], json!([{ "value": "new@x.example", "type": null, "primary": true }]));
        let address = json!([{ "streetAddress": "2 Way\nFloor 3", "type": "home", "primary": false }]);
        assert_eq!(resource["addresses"], address);
        assert_eq!(resource[ENTERPRISE], json!({ "manager": { "value": "7" } }));
        assert_eq!(resource[FIELDS], json!({ "size": null, "tags": ["x", "y"] }));
        assert_eq!(resource["roles"], whole()["roles"]);
    }
}
