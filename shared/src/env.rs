//! What a function reads of its environment. A variable that is missing or bad stops the start
//! with an error that names it, what it must look like and what to do.

use std::fmt;

use aws_config::{BehaviorVersion, SdkConfig};
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, rustls_provider::CryptoMode},
};

use crate::{
    secret::Secret,
    vault::{self, Vault},
};

/// Why the environment does not do.
#[derive(thiserror::Error)]
pub enum Error {
    /// A variable is not set, or empty.
    #[error(
        "{name} is not set (it must be {looks_like}): set it in the function's environment and start again"
    )]
    Missing {
        /// The variable.
        name: &'static str,
        /// What it must look like.
        looks_like: &'static str,
    },
    /// A variable is not what it must be. Its value is not told: it may be a secret.
    #[error(
        "{name} cannot be used (it must be {looks_like}): correct it in the function's environment and start again"
    )]
    Bad {
        /// The variable.
        name: &'static str,
        /// What it must look like.
        looks_like: &'static str,
    },
    /// The secret with the vault's keys could not be fetched.
    #[error(
        "the secret that VAULT_SECRET_ID names cannot be fetched (the function must be allowed to read it as text)"
    )]
    Secret(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The vault's keys could not be read.
    #[error("the vault cannot be opened (VAULT_SECRET_ID or VAULT_KEY_FILE must lead to its keys)")]
    Vault(#[source] vault::Error),
}

/// The chain of what is wrong: `main` hands it to Rust's own last words, which print this form.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")?;
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

/// The value of a variable that must be set. `looks_like` completes "it must be …".
pub fn required(name: &'static str, looks_like: &'static str) -> Result<String, Error> {
    present(name, looks_like, read(name, looks_like)?)
}

/// The value of a variable that may be unset; empty is unset.
pub fn optional(name: &'static str, looks_like: &'static str) -> Result<Option<String>, Error> {
    Ok(read(name, looks_like)?.filter(|value| !value.is_empty()))
}

/// A variable that must be set, read as a `T`.
pub fn parsed<T: std::str::FromStr>(name: &'static str, looks_like: &'static str) -> Result<T, Error> {
    parse(name, looks_like, &required(name, looks_like)?)
}

/// A variable that may be unset, read as a `T`.
pub fn optional_parsed<T: std::str::FromStr>(
    name: &'static str,
    looks_like: &'static str,
) -> Result<Option<T>, Error> {
    optional(name, looks_like)?.map(|value| parse(name, looks_like, &value)).transpose()
}

/// The address in a variable that must be set, without a slash at its end.
pub fn address(name: &'static str, looks_like: &'static str) -> Result<String, Error> {
    let value = as_address(name, looks_like, required(name, looks_like)?)?;
    Ok(value.trim_end_matches('/').to_owned())
}

/// The address in a variable that may be unset.
pub fn optional_address(name: &'static str) -> Result<Option<String>, Error> {
    const LOOKS_LIKE: &str = "an address such as https://host:port, or unset";
    optional(name, LOOKS_LIKE)?.map(|value| as_address(name, LOOKS_LIKE, value)).transpose()
}

fn read(name: &'static str, looks_like: &'static str) -> Result<Option<String>, Error> {
    match std::env::var(name) {
        Ok(value) => Ok(Some(value.trim().to_owned())),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => Err(Error::Bad { name, looks_like }),
    }
}

fn present(name: &'static str, looks_like: &'static str, value: Option<String>) -> Result<String, Error> {
    value.filter(|value| !value.is_empty()).ok_or(Error::Missing { name, looks_like })
}

fn parse<T: std::str::FromStr>(
    name: &'static str,
    looks_like: &'static str,
    value: &str,
) -> Result<T, Error> {
    value.parse().map_err(|_| Error::Bad { name, looks_like })
}

fn as_address(name: &'static str, looks_like: &'static str, value: String) -> Result<String, Error> {
    let host = value.strip_prefix("https://").or_else(|| value.strip_prefix("http://"));
    match host {
        Some(host) if !host.is_empty() && !host.starts_with(['/', ':']) => Ok(value),
        _ => Err(Error::Bad { name, looks_like }),
    }
}

/// The configuration of the AWS clients: region and credentials as the SDK finds them, TLS on
/// ring, which is in the tree anyway and starts faster than the SDK's own choice. The SDK itself
/// reads `AWS_ENDPOINT_URL`.
pub async fn aws() -> SdkConfig {
    let http = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    aws_config::defaults(BehaviorVersion::latest()).http_client(http).load().await
}

/// The vault whose keys are in the secret `VAULT_SECRET_ID` or in the file `VAULT_KEY_FILE`; the
/// file goes first, for who runs the functions by hand.
pub async fn vault(aws: &SdkConfig) -> Result<Vault, Error> {
    let file = optional("VAULT_KEY_FILE", "the path of a file with the vault's key, of mode 0600")?;
    if let Some(path) = file {
        return Vault::from_file(&path).map_err(Error::Vault);
    }
    let id = required(
        "VAULT_SECRET_ID",
        "the name or ARN of the Secrets Manager secret with the vault's key, unless VAULT_KEY_FILE is set",
    )?;
    Vault::new(&fetch(aws, &id).await?).map_err(Error::Vault)
}

async fn fetch(aws: &SdkConfig, id: &str) -> Result<Secret, Error> {
    let client = aws_sdk_secretsmanager::Client::new(aws);
    let answer = client.get_secret_value().secret_id(id).send().await;
    let answer = answer.map_err(|error| Error::Secret(Box::new(error.into_service_error())))?;
    answer.secret_string.map(Secret::new).ok_or(Error::Vault(vault::Error::NotAKey))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_variable_is_named_with_what_it_must_look_like_and_what_to_do() {
        for value in [None, Some(String::new())] {
            let told = present("USERS_TABLE", "the users table's name", value).unwrap_err().to_string();
            for part in ["USERS_TABLE", "the users table's name", "set it"] {
                assert!(told.contains(part), "{told}");
            }
        }
    }

    #[test]
    fn a_bad_variable_is_named_and_its_value_is_not_told() {
        let told = parse::<u16>("DAYS", "a whole number", "s3cret").unwrap_err().to_string();
        assert!(told.contains("DAYS") && told.contains("a whole number"), "{told}");
        assert!(!told.contains("s3cret"), "{told}");
    }

    #[test]
    fn a_variable_that_is_not_set_is_missing_or_none() {
        assert!(matches!(required("CLIENTELE_UNSET", "set"), Err(Error::Missing { .. })));
        assert!(matches!(optional("CLIENTELE_UNSET", "set"), Ok(None)));
        assert!(matches!(parsed::<u8>("CLIENTELE_UNSET", "set"), Err(Error::Missing { .. })));
    }

    #[test]
    fn only_an_http_address_is_an_address() {
        let is = |value: &str| as_address("DYNAMODB_ENDPOINT", "an address", value.to_owned()).is_ok();
        assert!(is("http://127.0.0.1:8000") && is("https://dynamodb.example"));
        assert!(!is("127.0.0.1:8000") && !is("ftp://x") && !is("http://") && !is("http:///x"));
    }
}
