//! The door: imports begun, watched, stopped and foreseen over HTTP.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use shared::client::{ApiToken, Scope};

use super::bench::Bench;

impl Bench {
    async fn ask(&self, method: Method, path: &str, body: Value) -> (StatusCode, Value) {
        let token = self.stack.token().await.unwrap();
        self.ask_with(token.expose(), method, path, body).await
    }

    async fn ask_with(&self, token: &str, method: Method, path: &str, body: Value) -> (StatusCode, Value) {
        let url = format!("{}{path}", self.stack.api());
        let mut request = crate::stack::gateway::client().request(method, url).bearer_auth(token);
        if !body.is_null() {
            request = request.json(&body);
        }
        let answer = request.send().await.unwrap();
        (answer.status(), answer.json().await.unwrap_or_default())
    }

    async fn full(&self, dry: bool) -> (StatusCode, Value) {
        let wanted = json!({ "application": self.application.id, "kind": "full", "dry": dry });
        self.ask(Method::POST, "/imports", wanted).await
    }

    async fn told(&self, run: &Value) -> Value {
        let path = format!("/imports/{}", run["id"].as_str().unwrap());
        let (status, told) = self.ask(Method::GET, &path, Value::Null).await;
        assert_eq!(status, 200, "{told}");
        told
    }

    async fn order(&self, run: &Value, command: &str) -> (StatusCode, Value) {
        let path = format!("/imports/{}/{command}", run["id"].as_str().unwrap());
        self.ask(Method::POST, &path, Value::Null).await
    }
}

#[tokio::test]
async fn a_dry_run_tells_what_would_be_done_changes_nothing_and_is_then_applied() {
    let bench = Bench::with(60).await;
    let (status, dry) = bench.full(true).await;
    assert_eq!(status, 201, "{dry}");
    bench.settle().await;
    let foreseen = bench.told(&dry).await;
    assert_eq!((&foreseen["state"], &foreseen["counts"]["create"]), (&json!("done"), &json!(60)));
    assert_eq!(bench.users().await, 0);
    let path = format!("/imports/{}/forecasts", dry["id"].as_str().unwrap());
    let (status, page) = bench.ask(Method::GET, &path, Value::Null).await;
    let forecasts = page["forecasts"].as_array().unwrap();
    assert_eq!((status, forecasts.len()), (StatusCode::OK, 60));
    let first = &forecasts[0];
    assert_eq!((&first["verdict"], &first["steps"][0]["action"]), (&json!("create"), &json!("createUser")));
    assert!(first["steps"][0]["changes"].as_array().unwrap().iter().any(|change| change["field"] == "email"));

    let (status, real) = bench.order(&dry, "apply").await;
    assert_eq!(status, 201, "{real}");
    bench.settle().await;
    assert_eq!(bench.told(&real).await["counts"], foreseen["counts"]);
    bench.all_is_well().await;
}

#[tokio::test]
async fn a_mapping_is_tried_without_being_taken() {
    let bench = Bench::with(10).await;
    bench.import().await;
    let mut mapping = serde_json::to_value(&bench.application.mapping).unwrap();
    let rules = mapping["rules"].as_array_mut().unwrap();
    rules.retain(|rule| rule["field"] != "company" && !rule.to_string().contains("company"));
    let wanted = json!({
        "application": bench.application.id, "kind": "full", "dry": true, "mapping": mapping
    });
    let (status, dry) = bench.ask(Method::POST, "/imports", wanted.clone()).await;
    assert_eq!(status, 201, "{dry}");
    bench.settle().await;
    let told = bench.told(&dry).await;
    assert_eq!((&told["state"], &told["totalCounted"]), (&json!("done"), &json!(10)));
    let mut real = wanted;
    real["dry"] = json!(false);
    assert_eq!(bench.ask(Method::POST, "/imports", real).await.0, 422);
    bench.all_is_well().await;
}

#[tokio::test]
async fn a_run_is_paused_resumed_and_cancelled_and_another_is_refused_meanwhile_g61() {
    let bench = Bench::with(10).await;
    let (_, run) = bench.full(false).await;
    let (status, refused) = bench.full(false).await;
    assert_eq!(status, 409, "{refused}");
    assert!(refused["detail"].as_str().unwrap().contains(run["id"].as_str().unwrap()));
    assert_eq!(bench.order(&run, "pause").await.0, 202);
    bench.settle().await;
    assert_eq!((bench.told(&run).await["state"].clone(), bench.users().await), (json!("paused"), 0));
    assert_eq!(bench.order(&run, "pause").await.0, 409);
    assert_eq!(bench.order(&run, "resume").await.0, 202);
    bench.settle().await;
    let done = bench.told(&run).await;
    assert_eq!((&done["state"], &done["progress"]["done"]), (&json!("done"), &json!(10)));
    assert_eq!(bench.order(&run, "cancel").await.0, 409);

    let (_, run) = bench.full(false).await;
    assert_eq!(bench.order(&run, "cancel").await.0, 202);
    bench.settle().await;
    assert_eq!(bench.told(&run).await["state"], "cancelled");
    let path = format!("/imports?application={}", bench.application.id);
    let (_, listed) = bench.ask(Method::GET, &path, Value::Null).await;
    assert_eq!((listed["ended"].as_array().unwrap().len(), listed.get("underWay")), (2, None));
    bench.all_is_well().await;
}

#[tokio::test]
async fn only_a_token_that_opens_it_opens_it() {
    let bench = Bench::with(1).await;
    let path = format!("/imports?application={}", bench.application.id);
    assert_eq!(bench.ask_with("wrong", Method::GET, &path, Value::Null).await.0, 401);
    let now = bench.stack.clock().now();
    let token = ApiToken { scopes: [Scope::Read].into(), ..ApiToken::new("reader".parse().unwrap(), now) };
    let token = bench.stack.tables().create_api_token(&token).await.unwrap();
    assert_eq!(bench.ask_with(token.expose(), Method::GET, &path, Value::Null).await.0, 200);
    let wanted = json!({ "application": bench.application.id, "kind": "full" });
    assert_eq!(bench.ask_with(token.expose(), Method::POST, "/imports", wanted).await.0, 403);
    for (body, status) in [
        (json!({ "application": "nobody", "kind": "full" }), 404),
        (json!({ "application": bench.application.id, "kind": "incremental" }), 409),
        (json!({ "application": bench.application.id, "kind": "all" }), 422),
        (json!({ "application": bench.application.id, "kind": "full", "wet": true }), 422),
    ] {
        assert_eq!(bench.ask(Method::POST, "/imports", body.clone()).await.0, status, "{body}");
    }
    assert_eq!(bench.ask(Method::GET, "/imports/none", Value::Null).await.0, 404);
}
