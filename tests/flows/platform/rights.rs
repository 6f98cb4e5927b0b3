//! The rights in the template are those that the functions make use of. The gate refuses what the
//! template does not give, in every flow; here, what it gives in vain comes to light.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use local::{
    stack::{Options, Stack},
    template::{Right, Template},
};

use super::busy;
use crate::stack::gateway::client;

#[tokio::test]
async fn each_function_makes_use_of_all_its_rights_and_of_no_other() {
    let stack = Stack::start(Options::default()).await.unwrap();
    let application = stack.connect("main-store".parse().unwrap(), "Main store").await.unwrap();
    busy::run(&stack, &application).await;
    read_the_directory(&stack).await;
    for function in Template::deployed().unwrap().functions {
        let used = stack.engine().gate().used(&function.name);
        let in_vain: Vec<_> = function.rights.difference(&used).collect();
        let missing: Vec<_> = used.difference(&function.rights).collect();
        assert!(in_vain.is_empty(), "{} never makes use of {in_vain:?}", function.name);
        assert!(missing.is_empty(), "{} is refused {missing:?}", function.name);
    }
}

async fn read_the_directory(stack: &Stack) {
    let token = stack.token().await.unwrap();
    let name = r#"?filter=userName eq "newcomer""#;
    let email = r#"?filter=emails eq "newcomer@wholesale.example""#;
    for query in ["", name, email] {
        let url = format!("{}/scim/v2/Users{query}", stack.api());
        let answer = client().get(url).bearer_auth(token.expose()).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{query}");
    }
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
