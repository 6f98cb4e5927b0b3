//! The rights in the template are those that the functions make use of. The gate refuses what the
//! template does not give, in every flow; here, what it gives in vain comes to light.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use local::{
    stack::{Options, Stack},
    template::{Right, Template},
};

use serde_json::json;

use super::{busy, console, imports, mails, pages};
use crate::stack::gateway::client;

#[tokio::test]
async fn each_function_makes_use_of_all_its_rights_and_of_no_other() {
    let stack = Stack::start(Options::default()).await.unwrap();
    let application = stack.connect("main-store".parse().unwrap(), "Main store").await.unwrap();
    busy::run(&stack, &application).await;
    use_the_directory(&stack).await;
    imports::run(&stack, &application).await;
    mails::run(&stack, &application).await;
    pages::run(&stack, &application).await;
    console::run(&stack, &application).await;
    for function in Template::deployed().unwrap().functions {
        let used = stack.engine().gate().used(&function.name);
        let in_vain: Vec<_> = function.rights.difference(&used).collect();
        let missing: Vec<_> = used.difference(&function.rights).collect();
        assert!(in_vain.is_empty(), "{} never makes use of {in_vain:?}", function.name);
        assert!(missing.is_empty(), "{} is refused {missing:?}", function.name);
    }
}

async fn use_the_directory(stack: &Stack) {
    let token = stack.token().await.unwrap();
    let ask = |method: &str, path: &str| {
        let url = format!("{}/scim/v2{path}", stack.api());
        client().request(method.parse().unwrap(), url).bearer_auth(token.expose())
    };
    let created = ask("POST", "/Users").json(&json!({ "userName": "brief" })).send().await.unwrap();
    let user = created.headers()["location"].to_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let user = format!("/Users/{user}");
    let resource = json!({ "userName": "brief", "title": "Guest", "emails": ["brief@example.com"] });
    let members = json!({ "displayName": "Guests", "members": [{ "value": "nobody" }] });
    let requests = [
        ask("POST", "/Groups").json(&members),
        ask("GET", "/Groups?filter=members pr"),
        ask("GET", "/Users"),
        ask("GET", r#"/Users?filter=userName eq "newcomer""#),
        ask("GET", r#"/Users?filter=emails eq "newcomer@wholesale.example""#),
        ask("PUT", &user).json(&resource),
        ask("DELETE", &user),
    ];
    for request in requests {
        let answer = request.send().await.unwrap();
        assert!(answer.status().is_success(), "{}: {}", answer.status(), answer.text().await.unwrap());
    }
    stack.settle().await.unwrap();
}

#[tokio::test]
async fn a_function_is_refused_what_its_role_does_not_give() {
    let stack = Stack::start(Options::default()).await.unwrap();
    let (engine, deployed) = (stack.engine(), Template::deployed().unwrap());
    assert_eq!(
        deployed.function("webhook").unwrap().rights,
        BTreeSet::from([Right::new("GetItem", "SettingsTable"), Right::new("UpdateItem", "WorkTable"),])
    );
    let scan = engine.client_of("webhook").scan().table_name("UsersTable").send().await;
    assert_eq!(scan.unwrap_err().code(), Some("AccessDeniedException"));
    engine.client().scan().table_name("UsersTable").send().await.unwrap();
}
