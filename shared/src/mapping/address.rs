//! Addresses: by content, as the store keeps them. The recipient of a user's address is the user
//! where the address names none; an empty name is one that the store has not.

use serde_json::Value;

use super::{
    AddressAttribute, AddressField, AddressFields, AddressRule, Coverage, Mapped, Mapping, Refusal,
    transform::{Filling, apply, compared},
};
use crate::{
    bigcommerce,
    merge::AddressChanges,
    places::{self, Country},
    user::{Address, User},
};

/// What an address of the user is to hold, and the address it is made of.
pub(super) type Kept = Vec<(Address, Option<AddressFields>)>;

/// The store's own default: the same as none.
pub(super) const RESIDENTIAL: &str = "residential";

impl Mapping {
    pub(super) fn read_addresses(
        &self,
        mapped: &mut Mapped,
        addresses: impl Iterator<Item = Result<AddressFields, Refusal>>,
    ) {
        for address in addresses {
            match address {
                Ok(address) => drop(mapped.addresses.insert(address)),
                Err(refusal) => {
                    mapped.refused.push(refusal);
                    mapped.coverage = Coverage::Partial;
                }
            }
        }
        mapped.addresses.remove(&AddressFields::new());
    }

    /// The canonical content of a user's address; without any where it holds nothing but its recipient.
    pub(super) fn address_of_user(&self, user: &User, address: &Address) -> Result<AddressFields, Refusal> {
        let fields = self.read_parts(user, address)?;
        let recipient = [AddressField::FirstName, AddressField::LastName];
        Ok(if fields.keys().all(|field| recipient.contains(field)) { AddressFields::new() } else { fields })
    }

    fn read_parts(&self, user: &User, address: &Address) -> Result<AddressFields, Refusal> {
        self.canonical_address(|rule| {
            let own = || own_name(user, rule.attribute);
            Some(address.parts.get(&rule.attribute).or_else(own)?.as_str())
        })
    }

    /// The canonical content of a customer's address.
    pub(super) fn address_of_customer(
        &self,
        address: &bigcommerce::Address,
    ) -> Result<AddressFields, Refusal> {
        self.canonical_address(|rule| Some(rule.field.of(address)))
    }

    /// Constants and defaults are put in on both sides: an address is compared as a whole, and one
    /// that differs in a filled-in part only is no other address.
    fn canonical_address<'a>(
        &self,
        raw: impl Fn(&AddressRule) -> Option<&'a str>,
    ) -> Result<AddressFields, Refusal> {
        let mut fields = AddressFields::new();
        let (countries, others): (Vec<_>, Vec<_>) =
            self.address_rules.iter().partition(|rule| rule.field == AddressField::CountryCode);
        for rule in countries.into_iter().chain(others) {
            let country =
                fields.get(&AddressField::CountryCode).and_then(|code: &String| places::country(code).ok());
            if let Some(value) = rule.canonical(raw(rule), country)? {
                fields.insert(rule.field, value);
            }
        }
        Ok(fields)
    }

    /// The user's addresses that stay, each with what it reads as now (`None`: it cannot be read
    /// and is left alone), and those that are gained.
    pub(super) fn addresses_to_keep(&self, user: &User, changes: &AddressChanges) -> Kept {
        let mut kept = Kept::new();
        let mut lost = Vec::new();
        for address in &user.addresses {
            match self.address_of_user(user, address).ok() {
                Some(content) if changes.remove.contains(&content) => lost.push((address.clone(), content)),
                content => kept.push((address.clone(), content.filter(|content| !content.is_empty()))),
            }
        }
        for gained in &changes.add {
            let place = most_similar(gained, lost.iter().map(|(_, content)| content));
            let address = place.map_or_else(Address::default, |place| lost.swap_remove(place).0);
            kept.push((address, Some(gained.clone())));
        }
        kept
    }

    /// Writes the addresses so that each reads as it is to; runs after the user's own name is written.
    pub(super) fn write_addresses(&self, user: &mut User, kept: Kept) {
        let written = |(mut address, content): (Address, Option<AddressFields>)| {
            if let Some(content) = content {
                self.write_address(user, &mut address, &content);
            }
            address
        };
        user.addresses = kept.into_iter().map(written).collect();
    }

    fn write_address(&self, user: &User, address: &mut Address, content: &AddressFields) {
        let now = self.read_parts(user, address).unwrap_or_default();
        let country = content.get(&AddressField::CountryCode).and_then(|code| places::country(code).ok());
        if now != *content {
            address.parts.remove(&AddressAttribute::Formatted);
        }
        for rule in self.address_rules.iter().filter(|rule| now.get(&rule.field) != content.get(&rule.field))
        {
            let wanted = content.get(&rule.field).map(String::as_str);
            let own = own_name(user, rule.attribute).map(String::as_str);
            if own.is_some() && rule.canonical(own, country).is_ok_and(|own| own.as_deref() == wanted) {
                address.parts.remove(&rule.attribute);
                continue;
            }
            match rule.for_user(wanted, country) {
                Some(part) => drop(address.parts.insert(rule.attribute, part)),
                None if own.is_some() => drop(address.parts.insert(rule.attribute, String::new())),
                None => drop(address.parts.remove(&rule.attribute)),
            }
        }
    }
}

