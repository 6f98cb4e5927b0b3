//! Going over a file, page by page: who each row is about, what it comes to, and, where it is applied,
//! writing it. Where the walk is, is written after each page; who takes it up after a crash does that page
//! again at most, which then comes to rows that are as the file has them.

mod row;
mod seen;
mod window;

use std::collections::{BTreeSet, HashMap};

use futures_util::{StreamExt, stream};
use jiff::{SignedDuration, Timestamp};

use super::{MOST_ROWS, Place, Reading, RowTold, RowVerdict, Stage, Upload, told};
use crate::{
    application::Application,
    bigcommerce::CustomerId,
    bulk::console,
    client::Client,
    clock::Clock,
    directory::{Precondition, Refused, Writer},
    mapping::Mapping,
    profile::ProfileField,
    scim::{Schemas, user_resource},
    store::{self, Reservation, Tables},
    user::{User, UserId},
};
use row::{Meant, Read};
use seen::Seen;
use window::Window;

/// How many rows are gone over before it is written where the walk is.
const PAGE: usize = 100;
/// How many users are written at once.
const WRITERS: usize = 8;
/// For how long who has a file at work has it alone: longer than a page takes.
const LEASE: SignedDuration = SignedDuration::from_secs(60);

/// Goes on with the files that nobody has at work, until `until`.
///
/// # Errors
/// When the tables do not answer.
pub async fn go_on(tables: &Tables, clock: &Clock, until: Timestamp) -> Result<(), store::Error> {
    for upload in tables.uploads_due().await? {
        carry_out(tables, clock, upload, until).await?;
    }
    Ok(())
}

/// Goes on with a file until `until`, and gives how far it is; with one that somebody else has at work
/// nothing is done.
///
/// # Errors
/// When the tables do not answer.
pub async fn carry_out(
    tables: &Tables,
    clock: &Clock,
    mut upload: Upload,
    until: Timestamp,
) -> Result<Upload, store::Error> {
    if upload.leased_until.is_some_and(|leased| leased > clock.now()) || !upload.stage.is_under_way() {
        return Ok(upload);
    }
    upload.leased_until = Some(clock.now() + LEASE);
    if tables.put_upload(&mut upload).await? {
        let desk = Desk::new(tables, clock, &upload).await?;
        let mut walk = Walk::begin(&desk, &upload).await?;
        while upload.stage.is_under_way() {
            if clock.now() >= until {
                upload.leased_until = None;
                tables.put_upload(&mut upload).await?;
                break;
            }
            walk.page(&mut upload).await?;
            if !tables.put_upload(&mut upload).await? {
                break;
            }
        }
    }
    let upload = tables.upload(&upload.id).await?.unwrap_or(upload);
    if !upload.stage.is_under_way() {
        tables.forget_due_upload(&upload.id).await?;
    }
    if upload.stage.is_over() {
        tables.forget_parts(&upload).await?;
    }
    Ok(upload)
}

/// The user whom a row of these cells tells where nobody is there yet.
///
/// # Errors
/// Why it tells none, in a sentence.
pub fn told_user(
    cells: Vec<String>,
    reading: &Reading,
    mapping: Option<&Mapping>,
    fields: &[ProfileField],
    now: Timestamp,
) -> Result<User, String> {
    let client = console();
    let meant = Read::of(2, Ok(cells), reading, &client.id).meant().map_err(|(_, reason)| reason)?;
    let mut user = User::new("", now);
    let of = super::plain::Of { client: &client.id, fields };
    meant.lay_over(&mut user, reading, of, mapping, now).map_err(|refused| refused.sentence())?;
    Ok(user)
}

/// What going over a file takes.
struct Desk<'a> {
    tables: &'a Tables,
    clock: &'a Clock,
    client: Client,
    fields: Vec<ProfileField>,
    schemas: Schemas,
    applications: Vec<Application>,
    /// Whose mapping the file's fields go through, where they are a customer's.
    application: Option<usize>,
}

impl<'a> Desk<'a> {
    async fn new(tables: &'a Tables, clock: &'a Clock, upload: &Upload) -> Result<Desk<'a>, store::Error> {
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

/// A walk over a file, and what of the file is in memory.
struct Walk<'a> {
    desk: &'a Desk<'a>,
    window: Window,
    seen: Seen,
}

