//! What may happen at an application without a person. As JSON it is `Policies` as it is kept; a form
//! knows no nesting, so its fields stand beside each other.

use std::{collections::BTreeSet, sync::Arc};

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use serde::{Deserialize, Serialize};
use shared::{
    application::{
        Application, Authority, Brake, MatchPolicy, Offboarding, OnCustomerDeleted, Operations, Policies,
    },
    bigcommerce::CustomerGroup,
    http::Wrong,
    import::WhatIf,
};

use super::{address, told::Told};
use crate::{
    App,
    caller::Caller,
    format::Format,
    frame::{Frame, Place},
    imports::{self, Asked},
    input::Sent,
    refusal::Refusal,
};

#[derive(Template, Serialize)]
#[template(path = "applications/policies.html")]
struct Page {
    #[serde(skip)]
    frame: Frame,
    #[serde(skip)]
    application: Told,
    #[serde(flatten)]
    policies: Policies,
    #[serde(skip)]
    groups: Vec<CustomerGroup>,
    #[serde(skip)]
    errors: Vec<Wrong>,
}

impl Page {
    fn wrong(&self, field: &str) -> &str {
        self.errors.iter().find(|one| one.field == field).map_or("", |one| one.detail.as_str())
    }

    fn scope(&self) -> &str {
        self.policies.scope.as_deref().unwrap_or_default()
    }

    fn authority(&self) -> &'static str {
        match self.policies.authority {
            Authority::Directory => "directory",
            Authority::Store => "store",
        }
    }

    fn match_by_email(&self) -> &'static str {
        match self.policies.match_by_email {
            MatchPolicy::Adopt => "adopt",
            MatchPolicy::Ask => "ask",
            MatchPolicy::Refuse => "refuse",
        }
    }

    fn on_customer_deleted(&self) -> &'static str {
        match self.policies.on_customer_deleted {
            OnCustomerDeleted::DeleteUser => "deleteUser",
            OnCustomerDeleted::DeactivateUser => "deactivateUser",
            OnCustomerDeleted::Unlink => "unlink",
        }
    }
}

/// How an offboarding stands in the form: its kind, its group and its days.
fn kind(of: &Offboarding) -> &'static str {
    match of {
        Offboarding::Nothing => "nothing",
        Offboarding::BlockSignIn { .. } => "blockSignIn",
        Offboarding::MoveToGroup { .. } => "moveToGroup",
        Offboarding::DeleteAfter { .. } => "deleteAfter",
        Offboarding::DeleteCustomer => "deleteCustomer",
    }
}

fn group(of: &Offboarding) -> u32 {
    match of {
        Offboarding::BlockSignIn { group } => group.unwrap_or_default(),
        Offboarding::MoveToGroup { group } => *group,
        _ => 0,
    }
}

fn days(of: &Offboarding) -> u16 {
    match of {
        Offboarding::DeleteAfter { days } => *days,
        _ => 30,
    }
}

pub(super) async fn form(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let application = app.application(&id).await?;
    let groups = match caller.format {
        Format::Html => app.groups(&application).await.unwrap_or_default(),
        Format::Json | Format::Csv => Vec::new(),
    };
    caller.show(&page(&caller, &application, application.policies.clone(), groups, Vec::new()))
}

fn page(
    caller: &Caller,
    application: &Application,
    policies: Policies,
    groups: Vec<CustomerGroup>,
    errors: Vec<Wrong>,
) -> Page {
    let title = format!("{}: policies", application.name);
    let frame = caller.frame(title, Place::Applications);
    Page { frame, application: Told::new(application), policies, groups, errors }
}

pub(super) async fn save(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    wanted: Sent<Policies, Fields>,
) -> Result<Response, Refusal> {
    let before = app.application(&id).await?;
    // To pause is an action of its own: a form that was opened before must not undo it.
    let policies = Policies { paused: before.policies.paused, ..wanted.value };
    let groups = app.groups(&before).await;
    let numbers: Option<BTreeSet<u32>> =
        groups.as_ref().map(|groups| groups.iter().map(|one| one.id).collect());
    let flaws = policies.check(numbers.as_ref()).into_iter();
    let errors: Vec<Wrong> =
        flaws.map(|(field, flaw)| Wrong { field: field.to_owned(), detail: flaw.to_string() }).collect();
    if !errors.is_empty() {
        return match caller.format {
            Format::Html => {
                let page = page(&caller, &before, policies, groups.unwrap_or_default(), errors);
                caller.show_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
            }
            Format::Json | Format::Csv => Err(Refusal::wrong(errors)),
        };
    }
    let after = Application { policies, ..before.clone() };
    app.keep(&caller, Some(&before), &after).await?;
    let flash = "The policies are saved and hold from the next change on.";
    caller.done(&address(&after), flash, &after.policies)
}

