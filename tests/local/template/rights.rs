//! What the functions may do to the tables, as their roles say.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

use super::{Error, Right, resources::shape};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Role {
    #[serde(default)]
    policies: Vec<Policy>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Policy {
    policy_document: Document,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Document {
    statement: Vec<Statement>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Statement {
    action: OneOrMore,
    resource: Value,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

/// The rights of each role, by its name.
#[derive(Default)]
pub(super) struct Roles(BTreeMap<String, BTreeSet<Right>>);

impl Roles {
    pub(super) fn role(&mut self, name: &str, properties: &Value) -> Result<(), Error> {
        let role: Role = shape(name, properties)?;
        let statements = role.policies.into_iter().flat_map(|policy| policy.policy_document.statement);
        self.0.insert(name.to_owned(), statements.flat_map(rights).collect());
        Ok(())
    }

    /// The rights of the function that has this `Role`.
    pub(super) fn of(&self, role: &Value) -> BTreeSet<Right> {
        let role = role.pointer("/Fn::GetAtt/0").and_then(Value::as_str).unwrap_or_default();
        self.0.get(role).cloned().unwrap_or_default()
    }
}

/// The rights to tables; streams are read by Lambda and not by the function.
fn rights(statement: Statement) -> Vec<Right> {
    let Some(table) = table_or_index(&statement.resource) else { return Vec::new() };
    let actions = match statement.action {
        OneOrMore::One(action) => vec![action],
        OneOrMore::More(actions) => actions,
    };
    let of_tables = actions.iter().filter_map(|action| action.strip_prefix("dynamodb:"));
    of_tables.map(|action| Right::new(action, &table)).collect()
}

/// `T` for `!GetAtt T.Arn`, `T/index/i` for `!Sub "${T.Arn}/index/i"`.
fn table_or_index(resource: &Value) -> Option<String> {
    match (&resource["Fn::GetAtt"], &resource["Fn::Sub"]) {
        (Value::Array(path), _) => match path.as_slice() {
            [Value::String(table), Value::String(attribute)] if attribute == "Arn" => Some(table.clone()),
            _ => None,
        },
        (_, Value::String(text)) => {
            let (table, index) = text.strip_prefix("${")?.split_once(".Arn}/index/")?;
            Some(format!("{table}/index/{index}"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_role_gives_rights_to_tables_and_other_rights_are_left_out() {
        let statements = json!([
            { "Action": "dynamodb:GetItem", "Resource": { "Fn::GetAtt": ["T", "Arn"] } },
            { "Action": ["dynamodb:Query", "dynamodb:PutItem"], "Resource": { "Fn::GetAtt": ["U", "Arn"] } },
            { "Action": "dynamodb:GetRecords", "Resource": { "Fn::GetAtt": ["T", "StreamArn"] } },
            { "Action": "dynamodb:Query", "Resource": { "Fn::Sub": "${U.Arn}/index/i" } },
            { "Action": "secretsmanager:GetSecretValue", "Resource": { "Ref": "S" } },
        ]);
        let policy = json!({ "PolicyDocument": { "Statement": statements } });
        let mut roles = Roles::default();
        roles.role("R", &json!({ "Policies": [policy] })).unwrap();
        let expected = [("GetItem", "T"), ("PutItem", "U"), ("Query", "U"), ("Query", "U/index/i")];
        let expected = expected.map(|(action, table)| Right::new(action, table));
        assert_eq!(Vec::from_iter(roles.of(&json!({ "Fn::GetAtt": ["R", "Arn"] }))), expected);
        assert_eq!(roles.of(&Value::Null), BTreeSet::new());
    }
}