impl AddressRule {
    /// Twice: what was filled in goes through the other transforms as what was there does.
    fn canonical(&self, raw: Option<&str>, country: Option<Country>) -> Result<Option<String>, Refusal> {
        let raw = raw.map(Value::from);
        let compared = |value| compared(&self.to_directory, &self.to_store, value, country, Filling::Fill);
        let value = compared(raw.clone()).and_then(compared).map_err(|rule| {
            Refusal::new(format!("addresses.{}", self.field), raw.unwrap_or_default(), rule)
        })?;
        let text = value.and_then(|value| value.as_str().map(str::to_owned));
        Ok(text.filter(|text| self.field != AddressField::AddressType || text != RESIDENTIAL))
    }

    fn for_user(&self, wanted: Option<&str>, country: Option<Country>) -> Option<String> {
        let value = apply(&self.to_directory, Some(wanted?.into()), country, Filling::Fill).ok()??;
        value.as_str().map(str::to_owned)
    }
}

impl AddressField {
    /// This field of a customer's address.
    pub(super) fn of(self, address: &bigcommerce::Address) -> &str {
        match self {
            AddressField::FirstName => &address.first_name,
            AddressField::LastName => &address.last_name,
            AddressField::Company => &address.company,
            AddressField::Address1 => &address.address1,
            AddressField::Address2 => &address.address2,
            AddressField::City => &address.city,
            AddressField::StateOrProvince => &address.state_or_province,
            AddressField::PostalCode => &address.postal_code,
            AddressField::CountryCode => &address.country_code,
            AddressField::Phone => &address.phone,
            AddressField::AddressType => &address.address_type,
        }
    }

    /// This field of a customer's address, to be written.
    pub(crate) fn of_mut(self, address: &mut bigcommerce::Address) -> &mut String {
        match self {
            AddressField::FirstName => &mut address.first_name,
            AddressField::LastName => &mut address.last_name,
            AddressField::Company => &mut address.company,
            AddressField::Address1 => &mut address.address1,
            AddressField::Address2 => &mut address.address2,
            AddressField::City => &mut address.city,
            AddressField::StateOrProvince => &mut address.state_or_province,
            AddressField::PostalCode => &mut address.postal_code,
            AddressField::CountryCode => &mut address.country_code,
            AddressField::Phone => &mut address.phone,
            AddressField::AddressType => &mut address.address_type,
        }
    }
}

fn own_name(user: &User, attribute: AddressAttribute) -> Option<&String> {
    match attribute {
        AddressAttribute::GivenName => user.name.given_name.as_ref(),
        AddressAttribute::FamilyName => user.name.family_name.as_ref(),
        _ => None,
    }
    .filter(|name| !name.is_empty())
}

