//! References to what another operation of the request creates: `bulkId:` and that operation's
//! identifier (RFC 7644, 3.7.2), as a value, at the end of an address, or quoted in a filter.

use std::collections::BTreeMap;

use serde_json::Value;

const PREFIX: &str = "bulkId:";

/// The identifiers that a value refers to.
pub(super) fn named(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => named_in(text),
        Value::Array(values) => values.iter().flat_map(named).collect(),
        Value::Object(members) => members.values().flat_map(named).collect(),
        _ => Vec::new(),
    }
}

/// The identifiers that a text refers to.
pub(super) fn named_in(text: &str) -> Vec<&str> {
    pieces(text).into_iter().filter_map(|piece| piece.ok()).collect()
}

/// The value with what each reference stands for.
pub(super) fn resolved(value: &Value, known: &BTreeMap<&str, String>) -> Value {
    match value {
        Value::String(text) => Value::String(resolved_in(text, known)),
        Value::Array(values) => values.iter().map(|value| resolved(value, known)).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), resolved(value, known))).collect()
        }
        other => other.clone(),
    }
}

/// The text with what each reference stands for.
pub(super) fn resolved_in(text: &str, known: &BTreeMap<&str, String>) -> String {
    let piece = |piece: Result<&str, &str>| match piece {
        Ok(name) => known.get(name).cloned().unwrap_or_else(|| format!("{PREFIX}{name}")),
        Err(text) => text.to_owned(),
    };
    pieces(text).into_iter().map(piece).collect()
}

/// The text in pieces: a reference's identifier, or (as an error) what is between.
fn pieces(text: &str) -> Vec<Result<&str, &str>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    let mut from = 0;
    while let Some(at) = rest[from..].find(PREFIX).map(|at| from + at) {
        let begins = at == 0 || rest[..at].ends_with(['/', '"']);
        if !begins {
            from = at + PREFIX.len();
            continue;
        }
        let name = &rest[at + PREFIX.len()..];
        let end =
            if at == 0 && pieces.is_empty() { name.len() } else { name.find('"').unwrap_or(name.len()) };
        pieces.push(Err(&rest[..at]));
        pieces.push(Ok(&name[..end]));
        (rest, from) = (&name[end..], 0);
    }
    pieces.push(Err(rest));
    pieces
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_reference_is_a_value_or_the_end_of_an_address_or_quoted() {
        let sent = json!({
            "members": [{ "value": "bulkId:a b" }, { "$ref": "../Users/bulkId:2" }],
            "path": "members[value eq \"bulkId:3\" or value eq \"bulkId:2\"]",
            "displayName": "my bulkId: none", "number": 4,
        });
        let mut names = named(&sent);
        names.sort_unstable();
        assert_eq!(names, ["2", "2", "3", "a b"]);
        let known =
            BTreeMap::from([("a b", "u1".to_owned()), ("2", "u2".to_owned()), ("3", "u3".to_owned())]);
        let expected = json!({
            "members": [{ "value": "u1" }, { "$ref": "../Users/u2" }],
            "path": "members[value eq \"u3\" or value eq \"u2\"]",
            "displayName": "my bulkId: none", "number": 4,
        });
        assert_eq!(resolved(&sent, &known), expected);
    }
}
