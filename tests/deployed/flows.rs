//! What the deployed functions do.

use std::time::Duration;

use local::bigcommerce::sign;
use serde_json::{Value, json};
use shared::{
    application::{ApplicationId, WEBHOOK_SECRET_HEADER},
    clock::{Clock, random_id},
};

use crate::{Tools, emulator::until, stack::Stack};

/// How long a change may take: the emulator starts functions anew, and polls.
const PATIENCE: Duration = Duration::from_secs(90);

impl Stack {
    async fn found(&self, email: &str) -> Option<Value> {
        let path = format!("Users?filter=emails.value%20eq%20%22{email}%22");
        let (status, list) = self.scim("GET", &path, None).await;
        assert_eq!(status, 200, "{list}");
        list["Resources"].as_array().and_then(|found| found.first()).cloned()
    }

    /// A signed delivery about nobody; how it is answered.
    async fn deliver(&self) -> u16 {
        let account = self.store.account();
        let body = json!({
            "producer": format!("stores/{}", account.store_hash), "hash": random_id(), "created_at": 0, "store_id": "1",
            "scope": "store/customer/updated", "data": { "type": "customer", "id": 4_000_000 },
        });
        let (id, now, body) = (random_id(), Clock::system().now().as_second(), body.to_string());
        let applications = self.tables.applications().await.unwrap();
        let secret = applications[0].webhook.app_secret.expose();
        let request = self.http.post(format!("{}/webhooks/main-store", self.api));
        let request = request.header(WEBHOOK_SECRET_HEADER, secret).header("webhook-id", &id);
        let request = request.header("webhook-timestamp", now).header("content-type", "application/json");
        let signature = sign(&account.client_secret, &id, now, &body);
        let answer = request.header("webhook-signature", signature).body(body).send().await.unwrap();
        answer.status().as_u16()
    }

    async fn at_the_store(&self, method: &str, path: &str, body: Value) -> Value {
        let account = self.store.account();
        let url = format!("{}/stores/{}/v3/{path}", self.store.url(), account.store_hash);
        let request = self.http.request(method.parse().unwrap(), url).json(&body);
        let answer = request.header("x-auth-token", account.access_token.expose()).send().await.unwrap();
        answer.json().await.unwrap()
    }
}

/// A customer made at the store is delivered, signed, and becomes a user.
pub(crate) async fn a_delivery_reaches_the_directory(stack: &Stack) {
    let customer = json!([{ "email": "delivered@x.example", "first_name": "De", "last_name": "Livered" }]);
    stack.at_the_store("POST", "customers", customer).await;
    let found = async || stack.found("delivered@x.example").await;
    let user = until("the delivered customer is a user", PATIENCE, found).await;
    assert_eq!(user["name"]["familyName"], "Livered");
}

/// A user made over SCIM becomes a customer.
pub(crate) async fn a_user_reaches_the_store(stack: &Stack) {
    let user = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": "made@x.example",
        "emails": [{ "value": "made@x.example", "primary": true }],
        "name": { "givenName": "Ma", "familyName": "De" },
    });
    let (status, made) = stack.scim("POST", "Users", Some(user)).await;
    assert_eq!(status, 201, "{made}");
    let customer = async || {
        let found = stack.at_the_store("GET", "customers?email:in=made@x.example", Value::Null).await;
        found["data"].as_array().and_then(|found| found.first()).cloned()
    };
    let customer = until("the user is a customer", PATIENCE, customer).await;
    assert_eq!(customer["last_name"], "De");
}

/// The application's import is begun by the schedule, and comes to its end.
pub(crate) async fn a_schedule_fires(stack: &Stack) {
    let id = ApplicationId::try_from("main-store".to_owned()).unwrap();
    let imported = async || stack.tables.job(&id).await.unwrap().and_then(|job| job.full_at);
    until("the schedule's import came to its end", Duration::from_secs(180), imported).await;
    let known = stack.at_the_store("GET", "customers?limit=5", Value::Null).await;
    let email = known["data"][0]["email"].as_str().unwrap().replace('+', "%2B");
    assert!(stack.found(&email).await.is_some());
}

/// Without its right to the work table, `webhook` cannot keep a delivery: the role is no wider than it must be.
pub(crate) async fn without_its_right_a_function_is_refused(stack: &Stack, tools: &Tools) {
    assert_eq!(stack.deliver().await, 200);
    let whole = std::fs::read_to_string(&tools.template).unwrap();
    let (before, role) = whole.split_once("\n  WebhookRole:").unwrap();
    let narrower = role.replacen("dynamodb:UpdateItem", "dynamodb:DescribeTable", 1);
    assert_ne!(narrower, role);
    let template = tools.template.with_file_name("narrower.yaml");
    std::fs::write(&template, format!("{before}\n  WebhookRole:{narrower}")).unwrap();
    stack.redeploy(&template).await;
    std::fs::remove_file(template).unwrap();
    assert_eq!(stack.deliver().await, 503, "the delivery is to come again");
}
