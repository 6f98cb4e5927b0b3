//! Every address of the console refuses who may not ask for it.

use admin::{Needs, Route};
use local::stack::Stack;
use reqwest::Method;
use shared::{client::ApiToken, operator::Role};

use super::asking::{Person, form, sent, started};
use crate::stack::gateway::client;

/// An address of the route, with something in place of its parameters.
fn address(route: &Route) -> String {
    let parts = route.path.split('/').map(|part| if part.starts_with('{') { "x" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

fn method(route: &Route) -> Method {
    route.method.as_str().parse().unwrap()
}

fn guarded() -> impl Iterator<Item = (Route, Role)> {
    admin::routes().into_iter().filter_map(|route| match route.needs {
        Needs::Role(role) => Some((route, role)),
        Needs::Nothing => None,
    })
}

#[tokio::test]
async fn every_address_but_those_of_signing_in_refuses_a_stranger() {
    let stack = started().await;
    for (route, _) in guarded() {
        let url = format!("{}{}", stack.api(), address(&route));
        let told = sent(client().request(method(&route), url)).await;
        assert_eq!(told.status, 401, "{route:?}");
        assert_eq!(told.header("content-type"), "application/problem+json", "{route:?}");
    }
    let open = admin::routes().into_iter().filter(|route| route.needs == Needs::Nothing);
    for route in open {
        let known = ["/admin/sign-in", "/admin/assets", "/admin/openapi.json"];
        assert!(known.iter().any(|known| route.path.starts_with(known)), "{route:?} is open to anybody");
    }
}

#[tokio::test]
async fn every_address_refuses_who_has_a_lesser_role() {
    let stack = started().await;
    for lesser in [Role::Viewer, Role::Operator, Role::Admin] {
        let person = Person::of(&stack, lesser).await;
        for (route, _) in guarded().filter(|(_, needed)| *needed > lesser) {
            let request = person.request(method(&route), &address(&route));
            let told =
                sent(request.header("origin", stack.api()).header("x-csrf-token", &person.proof)).await;
            assert_eq!(told.status, 403, "{lesser:?} at {route:?}: {}", told.text);
            assert!(told.text.contains("takes the role"), "{route:?}: {}", told.text);
        }
    }
}

#[tokio::test]
async fn every_change_refuses_a_browser_that_does_not_prove_where_it_comes_from() {
    let stack = started().await;
    let owner = Person::of(&stack, Role::Owner).await;
    for (route, _) in guarded().filter(|(route, _)| route.method != "GET") {
        let ask = || owner.request(method(&route), &address(&route));
        let (api, proof) = (stack.api(), owner.proof.as_str());
        let unproved = [
            ask(),
            ask().header("origin", api),
            ask().header("x-csrf-token", proof),
            ask().header("origin", "https://elsewhere.example").header("x-csrf-token", proof),
            form(ask().header("origin", "null"), &[("csrf", proof)]),
            ask().header("origin", api).header("x-csrf-token", &proof[1..]),
            form(ask().header("origin", api), &[("csrf", "")]),
            ask().header("origin", api).json(&serde_json::json!({ "csrf": proof })),
        ];
        for request in unproved {
            let told = sent(request).await;
            assert_eq!(told.status, 403, "{route:?}: {}", told.text);
        }
    }
}

async fn token(stack: &Stack, name: &str, role: Option<Role>) -> String {
    let token = ApiToken { role, ..ApiToken::new(name.parse().unwrap(), stack.clock().now()) };
    stack.tables().create_api_token(&token).await.unwrap().expose().to_owned()
}

#[tokio::test]
async fn a_token_opens_the_console_only_if_it_was_given_a_role_there() {
    let stack = started().await;
    let (scim, viewer) = (token(&stack, "idp", None).await, token(&stack, "watch", Some(Role::Viewer)).await);
    let ask = |method: Method, token: &str| {
        client().request(method, format!("{}/admin/operators", stack.api())).bearer_auth(token)
    };
    assert_eq!(sent(ask(Method::GET, &scim)).await.status, 403);
    assert_eq!(sent(ask(Method::GET, &viewer)).await.status, 200);
    assert_eq!(sent(ask(Method::POST, &viewer)).await.status, 403);
    assert_eq!(sent(ask(Method::GET, "clt_unknown")).await.status, 401);
}

#[tokio::test]
async fn every_answer_tells_a_browser_what_to_refuse() {
    let stack = started().await;
    let viewer = Person::of(&stack, Role::Viewer).await;
    for path in ["/admin", "/admin/operators", "/admin/nowhere", "/admin/sign-in"] {
        let told = viewer.page(path).await;
        let policy = told.header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{path}: {policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
        assert_eq!(told.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(told.header("cache-control"), "no-store", "{path}");
        assert!(told.header("content-type").starts_with("text/html"), "{path}");
        for inline in ["<style", " style=", " onclick", "javascript:"] {
            assert!(!told.text.contains(inline), "{path} has {inline}");
        }
    }
}
