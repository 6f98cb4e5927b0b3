//! The functions as deployed, from the event of the platform to their answer.

use std::collections::BTreeMap;

use base64::{Engine, prelude::BASE64_STANDARD};
use local::{
    bigcommerce::sign,
    stack::{Options, Stack},
};
use serde_json::{Map, Value, json};
use shared::{
    application::{Application, WEBHOOK_SECRET_HEADER},
    work::Subject,
};

use super::{
    lambda::{Lambda, binary},
    starts::environment,
};
use crate::stack::engine::Folder;

/// A stack on the machine's time, as the functions' processes have it, and one of them.
struct Deployed {
    stack: Stack,
    application: Application,
    function: Lambda,
    _folder: Folder,
}

impl Deployed {
    async fn with(function: &'static str) -> Option<Deployed> {
        let binary = binary(function)?;
        let now = shared::clock::Clock::system().now();
        let time = local::stack::Time::ByHand(local::clock::ManualClock::starting_at(now));
        let stack = Stack::start(Options { time, customers: 1, ..Options::default() }).await.unwrap();
        let application = stack.connect("main-store".parse().unwrap(), "Main store").await.unwrap();
        stack.settle().await.unwrap();
        // The processes open what the stack has sealed with a key of its own.
        let folder = Folder::new();
        let mut environment = environment(&folder, stack.engine().url());
        environment.insert("AWS_ACCESS_KEY_ID", function.to_owned());
        environment.insert("BIGCOMMERCE_API", stack.store().url());
        environment.insert("WEBHOOK_URL", format!("{}/webhooks", stack.api()));
        seal(&environment, &application).await;
        let function = Lambda::start(&binary, environment).await;
        Some(Deployed { stack, application, function, _folder: folder })
    }

    fn subject(&self) -> Subject {
        Subject::Customer(self.application.id.clone(), self.stack.store().customers()[0].id.unwrap())
    }

    async fn finish(&self) {
        let work = self.stack.tables().work(&[self.subject()]).await.unwrap().remove(0);
        assert!(self.stack.tables().finish(&work).await.unwrap());
    }

    async fn rows(&self) -> usize {
        self.stack.tables().work(&[self.subject()]).await.unwrap().len()
    }
}

/// Keeps the application sealed with the key of the processes' vault.
async fn seal(environment: &BTreeMap<&'static str, String>, application: &Application) {
    let vault = shared::vault::Vault::from_file(&environment["VAULT_KEY_FILE"]).unwrap();
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(aws_sdk_dynamodb::config::BehaviorVersion::latest())
        .region(aws_sdk_dynamodb::config::Region::new("us-east-1"))
        .credentials_provider(aws_sdk_dynamodb::config::Credentials::new(
            "local", "local", None, None, "local",
        ))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .endpoint_url(&environment["DYNAMODB_ENDPOINT"]);
    let names = |variable: &str| environment[variable].clone();
    let names = shared::store::TableNames {
        users: names("USERS_TABLE"),
        work: names("WORK_TABLE"),
        jobs: names("JOBS_TABLE"),
        reports: names("REPORTS_TABLE"),
        settings: names("SETTINGS_TABLE"),
    };
    let client = aws_sdk_dynamodb::Client::from_conf(config.build());
    shared::store::Tables::new(client, names, vault).put_application(application).await.unwrap();
}

/// An event of an HTTP API, version 2.0.
fn request(method: &str, path: &str, query: &str, headers: &[(&str, &str)]) -> Value {
    let headers: Map<String, Value> =
        headers.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    json!({
        "version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": query,
        "headers": headers, "isBase64Encoded": false,
        "requestContext": {
            "accountId": "123456789012", "apiId": "api", "domainName": "api.example", "domainPrefix": "api",
            "http": {
                "method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1",
                "userAgent": "test",
            },
            "requestId": "id", "routeKey": "$default", "stage": "$default",
            "time": "01/Jan/2026:00:00:00 +0000", "timeEpoch": 1_767_225_600_000_i64,
        },
    })
}

fn delivery(deployed: &Deployed, base64: bool) -> Value {
    let (application, now) = (&deployed.application, shared::clock::Clock::system().now().as_second());
    let customer = deployed.stack.store().customers()[0].id.unwrap();
    let body = json!({
        "producer": format!("stores/{}", application.store_hash), "scope": "store/customer/updated",
        "hash": "cafe", "created_at": now, "store_id": "1025646",
        "data": { "type": "customer", "id": customer },
    });
    let (body, now) = (body.to_string(), now.to_string());
    let id = shared::clock::random_id();
    let signature = sign(&application.credentials.client_secret, &id, now.parse().unwrap(), &body);
    let headers = [
        (WEBHOOK_SECRET_HEADER, application.webhook.app_secret.expose()),
        ("webhook-id", &id),
        ("webhook-timestamp", &now),
        ("webhook-signature", &signature),
    ];
    let mut event = request("POST", "/webhooks/main-store", "", &headers);
    event["isBase64Encoded"] = base64.into();
    event["body"] = if base64 { BASE64_STANDARD.encode(&body).into() } else { body.into() };
    event
}

