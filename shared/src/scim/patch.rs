//! PATCH (RFC 7644, 3.5.2): all operations of a message, or none.
//!
//! Where the RFC and what identity providers send differ, theirs is served as well: names of
//! operations in any case, values under dotted names and URNs, null for no value, a path to a value
//! that is not there yet, the removal of members by a list of them. What no schema knows is left out.
//! To remove what is not there is `noTarget`, but not for members and parts of values: providers
//! repeat such removals, and what they want is so.

#[cfg(test)]
mod properties;
#[cfg(test)]
mod providers;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::{
    draft::{Draft, Unset, Way},
    list::{remove_listed, remove_selected},
    path::{Path, PathError},
    schema::{Place, Schema, Schemas, Target},
    value::ValueError,
};

/// The most operations of one message.
pub const MOST_OPERATIONS: usize = 1_000;

/// Kinds of errors, by the names that clients know (RFC 7644, 3.12; RFC 9865, 2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScimType {
    /// `invalidFilter`
    InvalidFilter,
    /// `tooMany`
    TooMany,
    /// `uniqueness`
    Uniqueness,
    /// `mutability`
    Mutability,
    /// `invalidSyntax`
    InvalidSyntax,
    /// `invalidPath`
    InvalidPath,
    /// `noTarget`
    NoTarget,
    /// `invalidValue`
    InvalidValue,
    /// `invalidVers`
    InvalidVersion,
    /// `sensitive`
    Sensitive,
    /// `invalidCursor`
    InvalidCursor,
    /// `expiredCursor`
    ExpiredCursor,
    /// `invalidCount`
    InvalidCount,
}

impl ScimType {
    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            ScimType::InvalidFilter => "invalidFilter",
            ScimType::TooMany => "tooMany",
            ScimType::Uniqueness => "uniqueness",
            ScimType::Mutability => "mutability",
            ScimType::InvalidSyntax => "invalidSyntax",
            ScimType::InvalidPath => "invalidPath",
            ScimType::NoTarget => "noTarget",
            ScimType::InvalidValue => "invalidValue",
            ScimType::InvalidVersion => "invalidVers",
            ScimType::Sensitive => "sensitive",
            ScimType::InvalidCursor => "invalidCursor",
            ScimType::ExpiredCursor => "expiredCursor",
            ScimType::InvalidCount => "invalidCount",
        }
    }
}

/// Why a resource is not changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the resource cannot be changed ({detail})")]
pub struct PatchError {
    /// The kind, for the client's program.
    pub kind: ScimType,
    /// What is wrong, for people: which operation, and the broken rule.
    pub detail: String,
}

/// What one operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    Set(Way),
    Remove,
}

impl Deed {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Deed::Set(Way::Add) => "add",
            Deed::Set(Way::Replace) => "replace",
            Deed::Remove => "remove",
        }
    }
}

/// One operation, read.
pub(super) struct Operation<'a> {
    pub(super) deed: Deed,
    pub(super) path: Option<Path>,
    pub(super) value: Cow<'a, Value>,
}

/// Applies the operations of `message` to `resource`, which is in canonical form, and tells whether
/// that changed it.
///
/// # Errors
/// An operation cannot be applied; the resource is as it was.
pub fn patch(resource: &mut Value, schemas: &Schemas, message: &Value) -> Result<bool, PatchError> {
    let operations = operations(message)?;
    let Value::Object(before) = &*resource else {
        return Err(error(ScimType::InvalidSyntax, "a resource is an object"));
    };
    let mut draft = Draft { schemas, resource: before.clone() };
    for (place, operation) in operations.iter().enumerate() {
        let applied = read(operation).and_then(|operation| draft.apply(&operation));
        applied.map_err(|error| PatchError {
            detail: format!("operation {}: {}", place + 1, error.detail),
            ..error
        })?;
    }
    let changed = draft.resource != *before;
    *resource = Value::Object(draft.resource);
    Ok(changed)
}

/// The operations of a message, at most [`MOST_OPERATIONS`].
pub(super) fn operations(message: &Value) -> Result<&[Value], PatchError> {
    let operations = message.as_object().and_then(|message| member(message, "operations"));
    match operations {
        Some(Value::Array(operations)) if operations.len() > MOST_OPERATIONS => {
            Err(error(ScimType::TooMany, "at most 1,000 operations a message"))
        }
        Some(Value::Array(operations)) => Ok(operations),
        _ => Err(error(ScimType::InvalidSyntax, "a message has a list of Operations")),
    }
}

/// A member of an object by its name in any case.
fn member<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    object.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

