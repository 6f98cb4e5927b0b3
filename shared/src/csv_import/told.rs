//! What is kept of a row: who it is about, what it comes to, and why.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::RowVerdict;
use crate::{
    report::Change,
    user::{User, UserId},
};

/// The longest value that is told, in characters.
const LONGEST: usize = 200;

/// What a row comes to.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RowTold {
    /// Which row of the file; the heading is row 1.
    pub row: u32,
    /// Whom it names: an e-mail address, a user name or an identifier.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub who: String,
    /// The user it is about; `None`: there is none yet, or it is not known which.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<UserId>,
    /// What it comes to.
    pub verdict: RowVerdict,
    /// The attributes that change.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
    /// Why, and what to do, where it is not plain; or what a store would say to it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

impl RowTold {
    /// The attributes that change, in one line of a table: `title: "" → "Countess"`.
    pub fn fields(&self) -> String {
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let line = |change: &Change| {
            let shown = |value: &Value| if value.is_null() { "nothing".to_owned() } else { text(value) };
            format!("{}: {} → {}", change.field, shown(&change.before), shown(&change.after))
        };
        self.changes.iter().map(line).collect::<Vec<_>>().join("; ")
    }
}

/// What distinguishes a user as it will be from the one it was; a new one was nothing.
pub(super) fn changes(before: Option<&User>, after: &User) -> Vec<Change> {
    let (before, after) = (before.map(attributes).unwrap_or_default(), attributes(after));
    let names: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let value = |of: &Map<String, Value>, name: &str| of.get(name).cloned().unwrap_or_default();
    let change = |name: &String| Change {
        field: name.clone(),
        before: value(&before, name),
        after: value(&after, name),
        won: None,
    };
    names.into_iter().map(change).filter(|change| change.before != change.after).collect()
}

/// What people may know of a user, each under its name and as text.
fn attributes(user: &User) -> Map<String, Value> {
    let mut told = Map::new();
    let mut put = |name: String, value: String| {
        if !value.is_empty() {
            told.insert(name, json!(clipped(value)));
        }
    };
    put("userName".to_owned(), user.user_name.clone());
    put("active".to_owned(), user.active.to_string());
    if let Ok(Value::Object(parts)) = serde_json::to_value(&user.name) {
        parts.iter().for_each(|(part, value)| put(format!("name.{part}"), text(value)));
    }
    let emails: Vec<&str> = user.emails.iter().map(|email| email.value.as_str()).collect();
    put("emails".to_owned(), emails.join(", "));
    let phones: Vec<&str> = user.phone_numbers.iter().map(|phone| phone.value.as_str()).collect();
    put("phoneNumbers".to_owned(), phones.join(", "));
    let addresses: Vec<String> = user
        .addresses
        .iter()
        .map(|address| address.parts.values().cloned().collect::<Vec<_>>().join(", "))
        .collect();
    put("addresses".to_owned(), addresses.join(" | "));
    user.external_ids
        .iter()
        .for_each(|(client, value)| put(format!("externalId of {client}"), value.clone()));
    user.attributes.iter().for_each(|(name, value)| put(name.clone(), value.clone()));
    user.fields.iter().for_each(|(name, value)| put(format!("fields.{name}"), text(value)));
    told
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

pub(super) fn clipped(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(LONGEST) {
        text.truncate(end);
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn what_changes_is_told_under_its_name_and_not_at_length() {
        let mut ada = User::new("ada", Timestamp::UNIX_EPOCH);
        let before = ada.clone();
        ada.attributes.insert("title".to_owned(), "C".repeat(300));
        ada.name.given_name = Some("Ada".to_owned());
        let told = RowTold {
            row: 2,
            who: String::new(),
            user: None,
            verdict: RowVerdict::Update,
            changes: changes(Some(&before), &ada),
            reason: String::new(),
        };
        assert_eq!(
            told.fields(),
            format!("name.givenName: nothing → Ada; title: nothing → {}…", "C".repeat(200))
        );
        assert!(changes(Some(&ada), &ada).is_empty());
        assert!(changes(None, &before).iter().any(|change| change.field == "userName"));
    }
}
