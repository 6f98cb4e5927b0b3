//! What one user has and no other can: user names, e-mail addresses, the identifiers that clients
//! give, and customers. The rows that hold them, reservations and [pointers](super::Pointer), are written in one transaction with the user.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt,
};

use super::{
    Error, Table, Tables,
    item::{Item, LONGEST_KEY, item, key_of, text},
    listing::user_name_key,
    pointers::pointer_key,
    step::{Condition, Refusal, Step},
};
use crate::{
    application::ApplicationId,
    bigcommerce::CustomerId,
    client::ClientId,
    user::{User, UserId},
};

const LONGEST_VALUE: &str = "a user name, e-mail address or external identifier has 2 KB at most";

/// What kind of value is unique.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unique {
    /// A user name, over the directory.
    UserName,
    /// An e-mail address, over the directory.
    Email,
    /// What a client calls a user, over the users of that client.
    ExternalId,
    /// A customer, over the links to its application.
    Customer,
}

/// A value that one user holds and no other can.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reservation {
    /// What kind of value.
    pub what: Unique,
    /// The value as it is unique; of a customer `<application>#<id>`, of what a client calls a
    /// user `<client>#<value>`.
    pub value: String,
}

/// What a user's unique values were and what they become.
pub(super) struct Diff<'a> {
    pub(super) user: &'a UserId,
    pub(super) taken: Vec<Reservation>,
    pub(super) released: Vec<Reservation>,
    /// Each with the fingerprint of what was agreed.
    pub(super) linked: Vec<(&'a ApplicationId, CustomerId, String)>,
    unlinked: Vec<(&'a ApplicationId, CustomerId)>,
    /// Those that leave a tombstone.
    pub(super) buried: Vec<(&'a ApplicationId, CustomerId)>,
}

impl Reservation {
    /// As text: `userName#<folded>`, `email#<folded>` or `externalId#<client>#<value>`; it is the
    /// row's key, and what attention about a taken value is about.
    pub fn key(&self) -> String {
        let prefix = match self.what {
            Unique::UserName => "userName",
            Unique::Email => "email",
            Unique::ExternalId => "externalId",
            Unique::Customer => "customer",
        };
        format!("{prefix}#{}", self.value)
    }

    /// Of a user name, folded.
    pub fn user_name(folded: impl Into<String>) -> Reservation {
        Reservation { what: Unique::UserName, value: folded.into() }
    }

    /// Of an e-mail address, folded.
    pub fn email(folded: impl Into<String>) -> Reservation {
        Reservation { what: Unique::Email, value: folded.into() }
    }

    /// Of what a client calls a user, exactly as it was sent.
    pub fn external_id(client: &ClientId, value: &str) -> Reservation {
        Reservation { what: Unique::ExternalId, value: format!("{client}#{value}") }
    }

    fn row_key(&self) -> Item {
        match self.what {
            Unique::UserName => user_name_key(&self.value),
            Unique::Email | Unique::ExternalId | Unique::Customer => {
                item([("pk", text(self.key())), ("sk", text("-"))])
            }
        }
    }

    fn fits(&self) -> bool {
        self.key().len() <= LONGEST_KEY
    }
}

fn reservations(user: &User) -> BTreeSet<Reservation> {
    let emails = user.folded_emails().into_iter().filter(|folded| !folded.is_empty());
    let given = user.external_ids.iter().filter(|(_, value)| !value.is_empty());
    let given = given.map(|(client, value)| Reservation::external_id(client, value));
    let name = Reservation::user_name(user.folded_user_name());
    emails.map(Reservation::email).chain(given).chain([name]).collect()
}

type Links<'a> = BTreeMap<(&'a ApplicationId, CustomerId), String>;

fn links(user: &User) -> Links<'_> {
    user.links
        .iter()
        .map(|(application, link)| ((application, link.customer), link.base.fingerprint()))
        .collect()
}

