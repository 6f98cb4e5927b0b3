//! Looking for users, as people do: a part of a name, an e-mail address, a customer's number, and
//! who is active or linked where.
//!
//! What is typed is answered from keys and the listings, at the same cost in a directory of any size:
//! e-mail address and customer number whole, name and user name from their beginning. Whatever has
//! no index is looked for among a bounded number of users at a time ([`Found::looked_at`]), and the
//! place to go on is told: nothing pretends to have seen everyone.

mod cursor;
mod source;

use serde::{Deserialize, Serialize};

use crate::{
    application::ApplicationId,
    secret::fold,
    store::{Error, Order, Sense, Tables},
    user::{LinkState, User},
};

pub use cursor::{NotAPlace, Place};
use source::{says, sources};

/// How many users one page looks at, at most, where what is asked has no index.
pub const MOST_LOOKED_AT: usize = 300;

/// How many users are read at once.
const CHUNK: usize = 100;

/// The longest text that is looked for, in characters.
pub const LONGEST_TEXT: usize = 200;

/// Which users are meant, and in which order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Search {
    /// What was typed; empty: everyone.
    pub text: String,
    /// How far what was typed is looked for.
    pub reach: Reach,
    /// Only those who are so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// Only those who stand so with stores.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standing: Option<Standing>,
    /// With this store; `None`: with any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub application: Option<ApplicationId>,
    /// In which order everyone stands.
    pub order: Order,
    /// From which end.
    pub sense: Sense,
}

/// How far a text is looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Reach {
    /// Where an index answers.
    #[default]
    Indexed,
    /// Anywhere in names, addresses and numbers, among so many users at a time.
    Anywhere,
}

/// Whether a user may be served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Status {
    /// The user may.
    Active,
    /// The user may not.
    Inactive,
}

/// How a user stands with a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Standing {
    /// Linked to a customer.
    Linked,
    /// Linked, and not in step: one side holds a value that the other refuses.
    Blocked,
    /// Not linked.
    Unlinked,
}

/// Some of the users that a search finds.
#[derive(Clone, PartialEq)]
pub struct Found {
    /// The users.
    pub users: Vec<User>,
    /// How many were looked at for them.
    pub looked_at: usize,
    /// Where to go on; `None`: there are no more.
    pub next: Option<Place>,
}

impl Default for Search {
    fn default() -> Search {
        Search {
            text: String::new(),
            reach: Reach::Indexed,
            status: None,
            standing: None,
            application: None,
            order: Order::Name,
            sense: Sense::Ascending,
        }
    }
}

impl Search {
    /// Whether the user is one of those who are so and stand so.
    pub fn admits(&self, user: &User) -> bool {
        let status = self.status.is_none_or(|status| (status == Status::Active) == user.active);
        status && self.standing().is_none_or(|standing| self.stands(user, standing))
    }

    /// Who is asked for at a store is linked there, unless it is said otherwise.
    fn standing(&self) -> Option<Standing> {
        self.standing.or(self.application.as_ref().map(|_| Standing::Linked))
    }

    fn stands(&self, user: &User, standing: Standing) -> bool {
        let here = |id: &ApplicationId| self.application.as_ref().is_none_or(|wanted| wanted == id);
        let mut links = user.links.iter().filter(|(id, _)| here(id));
        match standing {
            Standing::Linked => links.next().is_some(),
            Standing::Unlinked => links.next().is_none(),
            Standing::Blocked => links.any(|(_, link)| link.state == LinkState::Blocked),
        }
    }

    fn finds(&self, user: &User) -> bool {
        self.admits(user) && (self.reach == Reach::Indexed || says(user, &fold(&self.text)))
    }

    /// Whether everyone is meant.
    pub fn is_of_everyone(&self) -> bool {
        self.text.trim().is_empty() && self.status.is_none() && self.standing().is_none()
    }

    fn filters(&self) -> bool {
        self.status.is_some() || self.standing().is_some() || self.reach == Reach::Anywhere
    }
}

impl Tables {
    /// At most `limit` of the users that `search` finds, from the one after `after`.
    ///
    /// # Errors
    /// When the tables do not answer.
    pub async fn search(&self, search: &Search, after: Option<&Place>, limit: usize) -> Result<Found, Error> {
        let sources = sources(search);
        let (first, mut at) = after.map_or((0, None), |after| (after.source, Some(after.at.clone())));
        let (mut hits, mut looked_at) = (Vec::new(), 0);
        for (number, source) in sources.iter().enumerate().skip(first) {
            loop {
                let chunk = if search.filters() { CHUNK } else { limit + 1 - hits.len() };
                let read = source.read(self, search, at.as_deref(), chunk).await?;
                looked_at += read.users.len();
                let is_new = |user: &User| !sources[..number].iter().any(|earlier| earlier.holds(user));
                let wanted = read.users.into_iter().filter(|(_, user)| search.finds(user) && is_new(user));
                hits.extend(wanted.map(|(at, user)| (Place { source: number, at }, user)));
                if hits.len() > limit {
                    hits.truncate(limit);
                    let next = hits.last().map(|(place, _)| place.clone());
                    return Ok(Found::of(hits, looked_at, next));
                }
                match read.next {
                    Some(next) if looked_at >= MOST_LOOKED_AT => {
                        let next = Some(Place { source: number, at: next });
                        return Ok(Found::of(hits, looked_at, next));
                    }
                    None => break,
                    next => at = next,
                }
            }
            at = None;
        }
        Ok(Found::of(hits, looked_at, None))
    }
}

impl Found {
    fn of(hits: Vec<(Place, User)>, looked_at: usize, next: Option<Place>) -> Found {
        Found { users: hits.into_iter().map(|(_, user)| user).collect(), looked_at, next }
    }
}
