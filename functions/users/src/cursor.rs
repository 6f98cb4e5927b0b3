//! Cursors (RFC 9865): where the next page begins.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use shared::{client::ClientId, store::token_hash};

use crate::{
    list::Kind,
    query::{From, Query},
    refusal::Refusal,
};

/// Where a page begins.
#[derive(Debug, PartialEq)]
pub(crate) enum Cursor {
    /// After the resource of this identifier.
    After(Kind, String),
    /// At the resource of this number among those that a filter finds, from 0.
    At(u64),
}

/// What a cursor holds for: another client, other resources or another query have others.
pub(crate) struct Scope(String);

impl Scope {
    pub(crate) fn of(client: &ClientId, kinds: &[Kind], query: &Query) -> Scope {
        let filter = query.filter.as_ref().map(ToString::to_string);
        Scope(format!("{client} {kinds:?} {filter:?} {:?}", query.sort))
    }

    /// The cursor ends in a check, so that an altered one is known to be none. It keeps nobody
    /// out: that is what the token does.
    pub(crate) fn write(&self, cursor: &Cursor) -> String {
        let place = match cursor {
            Cursor::After(Kind::User, id) => format!("u{id}"),
            Cursor::After(Kind::Group, id) => format!("g{id}"),
            Cursor::At(number) => format!("n{number}"),
        };
        BASE64_URL_SAFE_NO_PAD.encode(format!("{}{place}", self.check(&place)))
    }

    /// Where a page begins that was asked for by this cursor; `None`: at the first resource.
    pub(crate) fn read(&self, from: &From) -> Result<Option<Cursor>, Refusal> {
        match from {
            From::Cursor(text) if !text.is_empty() => {
                self.uncover(text).map(Some).ok_or_else(Refusal::invalid_cursor)
            }
            _ => Ok(None),
        }
    }

    fn uncover(&self, text: &str) -> Option<Cursor> {
        let text = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        let (check, place) = text.split_at_checked(CHECK)?;
        let (kind, rest) = place.split_at_checked(1)?;
        match kind {
            _ if check != self.check(place) => None,
            "u" => Some(Cursor::After(Kind::User, rest.to_owned())),
            "g" => Some(Cursor::After(Kind::Group, rest.to_owned())),
            "n" => rest.parse().ok().map(Cursor::At),
            _ => None,
        }
    }

    fn check(&self, place: &str) -> String {
        token_hash(&format!("cursor {} {place}", self.0)).chars().take(CHECK).collect()
    }
}

/// How many characters the check has.
const CHECK: usize = 11;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_and_no_other_does() {
        let (scope, other) = (Scope("a".to_owned()), Scope("b".to_owned()));
        for cursor in [
            Cursor::After(Kind::User, "6f9d".to_owned()),
            Cursor::After(Kind::Group, "0a".to_owned()),
            Cursor::At(17),
        ] {
            let written = scope.write(&cursor);
            assert_eq!(scope.uncover(&written), Some(cursor));
            assert_eq!(other.uncover(&written), None);
            for at in 0..written.len() {
                let letter = if &written[at..=at] == "A" { "B" } else { "A" };
                let altered = format!("{}{letter}{}", &written[..at], &written[at + 1..]);
                assert_eq!(scope.uncover(&altered), None, "{altered}");
            }
        }
        for none in ["", "###", "YWJj", "w6nDqcOpw6nDqcOpw6nDqQ"] {
            assert_eq!(scope.uncover(none), None);
        }
    }
}
