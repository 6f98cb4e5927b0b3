//! Stores that refuse our credentials are left in peace for a while: what waits for them is not
//! read from a store that will not answer, and nobody counts thousands of refusals. A new token is
//! tried at once.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use jiff::{SignedDuration, Timestamp};

use crate::application::{Application, ApplicationId};

/// After how long a token that was refused is tried again.
const PAUSE: SignedDuration = SignedDuration::from_mins(5);

/// The stores of this process that refuse our credentials.
#[derive(Clone, Debug, Default)]
pub(super) struct Circuits(Arc<Mutex<HashMap<ApplicationId, Refused>>>);

#[derive(Debug)]
struct Refused {
    token: [u8; 32],
    until: Timestamp,
}

impl Circuits {
    /// Whether the store is not to be called now.
    pub(super) fn is_shut(&self, application: &Application, now: Timestamp) -> bool {
        let refused = self.refused();
        let refused = refused.get(&application.id);
        refused.is_some_and(|refused| now < refused.until && refused.token == digest(application))
    }

    /// The store refused the token.
    pub(super) fn shut(&self, application: &Application, now: Timestamp) {
        let refused = Refused { token: digest(application), until: now + PAUSE };
        self.refused().insert(application.id.clone(), refused);
    }

    /// The store answered; gives whether it had refused before.
    pub(super) fn open(&self, application: &ApplicationId) -> bool {
        self.refused().remove(application).is_some()
    }

    fn refused(&self) -> MutexGuard<'_, HashMap<ApplicationId, Refused>> {
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
