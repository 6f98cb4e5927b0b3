//! A simulated BigCommerce store. It speaks the real wire, with its limits and its quirks, goes wrong
//! on order, and has a page where one can look at it and edit it. The map:
//!
//! * `gate`, `limits`, `faults`, `log`: what every call passes, and what is noted of it
//! * `customers`, `listing`, `addresses`, `attributes`, `attribute_values`, `form_fields`, `settings`,
//!   `consent`, `credentials`, `hooks`, `groups`, `information`: the API, an endpoint a file
//! * `query`, `check`, `paging`, `wire`, `errors`: reading calls and writing answers
//! * `events`, `delivery`, `blocklist`: webhooks
//! * `state`, `record`, `file`, `shop`: what the store remembers
//! * `channels`, `countries`: rules about where
//! * `page`, `forms`: the store's own pages
//! * `seed`: made-up customers

mod addresses;
mod attribute_values;
mod attributes;
mod blocklist;
mod channels;
mod check;
mod consent;
mod countries;
mod credentials;
mod customers;
mod delivery;
mod errors;
mod events;
mod faults;
mod file;
mod form_fields;
mod forms;
mod gate;
mod groups;
mod hooks;
mod information;
mod limits;
mod listing;
mod log;
mod page;
mod paging;
mod poison;
mod query;
mod record;
mod routes;
mod seed;
mod settings;
mod shop;
mod state;
mod wire;

use std::{
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use shared::{
    bigcommerce::Customer,
    clock::{Clock, random_bytes},
    secret::Secret,
};
use tokio::{sync::oneshot, task::JoinHandle};

pub use faults::{Fault, FaultKind};
pub use limits::Plan;
pub use log::{Calls, EndpointCalls, Entry, Outcome};
pub use poison::Blame;

use crate::loopback::Loopback;
use shop::Shop;
use state::State;

/// How a store is set up.
#[derive(Clone, Debug)]
pub struct Config {
    /// The port to listen at; 0 is any that is free.
    pub port: u16,
    /// The account's values; random if absent, unless `state` holds one.
    pub account: Option<Account>,
    /// The store's name.
    pub name: String,
    /// The store's number, which webhooks carry.
    pub store_id: u32,
    /// The quota of calls.
    pub plan: Plan,
    /// The scopes of the access token.
    pub scopes: Vec<String>,
    /// The channels; 1 is the default storefront.
    pub channels: Vec<u32>,
    /// Whether hooks may be registered for destinations other than https at port 443.
    pub allow_local_destinations: bool,
    /// How long after an event its first delivery is due.
    pub delivery_delay: Duration,
    /// How long a receiver may take to answer, in real time.
    pub delivery_timeout: Duration,
    /// The seed of chance in faults.
    pub seed: u64,
    /// The file to begin from, if it exists (see [`Simulator::save`]).
    pub state: Option<PathBuf>,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            port: 0,
            account: None,
            name: "Simulated store".to_owned(),
            store_id: 1_025_646,
            plan: Plan::STANDARD,
            scopes: vec!["store_v2_customers".to_owned(), "store_v2_information_read_only".to_owned()],
            channels: vec![1, 2],
            allow_local_destinations: false,
            delivery_delay: Duration::ZERO,
            delivery_timeout: Duration::from_secs(10),
            seed: 1,
            state: None,
        }
    }
}

/// The API account of a store.
#[derive(Clone, Debug)]
pub struct Account {
    /// The store's hash, which is in every path.
    pub store_hash: String,
    /// Who owns the hooks.
    pub client_id: String,
    /// The key of the signatures.
    pub client_secret: Secret,
    /// The value of `X-Auth-Token`.
    pub access_token: Secret,
}

impl Account {
    /// Values that look like real ones.
    pub fn random() -> Account {
        Account {
            store_hash: letters::<10>(),
            client_id: letters::<31>(),
            client_secret: Secret::new(hexadecimal::<32>()),
            access_token: Secret::new(letters::<31>()),
        }
    }
}

fn letters<const N: usize>() -> String {
    const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    random_bytes::<N>().iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect()
}

