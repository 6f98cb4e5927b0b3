//! One a process: where BigCommerce is, the connections to it, and the limiter of each store.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use reqwest::{Url, redirect::Policy};

use super::{chunks::ChunkSize, client::Client, error::Error, limit::Limiter};
use crate::{application::Application, clock::Clock};

const CONNECT: Duration = Duration::from_secs(3);
const WHOLE: Duration = Duration::from_secs(20);

/// One a process: base URL, HTTP connections, clock, the limiter of each store.
#[derive(Clone)]
pub struct Api(Arc<Shared>);

struct Shared {
    base: Url,
    http: reqwest::Client,
    clock: Clock,
    stores: Mutex<HashMap<String, Arc<Store>>>,
}

/// What all clients of one store share.
pub(super) struct Store {
    pub(super) limiter: Limiter,
    pub(super) chunk: ChunkSize,
}

impl Api {
    /// `base` is the scheme and host of the API: https, or http on this machine.
    ///
    /// # Errors
    /// [`Error::Misconfigured`] for any other address; [`Error::Unreachable`] when TLS cannot be set up.
    pub fn new(base: &str, clock: Clock) -> Result<Api, Error> {
        Api::with_patience(base, clock, WHOLE)
    }

    /// As [`Api::new`], where a call is given up after `patience`, in the machine's time.
    ///
    /// # Errors
    /// As [`Api::new`].
    pub fn with_patience(base: &str, clock: Clock, patience: Duration) -> Result<Api, Error> {
        let base = Url::parse(base).map_err(|_| Error::Misconfigured(ADDRESS))?;
        let plain = is_plain_and_local(&base);
        let bare = base.username().is_empty() && base.password().is_none() && base.query().is_none();
        if !bare || base.cannot_be_a_base() || !(plain || base.scheme() == "https") {
            return Err(Error::Misconfigured(ADDRESS));
        }
        let http = connections(plain, patience).map_err(Error::unreachable)?;
        Ok(Api(Arc::new(Shared { base, http, clock, stores: Mutex::default() })))
    }

    /// The door of `application` to its store. Cheap: what costs is shared by all doors.
    pub fn store(&self, application: &Application) -> Client {
        Client::new(self, application)
    }

    pub(super) fn base(&self) -> &Url {
        &self.0.base
    }

    pub(super) fn http(&self) -> &reqwest::Client {
        &self.0.http
    }

    pub(super) fn clock(&self) -> &Clock {
        &self.0.clock
    }

    pub(super) fn shared_by_store(&self, hash: &str) -> Arc<Store> {
        let mut stores = self.0.stores.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(store) = stores.get(hash) {
            return Arc::clone(store);
        }
        let limiter = Limiter::new(self.0.clock.clone());
        let store = Arc::new(Store { limiter, chunk: ChunkSize::default() });
        stores.insert(hash.to_owned(), Arc::clone(&store));
        store
    }
}

const ADDRESS: &str = "the API is at https://<host>, or at http://<host> on this machine";

fn is_plain_and_local(base: &Url) -> bool {
    let local = match base.host_str() {
        Some("localhost" | "[::1]") => true,
        Some(host) => host.parse::<std::net::Ipv4Addr>().is_ok_and(|address| address.is_loopback()),
        None => false,
    };
    base.scheme() == "http" && local
}

fn connections(plain: bool, patience: Duration) -> Result<reqwest::Client, reqwest::Error> {
    // Fails when the process has a provider already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = reqwest::Client::builder()
        .user_agent(concat!("Clientele/", env!("CARGO_PKG_VERSION"), " (customer directory sync)"))
        .redirect(Policy::none())
        .referer(false)
        .connect_timeout(CONNECT)
        .timeout(patience)
        .https_only(!plain);
    if plain { builder.no_proxy().build() } else { builder.build() }
}

impl fmt::Debug for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Api").field("base", &self.0.base.as_str()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_and_this_machine_are_spoken_to() {
        for base in
            ["https://api.bigcommerce.com", "http://127.0.0.1:8080", "http://localhost:1", "http://[::1]:1"]
        {
            assert!(Api::new(base, Clock::system()).is_ok(), "{base}");
        }
        for base in [
            "http://api.bigcommerce.com",
            "http://169.254.169.254",
            "http://127.0.0.1.example.com",
            "http://[::ffff:169.254.169.254]",
            "https://user:secret@api.bigcommerce.com",
            "https://api.bigcommerce.com?x=1",
            "ftp://127.0.0.1",
            "data:text/plain,x",
            "file:///etc/passwd",
            "",
        ] {
            assert!(matches!(Api::new(base, Clock::system()), Err(Error::Misconfigured(_))), "{base}");
        }
    }
}
