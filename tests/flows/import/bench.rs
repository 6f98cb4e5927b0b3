//! A connected store of which nothing is known yet, and what an administrator asks.

use std::time::Duration;

use local::{
    bigcommerce::{Config, Fault, FaultKind, Plan},
    stack::{Options, Stack, Time},
};
use shared::{
    application::Application,
    bigcommerce::{Customer, CustomerChange, CustomerId, NewCustomer},
    import::{Effect, Job, Run, State},
};

use crate::oracle;

pub(crate) const PAGES: &str = "GET /v3/customers";

pub(crate) struct Bench {
    pub(crate) stack: Stack,
    pub(crate) application: Application,
}

impl Bench {
    /// A store with so many customers and no limit, connected and not yet looked at.
    pub(crate) async fn with(customers: u32) -> Bench {
        Bench::at(customers, Plan::UNLIMITED, |_| {}).await
    }

    /// As [`Bench::with`], at a plan's quota and with another application than the usual one.
    pub(crate) async fn at(customers: u32, plan: Plan, change: impl FnOnce(&mut Application)) -> Bench {
        let store = Config { plan, ..Config::default() };
        let options = Options { customers: 0, store, metered: true, ..Options::default() };
        let stack = Stack::start(options).await.unwrap();
        let mut application = stack.connect("main-store".parse().unwrap(), "Main store").await.unwrap();
        // Nothing but what is asked for looks at all customers.
        application.policies.survey_every_hours = 0;
        change(&mut application);
        stack.tables().put_application(&application).await.unwrap();
        stack.settle().await.unwrap();
        stack.store().seed(customers, 7);
        Bench { stack, application }
    }

    pub(crate) fn pass(&self, time: Duration) {
        let Time::ByHand(clock) = self.stack.time() else { panic!("the clock is a manual one") };
        clock.advance(time);
    }

    pub(crate) async fn settle(&self) {
        self.stack.settle().await.unwrap();
        self.pass(Duration::from_secs(10));
    }

    /// Begins a full run, as the door does.
    pub(crate) async fn begin(&self, effect: Effect) -> Run {
        let run = Run::full(self.application.id.clone(), effect, "ada", self.stack.clock().now());
        self.begin_run(run).await
    }

    pub(crate) async fn begin_run(&self, run: Run) -> Run {
        let before = self.stack.tables().job(&self.application.id).await.unwrap();
        let job = Job::new(run, before.as_ref());
        let job = self.stack.tables().put_job(before.as_ref(), &job).await.unwrap();
        job.expect("no other run is under way").run
    }

    /// A full run from its beginning to its end.
    pub(crate) async fn import(&self) -> Run {
        let run = self.begin(Effect::Apply).await;
        self.settle().await;
        let run = self.run(&run).await;
        assert_eq!(run.state, State::Done, "{}", run.detail);
        run
    }

    pub(crate) async fn run(&self, run: &Run) -> Run {
        self.stack.tables().run(&run.id).await.unwrap().expect("the run is kept")
    }

    pub(crate) async fn job(&self) -> Job {
        self.stack.tables().job(&self.application.id).await.unwrap().expect("there was an import")
    }

    pub(crate) fn fault(&self, kind: FaultKind) {
        self.stack.store().faults([Fault::new(kind)]);
    }

    /// Pages are no longer than this.
    pub(crate) fn short_pages(&self, most: usize) {
        self.stack.store().faults([Fault::new(FaultKind::ShortPages { most }).on(PAGES)]);
    }

    /// What happens in `silence` is told to nobody.
    pub(crate) async fn silently(&self, silence: impl Future<Output = ()>) {
        self.fault(FaultKind::LoseWebhook);
        silence.await;
        self.settle().await;
        self.stack.store().clear_faults();
    }

    pub(crate) async fn delete(&self, customers: &[CustomerId]) {
        self.stack.bigcommerce().store(&self.application).delete_customers(customers).await.unwrap();
    }

    /// A new customer, made by another app.
    pub(crate) async fn create(&self, email: &str) -> CustomerId {
        let customer = Customer {
            email: email.to_owned(),
            first_name: "Ada".to_owned(),
            last_name: "King".to_owned(),
            ..Customer::default()
        };
        let new = [NewCustomer { customer, new_password: None }];
        let made = self.stack.bigcommerce().store(&self.application).create_customers(&new).await.unwrap();
        made.into_iter().next().unwrap().unwrap().id.unwrap()
    }

    /// A customer's company, changed by another app.
    pub(crate) async fn change(&self, customer: CustomerId, company: &str) {
        let fields = [("company".to_owned(), company.into())].into_iter().collect();
        let change = [CustomerChange { id: customer, fields }];
        let made = self.stack.bigcommerce().store(&self.application).update_customers(&change).await.unwrap();
        made.into_iter().next().unwrap().unwrap();
    }

    pub(crate) fn ids(&self) -> Vec<CustomerId> {
        self.customers().iter().filter_map(|customer| customer.id).collect()
    }

    pub(crate) fn customers(&self) -> Vec<Customer> {
        self.stack.store().customers()
    }

    /// Settles, and everything is in step.
    pub(crate) async fn all_is_well(&self) {
        self.settle().await;
        oracle::all_is_well(&self.stack, &self.application).await;
    }

    pub(crate) async fn users(&self) -> u64 {
        self.stack.tables().count_users().await.unwrap()
    }

    /// How many pages of customers the store was asked for.
    pub(crate) fn pages(&self) -> u64 {
        self.stack.store().calls().of(PAGES)
    }
}
