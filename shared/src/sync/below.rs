//! What the customers endpoint does not take: attribute values and addresses of customers that are
//! there, and those above what a creation takes. Those of all customers go together, ten a call.

use crate::{
    bigcommerce::{Address, AddressId, AttributeValue, Client, CustomerId, Error},
    mapping::{AddressSteps, Mapping, field_steps},
    plan::{Plan, StoreStep},
};

use super::{
    case::Case,
    outbound::{Outcomes, WITH_CUSTOMER},
};

/// What hangs below the customers of a batch, each with the plan it is of.
#[derive(Default)]
pub(super) struct Below {
    attributes: Vec<(usize, AttributeValue)>,
    changed: Vec<(usize, Address)>,
    new: Vec<(usize, Address)>,
    gone: Vec<(usize, AddressId)>,
}

impl Below {
    /// What the plans want below the customers that were created or updated.
    pub(super) fn of(mapping: &Mapping, planned: &[(Case, Plan)], outcomes: &Outcomes) -> Below {
        let mut below = Below::default();
        for (index, (case, plan)) in planned.iter().enumerate() {
            let Ok(stored) = &outcomes[index] else { continue };
            let created = stored.as_ref().and_then(|customer| customer.id);
            match (&plan.store, created, case.customers.first()) {
                (StoreStep::Update { customer, fields, addresses, .. }, _, Some(seen)) => {
                    below.attributes(index, *customer, field_steps(fields).attributes);
                    below.addresses(index, *customer, mapping.address_steps(seen, addresses));
                }
                (StoreStep::Create { fields, addresses }, Some(customer), _) => {
                    let all = mapping.new_customer(fields, addresses);
                    below.attributes(index, customer, beyond(all.attributes));
                    let create = beyond(all.addresses);
                    below.addresses(index, customer, AddressSteps { create, ..AddressSteps::default() });
                }
                _ => {}
            }
        }
        below
    }

    fn attributes(&mut self, plan: usize, customer: CustomerId, values: Vec<AttributeValue>) {
        let of_customer = |value| AttributeValue { customer_id: Some(customer), ..value };
        self.attributes.extend(values.into_iter().map(|value| (plan, of_customer(value))));
    }

    fn addresses(&mut self, plan: usize, customer: CustomerId, steps: AddressSteps) {
        let of_customer = |address| Address { customer_id: Some(customer), ..address };
        self.new.extend(steps.create.into_iter().map(|address| (plan, of_customer(address))));
        self.changed.extend(steps.update.into_iter().map(|address| (plan, address)));
        self.gone.extend(steps.delete.into_iter().map(|address| (plan, address)));
    }

    /// Carries it out. What fails of a customer is the outcome of its plan; nothing more is done for it.
    pub(super) async fn carry(self, client: &Client, outcomes: &mut Outcomes) {
        let (plans, values) = going_well(self.attributes, outcomes);
        fail(outcomes, &plans, client.put_attribute_values(&values).await);
        let (plans, addresses) = going_well(self.changed, outcomes);
        fail(outcomes, &plans, client.update_addresses(&addresses).await);
        // An address that the store has already is as good as created.
        let (plans, addresses) = going_well(self.new, outcomes);
        fail(outcomes, &plans, client.create_addresses(&addresses).await);
        let (plans, addresses) = going_well(self.gone, outcomes);
        let gone = client.delete_addresses(&addresses).await;
        fail(outcomes, &plans, gone.map(|()| plans.iter().map(|_| Ok(())).collect()));
    }
}

/// Those beyond what the creation of a customer takes.
fn beyond<T>(all: Option<Vec<T>>) -> Vec<T> {
    all.into_iter().flatten().skip(WITH_CUSTOMER).collect()
}

fn going_well<T>(rows: Vec<(usize, T)>, outcomes: &Outcomes) -> (Vec<usize>, Vec<T>) {
    rows.into_iter().filter(|(plan, _)| outcomes[*plan].is_ok()).unzip()
}

fn fail<T>(outcomes: &mut Outcomes, plans: &[usize], made: Result<Vec<Result<T, Error>>, Error>) {
    let failed: Vec<(usize, Error)> = match made {
        Ok(made) => plans.iter().zip(made).filter_map(|(plan, made)| Some((*plan, made.err()?))).collect(),
        Err(error) => plans.iter().map(|plan| (*plan, error.clone())).collect(),
    };
    for (plan, error) in failed {
        outcomes[plan] = Err(error);
    }
}
