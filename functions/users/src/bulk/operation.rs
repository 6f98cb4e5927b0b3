//! One operation, as it was sent.

use axum::http::Method;
use serde_json::Value;
use shared::{client::Scope, secret::fold};

use super::references;
use crate::{body::member, list::Kind, refusal::Refusal};

/// One operation.
pub(super) struct Operation<'a> {
    pub(super) sent: &'a Value,
    pub(super) method: Method,
    /// How others of the request refer to what it creates.
    pub(super) name: Option<&'a str>,
    pub(super) target: Result<Target<'a>, Refusal>,
    pub(super) version: Option<&'a str>,
    pub(super) data: &'a Value,
}

/// What an operation is for.
pub(super) enum Target<'a> {
    /// All resources of a kind: one is to be created among them.
    All(Kind),
    /// The resource of this identifier, which may be a reference.
    One(Kind, &'a str),
}

impl<'a> Operation<'a> {
    /// Reads an operation of a service at `url`; what is wrong with it is told when its turn has come.
    pub(super) fn read(sent: &'a Value, url: &str) -> Operation<'a> {
        let text = |name: &str| sent.as_object().and_then(|sent| member(sent, name)).and_then(Value::as_str);
        let method = text("method").unwrap_or_default().to_ascii_uppercase();
        let method = method.parse().unwrap_or_default();
        let name = text("bulkId").filter(|_| method == Method::POST);
        let target = match (&method, name) {
            (&Method::POST, None) => Err(Refusal::invalid_syntax("an operation by POST has a bulkId")),
            (&Method::POST | &Method::PUT | &Method::PATCH | &Method::DELETE, _) => {
                target(text("path").unwrap_or_default(), url)
            }
            _ => Err(Refusal::invalid_syntax("an operation's method is POST, PUT, PATCH or DELETE")),
        };
        let data = sent.as_object().and_then(|sent| member(sent, "data")).unwrap_or(&Value::Null);
        Operation { sent, method, name, target, version: text("version"), data }
    }

    /// What a token must open.
    pub(super) fn scope(&self) -> Scope {
        if self.method == Method::DELETE { Scope::Delete } else { Scope::Write }
    }

    /// The operations that it refers to, by their names.
    pub(super) fn references(&self) -> Vec<&'a str> {
        let mut names = references::named(self.data);
        if let Ok(Target::One(_, id)) = &self.target {
            names.extend(references::named_in(id));
        }
        names
    }

    /// What operations have in common that must not be under way at once: the resource, or the name
    /// that only one of them can take.
    pub(super) fn turn(&self) -> Option<String> {
        let name = |name: &str| self.data.get(name).and_then(Value::as_str).map(fold);
        match &self.target {
            Ok(Target::All(Kind::User)) => name("userName"),
            Ok(Target::One(_, id)) => Some((*id).to_owned()),
            _ => None,
        }
    }
}

fn target<'a>(path: &'a str, url: &str) -> Result<Target<'a>, Refusal> {
    let path = path.strip_prefix(url).unwrap_or(path);
    let mut parts = path.strip_prefix('/').unwrap_or(path).splitn(2, '/');
    let kind = match parts.next() {
        Some("Users") => Kind::User,
        Some("Groups") => Kind::Group,
        _ => return Err(Refusal::no_address()),
    };
    match parts.next() {
        None | Some("") => Ok(Target::All(kind)),
        Some(id) => Ok(Target::One(kind, id)),
    }
}
