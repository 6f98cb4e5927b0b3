//! What either side refuses, checked before anything is sent.

use std::ops::RangeInclusive;

use serde_json::Value;

use super::{AddressField, AddressFields, Attribute, CustomerField, Fields, Mapping, Refusal, value::text};
use crate::places::{self, Country};

/// What either side takes under a mapping.
pub(crate) struct Limits<'a>(pub(crate) &'a Mapping);

impl Limits<'_> {
    /// Whether the store takes `value` for `field`; null clears.
    pub(crate) fn store_takes(&self, field: &CustomerField, value: &Value) -> Result<(), Refusal> {
        let length = text(value).map_or(0, |text| text.chars().count());
        let rule = match field {
            CustomerField::Email if !(3..=250).contains(&length) => "3 to 250 characters",
            CustomerField::Email if !is_address(value) => "an e-mail address",
            CustomerField::FirstName | CustomerField::LastName if !(1..=100).contains(&length) => {
                "1 to 100 characters"
            }
            CustomerField::Company | CustomerField::TaxExemptCategory | CustomerField::Attribute(_)
                if length > 255 =>
            {
                "at most 255 characters"
            }
            CustomerField::Phone if length > 50 => "at most 50 characters",
            _ => return Ok(()),
        };
        Err(Refusal::new(field, value.clone(), rule))
    }

    /// What the store misses for a customer to be created.
    pub(crate) fn store_misses(&self, fields: &Fields) -> Vec<Refusal> {
        let needed = [CustomerField::Email, CustomerField::FirstName, CustomerField::LastName];
        let missing = needed.iter().filter(|field| !fields.contains_key(field));
        missing.filter_map(|field| self.store_takes(field, &Value::Null).err()).collect()
    }

    /// Whether the store takes an address.
    pub(crate) fn store_takes_address(&self, address: &AddressFields) -> Result<(), Refusal> {
        let value = |field| address.get(&field).map_or("", String::as_str);
        let refused = |field: AddressField, rule| {
            let value = address.get(&field).map_or(Value::Null, |text| text.as_str().into());
            Err(Refusal::new(format!("addresses.{field}"), value, rule))
        };
        let country = places::country(value(AddressField::CountryCode)).ok();
        let Some(country) = country.filter(|country| country.alpha2() == value(AddressField::CountryCode))
        else {
            return refused(AddressField::CountryCode, "an ISO 3166-1 code of two letters");
        };
        for field in self.0.address_rules.iter().map(|rule| rule.field) {
            let (length, rule) = length(field, country);
            if !length.contains(&value(field).chars().count()) {
                return refused(field, rule);
            }
        }
        if country.has_states() && country.state(value(AddressField::StateOrProvince)).is_err() {
            return refused(AddressField::StateOrProvince, "the name of a state of its country");
        }
        match value(AddressField::AddressType) {
            "" | "residential" | "commercial" => Ok(()),
            _ => refused(AddressField::AddressType, "residential or commercial"),
        }
    }

    /// Whether the directory takes `value` for `field`; null clears.
    pub(crate) fn directory_takes(&self, field: &CustomerField, value: &Value) -> Result<(), Refusal> {
        let needed = |rule: &super::Rule| rule.required || rule.attribute == Attribute::UserName;
        match self.0.rule(field) {
            Some(rule) if value.is_null() && needed(rule) => {
                Err(Refusal::new(field, Value::Null, "needed in the directory"))
            }
            _ => Ok(()),
        }
    }

    /// What the directory misses for a user to be created.
    pub(crate) fn directory_misses(&self, fields: &Fields) -> Vec<Refusal> {
        let missing = self.0.rules.iter().map(|rule| &rule.field).filter(|field| !fields.contains_key(field));
        let mut refused: Vec<Refusal> =
            missing.filter_map(|field| self.directory_takes(field, &Value::Null).err()).collect();
        let nameless = !self.0.maps_user_name() && !fields.contains_key(&CustomerField::Email);
        if nameless && refused.iter().all(|refusal| refusal.field != "email") {
            refused.push(Refusal::new(CustomerField::Email, Value::Null, "needed for the user name"));
        }
        refused
    }
}

fn length(field: AddressField, country: Country) -> (RangeInclusive<usize>, &'static str) {
    match field {
        AddressField::FirstName | AddressField::LastName => (1..=255, "1 to 255 characters"),
        AddressField::Company => (0..=255, "at most 255 characters"),
        AddressField::Address1 => (1..=usize::MAX, "the first line of the address"),
        AddressField::City => (1..=100, "1 to 100 characters"),
        AddressField::StateOrProvince if country.has_states() => (1..=100, "1 to 100 characters"),
        AddressField::StateOrProvince => (0..=100, "at most 100 characters"),
        AddressField::PostalCode if country.has_postal_codes() => (1..=30, "1 to 30 characters"),
        AddressField::PostalCode => (0..=30, "at most 30 characters"),
        AddressField::Phone => (0..=50, "at most 50 characters"),
        AddressField::Address2 | AddressField::CountryCode | AddressField::AddressType => {
            (0..=usize::MAX, "any text")
        }
    }
}

