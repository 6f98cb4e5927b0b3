//! The whole system in one process: the engine, the functions and what wakes them, a simulated
//! store and a mailbox. A test starts one, makes things happen, and lets it `settle`; `cargo run`
//! starts one and leaves it to run.

mod connect;
mod data;
mod error;
mod functions;
mod mails;
mod options;
mod settle;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use shared::{bigcommerce::Api, clock::Clock, store::Tables};
use tokio::task::JoinHandle;

pub use data::{Running, running};
pub use error::Error;
pub use options::{Options, Time};
pub use settle::Unsettled;

use crate::{
    bigcommerce::{Config, Simulator},
    clock::{Activity, ManualClock},
    engine::Engine,
    gateway::{Gateway, Port},
    mailbox::Mailbox,
    template::Template,
    triggers::{EventRule, Function, Killer, Schedule, StreamPump},
};
use data::Data;

/// A running stack. One that is driven by hand must have nothing left to do when it is dropped
/// (see [`Stack::leave_work`]).
pub struct Stack {
    engine: Arc<Engine>,
    gateway: Gateway,
    store: Arc<Simulator>,
    /// Other stores at the same address.
    others: Vec<Arc<Simulator>>,
    mailbox: Arc<Mailbox>,
    tables: Tables,
    bigcommerce: Api,
    clock: Clock,
    time: Time,
    sync: Function,
    pumps: Vec<Arc<StreamPump>>,
    schedules: Vec<Arc<Schedule>>,
    rules: Arc<Vec<EventRule>>,
    killer: Killer,
    killer_of_requests: Killer,
    data: Data,
    background: Vec<JoinHandle<()>>,
    may_leave_work: AtomicBool,
}

impl Stack {
    /// Starts a stack.
    ///
    /// # Errors
    /// When a port is taken, the data directory is in use or unfit, or the template holds what the
    /// stack does not know.
    pub async fn start(options: Options) -> Result<Stack, Error> {
        let template = Template::deployed()?;
        let clock = match &options.time {
            Time::ByHand(clock) => clock.clock(),
            Time::Machine => Clock::system(),
        };
        let data = Data::open(options.data.as_deref(), &options.time)?;
        let engine = Arc::new(Engine::start(data.keep(&clock), &template).await?);
        let store = Arc::new(start_store(&options, &data, &clock)?);
        let names = functions::table_names(&template)?;
        let tables = Tables::new(engine.client(), names, data.vault()?).with_clock(clock.clone());
        let tables = if options.metered { tables.metered() } else { tables };
        let bigcommerce = match options.patience {
            Some(patience) => Api::with_patience(&store.url(), clock.clone(), patience)?,
            None => Api::new(&store.url(), clock.clone())?,
        };
        let port = data.with_port(options.port, Port::open).await?;
        data.remember_port(port.url())?;
        let mailbox = Mailbox::start(next_port(options.port, 2), clock.clone()).await;
        let mailbox = Arc::new(mailbox.map_err(Error::Mailbox)?);
        let functions = functions::Functions::new(
            |function| tables.clone().with_client(&engine.client_of(function)),
            &bigcommerce,
            &mails::mailer(mailbox.url())?,
            &clock,
            port.url(),
        );
        let killer = Killer::default();
        let killer_of_requests = Killer::default();
        let gateway = Gateway::start(&template, functions.routers(&killer_of_requests), port)?;
        let stack = Stack {
            gateway,
            mailbox,
            sync: functions.sync(),
            pumps: functions.pumps(&template, &engine, &killer)?,
            schedules: functions.schedules(&template, &clock, &killer)?,
            rules: Arc::new(functions.rules(&template, &killer)?),
            time: options.time,
            background: Vec::new(),
            others: Vec::new(),
            may_leave_work: AtomicBool::new(false),
            engine,
            store,
            tables,
            bigcommerce,
            clock,
            killer,
            killer_of_requests,
            data,
        };
        Ok(stack.driven())
    }

    /// Lets whoever moves the time also see to what is pending.
    fn driven(mut self) -> Stack {
        match self.time.clone() {
            Time::ByHand(clock) => {
                let gate = self.engine.gate().clone();
                clock.watch(move || gate.activity());
                watch(&clock, &self.store);
                let mailbox = Arc::downgrade(&self.mailbox);
                clock.watch(move || mailbox.upgrade().map(|mailbox| mailbox.activity()).unwrap_or_default());
            }
            Time::Machine => self.run(),
        }
        self
    }

