//! The mapping as it is looked at and edited: the draft, or else what is live.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use serde::Serialize;
use shared::{
    application::{Application, ApplicationId},
    mapping::{AddressAttribute, AddressField, Difference, Mapping},
    profile::ProfileField,
    scim::text_attributes,
    store::Draft,
};

use super::{
    editor::{Editor, GroupRow, Row},
    flaws, here,
};
use crate::{
    App,
    caller::Caller,
    frame::{Frame, Place},
    refusal::Refusal,
};

#[derive(Template, Serialize)]
#[template(path = "mapping.html")]
#[serde(rename_all = "camelCase")]
pub(super) struct Page {
    #[serde(skip)]
    frame: Frame,
    application: ApplicationId,
    store: String,
    live: Mapping,
    /// The number of the newest version that was made live; 0: none here.
    latest: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    draft: Option<Draft>,
    /// What distinguishes the draft from what is live.
    differences: Vec<Difference>,
    /// What keeps the draft, or else what is live, from being so.
    flaws: Vec<String>,
    /// What is only to be known of it.
    advice: Vec<String>,
    #[serde(skip)]
    editor: Editor,
    /// Whether some row of the form cannot be read, so that it was not saved.
    #[serde(skip)]
    unread: bool,
    /// The revision that the next save goes over.
    #[serde(skip)]
    revision: u64,
    #[serde(skip)]
    attributes: Vec<(String, String)>,
    #[serde(skip)]
    fields: Vec<&'static str>,
}

/// The store's fields that a mapping is most often about.
const FIELDS: [&str; 11] = [
    "id",
    "email",
    "first_name",
    "last_name",
    "company",
    "phone",
    "notes",
    "tax_exempt_category",
    "customer_group_id",
    "accepts_product_review_abandoned_cart_emails",
    "channel_ids",
];

pub(super) async fn show(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let application = app.application(&id).await?;
    caller.show(&Page::of(&app, &caller, application, None).await?)
}

/// Shows the form again, with what cannot be read.
pub(super) async fn again(
    app: &App,
    caller: &Caller,
    application: Application,
    editor: Editor,
) -> Result<Response, Refusal> {
    let page = Page::of(app, caller, application, Some(editor)).await?;
    caller.show_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

impl Page {
    async fn of(
        app: &App,
        caller: &Caller,
        application: Application,
        unread: Option<Editor>,
    ) -> Result<Page, Refusal> {
        let (tables, id) = (app.tables(), &application.id);
        let draft = tables.mapping_draft(id).await?;
        let latest = tables.mapping_versions(id, None, 1).await?.first().map_or(0, |version| version.number);
        let fields = tables.profile_fields().await?;
        let shown = draft.as_ref().map_or(&application.mapping, |draft| &draft.mapping);
        let title = format!("Attribute mapping of {}", application.name);
        let (flaws, advice) = flaws(shown, &fields);
        Ok(Page {
            frame: caller.frame(title, Place::Applications),
            differences: application.mapping.differences(shown),
            flaws,
            advice,
            unread: unread.is_some(),
            editor: unread.unwrap_or_else(|| Editor::of(shown)),
            revision: draft.as_ref().map_or(0, |draft| draft.revision),
            attributes: attributes(&fields),
            fields: FIELDS.to_vec(),
            application: application.id.clone(),
            store: application.name,
            live: application.mapping,
            latest,
            draft,
        })
    }

    fn here(&self) -> String {
        here(&self.application)
    }

    /// The tables of rules: their prefix in the form, what they are, and their rows with one to spare.
    fn tables(&self) -> [(&'static str, &'static str, Vec<Row>); 2] {
        let spared = |rows: &[Row]| rows.iter().cloned().chain([Row::default()]).collect();
        [
            ("", "Customer", spared(&self.editor.rules)),
            ("address.", "Address", spared(&self.editor.addresses)),
        ]
    }

    /// The group rules, with rows to spare.
    fn group_rows(&self) -> Vec<GroupRow> {
        self.editor.groups.iter().cloned().chain([GroupRow::default()]).collect()
    }

    fn address_attributes(&self) -> [&'static str; 12] {
        AddressAttribute::ALL.map(AddressAttribute::as_str)
    }

    fn address_fields(&self) -> [&'static str; 11] {
        AddressField::ALL.map(AddressField::as_str)
    }

    /// A difference: its kind for a badge, its name, and the rules in words.
    fn told<'a>(&self, difference: &'a Difference) -> (&'static str, &'static str, &'a str, &'a str) {
        told(difference)
    }
}

/// A difference: its kind for a badge, its name, and the rules in words.
pub(super) fn told(difference: &Difference) -> (&'static str, &'static str, &str, &str) {
    match difference {
        Difference::Added { after, .. } => ("good", "Added", "", after),
        Difference::Removed { before, .. } => ("bad", "Removed", before, ""),
        Difference::Changed { before, after, .. } => ("info", "Changed", before, after),
        Difference::Reordered => {
            ("info", "Reordered", "", "The rules stand in another order; values flow as before.")
        }
    }
}

/// The attributes that can be mapped, with what people call them.
fn attributes(fields: &[ProfileField]) -> Vec<(String, String)> {
    let named = [
        ("userName", "User name"),
        ("name.givenName", "First name"),
        ("name.familyName", "Last name"),
        ("emails", "Primary e-mail address"),
        ("phoneNumbers", "Primary telephone number"),
    ];
    let named = named.map(|(name, label)| (name.to_owned(), label.to_owned()));
    let texts = text_attributes().map(|name| (name.to_owned(), String::new()));
    let fields = fields.iter().map(|field| (format!("fields.{}", field.name), field.label.clone()));
    named.into_iter().chain(texts).chain(fields).collect()
}
