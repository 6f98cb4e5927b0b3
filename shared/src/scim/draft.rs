//! A resource in the making: what a client sends is set into it attribute by attribute.

use serde_json::{Map, Value};

use super::{
    filter::Expression,
    list::{set_list, set_selected},
    name::AttributePath,
    path::Path,
    schema::{Attribute, Kind, Place, Schema, Schemas, Target},
    value::ValueError,
};

/// How a value is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// Values of a list are added to it.
    Add,
    /// Values of a list take its place.
    Replace,
}

/// Why a value is not set.
#[derive(Debug)]
pub(crate) enum Unset {
    /// The attribute cannot have it.
    Value(ValueError),
    /// A required attribute would be without a value.
    Required(String),
    /// The filter leaves no value, and does not tell one that could be made.
    NoTarget,
}

impl From<ValueError> for Unset {
    fn from(error: ValueError) -> Unset {
        Unset::Value(error)
    }
}

/// A resource in canonical form, and what it may hold.
pub(crate) struct Draft<'a> {
    pub(crate) schemas: &'a Schemas,
    pub(crate) resource: Map<String, Value>,
}

impl Draft<'_> {
    /// Sets what `object` holds, by names, paths and URNs. What is not known or may only be read is
    /// left out.
    pub(crate) fn set_all(&mut self, object: &Map<String, Value>, way: Way) -> Result<(), Unset> {
        let schemas = self.schemas;
        for (name, value) in object {
            let Ok(path) = name.parse::<Path>() else { continue };
            match schemas.find_path(&path) {
                Some(Target::Attribute(place)) => self.set_if_writable(&place, &path, value, way)?,
                Some(Target::Extension(schema)) => self.set_extension(schema, value, way)?,
                Some(Target::Core) | None => {}
            }
        }
        Ok(())
    }

    fn set_if_writable(
        &mut self,
        place: &Place<'_>,
        path: &Path,
        value: &Value,
        way: Way,
    ) -> Result<(), Unset> {
        match place.is_read_only() || place.is_derived() {
            true => Ok(()),
            false => self.set(place, path.values.as_ref(), value, way),
        }
    }

    /// Sets attributes of an extension; null: none is left.
    pub(crate) fn set_extension(&mut self, schema: &Schema, value: &Value, way: Way) -> Result<(), Unset> {
        let Value::Object(object) = value else {
            return match value {
                Value::Null => self.clear_extension(schema),
                _ => Err(ValueError::new(schema.id, "an object with the extension's attributes").into()),
            };
        };
        let schemas = self.schemas;
        for (name, value) in object {
            let Ok(path) = name.parse::<Path>() else { continue };
            let urn = path.attribute.urn.clone().or(Some(schema.id.to_owned()));
            let path = Path { attribute: AttributePath { urn, ..path.attribute }, ..path };
            if let Some(Target::Attribute(place)) = schemas.find_path(&path) {
                self.set_if_writable(&place, &path, value, way)?;
            }
        }
        Ok(())
    }

    /// Takes away all that clients may change of an extension.
    pub(crate) fn clear_extension(&mut self, schema: &Schema) -> Result<(), Unset> {
        for attribute in schema.attributes.iter().filter(|attribute| !attribute.is_read_only()) {
            let place = Place { extension: Some(schema.id), attribute, part: None };
            self.alter(&place, |value| {
                *value = Value::Null;
                Ok(())
            })?;
        }
        Ok(())
    }

    /// Sets what is at `place`, of several values those that meet `filter`.
    pub(crate) fn set(
        &mut self,
        place: &Place<'_>,
        filter: Option<&Expression>,
        value: &Value,
        way: Way,
    ) -> Result<(), Unset> {
        let Place { attribute, part, .. } = *place;
        self.alter(place, |held| match (attribute.multi_valued, part, filter) {
            (false, None, _) => set_one(attribute, held, value),
            (false, Some(part), _) => set_part(attribute, part, held, value),
            (true, None, None) => set_list(attribute, held, value, way),
            (true, part, filter) => set_selected(attribute, part, filter, held, value, way),
        })
    }

    /// Lets `change` change the attribute's value, null being none.
    pub(crate) fn alter(
        &mut self,
        place: &Place<'_>,
        change: impl FnOnce(&mut Value) -> Result<(), Unset>,
    ) -> Result<(), Unset> {
        let name = place.attribute.name.as_ref();
        let mut holder = match place.extension {
            Some(urn) => match self.resource.remove(urn) {
                Some(Value::Object(holder)) => holder,
                _ => Map::new(),
            },
            None => std::mem::take(&mut self.resource),
        };
        let mut value = holder.remove(name).unwrap_or(Value::Null);
        let had = !value.is_null();
        let changed = change(&mut value);
        let has = !is_empty(&value);
        if has {
            holder.insert(name.to_owned(), value);
        }
        match place.extension {
            Some(urn) if !holder.is_empty() => drop(self.resource.insert(urn.to_owned(), holder.into())),
            Some(_) => {}
            None => self.resource = holder,
        }
        changed?;
        match had && !has && place.attribute.required {
            true => Err(Unset::Required(name.to_owned())),
            false => Ok(()),
        }
    }
}

impl Place<'_> {
    /// The list of schemas follows from the attributes.
    pub(crate) fn is_derived(&self) -> bool {
        self.attribute.name == "schemas"
    }

    pub(crate) fn is_read_only(&self) -> bool {
        self.attribute.is_read_only() || self.part.is_some_and(Attribute::is_read_only)
    }
}

pub(crate) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(values) => values.is_empty(),
        Value::Object(parts) => parts.is_empty(),
        _ => false,
    }
}

/// Sets the one value. Parts that are not given stay (RFC 7644, 3.5.2.3).
fn set_one(attribute: &Attribute, held: &mut Value, value: &Value) -> Result<(), Unset> {
    match (attribute.kind, value) {
        (Kind::Complex, Value::Object(parts)) => merge(attribute, held, parts),
        _ => {
            *held = attribute.take(value)?.unwrap_or_default();
            Ok(())
        }
    }
}

/// Sets parts of one complex value, null taking a part away.
pub(super) fn merge(
    attribute: &Attribute,
    held: &mut Value,
    parts: &Map<String, Value>,
) -> Result<(), Unset> {
    for (name, value) in parts {
        if let Some(part) = attribute.part(name).filter(|part| !part.is_read_only()) {
            set_part(attribute, part, held, value)?;
        }
    }
    Ok(())
}

pub(super) fn set_part(
    attribute: &Attribute,
    part: &Attribute,
    held: &mut Value,
    value: &Value,
) -> Result<(), Unset> {
    let taken = part.take(value).map_err(|error| ValueError {
        attribute: format!("{}.{}", attribute.name, error.attribute),
        ..error
    })?;
    if !held.is_object() {
        *held = Value::Object(Map::new());
    }
    if let Value::Object(parts) = held {
        match taken {
            Some(value) => drop(parts.insert(part.name.to_string(), value)),
            None => drop(parts.remove(part.name.as_ref())),
        }
    }
    Ok(())
}
