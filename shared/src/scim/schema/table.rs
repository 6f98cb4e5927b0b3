//! The words in which schemas are written down, and the attributes that every resource has.

use std::borrow::Cow;

use super::{Attribute, Kind, Mutability, Returned, Uniqueness};

/// An attribute of one value that clients may change, compared without case.
pub(super) const fn attribute(name: &'static str, kind: Kind, description: &'static str) -> Attribute {
    Attribute {
        name: Cow::Borrowed(name),
        description: Cow::Borrowed(description),
        kind,
        multi_valued: false,
        required: false,
        case_exact: false,
        mutability: Mutability::ReadWrite,
        returned: Returned::Default,
        uniqueness: Uniqueness::None,
        canonical: &[],
        references: &[],
        parts: &[],
    }
}

pub(super) const fn text(name: &'static str, description: &'static str) -> Attribute {
    attribute(name, Kind::Text, description)
}

pub(super) const fn reference(
    name: &'static str,
    references: &'static [&'static str],
    description: &'static str,
) -> Attribute {
    let mut reference = attribute(name, Kind::Reference, description).exact();
    reference.references = references;
    reference
}

pub(super) const fn complex(
    name: &'static str,
    parts: &'static [Attribute],
    description: &'static str,
) -> Attribute {
    let mut complex = attribute(name, Kind::Complex, description);
    complex.parts = parts;
    complex
}

impl Attribute {
    pub(super) const fn multi(mut self) -> Attribute {
        self.multi_valued = true;
        self
    }

    pub(super) const fn exact(mut self) -> Attribute {
        self.case_exact = true;
        self
    }

    pub(super) const fn required(mut self) -> Attribute {
        self.required = true;
        self
    }

    pub(super) const fn read_only(mut self) -> Attribute {
        self.mutability = Mutability::ReadOnly;
        self
    }

    pub(super) const fn immutable(mut self) -> Attribute {
        self.mutability = Mutability::Immutable;
        self
    }

    pub(super) const fn always(mut self) -> Attribute {
        self.returned = Returned::Always;
        self
    }

    pub(super) const fn unique(mut self) -> Attribute {
        self.uniqueness = Uniqueness::Server;
        self
    }

    pub(super) const fn canonical(mut self, values: &'static [&'static str]) -> Attribute {
        self.canonical = values;
        self
    }
}

/// The attributes that every resource has (RFC 7643, 3.1). They stand in no schema.
pub(super) static COMMON: [Attribute; 4] = [
    reference("schemas", &["uri"], "The schemas of the resource.").multi().always(),
    text("id", "The identifier of the resource, given by the directory.")
        .exact()
        .read_only()
        .always()
        .unique(),
    text("externalId", "What the client calls the resource.").exact(),
    complex("meta", META, "When and where the resource is.").read_only(),
];

const META: &[Attribute] = &[
    text("resourceType", "The kind of the resource.").exact().read_only(),
    attribute("created", Kind::DateTime, "When the resource was created.").read_only(),
    attribute("lastModified", Kind::DateTime, "When the resource was last written.").read_only(),
    reference("location", &["uri"], "The address of the resource.").read_only(),
    text("version", "The version of the resource, as an entity tag.").exact().read_only(),
];
