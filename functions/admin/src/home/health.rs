//! How an application does, as a card: each line a state, and where it is mended.

use std::{collections::BTreeMap, time::Duration};

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use shared::{
    activation::ActivationState,
    application::{Application, ApplicationId},
    bigcommerce::Quota,
    report::AttentionKind,
    store::{EntryQuery, Of, Way},
    work::{Subject, Work},
};

use crate::{App, frame::grouped, refusal::Refusal};

/// How many rows of work are counted.
const COUNTED: u16 = 1000;

/// How long the overview waits for a store, in the machine's time: a page is not to hang on one.
const PATIENCE: Duration = Duration::from_secs(2);

/// How far back the last thing that a store told is looked for, and among how many entries.
const BACK: SignedDuration = SignedDuration::from_hours(7 * 24);
const ENTRIES: usize = 25;

/// After how long what waits is no longer usual.
const USUAL: SignedDuration = SignedDuration::from_mins(15);

/// From which share on mailbox providers take offence: so many in a thousand.
const MOST_BOUNCED: u64 = 50;
const MOST_COMPLAINED: u64 = 1;

/// Whether the store is asked while the page is made.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Asks {
    Yes,
    No,
}

/// How an application does.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Health {
    pub(super) id: ApplicationId,
    pub(super) name: String,
    pub(super) paused: bool,
    pub(super) lines: Vec<Line>,
}

impl Health {
    /// The worst of its lines.
    pub(super) fn state(&self) -> (&'static str, &'static str) {
        let has = |kind| self.lines.iter().any(|line| line.state == kind);
        match () {
            () if self.paused => ("warn", "paused"),
            () if has("bad") => ("bad", "needs you"),
            () if has("warn") => ("warn", "look"),
            () => ("good", "in order"),
        }
    }
}

/// A line of the card.
#[derive(Serialize)]
pub(super) struct Line {
    pub(super) name: &'static str,
    /// `good`, `warn`, `bad`, or empty where it is neither.
    pub(super) state: &'static str,
    pub(super) text: String,
    /// When it was, where it is about a time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) at: Option<Timestamp>,
    /// Where it is mended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) fix: Option<(&'static str, String)>,
}

impl Line {
    fn new(name: &'static str, state: &'static str, text: impl Into<String>) -> Line {
        Line { name, state, text: text.into(), at: None, fix: None }
    }

    fn at(self, at: Timestamp) -> Line {
        Line { at: Some(at), ..self }
    }

    fn fix(self, name: &'static str, address: impl Into<String>) -> Line {
        Line { fix: Some((name, address.into())), ..self }
    }
}

/// What waits to be looked at, as far as it is counted.
pub(super) struct Backlog {
    of: BTreeMap<ApplicationId, Vec<Work>>,
    users: usize,
    pub(super) is_more: bool,
}

impl Backlog {
    pub(super) async fn read(app: &App) -> Result<Backlog, Refusal> {
        let (rows, is_more) = app.tables().outstanding(COUNTED).await?;
        let mut backlog = Backlog { of: BTreeMap::new(), users: 0, is_more };
        for row in rows.into_iter().filter(|row| !row.dead) {
            match &row.subject {
                Subject::Customer(application, _) => {
                    backlog.of.entry(application.clone()).or_default().push(row)
                }
                Subject::User(_) => backlog.users += 1,
            }
        }
        Ok(backlog)
    }

    pub(super) fn waiting(&self) -> usize {
        self.users + self.of.values().map(Vec::len).sum::<usize>()
    }
}

/// A look at one application.
pub(super) struct Look<'a> {
    pub(super) app: &'a App,
    pub(super) application: &'a Application,
    pub(super) now: Timestamp,
}