#[tokio::test]
async fn a_signed_delivery_to_the_real_webhook_is_answered_and_kept_g08() {
    let Some(deployed) = Deployed::with("webhook").await else { return };
    for base64 in [false, true] {
        let answer = deployed.function.invoke(&delivery(&deployed, base64)).await.unwrap();
        assert_eq!(answer["statusCode"], 200, "{answer}");
        assert_eq!(answer["body"].as_str().unwrap_or_default(), "");
        assert_eq!(deployed.rows().await, 1);
        deployed.finish().await;
    }
    let mut altered = delivery(&deployed, false);
    altered["body"] = format!("{} ", altered["body"].as_str().unwrap()).into();
    let answer = deployed.function.invoke(&altered).await.unwrap();
    assert_eq!(answer["statusCode"], 401, "{answer}");
    assert_eq!(deployed.rows().await, 0);
}

#[tokio::test]
async fn no_path_leads_from_one_function_to_the_data_of_another_g36() {
    for function in ["webhook", "users"] {
        let Some(deployed) = Deployed::with(function).await else { return };
        for path in [
            "/scim/v2/Users",
            "/scim/v2/Users/%2e%2e/Users",
            "/webhooks/%2e%2e/scim/v2/Users",
            "/webhooks/..%2fscim%2fv2%2fUsers",
            "/webhooks/../scim/v2/Users",
            "//scim/v2/Users",
            "/scim/v2/Users;/webhooks/main-store",
            "/scim/v2/Users%00",
            "/%73cim/v2/Users",
            "/scim/v2/",
        ] {
            for method in ["GET", "POST"] {
                let answer = deployed.function.invoke(&request(method, path, "", &[])).await.unwrap();
                let status = answer["statusCode"].as_u64().unwrap();
                assert!([400, 401, 404, 405].contains(&status), "{function} {method} {path}: {answer}");
                assert!(!answer["body"].to_string().contains("Resources"), "{answer}");
            }
        }
    }
}

#[tokio::test]
async fn the_real_users_answers_for_the_directory_and_locates_it_as_configured() {
    let Some(deployed) = Deployed::with("users").await else { return };
    let token = deployed.stack.token().await.unwrap();
    let bearer = format!("Bearer {}", token.expose());
    let headers = [("authorization", bearer.as_str()), ("host", "evil.example")];
    let answer =
        deployed.function.invoke(&request("GET", "/scim/v2/Users", "count=1", &headers)).await.unwrap();
    assert_eq!(answer["statusCode"], 200, "{answer}");
    assert_eq!(answer["headers"]["content-type"], "application/scim+json");
    assert_eq!(answer["isBase64Encoded"], false);
    let page: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
    assert_eq!(page["totalResults"], 1);
    let location = page["Resources"][0]["meta"]["location"].as_str().unwrap();
    assert!(location.starts_with("https://api.example/scim/v2/Users/"), "{location}");
}

#[tokio::test]
async fn the_real_sync_is_woken_by_the_stream_and_by_its_schedules() {
    let Some(deployed) = Deployed::with("sync").await else { return };
    let (tables, subject) = (deployed.stack.tables(), deployed.subject());
    let record = json!({
        "eventID": "1", "eventName": "INSERT", "eventVersion": "1.1", "eventSource": "aws:dynamodb",
        "awsRegion": "us-east-1", "eventSourceARN": "arn:aws:dynamodb:us-east-1:1:table/w/stream/1",
        "dynamodb": {
            "ApproximateCreationDateTime": 1_767_225_600, "Keys": { "subject": { "S": subject.to_string() } },
            "SequenceNumber": "1", "SizeBytes": 10, "StreamViewType": "NEW_IMAGE",
        },
    });
    for event in [json!({ "Records": [record] }), json!({ "wake": "sweep" })] {
        tables.enqueue(&subject, "test", shared::clock::Clock::system().now()).await.unwrap();
        let due = tables.work(std::slice::from_ref(&subject)).await.unwrap()[0].due_at;
        assert!(due <= shared::clock::Clock::system().now());
        let answer = deployed.function.invoke(&event).await.unwrap();
        assert_eq!(answer, json!({ "batchItemFailures": [] }));
        assert_eq!(deployed.rows().await, 0, "{event}");
    }
    let answer = deployed.function.invoke(&json!({ "wake": "watch" })).await;
    assert_eq!(answer, Ok(json!({ "batchItemFailures": [] })));
    let other = deployed.function.invoke(&json!({ "wake": "nobody" })).await;
    assert!(other.is_err(), "{other:?}");
}
