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
        if let Some(group) = self.groups.customer_group(&user.groups) {
            mapped.fields.insert(CustomerField::CustomerGroupId, group.into());
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
        filled: Result<Option<Value>, &'static str>,
    ) -> Result<Option<Value>, Refusal> {
        let value = filled.and_then(|filled| {
            match compared(&self.to_directory, &self.to_store, filled, None, Filling::Leave)? {
                Some(value) => canonical(&self.field, value),
                None => Ok(None),
            }
        });
        value.map_err(|rule| Refusal::new(&self.field, raw.unwrap_or_default(), rule))
    }

    /// Writes a canonical value; null clears. One that cannot be transformed was refused when it was read.
    fn write(&self, user: &mut User, value: &Value) {
        let value = Some(value.clone()).filter(|value| !value.is_null());
        let written = value.map(|value| apply(&self.to_directory, Some(value), None, Filling::Fill));
        if let Ok(value) = written.transpose() {
            self.attribute.write(user, value.flatten(), &self.field);
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
            Attribute::Groups => None,
        }
        .map(Value::from)
    }

    fn write(&self, user: &mut User, value: Option<Value>, field: &CustomerField) {
        let words = value.as_ref().and_then(text);
        match (self, words) {
            (Attribute::UserName, Some(name)) => user.user_name = name,
            (Attribute::UserName, None) | (Attribute::Groups, _) => {}
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
        Some(value) if user.emails.is_empty() => {
            user.emails.push(Email { value, kind: None, display: None, primary: true })
        }
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
            None => user.phone_numbers.push(PhoneNumber { value, kind: None, display: None, primary: true }),
        },
    }
}

