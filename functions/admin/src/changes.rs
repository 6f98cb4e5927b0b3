//! What people changed of how the directory works, newest first.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use shared::{amendment::Amendment, operator::Role};

use crate::{
    App,
    caller::Caller,
    csv::Table,
    frame::{Frame, Place},
    refusal::Refusal,
    routes::Routes,
};

const HERE: &str = "/admin/changes";

/// How many a page has.
const A_PAGE: u16 = 50;

/// A key is a time and an identifier.
const LONGEST_KEY: usize = 100;

pub(crate) fn routes() -> Routes {
    Routes::default().get(HERE, Role::Viewer, list)
}

#[derive(Deserialize)]
struct From {
    after: Option<String>,
}

#[derive(Template, Serialize)]
#[template(path = "changes.html")]
struct List {
    #[serde(skip)]
    frame: Frame,
    changes: Vec<Amendment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
    #[serde(skip)]
    first_page: &'static str,
    #[serde(skip)]
    next_page: String,
}

async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(from): Query<From>,
) -> Result<Response, Refusal> {
    let after = from.after.filter(|after| (1..=LONGEST_KEY).contains(&after.len()));
    let page = app.tables().amendments(after.as_deref(), A_PAGE).await?;
    let address = |next: &String| {
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("after", next).finish();
        format!("{HERE}?{query}")
    };
    let list = List {
        frame: caller.frame("Change log", Place::Changes),
        changes: page.amendments,
        next_page: page.next.as_ref().map(address).unwrap_or_default(),
        next: page.next,
        first_page: if after.is_some() { HERE } else { "" },
    };
    caller.list(&list, || table(&list.changes))
}

fn table(changes: &[Amendment]) -> String {
    let mut table = Table::new(&["at", "by", "what", "path", "before", "after"]);
    for change in changes {
        for one in &change.differences {
            let (before, after) = (written(&one.before), written(&one.after));
            let at = change.at.to_string();
            table = table.row([&at, &change.by, &change.what, &one.path, &before, &after]);
        }
    }
    table.into_text()
}

/// A value as people read it.
pub(crate) fn written(value: &Value) -> String {
    match value {
        Value::Null => "–".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
