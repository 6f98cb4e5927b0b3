//! Whether the report is as it was written: its hours held against their sealed blocks, as far as one
//! request can; the answer says where the next one goes on.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use shared::{
    application::ApplicationId,
    seal::{Check, Finding, Flaw},
};
use url::form_urlencoded::Serializer;

use super::filter::moment;
use crate::{
    App,
    caller::Caller,
    frame::{Frame, Place},
    refusal::Refusal,
};

pub(super) const HERE: &str = "/admin/reports/verify";

/// How long one request looks: an answer has half a minute.
const A_WHILE: SignedDuration = SignedDuration::from_secs(12);

/// The longest hash of a block that is taken, in bytes.
const LONGEST_HASH: usize = 64;

/// Which report, from when until when, and what a request before came to.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    application: String,
    from: String,
    to: String,
    previous: Option<String>,
}

#[derive(Template, Serialize)]
#[template(path = "reports/verify.html")]
#[serde(rename_all = "camelCase")]
struct Page {
    #[serde(skip)]
    frame: Frame,
    application: ApplicationId,
    /// The first hour that was sealed; absent where none was.
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<Timestamp>,
    /// Up to when it is sealed.
    #[serde(skip_serializing_if = "Option::is_none")]
    sealed_to: Option<Timestamp>,
    /// Whether nothing is wrong with what was looked at.
    sound: bool,
    #[serde(flatten)]
    check: Check,
    /// Where the check goes on.
    #[serde(skip)]
    on: Option<String>,
}

pub(super) async fn verify(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(asked): Query<Asked>,
) -> Result<Response, Refusal> {
    let application = match asked.application.as_str() {
        "" => app.tables().applications().await?.into_iter().next().ok_or_else(no_store)?,
        id => app.application(id).await?,
    };
    let (from, to) = (time(&asked.from, false)?, time(&asked.to, true)?);
    let (from, to) = (from.unwrap_or(Timestamp::UNIX_EPOCH), to.unwrap_or(Timestamp::MAX));
    let previous = asked.previous.as_deref().filter(|hash| hash.len() <= LONGEST_HASH);
    let until = caller.now + A_WHILE;
    let chain = app.tables().report_chain(&application.id).await?;
    let check = app.tables().check_report(&application.id, (from, to), previous, until).await?;
    let on = check.next.map(|next| {
        let mut query = Serializer::new(String::new());
        query.append_pair("application", application.id.as_str()).append_pair("from", &next.to_string());
        query.append_pair("previous", &check.last);
        if !asked.to.is_empty() {
            query.append_pair("to", &asked.to);
        }
        format!("{HERE}?{}", query.finish())
    });
    caller.show(&Page {
        frame: caller.frame(format!("Is the report of {} whole?", application.name), Place::Reports),
        since: chain.as_ref().map(|chain| chain.since),
        sealed_to: chain.map(|chain| chain.next),
        sound: check.findings.is_empty(),
        application: application.id,
        check,
        on,
    })
}

fn time(text: &str, is_end: bool) -> Result<Option<Timestamp>, Refusal> {
    moment(text, is_end).ok_or_else(|| {
        Refusal::bad(format!(
            "{text:?} is neither a day nor a time. Write it as 2026-11-01 or 2026-11-01T12:00:00Z."
        ))
        .go_on("Reports", super::HERE)
    })
}

fn no_store() -> Refusal {
    Refusal::missing("No store is connected, so there is no report.")
        .go_on("Applications", "/admin/applications")
}

impl Page {
    fn says(&self, finding: &Finding) -> String {
        let Finding { sealed, found, .. } = finding;
        match finding.flaw {
            Flaw::EntriesDiffer if sealed == found => "An entry was changed after it was written.".to_owned(),
            Flaw::EntriesDiffer => format!("{sealed} entries were sealed and {found} are there."),
            Flaw::BlockMissing => {
                format!("{found} entries are there that were never sealed, or their block is gone.")
            }
            Flaw::LinkBroken => {
                "The block before it is not the one that it follows: hours were taken away.".to_owned()
            }
            Flaw::Forged => "Its block was not made by this deployment.".to_owned(),
        }
    }

    fn hour(at: &Timestamp) -> String {
        at.strftime("%Y-%m-%d %H:00 UTC").to_string()
    }
}
