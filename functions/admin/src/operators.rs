//! Who may sign in, and what they may do.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use shared::{
    amendment::Amendment,
    operator::{Operator, Role},
    secret::EmailAddress,
};

use crate::{
    App,
    caller::Caller,
    csv::Table,
    frame::{Frame, Place},
    input::Sent,
    refusal::Refusal,
    routes::Routes,
};

const HERE: &str = "/admin/operators";
const LONGEST_EMAIL: usize = 254;

/// More are no list of people who run a directory.
const MOST: usize = 200;

pub(crate) fn routes() -> Routes {
    Routes::default().get(HERE, Role::Viewer, list).post(HERE, Role::Owner, put).post(
        "/admin/operators/{email}/remove",
        Role::Owner,
        remove,
    )
}

#[derive(Template, Serialize)]
#[template(path = "operators.html")]
struct List {
    #[serde(skip)]
    frame: Frame,
    operators: Vec<Told>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    email: String,
    role: Role,
    added_at: Timestamp,
    added_by: String,
    #[serde(skip)]
    is_caller: bool,
}

impl Told {
    fn new(operator: Operator, caller: &Caller) -> Told {
        let Operator { email, role, added_at, added_by } = operator;
        Told {
            is_caller: email.as_str() == caller.name(),
            email: email.as_str().to_owned(),
            role,
            added_at,
            added_by,
        }
    }
}

async fn list(State(app): State<Arc<App>>, caller: Caller) -> Result<Response, Refusal> {
    let operators = app.tables().operators().await?;
    let operators = operators.into_iter().map(|operator| Told::new(operator, &caller)).collect();
    let page = List { frame: caller.frame("Operators", Place::Operators), operators };
    caller.list(&page, || {
        let rows = page.operators.iter();
        rows.fold(Table::new(&["email", "role", "addedAt", "addedBy"]), |table, one| {
            table.row([&one.email, one.role.as_str(), &one.added_at.to_string(), &one.added_by])
        })
        .into_text()
    })
}

#[derive(Deserialize)]
struct Wanted {
    email: String,
    role: Role,
}

/// Lets somebody in, or changes what they may do.
async fn put(State(app): State<Arc<App>>, caller: Caller, wanted: Sent<Wanted>) -> Result<Response, Refusal> {
    let Wanted { email, role } = wanted.value;
    let email = email.trim();
    if !(3..=LONGEST_EMAIL).contains(&email.len())
        || !email.contains('@')
        || email.contains(char::is_whitespace)
    {
        return Err(
            Refusal::bad("This is no e-mail address. Write it as name@example.com.").go_on("Back", HERE)
        );
    }
    let email = EmailAddress::new(email);
    let before = app.tables().operators().await?;
    let known = before.iter().find(|operator| operator.email.folded() == email.folded());
    match known {
        Some(known) if known.role == Role::Owner && role != Role::Owner => keep_an_owner(&before)?,
        None if before.len() >= MOST => {
            return Err(Refusal::conflict("There are 200 operators. Remove some first."));
        }
        _ => {}
    }
    let (added_at, added_by) = known
        .map_or((caller.now, caller.name().to_owned()), |known| (known.added_at, known.added_by.clone()));
    let operator = Operator { email, role, added_at, added_by };
    let amendment = amendment(&caller, &operator.email, told(known), told(Some(&operator)));
    app.tables().put_operator(&operator, &amendment).await?;
    let flash = format!("{} is {} now.", operator.email.as_str(), with_article(role));
    caller.done(HERE, &flash, &Told::new(operator, &caller))
}

async fn remove(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(email): Path<String>,
) -> Result<Response, Refusal> {
    let email = EmailAddress::new(email);
    let before = app.tables().operators().await?;
    let operator = before.iter().find(|operator| operator.email.folded() == email.folded());
    let operator =
        operator.ok_or_else(|| Refusal::missing("There is no such operator.").go_on("Operators", HERE))?;
    if operator.role == Role::Owner {
        keep_an_owner(&before)?;
    }
    let amendment = amendment(&caller, &operator.email, told(Some(operator)), Value::Null);
    app.tables().remove_operator(&operator.email, &amendment).await?;
    let flash = format!("{} can sign in no more.", operator.email.as_str());
    caller.done(HERE, &flash, &json!({ "removed": operator.email }))
}

/// Without an owner, nobody could let anybody in.
fn keep_an_owner(operators: &[Operator]) -> Result<(), Refusal> {
    match operators.iter().filter(|operator| operator.role == Role::Owner).count() {
        0 | 1 => Err(Refusal::conflict(
            "There must be an owner. Make somebody else one first, then change this operator.",
        )
        .go_on("Operators", HERE)),
        _ => Ok(()),
    }
}

fn told(operator: Option<&Operator>) -> Value {
    operator.map_or(Value::Null, |operator| json!({ "role": operator.role }))
}

fn amendment(caller: &Caller, email: &EmailAddress, before: Value, after: Value) -> Amendment {
    Amendment::new(caller.name(), format!("operator {}", email.as_str()), &before, &after, caller.now)
}

fn with_article(role: Role) -> &'static str {
    match role {
        Role::Viewer => "a viewer",
        Role::Operator => "an operator",
        Role::Admin => "an admin",
        Role::Owner => "an owner",
    }
}
