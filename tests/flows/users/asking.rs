//! A directory with users, and how it is asked.

use jiff::Timestamp;
use local::stack::{Options, Stack};
use reqwest::{Method, RequestBuilder, StatusCode, header::HeaderMap};
use serde_json::Value;
use shared::{
    secret::EmailAddress,
    user::{Email, User, UserId},
};

use crate::stack::gateway::client;

/// A stack whose directory holds users, and the token that opens it.
pub(super) struct Directory {
    pub(super) stack: Stack,
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
        let stack = Stack::start(Options::default()).await.unwrap();
        for n in 0..users {
            let user = user(&format!("Ann{n}@Example.com"), stack.clock().now());
            stack.tables().create_user(&user, &[]).await.unwrap();
        }
        let token = stack.token().await.unwrap().expose().to_owned();
        Directory { stack, token }
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("{}/scim/v2{path}", self.stack.api())
    }

    pub(super) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        client().request(method, self.url(path)).bearer_auth(&self.token)
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        sent(self.request(Method::GET, path)).await
    }

    /// The users with which `filter` answers.
    pub(super) async fn filter(&self, filter: &str) -> Answer {
        sent(self.request(Method::GET, "/Users").query(&[("filter", filter)])).await
    }
}

impl Answer {
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
