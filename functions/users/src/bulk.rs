//! Many operations in one request (RFC 7644, 3.7), of which some may refer to what others create.

mod operation;
mod order;
mod references;

use std::{collections::BTreeMap, time::Duration};

use axum::http::{Method, StatusCode};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::{
    answer::{Answer, location, version},
    body::{Body, member},
    caller::Caller,
    list::Kind,
    precondition::Precondition,
    refusal::Refusal,
};
use operation::{Operation, Target};
use order::Order;

/// The most operations of a request.
pub(crate) const MOST_OPERATIONS: usize = 1_000;
/// How many are under way at once.
const AT_ONCE: usize = 8;
/// After this time no further operation is begun: whoever asked is answered within half a minute.
const TIME: Duration = Duration::from_secs(20);

/// What became of an operation.
struct Done {
    status: StatusCode,
    location: Option<String>,
    version: Option<String>,
    /// Why it was not carried out.
    refusal: Option<Value>,
}

pub(crate) async fn bulk(caller: Caller, Body(message): Body) -> Result<Answer, Refusal> {
    let Some(Value::Array(operations)) = member(&message, "Operations") else {
        return Err(Refusal::invalid_syntax("a bulk request has a list of Operations"));
    };
    if operations.len() > MOST_OPERATIONS {
        return Err(Refusal::too_large("a bulk request has 1,000 operations at most"));
    }
    let errors = match member(&message, "failOnErrors") {
        None | Some(Value::Null) => usize::MAX,
        Some(most) => {
            let most = most.as_u64().filter(|most| *most > 0).and_then(|most| usize::try_from(most).ok());
            most.ok_or_else(|| Refusal::invalid_value("failOnErrors is a whole number from 1"))?
        }
    };
    let operations: Vec<_> = operations.iter().map(|sent| Operation::read(sent, &caller.app.url)).collect();
    let done = caller.carry_out(&operations, errors).await;
    let told = done.iter().map(|(place, done)| done.told(operations[*place].sent));
    Ok(Answer::of(json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkResponse"],
        "Operations": told.collect::<Vec<_>>(),
    })))
}

impl Caller {
    /// Carries out the operations, up to this number of errors, and tells what became of each that
    /// was its turn.
    async fn carry_out(&self, operations: &[Operation<'_>], errors: usize) -> BTreeMap<usize, Done> {
        let begin = self.app.clock.now();
        let mut order = Order::of(operations);
        let mut done: BTreeMap<usize, Done> = BTreeMap::new();
        let mut failed = 0;
        while failed < errors {
            let ready = order.next(AT_ONCE);
            if ready.is_empty() {
                break;
            }
            let late = self.app.clock.now().duration_since(begin).unsigned_abs() > TIME;
            let under_way = ready.iter().map(|place| async {
                match late {
                    true => Err(Refusal::late()),
                    false => self.operate(&operations[*place], &order).await,
                }
            });
            let outcomes: Vec<Result<Done, Refusal>> = join_all(under_way).await;
            for (place, outcome) in ready.into_iter().zip(outcomes) {
                let operation = &operations[place];
                let outcome = outcome.unwrap_or_else(|refusal| Done::not(operation, &refusal, &self.app.url));
                failed += usize::from(outcome.refusal.is_some());
                order.finished(place, outcome.created(operation));
                done.insert(place, outcome);
            }
        }
        done
    }

    async fn operate(&self, operation: &Operation<'_>, order: &Order<'_>) -> Result<Done, Refusal> {
        let Operation { method, target, data, version, .. } = operation;
        let (target, data) = (target.as_ref().map_err(Refusal::clone)?, order.resolved(data)?);
        let precondition = version.map(Precondition::is).unwrap_or_default();
        self.may(operation.scope())?;
        let resource = match (method, target) {
            (&Method::POST, Target::All(Kind::User)) => self.create_user(&data).await?,
            (&Method::POST, Target::All(Kind::Group)) => self.bare_group(&self.create_group(&data).await?),
            (_, Target::All(_)) | (&Method::POST, Target::One(..)) => return Err(Refusal::wrong_method()),
            (_, Target::One(kind, id)) => {
                let id = order.resolved_text(id)?;
                match self.operate_on(method, *kind, id.clone(), &precondition, &data).await? {
                    Some(resource) => resource,
                    None => return Ok(Done::deleted(format!("{}{}/{id}", self.app.url, kind.endpoint()))),
                }
            }
        };
        let status = if *method == Method::POST { StatusCode::CREATED } else { StatusCode::OK };
        Ok(Done::with(status, &resource))
    }
}

impl Caller {
    /// Gives the resource as it then is; `None`: it is no more.
    async fn operate_on(
        &self,
        method: &Method,
        kind: Kind,
        id: String,
        precondition: &Precondition,
        data: &Value,
    ) -> Result<Option<Value>, Refusal> {
        let group = |group| Some(self.bare_group(&group));
        Ok(match (method, kind) {
            (&Method::PUT, Kind::User) => Some(self.replace_user(&id.into(), precondition, data).await?),
            (&Method::PATCH, Kind::User) => Some(self.patch_user(&id.into(), precondition, data).await?),
            (&Method::DELETE, Kind::User) => {
                self.delete_user(&id.into(), precondition).await?;
                None
            }
            (&Method::PUT, Kind::Group) => group(self.replace_group(&id.into(), precondition, data).await?),
            (&Method::PATCH, Kind::Group) => group(self.patch_group(&id.into(), precondition, data).await?),
            (&Method::DELETE, Kind::Group) => {
                self.delete_group(&id.into(), precondition).await?;
                None
            }
            _ => return Err(Refusal::wrong_method()),
        })
    }
}

impl Done {
    fn with(status: StatusCode, resource: &Value) -> Done {
        let (location, version) = (location(resource).to_owned(), version(resource).to_owned());
        Done { status, location: Some(location), version: Some(version), refusal: None }
    }

    fn deleted(location: String) -> Done {
        Done { status: StatusCode::NO_CONTENT, location: Some(location), version: None, refusal: None }
    }

    fn not(operation: &Operation<'_>, refusal: &Refusal, url: &str) -> Done {
        let location = match &operation.target {
            Ok(Target::One(kind, id)) => Some(format!("{url}{}/{id}", kind.endpoint())),
            _ => None,
        };
        Done { status: refusal.status(), location, version: None, refusal: Some(refusal.body()) }
    }

    /// The identifier of what was created.
    fn created(&self, operation: &Operation<'_>) -> Option<String> {
        let location =
            self.location.as_ref().filter(|_| self.refusal.is_none() && operation.name.is_some())?;
        location.rsplit('/').next().map(str::to_owned)
    }

    fn told(&self, sent: &Value) -> Value {
        let mut told = json!({ "status": self.status.as_str() });
        for name in ["method", "bulkId"] {
            if let Some(value) = sent.as_object().and_then(|sent| member(sent, name)) {
                told[name] = value.clone();
            }
        }
        let known = [("location", &self.location), ("version", &self.version)];
        for (name, text) in known.into_iter().filter_map(|(name, text)| Some((name, text.as_ref()?))) {
            told[name] = json!(text);
        }
        if let Some(refusal) = &self.refusal {
            told["response"] = refusal.clone();
        }
        told
    }
}
