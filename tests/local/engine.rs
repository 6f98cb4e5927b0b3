//! An embedded DynamoDB engine that serves the real wire on a loopback port, with the template's
//! tables. Production code reaches it through the [`Gate`], where tests let calls fail.

mod gate;
mod rights;
mod streams;
mod upkeep;

use std::{collections::BTreeMap, path::PathBuf, sync::Arc, time::Duration};

use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region, retry::RetryConfig};
use dynoxide::{Database, DynoxideError, ImportOptions, actions::TableDescription};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};
use shared::clock::Clock;
use tokio::{net::TcpListener, task::JoinHandle};

pub use gate::{Fault, Gate};
use upkeep::Upkeep;

use crate::template::{Table, Template};

/// Where the data is kept.
#[derive(Clone, Debug)]
pub enum Keep {
    /// Nowhere: it lives as long as the engine, whose clock is the given one.
    Memory(Clock),
    /// In this file, or under whatever else SQLite takes for a file's name.
    File(PathBuf),
}

/// A running engine.
pub struct Engine {
    database: Database,
    upkeep: Option<Upkeep>,
    gate: Arc<Gate>,
    url: String,
    streams: BTreeMap<String, String>,
    servers: [JoinHandle<()>; 2],
}

/// Why the engine cannot do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Its port could not be opened.
    #[error("the engine could not be started (it needs a port of the loopback address)")]
    Port(#[source] std::io::Error),
    /// It refused a request.
    #[error("the engine could not {what}")]
    Refused {
        /// What was asked.
        what: &'static str,
        /// What it said.
        #[source]
        source: DynoxideError,
    },
    /// A request of ours does not have the shape that it takes.
    #[error("the engine could not {what} (the request has another shape)")]
    Shape {
        /// What was asked.
        what: &'static str,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
    /// The data was kept for other tables.
    #[error("the kept data does not fit the template (its table {0} has other keys)")]
    OtherTables(String),
    /// The stream's records could not be looked after.
    #[error("the engine's streams could not be looked after")]
    Upkeep(#[source] rusqlite::Error),
}

/// Lets the engine's clock be ours, so that items expire by it.
struct EngineClock(Clock);

impl dynoxide::storage_backend::Clock for EngineClock {
    fn now_unix_secs(&self) -> u64 {
        self.0.now().as_second().try_into().unwrap_or_default()
    }

    fn now_unix_secs_f64(&self) -> f64 {
        self.0.now().as_duration().as_secs_f64()
    }
}

impl Engine {
    /// Starts an engine that has the template's tables.
    ///
    /// # Errors
    /// When no port is to be had, the file cannot be used, or it holds other tables.
    pub async fn start(keep: Keep, template: &Template) -> Result<Engine, Error> {
        let (database, upkeep) = open(keep)?;
        for table in &template.tables {
            create(&database, table)?;
        }
        let streams = streams::of(&database, template)?;
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(Error::Port)?;
        let behind = listener.local_addr().map_err(Error::Port)?;
        let front = TcpListener::bind("127.0.0.1:0").await.map_err(Error::Port)?;
        let url = format!("http://{}", front.local_addr().map_err(Error::Port)?);
        let gate = Arc::new(Gate::default());
        for function in &template.functions {
            gate.grant(&function.name, function.rights.clone());
        }
        let servers = [
            tokio::spawn(dynoxide::server::serve_on(listener, database.clone())),
            tokio::spawn(gate::serve(gate.clone(), front, behind)),
        ];
        Ok(Engine { database, upkeep, gate, url, streams, servers })
    }

    /// Its address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The gate through which every call to [`Engine::url`] goes.
    pub fn gate(&self) -> &Arc<Gate> {
        &self.gate
    }

    /// A client of it. Its retries come at once: there is nobody here to be spared.
    pub fn client(&self) -> aws_sdk_dynamodb::Client {
        self.client_of("local")
    }

    /// A client for a function, by the name of its binary: it has the rights that the template
    /// gives the function.
    pub fn client_of(&self, caller: &str) -> aws_sdk_dynamodb::Client {
        let retries = RetryConfig::standard().with_initial_backoff(Duration::ZERO);
        let config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new(caller, "local", None, None, "local"))
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .retry_config(retries)
            .endpoint_url(&self.url);
        aws_sdk_dynamodb::Client::from_conf(config.build())
    }

    /// Deletes the items that have expired; returns how many. DynamoDB does it by itself, within days.
    ///
    /// # Errors
    /// When the engine fails.
    pub fn expire_items(&self) -> Result<usize, Error> {
        self.database.sweep_ttl().map_err(refused("delete what has expired"))
    }

    /// Puts many items into a table, as DynamoDB writes them in JSON; its stream tells nothing of it.
    ///
    /// # Errors
    /// When there is no such table, or an item has not its keys.
    pub fn import(&self, table: &str, items: Vec<Value>) -> Result<(), Error> {
        const WHAT: &str = "take many items";
        let items = items.into_iter().map(|item| request(WHAT, item)).collect::<Result<_, _>>()?;
        self.database.import_items(table, items, ImportOptions::default()).map(drop).map_err(refused(WHAT))
    }

    /// The item of a key, if it is there, as DynamoDB writes both in JSON.
    ///
    /// # Errors
    /// When there is no such table, or it has other keys.
    pub fn item(&self, table: &str, key: Value) -> Result<Option<Map<String, Value>>, Error> {
        const WHAT: &str = "read an item";
        let asked = request(WHAT, json!({ "TableName": table, "Key": key }))?;
        let answer = self.database.get_item(asked).map_err(refused(WHAT))?;
        match value(WHAT, &answer)?["Item"].take() {
            Value::Object(item) => Ok(Some(item)),
            _ => Ok(None),
        }
    }

    /// All items of a table, as DynamoDB writes them in JSON.
    ///
    /// # Errors
    /// When there is no such table.
    pub fn items(&self, table: &str) -> Result<Vec<Value>, Error> {
        const WHAT: &str = "read a table";
        let mut items = Vec::new();
        let mut asked = json!({ "TableName": table });
        loop {
            let page = self.database.scan(request(WHAT, asked.clone())?).map_err(refused(WHAT))?;
            let mut page = value(WHAT, &page)?;
            if let Value::Array(found) = page["Items"].take() {
                items.extend(found);
            }
            match page["LastEvaluatedKey"].take() {
                Value::Null => return Ok(items),
                next => asked["ExclusiveStartKey"] = next,
            }
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.servers.iter().for_each(JoinHandle::abort);
    }
}

fn open(keep: Keep) -> Result<(Database, Option<Upkeep>), Error> {
    match keep {
        Keep::Memory(clock) => {
            let database = Database::memory_with_clock(Arc::new(EngineClock(clock)));
            Ok((database.map_err(refused("keep data in memory"))?, None))
        }
        Keep::File(path) => {
            let database = Database::new(&path.to_string_lossy()).map_err(refused("open its file"))?;
            let upkeep = Upkeep::open(&path).map_err(Error::Upkeep)?;
            Ok((database, Some(upkeep)))
        }
    }
}

fn create(database: &Database, table: &Table) -> Result<(), Error> {
    const WHAT: &str = "create a table";
    match database.create_table(request(WHAT, table.definition.clone())?) {
        Ok(_) => {}
        Err(DynoxideError::ResourceInUseException(_)) => return check_kept(database, table),
        Err(error) => return Err(refused(WHAT)(error)),
    }
    if let Some(attribute) = &table.expires {
        let asked = json!({
            "TableName": table.name,
            "TimeToLiveSpecification": { "AttributeName": attribute, "Enabled": true },
        });
        database.update_time_to_live(request(WHAT, asked)?).map_err(refused(WHAT))?;
    }
    Ok(())
}

fn check_kept(database: &Database, table: &Table) -> Result<(), Error> {
    let kept = describe(database, &table.name)?;
    let keys = value("describe a table", &kept.key_schema)?;
    let fits = keys == table.definition["KeySchema"] && kept.latest_stream_arn.is_some() == table.streams;
    if fits { Ok(()) } else { Err(Error::OtherTables(table.name.clone())) }
}

fn describe(database: &Database, table: &str) -> Result<TableDescription, Error> {
    const WHAT: &str = "describe a table";
    let described = database.describe_table(request(WHAT, json!({ "TableName": table }))?);
    Ok(described.map_err(refused(WHAT))?.table)
}

fn request<T: DeserializeOwned>(what: &'static str, asked: Value) -> Result<T, Error> {
    serde_json::from_value(asked).map_err(|source| Error::Shape { what, source })
}

fn value(what: &'static str, answer: &impl Serialize) -> Result<Value, Error> {
    serde_json::to_value(answer).map_err(|source| Error::Shape { what, source })
}

fn refused(what: &'static str) -> impl Fn(DynoxideError) -> Error {
    move |source| Error::Refused { what, source }
}
