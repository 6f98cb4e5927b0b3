//! The schema of a group (RFC 7643, 4.2).

use std::borrow::Cow;

use super::{
    Attribute, GROUP, Schema,
    table::{complex, reference, text},
};

pub(super) const SCHEMA: Schema = Schema {
    id: GROUP,
    name: "Group",
    description: "A group of users.",
    attributes: Cow::Borrowed(ATTRIBUTES),
};

static ATTRIBUTES: &[Attribute] = &[
    text("displayName", "How people know the group.").required(),
    complex("members", MEMBER, "The direct members of the group.").multi(),
];

const MEMBER: &[Attribute] = &[
    text("value", "The identifier of the member.").exact().immutable(),
    reference("$ref", &["User", "Group"], "The address of the member, which follows from the identifier.")
        .immutable(),
    text("type", "What the member is.").canonical(&["User", "Group"]).immutable(),
    text("display", "How the member is shown to people.").read_only(),
];