impl Look<'_> {
    pub(super) async fn health(&self, backlog: &Backlog, asks: Asks) -> Result<Health, Refusal> {
        let asked = self.asked().await?;
        let mut lines = self.connection(&asked, asks).await;
        lines.push(self.webhooks(&asked));
        lines.push(self.last_event().await?);
        lines.push(self.backlog(backlog));
        lines.extend(self.deletions(&asked));
        lines.push(self.import().await?);
        lines.push(self.mail(&asked).await?);
        let Application { id, name, policies, .. } = self.application;
        Ok(Health { id: id.clone(), name: name.clone(), paused: policies.paused, lines })
    }

    fn here(&self, part: &str) -> String {
        format!("/admin/applications/{}{part}", self.application.id)
    }

    /// What is asked about the application as a whole.
    async fn asked(&self) -> Result<Vec<AttentionKind>, Refusal> {
        let id = &self.application.id;
        let whole = [
            AttentionKind::Credentials,
            AttentionKind::Webhook,
            AttentionKind::Deletions,
            AttentionKind::Mail,
            AttentionKind::Returns,
        ];
        let mut ids: Vec<_> = whole.into_iter().map(|kind| (kind, id.to_string())).collect();
        ids.extend(Way::ALL.map(|way| (AttentionKind::Deletions, way.about(id))));
        let asked = self.app.tables().attentions(&ids).await?;
        Ok(asked.into_iter().map(|attention| attention.kind).collect())
    }

    async fn connection(&self, asked: &[AttentionKind], asks: Asks) -> Vec<Line> {
        if asked.contains(&AttentionKind::Credentials) {
            let line = Line::new("Connection", "bad", "The store refuses the access token.");
            return vec![line.fix("Enter another API account", self.here("/credentials"))];
        }
        if asks == Asks::No {
            return vec![Line::new("Connection", "", "Open the application to ask its store.")];
        }
        let store = self.app.engine.api.store(self.application).with_patience(PATIENCE);
        match tokio::time::timeout(PATIENCE, store.time()).await {
            Ok(Ok(_)) => {
                let line = Line::new("Connection", "good", "The store answers.");
                [line].into_iter().chain(store.quota().map(|quota| self.quota(&quota))).collect()
            }
            Ok(Err(error)) => {
                let line = Line::new(
                    "Connection",
                    "bad",
                    format!("The store does not answer as it should: {error}."),
                );
                vec![line.fix("See what is the matter", self.here(""))]
            }
            Err(_) => {
                let line = Line::new("Connection", "warn", "The store did not answer within two seconds.");
                vec![line.fix("Ask it again", self.here(""))]
            }
        }
    }

    fn quota(&self, quota: &Quota) -> Line {
        let share = (quota.left * 100).checked_div(quota.per_window).unwrap_or(100);
        let text = format!("{share} % left: {} of {} calls.", grouped(quota.left), grouped(quota.per_window));
        let short = share < u64::from(self.application.policies.quota_reserve_percent);
        let line = Line::new("Quota", if short { "warn" } else { "good" }, text);
        if short { line.fix("Change the reserve", self.here("/policies")) } else { line }
    }

    fn webhooks(&self, asked: &[AttentionKind]) -> Line {
        match asked.contains(&AttentionKind::Webhook) {
            true => {
                Line::new("Webhooks", "bad", "The store takes none; changes are found by comparison only.")
                    .fix("Set them up again", self.here(""))
            }
            false => Line::new("Webhooks", "good", "Watched every quarter of an hour."),
        }
    }

    async fn last_event(&self) -> Result<Line, Refusal> {
        let query = EntryQuery {
            of: Of::Application(self.application.id.clone()),
            from: self.now - BACK,
            to: self.now + SignedDuration::from_mins(5),
            outcome: None,
            action: None,
            way: None,
            limit: ENTRIES,
            cursor: None,
        };
        let entries = self.app.tables().entries(&query).await?.entries;
        let last = entries.iter().find(|entry| entry.cause.starts_with("store/"));
        Ok(match last {
            Some(entry) => {
                Line::new("Last event", "good", "A change at the store was carried out").at(entry.at)
            }
            None => Line::new("Last event", "", "None among the latest changes."),
        })
    }

    fn backlog(&self, backlog: &Backlog) -> Line {
        let rows = backlog.of.get(&self.application.id).map(Vec::as_slice).unwrap_or_default();
        let Some(oldest) = rows.iter().map(|row| row.asked_at).min() else {
            return Line::new("Backlog", "good", "Nothing waits.");
        };
        let more = if backlog.is_more { " or more" } else { "" };
        let text = format!("{}{more} wait; the oldest since", grouped(rows.len() as u64));
        let late = self.now.duration_since(oldest) > USUAL && !self.application.policies.paused;
        let line = Line::new("Backlog", if late { "warn" } else { "good" }, text).at(oldest);
        if late { line.fix("See what fails", "/admin/attention") } else { line }
    }

    fn deletions(&self, asked: &[AttentionKind]) -> Option<Line> {
        let line = Line::new("Deletions", "bad", "Many wait for somebody to decide.");
        asked.contains(&AttentionKind::Deletions).then(|| line.fix("Decide", "/admin/attention"))
    }

    async fn import(&self) -> Result<Line, Refusal> {
        let job = self.app.tables().job(&self.application.id).await?;
        Ok(match job {
            Some(job) if job.run.state.is_open() => Line::new("Import", "good", "One is under way since")
                .at(job.run.begun_at)
                .fix("Watch it", "/admin/imports"),
            Some(job) => match job.full_at {
                Some(at) => Line::new("Import", "good", "All customers were last imported").at(at),
                None => Line::new("Import", "", "No full import was finished yet.")
                    .fix("Import", "/admin/imports"),
            },
            None => Line::new("Import", "", "Nothing was imported yet.").fix("Import", "/admin/imports"),
        })
    }

    /// How mailbox providers take the mails: bounces and complaints among those sent.
    async fn mail(&self, asked: &[AttentionKind]) -> Result<Line, Refusal> {
        let tallies = self.app.tables().activation_tallies(&self.application.id).await?;
        let of = |state| tallies.get(&state).copied().unwrap_or_default();
        let waiting = of(ActivationState::NotInvited) + of(ActivationState::Queued);
        let sent = tallies.values().sum::<u64>().saturating_sub(waiting);
        let (bounced, complained) = (of(ActivationState::Bounced), of(ActivationState::Complained));
        if sent == 0 {
            return Ok(Line::new("Mail", "", "None was sent yet."));
        }
        let text = format!(
            "{} sent, {} bounced, {} complained.",
            grouped(sent),
            grouped(bounced),
            grouped(complained)
        );
        let many = asked.iter().any(|kind| matches!(kind, AttentionKind::Mail | AttentionKind::Returns))
            || bounced * 1000 > sent * MOST_BOUNCED
            || complained * 1000 > sent * MOST_COMPLAINED;
        let line = Line::new("Mail", if many { "bad" } else { "good" }, text);
        Ok(if many { line.fix("Stop and look at the addresses", "/admin/onboarding") } else { line })
    }
}
