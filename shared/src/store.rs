//! The only code that speaks to DynamoDB. A file a notion:
//!
//! * [`users`](Tables::user): users, by identifier, user name, e-mail address and in order
//! * [`listing`](Tables::listed): users by name and user name, in order or beginning so
//! * [`counts`](Tables::count_users): how many there are, and where the user of a rank is
//! * [`uniques`](Reservation): user names, e-mail addresses, the clients' own identifiers and
//!   customers belong to one user
//! * [`groups`](Tables::group): groups, by identifier, name and in order
//! * [`members`](Tables::members): who is in a group; [`pending`](Tables::admit): who is to be
//! * [`pointers`](Pointer): whose customer it is
//! * [`tombstones`](Tables::bury): customers whose user is gone, and what was sent to a customer
//! * [`work`](Tables::work): subjects that may be out of step
//! * [`jobs`](Tables::job): imports, one run an application; [`forecasts`](Tables::forecasts): what dry runs foresee
//! * [`mails`](Tables::queue_mail): mails to send
//! * [`activations`](Tables::activation): how far users are with setting a password; [`looks`](Look): when they are to be reminded
//! * [`waves`](Tables::wave): activation mails to many; [`posting`](Tables::suppress): what senders of mails share
//! * [`reports`](Tables::entries): entries of the provisioning report
//! * [`settings`](Tables::application): applications, their secrets sealed
//! * [`mappings`](Tables::publish_mapping): drafts of mappings, and what was live
//! * [`bulks`](Tables::begin_bulk): changes of many users
//! * [`notes`](Tables::recall): what functions remember between calls
//! * [`clients`](Tables::client): clients of the directory, and the profile fields it offers them
//! * [`tokens`](Tables::api_token): the bearer tokens of API clients, hashed
//! * [`amendments`](Tables::amendments): what people changed of how the directory works
//! * [`operators`](Tables::operator): operators of the console and their sessions
//! * [`one_time`](Tables::issue): links that open one thing once
//! * [`tallies`](Tables::tally_deletions): how many deletions there were in an hour
//! * [`throttles`](Tables::once_in): how often something may be asked for
//! * [`decisions`](Tables::approve_deletions): what was decided about deletions that were too many
//! * [`attention`](Tables::raise): what asks for a person
//! * `transaction`, `step`, `call`, `batch`: how all of them are sent, and sent again
//! * `item`: how values become attributes; `body`: how a user does; `order`: rows in order;
//!   `membership`: what tells of one; `meter`: what it all costs
//!
//! Nothing reads a whole table but the sweep of the work table, which holds only what is
//! outstanding.

mod activation_settings;
mod activations;
mod amendments;
mod attention;
mod batch;
mod body;
mod bulks;
mod call;
mod clients;
mod counts;
mod decisions;
mod error;
mod forecasts;
mod groups;
mod item;
mod jobs;
mod listing;
mod looks;
mod mails;
mod mappings;
mod members;
mod membership;
mod meter;
mod notes;
mod one_time;
mod operators;
mod order;
mod pending;
mod pointers;
mod posting;
mod reports;
mod seals;
mod settings;
mod step;
mod tallies;
mod throttles;
mod tokens;
mod tombstones;
mod transaction;
mod uniques;
mod uploads;
mod users;
mod waves;
mod work;

use std::{collections::HashMap, fmt, num::NonZeroU16, sync::Arc, time::Duration};

use aws_sdk_dynamodb::{
    Client,
    config::{retry::RetryConfig, timeout::TimeoutConfig},
};
use jiff::SignedDuration;
use tokio::sync::Mutex;

use crate::{application::ApplicationId, clock::Clock, env, vault::Vault};

pub use activations::ActivationPage;
pub use amendments::AmendmentPage;
pub use attention::AttentionPage;
pub use clients::DefinedFields;
pub use counts::UserPage;
pub use decisions::{Decision, Way};
pub use error::Error;
pub use forecasts::ForecastPage;
pub use groups::GroupPage;
pub use listing::{Listed, Listing, Order, Sense};
pub use looks::Look;
pub use mails::MailPage;
pub use mappings::{Draft, MOST_VERSIONS, MappingVersion};
pub use members::MemberPage;
pub use meter::{Meter, Usage};
pub use one_time::Hold;
pub use pointers::Pointer;
pub use posting::{Return, Returns, Suppressed, Suppression};
pub use reports::{Cursor, EntryPage, EntryQuery, NotACursor, Of};
pub use tokens::token_hash;
pub use transaction::Also;
pub use uniques::{Reservation, Unique};
pub use uploads::RowPage;
pub use users::Written;
pub use waves::WaveMails;

/// The names of the tables.
#[derive(Clone, Debug)]
pub struct TableNames {
    /// Users, and the rows that make their values unique.
    pub users: String,
    /// Pairs that may be out of step.
    pub work: String,
    /// Imports to run and mails to send.
    pub jobs: String,
    /// Entries of the provisioning report.
    pub reports: String,
    /// Applications and attention.
    pub settings: String,
}

/// One of the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Table {
    /// Users, and the rows that make their values unique.
    Users,
    /// Pairs that may be out of step.
    Work,
    /// Imports to run and mails to send.
    Jobs,
    /// Entries of the provisioning report.
    Reports,
    /// Applications and attention.
    Settings,
}

impl Table {
    const ALL: [Table; 5] = [Table::Users, Table::Work, Table::Jobs, Table::Reports, Table::Settings];
}

