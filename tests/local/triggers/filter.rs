//! Which records a stream trigger hands over: event patterns, as far as the template uses them.

use serde_json::Value;

/// A pattern uses what the local stack does not know.
#[derive(Debug, thiserror::Error)]
#[error("a pattern that is not known here (an object, or an array of values and of prefix, exists)")]
pub struct NotAPattern;

/// Patterns of which one must match; with none, everything does.
#[derive(Clone, Debug)]
pub(super) struct Filter(Vec<Value>);

impl Filter {
    pub(super) fn new(patterns: &[Value]) -> Result<Filter, NotAPattern> {
        patterns.iter().try_for_each(known)?;
        Ok(Filter(patterns.to_vec()))
    }

    pub(super) fn lets_pass(&self, record: &Value) -> bool {
        self.0.is_empty() || self.0.iter().any(|pattern| matches(pattern, Some(record)))
    }
}

fn known(pattern: &Value) -> Result<(), NotAPattern> {
    match pattern {
        Value::Object(fields) => fields.values().try_for_each(known),
        Value::Array(choices) if choices.iter().all(is_choice) => Ok(()),
        _ => Err(NotAPattern),
    }
}

fn is_choice(choice: &Value) -> bool {
    match choice {
        Value::Object(rule) => {
            rule.len() == 1 && (rule.get("prefix").is_some_and(Value::is_string) || exists(rule).is_some())
        }
        Value::Array(_) => false,
        _ => true,
    }
}

fn exists(rule: &serde_json::Map<String, Value>) -> Option<bool> {
    rule.get("exists")?.as_bool()
}

fn matches(pattern: &Value, value: Option<&Value>) -> bool {
    match pattern {
        Value::Object(fields) => {
            fields.iter().all(|(name, pattern)| matches(pattern, value.and_then(|value| value.get(name))))
        }
        Value::Array(choices) => choices.iter().any(|choice| matches_choice(choice, value)),
        _ => false,
    }
}

fn matches_choice(choice: &Value, value: Option<&Value>) -> bool {
    // Of several values, one is enough.
    if let Some(Value::Array(values)) = value {
        return values.iter().any(|value| matches_choice(choice, Some(value)));
    }
    let Value::Object(rule) = choice else { return value == Some(choice) };
    match (exists(rule), rule.get("prefix").and_then(Value::as_str)) {
        (Some(wanted), _) => value.is_some() == wanted,
        (_, Some(prefix)) => value.and_then(Value::as_str).is_some_and(|value| value.starts_with(prefix)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn passes(pattern: Value, record: Value) -> bool {
        Filter::new(&[pattern]).unwrap().lets_pass(&record)
    }

    #[test]
    fn a_pattern_names_the_values_that_pass() {
        let pattern = json!({ "eventName": ["INSERT", "MODIFY"] });
        assert!(passes(pattern.clone(), json!({ "eventName": "MODIFY" })));
        assert!(!passes(pattern.clone(), json!({ "eventName": "REMOVE" })));
        assert!(!passes(pattern, json!({})));
    }

    #[test]
    fn a_pattern_reaches_into_the_record() {
        let pattern = json!({ "dynamodb": { "Keys": { "subject": { "S": [{ "prefix": "mail#" }] } } } });
        let record = |subject| json!({ "dynamodb": { "Keys": { "subject": { "S": subject } } } });
        assert!(passes(pattern.clone(), record("mail#1")));
        assert!(!passes(pattern, record("import#1")));
        let tagged = json!({ "tags": { "set": ["ours"] } });
        assert!(passes(tagged.clone(), json!({ "tags": { "set": ["other", "ours"] } })));
        assert!(!passes(tagged, json!({ "tags": { "set": ["other"] } })));
        assert!(passes(json!({ "gone": [{ "exists": false }] }), record("mail#1")));
    }

    #[test]
    fn an_unknown_pattern_is_refused() {
        for unknown in [json!("text"), json!({ "a": "b" }), json!({ "a": [{ "numeric": [">", 1] }] })] {
            assert!(Filter::new(&[unknown]).is_err());
        }
    }
}
