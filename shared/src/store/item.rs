//! How values become attributes.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde::{Serialize, de::DeserializeOwned};

use super::Error;

pub(super) type Item = HashMap<String, AttributeValue>;

/// What an item may weigh, in bytes (by the rule of [`size`]).
pub(super) const LARGEST_ITEM: usize = 400 * 1024;

/// The longest partition key, in bytes.
pub(super) const LONGEST_KEY: usize = 2048;

pub(super) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

pub(super) fn number(value: impl ToString) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// A time as text of one width, so that it sorts.
pub(super) fn instant(at: Timestamp) -> String {
    format!("{at:.9}")
}

/// A key, or the names and values of an expression.
pub(super) fn item<const N: usize>(attributes: [(&str, AttributeValue); N]) -> Item {
    attributes.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// An expression's names for attributes whose own may be reserved words.
pub(super) fn aliases(names: &[&str]) -> HashMap<String, String> {
    names.iter().map(|name| (format!("#{name}"), (*name).to_owned())).collect()
}

pub(super) fn text_of<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name)?.as_s().ok().map(String::as_str)
}

/// A key's text, which every item has.
pub(super) fn key_of(item: &Item, name: &str) -> Result<String, Error> {
    let missing = || Error::unreadable(format!("an item without {name}"));
    text_of(item, name).map(str::to_owned).ok_or_else(missing)
}

pub(super) fn read<T: DeserializeOwned>(item: Item) -> Result<T, Error> {
    serde_dynamo::from_item(item).map_err(Error::unreadable)
}

pub(super) fn written(value: &impl Serialize) -> Result<Item, Error> {
    serde_dynamo::to_item(value).map_err(Error::rejected)
}

/// How DynamoDB weighs an item, in bytes: names and values in UTF-8, one to three more for what
/// nests.
pub(super) fn size(item: &Item) -> usize {
    item.iter().map(|(name, value)| name.len() + weight(value)).sum()
}

fn weight(value: &AttributeValue) -> usize {
    match value {
        AttributeValue::S(text) => text.len(),
        AttributeValue::N(digits) => digits.len() / 2 + 2,
        AttributeValue::B(bytes) => bytes.as_ref().len(),
        AttributeValue::Ss(texts) => texts.iter().map(String::len).sum(),
        AttributeValue::L(values) => 3 + values.iter().map(|value| 1 + weight(value)).sum::<usize>(),
        AttributeValue::M(values) => 3 + values.len() + size(values),
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_one_width_and_sort_as_text() {
        let times = ["2026-01-02T03:04:05Z", "2026-01-02T03:04:05.000000001Z", "2026-01-02T03:04:05.5Z"]
            .map(|time| instant(time.parse().unwrap()));
        assert!(times.is_sorted() && times.iter().all(|time| time.len() == 30), "{times:?}");
        assert_eq!(times[2].parse::<Timestamp>().unwrap(), "2026-01-02T03:04:05.5Z".parse().unwrap());
    }

    #[test]
    fn an_item_weighs_its_names_and_values() {
        let nested = AttributeValue::M(item([("bc", text("é"))]));
        assert_eq!(size(&item([("a", text("xyz"))])), 4);
        assert_eq!(size(&item([("a", nested)])), 1 + 3 + 1 + 2 + 2);
    }
}
