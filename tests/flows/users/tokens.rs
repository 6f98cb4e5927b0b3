//! Who may read the directory.

use std::time::Duration;

use local::stack::{Stack, Time};
use reqwest::Method;
use serde_json::json;
use shared::{
    client::{ApiToken, Scope},
    secret::Secret,
    store::token_hash,
};

use super::asking::{Answer, Directory, sent};
use crate::stack::gateway::client;

async fn with(directory: &Directory, authorization: &[&str]) -> Answer {
    let request = client().get(directory.url("/Users"));
    let request =
        authorization.iter().fold(request, |request, value| request.header("authorization", *value));
    sent(request).await
}

fn is_refused(answer: &Answer, error: bool) {
    answer.is_error(401, None);
    let challenge = answer.headers["www-authenticate"].to_str().unwrap();
    assert!(challenge.starts_with("Bearer realm="), "{challenge}");
    assert_eq!(challenge.contains("invalid_token"), error, "{challenge}");
    assert_eq!(answer.body["Resources"], serde_json::Value::Null);
}

#[tokio::test]
async fn only_one_valid_token_in_the_header_opens_the_directory_g37() {
    let directory = Directory::of(1).await;
    let token = directory.token.as_str();
    let bearer = format!("Bearer {token}");
    assert_eq!(with(&directory, &[&bearer]).await.status, 200);
    assert_eq!(with(&directory, &[&format!("bEARER  {token} ")]).await.status, 200);
    for none in [&[][..], &[""], &["Bearer"], &["Bearer "], &["Basic YTpi"], &[token], &[&bearer, &bearer]] {
        is_refused(&with(&directory, none).await, false);
    }
    let (altered, cut) = (format!("{bearer}x"), &bearer[..bearer.len() - 1]);
    for wrong in [altered.as_str(), cut, "Bearer clt_", &format!("{bearer}, {bearer}"), &"x".repeat(8_000)] {
        let told = wrong.starts_with("Bearer ");
        is_refused(&with(&directory, &[wrong]).await, told);
    }
    for query in ["access_token", "token", "authorization"] {
        let request = client().get(directory.url("/Users")).query(&[(query, token)]);
        is_refused(&sent(request).await, false);
    }
}

#[tokio::test]
async fn a_token_opens_nothing_from_the_second_at_which_it_ends_g37() {
    let directory = Directory::of(1).await;
    let stack: &Stack = &directory.stack;
    let expires = Some(stack.clock().now() + Duration::from_secs(60));
    let token = ApiToken::new("brief".parse().unwrap(), stack.clock().now());
    let token = ApiToken { expires, ..token };
    let token = stack.tables().create_api_token(&token).await.unwrap();
    let bearer = format!("Bearer {}", token.expose());
    let Time::ByHand(clock) = stack.time() else { panic!("the time is moved by hand") };
    clock.advance(Duration::from_secs(59));
    assert_eq!(with(&directory, &[&bearer]).await.status, 200);
    clock.advance(Duration::from_secs(1));
    is_refused(&with(&directory, &[&bearer]).await, true);
}

