//! The extensions of a user: the enterprise's (RFC 7643, 4.3), the profile fields and the links.

use std::borrow::Cow;

use super::{
    Attribute, ENTERPRISE, FIELDS, Kind, LINKS, Mutability, Schema,
    table::{attribute, complex, reference, text},
};
use crate::profile::{FieldKind, ProfileField};

pub(super) const ENTERPRISE_USER: Schema = Schema {
    id: ENTERPRISE,
    name: "Enterprise User",
    description: "What an enterprise knows of a person.",
    attributes: Cow::Borrowed(ENTERPRISE_ATTRIBUTES),
};

static ENTERPRISE_ATTRIBUTES: &[Attribute] = &[
    text("employeeNumber", "The number of the person in the organisation."),
    text("costCenter", "The cost centre."),
    text("organization", "The organisation."),
    text("division", "The division."),
    text("department", "The department."),
    complex("manager", MANAGER, "Whom the person reports to."),
];

const MANAGER: &[Attribute] = &[
    text("value", "The identifier of the manager.").exact(),
    reference("$ref", &["User"], "The address of the manager, which follows from the identifier."),
    text("displayName", "How the manager is shown to people."),
];

pub(super) const LINKED: Schema = Schema {
    id: LINKS,
    name: "Links",
    description: "The customers of connected stores that the person is.",
    attributes: Cow::Borrowed(LINKED_ATTRIBUTES),
};

static LINKED_ATTRIBUTES: &[Attribute] =
    &[complex("links", LINK, "One customer of each connected store.").multi().read_only()];

const LINK: &[Attribute] = &[
    text("application", "The connected store.").exact().read_only(),
    attribute("customer", Kind::Integer, "The customer's identifier at the store.").read_only(),
    text("state", "Whether both sides agree.").exact().canonical(&["inStep", "blocked"]).read_only(),
    attribute("lastSynced", Kind::DateTime, "When both sides were last brought into step.").read_only(),
    text("lastError", "Why the two sides are not in step.").read_only(),
];

/// The schema of an admin's profile fields.
pub(super) fn fields(fields: &[ProfileField]) -> Schema {
    Schema {
        id: FIELDS,
        name: "Profile fields",
        description: "What this directory knows of a person beyond SCIM's own attributes.",
        attributes: Cow::Owned(fields.iter().map(field).collect()),
    }
}

fn field(field: &ProfileField) -> Attribute {
    Attribute {
        name: Cow::Owned(field.name.clone()),
        description: Cow::Owned(field.label.clone()),
        multi_valued: field.multi_valued,
        required: field.required && !field.read_only,
        mutability: if field.read_only { Mutability::ReadOnly } else { Mutability::ReadWrite },
        ..attribute("", kind(field.kind), "")
    }
}

fn kind(kind: FieldKind) -> Kind {
    match kind {
        FieldKind::String => Kind::Text,
        FieldKind::Integer => Kind::Integer,
        FieldKind::Decimal => Kind::Decimal,
        FieldKind::Boolean => Kind::Boolean,
        FieldKind::DateTime => Kind::DateTime,
    }
}