/// Which of `addresses` has most in common with `address` beside its recipient and country.
pub(super) fn most_similar<'a>(
    address: &AddressFields,
    addresses: impl Iterator<Item = &'a AddressFields>,
) -> Option<usize> {
    const COMMON: [AddressField; 3] =
        [AddressField::FirstName, AddressField::LastName, AddressField::CountryCode];
    let alike = |other: &AddressFields| {
        address
            .iter()
            .filter(|(field, value)| !COMMON.contains(field) && other.get(field) == Some(value))
            .count()
    };
    let scored = addresses.map(alike).enumerate().filter(|(_, score)| *score > 0);
    scored.max_by_key(|(_, score)| *score).map(|(place, _)| place)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::mapping::Fields;

    fn ada() -> User {
        let mut user = User::new("ada", Timestamp::UNIX_EPOCH);
        user.name.given_name = Some("Ada".to_owned());
        user.name.family_name = Some("Lovelace".to_owned());
        user
    }

    fn address(parts: &[(AddressAttribute, &str)]) -> Address {
        let parts = parts.iter().map(|(attribute, part)| (*attribute, (*part).to_owned())).collect();
        Address { parts, kind: Some("home".to_owned()), primary: true }
    }

    const TEXAS: [(AddressAttribute, &str); 5] = [
        (AddressAttribute::StreetAddress, "1 Main St"),
        (AddressAttribute::Locality, "Austin"),
        (AddressAttribute::Region, "TX"),
        (AddressAttribute::PostalCode, "78701"),
        (AddressAttribute::Country, "USA"),
    ];

    fn only(user: &User) -> AddressFields {
        let addresses = Mapping::default().read_user(user).addresses;
        assert_eq!(addresses.len(), 1);
        addresses.into_iter().next().unwrap()
    }

    #[test]
    fn codes_and_names_of_places_read_alike_and_the_recipient_is_the_user() {
        let user = User { addresses: vec![address(&TEXAS)], ..ada() };
        let read = only(&user);
        for (field, value) in [
            (AddressField::StateOrProvince, "Texas"),
            (AddressField::CountryCode, "US"),
            (AddressField::FirstName, "Ada"),
            (AddressField::LastName, "Lovelace"),
        ] {
            assert_eq!(read[&field], value);
        }
        let stored = bigcommerce::Address {
            first_name: "Ada".to_owned(),
            last_name: "Lovelace".to_owned(),
            address1: "1 Main St".to_owned(),
            city: "Austin".to_owned(),
            state_or_province: "Texas".to_owned(),
            postal_code: "78701".to_owned(),
            country_code: "US".to_owned(),
            address_type: "residential".to_owned(),
            ..bigcommerce::Address::default()
        };
        assert_eq!(Mapping::default().address_of_customer(&stored), Ok(read));
    }

    #[test]
    fn an_edited_address_keeps_its_type_and_what_reads_alike_keeps_its_spelling() {
        let mut user = User { addresses: vec![address(&TEXAS)], ..ada() };
        let old = only(&user);
        let mut new = old.clone();
        new.insert(AddressField::Address1, "2 Side St".to_owned());
        let changes = AddressChanges { add: [new].into(), remove: [old].into() };
        Mapping::default().write_user(&mut user, &Fields::new(), &changes, Timestamp::UNIX_EPOCH);
        let mut edited = TEXAS;
        edited[0].1 = "2 Side St";
        assert!(user.addresses == [address(&edited)]);
    }

    #[test]
    fn a_new_name_of_the_user_leaves_the_recipients_as_they_were() {
        let mut user = User { addresses: vec![address(&TEXAS)], ..ada() };
        let before = only(&user);
        let married = Fields::from([(super::super::CustomerField::LastName, "King".into())]);
        Mapping::default().write_user(&mut user, &married, &AddressChanges::default(), Timestamp::UNIX_EPOCH);
        assert_eq!(only(&user), before);
        assert_eq!(user.addresses[0].parts[&AddressAttribute::FamilyName], "Lovelace");
        assert!(!user.addresses[0].parts.contains_key(&AddressAttribute::GivenName));
    }

    #[test]
    fn a_refused_address_does_not_hide_the_others() {
        let mut wrong = TEXAS;
        wrong[2].1 = "Teksas";
        let user = User { addresses: vec![address(&wrong), address(&TEXAS)], ..ada() };
        let mapped = Mapping::default().read_user(&user);
        assert_eq!((mapped.addresses.len(), mapped.coverage), (1, Coverage::Partial));
        assert_eq!(
            mapped.refused[0].to_string(),
            "addresses.state_or_province “Teksas” (the ISO 3166-2 code or name of a state of its country)"
        );
    }

    #[test]
    fn an_address_of_nothing_but_its_recipient_is_none() {
        let user = User { addresses: vec![Address::default()], ..ada() };
        assert!(Mapping::default().read_user(&user).addresses.is_empty());
    }
}
