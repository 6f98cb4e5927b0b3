//! Creating a user and changing one: as a form with everything that a user has, or as a resource.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use shared::{
    directory::{Precondition, Refused},
    scim::{entity_tag, user_resource},
    user::{User, UserId},
};

use super::{
    Desk, called,
    form::{Form, Pairs, lay_over},
};
use crate::{
    App,
    caller::Caller,
    format::Format,
    frame::{Frame, Place},
    input::Sent,
    refusal::Refusal,
};

/// A user as it is sent.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    /// The version that was read; another is not written over.
    #[serde(default)]
    version: Option<u64>,
    /// As SCIM writes users.
    #[serde(default)]
    resource: Value,
    /// What a form sent instead.
    #[serde(skip)]
    form: Option<Pairs>,
}

impl TryFrom<Pairs> for Written {
    type Error = Refusal;

    fn try_from(form: Pairs) -> Result<Written, Refusal> {
        let version = form.iter().find(|(name, _)| name == "version").map(|(_, value)| value.parse());
        let version = version.transpose().map_err(|_| Refusal::unreadable("the version is no number"))?;
        Ok(Written { version, resource: json!({}), form: Some(form) })
    }
}

impl Written {
    /// The resource that this makes of the one before.
    fn over(&self, before: Value, desk: &Desk) -> Value {
        match &self.form {
            None => self.resource.clone(),
            Some(form) => {
                let mut resource = before;
                lay_over(&mut resource, form, &desk.fields);
                resource
            }
        }
    }

    fn precondition(&self) -> Precondition {
        self.version.map(|version| Precondition::is(&entity_tag(version))).unwrap_or_default()
    }
}

#[derive(Template, Serialize)]
#[template(path = "users/form.html")]
#[serde(rename_all = "camelCase")]
struct Page {
    #[serde(skip)]
    frame: Frame,
    #[serde(skip)]
    form: Form,
    /// Where it is sent.
    #[serde(skip)]
    action: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<u64>,
    resource: Value,
    /// Why it was not taken.
    #[serde(skip)]
    trouble: Option<String>,
}

/// Which user a form is about; none: a new one.
struct Of {
    id: Option<UserId>,
    name: String,
    version: Option<u64>,
}

impl Of {
    fn new() -> Of {
        Of { id: None, name: String::new(), version: None }
    }

    fn user(user: &User) -> Of {
        Of { id: Some(user.id.clone()), name: called(user), version: Some(user.version) }
    }
}

impl Page {
    fn of(caller: &Caller, desk: &Desk, of: Of, resource: Value, trouble: Option<String>) -> Page {
        let title = if of.id.is_some() { format!("Edit {}", of.name) } else { "New user".to_owned() };
        let action = of.id.map_or_else(|| "/admin/users".to_owned(), |id| format!("/admin/users/{id}"));
        Page {
            frame: caller.frame(title, Place::Users),
            form: Form::of(&resource, &desk.fields),
            action,
            version: of.version,
            resource,
            trouble,
        }
    }
}

pub(super) async fn new(State(app): State<Arc<App>>, caller: Caller) -> Result<Response, Refusal> {
    let desk = app.desk().await?;
    caller.show(&Page::of(&caller, &desk, Of::new(), json!({ "active": true }), None))
}

pub(super) async fn create(
    State(app): State<Arc<App>>,
    caller: Caller,
    sent: Sent<Written, Pairs>,
) -> Result<Response, Refusal> {
    let desk = app.desk().await?;
    let resource = sent.value.over(json!({}), &desk);
    match desk.writer(&app).create(&resource).await {
        Ok(user) => {
            tracing::info!(user.id = %user.id, "user created at the console");
            let told = desk.resource(&user);
            caller.made(
                &format!("/admin/users/{}", user.id),
                "The user was created. The stores follow.",
                &told,
            )
        }
        Err(refused) => again(&caller, &desk, Of::new(), resource, refused),
    }
}

pub(super) async fn form(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let (user, desk) = (app.user(&id.into()).await?, app.desk().await?);
    caller.show(&Page::of(&caller, &desk, Of::user(&user), desk.resource(&user), None))
}

pub(super) async fn save(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    sent: Sent<Written, Pairs>,
) -> Result<Response, Refusal> {
    let (id, desk, written) = (UserId::from(id), app.desk().await?, sent.value);
    let user = app.user(&id).await?;
    let resource = written.over(desk.resource(&user), &desk);
    // The form was laid over the version that is there now: only that one may be written.
    let seen = Precondition::is(&entity_tag(user.version));
    let saved = match written.precondition().check(&entity_tag(user.version)) {
        Ok(()) => desk.writer(&app).replace(&id, &seen, &resource).await,
        Err(refused) => Err(refused),
    };
    match saved {
        Ok(user) => caller.done(
            &format!("/admin/users/{id}"),
            "The user was changed. The stores follow.",
            &desk.resource(&user),
        ),
        Err(refused) => {
            let version =
                if matches!(refused, Refused::Version) { Some(user.version) } else { written.version };
            again(&caller, &desk, Of { version, ..Of::user(&user) }, resource, refused)
        }
    }
}

/// A person gets the form again, with what was typed and why it was not taken; a program the reason.
fn again(
    caller: &Caller,
    desk: &Desk,
    of: Of,
    resource: Value,
    refused: Refused,
) -> Result<Response, Refusal> {
    if caller.format != Format::Html || matches!(refused, Refused::NoUser | Refused::Tables(_)) {
        return Err(refused.into());
    }
    let (status, trouble) = match &refused {
        Refused::Version => (
            StatusCode::CONFLICT,
            "Someone changed this user meanwhile, so nothing was written. The form holds what you typed, over what is \
             there now: look through it and save again, or open the user anew."
                .to_owned(),
        ),
        Refused::Taken { .. } | Refused::Busy => (StatusCode::CONFLICT, refused.sentence()),
        _ => (StatusCode::UNPROCESSABLE_ENTITY, refused.sentence()),
    };
    caller.show_as(status, &Page::of(caller, desk, of, resource, Some(trouble)))
}

/// Whether a user is to be active, and of which version that is said.
#[derive(Deserialize)]
pub(super) struct Status {
    active: bool,
    #[serde(default)]
    version: Option<u64>,
}

pub(super) async fn status(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    sent: Sent<Status>,
) -> Result<Response, Refusal> {
    let (id, desk, Status { active, version }) = (UserId::from(id), app.desk().await?, sent.value);
    let seen = version.map(|version| Precondition::is(&entity_tag(version))).unwrap_or_default();
    let change = |user: &mut User| {
        (user.active, user.active_unassigned) = (active, false);
        Ok(())
    };
    let changed = desk.writer(&app).change(&id, &seen, change).await;
    let user = changed
        .map_err(|refused| Refusal::from(refused).go_on("Look at the user", format!("/admin/users/{id}")))?;
    let told = if active {
        "The user is active. The stores follow."
    } else {
        "The user is inactive. The stores follow."
    };
    caller.done(&format!("/admin/users/{id}"), told, &desk.resource(&user))
}

impl Desk {
    /// The user as a resource, without links and groups.
    pub(super) fn resource(&self, user: &User) -> Value {
        user_resource(user, &self.client.id, "", &[], &self.fields)
    }
}
