//! What a row comes to: who it is about, and what laying it over the user changes.

use std::collections::{BTreeSet, HashMap};

use super::row::Meant;
use crate::{
    application::Application,
    bigcommerce::CustomerId,
    bulk::console,
    client::Client,
    clock::Clock,
    csv_import::{RowTold, RowVerdict, Stage, Upload, plain::Of, told},
    directory::{Precondition, Refused, Writer},
    mapping::Mapping,
    profile::ProfileField,
    scim::{Schemas, user_resource},
    store::{self, Reservation, Tables},
    user::{User, UserId},
};

/// What going over a file takes.
pub(super) struct Desk<'a> {
    pub(super) tables: &'a Tables,
    pub(super) clock: &'a Clock,
    pub(super) client: Client,
    fields: Vec<ProfileField>,
    schemas: Schemas,
    applications: Vec<Application>,
    /// Whose mapping the file's fields go through, where they are a customer's.
    application: Option<usize>,
}

impl<'a> Desk<'a> {
    pub(super) async fn new(
        tables: &'a Tables,
        clock: &'a Clock,
        upload: &Upload,
    ) -> Result<Desk<'a>, store::Error> {
        let fields = tables.profile_fields().await?;
        let schemas = Schemas::user(&fields);
        let applications = tables.applications().await?;
        let named = upload.reading.application.as_ref();
        let application = applications.iter().position(|one| Some(&one.id) == named);
        Ok(Desk { tables, clock, client: console(), fields, schemas, applications, application })
    }

    fn writer(&self) -> Writer<'_> {
        Writer {
            tables: self.tables,
            clock: self.clock,
            client: &self.client,
            fields: &self.fields,
            schemas: &self.schemas,
            cause: "csv",
        }
    }

    fn application(&self) -> Option<&Application> {
        self.applications.get(self.application?)
    }

    fn mapping(&self) -> Option<&Mapping> {
        self.application().map(|application| &application.mapping)
    }
}

impl Desk<'_> {
    /// Who has the values of these rows.
    pub(super) async fn known(&self, meant: &[Meant]) -> Result<Known, store::Error> {
        let tables = self.tables;
        let keys: BTreeSet<Reservation> = meant.iter().flat_map(|row| row.keys.clone()).collect();
        let holders = tables.holders(&keys).await?;
        let customers: Vec<CustomerId> = meant.iter().filter_map(|row| row.customer).collect();
        let pointers = match self.application() {
            Some(application) if !customers.is_empty() => {
                tables.pointers(&application.id, &customers).await?
            }
            _ => HashMap::new(),
        };
        let linked = pointers.into_iter().filter(|(_, pointer)| pointer.gone.is_none());
        let linked: HashMap<CustomerId, UserId> =
            linked.map(|(customer, pointer)| (customer, pointer.user)).collect();
        let named = meant.iter().filter_map(|row| row.id.clone());
        let ids: BTreeSet<UserId> = holders.values().chain(linked.values()).cloned().chain(named).collect();
        let users = tables.users(&ids.into_iter().collect::<Vec<_>>()).await?;
        Ok(Known { holders, linked, users })
    }

    /// What one row comes to.
    pub(super) async fn one(
        &self,
        upload: &Upload,
        meant: Meant,
        known: &Known,
    ) -> Result<RowTold, store::Error> {
        let user = match known.user(&meant) {
            Ok(user) => user,
            Err((verdict, reason)) => return Ok(meant.told(None, verdict, Vec::new(), reason)),
        };
        let foreseen = self.foresee(upload, &meant, user);
        let after = match foreseen {
            Ok(after) => after,
            Err(refused) => return refusal(&meant, user.map(|user| user.id.clone()), refused),
        };
        let changes = told::changes(user, &after);
        let verdict = match user {
            None => RowVerdict::Create,
            Some(_) if changes.is_empty() => RowVerdict::Unchanged,
            Some(_) => RowVerdict::Update,
        };
        let reason = match verdict {
            RowVerdict::Unchanged => String::new(),
            _ => self.would_stay_behind(&after),
        };
        let id = user.map(|user| user.id.clone());
        if upload.stage == Stage::Checking || verdict == RowVerdict::Unchanged {
            return Ok(meant.told(id, verdict, changes, reason));
        }
        let writer = self.writer();
        let written = match user {
            None => {
                let resource = user_resource(&after, &self.client.id, "", &[], &self.fields);
                writer.create(&resource).await
            }
            Some(user) => {
                let change = |user: &mut User| self.lay_over(upload, &meant, user);
                writer.change(&user.id, &Precondition::default(), change).await
            }
        };
        match written {
            Ok(user) => Ok(meant.told(Some(user.id), verdict, changes, reason)),
            Err(refused) => refusal(&meant, id, refused),
        }
    }

    /// The user as the row has it, who is not written.
    fn foresee(&self, upload: &Upload, meant: &Meant, user: Option<&User>) -> Result<User, Refused> {
        let mut after = user.cloned().unwrap_or_else(|| User::new("", self.clock.now()));
        self.lay_over(upload, meant, &mut after)?;
        match user {
            Some(_) => Ok(after),
            // What a client may not write is not written of a new one either.
            None => {
                let resource = user_resource(&after, &self.client.id, "", &[], &self.fields);
                self.writer().draft(&resource)
            }
        }
    }

    fn lay_over(&self, upload: &Upload, meant: &Meant, user: &mut User) -> Result<(), Refused> {
        let of = Of { client: &self.client.id, fields: &self.fields };
        meant.lay_over(user, &upload.reading, of, self.mapping(), self.clock.now())
    }

    /// What a store would say to the user.
    fn would_stay_behind(&self, user: &User) -> String {
        match self.writer().refused_by(user, &self.applications) {
            Some((application, refusal)) => {
                format!(
                    "{} would refuse {refusal}: it stays behind there until that is corrected.",
                    application.name
                )
            }
            None => String::new(),
        }
    }
}

