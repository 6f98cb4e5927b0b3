//! Sealing of secrets, so that a table, its backups and its exports hold none in the clear.
//!
//! A sealed value is text, `v1.<key>.<nonce, ciphertext and tag in base64url>`: AES-256-GCM under
//! a random nonce, bound to its place. Moved to another application or another field it does not
//! open. `<key>` tells which key sealed it: a vault opens with each of its keys and seals with the
//! first, so a key is rotated by putting a new one before it.

mod key;

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::aead::{Aad, NONCE_LEN, Nonce};
use secrecy::zeroize::{Zeroize, Zeroizing};

use crate::{application::ApplicationId, clock::random_bytes, secret::Secret};
use key::Key;

const VERSION: &str = "v1";

/// Seals secrets, and opens what it or an earlier one with the same keys has sealed.
#[derive(Clone)]
pub struct Vault {
    keys: Vec<Key>,
}

/// Why a vault could not be had, or a secret not be sealed or opened.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The text holds no key.
    #[error("the vault's key cannot be read ({SHAPE})")]
    NotAKey,
    /// The key's file could not be read or made.
    #[error("the vault's key file {path} cannot be opened (it must be a file of this user's)")]
    File {
        /// Which file.
        path: String,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// The key's file is open to others.
    #[error("the vault's key file {path} has mode {mode:04o} (it must be 0600: chmod 600 {path})")]
    OpenToOthers {
        /// Which file.
        path: String,
        /// Its permissions.
        mode: u32,
    },
    /// The secret could not be sealed.
    #[error("the secret cannot be sealed (it is too long)")]
    TooLong,
    /// The text was not sealed by a vault.
    #[error("the sealed value cannot be read (version, key and ciphertext, between dots)")]
    NotSealed,
    /// The key that sealed the value is not in this vault.
    #[error("the sealed value cannot be opened (its key {0:?} is not in the vault)")]
    UnknownKey(String),
    /// The value was altered, or sealed for another place.
    #[error("the sealed value cannot be opened (it was altered, or sealed for another place)")]
    Altered,
}

/// What a key looks like, for the messages of those who read one.
pub(crate) const SHAPE: &str =
    "32 bytes as 64 hexadecimal digits or in base64, or JSON {\"keys\": [newest, …]}";

impl Vault {
    /// The vault of a key, or of several.
    ///
    /// The text is 32 bytes as 64 hexadecimal digits or in base64, or a JSON object whose `keys`
    /// are such texts: the first seals, all open.
    ///
    /// # Errors
    /// [`Error::NotAKey`] when it is anything else.
    pub fn new(keys: &Secret) -> Result<Vault, Error> {
        Ok(Vault { keys: key::parse(keys.expose())? })
    }

    /// The vault of the key in a file, which must be closed to other users.
    pub fn from_file(path: &str) -> Result<Vault, Error> {
        Vault::new(&key::read_file(path)?)
    }

    /// Makes a file with a fresh key, of mode 0600.
    ///
    /// # Errors
    /// [`Error::File`] when it exists already: to overwrite a key is to lose what it sealed.
    pub fn create_file(path: &str) -> Result<Vault, Error> {
        Vault::new(&key::create_file(path)?)
    }

