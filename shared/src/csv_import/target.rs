//! What a column of a file can be, and how it is written.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::Layout;
use crate::{
    mapping::{AddressAttribute, AddressField, CustomerField},
    profile::ProfileField,
    scim::text_attributes,
};

/// What a column is. As text: the attribute's SCIM name, `addresses.<part>` of the user's first address, or
/// `fields.<name>`; of a customer `customer.<field>`, `customer.addresses` with all of them in one cell, or
/// `customer.addresses.<number>.<field>`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// `id`: which user it is. A row with one that nobody has is refused.
    Id,
    /// `userName`
    UserName,
    /// `externalId`: what the maker of the file calls the user.
    ExternalId,
    /// `active`
    Active,
    /// `emails`: the primary address
    Email,
    /// `phoneNumbers`: the primary number
    PhoneNumber,
    /// `name.<part>`
    Name(&'static str),
    /// A text attribute, by its SCIM name
    Text(&'static str),
    /// `addresses.<part>`
    Address(AddressAttribute),
    /// `fields.<name>`: a profile field
    Field(String),
    /// `customer.<field>`
    Customer(CustomerField),
    /// `customer.addresses`
    CustomerAddresses,
    /// `customer.addresses.<number>.<field>`, from 1 on
    CustomerAddress(u8, AddressField),
}

/// The text names nothing that a column can be.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is nothing that a column can be")]
pub struct NotATarget(String);

/// The parts of a name, by their SCIM names.
const NAME: [&str; 6] =
    ["givenName", "familyName", "middleName", "formatted", "honorificPrefix", "honorificSuffix"];

/// The customer's fields that an export has.
const EXPORTED: [CustomerField; 9] = [
    CustomerField::Id,
    CustomerField::Email,
    CustomerField::FirstName,
    CustomerField::LastName,
    CustomerField::Company,
    CustomerField::Phone,
    CustomerField::Notes,
    CustomerField::TaxExemptCategory,
    CustomerField::AcceptsMarketing,
];

/// How many addresses with columns of their own a person is offered; a file may have more.
const OFFERED_ADDRESSES: u8 = 3;
/// How many a store keeps for a customer at the least.
pub(super) const MOST_ADDRESSES: u8 = 50;

/// What a column can be in a file laid out so, for a person to choose from.
pub fn targets(layout: Layout, fields: &[ProfileField]) -> Vec<Target> {
    match layout {
        Layout::Plain => [Target::Id, Target::UserName, Target::Email]
            .into_iter()
            .chain(NAME.map(Target::Name))
            .chain([Target::PhoneNumber, Target::Active, Target::ExternalId])
            .chain(text_attributes().map(Target::Text))
            .chain(AddressAttribute::ALL.map(Target::Address))
            .chain(
                fields.iter().filter(|field| !field.read_only).map(|field| Target::Field(field.name.clone())),
            )
            .collect(),
        Layout::Exported => {
            let of_address = |number| AddressField::ALL.map(|field| Target::CustomerAddress(number, field));
            EXPORTED
                .into_iter()
                .chain([CustomerField::CustomerGroupId])
                .map(Target::Customer)
                .chain([Target::CustomerAddresses])
                .chain((1..=OFFERED_ADDRESSES).flat_map(of_address))
                .collect()
        }
    }
}

impl Target {
    /// In which layout a column can be this.
    pub fn layout(&self) -> Layout {
        match self {
            Target::Customer(_) | Target::CustomerAddresses | Target::CustomerAddress(..) => Layout::Exported,
            _ => Layout::Plain,
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Target::Id => f.write_str("id"),
            Target::UserName => f.write_str("userName"),
            Target::ExternalId => f.write_str("externalId"),
            Target::Active => f.write_str("active"),
            Target::Email => f.write_str("emails"),
            Target::PhoneNumber => f.write_str("phoneNumbers"),
            Target::Name(part) => write!(f, "name.{part}"),
            Target::Text(name) => f.write_str(name),
            Target::Address(part) => write!(f, "addresses.{part}"),
            Target::Field(name) => write!(f, "fields.{name}"),
            Target::Customer(field) => write!(f, "customer.{field}"),
            Target::CustomerAddresses => f.write_str("customer.addresses"),
            Target::CustomerAddress(number, field) => write!(f, "customer.addresses.{number}.{field}"),
        }
    }
}

impl FromStr for Target {
    type Err = NotATarget;

    fn from_str(text: &str) -> Result<Target, NotATarget> {
        let named = |text: &str| match text {
            "id" => Some(Target::Id),
            "userName" => Some(Target::UserName),
            "externalId" => Some(Target::ExternalId),
            "active" => Some(Target::Active),
            "emails" => Some(Target::Email),
            "phoneNumbers" => Some(Target::PhoneNumber),
            "customer.addresses" => Some(Target::CustomerAddresses),
            name => text_attributes().find(|known| *known == name).map(Target::Text),
        };
        let parted = |text: &str| {
            let (kind, rest) = text.split_once('.')?;
            match kind {
                "name" => NAME.into_iter().find(|part| *part == rest).map(Target::Name),
                "addresses" => {
                    AddressAttribute::ALL.into_iter().find(|part| part.as_str() == rest).map(Target::Address)
                }
                "fields" => Some(Target::Field(rest.to_owned())).filter(|_| !rest.is_empty()),
                "customer" => match rest.strip_prefix("addresses.") {
                    Some(rest) => {
                        let (number, field) = rest.split_once('.')?;
                        let number = number.parse().ok().filter(|n| (1..=MOST_ADDRESSES).contains(n))?;
                        let field = AddressField::ALL.into_iter().find(|one| one.as_str() == field)?;
                        Some(Target::CustomerAddress(number, field))
                    }
                    None => rest.parse().ok().map(Target::Customer),
                },
                _ => None,
            }
        };
        named(text).or_else(|| parted(text)).ok_or_else(|| NotATarget(text.chars().take(100).collect()))
    }
}

impl Serialize for Target {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Target {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Target, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::FieldKind;

    #[test]
    fn what_a_column_can_be_is_read_as_it_is_written() {
        let fields = [ProfileField::new("size", "Size", FieldKind::String)];
        for layout in [Layout::Plain, Layout::Exported] {
            for target in targets(layout, &fields) {
                assert_eq!(target.to_string().parse::<Target>().unwrap(), target);
                assert_eq!(target.layout(), layout);
            }
        }
        for other in ["", "name", "name.x", "customer.x", "customer.addresses.0.city", "password", "fields."]
        {
            assert!(other.parse::<Target>().is_err(), "{other}");
        }
    }
}
