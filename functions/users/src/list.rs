//! Lists: pages of all resources, and of those that a filter finds.

mod found;
mod whole;

use serde_json::{Value, json};

use crate::{
    answer::Answer,
    body::Body,
    caller::Caller,
    cursor::{Cursor, Scope},
    query::{From, Query},
    refusal::Refusal,
};

/// The largest page, and the page when none was asked for.
pub(crate) const MOST: usize = 500;
/// How large a page gets, in bytes: Lambda hands on no more than 6 MB.
const LARGEST: usize = 4 * 1024 * 1024;

/// A kind of resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    User,
    Group,
}

impl Kind {
    /// Where resources of the kind are, below the service's address.
    pub(crate) fn endpoint(self) -> &'static str {
        match self {
            Kind::User => "/Users",
            Kind::Group => "/Groups",
        }
    }
}

/// What a page is made of: resources in a row, one more than were asked for if there are more.
#[derive(Default)]
struct Row {
    resources: Vec<(Kind, Value)>,
    /// How many were asked for in all, on this page and others.
    total: u64,
}

/// A search among resources of all kinds.
pub(crate) async fn search(caller: Caller, Body(message): Body) -> Result<Answer, Refusal> {
    list(&caller, &[Kind::User, Kind::Group], &Query::of_message(&message)?).await
}

/// Answers a query for resources of these kinds.
pub(crate) async fn list(caller: &Caller, kinds: &[Kind], query: &Query) -> Result<Answer, Refusal> {
    let scope = Scope::of(&caller.client.id, kinds, query);
    let cursor = scope.read(&query.from)?;
    if query.selects() {
        let begin = number(&query.from, cursor.as_ref())?;
        let row = caller.found(kinds, query, begin).await?;
        return Ok(page(caller, row, query, &scope, |shown, _| Cursor::At(begin + shown as u64)));
    }
    let row = caller.whole(kinds, query, cursor).await?;
    Ok(page(caller, row, query, &scope, |_, (kind, id)| Cursor::After(kind, id)))
}

/// How many resources come before the page, of those that are counted through.
fn number(from: &From, cursor: Option<&Cursor>) -> Result<u64, Refusal> {
    match (from, cursor) {
        (From::Number(start), _) => Ok(start - 1),
        (From::Cursor(_), None) => Ok(0),
        (From::Cursor(_), Some(Cursor::At(number))) => Ok(*number),
        (From::Cursor(_), Some(Cursor::After(..))) => Err(Refusal::invalid_cursor()),
    }
}

/// The message with what of the row fits, and the cursor after that, which `next` makes of how many
/// are shown and which is the last.
fn page(
    caller: &Caller,
    row: Row,
    query: &Query,
    scope: &Scope,
    next: impl Fn(usize, (Kind, String)) -> Cursor,
) -> Answer {
    let (available, total) = (row.resources.len(), row.total);
    let (mut shown, mut bytes, mut last) = (Vec::new(), 0, None);
    for (kind, resource) in row.resources.into_iter().take(query.count) {
        let id = resource["id"].as_str().unwrap_or_default().to_owned();
        let resource = query.projection.apply(resource, caller.schemas(kind));
        bytes += resource.to_string().len();
        if bytes > LARGEST && !shown.is_empty() {
            break;
        }
        shown.push(resource);
        last = Some((kind, id));
    }
    let mut message = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": total,
        "itemsPerPage": shown.len(),
    });
    let more = available > shown.len();
    match (&query.from, last) {
        (From::Number(start), _) => message["startIndex"] = json!(start),
        (From::Cursor(_), Some(last)) if more => {
            message["nextCursor"] = json!(scope.write(&next(shown.len(), last)));
        }
        _ => {}
    }
    message["Resources"] = Value::Array(shown);
    Answer::of(message)
}
