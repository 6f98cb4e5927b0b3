//! A function whose configuration is missing or bad does not start, and says which variable it is.

use std::{collections::BTreeMap, path::PathBuf};

use super::lambda::{Runtime, binary, process};
use crate::stack::engine::Folder;

/// A folder with a key of the vault that only its owner may read.
pub(super) fn vault_key(folder: &Folder) -> PathBuf {
    let path = folder.path().join("vault.key");
    shared::vault::Vault::create_file(path.to_str().unwrap()).unwrap();
    path
}

/// What every function needs.
pub(super) fn environment(folder: &Folder, endpoint: &str) -> BTreeMap<&'static str, String> {
    let key = vault_key(folder);
    BTreeMap::from([
        ("USERS_TABLE", "UsersTable".to_owned()),
        ("WORK_TABLE", "WorkTable".to_owned()),
        ("JOBS_TABLE", "JobsTable".to_owned()),
        ("REPORTS_TABLE", "ReportsTable".to_owned()),
        ("SETTINGS_TABLE", "SettingsTable".to_owned()),
        ("BIGCOMMERCE_API", "https://api.bigcommerce.com".to_owned()),
        ("WEBHOOK_URL", "https://api.example/webhooks".to_owned()),
        ("SCIM_URL", "https://api.example/scim/v2".to_owned()),
        ("VAULT_KEY_FILE", key.to_str().unwrap().to_owned()),
        ("DYNAMODB_ENDPOINT", endpoint.to_owned()),
        ("AWS_REGION", "us-east-1".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "local".to_owned()),
        ("AWS_ACCESS_KEY_ID", "local".to_owned()),
        ("AWS_LAMBDA_FUNCTION_NAME", "local".to_owned()),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256".to_owned()),
        ("AWS_LAMBDA_FUNCTION_VERSION", "1".to_owned()),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "local".to_owned()),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "local".to_owned()),
    ])
}

/// What is wrong with a variable: it has this value, or none.
type Wrong = (&'static str, Option<&'static str>);

async fn told(function: &str, (variable, value): Wrong) -> Option<String> {
    let binary = binary(function)?;
    let (folder, runtime) = (Folder::new(), Runtime::default());
    let mut environment = environment(&folder, "http://127.0.0.1:9");
    environment.insert("AWS_LAMBDA_RUNTIME_API", runtime.start().await);
    match value {
        Some(value) => environment.insert(variable, value.to_owned()),
        None => environment.remove(variable),
    };
    let ended = process(&binary, &environment).output().await.unwrap();
    let told = String::from_utf8(ended.stderr).unwrap() + &String::from_utf8(ended.stdout).unwrap();
    assert!(!ended.status.success(), "{function} started without {variable}");
    assert!(told.contains(variable), "{function} does not name {variable}: {told}");
    assert_eq!(runtime.asked(), 0, "{function} asked for an invocation without {variable}");
    // Of a file, the path is told; its key is not.
    if let Some(value) = value.filter(|value| value.len() > 3 && variable != "VAULT_KEY_FILE") {
        assert!(!told.contains(value), "{function} tells the value of {variable}: {told}");
    }
    Some(told)
}

const OF_ALL: [Wrong; 11] = [
    ("USERS_TABLE", None),
    ("USERS_TABLE", Some("")),
    ("WORK_TABLE", None),
    ("JOBS_TABLE", None),
    ("REPORTS_TABLE", None),
    ("SETTINGS_TABLE", None),
    ("DYNAMODB_ENDPOINT", Some("127.0.0.1:8000")),
    ("REPORT_RETENTION_DAYS", Some("0")),
    ("REPORT_RETENTION_DAYS", Some("soon")),
    ("VAULT_SECRET_ID", Some("")),
    ("VAULT_KEY_FILE", Some("/nowhere-at-all")),
];

#[tokio::test]
async fn a_function_without_its_configuration_does_not_start_and_names_what_it_lacks_g90() {
    for function in ["webhook", "sync", "users"] {
        for wrong in OF_ALL {
            // The vault's key is in a file or in a secret; without a file, the secret is missing.
            let wrong = if wrong.0 == "VAULT_SECRET_ID" { ("VAULT_KEY_FILE", None) } else { wrong };
            let Some(told) = told(function, wrong).await else { return };
            assert!(!told.contains("panicked"), "{told}");
        }
    }
}

#[tokio::test]
async fn a_functions_own_addresses_must_be_addresses_g90() {
    let of_sync = [
        ("BIGCOMMERCE_API", None),
        ("BIGCOMMERCE_API", Some("http://api.bigcommerce.com")),
        ("BIGCOMMERCE_API", Some("https://user:secret@api.bigcommerce.com")),
        ("WEBHOOK_URL", None),
        ("WEBHOOK_URL", Some("api.example")),
    ];
    for wrong in of_sync {
        told("sync", wrong).await;
    }
    for wrong in [("SCIM_URL", None), ("SCIM_URL", Some("api.example")), ("SCIM_URL", Some("https://"))] {
        told("users", wrong).await;
    }
}
