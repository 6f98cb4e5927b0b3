//! Which attributes are in an answer (RFC 7644, 3.9).

use serde_json::{Map, Value};

use super::{
    path::Path,
    schema::{Attribute, Place, Returned, Schemas, Target},
};

/// The most names that are read; further ones are left out.
const MOST_NAMES: usize = 500;

/// Which attributes a client wants.
#[derive(Clone, Debug, PartialEq)]
pub struct Projection {
    names: Vec<Path>,
    way: Way,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Only,
    Without,
}

impl Projection {
    /// Those in `attributes`, or else all without those in `excluded`: names between commas. A filter
    /// in a name means the whole attribute; what is no name is left out.
    pub fn parse(attributes: Option<&str>, excluded: Option<&str>) -> Projection {
        let names = |text: &str| names(text).filter_map(|name| name.parse().ok()).take(MOST_NAMES).collect();
        match attributes.filter(|attributes| !attributes.trim().is_empty()) {
            Some(attributes) => Projection { names: names(attributes), way: Way::Only },
            None => Projection { names: excluded.map(names).unwrap_or_default(), way: Way::Without },
        }
    }

    /// Whether any of the attribute `name`, which is in no extension, is in the answer.
    pub fn wants(&self, name: &str, schemas: &Schemas) -> bool {
        let Some(attribute) = schemas.core.attributes.iter().find(|attribute| attribute.name == name) else {
            return false;
        };
        self.part_of(Place { extension: None, attribute, part: None }, schemas) != Extent::Nothing
    }

    /// What is wanted of `resource`, and what is always there.
    pub fn apply(&self, resource: Value, schemas: &Schemas) -> Value {
        match resource {
            Value::Object(resource) if !(self.names.is_empty() && self.way == Way::Without) => {
                Value::Object(self.of_all(resource, schemas))
            }
            resource => resource,
        }
    }

    fn of_all(&self, resource: Map<String, Value>, schemas: &Schemas) -> Map<String, Value> {
        let mut wanted = Map::new();
        for (name, value) in resource {
            let extension =
                schemas.extensions.iter().find(|schema| schema.id == name).map(|schema| schema.id);
            let kept = match (extension, value) {
                (Some(urn), Value::Object(attributes)) => {
                    let kept = attributes.into_iter().filter_map(|(name, value)| {
                        let value = self.of_one(Some(urn), &name, value, schemas)?;
                        Some((name, value))
                    });
                    Some(kept.collect::<Map<_, _>>()).filter(|kept| !kept.is_empty()).map(Value::Object)
                }
                (_, value) => self.of_one(None, &name, value, schemas),
            };
            wanted.extend(kept.map(|value| (name, value)));
        }
        wanted
    }

    fn of_one(&self, extension: Option<&str>, name: &str, value: Value, schemas: &Schemas) -> Option<Value> {
        let attribute = schemas.attribute(extension, name)?;
        match self.part_of(Place { extension, attribute, part: None }, schemas) {
            Extent::Whole => Some(value),
            Extent::Nothing => None,
            Extent::Parts(parts) => {
                let value = self.with_parts(value, &parts);
                Some(value).filter(|value| !super::draft::is_empty(value))
            }
        }
    }

    fn with_parts(&self, value: Value, named: &[&str]) -> Value {
        match value {
            Value::Array(values) => {
                let values = values.into_iter().map(|value| self.with_parts(value, named));
                values.filter(|value| !super::draft::is_empty(value)).collect()
            }
            Value::Object(mut parts) => {
                parts.retain(|name, _| named.contains(&name.as_str()) == (self.way == Way::Only));
                Value::Object(parts)
            }
            value => value,
        }
    }

    /// How much of an attribute is wanted.
    fn part_of<'a>(&self, place: Place<'a>, schemas: &'a Schemas) -> Extent<'a> {
        if place.attribute.returned == Returned::Always {
            return Extent::Whole;
        }
        let mut parts = Vec::new();
        for name in &self.names {
            match schemas.find_path(name) {
                Some(Target::Attribute(named)) if named.is_of(&place) => match named.part {
                    None => return self.named_whole(),
                    Some(part) => parts.push(part.name.as_ref()),
                },
                Some(Target::Extension(schema)) if Some(schema.id) == place.extension => {
                    return self.named_whole();
                }
                Some(Target::Core) if place.extension.is_none() => return self.named_whole(),
                _ => {}
            }
        }
        match (parts.is_empty(), self.way) {
            (false, _) => Extent::Parts(parts),
            (true, Way::Only) => Extent::Nothing,
            (true, Way::Without) => Extent::Whole,
        }
    }