impl<'a> Walk<'a> {
    /// A walk that goes on where `upload` says. The keys of the rows before it are read again.
    async fn begin(desk: &'a Desk<'a>, upload: &Upload) -> Result<Walk<'a>, store::Error> {
        let mut walk = Walk { desk, window: Window::default(), seen: Seen::default() };
        let mut place = Place::default();
        while place.offset < upload.place.offset {
            let Some(read) = walk.read(upload, &mut place, upload.place.rows).await? else { break };
            for row in &read {
                walk.seen.first_about(row);
            }
        }
        Ok(walk)
    }

    /// The next rows but for the heading, `rows` in the whole file at most, and moves `place` behind them;
    /// `None`: there are no more, or a part of the file is gone.
    async fn read(
        &mut self,
        upload: &Upload,
        place: &mut Place,
        rows: u32,
    ) -> Result<Option<Vec<Read>>, store::Error> {
        let most = PAGE.min(usize::try_from(rows.saturating_sub(place.rows)).unwrap_or(PAGE));
        let Some(found) = self.window.rows(self.desk.tables, upload, place.offset, most).await? else {
            return Ok(None);
        };
        let mut read = Vec::with_capacity(found.rows.len());
        for cells in found.rows {
            place.rows += 1;
            // The first is the heading.
            if place.rows > 1 {
                read.push(Read::of(place.rows, cells, &upload.reading, &self.desk.client.id));
            }
        }
        place.offset = found.end;
        place.pages += 1;
        Ok(Some(read))
    }

    /// Goes over a page, and has `upload` say so.
    async fn page(&mut self, upload: &mut Upload) -> Result<(), store::Error> {
        let mut place = upload.place;
        let read = self.read(upload, &mut place, MOST_ROWS + 1).await?;
        let now = self.desk.clock.now();
        match read {
            Some(read) => {
                let told = self.told(upload, read).await?;
                self.desk.tables.put_rows(upload, &told).await?;
                let counts = match upload.stage {
                    Stage::Applying => &mut upload.applied,
                    _ => &mut upload.checked,
                };
                told.iter().for_each(|row| counts.add(row.verdict));
                upload.place = place;
                upload.leased_until = Some(now + LEASE);
            }
            None => {
                self.window.missing.then(|| {
                    upload.detail =
                        "The file is kept no longer, or a part of it did not come. Send it again.".to_owned();
                });
                upload.stage = match upload.stage {
                    _ if self.window.missing => Stage::Cancelled,
                    Stage::Applying => Stage::Applied,
                    _ => Stage::Checked,
                };
            }
        }
        if upload.stage.is_under_way() && upload.place.rows > MOST_ROWS && upload.place.offset < upload.size {
            upload.detail = format!(
                "The file has more than {MOST_ROWS} rows. Those after row {} were left out: part the file and \
                 send the rest.",
                upload.place.rows
            );
            upload.stage = if upload.stage == Stage::Applying { Stage::Applied } else { Stage::Checked };
        }
        if !upload.stage.is_under_way() {
            upload.leased_until = None;
            upload.stage_ended_at = Some(now);
        }
        Ok(())
    }

    /// What rows come to, in their order.
    async fn told(&mut self, upload: &Upload, read: Vec<Read>) -> Result<Vec<RowTold>, store::Error> {
        let mut told = Vec::with_capacity(read.len());
        let mut meant = Vec::new();
        for row in read {
            if let Some(first) = self.seen.first_about(&row) {
                told.push(row.told(
                    RowVerdict::Duplicate,
                    format!("Row {first} is about the same user, and counts. Put the two into one row."),
                ));
                continue;
            }
            match row.meant() {
                Ok(found) => meant.push(found),
                Err((number, reason)) => told.push(row::unread(number, RowVerdict::Invalid, reason)),
            }
        }
        let known = self.known(&meant).await?;
        let done: Vec<Result<RowTold, store::Error>> = stream::iter(meant)
            .map(|meant| self.one(upload, meant, &known))
            .buffer_unordered(WRITERS)
            .collect()
            .await;
        for one in done {
            told.push(one?);
        }
        told.sort_by_key(|row| row.row);
        Ok(told)
    }

    /// Who has the values of these rows.
    async fn known(&self, meant: &[Meant]) -> Result<Known, store::Error> {
        let tables = self.desk.tables;
        let keys: BTreeSet<Reservation> = meant.iter().flat_map(|row| row.keys.clone()).collect();
        let holders = tables.holders(&keys).await?;
        let customers: Vec<CustomerId> = meant.iter().filter_map(|row| row.customer).collect();
        let pointers = match self.desk.application() {
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
    async fn one(&self, upload: &Upload, meant: Meant, known: &Known) -> Result<RowTold, store::Error> {
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
        let writer = self.desk.writer();
        let written = match user {
            None => {
                let resource = user_resource(&after, &self.desk.client.id, "", &[], &self.desk.fields);
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
        let mut after = user.cloned().unwrap_or_else(|| User::new("", self.desk.clock.now()));
        self.lay_over(upload, meant, &mut after)?;
        match user {
            Some(_) => Ok(after),
            // What a client may not write is not written of a new one either.
            None => {
                let resource = user_resource(&after, &self.desk.client.id, "", &[], &self.desk.fields);
                self.desk.writer().draft(&resource)
            }
        }
    }

    fn lay_over(&self, upload: &Upload, meant: &Meant, user: &mut User) -> Result<(), Refused> {
        let of = super::plain::Of { client: &self.desk.client.id, fields: &self.desk.fields };
        meant.lay_over(user, &upload.reading, of, self.desk.mapping(), self.desk.clock.now())
    }

    /// What a store would say to the user.
    fn would_stay_behind(&self, user: &User) -> String {
        match self.desk.writer().refused_by(user, &self.desk.applications) {
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
struct Known {
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
