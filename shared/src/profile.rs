//! The profile fields that an admin defines: what a user has beyond SCIM's own attributes.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// How many fields an admin may define.
pub const MOST_FIELDS: usize = 100;

/// The longest name of a field, in bytes.
const LONGEST_NAME: usize = 64;

/// A profile field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProfileField {
    /// Its name, as SCIM allows it for an attribute (RFC 7643, 2.1): a letter, then letters,
    /// digits, `-` and `_`.
    pub name: String,
    /// How people know it.
    pub label: String,
    /// What its values are.
    #[serde(rename = "type")]
    pub kind: FieldKind,
    /// Whether it has several values.
    #[serde(default)]
    pub multi_valued: bool,
    /// Whether a client must give it.
    #[serde(default)]
    pub required: bool,
    /// Whether clients may only read it: it comes from a store.
    #[serde(default)]
    pub read_only: bool,
}

/// What the values of a profile field are, by SCIM's names of data types (RFC 7643, 2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum FieldKind {
    /// Text.
    String,
    /// A whole number.
    Integer,
    /// A number.
    Decimal,
    /// True or false.
    Boolean,
    /// A date and time (RFC 3339).
    DateTime,
}

/// The profile fields cannot be as defined.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoFields {
    /// There are too many.
    #[error("the profile fields cannot be kept ({MOST_FIELDS} are the most)")]
    TooMany,
    /// A name is none.
    #[error("the profile field {0:?} cannot be kept (a name is a letter, then letters, digits, - and _)")]
    Name(String),
    /// A name comes twice.
    #[error("the profile field {0:?} cannot be kept (another has this name, or another case of it)")]
    Twice(String),
}

impl ProfileField {
    /// A field of one value that clients may write and leave out.
    pub fn new(name: impl Into<String>, label: impl Into<String>, kind: FieldKind) -> ProfileField {
        ProfileField {
            name: name.into(),
            label: label.into(),
            kind,
            multi_valued: false,
            required: false,
            read_only: false,
        }
    }
}

/// The fields that the mapping fills without configuration.
pub fn standard_fields() -> [ProfileField; 3] {
    let field = ProfileField::new;
    [
        ProfileField { read_only: true, ..field("customerId", "Customer number", FieldKind::Integer) },
        ProfileField {
            read_only: true,
            multi_valued: true,
            ..field("channelIds", "Channels of the store", FieldKind::Integer)
        },
        field("acceptsMarketing", "Accepts marketing", FieldKind::Boolean),
    ]
}

/// Whether an admin may define these fields beside the standard ones.
pub fn check_fields(fields: &[ProfileField]) -> Result<(), NoFields> {
    if fields.len() > MOST_FIELDS {
        return Err(NoFields::TooMany);
    }
    let mut names: BTreeSet<String> = standard_fields().map(|field| field.name.to_lowercase()).into();
    for ProfileField { name, .. } in fields {
        if !is_name(name) {
            return Err(NoFields::Name(name.chars().take(LONGEST_NAME).collect()));
        }
        if !names.insert(name.to_lowercase()) {
            return Err(NoFields::Twice(name.clone()));
        }
    }
    Ok(())
}

fn is_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.len() <= LONGEST_NAME
        && name.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::{Attribute, Mapping};

    fn fields(names: &[&str]) -> Vec<ProfileField> {
        names.iter().map(|name| ProfileField::new(*name, "", FieldKind::String)).collect()
    }

    #[test]
    fn names_are_attribute_names_and_differ_in_more_than_case() {
        assert_eq!(check_fields(&fields(&["size", "loyalty-number_2"])), Ok(()));
        for name in ["", "1st", "a b", "a.b", "é", &"a".repeat(65)] {
            assert!(matches!(check_fields(&fields(&[name])), Err(NoFields::Name(_))), "{name}");
        }
        for names in [["size", "SIZE"], ["size", "customerID"]] {
            assert_eq!(check_fields(&fields(&names)), Err(NoFields::Twice(names[1].to_owned())));
        }
        assert_eq!(check_fields(&vec![fields(&["size"]).remove(0); 101]), Err(NoFields::TooMany));
    }

    #[test]
    fn the_standard_fields_are_those_that_the_mapping_fills() {
        let mapped: BTreeSet<String> = Mapping::default()
            .rules
            .into_iter()
            .filter_map(|rule| match rule.attribute {
                Attribute::Field(name) => Some(name),
                _ => None,
            })
            .collect();
        assert_eq!(mapped, standard_fields().map(|field| field.name).into());
    }
}
