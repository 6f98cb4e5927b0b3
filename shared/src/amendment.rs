//! Amendments: what people changed of how the directory works: who, when, and the values before and
//! after. Written together with the change, and never changed themselves.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::clock::random_id;

/// What stands in an amendment where a secret was set.
pub const MASK: &str = "***";

/// What somebody changed of how the directory works.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Amendment {
    /// Orders amendments of one instant.
    pub id: String,
    /// When.
    pub at: Timestamp,
    /// Who: an operator's e-mail address or an API client's identifier.
    pub by: String,
    /// Of what: `application main-store`, `operator a@example.com`, `profile fields`.
    pub what: String,
    /// Which values, and what they were.
    pub differences: Vec<Difference>,
}

/// A value before and after.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Difference {
    /// Where it stands, as `policies.toStore.create`.
    pub path: String,
    /// Before; null: not there.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub before: Value,
    /// After; null: not there any more.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub after: Value,
}

/// How many differences an amendment keeps: its row is to stay small.
const MOST: usize = 500;

impl Amendment {
    /// What differs between `before` and `after`, either of which may be null. Both are as people
    /// may read them: secrets are the caller's to mask (see [`MASK`]).
    pub fn new(
        by: impl Into<String>,
        what: impl Into<String>,
        before: &Value,
        after: &Value,
        now: Timestamp,
    ) -> Amendment {
        let mut differences = Vec::new();
        compare("", before, after, &mut differences);
        differences.truncate(MOST);
        Amendment { id: random_id(), at: now, by: by.into(), what: what.into(), differences }
    }
}

fn compare(path: &str, before: &Value, after: &Value, found: &mut Vec<Difference>) {
    match (before, after) {
        _ if before == after => {}
        (Value::Object(before), Value::Object(after)) => each(path, before, after, found),
        (Value::Null, Value::Object(after)) => each(path, &Map::new(), after, found),
        (Value::Object(before), Value::Null) => each(path, before, &Map::new(), found),
        _ => found.push(Difference { path: path.to_owned(), before: before.clone(), after: after.clone() }),
    }
}

fn each(path: &str, before: &Map<String, Value>, after: &Map<String, Value>, found: &mut Vec<Difference>) {
    let added = after.keys().filter(|name| !before.contains_key(*name));
    for name in before.keys().chain(added) {
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        let value = |side: &Map<String, Value>| side.get(name).cloned().unwrap_or_default();
        compare(&path, &value(before), &value(after), found);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(before: Value, after: Value) -> Vec<(String, Value, Value)> {
        let amendment = Amendment::new("a", "b", &before, &after, Timestamp::UNIX_EPOCH);
        amendment.differences.into_iter().map(|one| (one.path, one.before, one.after)).collect()
    }

    #[test]
    fn only_what_differs_is_kept_with_where_it_stands() {
        let before = json!({ "name": "A", "policies": { "brake": 10, "scope": null }, "gone": [1] });
        let after = json!({ "name": "A", "policies": { "brake": 20, "scope": "x" } });
        assert_eq!(
            told(before, after),
            [
                ("gone".to_owned(), json!([1]), Value::Null),
                ("policies.brake".to_owned(), json!(10), json!(20)),
                ("policies.scope".to_owned(), Value::Null, json!("x")),
            ]
        );
        assert_eq!(told(json!({ "a": 1 }), json!({ "a": 1 })), []);
    }

    #[test]
    fn what_is_made_or_ended_is_told_value_by_value() {
        assert_eq!(
            told(Value::Null, json!({ "a": { "b": 1 } })),
            [("a.b".to_owned(), Value::Null, json!(1))]
        );
        assert_eq!(told(json!({ "a": 1 }), Value::Null), [("a".to_owned(), json!(1), Value::Null)]);
    }
}
