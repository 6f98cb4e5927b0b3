//! The password to the stores: to all of them at once, proved by each, and kept nowhere.
//!
//! The link is held first, so that of two tabs one alone asks the stores. It is used up last, when
//! everything is told: who dies before that leaves a link that works again after a minute.

use std::time::Duration;

use futures_util::future::join_all;
use jiff::SignedDuration;
use shared::{bigcommerce, one_time::Token, secret::Secret, store::Hold};

use super::{
    App, Trouble,
    case::{Case, Store},
    dead::Dead,
    ending::{Ending, Not, Refusal},
    visit::Visit,
};

/// For how long a link is held: longer than the function may run.
const LEASE: SignedDuration = SignedDuration::from_secs(60);

/// How long one store may take, in the machine's time: the person waits for the answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// What came of giving the password to one store.
pub(super) enum Given {
    /// The store was seen to accept it.
    Proved,
    /// It is set, and could not be tried.
    Unproved,
    /// The store does not want it.
    Refused(String),
    /// It may not be set.
    Failed(Failure),
}

/// Why a password may not be set.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// The store could not do it.
    #[error("the password could not be given to the store")]
    Store(#[source] bigcommerce::Error),
    /// The store took it, and does not know it.
    #[error("the store does not accept the password that it took (validate-credentials says so)")]
    Unknown,
    /// The store took too long.
    #[error("the store did not answer (within 20 s)")]
    TooLate,
}

impl App {
    /// Sets the password at every store of whom the link is for.
    pub(super) async fn set(
        &self,
        token: &Token,
        visit: &Visit,
        password: &Secret,
    ) -> Result<Ending, Trouble> {
        let case = match self.case(token).await? {
            Ok(case) => Box::new(case),
            Err(dead) => return Ok(Ending::Dead(dead)),
        };
        if let Err(too_often) = self.may_set(visit).await? {
            return Ok(Ending::Not(case, Not::TooOften(too_often)));
        }
        let short = case.rules().shortcomings(password.expose(), &case.names());
        if !short.is_empty() {
            return Ok(Ending::Not(case, Not::Short(short)));
        }
        if case.stores.is_empty() {
            return Ok(Ending::Not(case, Not::Nowhere));
        }
        match self.tables.hold(&token.hash(), self.clock.now(), LEASE).await? {
            Some(hold) => self.set_everywhere(case, &hold, token, password).await,
            None => self.not_held(case, token).await,
        }
    }

    /// Somebody was quicker, and may be done already.
    async fn not_held(&self, case: Box<Case>, token: &Token) -> Result<Ending, Trouble> {
        let link = self.tables.one_time_link(&token.hash()).await?;
        let dead = link.map_or(Some(Dead::Unknown), |link| Dead::of(link.standing(self.clock.now())));
        Ok(dead.map_or(Ending::Not(case, Not::Busy), Ending::Dead))
    }

    async fn set_everywhere(
        &self,
        case: Box<Case>,
        hold: &Hold,
        token: &Token,
        password: &Secret,
    ) -> Result<Ending, Trouble> {
        let given = join_all(case.stores.iter().map(|store| self.give(store, password))).await;
        let not = what_not(&case, &given);
        if let Err(trouble) = self.tell(&case, &given, not.is_none().then_some(token)).await {
            // Nothing is known to have been told: the person is to do it once more.
            self.tables.give_back(hold).await?;
            return Err(trouble);
        }
        match not {
            None => {
                // One that a newer link has voided meanwhile needs no end.
                self.tables.use_up(hold, self.clock.now()).await?;
                Ok(Ending::Set(case))
            }
            Some(not) => {
                self.tables.give_back(hold).await?;
                Ok(Ending::Not(case, not))
            }
        }
    }

    async fn give(&self, store: &Store, password: &Secret) -> Given {
        let given = tokio::time::timeout(PATIENCE, self.give_and_prove(store, password)).await;
        given.unwrap_or(Given::Failed(Failure::TooLate))
    }

    async fn give_and_prove(&self, store: &Store, password: &Secret) -> Given {
        let client = self.bigcommerce.store(&store.application);
        let customer = match client.set_password(store.customer, password).await {
            Ok(customer) => customer,
            Err(error @ bigcommerce::Error::Refused { .. }) => {
                return Given::Refused(without(&error.message(), password));
            }
            Err(error) => return Given::Failed(Failure::Store(error)),
        };
        match client.prove_password(&customer, password).await {
            Ok(true) => Given::Proved,
            Ok(false) => Given::Failed(Failure::Unknown),
            Err(_) => Given::Unproved,
        }
    }
}

/// A store's words, unless the password stands in them.
fn without(words: &str, password: &Secret) -> String {
    match words.contains(password.expose()) {
        true => "The password cannot be used.".to_owned(),
        false => words.to_owned(),
    }
}

/// `None`: it is set at every store. What the person can mend goes first.
fn what_not(case: &Case, given: &[Given]) -> Option<Not> {
    let mut refused = Vec::new();
    let mut failed = Vec::new();
    for (store, given) in case.stores.iter().zip(given) {
        let store = store.name().to_owned();
        match given {
            Given::Proved | Given::Unproved => {}
            Given::Refused(says) => refused.push(Refusal { store, says: says.clone() }),
            Given::Failed(_) => failed.push(store),
        }
    }
    match (refused.is_empty(), failed.is_empty()) {
        (true, true) => None,
        (false, _) => Some(Not::Refused(refused)),
        (true, false) => Some(Not::Somewhere(failed)),
    }
}
