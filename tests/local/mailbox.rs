//! Where mails end up: an endpoint that speaks as SES does, and a page that shows what it took.
//! `GET /mailbox` answers with JSON when asked for it.
//!
//! It has SES's limits (a rate, a quota of the day, what it takes for an address), tells of each
//! mail what a configuration set's events tell, and fails where a test says so.

mod events;
mod faults;
mod limits;
mod page;
mod ses;

use std::{
    collections::{BTreeMap, VecDeque},
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{Router, routing::post};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use shared::clock::Clock;
use tokio::{net::TcpListener, task::JoinHandle};

pub use faults::{Fate, Fault};
use limits::Limits;

use crate::clock::Activity;

/// A mail as it was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Mail {
    /// The identifier that it was given.
    pub id: String,
    /// When it was taken.
    pub at: Timestamp,
    /// The sender, as the header has it.
    pub from: String,
    /// The recipients' addresses.
    pub to: Vec<String>,
    /// Where answers go.
    pub reply_to: Vec<String>,
    /// The subject.
    pub subject: String,
    /// The part in plain text; empty for none.
    pub text: String,
    /// The part in HTML; empty for none.
    pub html: String,
    /// What its events bear.
    pub tags: BTreeMap<String, String>,
}

/// The mailbox, served until it is dropped.
pub struct Mailbox {
    url: String,
    state: Shared,
    server: JoinHandle<()>,
}

/// What the endpoint and the page share.
#[derive(Clone)]
struct Shared(Arc<Mutex<State>>);

struct State {
    clock: Clock,
    mails: Vec<Mail>,
    limits: Limits,
    faults: VecDeque<Fault>,
    fates: BTreeMap<String, Fate>,
    events: VecDeque<Value>,
    events_are_lost: bool,
    activity: Activity,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Mailbox {
    /// An empty mailbox on a port of the loopback address (0: any free one).
    ///
    /// # Errors
    /// When the port cannot be opened.
    pub async fn start(port: u16, clock: Clock) -> io::Result<Mailbox> {
        let state = Shared(Arc::new(Mutex::new(State {
            clock,
            mails: Vec::new(),
            limits: Limits::default(),
            faults: VecDeque::new(),
            fates: BTreeMap::new(),
            events: VecDeque::new(),
            events_are_lost: false,
            activity: Activity::default(),
        })));
        let router = Router::new().route("/", post(ses::call)).merge(page::router());
        let router = router.with_state(state.clone());
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let server = tokio::spawn(async move {
            // It returns when the task is aborted, and not before.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Mailbox { url, state, server })
    }

    /// The address of the endpoint; the page is at `/mailbox` below it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What was taken, in order.
    pub fn mails(&self) -> Vec<Mail> {
        self.state.state().mails.clone()
    }

    /// What was taken for this address, in order.
    pub fn mails_to(&self, address: &str) -> Vec<Mail> {
        self.mails().into_iter().filter(|mail| mail.to.iter().any(|to| to == address)).collect()
    }

    /// From now on takes so many mails a second, and a day.
    pub fn limit(&self, a_second: f64, a_day: f64) {
        self.state.state().limits.set(a_second, a_day);
    }

    /// Fails the next calls that send, one after the other.
    pub fn fail_next(&self, faults: impl IntoIterator<Item = Fault>) {
        self.state.state().faults.extend(faults);
    }

    /// What becomes of mails to an address from now on.
    pub fn destine(&self, address: &str, fate: Fate) {
        self.state.state().fates.insert(address.to_owned(), fate);
    }

    /// From now on tells of no mail, or tells again.
    pub fn lose_events(&self, lose: bool) {
        self.state.state().events_are_lost = lose;
    }

    /// What is to be told of mails, taken out, in order: events as EventBridge hands them over.
    pub fn take_events(&self) -> Vec<Value> {
        self.state.state().events.drain(..).collect()
    }

    /// What goes on.
    pub fn activity(&self) -> Activity {
        self.state.state().activity
    }
}

impl Drop for Mailbox {
    fn drop(&mut self) {
        self.server.abort();
    }
}
