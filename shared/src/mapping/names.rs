//! The names of what can be mapped, and their text forms.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A field of a customer that can be mapped. As text: the wire name, `attributes.<id>` or
/// `form_fields.<name>`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CustomerField {
    /// `id`; flows to the directory only.
    Id,
    /// `email`
    Email,
    /// `first_name`
    FirstName,
    /// `last_name`
    LastName,
    /// `company`
    Company,
    /// `phone`
    Phone,
    /// `notes`
    Notes,
    /// `tax_exempt_category`
    TaxExemptCategory,
    /// `customer_group_id`; a number
    CustomerGroupId,
    /// `accepts_product_review_abandoned_cart_emails`; true or false
    AcceptsMarketing,
    /// `channel_ids`; an array of numbers
    ChannelIds,
    /// `attributes.<attribute id>`
    Attribute(u32),
    /// `form_fields.<name>`
    FormField(String),
}

/// A field of a customer's address that can be mapped, by its wire name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AddressField {
    /// `first_name`
    FirstName,
    /// `last_name`
    LastName,
    /// `company`
    Company,
    /// `address1`
    Address1,
    /// `address2`
    Address2,
    /// `city`
    City,
    /// `state_or_province`, the full name
    StateOrProvince,
    /// `postal_code`
    PostalCode,
    /// `country_code`, ISO 3166-1 alpha-2
    CountryCode,
    /// `phone`
    Phone,
    /// `address_type`
    AddressType,
}

/// An attribute of a user that can be mapped. As text: its SCIM name, or `fields.<name>`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Attribute {
    /// `userName`
    UserName,
    /// `name.givenName`
    GivenName,
    /// `name.familyName`
    FamilyName,
    /// `emails`: the primary address
    Email,
    /// `phoneNumbers`: the primary number
    PhoneNumber,
    /// `groups`: mapped by group rules, and by no other
    Groups,
    /// A single-valued text attribute by its SCIM name: `displayName`, `title`, `locale`, `organization`, …
    Text(String),
    /// `fields.<name>`: a profile field
    Field(String),
}

/// A part of a user's address that can be mapped, by its SCIM name where SCIM has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum AddressAttribute {
    /// `givenName`: of the recipient; the user's own where absent
    GivenName,
    /// `familyName`: of the recipient; the user's own where absent
    FamilyName,
    /// `organization`
    Organization,
    /// `streetAddress`: the first line
    StreetAddress,
    /// `extendedAddress`: the second line
    ExtendedAddress,
    /// `locality`
    Locality,
    /// `region`
    Region,
    /// `postalCode`
    PostalCode,
    /// `country`
    Country,
    /// `phoneNumber`
    PhoneNumber,
    /// `premises`: `residential` or `commercial`
    Premises,
    /// `formatted`: the whole address as it is shown to people; gone when the store changes a part
    Formatted,
}

/// The text names nothing that can be mapped.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} cannot be mapped (a field that the two sides do not have)")]
pub struct NotMappable(String);

const NAMED: [(&str, CustomerField); 11] = [
    ("id", CustomerField::Id),
    ("email", CustomerField::Email),
    ("first_name", CustomerField::FirstName),
    ("last_name", CustomerField::LastName),
    ("company", CustomerField::Company),
    ("phone", CustomerField::Phone),
    ("notes", CustomerField::Notes),
    ("tax_exempt_category", CustomerField::TaxExemptCategory),
    ("customer_group_id", CustomerField::CustomerGroupId),
    ("accepts_product_review_abandoned_cart_emails", CustomerField::AcceptsMarketing),
    ("channel_ids", CustomerField::ChannelIds),
];

impl AddressAttribute {
    /// All of them.
    pub const ALL: [AddressAttribute; 12] = [
        AddressAttribute::GivenName,
        AddressAttribute::FamilyName,
        AddressAttribute::Organization,
        AddressAttribute::StreetAddress,
        AddressAttribute::ExtendedAddress,
        AddressAttribute::Locality,
        AddressAttribute::Region,
        AddressAttribute::PostalCode,
        AddressAttribute::Country,
        AddressAttribute::PhoneNumber,
        AddressAttribute::Premises,
        AddressAttribute::Formatted,
    ];

