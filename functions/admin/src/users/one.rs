//! One user: who it is, whose customer, what happened, and what can be done.

use std::{collections::BTreeMap, sync::Arc};

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use shared::{
    activation::{Activation, ActivationState},
    application::ApplicationId,
    group::GroupId,
    report::{Attention, Entry, Outcome},
    scim::FIELDS,
    store::{EntryQuery, Of},
    user::{User, UserId},
};

use super::{
    Desk, called,
    rows::{LinkRow, links},
    trace::{Waiting, waiting},
    words,
};
use crate::{
    App,
    caller::Caller,
    frame::{Frame, Place},
    refusal::Refusal,
};

/// How many of the last entries are shown.
const LAST: usize = 20;

#[derive(Template, Serialize)]
#[template(path = "users/one.html")]
#[serde(rename_all = "camelCase")]
struct Page {
    #[serde(skip)]
    frame: Frame,
    id: UserId,
    version: u64,
    name: String,
    active: bool,
    created: Timestamp,
    last_modified: Timestamp,
    /// The user as SCIM writes it.
    resource: Value,
    groups: Vec<(GroupId, String)>,
    links: Vec<LinkRow>,
    activations: Vec<Activated>,
    attention: Vec<Attention>,
    #[serde(skip_serializing_if = "Option::is_none")]
    waiting: Option<Waiting>,
    entries: Vec<Entry>,
    #[serde(skip)]
    user_name: String,
    #[serde(skip)]
    facts: Vec<(String, String)>,
}

/// How far the user is with a password at a store.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Activated {
    application: ApplicationId,
    store: String,
    #[serde(flatten)]
    activation: Activation,
}

pub(super) async fn show(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let (user, desk, stores) = (app.user(&id.into()).await?, app.desk().await?, app.store_names().await?);
    let keys: Vec<_> = user.links.values().flat_map(|link| link.attention.iter().cloned()).collect();
    let attention = if keys.is_empty() { Vec::new() } else { app.tables().attentions(&keys).await? };
    let resource = desk.resource(&user);
    caller.show(&Page {
        frame: caller.frame(called(&user), Place::Users),
        facts: facts(&user, &desk, &resource),
        groups: groups(&app, &user).await?,
        links: links(&user, &stores),
        activations: activations(&app, &user, &stores).await?,
        attention,
        waiting: waiting(&app, &user).await?,
        entries: entries(&app, &user).await?,
        version: user.version,
        name: called(&user),
        active: user.active,
        created: user.created,
        last_modified: user.last_modified,
        user_name: user.user_name,
        id: user.id,
        resource,
    })
}

async fn groups(app: &App, user: &User) -> Result<Vec<(GroupId, String)>, Refusal> {
    let ids: Vec<GroupId> = user.groups.iter().cloned().collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let groups = app.tables().groups(&ids).await?.into_values();
    let mut named: Vec<_> = groups.map(|group| (group.id, group.display_name)).collect();
    named.sort_by(|(_, one), (_, other)| one.cmp(other));
    Ok(named)
}

async fn activations(
    app: &App,
    user: &User,
    stores: &BTreeMap<ApplicationId, String>,
) -> Result<Vec<Activated>, Refusal> {
    let mut found = Vec::new();
    for application in user.links.keys() {
        let activation = app.tables().activation(&user.id, application).await?;
        let store = stores.get(application).cloned().unwrap_or_else(|| application.to_string());
        found.push(Activated { application: application.clone(), store, activation });
    }
    Ok(found)
}

/// The last entries of the report about the user's name.
async fn entries(app: &App, user: &User) -> Result<Vec<Entry>, Refusal> {
    let query = EntryQuery {
        of: Of::Identifier { identifier: user.user_name.clone(), application: None },
        from: Timestamp::UNIX_EPOCH,
        to: Timestamp::MAX,
        outcome: None,
        action: None,
        way: None,
        limit: LAST,
        cursor: None,
    };
    Ok(app.tables().entries(&query).await?.entries)
}

/// What is known of the user, name by name.
fn facts(user: &User, desk: &Desk, resource: &Value) -> Vec<(String, String)> {
    let mut facts = vec![("User name".to_owned(), user.user_name.clone())];
    let mut add = |name: &str, value: String| facts.push((name.to_owned(), value));
    let kind = |kind: &Option<String>, primary: bool| match (kind, primary) {
        (Some(kind), true) => format!(" ({kind}, primary)"),
        (Some(kind), false) => format!(" ({kind})"),
        (None, true) => " (primary)".to_owned(),
        (None, false) => String::new(),
    };
    for email in &user.emails {
        add("E-mail", format!("{}{}", email.value.as_str(), kind(&email.kind, email.primary)));
    }
    for phone in &user.phone_numbers {
        add("Telephone", format!("{}{}", phone.value, kind(&phone.kind, phone.primary)));
    }
    for address in &user.addresses {
        let parts: Vec<&str> = address.parts.values().map(String::as_str).collect();
        add("Address", format!("{}{}", parts.join(", "), kind(&address.kind, address.primary)));
    }
    for (name, value) in &user.attributes {
        add(name, value.clone());
    }
    for field in &desk.fields {
        let value = &resource[FIELDS][&field.name];
        if !value.is_null() {
            add(if field.label.is_empty() { &field.name } else { &field.label }, words::value(value));
        }
    }
    for (client, id) in &user.external_ids {
        add("External identifier", format!("{id} (of {client})"));
    }
    facts
}

impl Page {
    /// An entry in a sentence, and how it ended.
    fn told(&self, entry: &Entry) -> (String, &'static str, &'static str) {
        let sentence = match entry.detail.is_empty() {
            true => words::done(entry.action).to_owned(),
            false => format!("{} {}", words::done(entry.action), entry.detail),
        };
        let (kind, outcome) = match entry.outcome {
            Outcome::Success => ("good", "Done"),
            Outcome::Conflict => ("warn", "Conflict"),
            Outcome::Blocked => ("bad", "Blocked"),
            Outcome::Failed => ("bad", "Failed"),
        };
        (sentence, kind, outcome)
    }

    /// The changes of an entry in a line.
    fn changes(&self, entry: &Entry) -> Vec<(String, String, String)> {
        let change = |change: &shared::report::Change| {
            (change.field.clone(), words::value(&change.before), words::value(&change.after))
        };
        entry.changes.iter().map(change).collect()
    }

    /// How far the user is with a password at a store.
    fn activation(&self, application: &ApplicationId) -> &'static str {
        let found = self.activations.iter().find(|activated| activated.application == *application);
        match found.map(|activated| activated.activation.state).unwrap_or_default() {
            ActivationState::NotInvited => "Not invited",
            ActivationState::Queued => "Mail waits",
            ActivationState::Sent => "Mail sent",
            ActivationState::Delivered => "Mail arrived",
            ActivationState::Opened => "Link opened",
            ActivationState::Expired => "Link expired",
            ActivationState::Bounced => "Mail came back",
            ActivationState::Complained => "Mail unwanted",
            ActivationState::PasswordSet => "Password set",
            ActivationState::Verified => "Has signed in",
        }
    }

    /// The user's name as the report's address has it.
    fn identifier(&self) -> String {
        url::form_urlencoded::byte_serialize(self.user_name.as_bytes()).collect()
    }
}