impl<'a> Diff<'a> {
    /// From nothing to `user`.
    pub(super) fn of_new(user: &'a User) -> Diff<'a> {
        let taken = reservations(user).into_iter().collect();
        let linked =
            links(user).into_iter().map(|((application, id), print)| (application, id, print)).collect();
        Diff { taken, linked, ..Diff::none(&user.id) }
    }

    /// From `user` to nothing. Its customers leave tombstones, but at the applications that are
    /// `done` with it.
    pub(super) fn of_gone(user: &'a User, done: &BTreeSet<ApplicationId>) -> Diff<'a> {
        let released = reservations(user).into_iter().collect();
        let (unlinked, buried) =
            links(user).into_keys().partition(|(application, _)| done.contains(*application));
        Diff { released, unlinked, buried, ..Diff::none(&user.id) }
    }

    fn none(user: &'a UserId) -> Diff<'a> {
        Diff {
            user,
            taken: Vec::new(),
            released: Vec::new(),
            linked: Vec::new(),
            unlinked: Vec::new(),
            buried: Vec::new(),
        }
    }

    /// From `before` to `after`.
    pub(super) fn between(before: &'a User, after: &'a User) -> Diff<'a> {
        let (held, wanted) = (reservations(before), reservations(after));
        let (old, new) = (links(before), links(after));
        Diff {
            taken: wanted.difference(&held).cloned().collect(),
            released: held.difference(&wanted).cloned().collect(),
            unlinked: old.keys().filter(|link| !new.contains_key(link)).copied().collect(),
            linked: new
                .into_iter()
                .filter(|(link, print)| old.get(link) != Some(print))
                .map(|((application, customer), print)| (application, customer, print))
                .collect(),
            ..Diff::none(&after.id)
        }
    }
}

impl Tables {
    /// The steps that make the unique values what they become.
    pub(super) fn unique_steps(&self, diff: &Diff<'_>) -> Result<Vec<Step>, Error> {
        let mut steps = Vec::new();
        for taken in &diff.taken {
            if !taken.fits() {
                return Err(Error::TooLarge(LONGEST_VALUE));
            }
            steps.push(self.own_step(diff, taken.row_key(), taken.clone())?);
        }
        for released in diff.released.iter().filter(|released| released.fits()) {
            steps.push(self.disown_step(diff, released.row_key(), released.clone())?);
        }
        for (application, customer, fingerprint) in &diff.linked {
            let mut row = pointer_key(application, *customer);
            row.insert("fingerprint".to_owned(), text(fingerprint));
            row.insert("user".to_owned(), text(diff.user.as_str()));
            let (ours, what) = (Condition::OwnedByOrGone(diff.user), customer_of(application, *customer));
            steps.push(self.put_step(Table::Users, row, Some(ours), Refusal::Taken(what))?);
        }
        for (application, customer) in &diff.unlinked {
            let key = pointer_key(application, *customer);
            steps.push(self.disown_step(diff, key, customer_of(application, *customer))?);
        }
        Ok(steps)
    }

    fn own_step(&self, diff: &Diff<'_>, row: Item, what: Reservation) -> Result<Step, Error> {
        let row = row.into_iter().chain(item([("user", text(diff.user.as_str()))])).collect();
        self.put_step(Table::Users, row, Some(Condition::OwnedBy(diff.user)), Refusal::Taken(what))
    }

    fn disown_step(&self, diff: &Diff<'_>, key: Item, what: Reservation) -> Result<Step, Error> {
        self.delete_step(Table::Users, key, &Condition::OwnedBy(diff.user), Refusal::Taken(what))
    }

    /// Who has this user name, folded.
    pub async fn user_by_user_name(&self, folded: &str) -> Result<Option<UserId>, Error> {
        self.holder_of(&Reservation::user_name(folded)).await
    }

    /// Whom this client calls so.
    pub async fn user_by_external_id(&self, client: &ClientId, value: &str) -> Result<Option<UserId>, Error> {
        self.holder_of(&Reservation::external_id(client, value)).await
    }

    async fn holder_of(&self, reservation: &Reservation) -> Result<Option<UserId>, Error> {
        if !reservation.fits() {
            return Ok(None);
        }
        let row = self.get(Table::Users, reservation.row_key()).await?;
        row.map(|row| key_of(&row, "user").map(UserId::from)).transpose()
    }

    /// Who has these values; those that nobody has are left out.
    pub async fn holders(
        &self,
        wanted: &BTreeSet<Reservation>,
    ) -> Result<HashMap<Reservation, UserId>, Error> {
        let place = |key: &Item| Ok::<_, Error>((key_of(key, "pk")?, key_of(key, "sk")?));
        let mut keys = HashMap::new();
        for reservation in wanted.iter().filter(|reservation| reservation.fits()) {
            let key = reservation.row_key();
            keys.insert(place(&key)?, (key, reservation));
        }
        let rows = self.batch_get(Table::Users, keys.values().map(|(key, _)| key.clone()).collect()).await?;
        let mut found = HashMap::new();
        for row in rows {
            if let Some((_, reservation)) = keys.get(&place(&row)?) {
                found.insert((*reservation).clone(), key_of(&row, "user")?.into());
            }
        }
        Ok(found)
    }

    /// Who has these e-mail addresses, folded; those that nobody has are left out.
    pub async fn users_by_email(&self, folded: &[String]) -> Result<HashMap<String, UserId>, Error> {
        let found = self.holders(&folded.iter().map(Reservation::email).collect()).await?;
        Ok(found.into_iter().map(|(email, user)| (email.value, user)).collect())
    }
}

fn customer_of(application: &ApplicationId, customer: CustomerId) -> Reservation {
    Reservation { what: Unique::Customer, value: format!("{application}#{customer}") }
}

impl fmt::Display for Unique {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Unique::UserName => "user name",
            Unique::Email => "e-mail address",
            Unique::ExternalId => "external identifier",
            Unique::Customer => "customer",
        })
    }
}

/// Tells what kind of value, and nothing personal.
impl fmt::Debug for Reservation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reservation").field("what", &self.what).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reservation_does_not_print_its_value() {
        let printed = format!("{:?}", Reservation::email("a@x.example"));
        assert!(!printed.contains("a@x"), "{printed}");
    }
}
