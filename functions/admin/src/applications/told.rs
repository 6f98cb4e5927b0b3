//! What is told of an application: never a secret, not even a part of one.

use serde::Serialize;
use serde_json::{Value, json};
use shared::{
    amendment::MASK,
    application::{Application, Policies, SignatureMode},
    secret::Secret,
};

/// What is told of an application.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Told {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) store_hash: String,
    pub(super) client_id: String,
    pub(super) signature: SignatureMode,
    pub(super) policies: Policies,
}

impl Told {
    pub(super) fn new(application: &Application) -> Told {
        Told {
            id: application.id.to_string(),
            name: application.name.clone(),
            store_hash: application.store_hash.clone(),
            client_id: application.credentials.client_id.clone(),
            signature: application.webhook.signature,
            policies: application.policies.clone(),
        }
    }

    pub(super) fn is_chosen(&self, mode: &str) -> bool {
        serde_json::to_value(self.signature).is_ok_and(|value| value == mode)
    }
}

/// An application for the log of changes, before one.
pub(super) fn before(application: Option<&Application>) -> Value {
    application.map_or(Value::Null, |application| masked(application, [MASK; 3]))
}

/// And after it: a secret that is another one differs, and is not shown.
pub(super) fn after(before: Option<&Application>, after: &Application) -> Value {
    let mask = |of: fn(&Application) -> &Secret| match before {
        Some(before) if of(before).matches(of(after).expose().as_bytes()) => MASK,
        Some(_) => "*** (another)",
        None => MASK,
    };
    let secrets: [fn(&Application) -> &Secret; 3] = [
        |application| &application.credentials.client_secret,
        |application| &application.credentials.access_token,
        |application| &application.webhook.app_secret,
    ];
    masked(after, secrets.map(mask))
}

fn masked(application: &Application, [client_secret, access_token, app_secret]: [&str; 3]) -> Value {
    json!({
        "name": application.name,
        "storeHash": application.store_hash,
        "clientId": application.credentials.client_id,
        "clientSecret": client_secret,
        "accessToken": access_token,
        "appSecret": app_secret,
        "signature": application.webhook.signature,
        "mapping": application.mapping,
        "policies": application.policies,
    })
}
