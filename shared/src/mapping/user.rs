//! A user's mapped values: reading them, and writing what changed.

use jiff::Timestamp;
use serde_json::Value;

use super::{
    Attribute, Coverage, CustomerField, Fields, Mapped, Mapping, Refusal, Rule,
    transform::{Filling, apply, compared},
    value::{canonical, text},
};
use crate::{
    merge::AddressChanges,
    secret::{EmailAddress, fold},
    user::{Email, Name, PhoneNumber, User},
};

impl Mapping {
    /// The user's values in the customer's vocabulary.
    pub fn read_user(&self, user: &User) -> Mapped {
        let mut mapped = Mapped::default();
        for rule in &self.rules {
            match rule.of_user(user) {
                Ok(Some(value)) => drop(mapped.fields.insert(rule.field.clone(), value)),
                Ok(None) => {}
                Err(refusal) => mapped.refuse(rule.field.clone(), refusal),
            }
        }
        self.read_addresses(
            &mut mapped,
            user.addresses.iter().map(|address| self.address_of_user(user, address)),
        );
        if self.address_rules.is_empty() {
            mapped.coverage = Coverage::Unseen;
        }
        mapped
    }

    /// Writes what changed: fields (null clears) and addresses. An address that is gained in place
    /// of a similar one keeps that one's type; the user name follows the e-mail address as long
    /// as the two are equal, and the formatted name follows its parts.
    ///
    /// Clearing an e-mail address or a telephone number removes the primary one; the next then
    /// stands for the user.
    pub fn write_user(&self, user: &mut User, changes: &Fields, addresses: &AddressChanges, now: Timestamp) {
        let before = user.clone();
        let kept = self.addresses_to_keep(user, addresses);
        for (field, value) in changes {
            for rule in self.rules.iter().filter(|rule| rule.field == *field) {
                rule.write(user, value);
            }
        }
        self.follow(&before, user);
        self.write_addresses(user, kept);
        if *user != before {
            user.last_modified = now;
        }
    }

    fn follow(&self, before: &User, user: &mut User) {
        let email = |user: &User| user.primary_email().map(|email| email.value.clone());
        if let (Some(old), Some(new)) = (email(before), email(user))
            && old != new
            && !self.maps_user_name()
            && fold(&before.user_name) == old.folded()
        {
            user.user_name = new.as_str().to_owned();
        }
        if before.name.formatted.is_some() && before.name.formatted == whole_name(&before.name) {
            user.name.formatted = whole_name(&user.name);
        }
    }
}

impl Mapped {
    pub(super) fn refuse(&mut self, field: CustomerField, refusal: Refusal) {
        self.refused.push(refusal);
        self.withheld.insert(field);
    }
}

impl Rule {
    /// The canonical value of a user: its default is the one of `to_store`.
    fn of_user(&self, user: &User) -> Result<Option<Value>, Refusal> {
        let raw = self.attribute.read(user);
        self.canonical(raw.clone(), apply(&self.to_store, raw, None, Filling::Fill))
    }

    /// The canonical value that comes of `filled`, which comes of `raw`.
    pub(super) fn canonical(
        &self,
        raw: Option<Value>,
        filled: Result<Option<Value>, String>,
    ) -> Result<Option<Value>, Refusal> {
        let value = filled.and_then(|filled| {
            match compared(&self.to_directory, &self.to_store, filled, None, Filling::Leave)? {
                Some(value) => canonical(&self.field, value).map_err(str::to_owned),
                None => Ok(None),
            }
        });
        value.map_err(|rule| Refusal::new(&self.field, raw.unwrap_or_default(), rule))
    }

    /// Writes a canonical value; null clears. One that cannot be transformed was refused when it was read.
    fn write(&self, user: &mut User, value: &Value) {
        let value = Some(value.clone()).filter(|value| !value.is_null());
        match value.map(|value| apply(&self.to_directory, Some(value), None, Filling::Fill)).transpose() {
            Ok(value) => self.attribute.write(user, value.flatten(), &self.field),
            Err(_) => {}
        }
    }
}

impl Attribute {
    fn read(&self, user: &User) -> Option<Value> {
        match self {
            Attribute::UserName => Some(user.user_name.clone()),
            Attribute::GivenName => user.name.given_name.clone(),
            Attribute::FamilyName => user.name.family_name.clone(),
            Attribute::Email => user.primary_email().map(|email| email.value.as_str().to_owned()),
            Attribute::PhoneNumber => primary_phone(user).map(|phone| phone.value.clone()),
            Attribute::Text(name) => user.attributes.get(name).cloned(),
            Attribute::Field(name) => return user.fields.get(name).cloned(),
        }
        .map(Value::from)
    }

    fn write(&self, user: &mut User, value: Option<Value>, field: &CustomerField) {
        let words = value.as_ref().and_then(text);
        match (self, words) {
            (Attribute::UserName, Some(name)) => user.user_name = name,
            (Attribute::UserName, None) => {}
            (Attribute::GivenName, name) => user.name.given_name = name,
            (Attribute::FamilyName, name) => user.name.family_name = name,
            (Attribute::Email, address) => write_email(user, address),
            (Attribute::PhoneNumber, number) => write_phone(user, number),
            (Attribute::Text(name), Some(words)) => drop(user.attributes.insert(name.clone(), words)),
            (Attribute::Text(name), None) => drop(user.attributes.remove(name)),
            (Attribute::Field(name), _) => write_field(user, name, value, field),
        }
    }
}

/// A consent that is withdrawn is kept as "no"; whatever else is cleared is removed.
fn write_field(user: &mut User, name: &str, value: Option<Value>, field: &CustomerField) {
    match value {
        Some(value) => drop(user.fields.insert(name.to_owned(), value)),
        None if *field == CustomerField::AcceptsMarketing && user.fields.contains_key(name) => {
            user.fields.insert(name.to_owned(), false.into());
        }
        None => drop(user.fields.remove(name)),
    }
}

fn write_email(user: &mut User, address: Option<String>) {
    let primary = user.emails.iter().position(|email| email.primary).unwrap_or(0);
    match address.map(EmailAddress::new) {
        None if primary < user.emails.len() => drop(user.emails.remove(primary)),
        None => {}
        Some(value) if user.emails.is_empty() => user.emails.push(Email { value, kind: None, primary: true }),
        Some(value) => {
            let folded = value.folded();
            user.emails[primary].value = value;
            let mut index = 0..;
            user.emails.retain(|email| index.next() == Some(primary) || email.value.folded() != folded);
        }
    }
}

fn primary_phone(user: &User) -> Option<&PhoneNumber> {
    user.phone_numbers.iter().find(|phone| phone.primary).or(user.phone_numbers.first())
}

fn write_phone(user: &mut User, number: Option<String>) {
    let primary = user.phone_numbers.iter().position(|phone| phone.primary).unwrap_or(0);
    match number {
        None if primary < user.phone_numbers.len() => drop(user.phone_numbers.remove(primary)),
        None => {}
        Some(value) => match user.phone_numbers.get_mut(primary) {
            Some(phone) => phone.value = value,
            None => user.phone_numbers.push(PhoneNumber { value, kind: None, primary: true }),
        },
    }
}

fn whole_name(name: &Name) -> Option<String> {
    let parts: Vec<&str> =
        [&name.given_name, &name.family_name].into_iter().flatten().map(String::as_str).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}
