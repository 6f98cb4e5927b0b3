//! CloudFormation's YAML as JSON: the short forms of its functions (`!Ref x`) become the long ones
//! (`{"Ref": "x"}`), as they would be in a JSON template.

use saphyr::{LoadableYamlNode, Scalar, Tag, Yaml};
use serde_json::{Map, Value};

/// Reads one document.
pub(super) fn read(text: &str) -> Result<Value, String> {
    let documents = Yaml::load_from_str(text).map_err(|error| error.to_string())?;
    match documents.as_slice() {
        [document] => value(document),
        _ => Err(format!("{} documents (one is expected)", documents.len())),
    }
}

fn value(node: &Yaml) -> Result<Value, String> {
    match node {
        Yaml::Value(scalar) => Ok(scalar_value(scalar)),
        Yaml::Sequence(items) => items.iter().map(value).collect(),
        Yaml::Mapping(entries) => entries
            .iter()
            .map(|(key, node)| {
                let key = key.as_str().ok_or("a key that is no text")?;
                Ok((key.to_owned(), value(node)?))
            })
            .collect::<Result<Map<_, _>, String>>()
            .map(Value::Object),
        Yaml::Tagged(tag, node) => Ok(function(tag, value(node)?)),
        Yaml::Representation(..) | Yaml::Alias(_) | Yaml::BadValue => {
            Err("a value that CloudFormation does not read (aliases and unknown scalars)".into())
        }
    }
}

fn scalar_value(scalar: &Scalar) -> Value {
    match scalar {
        Scalar::Null => Value::Null,
        Scalar::Boolean(value) => (*value).into(),
        Scalar::Integer(value) => (*value).into(),
        Scalar::FloatingPoint(value) => value.into_inner().into(),
        Scalar::String(value) => value.as_ref().into(),
    }
}

fn function(tag: &Tag, argument: Value) -> Value {
    let (name, argument) = match (tag.suffix.as_str(), argument) {
        (name @ ("Ref" | "Condition"), argument) => (name.to_owned(), argument),
        ("GetAtt", Value::String(path)) => {
            ("Fn::GetAtt".to_owned(), path.splitn(2, '.').map(Value::from).collect())
        }
        (name, argument) => (format!("Fn::{name}"), argument),
    };
    Value::Object(Map::from_iter([(name, argument)]))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn short_forms_become_long_ones() {
        let text = "a: !Ref X\nb: !GetAtt X.Y.Z\nc: !Sub \"${X}/\"\nd: [1, true, text]";
        assert_eq!(
            read(text).unwrap(),
            json!({
                "a": {"Ref": "X"},
                "b": {"Fn::GetAtt": ["X", "Y.Z"]},
                "c": {"Fn::Sub": "${X}/"},
                "d": [1, true, "text"],
            })
        );
    }

    #[test]
    fn broken_text_is_refused() {
        assert!(read("a: [").is_err());
        assert!(read("a: 1\n---\nb: 2").is_err());
    }
}