fn whole_name(name: &Name) -> Option<String> {
    let parts: Vec<&str> =
        [&name.given_name, &name.family_name].into_iter().flatten().map(String::as_str).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::mapping::{Direction, Transform};

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn user(email: &str) -> User {
        let mut user = User::new(email, NOW);
        user.emails =
            vec![Email { value: EmailAddress::new(email), kind: None, display: None, primary: true }];
        user
    }

    fn write(user: &mut User, changes: &[(CustomerField, Value)]) {
        let changes = changes.iter().cloned().collect();
        Mapping::default().write_user(user, &changes, &AddressChanges::default(), NOW);
    }

    fn read(user: &User, field: &CustomerField) -> Option<Value> {
        Mapping::default().read_user(user).fields.remove(field)
    }

    #[test]
    fn the_user_name_follows_the_email_as_long_as_they_are_one() {
        let mut ada = user("Ada@x.example");
        write(&mut ada, &[(CustomerField::Email, json!("countess@x.example"))]);
        assert_eq!(ada.user_name, "countess@x.example");
        ada.user_name = "ada".to_owned();
        write(&mut ada, &[(CustomerField::Email, json!("ada@x.example"))]);
        assert_eq!(ada.user_name, "ada");
    }

    #[test]
    fn an_email_takes_the_place_of_the_primary_one_and_is_not_there_twice() {
        let mut ada = user("ada@x.example");
        ada.emails[0].kind = Some("work".to_owned());
        ada.emails.push(Email {
            value: EmailAddress::new("Home@x.example"),
            kind: Some("home".to_owned()),
            display: None,
            primary: false,
        });
        write(&mut ada, &[(CustomerField::Email, json!("home@x.example"))]);
        let emails: Vec<_> = ada
            .emails
            .iter()
            .map(|email| (email.value.as_str(), email.kind.as_deref(), email.primary))
            .collect();
        assert_eq!(emails, [("home@x.example", Some("work"), true)]);
    }

    #[test]
    fn the_formatted_name_follows_its_parts_as_long_as_it_is_made_of_them() {
        let mut ada = user("ada@x.example");
        ada.name = Name {
            given_name: Some("Ada".to_owned()),
            family_name: Some("Byron".to_owned()),
            formatted: Some("Ada Byron".to_owned()),
            ..Name::default()
        };
        write(&mut ada, &[(CustomerField::LastName, json!("King"))]);
        assert_eq!(ada.name.formatted.as_deref(), Some("Ada King"));
        ada.name.formatted = Some("Countess Lovelace".to_owned());
        write(&mut ada, &[(CustomerField::LastName, json!("Lovelace"))]);
        assert_eq!(ada.name.formatted.as_deref(), Some("Countess Lovelace"));
    }

    #[test]
    fn a_withdrawn_consent_is_kept_as_no() {
        let mut ada = user("ada@x.example");
        write(&mut ada, &[(CustomerField::AcceptsMarketing, json!(true))]);
        assert_eq!(ada.fields["acceptsMarketing"], json!(true));
        write(&mut ada, &[(CustomerField::AcceptsMarketing, Value::Null)]);
        assert_eq!(ada.fields["acceptsMarketing"], json!(false));
        assert_eq!(read(&ada, &CustomerField::AcceptsMarketing), None);
    }

    #[test]
    fn only_what_changes_moves_the_time_of_change() {
        let later = NOW + jiff::SignedDuration::from_secs(1);
        let mut ada = user("ada@x.example");
        let same = Fields::from([(CustomerField::Email, json!("ada@x.example"))]);
        Mapping::default().write_user(&mut ada, &same, &AddressChanges::default(), later);
        assert_eq!(ada.last_modified, NOW);
        let other = Fields::from([(CustomerField::Phone, json!("1"))]);
        Mapping::default().write_user(&mut ada, &other, &AddressChanges::default(), later);
        assert_eq!(ada.last_modified, later);
    }

    #[test]
    fn a_value_of_the_wrong_kind_is_refused_and_hides_no_other() {
        let mut mapping = Mapping::default();
        mapping.rules[4].field = CustomerField::CustomerGroupId;
        let mut ada = user("ada@x.example");
        ada.attributes.insert("organization".to_owned(), "wholesale".to_owned());
        let mapped = mapping.read_user(&ada);
        assert_eq!(
            mapped.refused[0].to_string(),
            "customer_group_id “wholesale” (a whole number up to 2147483647)"
        );
        assert!(mapped.withheld.contains(&CustomerField::CustomerGroupId));
        assert!(mapped.fields.contains_key(&CustomerField::Email));
    }

    #[test]
    fn a_refusal_does_not_print_its_value_where_it_may_be_logged() {
        let refusal = Refusal::new("first_name", json!("Ada"), "1 to 100 characters");
        assert_eq!(format!("{refusal:?}"), "Refusal(first_name: 1 to 100 characters)");
    }

    fn rule() -> impl Strategy<Value = Rule> {
        let transforms = || {
            proptest::collection::vec(
                prop_oneof![
                    Just(Transform::Trim),
                    Just(Transform::Lower),
                    Just(Transform::Upper),
                    Just(Transform::CountryAlpha2),
                    Just(Transform::CountryAlpha3),
                    Just(Transform::CountryName),
                    Just(Transform::Default("de".to_owned())),
                ],
                0..4,
            )
        };
        let attribute = prop_oneof![
            Just(Attribute::GivenName),
            Just(Attribute::FamilyName),
            Just(Attribute::Email),
            Just(Attribute::PhoneNumber),
            Just(Attribute::Text("title".to_owned())),
            Just(Attribute::Field("firm".to_owned())),
        ];
        let field = prop_oneof![
            Just(CustomerField::Company),
            Just(CustomerField::CustomerGroupId),
            Just(CustomerField::AcceptsMarketing),
            Just(CustomerField::FormField("Firm".to_owned())),
            Just(CustomerField::Attribute(3)),
        ];
        (attribute, field, transforms(), transforms()).prop_map(
            |(attribute, field, to_store, to_directory)| Rule {
                attribute,
                field,
                direction: Direction::Both,
                authority: None,
                required: false,
                to_store,
                to_directory,
            },
        )
    }

    fn value() -> impl Strategy<Value = Value> {
        prop_oneof![
            "(Germany|us|DEU| Acme |ß|7|İ|true|)".prop_map(Value::from),
            "\\PC{1,6}".prop_map(Value::from),
            (0..9_u32).prop_map(Value::from),
            any::<bool>().prop_map(Value::from),
        ]
    }

    proptest! {
        #[test]
        fn what_is_written_to_a_user_reads_back(rule in rule(), value in value()) {
            let raw = Some(value.clone());
            let canonical = rule.canonical(raw.clone(), apply(&rule.to_directory, raw, None, Filling::Fill));
            if let Ok(Some(canonical)) = canonical {
                let mut ada = User::new("ada", NOW);
                rule.write(&mut ada, &canonical);
                let read = rule.of_user(&ada).unwrap();
                prop_assert!(crate::mapping::alike(&rule.field, read.as_ref(), Some(&canonical)), "{read:?} {canonical:?}");
            }
        }
    }
}