pub(super) fn read(operation: &Value) -> Result<Operation<'_>, PatchError> {
    let Value::Object(operation) = operation else {
        return Err(error(ScimType::InvalidSyntax, "an operation is an object"));
    };
    let name = member(operation, "op").and_then(Value::as_str).unwrap_or_default().trim();
    let named = |known: &str| name.eq_ignore_ascii_case(known);
    let deed = match () {
        () if named("add") => Deed::Set(Way::Add),
        () if named("replace") => Deed::Set(Way::Replace),
        () if named("remove") => Deed::Remove,
        () => return Err(error(ScimType::InvalidSyntax, "op is add, replace or remove")),
    };
    let path = match member(operation, "path") {
        None | Some(Value::Null) => None,
        Some(Value::String(path)) if path.trim().is_empty() => None,
        Some(Value::String(path)) => Some(path.parse::<Path>()?),
        Some(_) => return Err(error(ScimType::InvalidPath, "a path is text")),
    };
    let value = member(operation, "value").unwrap_or(&Value::Null);
    let value = match (&path, value) {
        (None, Value::String(text)) => spelled_out(text).map_or(Cow::Borrowed(value), Cow::Owned),
        _ => Cow::Borrowed(value),
    };
    Ok(Operation { deed, path, value })
}

/// Without a path, scim-for-keycloak sends the object as the JSON text of one.
fn spelled_out(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok().filter(Value::is_object)
}

impl Draft<'_> {
    fn apply(&mut self, operation: &Operation<'_>) -> Result<(), PatchError> {
        let schemas = self.schemas;
        let Some(path) = &operation.path else { return self.apply_to_all(operation) };
        match schemas.find_path(path) {
            Some(Target::Attribute(place)) => self.apply_at(operation, &place, path),
            Some(Target::Extension(schema)) => self.apply_to_extension(operation, schema),
            Some(Target::Core) => self.apply_to_all(operation),
            None => Ok(()),
        }
    }

    fn apply_to_all(&mut self, operation: &Operation<'_>) -> Result<(), PatchError> {
        match (operation.deed, operation.value.as_ref()) {
            (Deed::Set(way), Value::Object(object)) => Ok(self.set_all(object, way)?),
            (Deed::Set(_), _) => {
                Err(error(ScimType::InvalidValue, "without a path the value is an object of attributes"))
            }
            (Deed::Remove, _) => Err(error(ScimType::NoTarget, "a removal has a path")),
        }
    }

    fn apply_to_extension(&mut self, operation: &Operation<'_>, schema: &Schema) -> Result<(), PatchError> {
        match operation.deed {
            // As without a path, what may only be read is left out.
            Deed::Remove if schema.is_read_only() => Err(read_only(schema.id)),
            Deed::Set(way) => Ok(self.set_extension(schema, &operation.value, way)?),
            Deed::Remove => Ok(self.clear_extension(schema)?),
        }
    }

    fn apply_at(
        &mut self,
        operation: &Operation<'_>,
        place: &Place<'_>,
        path: &Path,
    ) -> Result<(), PatchError> {
        if place.is_read_only() {
            return Err(read_only(&path.attribute.to_string()));
        }
        if place.is_derived() {
            return Ok(());
        }
        match operation.deed {
            Deed::Set(way) => Ok(self.set(place, path.values.as_ref(), &operation.value, way)?),
            Deed::Remove => self.remove(place, path, &operation.value),
        }
    }

    fn remove(&mut self, place: &Place<'_>, path: &Path, value: &Value) -> Result<(), PatchError> {
        let Place { attribute, part, .. } = *place;
        let filter = path.values.as_ref();
        let mut removed = 0;
        self.alter(place, |held| {
            if attribute.multi_valued && filter.is_none() && part.is_none() && !value.is_null() {
                removed = 1;
                return remove_listed(attribute, held, value);
            }
            removed = remove_selected(attribute, part, filter, held);
            match (attribute.multi_valued, held.take()) {
                (false, Value::Array(one)) => *held = one.into_iter().next().unwrap_or_default(),
                (_, all) => *held = all,
            }
            Ok(())
        })?;
        let may_be_gone = part.is_some() || filter.is_none() || attribute.name == "members";
        match removed == 0 && !may_be_gone {
            true => Err(Unset::NoTarget.into()),
            false => Ok(()),
        }
    }
}

pub(super) fn error(kind: ScimType, detail: impl Into<String>) -> PatchError {
    PatchError { kind, detail: detail.into() }
}

fn read_only(attribute: &str) -> PatchError {
    error(ScimType::Mutability, format!("{attribute} may only be read"))
}

impl From<Unset> for PatchError {
    fn from(unset: Unset) -> PatchError {
        match unset {
            Unset::Value(value) => value.into(),
            Unset::Required(name) => error(ScimType::Mutability, format!("{name} is required")),
            Unset::NoTarget => error(ScimType::NoTarget, "no value meets the filter of the path"),
        }
    }
}

impl From<ValueError> for PatchError {
    fn from(value: ValueError) -> PatchError {
        error(ScimType::InvalidValue, value.to_string())
    }
}

impl From<PathError> for PatchError {
    fn from(path: PathError) -> PatchError {
        match path {
            PathError::Name => error(ScimType::InvalidPath, path.to_string()),
            PathError::Filter(filter) => error(ScimType::InvalidFilter, filter.to_string()),
        }
    }
}
