//! Who calls, and which rights the call takes: the gate grants what the template's roles grant.

use std::collections::BTreeSet;

use hyper::header::{AUTHORIZATION, HeaderMap};
use serde_json::Value;

use crate::template::Right;

/// Who signed the call: the access key of its signature's credential.
pub(super) fn caller(headers: &HeaderMap) -> &str {
    let signature = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let credential = signature.split_once("Credential=").map(|(_, rest)| rest).unwrap_or_default();
    credential.split('/').next().unwrap_or_default()
}

/// The rights that a call takes. A transaction takes those of its parts, and none of its own.
pub(super) fn taken(operation: &str, body: &Value) -> BTreeSet<Right> {
    match operation {
        "TransactWriteItems" | "TransactGetItems" => parts(&body["TransactItems"]),
        "BatchGetItem" | "BatchWriteItem" => {
            let tables = body["RequestItems"].as_object().into_iter().flatten();
            tables.map(|(table, _)| Right::new(operation, table)).collect()
        }
        _ => one(operation, body).into_iter().collect(),
    }
}

fn parts(items: &Value) -> BTreeSet<Right> {
    let items = items.as_array().into_iter().flatten();
    let parts = items.filter_map(Value::as_object).flatten();
    parts
        .filter_map(|(kind, part)| match kind.as_str() {
            "ConditionCheck" => one("ConditionCheckItem", part),
            kind => one(&format!("{kind}Item"), part),
        })
        .collect()
}

fn one(action: &str, request: &Value) -> Option<Right> {
    let table = request["TableName"].as_str()?;
    Some(match request["IndexName"].as_str() {
        Some(index) => Right::new(action, &format!("{table}/index/{index}")),
        None => Right::new(action, table),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_call_takes_the_right_to_its_table_or_index() {
        let rights = |operation, body| Vec::from_iter(taken(operation, &body));
        assert_eq!(rights("GetItem", json!({ "TableName": "T" })), [Right::new("GetItem", "T")]);
        let query = json!({ "TableName": "T", "IndexName": "i" });
        assert_eq!(rights("Query", query), [Right::new("Query", "T/index/i")]);
        let batch = json!({ "RequestItems": { "T": [], "U": [] } });
        let expected = ["T", "U"].map(|table| Right::new("BatchWriteItem", table));
        assert_eq!(rights("BatchWriteItem", batch), expected);
    }

    #[test]
    fn a_transaction_takes_the_rights_of_its_parts() {
        let items = json!([
            { "Put": { "TableName": "T" } },
            { "ConditionCheck": { "TableName": "T" } },
            { "Delete": { "TableName": "U" } },
        ]);
        let expected = [("ConditionCheckItem", "T"), ("DeleteItem", "U"), ("PutItem", "T")];
        let expected = expected.map(|(action, table)| Right::new(action, table));
        assert_eq!(Vec::from_iter(taken("TransactWriteItems", &json!({ "TransactItems": items }))), expected);
    }

    #[test]
    fn the_caller_is_who_signed() {
        let mut headers = HeaderMap::new();
        assert_eq!(caller(&headers), "");
        let signature = "AWS4-HMAC-SHA256 Credential=sync/20260101/us-east-1/dynamodb/aws4_request, x=y";
        headers.insert(AUTHORIZATION, signature.parse().unwrap());
        assert_eq!(caller(&headers), "sync");
    }
}
