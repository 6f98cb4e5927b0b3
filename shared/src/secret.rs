//! Values that must not be printed: their `Debug` is a mask and they have no `Display`, so that
//! a leak into a log does not compile or does not tell.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// A credential: an access token, a client secret, the secret of a webhook header.
///
/// Never serialised: what goes to a table is sealed first (see [`crate::vault`]).
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Takes the credential as issued; nothing is trimmed.
    pub fn new(value: impl Into<String>) -> Secret {
        Secret(SecretString::from(value.into()))
    }

    /// The credential itself, for the one place that sends or compares it.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Whether `given` is this secret, in time that depends on its length only.
    pub fn matches(&self, given: &[u8]) -> bool {
        use subtle::ConstantTimeEq;
        self.expose().as_bytes().ct_eq(given).into()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

/// An e-mail address as its owner spells it; compared by [`EmailAddress::folded`].
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Keeps the address as spelled.
    pub fn new(value: impl Into<String>) -> EmailAddress {
        EmailAddress(value.into())
    }

    /// The address as spelled.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form under which addresses are unique (see [`fold`]).
    pub fn folded(&self) -> String {
        fold(&self.0)
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailAddress(***)")
    }
}

/// The form under which user names and e-mail addresses are unique: compatibility-normalised
/// (NFKC, so that full-width and decomposed spellings are one), lower-cased, without surrounding
/// white space. A dot at the end counts: it belongs to the name.
pub fn fold(value: &str) -> String {
    value.trim().nfkc().flat_map(char::to_lowercase).nfkc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_and_addresses_do_not_print() {
        let printed = format!("{:?} {:?}", Secret::new("s3cr3t"), EmailAddress::new("a@b.example"));
        assert_eq!(printed, "Secret(***) EmailAddress(***)");
    }

    #[test]
    fn a_secret_matches_only_itself() {
        let secret = Secret::new("abc");
        assert!(secret.matches(b"abc"));
        assert!(!secret.matches(b"abd") && !secret.matches(b"ab") && !secret.matches(b""));
    }

    #[test]
    fn spellings_of_one_address_fold_to_one() {
        assert_eq!(fold(" A.B@Example.COM "), "a.b@example.com");
        assert_eq!(fold("ｆｕｌｌ@x.example"), "full@x.example");
        assert_eq!(fold("e\u{301}@x.example"), fold("\u{c9}@x.example"));
    }
}