/// Begins a run that tells what these policies would do to everyone, and does nothing.
pub(super) async fn what_if(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    wanted: Sent<Policies, Fields>,
) -> Result<Response, Refusal> {
    let application = app.application(&id).await?;
    let policies = Policies { paused: application.policies.paused, ..wanted.value };
    let flaws = policies.check(None).into_iter();
    let errors: Vec<Wrong> =
        flaws.map(|(field, flaw)| Wrong { field: field.to_owned(), detail: flaw.to_string() }).collect();
    if !errors.is_empty() {
        return Err(Refusal::wrong(errors).go_on("Back", format!("{}/policies", address(&application))));
    }
    let what_if = WhatIf { mapping: None, policies: Some(policies) };
    let job = app.begin_import(&caller, &application, Asked::what_if(what_if)).await?;
    let flash = "The run tells what the policies would do to everyone, and changes nothing.";
    caller.made(&imports::address(&job.run.id), flash, &job.run)
}

impl App {
    /// The store's customer groups; none where it cannot be asked now.
    async fn groups(&self, application: &Application) -> Option<Vec<CustomerGroup>> {
        self.engine.api.store(application).customer_groups().await.ok()
    }
}

/// The fields of the form.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Fields {
    authority: Authority,
    match_by_email: MatchPolicy,
    on_customer_deleted: OnCustomerDeleted,
    #[serde(default)]
    to_directory: Vec<Operation>,
    #[serde(default)]
    to_store: Vec<Operation>,
    #[serde(default)]
    scope: String,
    on_user_deleted: Kind,
    on_user_deleted_group: u32,
    on_user_deleted_days: u16,
    on_user_deactivated: Kind,
    on_user_deactivated_group: u32,
    on_user_deactivated_days: u16,
    tombstone_domain: String,
    quota_reserve_percent: u8,
    survey_every_hours: u16,
    import_every_hours: u16,
    import_changes_every_minutes: u16,
    brake_number: u32,
    brake_percent: u8,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Operation {
    Create,
    Update,
    Delete,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Kind {
    Nothing,
    BlockSignIn,
    MoveToGroup,
    DeleteAfter,
    DeleteCustomer,
}

impl Kind {
    fn offboarding(self, group: u32, days: u16) -> Offboarding {
        match self {
            Kind::Nothing => Offboarding::Nothing,
            Kind::BlockSignIn => Offboarding::BlockSignIn { group: (group > 0).then_some(group) },
            Kind::MoveToGroup => Offboarding::MoveToGroup { group },
            Kind::DeleteAfter => Offboarding::DeleteAfter { days },
            Kind::DeleteCustomer => Offboarding::DeleteCustomer,
        }
    }
}

fn operations(checked: &[Operation]) -> Operations {
    let may = |operation| checked.contains(&operation);
    Operations {
        create: may(Operation::Create),
        update: may(Operation::Update),
        delete: may(Operation::Delete),
    }
}

impl From<Fields> for Policies {
    fn from(fields: Fields) -> Policies {
        let scope = Some(fields.scope.trim().to_owned()).filter(|scope| !scope.is_empty());
        let (gone, away) = (fields.on_user_deleted, fields.on_user_deactivated);
        Policies {
            paused: false,
            authority: fields.authority,
            to_directory: operations(&fields.to_directory),
            to_store: operations(&fields.to_store),
            match_by_email: fields.match_by_email,
            on_customer_deleted: fields.on_customer_deleted,
            scope,
            on_user_deleted: gone.offboarding(fields.on_user_deleted_group, fields.on_user_deleted_days),
            on_user_deactivated: away
                .offboarding(fields.on_user_deactivated_group, fields.on_user_deactivated_days),
            tombstone_domain: fields.tombstone_domain.trim().to_owned(),
            quota_reserve_percent: fields.quota_reserve_percent,
            survey_every_hours: fields.survey_every_hours,
            import_every_hours: fields.import_every_hours,
            import_changes_every_minutes: fields.import_changes_every_minutes,
            deletion_brake: Brake { number: fields.brake_number, percent: fields.brake_percent },
        }
    }
}