impl TableNames {
    /// The names in the variables `USERS_TABLE`, `WORK_TABLE`, `JOBS_TABLE`, `REPORTS_TABLE` and
    /// `SETTINGS_TABLE`.
    pub fn from_env() -> Result<TableNames, env::Error> {
        Ok(TableNames {
            users: env::required("USERS_TABLE", "the name of the users table")?,
            work: env::required("WORK_TABLE", "the name of the work table")?,
            jobs: env::required("JOBS_TABLE", "the name of the jobs table")?,
            reports: env::required("REPORTS_TABLE", "the name of the reports table")?,
            settings: env::required("SETTINGS_TABLE", "the name of the settings table")?,
        })
    }

    fn of(&self, table: Table) -> &str {
        match table {
            Table::Users => &self.users,
            Table::Work => &self.work,
            Table::Jobs => &self.jobs,
            Table::Reports => &self.reports,
            Table::Settings => &self.settings,
        }
    }
}

/// How often the SDK sends one call.
const MOST_SENDINGS: u32 = 4;

/// How long a call may take, retries and all, before it is given up.
struct Patience {
    attempts: u32,
    connect: Duration,
    attempt: Duration,
    operation: Duration,
}

const PATIENT: Patience = Patience {
    attempts: 6,
    connect: Duration::from_secs(1),
    attempt: Duration::from_secs(3),
    operation: Duration::from_secs(12),
};

/// A store that delivers a webhook wants its answer within seconds, and comes back by itself.
const IMPATIENT: Patience = Patience {
    attempts: 2,
    connect: Duration::from_millis(500),
    attempt: Duration::from_millis(900),
    operation: Duration::from_millis(2000),
};

/// How long entries of the report are kept where `REPORT_RETENTION_DAYS` does not say.
const RETENTION_DAYS: NonZeroU16 = NonZeroU16::new(90).expect("90 is not 0");

/// The tables. Cheap to clone.
#[derive(Clone)]
pub struct Tables {
    client: Client,
    names: Arc<TableNames>,
    vault: Vault,
    clock: Clock,
    meter: Arc<Meter>,
    attempts: u32,
    retention: SignedDuration,
    /// The furthest partition of pointers that is noted, by application.
    partitions: Arc<Mutex<HashMap<ApplicationId, u32>>>,
}

impl Tables {
    /// The tables of these names behind `client`, on the machine's clock.
    ///
    /// Of the client's configuration, timeouts and the number of attempts are replaced: every call
    /// is sent again a few times after throttling, errors of the server and lost answers, and given
    /// up after 12 s.
    pub fn new(client: Client, names: TableNames, vault: Vault) -> Tables {
        Tables {
            client: with_patience(&client, &PATIENT),
            names: Arc::new(names),
            vault,
            clock: Clock::system(),
            meter: Arc::default(),
            attempts: PATIENT.attempts,
            retention: days(RETENTION_DAYS),
            partitions: Arc::default(),
        }
    }

    /// The tables that the environment names: see [`TableNames::from_env`] and [`env::vault`];
    /// `DYNAMODB_ENDPOINT` and `REPORT_RETENTION_DAYS` may be unset.
    pub async fn from_env() -> Result<Tables, env::Error> {
        let names = TableNames::from_env()?;
        let endpoint = env::optional_address("DYNAMODB_ENDPOINT")?;
        let kept = env::optional_parsed(
            "REPORT_RETENTION_DAYS",
            "a whole number of days from 1 to 65535, or unset",
        )?;
        let aws = env::aws().await;
        let vault = env::vault(&aws).await?;
        let config = aws_sdk_dynamodb::config::Builder::from(&aws).retry_config(retries());
        let config = endpoint.into_iter().fold(config, |config, endpoint| config.endpoint_url(endpoint));
        let tables = Tables::new(Client::from_conf(config.build()), names, vault);
        Ok(Tables { retention: days(kept.unwrap_or(RETENTION_DAYS)), ..tables })
    }

    /// The same tables on this clock.
    pub fn with_clock(self, clock: Clock) -> Tables {
        Tables { clock, ..self }
    }

    /// The same tables through another client: with other credentials, say.
    pub fn with_client(self, client: &Client) -> Tables {
        Tables { client: with_patience(client, &PATIENT), attempts: PATIENT.attempts, ..self }
    }

    /// The same tables for who must answer soon: a call is repeated once, and given up after 2 s.
    pub fn impatient(self) -> Tables {
        let client = with_patience(&self.client, &IMPATIENT);
        Tables { client, attempts: IMPATIENT.attempts, ..self }
    }

    /// The same tables, which count what they consume (see [`Tables::meter`]).
    pub fn metered(self) -> Tables {
        Tables { meter: Arc::new(Meter::running()), ..self }
    }

    /// What was consumed since [`Tables::metered`]; nothing is counted without.
    pub fn meter(&self) -> &Meter {
        &self.meter
    }

    fn name(&self, table: Table) -> &str {
        self.names.of(table)
    }
}

fn with_patience(client: &Client, patience: &Patience) -> Client {
    let retries = client.config().retry_config().cloned().unwrap_or_else(retries);
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(patience.connect)
        .operation_attempt_timeout(patience.attempt)
        .operation_timeout(patience.operation);
    let retries = retries.with_max_attempts(patience.attempts.min(MOST_SENDINGS));
    let config = client.config().to_builder().retry_config(retries).timeout_config(timeouts.build());
    Client::from_conf(config.build())
}

/// DynamoDB answers in milliseconds: to wait a second before the second attempt, as the SDK does,
/// is to wait for nothing.
fn retries() -> RetryConfig {
    RetryConfig::standard()
        .with_initial_backoff(Duration::from_millis(50))
        .with_max_backoff(Duration::from_secs(2))
}

fn days(days: NonZeroU16) -> SignedDuration {
    SignedDuration::from_hours(24 * i64::from(days.get()))
}

impl fmt::Debug for Tables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tables").field("names", &self.names).finish_non_exhaustive()
    }
}
