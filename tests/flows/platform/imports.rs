//! Imports that are foreseen, looked up, applied and cancelled, so that the functions make use of
//! what they may do.

use local::{
    bigcommerce::{Fault, FaultKind},
    stack::Stack,
};
use reqwest::Method;
use serde_json::{Value, json};
use shared::application::Application;

use crate::stack::gateway::client;

async fn ask(stack: &Stack, method: Method, path: &str, body: Value) -> Value {
    let token = stack.token().await.unwrap();
    let url = format!("{}{path}", stack.api());
    let request = client().request(method, url).bearer_auth(token.expose());
    let answer = request.json(&body).send().await.unwrap();
    assert!(answer.status().is_success(), "{path}: {}", answer.status());
    answer.json().await.unwrap()
}

async fn begin(stack: &Stack, application: &Application, dry: bool) -> String {
    let wanted = json!({ "application": application.id, "kind": "full", "dry": dry });
    let run = ask(stack, Method::POST, "/imports", wanted).await;
    format!("/imports/{}", run["id"].as_str().unwrap())
}

pub(super) async fn run(stack: &Stack, application: &Application) {
    // What a page shows is brought into step by the import, and not by the work of a webhook.
    stack.store().faults([Fault::new(FaultKind::LoseWebhook)]);
    stack.store().seed(3, 3);
    let customers = stack.store().customers();
    let last = customers.last().and_then(|customer| customer.id).unwrap().get();
    stack.store().set_past_the_rules(last, "email", "");
    let dry = begin(stack, application, true).await;
    stack.settle().await.unwrap();
    ask(stack, Method::GET, &format!("{dry}/forecasts"), Value::Null).await;
    ask(stack, Method::POST, &format!("{dry}/apply"), Value::Null).await;
    stack.settle().await.unwrap();
    ask(stack, Method::GET, &dry, Value::Null).await;
    ask(stack, Method::GET, &format!("/imports?application={}", application.id), Value::Null).await;
    stack.store().set_past_the_rules(last, "email", "mended@wholesale.example");
    let gone = customers.iter().filter_map(|customer| customer.id).find(|id| id.get() < last).unwrap();
    stack.bigcommerce().store(application).delete_customers(&[gone]).await.unwrap();
    begin(stack, application, false).await;
    stack.settle().await.unwrap();
    let cancelled = begin(stack, application, false).await;
    ask(stack, Method::POST, &format!("{cancelled}/cancel"), Value::Null).await;
    stack.settle().await.unwrap();
    stack.store().clear_faults();
}
