//! Connecting a store, and giving a connected one another API account. Whatever is entered is tried
//! at once; what cannot work is not kept.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use serde::{Deserialize, Serialize};
use shared::{
    application::{Application, ApplicationId, Credentials, Policies},
    mapping::Mapping,
    report::AttentionKind,
};

use super::{
    HERE,
    account::{Account, Given},
    address,
    check::{Check, is_usable},
    hooks::{RoundTrip, policy},
    told::Told,
};
use crate::{
    App,
    caller::Caller,
    frame::{Frame, Place},
    input::Sent,
    refusal::Refusal,
};

/// The form's own address lies among those of the applications.
const RESERVED: &str = "connect";

const LONGEST_NAME: usize = 100;

/// More stores are more than one directory can look at in a page.
const MOST: usize = 100;

/// The form, empty or with what is wrong in it. Secrets are not written back into it.
#[derive(Template, Serialize)]
#[template(path = "applications/connect.html")]
#[serde(rename_all = "camelCase")]
struct Form {
    #[serde(skip)]
    frame: Frame,
    /// The application that gets another account; none: a new one.
    #[serde(skip)]
    of: Option<Told>,
    #[serde(skip)]
    id: String,
    #[serde(skip)]
    name: String,
    #[serde(skip)]
    store_hash: String,
    #[serde(skip)]
    client_id: String,
    /// What is wrong with which field.
    errors: Vec<Wrong>,
    checks: Vec<Check>,
}

#[derive(Serialize)]
struct Wrong {
    field: &'static str,
    detail: String,
}

impl Form {
    fn empty(caller: &Caller, of: Option<&Application>) -> Form {
        let title = of.map_or("Connect a store".to_owned(), |of| format!("{}: another API account", of.name));
        Form {
            frame: caller.frame(title, Place::Applications),
            of: of.map(Told::new),
            id: String::new(),
            name: String::new(),
            store_hash: of.map(|of| of.store_hash.clone()).unwrap_or_default(),
            client_id: String::new(),
            errors: Vec::new(),
            checks: Vec::new(),
        }
    }

    fn wrong(&self, field: &str) -> &str {
        self.errors.iter().find(|one| one.field == field).map_or("", |one| one.detail.as_str())
    }

    fn again(self, caller: &Caller) -> Result<Response, Refusal> {
        caller.show_as(StatusCode::UNPROCESSABLE_ENTITY, &self)
    }
}

pub(super) async fn form(caller: Caller) -> Result<Response, Refusal> {
    caller.show(&Form::empty(&caller, None))
}

pub(super) async fn rotation(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let application = app.application(&id).await?;
    caller.show(&Form::empty(&caller, Some(&application)))
}

#[derive(Deserialize)]
#[serde(default, rename_all = "camelCase")]
#[derive(Default)]
pub(super) struct Wanted {
    id: String,
    name: String,
    store_hash: String,
    client_id: String,
    client_secret: String,
    access_token: String,
    file: String,
}

impl Wanted {
    fn given(&self) -> Given {
        Given {
            store_hash: self.store_hash.clone(),
            client_id: self.client_id.clone(),
            client_secret: self.client_secret.clone(),
            access_token: self.access_token.clone(),
            file: self.file.clone(),
        }
    }

    /// The form again, with what can be shown of what was typed.
    fn form(&self, caller: &Caller, of: Option<&Application>) -> Form {
        let typed = |text: &str| text.chars().take(100).collect::<String>();
        Form {
            id: typed(&self.id),
            name: typed(&self.name),
            store_hash: typed(&self.store_hash),
            client_id: typed(&self.client_id),
            ..Form::empty(caller, of)
        }
    }
}

