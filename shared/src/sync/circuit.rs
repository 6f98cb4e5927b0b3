//! Stores that refuse our credentials are left in peace for a while: what waits for them is not
//! read from a store that will not answer, and nobody counts thousands of refusals. A new token is
//! tried at once.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use jiff::{SignedDuration, Timestamp};

use crate::application::{Application, ApplicationId};

/// After how long a token that was refused is tried again.
const PAUSE: SignedDuration = SignedDuration::from_mins(5);

/// The stores that refuse our credentials, as this process knows, and those that fail.
#[derive(Clone, Debug, Default)]
pub(super) struct Circuits(Arc<Mutex<Known>>);

#[derive(Debug, Default)]
struct Known {
    refused: HashMap<ApplicationId, Refused>,
    /// Those that gave no good answer when last asked.
    failing: HashSet<ApplicationId>,
}

#[derive(Debug)]
struct Refused {
    token: [u8; 32],
    until: Timestamp,
}

impl Circuits {
    /// Whether the store is not to be called now.
    pub(super) fn is_shut(&self, application: &Application, now: Timestamp) -> bool {
        let known = self.known();
        let refused = known.refused.get(&application.id);
        refused.is_some_and(|refused| now < refused.until && refused.token == digest(application))
    }

    /// The store refused the token.
    pub(super) fn shut(&self, application: &Application, now: Timestamp) {
        let refused = Refused { token: digest(application), until: now + PAUSE };
        self.known().refused.insert(application.id.clone(), refused);
    }

    /// The store answered; gives whether it had refused before.
    pub(super) fn open(&self, application: &ApplicationId) -> bool {
        let mut known = self.known();
        known.failing.remove(application);
        known.refused.remove(application).is_some()
    }

    /// The store gave no good answer.
    pub(super) fn failed(&self, application: &ApplicationId) {
        self.known().failing.insert(application.clone());
    }

    /// Whether the store gave no good answer when last asked.
    pub(super) fn is_failing(&self, application: &ApplicationId) -> bool {
        self.known().failing.contains(application)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells one token from another without keeping it.
fn digest(application: &Application) -> [u8; 32] {
    let token = application.credentials.access_token.expose();
    let digest = ring::digest::digest(&ring::digest::SHA256, token.as_bytes());
    let mut bytes = [0; 32];
    bytes.copy_from_slice(digest.as_ref());
    bytes
}
