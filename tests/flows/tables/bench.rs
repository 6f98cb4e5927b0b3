//! An engine with the tables, a clock that is driven by hand, and faults on the way between.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use aws_sdk_dynamodb::{
    Client, Config,
    config::{
        BehaviorVersion, ConfigBag, Credentials, Intercept, Region, RuntimeComponents,
        http::HttpResponse,
        interceptors::{BeforeDeserializationInterceptorContextMut, BeforeTransmitInterceptorContextMut},
        retry::RetryConfig,
    },
    error::BoxError,
    types::{
        AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
        ProjectionType, ScalarAttributeType,
    },
};
use jiff::Timestamp;
use shared::{
    bigcommerce::CustomerId,
    clock::Clock,
    secret::{EmailAddress, Secret},
    store::{TableNames, Tables},
    user::{Base, Email, Link, LinkState, User},
    vault::Vault,
};

pub(super) const KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

/// The tables, and what they stand on.
pub(super) struct Bench {
    pub(super) tables: Tables,
    pub(super) client: Client,
    pub(super) clock: HandClock,
    pub(super) wire: Wire,
    pub(super) engine: dynoxide::Database,
}

impl Bench {
    pub(super) async fn start() -> Bench {
        let engine = dynoxide::Database::memory().unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(dynoxide::server::serve_on(listener, engine.clone()));
        let (wire, clock) = (Wire::default(), HandClock::at("2026-03-10T12:00:00Z"));
        let client = client(&url, &wire);
        create_tables(&client).await;
        let tables = tables(client.clone(), KEY).with_clock(clock.clock());
        Bench { tables, client, clock, wire, engine }
    }

    /// Every item of a table as one text, as a thief would read it.
    pub(super) async fn raw(&self, table: &str) -> String {
        format!("{:?}", self.client.scan().table_name(table).send().await.unwrap().items())
    }

    pub(super) async fn rows(&self, table: &str) -> i32 {
        self.client.scan().table_name(table).send().await.unwrap().count()
    }
}

/// Tables of the names of the bench, with this vault key.
pub(super) fn tables(client: Client, keys: &str) -> Tables {
    let [users, work, jobs, reports, settings] =
        ["users", "work", "jobs", "reports", "settings"].map(str::to_owned);
    let names = TableNames { users, work, jobs, reports, settings };
    Tables::new(client, names, Vault::new(&Secret::new(keys)).unwrap())
}

pub(super) fn client(url: &str, wire: &Wire) -> Client {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("local"))
        .credentials_provider(Credentials::new("key", "secret", None, None, "bench"))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .retry_config(RetryConfig::standard().with_initial_backoff(Duration::ZERO))
        .endpoint_url(url)
        .interceptor(wire.clone());
    Client::from_conf(config.build())
}

async fn create_tables(client: &Client) {
    create(client, "users", &["pk", "sk"], None).await;
    create(client, "work", &["subject"], None).await;
    create(client, "jobs", &["subject"], None).await;
    create(client, "reports", &["pk", "sk"], Some(("by-identifier", ["identifier", "sk"]))).await;
    create(client, "settings", &["kind", "id"], None).await;
}

async fn create(client: &Client, name: &str, keys: &[&str], index: Option<(&str, [&str; 2])>) {
    let extra = index.map(|(_, keys)| keys[0]);
    let attributes = keys.iter().copied().chain(extra).map(|name| {
        let attribute = AttributeDefinition::builder().attribute_name(name);
        attribute.attribute_type(ScalarAttributeType::S).build().unwrap()
    });
    let indexes = index.map(|(name, keys)| {
        let index = GlobalSecondaryIndex::builder().index_name(name).set_key_schema(Some(schema(&keys)));
        let all = Projection::builder().projection_type(ProjectionType::All).build();
        vec![index.projection(all).build().unwrap()]
    });
    let create = client.create_table().table_name(name).billing_mode(BillingMode::PayPerRequest);
    let create =
        create.set_attribute_definitions(Some(attributes.collect())).set_key_schema(Some(schema(keys)));
    create.set_global_secondary_indexes(indexes).send().await.unwrap();
}

fn schema(keys: &[&str]) -> Vec<KeySchemaElement> {
    let kinds = [KeyType::Hash, KeyType::Range];
    let element = |(name, kind): (&&str, KeyType)| {
        KeySchemaElement::builder().attribute_name(*name).key_type(kind).build().unwrap()
    };
    keys.iter().zip(kinds).map(element).collect()
}

