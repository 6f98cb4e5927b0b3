//! What a store delivers, taken in by the whole stack: real requests through the gateway, real
//! rows, costs as the engine counts them.

mod bodies;
mod bursts;
mod faults;
mod ignored;
mod rotation;
mod signatures;

use std::sync::atomic::{AtomicU32, Ordering};

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, Request},
};
use futures_util::{StreamExt, stream};
use local::{
    bigcommerce::{Entry, sign},
    stack::{Options, Stack},
};
use reqwest::StatusCode;
use serde_json::{Value, json};
use shared::{
    application::{Application, WEBHOOK_SECRET_HEADER},
    bigcommerce::{CustomerChange, CustomerId},
    secret::Secret,
    store::{Table, Usage},
    user::User,
};

use super::stack::gateway::client;

/// A stack with a connected store, everybody in step.
struct Intake {
    stack: Stack,
    application: Application,
    http: reqwest::Client,
    /// How many reads of customers it took to get here.
    reads: usize,
    deliveries: AtomicU32,
}

/// One request, as a store sends it.
#[derive(Clone)]
struct Delivery {
    headers: HeaderMap,
    body: String,
}

/// What is not to have happened.
const NOTHING: Usage = Usage { read: 0.0, write: 0.0, refused: 0 };

impl Intake {
    /// With so many customers, each of whom has a user.
    async fn start(customers: u32) -> Intake {
        let intake = Intake::unsettled(customers).await;
        intake.stack.settle().await.unwrap();
        let intake = Intake { reads: intake.reads(), ..intake };
        intake.forget_costs();
        intake
    }

    /// With so many customers that nobody has looked at yet.
    async fn unsettled(customers: u32) -> Intake {
        let options = Options { customers, metered: true, ..Options::default() };
        let stack = Stack::start(options).await.unwrap();
        let application = stack.connect("main-store".parse().unwrap(), "Main store").await.unwrap();
        Intake { stack, application, http: client(), reads: 0, deliveries: AtomicU32::new(0) }
    }

    /// Changes how the application is kept; at once, for the function trusts what it read for 30 s.
    async fn reconfigure(&mut self, change: impl FnOnce(&mut Application)) {
        change(&mut self.application);
        self.stack.tables().put_application(&self.application).await.unwrap();
        self.wait(30);
        self.forget_costs();
    }

    fn wait(&self, seconds: u64) {
        let local::stack::Time::ByHand(clock) = self.stack.time() else { panic!("not by hand") };
        clock.advance(std::time::Duration::from_secs(seconds));
    }

    fn now(&self) -> i64 {
        self.stack.clock().now().as_second()
    }

    /// An event about a customer, as the store writes it.
    fn event(&self, scope: &str, data: Value) -> String {
        let producer = format!("stores/{}", self.application.store_hash);
        let (created_at, number) = (self.now(), self.deliveries.load(Ordering::Relaxed));
        json!({
            "producer": producer, "hash": format!("{number:040}"), "created_at": created_at,
            "store_id": "1025646", "scope": scope, "data": data,
        })
        .to_string()
    }

    /// That this customer was updated.
    fn updated(&self, customer: CustomerId) -> Delivery {
        let data = json!({ "type": "customer", "id": customer, "channel_ids": [1] });
        self.signed(self.event("store/customer/updated", data))
    }

    /// A delivery of this body that is right in everything else, and like no other.
    fn signed(&self, body: impl Into<String>) -> Delivery {
        self.signed_at(self.now(), body.into())
    }

    fn signed_at(&self, at: i64, body: String) -> Delivery {
        let id = format!("{:040}", self.deliveries.fetch_add(1, Ordering::Relaxed));
        let (client, app) =
            (&self.application.credentials.client_secret, &self.application.webhook.app_secret);
        Delivery { headers: headers(client, app, &id, at, &body), body }
    }

    fn url(&self) -> String {
        format!("{}/webhooks/{}", self.stack.api(), self.application.id)
    }

    async fn post(&self, delivery: &Delivery) -> StatusCode {
        let request = self.http.post(self.url()).headers(delivery.headers.clone());
        request.body(delivery.body.clone()).send().await.unwrap().status()
    }

    /// Sends them all, 16 at a time, and returns what each was answered.
    async fn post_all(&self, deliveries: Vec<Delivery>) -> Vec<StatusCode> {
        let posts = stream::iter(deliveries).map(async |delivery| self.post(&delivery).await);
        posts.buffer_unordered(16).collect().await
    }