    fn named_whole(&self) -> Extent<'static> {
        match self.way {
            Way::Only => Extent::Whole,
            Way::Without => Extent::Nothing,
        }
    }
}

/// How much of an attribute is in an answer.
#[derive(PartialEq)]
enum Extent<'a> {
    Whole,
    Nothing,
    /// These parts, or all but these.
    Parts(Vec<&'a str>),
}

impl Place<'_> {
    fn is_of(&self, whole: &Place<'_>) -> bool {
        self.extension == whole.extension && self.attribute.name == whole.attribute.name
    }
}

impl Schemas {
    fn attribute(&self, extension: Option<&str>, name: &str) -> Option<&Attribute> {
        let path = super::name::AttributePath {
            urn: extension.map(str::to_owned),
            name: name.to_owned(),
            part: None,
        };
        match self.find(&path)? {
            Target::Attribute(place) => Some(place.attribute),
            Target::Extension(_) | Target::Core => None,
        }
    }
}

/// The names in a list. A comma within brackets or quotes parts none.
fn names(text: &str) -> impl Iterator<Item = &str> {
    let (mut depth, mut quoted) = (0_usize, false);
    text.split(move |letter: char| {
        match letter {
            '"' => quoted = !quoted,
            '[' if !quoted => depth += 1,
            ']' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
        letter == ',' && depth == 0 && !quoted
    })
    .map(str::trim)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::scim::{ENTERPRISE, USER};

    fn projected(attributes: &str, excluded: &str) -> Vec<String> {
        let ada = json!({
            "schemas": [USER], "id": "1", "userName": "ada", "title": "T",
            "name": { "givenName": "A", "familyName": "B" },
            "emails": [{ "value": "a@x.example", "type": "work" }, { "value": "b@x.example" }],
            ENTERPRISE: { "department": "D", "manager": { "value": "7", "displayName": "C" } },
        });
        let schemas = Schemas::user(&[]);
        let left = Projection::parse(Some(attributes), Some(excluded)).apply(ada, &schemas);
        let mut names = Vec::new();
        for (name, value) in left.as_object().unwrap() {
            let one = if value.is_array() { &value[0] } else { value };
            let short = name.rsplit(':').next().unwrap_or_default().to_owned();
            match (name == ENTERPRISE, one) {
                (false, Value::Object(parts)) => names.push(format!("{short}({})", join(parts))),
                (true, Value::Object(parts)) => names.push(format!("enterprise({})", join(parts))),
                _ => names.push(short),
            }
        }
        names.retain(|name| name != "id" && name != "schemas");
        names
    }

    fn join(parts: &Map<String, Value>) -> String {
        parts.keys().cloned().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn only_what_is_asked_for_is_there_and_what_always_is() {
        assert_eq!(projected("USERNAME, name.familyName", ""), ["name(familyName)", "userName"]);
        assert_eq!(
            projected("emails[type eq \"work\" and value co \",\"].value,title", ""),
            ["emails(value)", "title"]
        );
        assert_eq!(projected(&format!("{ENTERPRISE}:manager.value"), ""), ["enterprise(manager)"]);
        assert_eq!(projected(ENTERPRISE, ""), ["enterprise(department manager)"]);
        assert_eq!(projected(&format!("{USER}:title"), "title"), ["title"]);
        assert_eq!(projected("shoeSize,((,emails[", ""), [""; 0]);
    }

    #[test]
    fn what_is_excluded_is_not_there_but_what_always_is() {
        let all = [
            "emails(type value)",
            "name(familyName givenName)",
            "title",
            "enterprise(department manager)",
            "userName",
        ];
        let without = |names: &str| -> Vec<String> { projected("", names) };
        assert_eq!(without("id,schemas,shoeSize").len(), all.len());
        assert_eq!(
            without(&format!("emails.type,name,userName,{ENTERPRISE}:department")),
            ["emails(value)", "title", "enterprise(manager)"]
        );
        assert_eq!(
            without(&format!("{ENTERPRISE},emails,name.givenName")),
            ["name(familyName)", "title", "userName"]
        );
    }

    #[test]
    fn whether_members_are_wanted_is_known_before_they_are_read() {
        let schemas = Schemas::group();
        let wants = |attributes, excluded| Projection::parse(attributes, excluded).wants("members", &schemas);
        assert!(wants(None, None) && wants(Some("members.value"), None) && wants(Some("MEMBERS"), None));
        assert!(!wants(None, Some("members")) && !wants(Some("displayName"), None));
        assert!(wants(None, Some("members.display")));
    }
}
