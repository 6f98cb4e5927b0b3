//! Which directory attribute is which customer field, and how values travel between them.

use std::{collections::BTreeMap, fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Mapped values in the customer's vocabulary, in canonical form: an empty value is an absent key.
pub type Fields = BTreeMap<CustomerField, Value>;

/// The content of one address in the customer's vocabulary, in canonical form.
pub type AddressFields = BTreeMap<AddressField, String>;

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
}

/// The mapping of an application: its rules for customers and for their addresses.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Mapping {
    /// One rule a customer field.
    pub rules: Vec<Rule>,
    /// One rule an address field; none: addresses are left alone.
    #[serde(default)]
    pub address_rules: Vec<AddressRule>,
}

/// One customer field and the attribute it is mapped to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rule {
    /// The directory's side.
    pub attribute: Attribute,
    /// The store's side.
    pub field: CustomerField,
    /// Which way values flow.
    #[serde(default)]
    pub direction: Direction,
    /// Applied in order to what goes to the store, and to both sides before they are compared.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub to_store: Vec<Transform>,
    /// Applied in order to what goes to the directory.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub to_directory: Vec<Transform>,
}

/// One address field and the part of the user's address it is mapped to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AddressRule {
    /// The directory's side.
    pub attribute: AddressAttribute,
    /// The store's side.
    pub field: AddressField,
    /// Applied in order to what goes to the store, and to both sides before they are compared.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub to_store: Vec<Transform>,
    /// Applied in order to what goes to the directory.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub to_directory: Vec<Transform>,
}

/// Which way the values of a rule flow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Direction {
    /// Both ways, by the merge.
    #[default]
    Both,
    /// The store's value always stands.
    ToDirectory,
    /// The directory's value always stands.
    ToStore,
}

/// A named way to change a value. Each is idempotent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Transform {
    /// Without surrounding white space.
    Trim,
    /// Lower case.
    Lower,
    /// Upper case.
    Upper,
    /// Any name or code of a country to its ISO 3166-1 alpha-2 code.
    CountryAlpha2,
    /// Any name or code of a country to its ISO 3166-1 alpha-3 code.
    CountryAlpha3,
    /// Any name or code of a country to its English name.
    CountryName,
    /// A state's name or code to the code after the hyphen of ISO 3166-2, within the address's country.
    StateCode,
    /// A state's name or code to its full name, within the address's country.
    StateName,
    /// This value, whatever was there.
    Constant(String),
    /// This value where there is none.
    Default(String),
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
