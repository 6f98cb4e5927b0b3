//! Paths of a PATCH (RFC 7644, 3.5.2): an attribute, or some values of one, or a part of those.

use std::str::FromStr;

use super::{
    filter::{Expression, FilterError, Parser},
    name::AttributePath,
};

/// A path, read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Path {
    pub(crate) attribute: AttributePath,
    /// Which of its values; `None`: all.
    pub(crate) values: Option<Expression>,
    /// The part of those values.
    pub(crate) part: Option<String>,
}

/// Why a text is no path.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PathError {
    #[error(
        "the path names no attribute (such as userName, name.familyName or emails[type eq \"work\"].value)"
    )]
    Name,
    #[error("the path holds no filter of values (such as emails[type eq \"work\"])")]
    Filter(#[source] FilterError),
}

impl FromStr for Path {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Path, PathError> {
        let mut parser = Parser::new(text.trim()).map_err(|_| PathError::Name)?;
        let attribute: AttributePath = parser.lexer.word().parse().map_err(|_| PathError::Name)?;
        parser.lexer.skip_space();
        if !parser.lexer.sees(b'[') {
            return match parser.lexer.is_at_end() {
                true => Ok(Path { attribute, values: None, part: None }),
                false => Err(PathError::Name),
            };
        }
        let values = Some(parser.brackets().map_err(PathError::Filter)?);
        let part = match parser.lexer.take(b'.') {
            true => Some(parser.part().map_err(|_| PathError::Name)?.name),
            false => None,
        };
        match parser.lexer.is_at_end() {
            true => Ok(Path { attribute, values, part }),
            false => Err(PathError::Name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_an_attribute_some_of_its_values_and_a_part_of_those() {
        let path: Path = r#"urn:a:2.0:User:emails[type eq "work"].value"#.parse().unwrap();
        assert_eq!(path.attribute.to_string(), "urn:a:2.0:User:emails");
        assert_eq!(path.values.unwrap().to_string(), r#"type eq "work""#);
        assert_eq!(path.part.as_deref(), Some("value"));
        let path: Path = "name.familyName".parse().unwrap();
        assert_eq!(
            (path.attribute.part.as_deref(), path.values, path.part),
            (Some("familyName"), None, None)
        );
    }

    #[test]
    fn a_broken_path_is_told_from_a_broken_filter() {
        for text in [
            "",
            "[",
            "emails[type pr].",
            "emails[type pr].a.b",
            "emails[type pr]x",
            "a b",
            "a.b.c",
            "a[b pr][",
        ] {
            assert!(matches!(text.parse::<Path>(), Err(PathError::Name)), "{text}");
        }
        for text in ["emails[", "emails[]", "emails[type eq]", "emails[type eq \"work\"", "a[b[c pr] pr]"] {
            assert!(matches!(text.parse::<Path>(), Err(PathError::Filter(_))), "{text}");
        }
    }
}
