//! A mapping as a file, to be kept, looked at and taken over by another store.

use serde::{Deserialize, Serialize};

use super::Mapping;

/// How large a file may be, in bytes.
pub const LARGEST_FILE: usize = 256 * 1024;

const KIND: &str = "clientele attribute mapping";
const FORMAT: u32 = 1;

/// What a file says.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct File {
    kind: String,
    format: u32,
    /// Of which store it was, for people.
    #[serde(default)]
    store: String,
    mapping: Mapping,
}

/// Why a file is no mapping, for the person who chose it.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum NotAMapping {
    /// It is too large.
    #[error("The file is larger than {} KB, which no mapping is. Choose one that was exported here.", LARGEST_FILE / 1024)]
    TooLarge,
    /// It is not what it should be at some place.
    #[error(
        "The file cannot be read at line {line}, column {column}: {reason}. Correct it there and choose it again."
    )]
    Unreadable {
        /// From 1 on.
        line: usize,
        /// From 1 on.
        column: usize,
        /// What is wrong.
        reason: String,
    },
    /// It is a file of something else.
    #[error("The file is no attribute mapping: its kind is {0:?}. Choose one that was exported here.")]
    OtherKind(String),
    /// It is of a format that is not known.
    #[error(
        "The file has the format {0}, and this version reads format {FORMAT} only. Export it again from this version."
    )]
    OtherFormat(u32),
}

impl Mapping {
    /// The file of this mapping of `store`; our identifier is this directory's own and stays out of it.
    pub fn to_file(&self, store: &str) -> String {
        let mapping = Mapping { identity: None, ..self.clone() };
        let file = File { kind: KIND.to_owned(), format: FORMAT, store: store.to_owned(), mapping };
        // A mapping is maps, lists and texts: writing it cannot fail.
        serde_json::to_string_pretty(&file).unwrap_or_default() + "\n"
    }

    /// The mapping that a file tells; whether it may be live is for [`Mapping::check`] to say.
    ///
    /// # Errors
    /// When the file is none of a mapping: where, and what is to be done.
    pub fn of_file(text: &[u8]) -> Result<Mapping, NotAMapping> {
        if text.len() > LARGEST_FILE {
            return Err(NotAMapping::TooLarge);
        }
        let file: File = serde_json::from_slice(text).map_err(|error| NotAMapping::Unreadable {
            line: error.line(),
            column: error.column(),
            reason: reason(&error),
        })?;
        match (file.kind == KIND, file.format) {
            (false, _) => Err(NotAMapping::OtherKind(file.kind.chars().take(60).collect())),
            (true, FORMAT) => Ok(Mapping { identity: None, ..file.mapping }),
            (true, other) => Err(NotAMapping::OtherFormat(other)),
        }
    }
}

/// What serde says, without the place that it says after it.
fn reason(error: &serde_json::Error) -> String {
    let told = error.to_string();
    let end = told.rfind(" at line ").unwrap_or(told.len());
    told.chars().take(told[..end].chars().count().min(200)).collect()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::mapping::Identity;

    #[test]
    fn a_mapping_comes_back_from_its_file_but_for_our_identifier() {
        let identity = Some(Identity { attribute: 7, since: Timestamp::UNIX_EPOCH });
        let mapping = Mapping { identity, ..Mapping::default() };
        let file = mapping.to_file("Main store");
        assert!(file.contains("Main store") && !file.contains("identity"));
        assert_eq!(Mapping::of_file(file.as_bytes()), Ok(Mapping::default()));
    }

    #[test]
    fn what_is_wrong_with_a_file_is_told_with_its_place() {
        let file = Mapping::default().to_file("");
        let told = |text: &str| Mapping::of_file(text.as_bytes()).unwrap_err().to_string();
        let wrong = file.replacen("\"first_name\"", "\"first name\"", 1);
        let line = wrong.lines().position(|line| line.contains("first name")).unwrap() + 1;
        assert!(
            told(&wrong).starts_with(&format!("The file cannot be read at line {line}, column")),
            "{}",
            told(&wrong)
        );
        assert!(told(&wrong).contains("\"first name\" cannot be mapped"));
        assert!(told(&file.replace("\"kind\"", "\"sort\"")).contains("unknown field `sort`"));
        assert!(told(&file.replace(KIND, "invoice")).contains("its kind is \"invoice\""));
        assert!(told(&file.replace("\"format\": 1", "\"format\": 9")).contains("the format 9"));
        assert!(told("").starts_with("The file cannot be read at line 1, column 0: EOF"));
        assert_eq!(Mapping::of_file(&vec![b' '; LARGEST_FILE + 1]), Err(NotAMapping::TooLarge));
    }
}
