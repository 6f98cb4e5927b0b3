//! The values of a store-level API account, as typed in, or as the file has them that BigCommerce
//! offers once when the account is made.

use serde::Deserialize;
use shared::{application::Credentials, secret::Secret};

/// What is sent of an API account: its values, or the file's text.
#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Given {
    pub(super) store_hash: String,
    pub(super) client_id: String,
    pub(super) client_secret: String,
    pub(super) access_token: String,
    pub(super) file: String,
}

/// The values of an API account.
pub(super) struct Account {
    pub(super) store_hash: String,
    pub(super) credentials: Credentials,
}

/// The longest value and the longest file.
const LONGEST: usize = 256;
const LONGEST_FILE: usize = 16 * 1024;

impl Given {
    /// The values: those typed in go before those of the file.
    ///
    /// # Errors
    /// The field that is missing or cannot be, and a sentence about it.
    pub(super) fn account(&self) -> Result<Account, Vec<(&'static str, &'static str)>> {
        let file = File::read(if self.file.len() > LONGEST_FILE { "" } else { &self.file });
        let value = |typed: &str, of_file: Option<String>| match typed.trim() {
            "" => of_file.unwrap_or_default(),
            typed => store_hash_or(typed),
        };
        let hash = value(&self.store_hash, file.store_hash);
        let id = value(&self.client_id, file.client_id);
        let secret = value(&self.client_secret, file.client_secret);
        let token = value(&self.access_token, file.access_token);
        let wrong = wrong(&hash, &id, &secret, &token);
        if !wrong.is_empty() {
            return Err(wrong);
        }
        let credentials = Credentials {
            client_id: id,
            client_secret: Secret::new(secret),
            previous_client_secret: None,
            access_token: Secret::new(token),
        };
        Ok(Account { store_hash: hash, credentials })
    }
}

fn wrong(hash: &str, id: &str, secret: &str, token: &str) -> Vec<(&'static str, &'static str)> {
    let is_hash = |text: &str| {
        (1..=40).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    let is_value =
        |text: &str| (1..=LONGEST).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    let rules = [
        (
            is_hash(hash),
            "storeHash",
            "The store hash is missing. It is in the API path: https://api.bigcommerce.com/stores/{store hash}/v3/.",
        ),
        (is_value(id), "clientId", "The client ID is missing. BigCommerce shows it with the API account."),
        (
            is_value(secret),
            "clientSecret",
            "The client secret is missing. BigCommerce shows it once, when the account is made.",
        ),
        (
            is_value(token),
            "accessToken",
            "The access token is missing. BigCommerce shows it once, when the account is made.",
        ),
    ];
    rules.into_iter().filter(|(holds, ..)| !holds).map(|(_, field, detail)| (field, detail)).collect()
}

/// People paste the whole API path where the hash is asked for.
fn store_hash_or(typed: &str) -> String {
    of_path(typed).unwrap_or_else(|| typed.to_owned())
}

fn of_path(path: &str) -> Option<String> {
    let (_, after) = path.split_once("/stores/")?;
    Some(after.split('/').next().unwrap_or_default().to_owned())
}

#[derive(Default)]
struct File {
    store_hash: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
    access_token: Option<String>,
}

impl File {
    /// Reads lines of `NAME: value`, whatever the case and whatever else is there.
    fn read(text: &str) -> File {
        let mut file = File::default();
        for line in text.lines() {
            let Some((name, value)) = line.split_once([':', '=']) else { continue };
            let value = value.trim().trim_matches('"').to_owned();
            let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
            match name.to_ascii_lowercase().as_str() {
                "accesstoken" => file.access_token = Some(value),
                "clientid" => file.client_id = Some(value),
                "clientsecret" => file.client_secret = Some(value),
                "apipath" => file.store_hash = of_path(&value),
                "storehash" => file.store_hash = Some(value),
                _ => {}
            }
        }
        file
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "ACCESS TOKEN: tok123\r\nCLIENT NAME: sync\r\nCLIENT ID: id456\r\nCLIENT SECRET: sec789\r\n\
        NAME: sync\r\nAPI PATH: https://api.bigcommerce.com/stores/abc123/v3/\r\n";

    #[test]
    fn the_file_of_bigcommerce_is_read_and_what_is_typed_goes_before_it() {
        let given = Given { file: FILE.to_owned(), client_id: "typed".to_owned(), ..Given::default() };
        let Account { store_hash, credentials } = given.account().map_err(|_| ()).unwrap();
        assert_eq!((store_hash.as_str(), credentials.client_id.as_str()), ("abc123", "typed"));
        assert!(credentials.access_token.matches(b"tok123") && credentials.client_secret.matches(b"sec789"));
    }

    #[test]
    fn an_api_path_is_as_good_as_a_store_hash() {
        let given = Given {
            store_hash: " https://api.bigcommerce.com/stores/xyz/v3/ ".to_owned(),
            file: FILE.to_owned(),
            ..Given::default()
        };
        assert_eq!(given.account().map_err(|_| ()).unwrap().store_hash, "xyz");
    }

    #[test]
    fn each_value_that_is_missing_or_leads_elsewhere_is_named() {
        let fields = |given: &Given| {
            let wrong = given.account().err().unwrap_or_default();
            wrong.into_iter().map(|(field, _)| field).collect::<Vec<_>>()
        };
        assert_eq!(fields(&Given::default()), ["storeHash", "clientId", "clientSecret", "accessToken"]);
        for hash in ["../x", "a.b", "A", "a/b", "x@evil.example", &"a".repeat(41)] {
            let given = Given { store_hash: hash.to_owned(), file: FILE.to_owned(), ..Given::default() };
            assert_eq!(fields(&given), ["storeHash"], "{hash}");
        }
    }
}
