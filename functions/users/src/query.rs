//! What a list was asked for.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use shared::{store::token_hash, user::UserId};

use crate::answer::Refusal;

/// The largest page, and the page when none was asked for.
const MOST: usize = 100;
/// The longest filter, in bytes.
const LONGEST_FILTER: usize = 1024;

/// What a list was asked for.
#[derive(Debug, PartialEq)]
pub(crate) struct Query {
    pub(crate) lookup: Lookup,
    /// How many users at most.
    pub(crate) count: usize,
    /// The number of the first, from 1.
    pub(crate) start: u64,
}

/// Which users.
#[derive(Debug, PartialEq)]
pub(crate) enum Lookup {
    /// `filter=userName eq "…"`
    UserName(String),
    /// `filter=emails.value eq "…"` or `emails eq "…"`
    Email(String),
    /// All, in the order of their identifiers.
    All {
        /// After this one.
        after: Option<UserId>,
    },
}

impl Query {
    /// Reads the query of a list; parameters that are not known are ignored (RFC 7644, 3.4.2).
    pub(crate) fn parse(query: &str) -> Result<Query, Refusal> {
        let mut parsed = Query { lookup: Lookup::All { after: None }, count: MOST, start: 1 };
        let mut filter = None;
        for (name, value) in form(query) {
            match name.as_str() {
                "count" => {
                    let count = whole(&value).ok_or(Refusal::invalid_value("count is no whole number"))?;
                    parsed.count = usize::try_from(count).unwrap_or(MOST).min(MOST);
                }
                "startIndex" => {
                    let start =
                        whole(&value).ok_or(Refusal::invalid_value("startIndex is no whole number"))?;
                    parsed.start = start.max(1);
                }
                "cursor" if !value.is_empty() => {
                    parsed.lookup = Lookup::All { after: Some(uncover(&value)?) }
                }
                "filter" => filter = Some(value),
                _ => {}
            }
        }
        if let Some(filter) = filter {
            parsed.lookup = equality(&filter)?;
        }
        Ok(parsed)
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

/// The cursor after `id`. It ends in a check, so that an altered one is known to be none. It keeps
/// nobody out: that is what the token does.
pub(crate) fn cursor(id: &UserId) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(format!("{id}.{}", check(id.as_str())))
}

fn uncover(cursor: &str) -> Result<UserId, Refusal> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(cursor).map_err(|_| Refusal::invalid_cursor())?;
    let text = String::from_utf8(bytes).map_err(|_| Refusal::invalid_cursor())?;
    match text.split_once('.') {
        Some((id, checked)) if checked == check(id) => Ok(UserId::from(id.to_owned())),
        _ => Err(Refusal::invalid_cursor()),
    }
}

fn check(id: &str) -> String {
    token_hash(&format!("cursor {id}")).chars().take(11).collect()
}

/// Names and values of a query, decoded.
fn form(query: &str) -> Vec<(String, String)> {
    url::form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

/// An equality on a unique attribute, the one kind of filter that is read from an index.
fn equality(filter: &str) -> Result<Lookup, Refusal> {
    if filter.len() > LONGEST_FILTER {
        return Err(Refusal::invalid_filter("it is longer than 1,024 bytes"));
    }
    let parts = filter.trim().split_once(' ').and_then(|(attribute, rest)| {
        rest.trim_start().split_once(' ').map(|(operator, value)| (attribute, operator, value))
    });
    let Some((attribute, operator, value)) = parts else {
        return Err(Refusal::invalid_filter("it is not of the form: attribute eq \"value\""));
    };
    let value: String = serde_json::from_str(value.trim())
        .map_err(|_| Refusal::invalid_filter("the value is not one string in double quotes"))?;
    if !operator.eq_ignore_ascii_case("eq") {
        return Err(Refusal::invalid_filter("only eq is served"));
    }
    let attribute = attribute.to_ascii_lowercase();
    match attribute.strip_prefix("urn:ietf:params:scim:schemas:core:2.0:user:").unwrap_or(&attribute) {
        "username" => Ok(Lookup::UserName(value)),
        "emails" | "emails.value" => Ok(Lookup::Email(value)),
        _ => Err(Refusal::invalid_filter("only userName and emails.value are served")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_equality_is_read_without_case_of_its_names() {
        let parsed = Query::parse("filter=USERNAME+Eq+%22a%2Bb%40x.example%22").unwrap();
        assert_eq!(parsed.lookup, Lookup::UserName("a+b@x.example".to_owned()));
        let parsed = Query::parse("filter=emails.value%20eq%20%22a%22&unknown=1").unwrap();
        assert_eq!(parsed.lookup, Lookup::Email("a".to_owned()));
    }

    #[test]
    fn other_filters_are_refused() {
        for filter in
            ["userName", "userName co \"a\"", "userName eq a", "title eq \"a\"", "userName eq \"a\" or 1"]
        {
            assert!(equality(filter).is_err(), "{filter}");
        }
        assert!(equality(&format!("userName eq \"{}\"", "a".repeat(2000))).is_err());
    }

    #[test]
    fn counts_are_clamped() {
        let count = |count: &str| Query::parse(&format!("count={count}")).unwrap().count;
        let counts = ["-5", "0", "3", "1000000", "99999999999999999999999"].map(count);
        assert_eq!(counts, [0, 0, 3, MOST, MOST]);
        for wrong in ["x", "", "-", "1.5", "1e3", "0x1", "%C2%B2"] {
            assert!(Query::parse(&format!("count={wrong}")).is_err(), "{wrong}");
            assert!(Query::parse(&format!("startIndex={wrong}")).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_cursor_reads_back_and_an_altered_one_is_refused() {
        let id = UserId::random();
        assert_eq!(uncover(&cursor(&id)).unwrap(), id);
        for altered in ["", "###", "YWJj"] {
            assert!(uncover(altered).is_err());
        }
        let cursor = cursor(&id);
        for at in 0..cursor.len() {
            let other = if &cursor[at..=at] == "A" { "B" } else { "A" };
            let altered = format!("{}{other}{}", &cursor[..at], &cursor[at + 1..]);
            assert!(uncover(&altered).is_err(), "{altered}");
        }
    }
}
