//! What only a person can decide, grouped by its cause, with what mends a whole group.
//!
//! To look again is always right: it changes nothing that is not called for, and what is mended by
//! then goes from the list by itself.

mod words;

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use futures_util::future::try_join_all;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use shared::{
    amendment::Amendment,
    application::ApplicationId,
    operator::Role,
    report::{Attention, AttentionKind},
    store::Way,
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

const HERE: &str = "/admin/attention";

/// How many of a group the inbox shows, and how many a page of one group.
const FEW: usize = 3;
const A_PAGE: usize = 50;

/// How many are looked at again with one press, and how many at once.
const MOST: usize = 500;
const AT_ONCE: usize = 16;

/// For how long further deletions pass after some were approved.
const APPROVED: SignedDuration = SignedDuration::from_hours(1);

/// A key is a kind and what it is about.
const LONGEST_KEY: usize = 1100;

pub(crate) fn routes() -> Routes {
    Routes::default()
        .get(HERE, Role::Viewer, inbox)
        .get("/admin/attention/{kind}", Role::Viewer, group)
        .post("/admin/attention/{kind}/look-again", Role::Operator, look_again)
        .post("/admin/attention/deletions/decide", Role::Admin, decide)
}

/// All that is of one kind.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Group {
    kind: AttentionKind,
    #[serde(skip)]
    words: words::Words,
    /// How many; a hundred stands for more.
    count: usize,
    /// The first of them.
    some: Vec<Told>,
}

impl Group {
    fn number(&self) -> String {
        if self.count >= 100 { "100 or more".to_owned() } else { self.count.to_string() }
    }

    fn is_partly_shown(&self) -> bool {
        self.count > self.some.len()
    }
}

/// One thing that asks for a person.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    about: String,
    application: ApplicationId,
    since: Timestamp,
    detail: String,
    waiting: usize,
    /// Which side loses records, where it is about deletions that wait.
    #[serde(skip_serializing_if = "Option::is_none")]
    way: Option<&'static str>,
    #[serde(skip)]
    link: Option<words::Link>,
}

impl Told {
    fn new(attention: Attention) -> Told {
        let way = way_of(&attention).map(Way::as_str);
        let link = words::link(&attention, way.is_some());
        let Attention { about, application, since, detail, waiting, .. } = attention;
        Told { about, application, since, detail, waiting: waiting.len(), way, link }
    }
}

/// The deletions that it is about, if they wait for a decision.
fn way_of(attention: &Attention) -> Option<Way> {
    let is_about = |way: &Way| way.about(&attention.application) == attention.about;
    Way::ALL.into_iter().filter(|_| attention.kind == AttentionKind::Deletions).find(is_about)
}

#[derive(Template, Serialize)]
#[template(path = "attention/inbox.html")]
struct Inbox {
    #[serde(skip)]
    frame: Frame,
    groups: Vec<Group>,
}

async fn inbox(State(app): State<Arc<App>>, caller: Caller) -> Result<Response, Refusal> {
    let groups = try_join_all(AttentionKind::ALL.map(|kind| app.group(kind))).await?;
    let groups = groups.into_iter().filter(|group| group.count > 0).collect();
    caller.show(&Inbox { frame: caller.frame("Attention", Place::Attention), groups })
}

impl App {
    async fn group(&self, kind: AttentionKind) -> Result<Group, Refusal> {
        let page = self.tables().attention_of(kind, None, 100).await?;
        let count = page.attention.len();
        let some = page.attention.into_iter().take(FEW).map(Told::new).collect();
        Ok(Group { kind, words: words::of(kind), count, some })
    }
}

#[derive(Template, Serialize)]
#[template(path = "attention/group.html")]
struct GroupPage {
    #[serde(skip)]
    frame: Frame,
    kind: AttentionKind,
    #[serde(skip)]
    words: words::Words,
    attention: Vec<Told>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
    #[serde(skip)]
    first_page: String,
    #[serde(skip)]
    next_page: String,
}

#[derive(Deserialize)]
struct From {
    after: Option<String>,
}

async fn group(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(kind): Path<String>,
    Query(from): Query<From>,
) -> Result<Response, Refusal> {
    let kind = kind_of(&kind)?;
    let after = from.after.filter(|after| (1..=LONGEST_KEY).contains(&after.len()));
    let after = after.filter(|after| after.starts_with(&format!("{}#", kind.as_str())));
    let page = app.tables().attention_of(kind, after.as_deref(), A_PAGE).await?;
    let here = format!("{HERE}/{}", kind.as_str());
    let address = |next: &String| {
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("after", next).finish();
        format!("{here}?{query}")
    };
    let words = words::of(kind);
    let page = GroupPage {
        frame: caller.frame(words.title, Place::Attention),
        kind,
        words,
        attention: page.attention.into_iter().map(Told::new).collect(),
        next_page: page.next.as_ref().map(address).unwrap_or_default(),
        next: page.next,
        first_page: after.map(|_| here).unwrap_or_default(),
    };
    caller.list(&page, || table(&page.attention))
}

