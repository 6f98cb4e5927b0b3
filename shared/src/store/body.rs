//! How a user lies in its row: what other writes change stands in attributes of its own, the rest
//! is JSON, deflated.
//!
//! A user says most things twice, once as the directory's and once as what was agreed with a store,
//! so that packed it takes half the room: a write is charged by the kilobyte, which it would exceed
//! otherwise, and a page of users by all that it reads.

use std::io::{Read, Write};

use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use flate2::{Compression, read::DeflateDecoder, write::DeflateEncoder};
use serde_json::{Map, Value};

use super::{
    Error,
    error::ITEM_LIMIT,
    item::{Item, LARGEST_ITEM, item, key_of, number, size, text},
};
use crate::user::User;

const BODY: &str = "body";

/// What stands in attributes of its own.
const APART: [&str; 4] = ["id", "version", "groups", "lastModified"];

/// The row of a user without its partition key.
pub(super) fn user_row(user: &User) -> Result<Item, Error> {
    let Ok(Value::Object(mut rest)) = serde_json::to_value(user) else {
        return Err(Error::rejected("a user is not an object"));
    };
    APART.iter().for_each(|name| drop(rest.remove(*name)));
    let mut row = item([
        ("sk", text(user.id.as_str())),
        ("version", number(user.version)),
        ("lastModified", text(user.last_modified.to_string())),
        (BODY, packed(&rest)?),
    ]);
    if !user.groups.is_empty() {
        let groups = user.groups.iter().map(|group| group.as_str().to_owned()).collect();
        row.insert("groups".to_owned(), AttributeValue::Ss(groups));
    }
    if size(&row) > LARGEST_ITEM { Err(Error::TooLarge(ITEM_LIMIT)) } else { Ok(row) }
}

/// The user of a row.
pub(super) fn user_of(row: &Item) -> Result<User, Error> {
    let body = row.get(BODY).and_then(|body| body.as_b().ok());
    let body = body.ok_or_else(|| Error::unreadable("a user without a body"))?;
    let mut user = unpacked(body.as_ref())?;
    let version = row.get("version").and_then(|version| version.as_n().ok()?.parse::<u64>().ok());
    let groups = row.get("groups").and_then(|groups| groups.as_ss().ok()).cloned();
    let apart: [Value; 4] = [
        key_of(row, "sk")?.into(),
        version.into(),
        groups.unwrap_or_default().into(),
        key_of(row, "lastModified")?.into(),
    ];
    user.extend(APART.map(str::to_owned).into_iter().zip(apart));
    serde_json::from_value(Value::Object(user)).map_err(Error::unreadable)
}

fn packed(values: &Map<String, Value>) -> Result<AttributeValue, Error> {
    let json = serde_json::to_vec(values).map_err(Error::rejected)?;
    if json.len() > LARGEST_ITEM {
        return Err(Error::TooLarge(ITEM_LIMIT));
    }
    let mut encoder = DeflateEncoder::new(Vec::with_capacity(json.len() / 2), Compression::fast());
    encoder.write_all(&json).map_err(Error::rejected)?;
    Ok(AttributeValue::B(Blob::new(encoder.finish().map_err(Error::rejected)?)))
}

fn unpacked(body: &[u8]) -> Result<Map<String, Value>, Error> {
    let mut json = Vec::with_capacity(body.len() * 4);
    let most = u64::try_from(LARGEST_ITEM).unwrap_or(u64::MAX);
    DeflateDecoder::new(body).take(most).read_to_end(&mut json).map_err(Error::unreadable)?;
    serde_json::from_slice(&json).map_err(Error::unreadable)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn what_other_writes_change_goes_before_what_was_packed() {
        let user = User::new("ada", Timestamp::UNIX_EPOCH);
        let mut row = user_row(&user).unwrap();
        assert!(user_of(&row).unwrap() == user);
        row.insert("version".to_owned(), number(7));
        row.insert("groups".to_owned(), AttributeValue::Ss(vec!["readers".to_owned()]));
        let groups = ["readers".to_owned().into()].into();
        assert!(user_of(&row).unwrap() == User { version: 7, groups, ..user });
    }

    #[test]
    fn a_row_without_a_body_or_with_another_is_unreadable() {
        let row = user_row(&User::new("ada", Timestamp::UNIX_EPOCH)).unwrap();
        for body in [text("ada"), AttributeValue::B(Blob::new("ada"))] {
            let mut other = row.clone();
            other.insert(BODY.to_owned(), body);
            assert!(matches!(user_of(&other), Err(Error::Unreadable(_))));
        }
    }
}
