//! What attributes there are and how they behave (RFC 7643, 2 and 7), for each kind of resource.

mod document;
mod extension;
mod group;
mod table;
mod user;

use std::borrow::Cow;

use super::{name::AttributePath, path::Path};
use crate::profile::ProfileField;

/// The schema of a user.
pub const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// The schema of a group.
pub const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
/// What an enterprise knows of a user (RFC 7643, 4.3).
pub const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
/// The profile fields that an admin defined.
pub const FIELDS: &str = "urn:clientele:params:scim:schemas:extension:fields:2.0:User";
/// The customers that a user is, read-only.
pub const LINKS: &str = "urn:clientele:params:scim:schemas:extension:links:2.0:User";

/// What the values of an attribute are (RFC 7643, 2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// True or false.
    Boolean,
    /// A whole number.
    Integer,
    /// A number.
    Decimal,
    /// A date and time with its offset.
    DateTime,
    /// Base64.
    Binary,
    /// The address of another resource.
    Reference,
    /// Sub-attributes.
    Complex,
}

/// Who may change an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutability {
    /// Clients, at any time.
    ReadWrite,
    /// The directory alone.
    ReadOnly,
    /// Clients, when its value comes into being.
    Immutable,
}

/// When an attribute is in an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Returned {
    /// Whatever was asked for.
    Always,
    /// Unless excluded, or others were asked for.
    Default,
}

/// Among which resources a value is there once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Uniqueness {
    /// It may be there often.
    None,
    /// Among all of its kind.
    Server,
}

/// One attribute, or one part of a complex one.
#[derive(Clone, Debug, PartialEq)]
pub struct Attribute {
    /// Its name as it is written.
    pub name: Cow<'static, str>,
    /// What it is, for people.
    pub description: Cow<'static, str>,
    /// What its values are.
    pub kind: Kind,
    /// Whether it has several values.
    pub multi_valued: bool,
    /// Whether a client must give it.
    pub required: bool,
    /// Whether its text is compared with case.
    pub case_exact: bool,
    /// Who may change it.
    pub mutability: Mutability,
    /// When it is in an answer.
    pub returned: Returned,
    /// Among which resources a value is there once.
    pub uniqueness: Uniqueness,
    /// Values that have a meaning; others are kept too.
    pub canonical: &'static [&'static str],
    /// What a reference leads to.
    pub references: &'static [&'static str],
    /// The parts of a complex attribute.
    pub parts: &'static [Attribute],
}

/// One schema.
#[derive(Clone, Debug, PartialEq)]
pub struct Schema {
    /// Its URN.
    pub id: &'static str,
    /// Its name, for people.
    pub name: &'static str,
    /// What it describes, for people.
    pub description: &'static str,
    /// Its attributes.
    pub attributes: Cow<'static, [Attribute]>,
}

/// The schemas of one kind of resource. Cheap to make: only the profile fields are copied.
#[derive(Clone, Debug, PartialEq)]
pub struct Schemas {
    /// The kind: `User` or `Group`.
    pub resource: &'static str,
    /// Where its resources are, below the service's address.
    pub endpoint: &'static str,
    /// The schema that each resource has.
    pub core: Schema,
    /// The schemas that it may have besides.
    pub extensions: Vec<Schema>,
}

/// What a path leads to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Target<'a> {
    /// An attribute, or a part of it.
    Attribute(Place<'a>),
    /// All attributes of an extension.
    Extension(&'a Schema),
    /// All attributes of the core schema.
    Core,
}

/// Where an attribute is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Place<'a> {
    /// The extension that it belongs to.
    pub(crate) extension: Option<&'a str>,
    pub(crate) attribute: &'a Attribute,
    pub(crate) part: Option<&'a Attribute>,
}

impl Attribute {
    /// The part of a complex attribute by its name, in any case.
    pub(crate) fn part(&self, name: &str) -> Option<&Attribute> {
        self.parts.iter().find(|part| part.name.eq_ignore_ascii_case(name))
    }

    pub(crate) fn is_read_only(&self) -> bool {
        self.mutability == Mutability::ReadOnly
    }
}

impl Schema {
    fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))
    }

    pub(crate) fn is_read_only(&self) -> bool {
        !self.attributes.is_empty() && self.attributes.iter().all(Attribute::is_read_only)
    }
}

impl Schemas {
    /// Those of a user, with an admin's profile fields.
    pub fn user(fields: &[ProfileField]) -> Schemas {
        Schemas {
            resource: "User",
            endpoint: "/Users",
            core: user::SCHEMA,
            extensions: vec![extension::ENTERPRISE_USER, extension::fields(fields), extension::LINKED],
        }
    }

    /// Those of a group.
    pub fn group() -> Schemas {
        Schemas { resource: "Group", endpoint: "/Groups", core: group::SCHEMA, extensions: Vec::new() }
    }

