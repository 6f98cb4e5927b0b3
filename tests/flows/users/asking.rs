//! A directory with users, and how it is asked.

use std::ops::Deref;

use jiff::Timestamp;
use local::stack::{Options, Stack};
use reqwest::{Method, RequestBuilder, StatusCode, header::HeaderMap};
use serde_json::{Value, json};
use shared::{
    client::{ApiToken, Client},
    secret::{EmailAddress, Secret},
    user::{Email, User, UserId},
};

use crate::stack::gateway::client;

/// A stack whose directory holds users, asked with a token that opens all of it.
pub(super) struct Directory {
    pub(super) stack: Stack,
    asking: Asking,
}

/// How a client asks the directory.
pub(super) struct Asking {
    api: String,
    pub(super) token: String,
}

/// An answer: a message of SCIM, or nothing.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Value,
}

impl Directory {
    /// With users `ann0@example.com`, `ann1@example.com` and so on.
    pub(super) async fn of(users: usize) -> Directory {
        Directory::on(Options::default(), users).await
    }

    pub(super) async fn on(options: Options, users: usize) -> Directory {
        let stack = Stack::start(options).await.unwrap();
        for n in 0..users {
            let user = user(&format!("Ann{n}@Example.com"), stack.clock().now());
            stack.tables().create_user(&user, &[]).await.unwrap();
        }
        let asking = Asking::new(&stack, stack.token().await.unwrap());
        Directory { stack, asking }
    }

    /// How the directory is asked by a client that is set up so.
    pub(super) async fn as_client(&self, client: &Client) -> Asking {
        let tables = self.stack.tables();
        tables.put_client(client).await.unwrap();
        let token = ApiToken::new(client.id.clone(), self.stack.clock().now());
        Asking::new(&self.stack, tables.create_api_token(&token).await.unwrap())
    }
}

impl Deref for Directory {
    type Target = Asking;

    fn deref(&self) -> &Asking {
        &self.asking
    }
}

impl Asking {
    fn new(stack: &Stack, token: Secret) -> Asking {
        Asking { api: stack.api().to_owned(), token: token.expose().to_owned() }
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("{}/scim/v2{path}", self.api)
    }

    pub(super) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        client().request(method, self.url(path)).bearer_auth(&self.token)
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        sent(self.request(Method::GET, path)).await
    }

    pub(super) async fn send(&self, method: Method, path: &str, body: &Value) -> Answer {
        let request = self.request(method, path).header("content-type", "application/scim+json");
        sent(request.body(body.to_string())).await
    }

    pub(super) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, body).await
    }

    pub(super) async fn put(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::PUT, path, body).await
    }

    /// Applies these operations.
    pub(super) async fn patch(&self, path: &str, operations: &Value) -> Answer {
        let schemas = ["urn:ietf:params:scim:api:messages:2.0:PatchOp"];
        self.send(Method::PATCH, path, &json!({ "schemas": schemas, "Operations": operations })).await
    }

    pub(super) async fn delete(&self, path: &str) -> Answer {
        sent(self.request(Method::DELETE, path)).await
    }

    /// The users with which `filter` answers.
    pub(super) async fn filter(&self, filter: &str) -> Answer {
        sent(self.request(Method::GET, "/Users").query(&[("filter", filter)])).await
    }
}

impl Answer {
    /// The identifier of the resource.
    pub(super) fn id(&self) -> String {
        self.body["id"].as_str().unwrap_or_else(|| panic!("no resource: {}", self.body)).to_owned()
    }

    pub(super) fn ids(&self) -> Vec<UserId> {
        let ids = self.body["Resources"].as_array().unwrap().iter();
        ids.map(|user| UserId::from(user["id"].as_str().unwrap().to_owned())).collect()
    }

    /// That it is an error of SCIM (RFC 7644, 3.12).
    pub(super) fn is_error(&self, status: u16, kind: Option<&str>) {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        assert_eq!(self.headers["content-type"], "application/scim+json");
        assert_eq!(self.body["schemas"][0], "urn:ietf:params:scim:api:messages:2.0:Error");
        assert_eq!(self.body["status"], status.to_string());
        assert_eq!(self.body["scimType"].as_str(), kind, "{}", self.body);
    }
}

pub(super) async fn sent(request: RequestBuilder) -> Answer {
    let answer = request.send().await.unwrap();
    let (status, headers) = (answer.status(), answer.headers().clone());
    let body = answer.text().await.unwrap();
    let body = if body.is_empty() { Value::Null } else { serde_json::from_str(&body).unwrap() };
    Answer { status, headers, body }
}

/// A user of this name, which is the e-mail address too.
pub(super) fn user(name: &str, now: Timestamp) -> User {
    let mut user = User::new(name, now);
    user.emails.push(Email {
        value: EmailAddress::new(name),
        kind: Some("work".to_owned()),
        display: None,
        primary: true,
    });
    user
}