/// Who has the values of some rows.
pub(super) struct Known {
    holders: HashMap<Reservation, UserId>,
    linked: HashMap<CustomerId, UserId>,
    users: HashMap<UserId, User>,
}

impl Known {
    /// The user whom a row is about; none: a new one.
    fn user(&self, meant: &Meant) -> Result<Option<&User>, (RowVerdict, String)> {
        let named = meant.id.iter().map(|id| {
            let told =
                "No user has this id. Leave the cell empty, and the user is looked for by the other values.";
            self.users.get(id).ok_or_else(|| (RowVerdict::Invalid, told.to_owned()))
        });
        let linked = meant.customer.iter().filter_map(|customer| self.linked.get(customer));
        let held = meant.keys.iter().filter_map(|key| self.holders.get(key));
        let mut found: Option<&User> = None;
        for user in named {
            found = Some(user?);
        }
        for id in linked.chain(held) {
            match found {
                Some(user) if user.id != *id => {
                    let told = "Its values are those of several users. Correct the row, or the users.";
                    return Err((RowVerdict::Conflict, told.to_owned()));
                }
                Some(_) => {}
                None => found = self.users.get(id),
            }
        }
        Ok(found)
    }
}

/// What a row that was refused comes to; that the tables do not answer is no matter of the row.
fn refusal(meant: &Meant, user: Option<UserId>, refused: Refused) -> Result<RowTold, store::Error> {
    let verdict = match &refused {
        Refused::Taken { .. } => RowVerdict::Conflict,
        Refused::Busy | Refused::NoUser | Refused::Version => RowVerdict::Failed,
        Refused::Tables(store::Error::TooLarge(_)) => RowVerdict::Invalid,
        Refused::Value(_) | Refused::Patch(_) | Refused::ByStore { .. } | Refused::Row(_) => {
            RowVerdict::Invalid
        }
        Refused::Tables(_) => RowVerdict::Failed,
    };
    let reason = refused.sentence();
    match refused {
        Refused::Tables(error) if verdict == RowVerdict::Failed => Err(error),
        _ => Ok(meant.told(user, verdict, Vec::new(), reason)),
    }
}