    /// What `path` leads to; `None`: there is no such attribute.
    pub(crate) fn find<'a>(&'a self, path: &AttributePath) -> Option<Target<'a>> {
        match &path.urn {
            None => self.find_in(&self.core, &path.name, path.part.as_deref()),
            Some(urn) => match self.schema(urn) {
                Some(schema) => self.find_in(schema, &path.name, path.part.as_deref()),
                None => self.find_schema(&format!("{urn}:{}", path.name), path.part.as_deref()),
            },
        }
    }

    /// What `path` leads to, values of it aside; `None`: there is no such attribute.
    pub(crate) fn find_path<'a>(&'a self, path: &Path) -> Option<Target<'a>> {
        match (self.find(&path.attribute)?, &path.part) {
            (Target::Attribute(place), Some(name)) => {
                Some(Target::Attribute(Place { part: Some(place.attribute.part(name)?), ..place }))
            }
            (found, _) => Some(found),
        }
    }

    /// A path may be a schema's URN alone, or go on with a dot.
    fn find_schema<'a>(&'a self, urn: &str, attribute: Option<&str>) -> Option<Target<'a>> {
        let schema = self.schema(urn)?;
        match attribute {
            Some(name) => self.find_in(schema, name, None),
            None if schema.id == self.core.id => Some(Target::Core),
            None => Some(Target::Extension(schema)),
        }
    }

    fn find_in<'a>(&'a self, schema: &'a Schema, name: &str, part: Option<&str>) -> Option<Target<'a>> {
        let is_core = schema.id == self.core.id;
        let common = || table::COMMON.iter().find(|common| is_core && common.name.eq_ignore_ascii_case(name));
        let attribute = schema.attribute(name).or_else(common)?;
        let part = match part {
            Some(name) => Some(attribute.part(name)?),
            None => None,
        };
        Some(Target::Attribute(Place { extension: (!is_core).then_some(schema.id), attribute, part }))
    }

    pub(crate) fn schema(&self, urn: &str) -> Option<&Schema> {
        std::iter::once(&self.core).chain(&self.extensions).find(|schema| schema.id.eq_ignore_ascii_case(urn))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str) -> Option<(Option<&'static str>, String, Option<String>)> {
        let schemas = Schemas::user(&[]);
        let path: AttributePath = path.parse().unwrap();
        match schemas.find(&path)? {
            Target::Attribute(place) => Some((
                place.extension.map(|urn| if urn == ENTERPRISE { ENTERPRISE } else { LINKS }),
                place.attribute.name.to_string(),
                place.part.map(|part| part.name.to_string()),
            )),
            Target::Extension(_) => Some((Some(ENTERPRISE), String::new(), None)),
            Target::Core => Some((None, String::new(), None)),
        }
    }

    #[test]
    fn an_attribute_is_found_by_its_name_in_any_case_with_or_without_its_schema() {
        let name = |text: &str| text.to_owned();
        assert_eq!(found("USERNAME"), Some((None, name("userName"), None)));
        assert_eq!(found("meta.LastModified"), Some((None, name("meta"), Some(name("lastModified")))));
        assert_eq!(
            found(&format!("{}:name.familyname", USER.to_uppercase())),
            Some((None, name("name"), Some(name("familyName"))))
        );
        let manager = Some((Some(ENTERPRISE), name("manager"), Some(name("value"))));
        assert_eq!(found(&format!("{ENTERPRISE}:manager.value")), manager);
        assert_eq!(
            found(&format!("{ENTERPRISE}.department")),
            Some((Some(ENTERPRISE), name("department"), None))
        );
        assert_eq!(found(ENTERPRISE), Some((Some(ENTERPRISE), String::new(), None)));
        assert_eq!(found(USER), Some((None, String::new(), None)));
        for unknown in ["department", "name.shoeSize", "urn:example:User:userName", "urn:example", "links"] {
            assert_eq!(found(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn a_profile_field_is_an_attribute_of_its_extension() {
        let field = ProfileField {
            name: "loyaltyNumber".to_owned(),
            label: "Loyalty number".to_owned(),
            kind: crate::profile::FieldKind::Integer,
            multi_valued: true,
            required: true,
            read_only: false,
        };
        let schemas = Schemas::user(&[field]);
        let path: AttributePath = format!("{FIELDS}:LOYALTYNUMBER").parse().unwrap();
        let Some(Target::Attribute(place)) = schemas.find(&path) else { panic!("not found") };
        assert_eq!(place.extension, Some(FIELDS));
        assert_eq!((place.attribute.kind, place.attribute.multi_valued), (Kind::Integer, true));
        assert!(place.attribute.required && !place.attribute.is_read_only());
    }
}
