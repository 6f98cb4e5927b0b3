//! Who speaks SCIM to the directory, or JSON to the console, and with which tokens.

mod tokens;

use std::{collections::BTreeMap, sync::Arc};

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
    client::{ApiToken, Client, ClientId, Scope},
    operator::Role,
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

const HERE: &str = "/admin/clients";
const LONGEST_NAME: usize = 100;

pub(crate) fn routes() -> Routes {
    Routes::default()
        .get(HERE, Role::Viewer, list)
        .post(HERE, Role::Admin, create)
        .get("/admin/clients/{client}", Role::Viewer, one)
        .post("/admin/clients/{client}", Role::Admin, change)
        .post("/admin/clients/{client}/tokens", Role::Admin, tokens::create)
        .post("/admin/clients/{client}/tokens/{token}/revoke", Role::Admin, tokens::revoke)
}

#[derive(Template, Serialize)]
#[template(path = "clients/list.html")]
struct List {
    #[serde(skip)]
    frame: Frame,
    clients: Vec<Client>,
    scim_url: String,
}

async fn list(State(app): State<Arc<App>>, caller: Caller) -> Result<Response, Refusal> {
    let clients = app.tables().clients().await?;
    let frame = caller.frame("API clients", Place::Clients);
    let page = List { frame, clients, scim_url: app.scim_url.clone() };
    caller.list(&page, || {
        let columns = Table::new(&["id", "name", "strict", "reactivates"]);
        let rows = page.clients.iter();
        rows.fold(columns, |table, one| {
            let (strict, reactivates) = (one.strict.to_string(), one.reactivates.to_string());
            table.row([one.id.as_str(), &one.name, &strict, &reactivates])
        })
        .into_text()
    })
}

/// A client and its tokens.
#[derive(Template, Serialize)]
#[template(path = "clients/one.html")]
#[serde(rename_all = "camelCase")]
struct One {
    #[serde(skip)]
    frame: Frame,
    client: Client,
    tokens: Vec<Told>,
    /// A token that was just made: shown this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
    scim_url: String,
}

/// What is told of a token.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    id: String,
    scopes: Vec<Scope>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<Role>,
    created: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used: Option<Timestamp>,
    is_valid: bool,
}

impl Told {
    fn new((id, token): (String, ApiToken), now: Timestamp) -> Told {
        let is_valid = token.is_valid(now);
        let ApiToken { scopes, role, created, expires, last_used, .. } = token;
        Told { id, scopes: scopes.into_iter().collect(), role, created, expires, last_used, is_valid }
    }

    fn opens(&self) -> String {
        let names = self.scopes.iter().map(|scope| match scope {
            Scope::Read => "read",
            Scope::Write => "write",
            Scope::Delete => "delete",
        });
        names.collect::<Vec<_>>().join(", ")
    }
}

impl One {
    fn new(
        app: &App,
        caller: &Caller,
        client: Client,
        tokens: BTreeMap<String, ApiToken>,
        token: Option<String>,
    ) -> One {
        let frame = caller.frame(client.name.clone(), Place::Clients);
        let mut tokens: Vec<Told> = tokens.into_iter().map(|token| Told::new(token, caller.now)).collect();
        tokens.sort_by_key(|token| token.created);
        One { frame, client, tokens, token, scim_url: app.scim_url.clone() }
    }
}

async fn one(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(client): Path<String>,
) -> Result<Response, Refusal> {
    let client = app.client(&client).await?;
    let tokens = app.tables().tokens_of(&client.id).await?;
    caller.show(&One::new(&app, &caller, client, tokens, None))
}

#[derive(Deserialize)]
struct Wanted {
    #[serde(default)]
    id: String,
    name: String,
    #[serde(default)]
    strict: bool,
    #[serde(default)]
    reactivates: bool,
}

async fn create(
    State(app): State<Arc<App>>,
    caller: Caller,
    wanted: Sent<Wanted>,
) -> Result<Response, Refusal> {
    let id: ClientId = wanted.value.id.trim().parse().map_err(|_| {
        Refusal::bad("The identifier must be 1 to 64 lower-case letters, digits and hyphens, such as okta.")
            .go_on("Back", HERE)
    })?;
    if app.tables().client(&id).await?.is_some() {
        return Err(Refusal::conflict("There is a client of this identifier. Open it, or choose another."));
    }
    let client = wanted.value.client(id)?;
    amend(&app, &caller, None, &client).await?;
    let flash = format!("{} was added. Make a token for it.", client.name);
    caller.made(&address(&client.id), &flash, &client)
}

async fn change(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(client): Path<String>,
    wanted: Sent<Wanted>,
) -> Result<Response, Refusal> {
    let before = app.client(&client).await?;
    let client = wanted.value.client(before.id.clone())?;
    amend(&app, &caller, Some(&before), &client).await?;
    caller.done(&address(&client.id), "Saved. It holds within ten seconds.", &client)
}

impl Wanted {
    fn client(self, id: ClientId) -> Result<Client, Refusal> {
        let name = self.name.trim().to_owned();
        if name.is_empty() || name.chars().count() > LONGEST_NAME {
            return Err(Refusal::bad("Give the client a name of 1 to 100 characters.").go_on("Back", HERE));
        }
        Ok(Client { id, name, strict: self.strict, reactivates: self.reactivates })
    }
}

async fn amend(app: &App, caller: &Caller, before: Option<&Client>, after: &Client) -> Result<(), Refusal> {
    let told = |client: &Client| json!({ "name": client.name, "strict": client.strict, "reactivates": client.reactivates });
    let before = before.map_or(Value::Null, told);
    let what = format!("API client {}", after.id);
    let amendment = Amendment::new(caller.name(), what, &before, &told(after), caller.now);
    Ok(app.tables().amend_client(after, &amendment).await?)
}

fn address(client: &ClientId) -> String {
    format!("{HERE}/{client}")
}

impl App {
    /// The client of this identifier.
    async fn client(&self, id: &str) -> Result<Client, Refusal> {
        let missing =
            || Refusal::missing("There is no such API client. Look at the list.").go_on("API clients", HERE);
        let id: ClientId = id.parse().map_err(|_| missing())?;
        self.tables().client(&id).await?.ok_or_else(missing)
    }
}
