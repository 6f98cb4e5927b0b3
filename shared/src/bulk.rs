//! Changes of many users at once: those that were picked one by one, or all that a search finds. It
//! is done page by page, by whoever has the time, goes on where it stopped, and tells of each user
//! for whom it could not be done.

use std::fmt;

use futures_util::{StreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    client::{Client, ClientId},
    clock::{Clock, random_id},
    directory::{Precondition, Refused, Writer},
    scim::Schemas,
    search::{Place, Search},
    store::{self, Tables},
    user::UserId,
    work::Subject,
};

/// How many users may be picked one by one.
pub const MOST_PICKED: usize = 1_000;

/// How many users are changed before it is noted how far it is.
const PAGE: usize = 50;

/// How many users are written at once.
const WRITERS: usize = 8;

/// Of how many users it is told why it could not be done.
const MOST_TOLD: usize = 100;

/// For how long who has it at work has it alone: longer than a page takes.
const LEASE: SignedDuration = SignedDuration::from_secs(60);

/// What is done to each user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Task {
    /// Activated.
    Activate,
    /// Deactivated.
    Deactivate,
    /// Deleted.
    Delete,
    /// Looked at again, at each store.
    Provision,
}

/// Which users.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Selection {
    /// These.
    Picked(Vec<UserId>),
    /// Those that are found.
    Matching(Search),
}

/// A change of many users.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Bulk {
    /// Sorts by time.
    pub id: String,
    /// What is done.
    pub task: Task,
    /// To whom.
    pub selection: Selection,
    /// Who asked for it.
    pub asked_by: String,
    /// When.
    pub begun_at: Timestamp,
    /// When it was over; `None`: it is under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// Whether it ended because somebody said so.
    #[serde(default)]
    pub cancelled: bool,
    /// After which user it goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// For how many it was done.
    #[serde(default)]
    pub done: u64,
    /// For how many it could not be done.
    #[serde(default)]
    pub failed: u64,
    /// Why, for the first of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failures: Vec<Failure>,
    /// Until when somebody has it at work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leased_until: Option<Timestamp>,
    /// Grows by one with each write: the condition of the next.
    pub revision: u64,
}

/// A user for whom it could not be done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    /// Who.
    pub user: UserId,
    /// Why.
    pub reason: String,
}

impl Task {
    /// In one word, for people.
    pub fn word(self) -> &'static str {
        match self {
            Task::Activate => "Activate",
            Task::Deactivate => "Deactivate",
            Task::Delete => "Delete",
            Task::Provision => "Provision now",
        }
    }
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl Bulk {
    /// To begin.
    pub fn new(task: Task, selection: Selection, asked_by: &str, now: Timestamp) -> Bulk {
        Bulk {
            id: format!("{:012}-{}", now.as_millisecond(), random_id()),
            task,
            selection,
            asked_by: asked_by.to_owned(),
            begun_at: now,
            ended_at: None,
            cancelled: false,
            after: None,
            done: 0,
            failed: 0,
            failures: Vec::new(),
            leased_until: None,
            revision: 1,
        }
    }

    /// Whether it is under way.
    pub fn is_open(&self) -> bool {
        self.ended_at.is_none()
    }

    fn count(&mut self, user: UserId, ended: Result<(), Refused>) {
        match ended {
            // Who is gone already needs no deletion.
            Ok(()) => self.done += 1,
            Err(Refused::NoUser) if self.task == Task::Delete => self.done += 1,
            Err(refused) => {
                self.failed += 1;
                if self.failures.len() < MOST_TOLD {
                    self.failures.push(Failure { user, reason: refused.sentence() });
                }
            }
        }
    }
}

/// Goes on with the changes that nobody has at work, until `until`.
///
/// # Errors
/// When the tables do not answer.
pub async fn go_on(tables: &Tables, clock: &Clock, until: Timestamp) -> Result<(), store::Error> {
    for bulk in tables.open_bulks().await? {
        carry_out(tables, clock, bulk, until).await?;
    }
    Ok(())
}

/// Goes on with one change until `until`, and gives how far it is; of one that somebody else has at
/// work nothing is done.
///
/// # Errors
/// When the tables do not answer.
pub async fn carry_out(
    tables: &Tables,
    clock: &Clock,
    mut bulk: Bulk,
    until: Timestamp,
) -> Result<Bulk, store::Error> {
    let fields = tables.profile_fields().await?;
    let schemas = Schemas::user(&fields);
    let client = console();
    let writer =
        Writer { tables, clock, client: &client, fields: &fields, schemas: &schemas, cause: "console/bulk" };
    while bulk.is_open() && clock.now() < until {
        if bulk.leased_until.is_some_and(|leased| leased > clock.now()) {
            return Ok(bulk);
        }
        bulk.leased_until = Some(clock.now() + LEASE);
        if !tables.put_bulk(&mut bulk).await? {
            break;
        }
        let (users, after) = page(tables, &bulk).await?;
        let ended: Vec<_> = stream::iter(users)
            .map(|user| {
                let (writer, task) = (&writer, bulk.task);
                async move {
                    let ended = turn(writer, task, &user).await;
                    (user, ended)
                }
            })
            .buffer_unordered(WRITERS)
            .collect()
            .await;
        ended.into_iter().for_each(|(user, ended)| bulk.count(user, ended));
        bulk.ended_at = after.is_none().then(|| clock.now());
        bulk.after = after;
        bulk.leased_until = None;
        if !tables.put_bulk(&mut bulk).await? {
            break;
        }
    }
    Ok(tables.bulk(&bulk.id).await?.unwrap_or(bulk))
}

/// As whom the console writes users.
pub fn console() -> Client {
    let id = ClientId::try_from("console".to_owned());
    Client::new(id.expect("it is lower-case letters"), "Console")
}

/// The next users, and after whom it then goes on; `None`: there are no more.
async fn page(tables: &Tables, bulk: &Bulk) -> Result<(Vec<UserId>, Option<String>), store::Error> {
    match &bulk.selection {
        Selection::Picked(users) => {
            let place = bulk.after.as_ref().and_then(|after| after.parse::<usize>().ok()).unwrap_or_default();
            let page: Vec<UserId> = users.iter().skip(place).take(PAGE).cloned().collect();
            let next = place + page.len();
            Ok((page, (next < users.len()).then(|| next.to_string())))
        }
        Selection::Matching(search) => {
            let after = bulk.after.as_ref().and_then(|after| after.parse::<Place>().ok());
            let found = tables.search(search, after.as_ref(), PAGE).await?;
            let users = found.users.into_iter().map(|user| user.id).collect();
            Ok((users, found.next.map(|next| next.to_string())))
        }
    }
}

async fn turn(writer: &Writer<'_>, task: Task, user: &UserId) -> Result<(), Refused> {
    let any = Precondition::default();
    match task {
        Task::Activate | Task::Deactivate => {
            let change = |user: &mut crate::user::User| {
                (user.active, user.active_unassigned) = (task == Task::Activate, false);
                Ok(())
            };
            writer.change(user, &any, change).await.map(drop)
        }
        Task::Delete => writer.delete(user, &any).await,
        Task::Provision => {
            let subject = Subject::User(user.clone());
            Ok(writer.tables.enqueue(&subject, writer.cause, writer.clock.now()).await?)
        }
    }
}
