//! The screen of profile fields: what users have beyond SCIM's own attributes.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use shared::{
    amendment::Amendment,
    application::ApplicationId,
    mapping::Attribute,
    operator::Role::{Admin, Viewer},
    profile::{FieldKind, MOST_FIELDS, ProfileField, check_fields, standard_fields},
    store::{self, DefinedFields},
};

use crate::{
    App,
    caller::Caller,
    csv::Table,
    frame::{Frame, Place},
    input::Sent,
    refusal::Refusal,
    routes::Routes,
    users::form::word,
};

const HERE: &str = "/admin/profile-fields";

/// The longest label, in characters.
const LONGEST_LABEL: usize = 120;

/// Among how many users it is looked for values of a field that is to go.
const LOOKED_AT: usize = 1_000;

pub(crate) fn routes() -> Routes {
    Routes::default()
        .get(HERE, Viewer, list)
        .post(HERE, Admin, define)
        .get("/admin/profile-fields/{name}", Viewer, one)
        .post("/admin/profile-fields/{name}", Admin, change)
        .post("/admin/profile-fields/{name}/remove", Admin, remove)
}

/// A profile field as it is shown.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    #[serde(flatten)]
    field: ProfileField,
    /// Whether it is one that the mapping fills without configuration: these stay as they are.
    standard: bool,
    /// Which rules map it: of which store, and the field there.
    mapped: Vec<Mapped>,
}

/// A rule that maps a profile field.
#[derive(Clone, Serialize)]
struct Mapped {
    application: ApplicationId,
    store: String,
    field: String,
}

#[derive(Template, Serialize)]
#[template(path = "profile_fields.html")]
struct List {
    #[serde(skip)]
    frame: Frame,
    fields: Vec<Told>,
    most: usize,
}

#[derive(Template, Serialize)]
#[template(path = "profile_field.html")]
#[serde(rename_all = "camelCase")]
struct One {
    #[serde(skip)]
    frame: Frame,
    #[serde(flatten)]
    told: Told,
    /// Of so many users who were looked at, so many have a value.
    looked_at: usize,
    with_value: usize,
    #[serde(skip)]
    revision: u64,
}

async fn list(State(app): State<Arc<App>>, caller: Caller) -> Result<Response, Refusal> {
    let fields = app.told().await?;
    let page = List { frame: caller.frame("Profile fields", Place::Profile), fields, most: MOST_FIELDS };
    caller.list(&page, || table(&page.fields))
}

async fn one(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(name): Path<String>,
) -> Result<Response, Refusal> {
    let told = app.told().await?.into_iter().find(|told| told.field.name == name).ok_or_else(no_field)?;
    let users = app.tables().page_of_users(None, LOOKED_AT).await?;
    let with_value = users.iter().filter(|user| user.fields.contains_key(&name)).count();
    let revision = app.tables().defined_fields().await?.revision;
    let frame = caller.frame(told.called().to_owned(), Place::Profile);
    caller.show(&One { frame, told, looked_at: users.len(), with_value, revision })
}

/// A field as it is defined.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wanted {
    #[serde(default)]
    name: String,
    #[serde(default)]
    label: String,
    #[serde(rename = "type", default = "text")]
    kind: FieldKind,
    #[serde(default)]
    multi_valued: bool,
    #[serde(default)]
    required: bool,
    /// The revision of the fields that was read; without it, the one that is there.
    #[serde(default)]
    revision: Option<u64>,
}

fn text() -> FieldKind {
    FieldKind::String
}

async fn define(
    State(app): State<Arc<App>>,
    caller: Caller,
    wanted: Sent<Wanted>,
) -> Result<Response, Refusal> {
    let Wanted { name, label, kind, multi_valued, required, .. } = wanted.value;
    let field = ProfileField {
        label: of_label(&label)?,
        multi_valued,
        required,
        ..ProfileField::new(name.trim(), "", kind)
    };
    let before = app.tables().defined_fields().await?;
    let after: Vec<ProfileField> = before.fields.iter().cloned().chain([field.clone()]).collect();
    app.amend_fields(&before, &after, &caller).await?;
    let told = format!("{} is a profile field now.", field.name);
    caller.made(&format!("{HERE}/{}", field.name), &told, &field)
}

/// Changes a field's label and whether it must be given; its name and what it holds stay, for its
/// values are kept by them.
async fn change(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(name): Path<String>,
    wanted: Sent<Wanted>,
) -> Result<Response, Refusal> {
    let Wanted { label, required, revision, .. } = wanted.value;
    let before = app.defined(revision).await?;
    let mut after = before.fields.clone();
    let field = after.iter_mut().find(|field| field.name == name).ok_or_else(|| no_such(&name))?;
    (field.label, field.required) = (of_label(&label)?, required);
    let field = field.clone();
    app.amend_fields(&before, &after, &caller).await?;
    caller.done(&format!("{HERE}/{name}"), "The profile field was changed.", &field)
}

/// Which fields were seen when one was to be removed.
#[derive(Deserialize)]
struct Seen {
    #[serde(default)]
    revision: Option<u64>,
}

