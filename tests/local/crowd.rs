//! Many users at once: the rows that the tables would write for them, put into the engine in one go.
//!
//! The tables make each transaction as ever, but it is taken from them before it is sent: so the
//! rows, the reservations and the counts are what the tables keep, whatever that is.

mod typical;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use aws_sdk_dynamodb::{
    Client,
    config::{ConfigBag, Intercept, RuntimeComponents, interceptors::BeforeTransmitInterceptorContextRef},
    error::BoxError,
};
use serde_json::{Map, Value, json};
use shared::{
    store::{self, Tables},
    user::User,
};

pub use typical::typical;

use crate::engine::{self, Engine};

/// Why the users are not there.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The tables refused one.
    #[error("the users could not be made")]
    Tables(#[source] store::Error),
    /// The tables write in a way that is not known here.
    #[error("the users could not be made (a new user is rows that are put, and numbers that are added)")]
    Unknown,
    /// The engine did not take them.
    #[error("the users could not be put into the engine")]
    Engine(#[source] engine::Error),
}

/// Puts new users into `engine`, whose users table is behind `tables`. The first is written as
/// users are, which also notes what is noted once for all.
///
/// # Errors
/// When the tables or the engine refuse them.
pub async fn settle(engine: &Engine, tables: &Tables, users: &[User]) -> Result<(), Error> {
    let Some((first, others)) = users.split_first() else { return Ok(()) };
    tables.create_user(first, &[]).await.map_err(Error::Tables)?;
    let taken = Taken::default();
    let config = engine.client().config().to_builder().interceptor(taken.clone());
    let silent = tables.clone().with_client(&Client::from_conf(config.build()));
    let mut crowd = Crowd::default();
    for user in others {
        let sent = silent.create_user(user, &[]).await;
        match (taken.transaction(), sent) {
            (Some(transaction), _) => crowd.add(transaction)?,
            (None, Err(error)) => return Err(Error::Tables(error)),
            (None, Ok(_)) => return Err(Error::Unknown),
        }
    }
    crowd.put_into(engine)
}

/// Takes each call's body, and lets the call fail before it is sent.
#[derive(Clone, Debug, Default)]
struct Taken(Arc<Mutex<Option<Vec<u8>>>>);

impl Taken {
    fn transaction(&self) -> Option<Value> {
        let body = self.0.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        serde_json::from_slice(&body).ok()
    }
}

impl Intercept for Taken {
    fn name(&self) -> &'static str {
        "taken"
    }

    fn read_after_serialization(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let body = context.request().body().bytes().map(<[u8]>::to_vec);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = body;
        Err("nothing is sent".into())
    }
}

/// The rows of many users, by table.
#[derive(Default)]
struct Crowd {
    rows: BTreeMap<String, Vec<Value>>,
    /// By table and key, what is added to each number.
    counts: BTreeMap<(String, String), Map<String, Value>>,
}

impl Crowd {
    fn add(&mut self, mut transaction: Value) -> Result<(), Error> {
        let Value::Array(steps) = transaction["TransactItems"].take() else { return Err(Error::Unknown) };
        for mut step in steps {
            let known = match (step["Put"].take(), step["Update"].take()) {
                (Value::Object(put), _) => self.put(put),
                (_, update @ Value::Object(_)) => self.count(&update),
                _ => None,
            };
            known.ok_or(Error::Unknown)?;
        }
        Ok(())
    }

    fn put(&mut self, mut put: Map<String, Value>) -> Option<()> {
        let table = put.get("TableName")?.as_str()?.to_owned();
        self.rows.entry(table).or_default().push(put.remove("Item")?);
        Some(())
    }

    /// `ADD #a :a, #b :b`
    fn count(&mut self, update: &Value) -> Option<()> {
        let place = (update["TableName"].as_str()?.to_owned(), update["Key"].to_string());
        let row = self
            .counts
            .entry(place)
            .or_insert_with(|| update["Key"].as_object().cloned().unwrap_or_default());
        for added in update["UpdateExpression"].as_str()?.strip_prefix("ADD ")?.split(", ") {
            let (name, value) = added.split_once(' ')?;
            let name = update["ExpressionAttributeNames"][name].as_str()?;
            let more: i64 = number(&update["ExpressionAttributeValues"][value])?;
            let sum = row.get(name).and_then(number).unwrap_or_default() + more;
            row.insert(name.to_owned(), json!({ "N": sum.to_string() }));
        }
        Some(())
    }

    /// To the numbers that are there already, these are added.
    fn put_into(mut self, engine: &Engine) -> Result<(), Error> {
        for ((table, key), mut counts) in self.counts {
            let key: Value = serde_json::from_str(&key).map_err(|_| Error::Unknown)?;
            let there = engine.item(&table, key).map_err(Error::Engine)?.unwrap_or_default();
            for (name, value) in there {
                let sum = counts.get(&name).and_then(number).zip(number(&value)).map(|(a, b)| a + b);
                counts.insert(name, sum.map_or(value, |sum| json!({ "N": sum.to_string() })));
            }
            self.rows.entry(table).or_default().push(counts.into());
        }
        for (table, rows) in self.rows {
            engine.import(&table, rows).map_err(Error::Engine)?;
        }
        Ok(())
    }
}

fn number(value: &Value) -> Option<i64> {
    value["N"].as_str()?.parse().ok()
}
