//! The order of resources (RFC 7644, 3.4.2.3).

use std::{cmp::Ordering, str::FromStr};

use serde_json::Value;

use super::{
    filter::compare_values,
    name::AttributePath,
    schema::{Attribute, Schemas, Target},
};

/// The attribute by which resources are sorted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SortKey(AttributePath);

/// The text names no attribute.
#[derive(Debug, thiserror::Error)]
#[error("nothing can be sorted by this (the name of an attribute, such as userName or name.familyName)")]
pub struct NotASortKey;

impl FromStr for SortKey {
    type Err = NotASortKey;

    fn from_str(text: &str) -> Result<SortKey, NotASortKey> {
        text.trim().parse().map(SortKey).map_err(|_| NotASortKey)
    }
}

impl SortKey {
    /// The ascending order of two resources; reversed it is the descending one. Of several values the
    /// primary or else the first counts; a resource without a value comes last.
    pub fn compare(&self, one: &Value, other: &Value, schemas: &Schemas) -> Ordering {
        match (self.value(one, schemas), self.value(other, schemas)) {
            (Some((one, attribute)), Some((other, _))) => {
                compare_values(one, other, attribute).unwrap_or(Ordering::Equal)
            }
            (one, other) => one.is_none().cmp(&other.is_none()),
        }
    }

    fn value<'a>(&self, resource: &'a Value, schemas: &'a Schemas) -> Option<(&'a Value, &'a Attribute)> {
        let Some(Target::Attribute(place)) = schemas.find(&self.0) else { return None };
        let holder = place.extension.map_or(Some(resource), |urn| resource.get(urn))?;
        let value = match holder.get(place.attribute.name.as_ref())? {
            Value::Array(values) => {
                let primary = values.iter().find(|value| value.get("primary") == Some(&Value::Bool(true)));
                primary.or(values.first())?
            }
            one => one,
        };
        match place.part.or(place.attribute.part("value")) {
            Some(part) => Some((value.get(part.name.as_ref())?, part)),
            None => Some((value, place.attribute)),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn resources_stand_by_the_attribute_and_those_without_it_come_last() {
        let mut users = [
            json!({ "id": "1" }),
            json!({ "id": "2", "userName": "b", "emails": [{ "value": "z" }, { "value": "a", "primary": true }] }),
            json!({ "id": "3", "userName": "A", "emails": [{ "value": "b" }] }),
        ];
        let schemas = Schemas::user(&[]);
        let mut order = |by: &str| {
            let key: SortKey = by.parse().unwrap();
            users.sort_by(|one, other| key.compare(one, other, &schemas));
            users.each_ref().map(|user| user["id"].as_str().unwrap().to_owned())
        };
        assert_eq!(order("USERNAME"), ["3", "2", "1"]);
        assert_eq!(order("emails"), ["2", "3", "1"]);
        assert_eq!(order("emails.value"), ["2", "3", "1"]);
        assert_eq!(order("id"), ["1", "2", "3"]);
        assert_eq!(order("shoeSize"), ["1", "2", "3"]);
        assert!("a b".parse::<SortKey>().is_err());
    }
}
