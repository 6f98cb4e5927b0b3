//! PATCH of a group without its members at hand, of which there may be 100,000: what it does to them
//! is told, and the rest of it is applied as to any resource.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::{
    ScimType,
    draft::Way,
    filter::{Expression, Operator},
    group::read_member,
    patch::{Deed, Operation, PatchError, error, operations, read},
    path::Path,
    schema::{Schemas, Target},
};
use crate::group::{Member, MemberKind};

/// What a message does to a group.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupPatch {
    /// What it does to the rest of the group: a message for [`super::patch`].
    pub rest: Value,
    /// What it does to the members.
    pub members: MemberChanges,
}

/// Which members join and leave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemberChanges {
    /// Whether all leave that do not join.
    pub replaced: bool,
    /// Who joins, by value; some may be members already.
    pub joining: BTreeMap<String, Member>,
    /// Who leaves, by value; some may be no members.
    pub leaving: BTreeSet<String>,
}

impl MemberChanges {
    /// Whether the members stay as they are.
    pub fn is_empty(&self) -> bool {
        !self.replaced && self.joining.is_empty() && self.leaving.is_empty()
    }

    fn join(&mut self, members: Vec<Member>) {
        for member in members {
            self.leaving.remove(&member.value);
            self.joining.insert(member.value.clone(), member);
        }
    }

    fn leave(&mut self, values: impl IntoIterator<Item = String>) {
        for value in values {
            self.joining.remove(&value);
            if !self.replaced {
                self.leaving.insert(value);
            }
        }
    }

    fn replace(&mut self, members: Vec<Member>) {
        *self = MemberChanges { replaced: true, ..MemberChanges::default() };
        self.join(members);
    }
}

impl GroupPatch {
    /// Reads a message; `None`: which members it means is told only by all of them.
    ///
    /// # Errors
    /// An operation cannot be read, or holds a value that no member is.
    pub fn read(message: &Value) -> Result<Option<GroupPatch>, PatchError> {
        let schemas = Schemas::group();
        let mut members = MemberChanges::default();
        let mut rest = Vec::new();
        for (place, sent) in operations(message)?.iter().enumerate() {
            let at = |error: PatchError| PatchError {
                detail: format!("operation {}: {}", place + 1, error.detail),
                ..error
            };
            let operation = read(sent).map_err(at)?;
            // What is done here leaves an operation that does nothing, so that the others keep their numbers.
            match apply(&mut members, &operation, &schemas).map_err(at)? {
                Applied::No => rest.push(sent.clone()),
                Applied::Whole => rest.push(json!({ "op": "add", "value": {} })),
                Applied::Except(value) => rest.push(json!({ "op": operation.deed.as_str(), "value": value })),
                Applied::Untold => return Ok(None),
            }
        }
        Ok(Some(GroupPatch { rest: json!({ "Operations": rest }), members }))
    }
}

/// How much of an operation was about members, and told them.
enum Applied {
    No,
    Whole,
    /// All but these attributes.
    Except(Map<String, Value>),
    Untold,
}

fn apply(
    members: &mut MemberChanges,
    operation: &Operation<'_>,
    schemas: &Schemas,
) -> Result<Applied, PatchError> {
    let Some(path) = &operation.path else { return apply_to_all(members, operation, schemas) };
    if !is_members(path, schemas) {
        return Ok(Applied::No);
    }
    match (operation.deed, &path.values, &path.part) {
        (_, _, Some(_)) => Ok(Applied::Untold),
        _ if path.attribute.part.is_some() => Ok(Applied::Untold),
        (Deed::Remove, Some(filter), None) => Ok(match told(filter) {
            Some(values) => {
                members.leave(values);
                Applied::Whole
            }
            None => Applied::Untold,
        }),
        // OneLogin adds a member by its filter alone.
        (Deed::Set(Way::Add), Some(filter), None) if operation.value.is_null() => match one_told(filter) {
            Some(value) => {
                members.join(vec![Member { value, kind: MemberKind::Pending }]);
                Ok(Applied::Whole)
            }
            None => Ok(Applied::Untold),
        },
        (_, Some(_), None) => Ok(Applied::Untold),
        (deed, None, None) => {
            change(members, deed, &operation.value, schemas)?;
            Ok(Applied::Whole)
        }
    }
}

fn apply_to_all(
    members: &mut MemberChanges,
    operation: &Operation<'_>,
    schemas: &Schemas,
) -> Result<Applied, PatchError> {
    let (Deed::Set(_), Value::Object(object)) = (operation.deed, operation.value.as_ref()) else {
        return Ok(Applied::No);
    };
    let mut rest = object.clone();
    for (name, value) in object {
        match name.parse::<Path>() {
            Ok(path) if is_members(&path, schemas) => {
                if path.values.is_some() || path.part.is_some() || path.attribute.part.is_some() {
                    return Ok(Applied::Untold);
                }
                change(members, operation.deed, value, schemas)?;
                rest.remove(name);
            }
            _ => {}
        }
    }
    Ok(Applied::Except(rest))
}

fn is_members(path: &Path, schemas: &Schemas) -> bool {
    matches!(schemas.find(&path.attribute), Some(Target::Attribute(place)) if place.attribute.name == "members")
}

fn change(
    members: &mut MemberChanges,
    deed: Deed,
    value: &Value,
    schemas: &Schemas,
) -> Result<(), PatchError> {
    let Some(attribute) = schemas.core.attributes.iter().find(|attribute| attribute.name == "members") else {
        return Err(error(ScimType::InvalidPath, "a group has members"));
    };
    let taken = attribute.take(value)?.unwrap_or_default();
    let named: Vec<Member> = taken.as_array().into_iter().flatten().filter_map(read_member).collect();
    match deed {
        Deed::Set(Way::Add) => members.join(named),
        Deed::Set(Way::Replace) => members.replace(named),
        Deed::Remove if value.is_null() => members.replace(Vec::new()),
        Deed::Remove => members.leave(named.into_iter().map(|member| member.value)),
    }
    Ok(())
}

fn one_told(filter: &Expression) -> Option<String> {
    told(filter).filter(|values| values.len() == 1)?.pop()
}

/// The values of the members that a filter means, if it tells them.
fn told(filter: &Expression) -> Option<Vec<String>> {
    match filter {
        Expression::Compare(path, Operator::Equal, Value::String(value))
            if path.urn.is_none() && path.part.is_none() && path.name.eq_ignore_ascii_case("value") =>
        {
            Some(vec![value.clone()])
        }
        Expression::Or(all) => all.iter().map(told).collect::<Option<Vec<_>>>().map(|all| all.concat()),
        _ => None,
    }
}
