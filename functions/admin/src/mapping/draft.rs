//! Working on a mapping: the draft is saved as often as one likes, and changes nothing until it is
//! made live.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    response::Response,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use shared::{
    application::Application,
    mapping::Mapping,
    store::{self, Draft},
};

use super::{
    editor::{Editor, Pairs},
    flaws, here, page,
};
use crate::{App, caller::Caller, input::Sent, refusal::Refusal};

/// The longest note on a version, in characters.
const LONGEST_NOTE: usize = 500;

/// A draft as it is sent: the mapping itself, or a form.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    mapping: Option<Mapping>,
    /// The revision that was read; 0: there was no draft.
    revision: u64,
    #[serde(skip)]
    form: Option<Pairs>,
}

impl TryFrom<Pairs> for Wanted {
    type Error = Refusal;

    fn try_from(form: Pairs) -> Result<Wanted, Refusal> {
        let revision =
            form.iter().find(|(name, _)| name == "revision").and_then(|(_, value)| value.parse().ok());
        let revision = revision.ok_or_else(|| Refusal::unreadable("the revision is no number"))?;
        Ok(Wanted { mapping: None, revision, form: Some(form) })
    }
}

/// What a saved draft comes to.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Saved {
    draft: Draft,
    flaws: Vec<String>,
    advice: Vec<String>,
}

pub(super) async fn save(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    sent: Sent<Wanted, Pairs>,
) -> Result<Response, Refusal> {
    let application = app.application(&id).await?;
    let Wanted { mapping, revision, form } = sent.value;
    let mapping = match (mapping, form) {
        (Some(mapping), _) => mapping,
        (None, Some(form)) => match Editor::sent(&form).read() {
            Ok(mapping) => mapping,
            Err(unread) => return page::again(&app, &caller, application, unread).await,
        },
        (None, None) => return Err(Refusal::bad("Send a mapping.")),
    };
    let draft = app.keep_draft(&application, mapping, revision, &caller).await?;
    let (flaws, advice) = flaws(&draft.mapping, &app.tables().profile_fields().await?);
    let told = match flaws.len() {
        0 => "The draft was saved. What is live is as before.".to_owned(),
        1 => "The draft was saved. One thing keeps it from being live.".to_owned(),
        more => format!("The draft was saved. {more} things keep it from being live."),
    };
    caller.done(&here(&application.id), &told, &Saved { draft, flaws, advice })
}

impl App {
    /// Keeps a draft over that of this revision.
    pub(super) async fn keep_draft(
        &self,
        application: &Application,
        mapping: Mapping,
        revision: u64,
        caller: &Caller,
    ) -> Result<Draft, Refusal> {
        let mapping = Mapping { identity: application.mapping.identity.clone(), ..mapping };
        let (by, at) = (caller.name().to_owned(), caller.now);
        let draft = Draft { mapping, by, at, revision: revision + 1 };
        match self.tables().put_mapping_draft(&application.id, &draft).await {
            Err(store::Error::Moved) => Err(Refusal::conflict(
                "Someone else saved the draft meanwhile, so yours was not. Look at what is there now and make your \
                 change again.",
            )
            .go_on("Look at the draft", here(&application.id))),
            kept => Ok(kept.map(|()| draft)?),
        }
    }

    /// The draft, or that there is none.
    pub(super) async fn draft(&self, application: &Application) -> Result<Draft, Refusal> {
        let none = || {
            Refusal::conflict("There is no draft. Change a rule and save it first.")
                .go_on("Attribute mapping", here(&application.id))
        };
        self.tables().mapping_draft(&application.id).await?.ok_or_else(none)
    }
}

pub(super) async fn discard(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let application = app.application(&id).await?;
    app.tables().drop_mapping_draft(&application.id).await?;
    caller.done(&here(&application.id), "The draft is gone. What is live is as before.", &json!({}))
}

/// What is made live: the draft of this revision, over the newest version that was seen.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Publish {
    revision: u64,
    latest: u64,
    #[serde(default)]
    note: String,
    /// The form's proof.
    #[serde(default, rename = "csrf")]
    _csrf: String,
}

pub(super) async fn publish(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    sent: Sent<Publish>,
) -> Result<Response, Refusal> {
    let application = app.application(&id).await?;
    let draft = app.draft(&application).await?;
    let Publish { revision, latest, note, .. } = sent.value;
    let moved = || {
        Refusal::conflict(
            "Someone else changed the draft or made another mapping live meanwhile. Look at what is there now.",
        )
        .go_on("Attribute mapping", here(&application.id))
    };
    if draft.revision != revision {
        return Err(moved());
    }
    let (flaws, _) = flaws(&draft.mapping, &app.tables().profile_fields().await?);
    if !flaws.is_empty() {
        let told = format!("The mapping cannot be live as it is. {}", flaws.join(" "));
        return Err(Refusal::bad(told).go_on("Attribute mapping", here(&application.id)));
    }
    let note: String = note.trim().chars().take(LONGEST_NOTE).collect();
    let version =
        app.tables().publish_mapping(&application, &draft.mapping, latest, caller.name(), &note).await;
    let version = match version {
        Err(store::Error::Moved) => return Err(moved()),
        published => published?,
    };
    tracing::info!(application.id = %application.id, mapping.version = version.number, "mapping made live");
    let told = format!(
        "Version {} is live. What changes from now on is mapped by it; import all customers to bring the others into step.",
        version.number
    );
    caller.done(&here(&application.id), &told, &version)
}