fn table(attention: &[Told]) -> String {
    let columns = Table::new(&["about", "application", "since", "waiting", "detail"]);
    let row = |table: Table, one: &Told| {
        table.row([
            &one.about,
            one.application.as_str(),
            &one.since.to_string(),
            &one.waiting.to_string(),
            &one.detail,
        ])
    };
    attention.iter().fold(columns, row).into_text()
}

fn kind_of(text: &str) -> Result<AttentionKind, Refusal> {
    let kind = AttentionKind::ALL.into_iter().find(|kind| kind.as_str() == text);
    kind.ok_or_else(|| {
        Refusal::missing("Nothing of this kind asks for attention. Look at the inbox.")
            .go_on("Attention", HERE)
    })
}

#[derive(Deserialize)]
struct Wanted {
    /// What is to be looked at again; none: all of the kind.
    #[serde(default)]
    about: Vec<String>,
}

/// Has those who wait looked at again, dead work too.
async fn look_again(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(kind): Path<String>,
    wanted: Sent<Wanted>,
) -> Result<Response, Refusal> {
    let kind = kind_of(&kind)?;
    let asked = app.asked(kind, wanted.value.about).await?;
    let looks = asked.iter().map(|attention| attention.waiting.len()).sum::<usize>();
    for attention in asked {
        app.look_again_at(attention, caller.now).await?;
    }
    let flash = match looks {
        0 => "Nothing of this waits to be looked at.".to_owned(),
        1 => "It is being looked at again.".to_owned(),
        _ => format!("{looks} are being looked at again. What is in order goes from the list by itself."),
    };
    caller.done(HERE, &flash, &json!({ "lookedAtAgain": looks }))
}

impl App {
    /// Has those who wait looked at again. Dead work is alive again by that, and asks for nobody;
    /// should it fail once more, it will.
    async fn look_again_at(&self, attention: Attention, now: Timestamp) -> Result<(), Refusal> {
        for subjects in attention.waiting.chunks(AT_ONCE) {
            let looks = subjects
                .iter()
                .cloned()
                .map(|subject| async move { self.tables().enqueue(&subject, "console", now).await });
            try_join_all(looks.collect::<Vec<_>>()).await?;
        }
        if attention.kind == AttentionKind::Dead {
            self.tables().settle_attention(attention.kind, &attention.about).await?;
        }
        Ok(())
    }

    /// What is asked about these, or of the whole kind, as far as one press reaches.
    async fn asked(&self, kind: AttentionKind, about: Vec<String>) -> Result<Vec<Attention>, Refusal> {
        if about.len() > MOST {
            return Err(Refusal::bad("At most 500 can be chosen at once. Choose fewer, or none for all."));
        }
        if !about.is_empty() {
            let ids: Vec<_> = about.into_iter().map(|about| (kind, about)).collect();
            return Ok(self.tables().attentions(&ids).await?);
        }
        let (mut asked, mut after) = (Vec::new(), None);
        while asked.len() < MOST {
            let page = self.tables().attention_of(kind, after.as_deref(), 100).await?;
            asked.extend(page.attention);
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        Ok(asked)
    }
}

#[derive(Deserialize)]
struct Ruling {
    application: ApplicationId,
    way: String,
    decision: Decided,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
enum Decided {
    Approve,
    Reject,
}

/// Lets deletions go on that the brake stopped, or has them undone.
async fn decide(
    State(app): State<Arc<App>>,
    caller: Caller,
    ruling: Sent<Ruling>,
) -> Result<Response, Refusal> {
    let Ruling { application, way, decision } = ruling.value;
    let way = Way::ALL.into_iter().find(|known| known.as_str() == way);
    let way = way.ok_or_else(|| Refusal::bad("The way must be to-store or to-directory."))?;
    let standing = app.tables().attentions(&[(AttentionKind::Deletions, way.about(&application))]).await?;
    let asked = standing.into_iter().next().ok_or_else(|| {
        Refusal::missing("No deletions wait there any more. Look at the inbox.").go_on("Attention", HERE)
    })?;
    let what = format!("deletions at {application} ({})", way.as_str());
    let after = json!({ "decision": decision, "detail": asked.detail });
    app.tables().amend(&Amendment::new(caller.name(), what, &Value::Null, &after, caller.now)).await?;
    match decision {
        Decided::Approve => app.tables().approve_deletions(&application, way, caller.now + APPROVED).await?,
        Decided::Reject => app.tables().reject_deletions(&application, way).await?,
    };
    for subject in &asked.waiting {
        // What waits keeps the time of its own asking: a rejection undoes what was asked before it.
        app.tables().enqueue(subject, "console", asked.since).await?;
    }
    let flash = match decision {
        Decided::Approve => "The deletions go on, and further ones pass for an hour.",
        Decided::Reject => "The deletions are undone: what is gone at one side is made again from the other.",
    };
    caller.done(
        HERE,
        flash,
        &json!({ "application": application, "way": way.as_str(), "decision": decision }),
    )
}