fn hexadecimal<const N: usize>() -> String {
    random_bytes::<N>().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The store could not be started or kept.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No socket.
    #[error("cannot listen (127.0.0.1 at the port of the configuration must be free)")]
    Listen(#[source] io::Error),
    /// No client for deliveries.
    #[error("cannot make a client for deliveries")]
    Client(#[source] reqwest::Error),
    /// The state file cannot be read or written.
    #[error("cannot reach the state file")]
    File(#[source] io::Error),
    /// A line of the state file is no record.
    #[error("cannot read or write a line of the state file (one JSON value a line)")]
    Line(#[source] serde_json::Error),
}

impl Error {
    /// Whether another try may succeed.
    pub fn retryable(&self) -> bool {
        match self {
            Error::Listen(_) | Error::File(_) => true,
            Error::Client(_) | Error::Line(_) => false,
        }
    }
}

/// A running store; it stops when this is dropped.
pub struct Simulator {
    shop: Arc<Shop>,
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    tasks: Vec<JoinHandle<()>>,
}

impl Simulator {
    /// Starts a store, within a Tokio runtime.
    ///
    /// # Errors
    /// When it cannot listen, or cannot read the state file.
    pub fn start(config: Config, clock: Clock) -> Result<Simulator, Error> {
        let kept = config.state.as_deref().map(file::load).transpose()?.flatten();
        let (account, state) = match (kept, config.account.clone()) {
            (Some((_, state)), Some(account)) => (account, state),
            (Some(kept), None) => kept,
            (None, account) => (account.unwrap_or_else(Account::random), State::default()),
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, config.port)).map_err(Error::Listen)?;
        listener.set_nonblocking(true).map_err(Error::Listen)?;
        let address = listener.local_addr().map_err(Error::Listen)?;
        let listener = tokio::net::TcpListener::from_std(listener).map_err(Error::Listen)?;
        let http = client(config.delivery_timeout)?;
        let shop = Shop::new(config, account, state, clock, http);
        let (stop, stopped) = oneshot::channel::<()>();
        let router = routes::router(&shop);
        let server = axum::serve(listener, router).with_graceful_shutdown(async {
            let _ = stopped.await;
        });
        // The server ends with the oneshot; an error of its socket ends it too, and callers see it refuse.
        let task = tokio::spawn(async move { drop(server.await) });
        Ok(Simulator { shop, address, stop: Some(stop), tasks: vec![task] })
    }

    /// The address below which `/stores/{hash}/v3/...` hangs, and where the store's page is.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Has this store's address lead to `other`, too, as BigCommerce's leads to all stores.
    pub fn lead_to(&self, other: &Simulator) {
        self.shop.lead_to(&other.shop, routes::router(&other.shop));
    }

    /// The API account as it is now.
    pub fn account(&self) -> Account {
        self.shop.account().clone()
    }

    /// Gives the account a new token and secret; the old ones are good for nothing from now on.
    pub fn rotate(&self) -> Account {
        let mut account = self.shop.account();
        let fresh = Account::random();
        (account.client_secret, account.access_token) = (fresh.client_secret, fresh.access_token);
        account.clone()
    }

    /// Sends the webhooks that are due now, each once, and returns how many it tried.
    pub async fn deliver_due(&self) -> usize {
        delivery::deliver_due(&self.shop).await
    }

    /// Keeps sending what is due, looking five times a second of the clock, until this is dropped.
    pub fn deliver_in_background(&mut self) {
        let shop = Arc::clone(&self.shop);
        self.tasks.push(tokio::spawn(async move {
            loop {
                delivery::deliver_due(&shop).await;
                shop.clock.sleep(Duration::from_millis(200)).await;
            }
        }));
    }

    /// Deliveries that are not settled: waiting, on their way, or to be tried again.
    pub fn pending(&self) -> usize {
        self.shop.state().pending()
    }

    /// When the next delivery is due.
    pub fn next_due(&self) -> Option<jiff::Timestamp> {
        self.shop.state().queue.keys().next().map(|(due, _)| *due)
    }

    /// Everything the store knows of its customers, by identifier, with all their parts.
    pub fn customers(&self) -> Vec<Customer> {
        let state = self.shop.state();
        let read = |customer| serde_json::from_value(serde_json::to_value(wire::whole(customer)).ok()?).ok();
        state.customers().values().filter_map(read).collect()
    }

    /// How many customers there are.
    pub fn count(&self) -> usize {
        self.shop.state().customers().len()
    }

    /// Orders faults.
    pub fn faults(&self, faults: impl IntoIterator<Item = Fault>) {
        routes::order(&self.shop, faults);
    }

    /// Nothing goes wrong any more.
    pub fn clear_faults(&self) {
        self.shop.traffic().faults.clear();
    }

    /// What is known about the calls.
    pub fn calls(&self) -> Calls {
        routes::calls(&self.shop)
    }

    /// What happened, oldest first.
    pub fn log(&self) -> Vec<Entry> {
        self.shop.traffic().log.lines()
    }

    /// Adds `count` made-up customers, the same for the same `seed`. Nobody is told of them.
    pub fn seed(&self, count: u32, seed: u64) {
        seed::seed(&mut self.shop.state(), count, seed, self.shop.second());
    }

    /// Changes a customer's first address, or a text of its own, past the rules of today, as records
    /// are that are older than a rule. Nobody is told of it.
    pub fn set_past_the_rules(&self, customer: u32, field: &str, value: &str) {
        let mut state = self.shop.state();
        let Some(mut aged) = state.customers().get(&customer).cloned() else { return };
        aged.set_past_the_rules(field, value);
        state.put(aged);
    }

    /// Writes everything to a file, from which another store can begin.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), Error> {
        let account = self.account();
        file::save(path, &account, &self.shop.state(), self.shop.clock.now())
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        drop(self.stop.take());
        for task in self.tasks.iter().skip(1) {
            task.abort();
        }
    }
}

/// The `webhook-signature` of a delivery, for a test that sends one itself.
pub fn sign(client_secret: &Secret, id: &str, timestamp: i64, body: &str) -> String {
    delivery::sign(client_secret.expose(), id, timestamp, body)
}

/// The client of deliveries, which names itself as the live one does.
fn client(timeout: Duration) -> Result<reqwest::Client, Error> {
    // Somebody else may have installed a provider; any will do.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .user_agent("pekko-http/1.3.0")
        .redirect(reqwest::redirect::Policy::none())
        .timeout(timeout)
        .dns_resolver(Arc::new(Loopback))
        .build()
        .map_err(Error::Client)
}
