//! The keys of a vault: how they are written, and the file that may hold them.

use std::{
    fs::OpenOptions,
    io::{Read, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
};

use base64::{
    Engine,
    engine::{
        DecodePaddingMode,
        general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD},
    },
};
use ring::{
    aead::{AES_256_GCM, LessSafeKey, UnboundKey},
    digest,
};
use secrecy::{ExposeSecret, SecretString, zeroize::Zeroizing};
use serde::Deserialize;

use super::Error;
use crate::{clock::random_bytes, secret::Secret};

/// Base64 as people paste it: with or without the padding.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What only its owner may do with the file.
const OWNER_ONLY: u32 = 0o600;

#[derive(Clone)]
pub(super) struct Key {
    /// The first 4 bytes of the key's SHA-256 in hexadecimal: names it and tells nothing of it.
    pub(super) id: String,
    pub(super) cipher: LessSafeKey,
}

#[derive(Deserialize)]
struct Several {
    keys: Vec<SecretString>,
}

pub(super) fn parse(text: &str) -> Result<Vec<Key>, Error> {
    let text = text.trim();
    if !text.starts_with('{') {
        return Ok(vec![one(text)?]);
    }
    let Several { keys } = serde_json::from_str(text).map_err(|_| Error::NotAKey)?;
    if keys.is_empty() {
        return Err(Error::NotAKey);
    }
    keys.iter().map(|key| one(key.expose_secret().trim())).collect()
}

fn one(text: &str) -> Result<Key, Error> {
    let bytes = hexadecimal(text).or_else(|| LENIENT.decode(text).ok().map(Zeroizing::new));
    let bytes = bytes.ok_or(Error::NotAKey)?;
    let cipher = UnboundKey::new(&AES_256_GCM, &bytes).map_err(|_| Error::NotAKey)?;
    let digest = digest::digest(&digest::SHA256, &bytes);
    let id = digest.as_ref().iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    Ok(Key { id, cipher: LessSafeKey::new(cipher) })
}

fn hexadecimal(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let pairs = (0..32).map(|n| u8::from_str_radix(&text[2 * n..2 * n + 2], 16).ok());
    pairs.collect::<Option<Vec<u8>>>().map(Zeroizing::new)
}

pub(super) fn read_file(path: &str) -> Result<Secret, Error> {
    let unopened = |source| Error::File { path: path.to_owned(), source };
    let mut file = OpenOptions::new().read(true).open(path).map_err(unopened)?;
    // Of the file that is open, not of whatever the path names a moment later.
    let mode = file.metadata().map_err(unopened)?.permissions().mode() & 0o7777;
    if mode & !OWNER_ONLY != 0 {
        return Err(Error::OpenToOthers { path: path.to_owned(), mode });
    }
    let mut text = Zeroizing::new(String::new());
    file.read_to_string(&mut text).map_err(unopened)?;
    Ok(Secret::new(text.as_str()))
}

pub(super) fn create_file(path: &str) -> Result<Secret, Error> {
    let unopened = |source| Error::File { path: path.to_owned(), source };
    let text = Zeroizing::new(STANDARD.encode(Zeroizing::new(random_bytes::<32>())));
    let mut file =
        OpenOptions::new().write(true).create_new(true).mode(OWNER_ONLY).open(path).map_err(unopened)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(unopened)?;
    Ok(Secret::new(text.as_str()))
}

#[cfg(test)]
mod tests {
    use std::{fs, path::PathBuf};

    use super::*;
    use crate::{clock::random_id, vault::Vault};

    const HEX: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

    struct Path(PathBuf);

    impl Path {
        fn fresh() -> Path {
            Path(std::env::temp_dir().join(format!("vault-{}", random_id())))
        }

        fn text(&self) -> &str {
            self.0.to_str().unwrap()
        }
    }

    impl Drop for Path {
        fn drop(&mut self) {
            fs::remove_file(&self.0).ok();
        }
    }

    #[test]
    fn a_key_is_the_same_in_hexadecimal_and_in_base64_padded_or_not() {
        let base64 = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
        let ids = [HEX, base64, &format!("{base64}=\n")].map(|text| parse(text).unwrap()[0].id.clone());
        assert_eq!(ids, ["630dcd29"; 3]);
    }

    #[test]
    fn other_text_is_no_key() {
        for text in ["", "00", "{}", r#"{"keys": []}"#, r#"{"keys": ["00"]}"#, &HEX[2..], "not a key at all"]
        {
            assert!(matches!(parse(text), Err(Error::NotAKey)), "{text}");
        }
    }

    #[test]
    fn a_key_file_is_made_closed_to_others_and_never_overwritten() {
        let path = Path::fresh();
        Vault::create_file(path.text()).unwrap();
        assert_eq!(fs::metadata(&path.0).unwrap().permissions().mode() & 0o777, 0o600);
        let before = fs::read(&path.0).unwrap();
        assert!(matches!(Vault::create_file(path.text()), Err(Error::File { .. })));
        assert_eq!(fs::read(&path.0).unwrap(), before);
        assert!(Vault::from_file(path.text()).is_ok());
    }

    #[test]
    fn a_key_file_that_others_may_read_is_refused_and_the_remedy_told() {
        let path = Path::fresh();
        Vault::create_file(path.text()).unwrap();
        for mode in [0o640, 0o604, 0o660, 0o644, 0o700, 0o610] {
            fs::set_permissions(&path.0, fs::Permissions::from_mode(mode)).unwrap();
            let told = Vault::from_file(path.text()).unwrap_err().to_string();
            assert!(told.contains(&format!("mode {mode:04o}")) && told.contains("chmod 600"), "{told}");
        }
        fs::set_permissions(&path.0, fs::Permissions::from_mode(0o400)).unwrap();
        assert!(Vault::from_file(path.text()).is_ok());
    }

    #[test]
    fn a_key_file_that_is_not_there_is_named() {
        let told = Vault::from_file("/nowhere/vault.key").unwrap_err().to_string();
        assert!(told.contains("/nowhere/vault.key"), "{told}");
    }
}
