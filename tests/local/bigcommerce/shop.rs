//! The running store: what its handlers share.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::Router;
use jiff::Timestamp;
use rand::{SeedableRng, rngs::StdRng};
use shared::clock::Clock;

use super::{
    Account, Config,
    blocklist::Blocklist,
    faults::{FaultKind, Faults, Moment},
    limits::Limits,
    log::{Calls, Log},
    state::State,
};

/// What the handlers share. Where both locks are needed, `state` is taken before `traffic`.
pub(super) struct Shop {
    pub(super) config: Config,
    pub(super) clock: Clock,
    pub(super) http: reqwest::Client,
    account: Mutex<Account>,
    state: Mutex<State>,
    traffic: Mutex<Traffic>,
    /// Other stores of the same API, by their hashes.
    neighbours: Mutex<BTreeMap<String, Router>>,
}

/// What is not worth keeping when the store stops.
pub(super) struct Traffic {
    pub(super) faults: Faults,
    pub(super) rng: StdRng,
    pub(super) limits: Limits,
    pub(super) calls: Calls,
    pub(super) log: Log,
    pub(super) blocklist: Blocklist,
}

impl Traffic {
    /// What goes wrong this time.
    pub(super) fn draw(&mut self, moment: Moment, subject: &str) -> Vec<FaultKind> {
        self.faults.draw(moment, subject, &mut self.rng)
    }
}

impl Shop {
    /// A store that remembers `state`.
    pub(super) fn new(
        config: Config,
        account: Account,
        state: State,
        clock: Clock,
        http: reqwest::Client,
    ) -> Arc<Shop> {
        let traffic = Traffic {
            faults: Faults::default(),
            rng: StdRng::seed_from_u64(config.seed),
            limits: Limits::default(),
            calls: Calls::default(),
            log: Log::default(),
            blocklist: Blocklist::default(),
        };
        let (account, state, traffic) = (Mutex::new(account), Mutex::new(state), Mutex::new(traffic));
        Arc::new(Shop { config, clock, http, account, state, traffic, neighbours: Mutex::default() })
    }

    /// From now on what is for `other` goes there.
    pub(super) fn lead_to(&self, other: &Arc<Shop>, router: Router) {
        let mut neighbours = self.neighbours.lock().unwrap_or_else(PoisonError::into_inner);
        neighbours.insert(other.hash(), router);
    }

    /// Who answers for another store, where the path is one's.
    pub(super) fn neighbour(&self, path: &str) -> Option<Router> {
        let hash = path.strip_prefix("/stores/")?.split('/').next()?;
        self.neighbours.lock().unwrap_or_else(PoisonError::into_inner).get(hash).cloned()
    }

    /// The store's memory.
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Faults, limits, counters and the log.
    pub(super) fn traffic(&self) -> MutexGuard<'_, Traffic> {
        self.traffic.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The API account as it is now.
    pub(super) fn account(&self) -> MutexGuard<'_, Account> {
        self.account.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The store's hash.
    pub(super) fn hash(&self) -> String {
        self.account().store_hash.clone()
    }

    /// The key of the signatures.
    pub(super) fn client_secret(&self) -> String {
        self.account().client_secret.expose().to_owned()
    }

    /// The time, in seconds, as the store's records tell it.
    pub(super) fn second(&self) -> i64 {
        self.clock.now().as_second()
    }
}

/// A time as the third API writes it.
pub(super) fn written(second: i64) -> String {
    Timestamp::from_second(second).unwrap_or_default().to_string()
}
