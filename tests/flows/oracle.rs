//! The oracle: what holds of a store, the directory and the report once faults have stopped and
//! the work has drained.
//!
//! * (a) both sides hold the same people, with the same values (`people`)
//! * (b) nobody was created twice at the store, at any time (`people`)
//! * (c) each delivery that was accepted became work, and its customer was looked at (`deliveries`)
//! * (d) the report tells what happened to each user (`told`)
//! * (e) the store's quota was never exceeded by more than a call a window
//! * (f) no work is left but what is dead and told
//!
//! `doubts` proves of each of them that it can fail.

mod deliveries;
mod doubts;
mod people;
mod told;

use jiff::Timestamp;
use local::{
    bigcommerce::{Calls, Entry as Line},
    stack::Stack,
};
use serde_json::Value;
use shared::{
    application::Application,
    bigcommerce::Customer,
    report::{Attention, AttentionKind, Entry},
    store::{EntryQuery, Of},
    user::User,
};

/// No problem.
pub(crate) const NOTHING: [&str; 0] = [];

/// Everything is in step, and everything that happened was told.
pub(crate) async fn all_is_well(stack: &Stack, application: &Application) {
    assert_eq!(problems(stack, application).await, NOTHING);
}

/// What is not as it should be where a person need be asked nothing.
pub(crate) async fn problems(stack: &Stack, application: &Application) -> Vec<String> {
    let evidence = Evidence::of(stack, application).await;
    let asked = evidence.attention.iter().map(|asked| format!("a person is asked: {}", asked.detail));
    evidence.problems(&[]).into_iter().chain(asked).collect()
}

/// As [`all_is_well`], but for customers that a person is asked about.
pub(crate) async fn well_but_for(stack: &Stack, application: &Application, apart: &[u32]) {
    assert_eq!(Evidence::of(stack, application).await.problems(apart), NOTHING);
}

/// (a) alone: the same people on both sides, whatever the report still tells of them.
pub(crate) async fn in_step(stack: &Stack, application: &Application) {
    assert_eq!(Evidence::of(stack, application).await.out_of_step(&[]), NOTHING);
}

/// What is there and what was seen to happen, from the store, the tables, the streams and the log.
#[derive(Clone)]
struct Evidence {
    application: Application,
    customers: Vec<Customer>,
    users: Vec<User>,
    /// How many users the directory says it has.
    counted: u64,
    /// The report, oldest first.
    entries: Vec<Entry>,
    attention: Vec<Attention>,
    /// The rows of work that are left.
    work: Vec<Row>,
    /// Each event that a row of work was ever written for.
    arrivals: Vec<Arrival>,
    log: Vec<Line>,
    calls: Calls,
}

/// A row of work that is left.
#[derive(Clone, Debug)]
struct Row {
    subject: String,
    dead: bool,
}

/// An event that was written into a row of work; the token is its own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Arrival {
    subject: String,
    cause: String,
    token: String,
}

impl Evidence {
    async fn of(stack: &Stack, application: &Application) -> Evidence {
        let row = |row: Value| Row { subject: text(&row["subject"]), dead: row["dead"]["BOOL"] == true };
        Evidence {
            application: application.clone(),
            customers: stack.store().customers(),
            users: users(stack).await,
            counted: stack.tables().count_users().await.unwrap(),
            entries: entries(stack, application).await,
            attention: attention(stack).await,
            work: stack.engine().items("WorkTable").unwrap().into_iter().map(row).collect(),
            arrivals: arrivals(stack),
            log: stack.store().log(),
            calls: stack.store().calls(),
        }
    }

    /// What is not as it should be; of the customers that are `apart`, that nobody is asked.
    fn problems(&self, apart: &[u32]) -> Vec<String> {
        let mut found = self.out_of_step(apart);
        found.extend(self.created_twice());
        found.extend(self.unaccounted());
        found.extend(self.mistold(apart));
        found.extend(self.exceeded());
        found.extend(self.left());
        found.extend(self.unasked(apart));
        found
    }

    /// (e)
    fn exceeded(&self) -> Option<String> {
        let most = self.calls.most_refused_in_a_window;
        (most > 1).then(|| format!("(e) the quota was exceeded by {most} calls in a window"))
    }

    /// (f)
    fn left(&self) -> Vec<String> {
        let unfinished = |row: &&Row| !row.dead || !self.is_told_dead(&row.subject);
        self.work.iter().filter(unfinished).map(|row| format!("(f) work is left: {row:?}")).collect()
    }

    /// Whether a person was told that work on this subject is given up.
    fn is_told_dead(&self, subject: &str) -> bool {
        self.attention.iter().any(|asked| asked.kind == AttentionKind::Dead && asked.about == subject)
    }

    fn unasked(&self, apart: &[u32]) -> Vec<String> {
        let is_asked = |customer: &u32| {
            let of_it = format!("#{customer}");
            let subjects = |asked: &Attention| asked.waiting.iter().map(ToString::to_string).collect();
            let about = |asked: &Attention, waiting: Vec<String>| {
                waiting.iter().chain([&asked.about]).any(|subject| subject.ends_with(&of_it))
            };
            self.attention.iter().any(|asked| about(asked, subjects(asked)))
        };
        let unasked = apart.iter().filter(|customer| !is_asked(customer));
        unasked.map(|customer| format!("nobody is asked about customer {customer}")).collect()
    }
}

fn text(attribute: &Value) -> String {
    attribute["S"].as_str().unwrap_or_default().to_owned()
}

/// From the stream of the work table: a fresh token is a new event.
fn arrivals(stack: &Stack) -> Vec<Arrival> {
    let mut arrivals = std::collections::BTreeSet::new();
    let mut after: Option<String> = None;
    loop {
        let records = stack.engine().records("WorkTable", after.as_deref(), 1000).unwrap();
        let Some(last) = records.last() else { return arrivals.into_iter().collect() };
        after = last["dynamodb"]["SequenceNumber"].as_str().map(str::to_owned);
        let images = records.iter().map(|record| &record["dynamodb"]["NewImage"]);
        arrivals.extend(images.filter(|image| image.is_object()).map(|image| Arrival {
            subject: text(&image["subject"]),
            cause: text(&image["cause"]),
            token: text(&image["token"]),
        }));
    }
}

/// Everybody in the directory.
pub(crate) async fn users(stack: &Stack) -> Vec<User> {
    let mut users: Vec<User> = Vec::new();
    loop {
        let after = users.last().map(|user| user.id.clone());
        let page = stack.tables().page_of_users(after.as_ref(), 100).await.unwrap();
        if page.is_empty() {
            return users;
        }
        users.extend(page);
    }
}

/// The whole report of an application, oldest first.
pub(crate) async fn entries(stack: &Stack, application: &Application) -> Vec<Entry> {
    let mut query = EntryQuery {
        of: Of::Application(application.id.clone()),
        from: Timestamp::constant(1_767_000_000, 0),
        to: stack.clock().now() + std::time::Duration::from_secs(1),
        outcome: None,
        action: None,
        way: None,
        limit: 250,
        cursor: None,
    };
    let mut entries = Vec::new();
    loop {
        let page = stack.tables().entries(&query).await.unwrap();
        entries.extend(page.entries);
        query.cursor = page.next;
        if query.cursor.is_none() {
            entries.reverse();
            return entries;
        }
    }
}

/// Everything that a person is asked.
pub(crate) async fn attention(stack: &Stack) -> Vec<Attention> {
    stack.tables().all_attention(None, 100).await.unwrap().attention
}
