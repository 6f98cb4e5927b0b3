//! Names of attributes as clients write them: `userName`, `name.familyName`,
//! `urn:…:enterprise:2.0:User:manager.value`, in any case (RFC 7644, 3.10).

use std::{fmt, str::FromStr};

/// A name of an attribute. Which attribute that is, if any, tells [`super::Schemas`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AttributePath {
    /// What stands before the last colon. A URN that names no attribute has its last part as `name`.
    pub(crate) urn: Option<String>,
    pub(crate) name: String,
    /// What stands after the dot.
    pub(crate) part: Option<String>,
}

/// The text is no name of an attribute.
#[derive(Debug, thiserror::Error)]
#[error(
    "no name of an attribute (a letter, then letters, digits, - and _, and at most one dot after the URN)"
)]
pub(crate) struct NotAName;

/// Of a name or a URN: where a name in a filter or a path ends.
pub(crate) fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_$:./".contains(&byte)
}

fn is_name(text: &str) -> bool {
    // `$ref` is the one name that begins otherwise.
    let name = text.strip_prefix('$').unwrap_or(text);
    name.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

fn is_urn(text: &str) -> bool {
    let scheme = text.split(':').next().unwrap_or_default();
    is_name(scheme) && text.bytes().all(is_of_name)
}

impl FromStr for AttributePath {
    type Err = NotAName;

    fn from_str(text: &str) -> Result<AttributePath, NotAName> {
        let (urn, rest) = match text.rsplit_once(':') {
            Some((urn, rest)) if is_urn(urn) => (Some(urn.to_owned()), rest),
            Some(_) => return Err(NotAName),
            None => (None, text),
        };
        let (name, part) = match rest.split_once('.') {
            Some((name, part)) => (name, Some(part)),
            None => (rest, None),
        };
        if is_name(name) && part.is_none_or(is_name) {
            Ok(AttributePath { urn, name: name.to_owned(), part: part.map(str::to_owned) })
        } else {
            Err(NotAName)
        }
    }
}

impl fmt::Display for AttributePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(urn) = &self.urn {
            write!(f, "{urn}:")?;
        }
        f.write_str(&self.name)?;
        match &self.part {
            Some(part) => write!(f, ".{part}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_a_urn_before_its_last_colon_and_a_part_after_its_dot() {
        let path: AttributePath = "urn:a:2.0:User:manager.$ref".parse().unwrap();
        assert_eq!(path.urn.as_deref(), Some("urn:a:2.0:User"));
        assert_eq!((path.name.as_str(), path.part.as_deref()), ("manager", Some("$ref")));
        assert_eq!(path.to_string(), "urn:a:2.0:User:manager.$ref");
    }

    #[test]
    fn other_text_is_no_name() {
        for text in
            ["", ".", "a.", ".a", "a.b.c", "1a", "a b", "é", ":a", "a:", "1:a", "urn:a b:c", "a[b]", "$"]
        {
            assert!(text.parse::<AttributePath>().is_err(), "{text}");
        }
    }
}