    fn run(&mut self) {
        let pumps = self.pumps.iter().map(|pump| tokio::spawn(pump.clone().run(self.clock.clone())));
        self.background.extend(pumps);
        self.background.extend(self.schedules.iter().map(|schedule| tokio::spawn(schedule.clone().run())));
        let (mailbox, rules) = (self.mailbox.clone(), self.rules.clone());
        self.background.push(tokio::spawn(mails::tell(mailbox, rules, self.clock.clone())));
        let (engine, clock, pumps) = (self.engine.clone(), self.clock.clone(), self.pumps.clone());
        self.background.push(tokio::spawn(async move {
            loop {
                clock.sleep(Duration::from_secs(10)).await;
                look_after(&engine, &clock, &pumps).await;
            }
        }));
    }

    /// The address of the API, without a slash at the end.
    pub fn api(&self) -> &str {
        self.gateway.url()
    }

    /// The simulated store.
    pub fn store(&self) -> &Simulator {
        &self.store
    }

    /// Opens another store at the same address: what its hash is in goes there.
    ///
    /// # Errors
    /// When it cannot listen.
    pub fn open_store(&mut self, config: Config) -> Result<Arc<Simulator>, Error> {
        let config = Config { allow_local_destinations: true, ..config };
        let mut other = Simulator::start(config, self.clock.clone())?;
        if let Time::Machine = self.time {
            other.deliver_in_background();
        }
        let other = Arc::new(other);
        self.store.lead_to(&other);
        if let Time::ByHand(clock) = &self.time {
            watch(clock, &other);
        }
        self.others.push(other.clone());
        Ok(other)
    }

    /// All stores.
    fn stores(&self) -> impl Iterator<Item = &Arc<Simulator>> {
        std::iter::once(&self.store).chain(&self.others)
    }

    /// The mailbox.
    pub fn mailbox(&self) -> &Mailbox {
        &self.mailbox
    }

    /// The tables, as the functions have them.
    pub fn tables(&self) -> &Tables {
        &self.tables
    }

    /// The stores' API, as the functions have it.
    pub fn bigcommerce(&self) -> &Api {
        &self.bigcommerce
    }

    /// The engine, with its gate for faults.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Kills functions that are woken by streams and schedules, when it is told to.
    pub fn killer(&self) -> &Killer {
        &self.killer
    }

    /// Kills functions that answer requests, when it is told to.
    pub fn killer_of_requests(&self) -> &Killer {
        &self.killer_of_requests
    }

    /// The time of all of it.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Who moves the time.
    pub fn time(&self) -> &Time {
        &self.time
    }

    /// Lets the stack be dropped with work left to do.
    pub fn leave_work(&self) {
        self.may_leave_work.store(true, Ordering::Relaxed);
    }

    /// Writes down what is only in memory: the store, and how far the streams were read.
    ///
    /// # Errors
    /// When the data directory cannot be written.
    pub async fn save(&self) -> Result<(), Error> {
        if let Some(path) = self.data.store() {
            self.store.save(&path)?;
            for pump in &self.pumps {
                pump.forget_done().await?;
            }
        }
        Ok(())
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        self.background.iter().for_each(JoinHandle::abort);
        let by_hand = matches!(self.time, Time::ByHand(_));
        if by_hand && !self.may_leave_work.load(Ordering::Relaxed) && !std::thread::panicking() {
            let left = self.left();
            assert!(left.is_empty(), "the stack was dropped with work left to do: {left:#?}");
        }
    }
}

async fn look_after(engine: &Engine, clock: &Clock, pumps: &[Arc<StreamPump>]) {
    let mut outcome = engine.expire_items().map(drop).and(engine.forget_old_records(clock));
    for pump in pumps {
        outcome = outcome.and(pump.forget_done().await);
    }
    if let Err(error) = outcome {
        tracing::warn!(%error, "the engine could not be looked after");
    }
}

fn start_store(options: &Options, data: &Data, clock: &Clock) -> Result<Simulator, Error> {
    let mut store = Simulator::start(store_config(options, data), clock.clone())?;
    if store.count() == 0 {
        store.seed(options.customers, 1);
    }
    if let Time::Machine = options.time {
        store.deliver_in_background();
    }
    Ok(store)
}

/// Time does not pass while the store is at work.
fn watch(clock: &ManualClock, store: &Arc<Simulator>) {
    // The store holds the clock, so the clock is not to hold the store.
    let store = Arc::downgrade(store);
    clock.watch(move || store.upgrade().map(|store| activity(&store)).unwrap_or_default());
}

fn activity(store: &Simulator) -> Activity {
    let calls = store.calls();
    let endpoints = calls.endpoints.values();
    endpoints.fold(Activity::default(), |sum, endpoint| Activity {
        calls: sum.calls + endpoint.calls,
        in_flight: sum.in_flight + (endpoint.in_flight - endpoint.slow) as u64,
    })
}

fn store_config(options: &Options, data: &Data) -> Config {
    Config {
        port: next_port(options.port, 1),
        allow_local_destinations: true,
        state: data.store(),
        ..options.store.clone()
    }
}

fn next_port(port: u16, further: u16) -> u16 {
    if port == 0 { 0 } else { port.saturating_add(further) }
}
