//! One application and its deliveries, for the tests and the benchmark. The signatures are made
//! by the reference library of Standard Webhooks.

use axum::http::{HeaderMap, HeaderName};
use shared::{
    application::{Application, Credentials, Policies, SignatureMode, WEBHOOK_SECRET_HEADER, WebhookPolicy},
    mapping::Mapping,
    secret::Secret,
};

pub(crate) const APP_SECRET: &str = "5f0c6f9a-header-secret";
pub(crate) const CLIENT_SECRET: &str = "f3c1d8e2a4b59607f3c1d8e2a4b59607f3c1d8e2a4b59607f3c1d8e2a4b59607";
pub(crate) const ID_OF_DELIVERY: &str = "5a1b7a9be1c0b4f6a0d3f2c8e9d7465534231201";
pub(crate) const NOW: i64 = 1_790_000_000;

/// A store `abc123` without previous secrets, in the default mode.
pub(crate) fn application() -> Application {
    Application {
        id: "main-store".parse().expect("an identifier"),
        name: "Main store".to_owned(),
        store_hash: "abc123".to_owned(),
        credentials: Credentials {
            client_id: "client".to_owned(),
            client_secret: Secret::new(CLIENT_SECRET),
            previous_client_secret: None,
            access_token: Secret::new("token"),
        },
        webhook: WebhookPolicy {
            app_secret: Secret::new(APP_SECRET),
            previous_app_secret: None,
            signature: SignatureMode::default(),
        },
        mapping: Mapping { rules: Vec::new(), address_rules: Vec::new(), ..Mapping::default() },
        policies: Policies::default(),
    }
}

/// What the store sends about its customer 32.
pub(crate) fn event(scope: &str) -> Vec<u8> {
    let body = serde_json::json!({
        "producer": "stores/abc123", "hash": ID_OF_DELIVERY, "created_at": NOW - 3, "store_id": "1025646",
        "scope": scope, "data": { "type": "customer", "id": 32, "origin_channel_id": 1, "channel_ids": [1] },
    });
    body.to_string().into_bytes()
}

/// The entry of `webhook-signature`.
pub(crate) fn signature(secret: &str, id: &str, at: i64, body: &[u8]) -> String {
    let signer = standardwebhooks::Webhook::from_bytes(secret.as_bytes().to_vec()).expect("any key will do");
    signer.sign(id, at, body).expect("the payload is text")
}

/// The headers of a delivery signed by `secret`, with the app secret.
pub(crate) fn signed(secret: &str, at: i64, body: &[u8]) -> HeaderMap {
    let signature = signature(secret, ID_OF_DELIVERY, at, body);
    headers(&[
        (WEBHOOK_SECRET_HEADER, APP_SECRET),
        ("webhook-id", ID_OF_DELIVERY),
        ("webhook-timestamp", &at.to_string()),
        ("webhook-signature", &signature),
    ])
}

/// Headers by name and value.
pub(crate) fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    let header = |(name, value): &(&'static str, &str)| {
        (HeaderName::from_static(name), value.parse().expect("visible text"))
    };
    pairs.iter().map(header).collect()
}