async fn remove(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(name): Path<String>,
    seen: Sent<Seen>,
) -> Result<Response, Refusal> {
    let before = app.defined(seen.value.revision).await?;
    let after: Vec<ProfileField> = before.fields.iter().filter(|field| field.name != name).cloned().collect();
    if after.len() == before.fields.len() {
        return Err(no_such(&name));
    }
    if let Some(mapped) = app.mapped().await?.iter().find(|(field, _)| *field == name) {
        let Mapped { store, field, .. } = &mapped.1;
        let told = format!("{name} is mapped to {field} of {store}. Take that rule from the mapping first.");
        return Err(Refusal::conflict(told).go_on("The field", format!("{HERE}/{name}")));
    }
    app.amend_fields(&before, &after, &caller).await?;
    let told = format!(
        "{name} is no profile field any more. The values that users had are kept, and seen by nobody."
    );
    caller.done(HERE, &told, &json!({ "removed": name }))
}

impl App {
    /// All fields, with the rules that map them.
    async fn told(&self) -> Result<Vec<Told>, Refusal> {
        let (fields, mapped) = (self.tables().profile_fields().await?, self.mapped().await?);
        let standard = standard_fields().len();
        let told = |(place, field): (usize, ProfileField)| {
            let rules = mapped.iter().filter(|(name, _)| *name == field.name);
            Told { standard: place < standard, mapped: rules.map(|(_, rule)| rule.clone()).collect(), field }
        };
        Ok(fields.into_iter().enumerate().map(told).collect())
    }

    /// The rules that map profile fields, by their names; those of drafts as well.
    async fn mapped(&self) -> Result<Vec<(String, Mapped)>, Refusal> {
        let mut mapped = Vec::new();
        for application in self.tables().applications().await? {
            let draft = self.tables().mapping_draft(&application.id).await?.map(|draft| draft.mapping);
            let drafted = draft.iter().flat_map(|draft| &draft.rules);
            for rule in application.mapping.rules.iter().chain(drafted) {
                let Attribute::Field(name) = &rule.attribute else { continue };
                let (field, store) = (rule.field.to_string(), application.name.clone());
                let known = |(other, rule): &(String, Mapped)| {
                    other == name && rule.application == application.id && rule.field == field
                };
                if !mapped.iter().any(known) {
                    mapped.push((name.clone(), Mapped { application: application.id.clone(), store, field }));
                }
            }
        }
        Ok(mapped)
    }

    /// The fields that an admin defined, if they are those that were seen.
    async fn defined(&self, seen: Option<u64>) -> Result<DefinedFields, Refusal> {
        let before = self.tables().defined_fields().await?;
        match seen.is_none_or(|seen| seen == before.revision) {
            true => Ok(before),
            false => Err(changed_meanwhile()),
        }
    }

    async fn amend_fields(
        &self,
        before: &DefinedFields,
        after: &[ProfileField],
        caller: &Caller,
    ) -> Result<(), Refusal> {
        check_fields(after).map_err(|error| {
            Refusal::bad(format!(
                "{}. Choose another name, or remove a field first.",
                capital(&error.to_string())
            ))
            .go_on("Profile fields", HERE)
        })?;
        let told = |fields: &[ProfileField]| -> serde_json::Value {
            fields
                .iter()
                .map(|field| (field.name.clone(), json!(field)))
                .collect::<serde_json::Map<_, _>>()
                .into()
        };
        let (was, is) = (told(&before.fields), told(after));
        let amendment = Amendment::new(caller.name(), "profile fields", &was, &is, caller.now);
        match self.tables().change_profile_fields(before, after, &amendment).await {
            Err(store::Error::Moved) => Err(changed_meanwhile()),
            changed => Ok(changed?),
        }
    }
}

impl Told {
    fn called(&self) -> &str {
        if self.field.label.is_empty() { &self.field.name } else { &self.field.label }
    }

    /// What it holds, in words.
    fn holds(&self) -> String {
        let several = if self.field.multi_valued { ", several" } else { "" };
        format!("{}{several}", word(self.field.kind))
    }
}

fn changed_meanwhile() -> Refusal {
    Refusal::conflict("Someone changed the profile fields meanwhile. Look at what is there now.")
        .go_on("Profile fields", HERE)
}

fn no_field() -> Refusal {
    Refusal::missing("There is no such profile field. Look at those that are defined.")
        .go_on("Profile fields", HERE)
}

fn no_such(name: &str) -> Refusal {
    match standard_fields().iter().any(|field| field.name == name) {
        true => Refusal::conflict("This field is filled by every mapping, and stays as it is.")
            .go_on("Profile fields", HERE),
        false => no_field(),
    }
}

fn of_label(label: &str) -> Result<String, Refusal> {
    let label = label.trim();
    match label.chars().count() <= LONGEST_LABEL {
        true => Ok(label.to_owned()),
        false => Err(Refusal::bad(format!("A label has {LONGEST_LABEL} characters at most. Shorten it."))),
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(char::to_uppercase).into_iter().flatten().chain(letters).collect()
}

fn table(fields: &[Told]) -> String {
    let table = Table::new(&["name", "label", "type", "multiValued", "required", "standard", "mapped"]);
    let row = |table: Table, told: &Told| {
        let field = &told.field;
        let mapped: Vec<String> =
            told.mapped.iter().map(|rule| format!("{} {}", rule.application, rule.field)).collect();
        let yes = |yes: bool| if yes { "yes" } else { "no" };
        let (several, required, standard) =
            (yes(field.multi_valued), yes(field.required), yes(told.standard));
        table.row([
            &field.name,
            &field.label,
            word(field.kind),
            several,
            required,
            standard,
            &mapped.join("; "),
        ])
    };
    fields.iter().fold(table, row).into_text()
}
