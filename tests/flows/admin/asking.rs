//! A console for a test: a stack, and persons who are signed in at it.

use local::stack::{Options, Stack};
use reqwest::{Client, Method, RequestBuilder, Response, header::HeaderMap, redirect::Policy};
use serde_json::Value;
use shared::{
    amendment::Amendment,
    clock::random_id,
    operator::{Operator, Role, Session},
    secret::{EmailAddress, Secret},
};

/// A person who is signed in.
#[derive(Clone)]
pub(crate) struct Person {
    pub(super) api: String,
    pub(crate) cookie: String,
    pub(crate) proof: String,
}

/// What was answered.
pub(crate) struct Told {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Told {
    pub(crate) async fn of(response: Response) -> Told {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Told { status, headers, text: response.text().await.unwrap() }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("{}: {}", self.status, self.text))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

pub(crate) async fn started() -> Stack {
    Stack::start(Options::default()).await.unwrap()
}

pub(crate) async fn sent(request: RequestBuilder) -> Told {
    Told::of(request.send().await.unwrap()).await
}

/// A browser that shows where it is led, without going there.
pub(crate) fn browser() -> Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().no_proxy().redirect(Policy::none()).build().unwrap()
}

/// The request with a form in it.
pub(crate) fn form(request: RequestBuilder, fields: &[(&str, &str)]) -> RequestBuilder {
    let text = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    request.header("content-type", "application/x-www-form-urlencoded").body(text)
}

impl Person {
    /// Somebody of this role, signed in.
    pub(crate) async fn of(stack: &Stack, role: Role) -> Person {
        let (tables, now) = (stack.tables(), stack.clock().now());
        let email = EmailAddress::new(format!("{}@example.com", role.as_str()));
        let operator = Operator { email: email.clone(), role, added_at: now, added_by: "a test".to_owned() };
        let amendment = Amendment::new("a test", "operator", &Value::Null, &Value::Null, now);
        tables.put_operator(&operator, &amendment).await.unwrap();
        let cookie = random_id();
        let session = Session::begin(email.folded(), now);
        tables.put_session(&Secret::new(cookie.clone()), &session).await.unwrap();
        let person = Person { api: stack.api().to_owned(), cookie, proof: String::new() };
        let page = person.page("/admin").await.text;
        let (_, after) = page.split_once("name=\"csrf\" value=\"").unwrap();
        let proof = after.split('"').next().unwrap().to_owned();
        Person { proof, ..person }
    }

    /// A request as their browser makes it, without any proof.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = browser().request(method, format!("{}{path}", self.api));
        request.header("cookie", format!("clientele={}", self.cookie))
    }

    /// The page at `path`.
    pub(crate) async fn page(&self, path: &str) -> Told {
        sent(self.request(Method::GET, path).header("accept", "text/html")).await
    }

    /// The JSON at `path`.
    pub(crate) async fn json(&self, path: &str) -> Told {
        sent(self.request(Method::GET, path).header("accept", "application/json")).await
    }

    /// Sends a form as a page does.
    pub(crate) async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Told {
        let proof = [("csrf", self.proof.as_str())];
        let fields: Vec<_> = proof.iter().chain(fields).copied().collect();
        let request = self.request(Method::POST, path).header("accept", "text/html");
        sent(form(request.header("origin", &self.api), &fields)).await
    }

    /// Sends JSON as a script of ours does.
    pub(crate) async fn send(&self, path: &str, body: &Value) -> Told {
        let request = self.request(Method::POST, path).header("origin", &self.api);
        sent(request.header("x-csrf-token", &self.proof).json(body)).await
    }
}