#[tokio::test]
async fn without_a_token_nothing_tells_which_users_there_are_g42() {
    let directory = Directory::of(1).await;
    let known = directory.get("/Users").await.ids().remove(0);
    let mut answers = Vec::new();
    for id in [known.as_str(), "00000000-0000-4000-8000-000000000000", "x", "%ff", &"0".repeat(4_000)] {
        let answer = sent(client().get(directory.url(&format!("/Users/{id}")))).await;
        is_refused(&answer, false);
        answers.push(answer.body.to_string());
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
}

#[tokio::test]
async fn what_is_not_there_and_what_is_not_served_is_told_as_scim_tells_it_g36() {
    let directory = Directory::of(1).await;
    for id in ["00000000-0000-4000-8000-000000000000", "", "%ff", "%00", "..%2fGroups", "a%2fb", ";", "%20"] {
        directory.get(&format!("/Users/{id}")).await.is_error(404, None);
    }
    directory.get(&format!("/Users/{}", "0".repeat(4_000))).await.is_error(404, None);
    for path in ["/users", "/Users/x/y", "//Users", "/Users;x"] {
        directory.get(path).await.is_error(404, None);
    }
    let id = directory.get("/Users").await.ids().remove(0);
    let addresses = [
        ("/Users".to_owned(), vec![Method::PUT, Method::PATCH, Method::DELETE], "GET,HEAD,POST"),
        (format!("/Users/{id}"), vec![Method::POST, Method::OPTIONS], "GET,HEAD,PUT,PATCH,DELETE"),
        ("/Schemas".to_owned(), vec![Method::POST, Method::PUT, Method::PATCH, Method::DELETE], "GET,HEAD"),
        ("/Users/.search".to_owned(), vec![Method::GET, Method::PUT], "POST"),
    ];
    for (path, methods, allowed) in addresses {
        for method in methods {
            let answer = sent(directory.request(method.clone(), &path).body("{}")).await;
            answer.is_error(405, None);
            assert_eq!(answer.headers["allow"], allowed, "{method} {path}");
        }
    }
    sent(directory.request(Method::GET, "/Me")).await.is_error(501, None);
    assert_eq!(sent(directory.request(Method::HEAD, "/Users")).await.status, 200);
}

#[tokio::test]
async fn a_token_opens_no_more_than_it_was_made_for_g37() {
    let directory = Directory::of(1).await;
    directory.stack.leave_work();
    let id = directory.get("/Users").await.ids().remove(0);
    let user = format!("/Users/{id}");
    let resource = json!({ "userName": "new" });
    for (scope, reads, writes, deletes) in
        [(Scope::Read, 200, 403, 403), (Scope::Write, 403, 201, 403), (Scope::Delete, 403, 403, 204)]
    {
        let token =
            ApiToken::new(format!("c-{reads}-{writes}").parse().unwrap(), directory.stack.clock().now());
        let token = ApiToken { scopes: [scope].into(), ..token };
        let token = directory.stack.tables().create_api_token(&token).await.unwrap();
        let ask = |method: Method, path: &str| {
            client().request(method, directory.url(path)).bearer_auth(token.expose())
        };
        let search = ask(Method::POST, "/Users/.search").json(&json!({}));
        let asked = [
            (ask(Method::GET, "/Users"), reads),
            (search, reads),
            (ask(Method::GET, "/Schemas"), reads),
            (ask(Method::POST, "/Users").json(&resource), writes),
            (ask(Method::DELETE, &user), deletes),
        ];
        for (request, status) in asked {
            let answer = sent(request).await;
            assert_eq!(answer.status, status, "{scope:?}: {}", answer.body);
            if status == 403 {
                answer.is_error(403, None);
            }
        }
    }
}

#[tokio::test]
async fn a_revoked_token_opens_nothing_from_then_on_and_the_other_of_two_still_does_g37() {
    let directory = Directory::of(0).await;
    let (tables, now) = (directory.stack.tables(), directory.stack.clock().now());
    let token = ApiToken::new("rotated".parse().unwrap(), now);
    let old = tables.create_api_token(&token).await.unwrap();
    let new = tables.create_api_token(&token).await.unwrap();
    let bearer = |token: &Secret| format!("Bearer {}", token.expose());
    assert_eq!(with(&directory, &[&bearer(&old)]).await.status, 200);
    assert_eq!(tables.api_token(&token_hash(old.expose())).await.unwrap().unwrap().last_used, Some(now));
    assert!(tables.revoke_api_token(&token_hash(old.expose())).await.unwrap());
    is_refused(&with(&directory, &[&bearer(&old)]).await, true);
    assert_eq!(with(&directory, &[&bearer(&new)]).await.status, 200);
}