/// One `@` with something on either side, a dot in the domain, and no white space: the store's own
/// check, as far as it is known.
fn is_address(value: &Value) -> bool {
    let Some((local, domain)) = value.as_str().and_then(|text| text.split_once('@')) else { return false };
    let odd = |letter: char| letter.is_whitespace() || letter.is_control() || letter == '@';
    let dotted = domain.split_once('.').is_some_and(|(name, rest)| !name.is_empty() && !rest.is_empty());
    !local.is_empty() && !local.contains(odd) && dotted && !domain.contains(odd) && !domain.ends_with('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn takes(field: &CustomerField, value: &str) -> bool {
        Limits(&Mapping::default()).store_takes(field, &value.into()).is_ok()
    }

    fn address(change: &[(AddressField, &str)]) -> AddressFields {
        let whole = [
            (AddressField::FirstName, "Ada"),
            (AddressField::LastName, "Lovelace"),
            (AddressField::Address1, "1 Main St"),
            (AddressField::City, "Austin"),
            (AddressField::StateOrProvince, "Texas"),
            (AddressField::PostalCode, "78701"),
            (AddressField::CountryCode, "US"),
        ];
        let mut address: AddressFields =
            whole.iter().chain(change).map(|(field, value)| (*field, (*value).to_owned())).collect();
        address.retain(|_, value| !value.is_empty());
        address
    }

    fn refused(change: &[(AddressField, &str)]) -> Option<String> {
        let refusal = Limits(&Mapping::default()).store_takes_address(&address(change)).err();
        refusal.map(|refusal| refusal.to_string())
    }

    #[test]
    fn g38_the_limits_of_the_store_are_kept_to_the_character() {
        let email = |length: usize| format!("{}@x.example", "ä".repeat(length - 10));
        assert!(takes(&CustomerField::Email, &email(250)) && !takes(&CustomerField::Email, &email(251)));
        for field in [CustomerField::FirstName, CustomerField::LastName] {
            assert!(
                takes(&field, &"ñ".repeat(100)) && !takes(&field, &"n".repeat(101)) && !takes(&field, "")
            );
        }
        for (field, most) in [
            (CustomerField::Company, 255),
            (CustomerField::TaxExemptCategory, 255),
            (CustomerField::Attribute(7), 255),
            (CustomerField::Phone, 50),
        ] {
            assert!(
                takes(&field, &"x".repeat(most))
                    && !takes(&field, &"x".repeat(most + 1))
                    && takes(&field, "")
            );
        }
        assert!(takes(&CustomerField::Notes, &"x".repeat(10_000)));
    }

    #[test]
    fn g38_what_is_no_address_is_not_sent_as_one() {
        for valid in ["a+b@x.example", "😀@例え.jp", "o'hara@sub.x.example"] {
            assert!(takes(&CustomerField::Email, valid), "{valid}");
        }
        for wrong in
            ["ab", "a@b", "@x.example", "a@", "a b@x.example", "a@x.example,b@x.example", "a@x@y.z", "a@.x"]
        {
            assert!(!takes(&CustomerField::Email, wrong), "{wrong}");
        }
    }

    #[test]
    fn an_address_is_refused_with_its_field_its_value_and_the_rule() {
        assert_eq!(refused(&[]), None);
        assert_eq!(
            refused(&[(AddressField::StateOrProvince, "Teksas")]).as_deref(),
            Some("addresses.state_or_province “Teksas” (the name of a state of its country)")
        );
        assert_eq!(
            refused(&[(AddressField::PostalCode, "")]).as_deref(),
            Some("addresses.postal_code without a value (1 to 30 characters)")
        );
        assert_eq!(
            refused(&[(AddressField::CountryCode, "Atlantis")]).as_deref(),
            Some("addresses.country_code “Atlantis” (an ISO 3166-1 code of two letters)")
        );
        assert!(refused(&[(AddressField::AddressType, "villa")]).is_some());
        assert!(refused(&[(AddressField::FirstName, "")]).is_some());
    }

    #[test]
    fn states_and_postal_codes_are_asked_for_where_the_country_has_them() {
        let ireland = [
            (AddressField::CountryCode, "IE"),
            (AddressField::StateOrProvince, ""),
            (AddressField::PostalCode, ""),
        ];
        assert_eq!(refused(&ireland), None);
        assert!(refused(&[(AddressField::CountryCode, "CA")]).is_some(), "Texas is no province");
        assert!(
            refused(&[(AddressField::CountryCode, "GB"), (AddressField::StateOrProvince, "London")])
                .is_none()
        );
    }

    #[test]
    fn a_user_without_the_needed_values_is_no_customer() {
        let missing = Limits(&Mapping::default()).store_misses(&Fields::new());
        assert_eq!(
            missing.iter().map(|refusal| refusal.field.as_str()).collect::<Vec<_>>(),
            ["email", "first_name", "last_name"]
        );
    }
}
