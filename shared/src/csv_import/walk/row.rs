//! A row as it is read, before anyone is looked for.

use jiff::Timestamp;

use super::seen::Key;
use crate::{
    bigcommerce::CustomerId,
    client::ClientId,
    csv_import::{
        Layout, Reading, RowTold, RowVerdict, Target,
        exported::{self, Exported},
        plain::{self, Cells, Of},
        told,
    },
    directory::Refused,
    mapping::Mapping,
    report::Change,
    secret::fold,
    store::Reservation,
    user::{User, UserId},
};

/// A row as it is read; what it says is a user's, or a reason why it says nothing.
pub(super) struct Read {
    pub(super) number: u32,
    said: Result<Meant, String>,
}

/// What a row says.
pub(super) struct Meant {
    number: u32,
    who: String,
    /// Which user, where it says so.
    pub(super) id: Option<UserId>,
    /// Which customer.
    pub(super) customer: Option<CustomerId>,
    /// The values that only one user has.
    pub(super) keys: Vec<Reservation>,
    says: Says,
}

enum Says {
    Plain(Cells),
    Exported(Box<Exported>),
}

impl Read {
    /// A row of these cells.
    pub(super) fn of(
        number: u32,
        cells: Result<Vec<String>, String>,
        reading: &Reading,
        client: &ClientId,
    ) -> Read {
        Read { number, said: cells.and_then(|cells| Meant::of(number, cells, reading, client)) }
    }

    /// What makes its user one.
    pub(super) fn keys(&self) -> Vec<Key<'_>> {
        let Ok(meant) = &self.said else { return Vec::new() };
        let id = meant.id.as_ref().map(|id| Key::Id(id.as_str()));
        let customer = meant.customer.map(|customer| Key::Customer(customer.get()));
        id.into_iter().chain(customer).chain(meant.keys.iter().map(Key::Other)).collect()
    }

    /// What it says.
    pub(super) fn meant(self) -> Result<Meant, (u32, String)> {
        self.said.map_err(|reason| (self.number, reason))
    }

    /// What it comes to without anyone being looked for.
    pub(super) fn told(&self, verdict: RowVerdict, reason: String) -> RowTold {
        match &self.said {
            Ok(meant) => meant.told(None, verdict, Vec::new(), reason),
            Err(_) => unread(self.number, verdict, reason),
        }
    }
}

/// What a row comes to that could not be read.
pub(super) fn unread(row: u32, verdict: RowVerdict, reason: String) -> RowTold {
    RowTold { row, who: String::new(), user: None, verdict, changes: Vec::new(), reason }
}

impl Meant {
    fn of(number: u32, cells: Vec<String>, reading: &Reading, client: &ClientId) -> Result<Meant, String> {
        let with_target = reading.columns.iter().zip(cells);
        let cells: Cells = with_target
            .filter_map(|(column, cell)| Some((column.target.clone()?, unescaped(cell))))
            .collect();
        match reading.layout {
            Layout::Plain => Meant::plain(number, cells, client),
            Layout::Exported => Meant::exported(number, &cells),
        }
    }

    fn plain(number: u32, cells: Cells, client: &ClientId) -> Result<Meant, String> {
        let cell = |target: &Target| {
            let cell = cells.iter().find(|(one, _)| one == target).map(|(_, cell)| cell.as_str());
            cell.filter(|cell| !cell.is_empty())
        };
        let (id, external) = (cell(&Target::Id), cell(&Target::ExternalId));
        let (name, email) = (cell(&Target::UserName), cell(&Target::Email));
        let who = [name, email, external, id].into_iter().flatten().next().unwrap_or_default();
        if who.is_empty() {
            return Err("The row names nobody: it needs a user name or an e-mail address.".to_owned());
        }
        let keys = [
            external.map(|value| Reservation::external_id(client, value)),
            name.map(|name| Reservation::user_name(fold(name))),
            email.map(|email| Reservation::email(fold(email))),
        ];
        Ok(Meant {
            number,
            who: told::clipped(who.to_owned()),
            id: id.map(|id| UserId::from(id.to_lowercase())),
            customer: None,
            keys: keys.into_iter().flatten().collect(),
            says: Says::Plain(cells),
        })
    }

    fn exported(number: u32, cells: &[(Target, String)]) -> Result<Meant, String> {
        let row = exported::read(cells)?;
        let email = Some(row.customer.email.as_str()).filter(|email| !email.is_empty());
        let customer = row.customer.id;
        let number_of = || customer.map(|customer| format!("customer {customer}"));
        let who = email.map(str::to_owned).or_else(number_of);
        let who = who.ok_or("The row names nobody: it needs an e-mail address or a customer's ID.")?;
        Ok(Meant {
            number,
            who: told::clipped(who),
            id: None,
            customer,
            keys: email.map(|email| Reservation::email(fold(email))).into_iter().collect(),
            says: Says::Exported(Box::new(row)),
        })
    }

    /// Lays what the row says over the user.
    pub(super) fn lay_over(
        &self,
        user: &mut User,
        reading: &Reading,
        of: Of<'_>,
        mapping: Option<&Mapping>,
        now: Timestamp,
    ) -> Result<(), Refused> {
        match (&self.says, mapping) {
            (Says::Plain(cells), _) => plain::lay_over(user, cells, reading.clears, of),
            (Says::Exported(row), Some(mapping)) => {
                row.lay_over(user, mapping, reading.clears, now).map_err(Refused::Row)
            }
            (Says::Exported(_), None) => {
                Err(Refused::Row("The store that the file is of is no longer connected.".to_owned()))
            }
        }
    }

    /// What the row comes to.
    pub(super) fn told(
        &self,
        user: Option<UserId>,
        verdict: RowVerdict,
        changes: Vec<Change>,
        reason: String,
    ) -> RowTold {
        RowTold { row: self.number, who: self.who.clone(), user, verdict, changes, reason }
    }
}

/// What a table that people open in a spreadsheet writes with an apostrophe before it, so that it is no
/// formula, comes back with it.
fn unescaped(cell: String) -> String {
    let formula = |rest: &str| crate::import::plain(rest) != rest;
    match cell.strip_prefix('\'') {
        Some(rest) if formula(rest) => rest.to_owned(),
        _ => cell,
    }
}