    /// Its SCIM name.
    pub fn as_str(self) -> &'static str {
        match self {
            AddressAttribute::GivenName => "givenName",
            AddressAttribute::FamilyName => "familyName",
            AddressAttribute::Organization => "organization",
            AddressAttribute::StreetAddress => "streetAddress",
            AddressAttribute::ExtendedAddress => "extendedAddress",
            AddressAttribute::Locality => "locality",
            AddressAttribute::Region => "region",
            AddressAttribute::PostalCode => "postalCode",
            AddressAttribute::Country => "country",
            AddressAttribute::PhoneNumber => "phoneNumber",
            AddressAttribute::Premises => "premises",
            AddressAttribute::Formatted => "formatted",
        }
    }
}

impl fmt::Display for AddressAttribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl AddressField {
    /// All of them.
    pub const ALL: [AddressField; 11] = [
        AddressField::FirstName,
        AddressField::LastName,
        AddressField::Company,
        AddressField::Address1,
        AddressField::Address2,
        AddressField::City,
        AddressField::StateOrProvince,
        AddressField::PostalCode,
        AddressField::CountryCode,
        AddressField::Phone,
        AddressField::AddressType,
    ];

    /// Its wire name.
    pub fn as_str(self) -> &'static str {
        match self {
            AddressField::FirstName => "first_name",
            AddressField::LastName => "last_name",
            AddressField::Company => "company",
            AddressField::Address1 => "address1",
            AddressField::Address2 => "address2",
            AddressField::City => "city",
            AddressField::StateOrProvince => "state_or_province",
            AddressField::PostalCode => "postal_code",
            AddressField::CountryCode => "country_code",
            AddressField::Phone => "phone",
            AddressField::AddressType => "address_type",
        }
    }
}

impl fmt::Display for AddressField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for CustomerField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CustomerField::Attribute(id) => write!(f, "attributes.{id}"),
            CustomerField::FormField(name) => write!(f, "form_fields.{name}"),
            named => f.write_str(NAMED.iter().find(|(_, field)| field == named).map_or("", |(name, _)| name)),
        }
    }
}

impl FromStr for CustomerField {
    type Err = NotMappable;

    fn from_str(text: &str) -> Result<CustomerField, NotMappable> {
        if let Some((_, field)) = NAMED.iter().find(|(name, _)| *name == text) {
            return Ok(field.clone());
        }
        if let Some(id) = text.strip_prefix("attributes.").and_then(|id| id.parse().ok()) {
            return Ok(CustomerField::Attribute(id));
        }
        match text.strip_prefix("form_fields.") {
            Some(name) if !name.is_empty() => Ok(CustomerField::FormField(name.to_owned())),
            _ => Err(NotMappable(text.to_owned())),
        }
    }
}

impl fmt::Display for Attribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Attribute::UserName => f.write_str("userName"),
            Attribute::GivenName => f.write_str("name.givenName"),
            Attribute::FamilyName => f.write_str("name.familyName"),
            Attribute::Email => f.write_str("emails"),
            Attribute::PhoneNumber => f.write_str("phoneNumbers"),
            Attribute::Groups => f.write_str("groups"),
            Attribute::Text(name) => f.write_str(name),
            Attribute::Field(name) => write!(f, "fields.{name}"),
        }
    }
}

impl FromStr for Attribute {
    type Err = NotMappable;

    fn from_str(text: &str) -> Result<Attribute, NotMappable> {
        let word = |name: &str| {
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        };
        match text {
            "userName" => Ok(Attribute::UserName),
            "name.givenName" => Ok(Attribute::GivenName),
            "name.familyName" => Ok(Attribute::FamilyName),
            "emails" => Ok(Attribute::Email),
            "phoneNumbers" => Ok(Attribute::PhoneNumber),
            "groups" => Ok(Attribute::Groups),
            name if word(name) => Ok(Attribute::Text(name.to_owned())),
            other => match other.strip_prefix("fields.") {
                Some(name) if word(name) => Ok(Attribute::Field(name.to_owned())),
                _ => Err(NotMappable(text.to_owned())),
            },
        }
    }
}

/// Both kinds of name are written and read as text.
macro_rules! as_text {
    ($name:ty) => {
        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<$name, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

as_text!(CustomerField);
as_text!(Attribute);