    /// The function as it begins, without having read the application.
    fn function(&self) -> axum::Router {
        webhook::router(webhook::App::new(self.stack.tables().clone(), self.stack.clock().clone()))
    }

    /// The rows of work.
    fn rows(&self) -> Vec<Value> {
        self.stack.engine().items("WorkTable").unwrap()
    }

    /// The customers of the store.
    fn customers(&self) -> Vec<CustomerId> {
        self.stack.store().customers().iter().filter_map(|customer| customer.id).collect()
    }

    /// Has the customer's company changed at the store, which tells of it.
    async fn rename_company(&self, customer: CustomerId, company: &str) {
        let fields = [("company".to_owned(), json!(company))].into_iter().collect();
        let change = CustomerChange { id: customer, fields };
        let store = self.stack.bigcommerce().store(&self.application);
        store.update_customers(&[change]).await.unwrap().remove(0).unwrap();
    }

    /// The user that this customer is.
    async fn user(&self, customer: CustomerId) -> User {
        let tables = self.stack.tables();
        let pointers = tables.pointers(&self.application.id, &[customer]).await.unwrap();
        tables.user(&pointers[&customer].user).await.unwrap().unwrap()
    }

    /// How often customers were read by their identifiers since everybody was in step.
    fn reads(&self) -> usize {
        let by_id = |uri: &str| uri.contains("/v3/customers?") && uri.contains("id%3Ain=");
        let log = self.stack.store().log();
        let reads = log.iter().filter(|entry| matches!(entry, Entry::Call { uri, .. } if by_id(uri)));
        reads.count() - self.reads
    }

    /// What was consumed of a table since the last time it was asked.
    fn cost(&self, table: Table) -> Usage {
        self.stack.tables().meter().take(table)
    }

    /// What all tables together were written.
    fn writes(&self) -> Usage {
        let tables = [Table::Users, Table::Work, Table::Jobs, Table::Reports, Table::Settings];
        tables.map(|table| self.cost(table)).into_iter().fold(NOTHING, |sum, usage| Usage {
            read: 0.0,
            write: sum.write + usage.write,
            refused: sum.refused + usage.refused,
        })
    }

    fn forget_costs(&self) {
        self.writes();
    }

    /// Sends a delivery that is to be turned away, and makes sure that it leaves nothing behind.
    async fn is_turned_away(&self, delivery: &Delivery, what: &str) -> StatusCode {
        let status = self.post(delivery).await;
        assert!(status.is_client_error(), "{what}: {status}");
        assert_eq!(self.writes(), NOTHING, "{what}");
        assert_eq!(self.rows(), [Value::Null; 0], "{what}");
        status
    }

    /// Sends a delivery that is to be taken, and makes sure that it costs one write unit; has it
    /// worked on.
    async fn is_taken(&self, delivery: &Delivery, what: &str) {
        assert_eq!(self.post(delivery).await, StatusCode::OK, "{what}");
        assert_eq!(self.writes(), Usage { write: 1.0, ..NOTHING }, "{what}");
        assert_eq!(self.rows().len(), 1, "{what}");
        self.stack.settle().await.unwrap();
        self.forget_costs();
    }
}

impl Delivery {
    fn with(mut self, name: &'static str, value: &str) -> Delivery {
        self.headers.insert(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
        self
    }

    fn without(mut self, name: &str) -> Delivery {
        self.headers.remove(name).unwrap();
        self
    }

    fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    /// The request as the function itself gets it.
    fn request(&self) -> Request<Body> {
        let mut request = Request::post("/webhooks/main-store").body(Body::from(self.body.clone())).unwrap();
        *request.headers_mut() = self.headers.clone();
        request
    }
}

fn headers(client: &Secret, app: &Secret, id: &str, at: i64, body: &str) -> HeaderMap {
    let values = [
        ("content-type", "application/json".to_owned()),
        (WEBHOOK_SECRET_HEADER, app.expose().to_owned()),
        ("webhook-id", id.to_owned()),
        ("webhook-timestamp", at.to_string()),
        ("webhook-signature", sign(client, id, at, body)),
    ];
    let header =
        |(name, value): (&'static str, String)| (HeaderName::from_static(name), value.parse().unwrap());
    values.into_iter().map(header).collect()
}

fn all_ok(answers: &[StatusCode]) -> bool {
    answers.iter().all(|status| *status == StatusCode::OK)
}