/// Connects a store: tries the account, keeps the application, sets its webhooks up and sends one
/// to try.
pub(super) async fn connect(
    State(app): State<Arc<App>>,
    caller: Caller,
    wanted: Sent<Wanted>,
) -> Result<Response, Refusal> {
    let wanted = wanted.value;
    let form = wanted.form(&caller, None);
    let application = match new_application(&app, &wanted).await? {
        Ok(application) => application,
        Err(errors) => return Form { errors, ..form }.again(&caller),
    };
    let store = app.engine.api.store(&application);
    let checks = app.checks_of_account(&store, &application).await;
    if !is_usable(&checks) {
        return Form { checks, ..form }.again(&caller);
    }
    let mapping = Mapping::default().with_attributes(&store.attributes().await?);
    let application = Application { mapping, ..application };
    // Kept before the first webhook can come, which would be refused by an application that is not there.
    app.keep(&caller, None, &application).await?;
    let flash = match app.set_hooks_up(&application).await {
        Err(_) => {
            "The store is connected, but its webhooks could not be set up. Look below what is in the way; it is tried again every quarter of an hour."
        }
        Ok(()) => match app.round_trip(&application).await {
            RoundTrip::Whole => {
                "The store is connected. Its webhooks are on, and one made the whole way round. All customers are looked through within a quarter of an hour."
            }
            RoundTrip::Broken => {
                "The store is connected and its webhooks are set up, but one that was sent to try did not come in. See that the address below can be reached."
            }
        },
    };
    caller.made(&address(&application), flash, &Told::new(&application))
}

async fn new_application(app: &App, wanted: &Wanted) -> Result<Result<Application, Vec<Wrong>>, Refusal> {
    let mut errors = Vec::new();
    let mut wrong = |field, detail: &str| errors.push(Wrong { field, detail: detail.to_owned() });
    let name = wanted.name.trim();
    if name.is_empty() || name.chars().count() > LONGEST_NAME {
        wrong("name", "Give the application a name of 1 to 100 characters. Reports are filtered by it.");
    }
    let id = wanted.id.trim().parse::<ApplicationId>().ok().filter(|id| id.as_str() != RESERVED);
    if id.is_none() {
        wrong(
            "id",
            "The identifier must be 1 to 64 lower-case letters, digits and hyphens. It is part of the webhooks' address.",
        );
    }
    let account = wanted.given().account();
    for (field, detail) in account.as_ref().err().into_iter().flatten() {
        wrong(field, detail);
    }
    let known = app.tables().applications().await?;
    if known.len() >= MOST {
        return Err(Refusal::conflict("There are 100 applications. Disconnect one first.")
            .go_on("Applications", HERE));
    }
    if known.iter().any(|one| Some(&one.id) == id.as_ref()) {
        wrong("id", "There is an application of this identifier. Choose another.");
    }
    let taken = account
        .as_ref()
        .ok()
        .and_then(|account| known.iter().find(|one| one.store_hash == account.store_hash));
    if let Some(other) = taken {
        wrong(
            "storeHash",
            &format!("This store is connected as {}. Give that one another API account instead.", other.name),
        );
    }
    Ok(match (id, account, errors.is_empty()) {
        (Some(id), Ok(Account { store_hash, credentials }), true) => Ok(Application {
            id,
            name: name.to_owned(),
            store_hash,
            credentials,
            webhook: policy(),
            mapping: Mapping::default(),
            policies: Policies::default(),
        }),
        _ => Err(errors),
    })
}

/// Gives a connected store another API account. Webhooks signed with the old client secret are
/// still taken.
pub(super) async fn rotate(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    wanted: Sent<Wanted>,
) -> Result<Response, Refusal> {
    let wanted = wanted.value;
    let before = app.application(&id).await?;
    let form = wanted.form(&caller, Some(&before));
    let given = Given { store_hash: before.store_hash.clone(), ..wanted.given() };
    let account = match given.account() {
        Ok(account) => account,
        Err(wrong) => {
            let errors = wrong.into_iter().map(|(field, detail)| Wrong { field, detail: detail.to_owned() });
            return Form { errors: errors.collect(), ..form }.again(&caller);
        }
    };
    let previous = Some(before.credentials.client_secret.clone());
    let credentials = Credentials { previous_client_secret: previous, ..account.credentials };
    let after = Application { credentials, ..before.clone() };
    let checks = app.checks_of_account(&app.engine.api.store(&after), &after).await;
    if !is_usable(&checks) {
        return Form { checks, ..form }.again(&caller);
    }
    app.keep(&caller, Some(&before), &after).await?;
    app.set_hooks_up(&after).await?;
    app.tables().settle_attention(AttentionKind::Credentials, after.id.as_str()).await?;
    let flash =
        "The new account is in use; what was pending goes on by itself. Delete the old account at the store.";
    caller.done(&address(&after), flash, &Told::new(&after))
}
