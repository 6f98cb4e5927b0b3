//! Carries the store's part of plans out, ten customers a call.

use serde_json::json;

use crate::{
    application::Application,
    bigcommerce::{Client, Customer, CustomerChange, CustomerId, Error, NewCustomer},
    clock::random_id,
    mapping::{Mapping, field_steps},
    plan::{Plan, StoreStep},
};

use super::{Engine, below::Below, case::Case};

/// What became of the store's part of a plan: the customer as the store created or updated it.
pub(super) type Stored = Option<Customer>;

/// An outcome for each plan, in order.
pub(super) type Outcomes = Vec<Result<Stored, Error>>;

/// How many addresses and attributes the creation of a customer takes.
pub(super) const WITH_CUSTOMER: usize = 10;

impl Engine {
    /// Carries out the store's part of each plan; an outcome each, in order.
    pub(super) async fn carry_to_store(
        &self,
        application: &Application,
        planned: &[(Case, Plan)],
    ) -> Outcomes {
        let mut outcomes: Outcomes = planned.iter().map(|_| Ok(None)).collect();
        if planned.iter().all(|(_, plan)| plan.store == StoreStep::Nothing) {
            return outcomes;
        }
        let client = self.api.store(application);
        create(&client, &application.mapping, planned, &mut outcomes).await;
        update(&client, planned, &mut outcomes).await;
        let below = Below::of(&application.mapping, planned, &outcomes);
        below.carry(&client, &mut outcomes).await;
        delete(&client, planned, &mut outcomes).await;
        outcomes
    }
}

async fn create(client: &Client, mapping: &Mapping, planned: &[(Case, Plan)], outcomes: &mut Outcomes) {
    let new = planned.iter().enumerate().filter_map(|(index, (_, plan))| match &plan.store {
        StoreStep::Create { fields, addresses } => {
            let mut customer = mapping.new_customer(fields, addresses);
            customer.addresses.iter_mut().for_each(|addresses| addresses.truncate(WITH_CUSTOMER));
            customer.attributes.iter_mut().for_each(|attributes| attributes.truncate(WITH_CUSTOMER));
            Some((index, NewCustomer { customer, new_password: None }))
        }
        _ => None,
    });
    let (indices, new): (Vec<usize>, Vec<NewCustomer>) = new.unzip();
    if new.is_empty() {
        return;
    }
    let made = client.create_customers(&new).await.map(each);
    record(outcomes, &indices, made);
}

async fn update(client: &Client, planned: &[(Case, Plan)], outcomes: &mut Outcomes) {
    let changes = planned.iter().enumerate().filter_map(|(index, (_, plan))| match &plan.store {
        StoreStep::Update { customer, fields, new_password, .. } => {
            let steps = field_steps(fields);
            let mut fields = steps.customer;
            if !steps.form_fields.is_empty() {
                fields.insert("form_fields".to_owned(), json!(steps.form_fields));
            }
            if *new_password {
                fields.insert("authentication".to_owned(), json!({"new_password": random_id()}));
            }
            (!fields.is_empty()).then_some((index, CustomerChange { id: *customer, fields }))
        }
        _ => None,
    });
    let (indices, changes): (Vec<usize>, Vec<CustomerChange>) = changes.unzip();
    if changes.is_empty() {
        return;
    }
    let made = client.update_customers(&changes).await.map(each);
    record(outcomes, &indices, made);
}

async fn delete(client: &Client, planned: &[(Case, Plan)], outcomes: &mut Outcomes) {
    let gone = planned.iter().enumerate().filter_map(|(index, (_, plan))| match plan.store {
        StoreStep::Delete(customer) => Some((index, customer)),
        _ => None,
    });
    let (indices, gone): (Vec<usize>, Vec<CustomerId>) = gone.unzip();
    let made = client.delete_customers(&gone).await.map(|()| gone.iter().map(|_| Ok(None)).collect());
    record(outcomes, &indices, made);
}

fn each(made: Vec<Result<Customer, Error>>) -> Outcomes {
    made.into_iter().map(|made| made.map(Some)).collect()
}

fn record(outcomes: &mut Outcomes, indices: &[usize], made: Result<Outcomes, Error>) {
    match made {
        Ok(made) => indices.iter().zip(made).for_each(|(index, made)| outcomes[*index] = made),
        Err(error) => indices.iter().for_each(|index| outcomes[*index] = Err(error.clone())),
    }
}