    /// Seals `secret` for the place it is kept at.
    pub fn seal(&self, application: &ApplicationId, field: &str, secret: &Secret) -> Result<String, Error> {
        let key = self.keys.first().ok_or(Error::NotAKey)?;
        let nonce: [u8; NONCE_LEN] = random_bytes();
        let mut sealed = Zeroizing::new(secret.expose().as_bytes().to_vec());
        let tag = key
            .cipher
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(nonce),
                place(&key.id, application, field),
                &mut sealed,
            )
            .map_err(|_| Error::TooLong)?;
        let bytes = [nonce.as_slice(), &sealed, tag.as_ref()].concat();
        Ok(format!("{VERSION}.{}.{}", key.id, URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// Opens what was sealed for this place.
    ///
    /// # Errors
    /// [`Error::NotSealed`], [`Error::UnknownKey`] or [`Error::Altered`].
    pub fn open(&self, application: &ApplicationId, field: &str, sealed: &str) -> Result<Secret, Error> {
        let (id, mut bytes) = parts(sealed).ok_or(Error::NotSealed)?;
        let key = self.keys.iter().find(|key| key.id == id);
        let key = key.ok_or_else(|| Error::UnknownKey(id.chars().take(16).collect()))?;
        let (nonce, ciphertext) = bytes.split_at_mut_checked(NONCE_LEN).ok_or(Error::NotSealed)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| Error::NotSealed)?;
        let place = place(&key.id, application, field);
        let opened = key.cipher.open_in_place(nonce, place, ciphertext).map_err(|_| Error::Altered)?;
        let secret = str::from_utf8(opened).map(Secret::new).map_err(|_| Error::Altered);
        bytes.zeroize();
        secret
    }
}

/// What a sealed value is bound to. None of the parts can hold a line feed but the last.
fn place(key: &str, application: &ApplicationId, field: &str) -> Aad<Vec<u8>> {
    Aad::from(format!("{VERSION}\n{key}\n{application}\n{field}").into_bytes())
}

fn parts(sealed: &str) -> Option<(&str, Vec<u8>)> {
    let (id, bytes) = sealed.strip_prefix(VERSION)?.strip_prefix('.')?.split_once('.')?;
    Some((id, URL_SAFE_NO_PAD.decode(bytes).ok()?))
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vault(***)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const OLD: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    const NEW: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHv8=";

    fn vault(keys: impl Into<String>) -> Vault {
        Vault::new(&Secret::new(keys)).unwrap()
    }

    fn main_store() -> ApplicationId {
        "main-store".parse().unwrap()
    }

    #[test]
    fn a_value_opens_at_its_own_place_only() {
        let sealed = vault(OLD).seal(&main_store(), "accessToken", &Secret::new("t0ken")).unwrap();
        let open = |application: &str, field| vault(OLD).open(&application.parse().unwrap(), field, &sealed);
        assert_eq!(open("main-store", "accessToken").unwrap().expose(), "t0ken");
        assert!(matches!(open("other-store", "accessToken"), Err(Error::Altered)));
        assert!(matches!(open("main-store", "clientSecret"), Err(Error::Altered)));
    }

    #[test]
    fn a_rotated_vault_opens_the_old_and_seals_with_the_new() {
        let (id, secret) = (main_store(), Secret::new("s3cret"));
        let old = vault(OLD).seal(&id, "clientSecret", &secret).unwrap();
        let rotated = vault(format!(r#"{{"keys": ["{NEW}", "{OLD}"]}}"#));
        assert_eq!(rotated.open(&id, "clientSecret", &old).unwrap().expose(), "s3cret");
        let new = rotated.seal(&id, "clientSecret", &secret).unwrap();
        assert_eq!(vault(NEW).open(&id, "clientSecret", &new).unwrap().expose(), "s3cret");
        assert!(matches!(vault(OLD).open(&id, "clientSecret", &new), Err(Error::UnknownKey(_))));
    }

    #[test]
    fn the_right_key_in_the_name_of_another_does_not_open() {
        let sealed = vault(OLD).seal(&main_store(), "f", &Secret::new("x")).unwrap();
        let new = vault(NEW).seal(&main_store(), "f", &Secret::new("x")).unwrap();
        let id = new.split('.').nth(1).unwrap();
        let renamed = format!("v1.{id}.{}", sealed.rsplit('.').next().unwrap());
        assert!(matches!(vault(NEW).open(&main_store(), "f", &renamed), Err(Error::Altered)));
    }

    #[test]
    fn other_text_is_not_sealed() {
        for text in ["", "v1", "v1.", "v1.a", "v2.a.b", "plain", "v1.a.!", "v1..AAAA"] {
            assert!(vault(OLD).open(&main_store(), "f", text).is_err(), "{text}");
        }
    }

    #[test]
    fn neither_the_vault_nor_its_errors_print_a_key() {
        let printed = format!("{:?} {:?}", vault(OLD), Vault::new(&Secret::new(&OLD[1..])).unwrap_err());
        assert!(!printed.contains(&OLD[1..9]), "{printed}");
    }

    proptest! {
        #[test]
        fn whatever_is_sealed_opens_as_it_was_and_shows_nothing(text in "\\PC{0,200}", field in "[a-zA-Z]{1,20}") {
            let vault = vault(OLD);
            let sealed = vault.seal(&main_store(), &field, &Secret::new(text.clone())).unwrap();
            prop_assert!(text.len() < 8 || !sealed.contains(&text));
            let opened = vault.open(&main_store(), &field, &sealed).unwrap();
            prop_assert_eq!(opened.expose(), text);
        }

        #[test]
        fn two_seals_of_one_value_differ(text in "\\PC{0,40}") {
            let seal = || vault(OLD).seal(&main_store(), "f", &Secret::new(text.clone())).unwrap();
            prop_assert_ne!(seal(), seal());
        }

        #[test]
        fn an_altered_byte_does_not_open(at in 0_usize..33, flip in 1_u8..=255) {
            let sealed = vault(OLD).seal(&main_store(), "f", &Secret::new("hello")).unwrap();
            let (id, mut bytes) = parts(&sealed).unwrap();
            bytes[at] ^= flip;
            let altered = format!("v1.{id}.{}", URL_SAFE_NO_PAD.encode(bytes));
            prop_assert!(matches!(vault(OLD).open(&main_store(), "f", &altered), Err(Error::Altered)));
        }
    }
}
