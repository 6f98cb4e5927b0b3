//! Waves: begun, looked at, stopped, resumed and ended.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use shared::{
    activation::{Selection, Skipped, Wave, WaveState},
    application::ApplicationId,
    import::RunId,
    report::AttentionKind,
    scim::Filter,
    user::UserId,
};

use super::{HERE, no_application};
use crate::{
    App,
    caller::Caller,
    frame::{Frame, Place},
    input::Sent,
    refusal::Refusal,
};

/// Whom a wave is to be for, as a form or a program says it.
#[derive(Deserialize)]
pub(super) struct Wanted {
    /// `never`, `filter` or `users`.
    who: String,
    #[serde(default)]
    filter: String,
    #[serde(default, alias = "user")]
    users: Vec<String>,
}

impl Wanted {
    fn selection(self) -> Result<Selection, Refusal> {
        match self.who.as_str() {
            "never" => Ok(Selection::NeverSet),
            "filter" => Filter::parse(&self.filter).map(Selection::Filter).map_err(|error| {
                Refusal::bad(format!("The filter cannot be used: {error}. Write it as in userName sw \"a\"."))
            }),
            "users" if self.users.is_empty() => Err(Refusal::bad(
                "Nobody is selected. Check the users who are to have the mail, then send it.",
            )),
            "users" if self.users.len() > Selection::MOST_USERS => {
                Err(Refusal::bad("At most 1,000 users can be named one by one. Use a filter for more."))
            }
            "users" => Ok(Selection::Users(self.users.into_iter().map(UserId::from).collect())),
            _ => Err(Refusal::bad("Say who is to have the mail: never, filter or users.")),
        }
        .map_err(|refusal| refusal.go_on("Onboarding", HERE))
    }
}

pub(super) async fn begin(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(application): Path<String>,
    wanted: Sent<Wanted>,
) -> Result<Response, Refusal> {
    let id: ApplicationId = application.parse().map_err(|_| no_application())?;
    app.tables().application(&id).await?.ok_or_else(no_application)?;
    let selection = wanted.value.selection()?;
    let wave = Wave::new(RunId::new(id, caller.now), selection, caller.name(), caller.now);
    app.tables().begin_wave(&wave).await?;
    let flash = "The mails are on their way. This page tells how far they are.";
    caller.made(&format!("/admin/waves/{}", wave.id), flash, &json!({ "id": wave.id }))
}

#[derive(Template, Serialize)]
#[template(path = "onboarding/wave.html")]
#[serde(rename_all = "camelCase")]
struct One {
    #[serde(skip)]
    frame: Frame,
    id: String,
    application: String,
    begun_at: Timestamp,
    asked_by: String,
    state: &'static str,
    #[serde(skip)]
    badge: &'static str,
    seen: u64,
    queued: u64,
    sent: u64,
    dropped: u64,
    bounced: u64,
    skipped: Vec<Reason>,
    detail: String,
    is_over: bool,
    may_resume: bool,
}

#[derive(Serialize)]
struct Reason {
    why: &'static str,
    users: u64,
}

/// How a wave stands: a badge's kind and a word.
pub(super) fn state(wave: &Wave) -> (&'static str, &'static str) {
    match wave.state {
        WaveState::Stopped => ("bad", "stopped"),
        WaveState::Cancelled => ("", "ended"),
        WaveState::Active | WaveState::Walked if wave.is_over() => ("good", "done"),
        WaveState::Active => ("info", "queueing"),
        WaveState::Walked => ("info", "sending"),
    }
}

fn reason(why: Skipped) -> &'static str {
    match why {
        Skipped::Done => "have set a password",
        Skipped::NotLinked => "are no customers of this store yet",
        Skipped::Inactive => "are inactive",
        Skipped::NoAddress => "have no e-mail address that can be sent to",
        Skipped::Refused => "have an address that refuses mails or wants none",
        Skipped::Recent => "were sent a mail within the last day",
    }
}

pub(super) async fn one(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(wave): Path<String>,
) -> Result<Response, Refusal> {
    let wave = find(&app, &wave).await?;
    let (badge, state) = state(&wave);
    let counts = &wave.counts;
    let skipped = counts.skipped.iter().map(|(why, users)| Reason { why: reason(*why), users: *users });
    caller.show(&One {
        frame: caller.frame("Activation mails", Place::Onboarding),
        id: wave.id.to_string(),
        application: wave.id.application().to_string(),
        begun_at: wave.begun_at,
        asked_by: wave.asked_by.clone(),
        state,
        badge,
        seen: counts.seen,
        queued: counts.queued,
        sent: counts.sent,
        dropped: counts.dropped,
        bounced: counts.bounced,
        skipped: skipped.collect(),
        detail: wave.detail.clone(),
        is_over: wave.is_over(),
        may_resume: wave.state == WaveState::Stopped,
    })
}

async fn find(app: &App, id: &str) -> Result<Wave, Refusal> {
    let missing = || Refusal::missing("There is no such wave of mails.").go_on("Onboarding", HERE);
    let id: RunId = id.parse().map_err(|_| missing())?;
    app.tables().wave(&id).await?.ok_or_else(missing)
}

pub(super) async fn stop(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(wave): Path<String>,
) -> Result<Response, Refusal> {
    let detail = format!("{} stopped it. It can be resumed.", caller.name());
    change(&app, &caller, &wave, WaveState::Stopped, &detail, "No more mails are sent.").await
}

pub(super) async fn cancel(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(wave): Path<String>,
) -> Result<Response, Refusal> {
    change(&app, &caller, &wave, WaveState::Cancelled, "", "It is ended; what was sent stays sent.").await
}

async fn change(
    app: &App,
    caller: &Caller,
    id: &str,
    state: WaveState,
    detail: &str,
    flash: &str,
) -> Result<Response, Refusal> {
    let wave = find(app, id).await?;
    if wave.is_over() {
        return Err(Refusal::conflict("This wave is over. Begin another one.").go_on("Onboarding", HERE));
    }
    app.tables().set_wave(&wave.id, state, detail).await?;
    caller.done(&format!("/admin/waves/{id}"), flash, &json!({ "id": id, "state": state }))
}

/// Goes on with a wave that stopped; that is the answer to what it asked a person, too.
pub(super) async fn resume(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(wave): Path<String>,
) -> Result<Response, Refusal> {
    let wave = find(&app, &wave).await?;
    if wave.state != WaveState::Stopped {
        let detail = "This wave has not stopped. Only one that has can be resumed.";
        return Err(Refusal::conflict(detail).go_on("Onboarding", HERE));
    }
    let application = wave.id.application();
    app.tables().settle_attention(AttentionKind::Returns, application.as_str()).await?;
    app.tables().forget_returns(application, caller.now).await?;
    app.tables().begin_wave(&wave.resumed()).await?;
    let flash = "It goes on. Nobody gets a second mail of it.";
    caller.done(&format!("/admin/waves/{}", wave.id), flash, &json!({ "id": wave.id }))
}