/// A clock that stands still but for those who sleep: they move it and do not wait.
#[derive(Clone)]
pub(super) struct HandClock(Arc<Mutex<Timestamp>>);

impl HandClock {
    fn at(time: &str) -> HandClock {
        HandClock(Arc::new(Mutex::new(time.parse().unwrap())))
    }

    pub(super) fn clock(&self) -> Clock {
        let (told, slept) = (self.clone(), self.clone());
        Clock::new(
            move || told.now(),
            move |duration| {
                slept.advance(duration);
                Box::pin(std::future::ready(()))
            },
        )
    }

    pub(super) fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }

    pub(super) fn advance(&self, by: Duration) {
        let mut now = self.0.lock().unwrap();
        *now = now.checked_add(by).unwrap();
    }
}

/// What becomes of a call on its way.
#[derive(Clone, Debug)]
pub(super) enum Fault {
    /// None.
    Passes,
    /// It is carried out, and answered with this instead.
    AnsweredInstead(u16, &'static str),
    /// It is not carried out, and answered with this.
    Refused(u16, &'static str),
}

/// The way between the SDK and the engine: it brings about faults and remembers what passed.
#[derive(Clone, Debug, Default)]
pub(super) struct Wire {
    faults: Arc<Mutex<VecDeque<Fault>>>,
    answer: Arc<Mutex<Option<(u16, &'static str)>>>,
    sent: Arc<Mutex<Vec<String>>>,
}

impl Wire {
    /// The next calls meet these, one each.
    pub(super) fn faults(&self, faults: impl IntoIterator<Item = Fault>) {
        *self.faults.lock().unwrap() = faults.into_iter().collect();
    }

    pub(super) fn left(&self) -> usize {
        self.faults.lock().unwrap().len()
    }

    /// The bodies that were sent since the last time they were asked for.
    pub(super) fn sent(&self) -> Vec<serde_json::Value> {
        let sent = std::mem::take(&mut *self.sent.lock().unwrap());
        sent.iter().map(|body| serde_json::from_str(body).unwrap()).collect()
    }
}

impl Intercept for Wire {
    fn name(&self) -> &'static str {
        "wire"
    }

    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let body = context.request().body().bytes().unwrap_or_default();
        self.sent.lock().unwrap().push(String::from_utf8(body.to_vec())?);
        let answer = match self.faults.lock().unwrap().pop_front() {
            None | Some(Fault::Passes) => None,
            Some(Fault::AnsweredInstead(status, body)) => Some((status, body)),
            Some(Fault::Refused(status, body)) => {
                // Something harmless goes in its place.
                let request = context.request_mut();
                request.headers_mut().insert("x-amz-target", "DynamoDB_20120810.ListTables");
                request.headers_mut().insert("content-length", "2");
                *request.body_mut() = "{}".into();
                Some((status, body))
            }
        };
        *self.answer.lock().unwrap() = answer;
        Ok(())
    }

    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some((status, body)) = self.answer.lock().unwrap().take() {
            *context.response_mut() = HttpResponse::new(status.try_into()?, body.into());
        }
        Ok(())
    }
}

pub(super) fn email(address: &str) -> Email {
    Email { value: EmailAddress::new(address), kind: None, display: None, primary: false }
}

/// A user of this name and these e-mail addresses.
pub(super) fn user(name: &str, emails: &[&str]) -> User {
    let mut user = User::new(name, Timestamp::UNIX_EPOCH);
    user.emails = emails.iter().map(|address| email(address)).collect();
    user
}

pub(super) fn customer(id: i64) -> CustomerId {
    CustomerId::try_from(id).unwrap()
}

pub(super) fn link(id: i64) -> Link {
    Link {
        customer: customer(id),
        base: Base::default(),
        in_scope: false,
        held: None,
        state: LinkState::InStep,
        store_modified: None,
        synced_at: Timestamp::UNIX_EPOCH,
        last_error: None,
        attention: Default::default(),
    }
}

/// `user`, linked to this customer of the main store.
pub(super) fn linked(mut user: User, id: i64) -> User {
    user.links.insert("main-store".parse().unwrap(), link(id));
    user
}
