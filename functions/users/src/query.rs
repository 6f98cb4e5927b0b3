//! What a list was asked for, in the address (RFC 7644, 3.4.2) or in a message (3.4.3).

use std::cmp::Ordering;

use axum::{extract::FromRequestParts, http::request::Parts};
use serde_json::{Map, Value};
use shared::scim::{Filter, Projection, Schemas, SortKey};

use crate::{list::MOST, refusal::Refusal};

/// What a list was asked for.
#[derive(Debug)]
pub(crate) struct Query {
    pub(crate) filter: Option<Filter>,
    pub(crate) sort: Option<Sort>,
    pub(crate) from: From,
    /// How many resources at most.
    pub(crate) count: usize,
    pub(crate) projection: Projection,
}

/// In which order.
#[derive(Debug)]
pub(crate) struct Sort {
    pub(crate) by: SortKey,
    pub(crate) descending: bool,
}

impl Sort {
    pub(crate) fn compare(&self, one: &Value, other: &Value, schemas: &Schemas) -> Ordering {
        match self.descending {
            false => self.by.compare(one, other, schemas),
            true => self.by.compare(other, one, schemas),
        }
    }
}

/// Where a page begins.
#[derive(Debug, PartialEq)]
pub(crate) enum From {
    /// At the resource of this number, from 1.
    Number(u64),
    /// Where the page before ended; with an empty one at the first (RFC 9865).
    Cursor(String),
}

/// Which attributes of a resource are asked for.
pub(crate) struct Shown(pub(crate) Projection);

impl Default for Shown {
    fn default() -> Shown {
        Shown(Projection::parse(None, None))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Shown {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Shown, Self::Rejection> {
        Ok(Shown(Asked::in_address(parts.uri.query().unwrap_or_default()).projection()))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Query {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Query, Refusal> {
        let query = parts.uri.query().unwrap_or_default();
        Asked::in_address(query).read()
    }
}

impl Query {
    /// Whether it asks for others than all resources in the order in which they lie.
    pub(crate) fn selects(&self) -> bool {
        self.filter.is_some() || self.sort.is_some()
    }

    /// What a message of a search asks for.
    pub(crate) fn of_message(message: &Map<String, Value>) -> Result<Query, Refusal> {
        Asked::in_message(message).read()
    }
}

/// The parameters as they came.
#[derive(Debug, Default)]
struct Asked {
    filter: Option<String>,
    sort_by: Option<String>,
    sort_order: Option<String>,
    start_index: Option<String>,
    count: Option<String>,
    cursor: Option<String>,
    attributes: Option<String>,
    excluded: Option<String>,
}

impl Asked {
    fn in_address(query: &str) -> Asked {
        let mut asked = Asked::default();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            asked.take(&name, value.into_owned());
        }
        asked
    }

    fn in_message(message: &Map<String, Value>) -> Asked {
        let mut asked = Asked::default();
        for (name, value) in message {
            match value {
                Value::Null => {}
                Value::String(text) => asked.take(name, text.clone()),
                Value::Array(texts) => {
                    let texts: Vec<&str> = texts.iter().filter_map(Value::as_str).collect();
                    asked.take(name, texts.join(","));
                }
                other => asked.take(name, other.to_string()),
            }
        }
        asked
    }

    /// Parameters that are not known are ignored (RFC 7644, 3.4.2).
    fn take(&mut self, name: &str, value: String) {
        match name.to_ascii_lowercase().as_str() {
            "filter" => self.filter = Some(value),
            "sortby" => self.sort_by = Some(value),
            "sortorder" => self.sort_order = Some(value),
            "startindex" => self.start_index = Some(value),
            "count" => self.count = Some(value),
            "cursor" => self.cursor = Some(value),
            "attributes" => self.attributes = Some(value),
            "excludedattributes" => self.excluded = Some(value),
            _ => {}
        }
    }

    fn projection(&self) -> Projection {
        Projection::parse(self.attributes.as_deref(), self.excluded.as_deref())
    }

    fn read(mut self) -> Result<Query, Refusal> {
        let count = match self.count.take() {
            Some(count) => whole(&count).ok_or_else(|| Refusal::invalid_value("count is no whole number"))?,
            None => u64::MAX,
        };
        let filter = self.filter.take().map(|filter| Filter::parse(&filter)).transpose()?;
        Ok(Query {
            filter,
            sort: self.sort()?,
            from: self.from()?,
            count: usize::try_from(count).unwrap_or(MOST).min(MOST),
            projection: self.projection(),
        })
    }

    fn from(&mut self) -> Result<From, Refusal> {
        match (self.cursor.take(), self.start_index.take()) {
            (Some(cursor), None) => Ok(From::Cursor(cursor)),
            (Some(_), Some(_)) => Err(Refusal::invalid_value("startIndex and cursor exclude each other")),
            (None, None) => Ok(From::Number(1)),
            (None, Some(start)) => match whole(&start) {
                Some(start) => Ok(From::Number(start.max(1))),
                None => Err(Refusal::invalid_value("startIndex is no whole number")),
            },
        }
    }

    fn sort(&mut self) -> Result<Option<Sort>, Refusal> {
        let descending = self.sort_order.take().is_some_and(|order| order.eq_ignore_ascii_case("descending"));
        match self.sort_by.take() {
            // Resources lie in this order.
            Some(by) if by.eq_ignore_ascii_case("id") && !descending => Ok(None),
            Some(by) => {
                let by = by.parse().map_err(|_| Refusal::invalid_value("sortBy is no attribute"))?;
                Ok(Some(Sort { by, descending }))
            }
            None => Ok(None),
        }
    }
}

/// A whole number of any length, as what of it counts: less than none is none, and more than there
/// can be is as much as there can be (RFC 7644, 3.4.2.4).
fn whole(value: &str) -> Option<u64> {
    let digits = value.strip_prefix('-').unwrap_or(value);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number = digits.parse().unwrap_or(u64::MAX);
    Some(if value.starts_with('-') { 0 } else { number })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(query: &str) -> Result<Query, Refusal> {
        Asked::in_address(query).read()
    }

    #[test]
    fn counts_and_starts_are_clamped() {
        let count = |count: &str| parse(&format!("count={count}")).unwrap().count;
        let counts = ["-5", "0", "3", "1000000", "99999999999999999999999"].map(count);
        assert_eq!(counts, [0, 0, 3, MOST, MOST]);
        let start = |start: &str| parse(&format!("startIndex={start}")).unwrap().from;
        assert_eq!(["-5", "0", "3"].map(start), [From::Number(1), From::Number(1), From::Number(3)]);
        for wrong in ["x", "", "-", "1.5", "1e3", "0x1", "%C2%B2"] {
            assert!(parse(&format!("count={wrong}")).is_err(), "{wrong}");
            assert!(parse(&format!("startIndex={wrong}")).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_message_asks_as_an_address_does() {
        let message = serde_json::json!({
            "attributes": ["userName", "emails"], "startIndex": 2, "count": 5, "filter": "active eq true",
            "SORTBY": "userName", "sortOrder": "descending", "excludedAttributes": null,
        });
        let asked = Query::of_message(message.as_object().unwrap()).unwrap();
        let address = "attributes=userName,emails&startIndex=2&count=5&filter=active+eq+true\
                       &sortBy=userName&sortOrder=descending";
        assert_eq!(format!("{asked:?}"), format!("{:?}", parse(address).unwrap()));
    }
}
