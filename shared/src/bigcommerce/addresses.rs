//! The addresses of customers. No customer has two alike: the store drops a second one silently, with
//! a status of success.

use std::collections::BTreeSet;

use super::{
    batch::{Batches, Row},
    changes::take,
    client::{Client, Repeat},
    customer::{Address, AddressId, CustomerId},
    error::Error,
    list::PAGE,
};

const PATH: &str = "v3/customers/addresses";

/// What became of an address that was sent.
#[derive(Clone, Debug, PartialEq)]
pub enum AddressOutcome {
    /// It is new, and has an identifier.
    Created(Box<Address>),
    /// It is as sent.
    Updated(Box<Address>),
    /// The customer has another one alike; nothing was changed.
    AlreadyThere,
}

impl Client {
    /// All addresses of these customers.
    ///
    /// # Errors
    /// When any part of the answer could not be had.
    pub async fn addresses(&self, customers: &[CustomerId]) -> Result<Vec<Address>, Error> {
        let ids: BTreeSet<CustomerId> = customers.iter().copied().collect();
        let values: Vec<String> = ids.iter().map(CustomerId::to_string).collect();
        self.all_by(PATH, "customer_id:in", &values, &[("limit", PAGE.to_string())]).await
    }

    /// Creates addresses (each with its `customer_id`); the outcomes are in the order of `new`. One that
    /// the store refuses does not keep the others from being created.
    ///
    /// # Errors
    /// When nothing can be said of any of them.
    pub async fn create_addresses(
        &self,
        new: &[Address],
    ) -> Result<Vec<Result<AddressOutcome, Error>>, Error> {
        let mut work = Batches::new((0..new.len()).map(|n| Row { key: n.to_string(), email: None }));
        while let Some(batch) = work.take() {
            let rows: Vec<&Address> = batch.of(new).collect();
            // Twice does what once does: what is there already is dropped.
            match self.data(self.post(PATH, &rows, Repeat::Freely)).await {
                Ok(created) => {
                    let mut outcomes = correlate(&rows, created).into_iter();
                    work.settle_found(batch, |_, _| outcomes.next());
                }
                Err(error) => work.failed(batch, &error),
            }
        }
        work.finish()
    }

    /// Updates addresses (each with its `id`); the outcomes are in the order of `changed`.
    ///
    /// # Errors
    /// When nothing can be said of any of them.
    pub async fn update_addresses(
        &self,
        changed: &[Address],
    ) -> Result<Vec<Result<AddressOutcome, Error>>, Error> {
        let key = |address: &Address| address.id.map(|id| id.to_string()).unwrap_or_default();
        let mut work = Batches::new(changed.iter().map(|address| Row { key: key(address), email: None }));
        while let Some(batch) = work.take() {
            let rows: Vec<&Address> = batch.of(changed).collect();
            match self.data::<Vec<Address>>(self.put(PATH, &rows)).await {
                Ok(mut updated) => {
                    work.settle_found(batch, |row, _| {
                        let kept = take(&mut updated, |address| address.id == changed[row].id);
                        Some(kept.map_or(AddressOutcome::AlreadyThere, |address| {
                            AddressOutcome::Updated(Box::new(address))
                        }))
                    });
                }
                Err(error) => work.failed(batch, &error),
            }
        }
        work.finish()
    }

    /// Deletes addresses; one that does not exist is as good as deleted. No identifier is no request.
    ///
    /// # Errors
    /// When the store did not confirm all of them.
    pub async fn delete_addresses(&self, ids: &[AddressId]) -> Result<(), Error> {
        let values: Vec<String> = ids.iter().map(AddressId::to_string).collect();
        self.delete_by_id(PATH, &values).await
    }
}

/// Which of the created addresses is which of the sent: by content, for there may be fewer. The store may
/// have put one into its own words; if its customer has but one left on both sides, that is it.
fn correlate(sent: &[&Address], mut created: Vec<Address>) -> Vec<AddressOutcome> {
    let mut matched: Vec<Option<Address>> =
        sent.iter().map(|sent| take(&mut created, |created| is_same(sent, created))).collect();
    for position in 0..sent.len() {
        let customer = sent[position].customer_id;
        let unmatched = |n: &usize| matched[*n].is_none() && sent[*n].customer_id == customer;
        let of_customer = |created: &&Address| created.customer_id == customer;
        let one_left =
            (0..sent.len()).filter(unmatched).count() == 1 && created.iter().filter(of_customer).count() == 1;
        if matched[position].is_none() && one_left {
            matched[position] = take(&mut created, |created| created.customer_id == customer);
        }
    }
    let outcome = |created: Option<Address>| {
        created.map_or(AddressOutcome::AlreadyThere, |address| AddressOutcome::Created(Box::new(address)))
    };
    matched.into_iter().map(outcome).collect()
}

/// An address sent without a type gets the store's.
fn is_same(sent: &Address, created: &Address) -> bool {
    let typed = sent.address_type.is_empty() || sent.address_type == created.address_type;
    typed && sent.customer_id == created.customer_id && content(sent) == content(created)
}

fn content(address: &Address) -> [String; 10] {
    [
        &address.first_name,
        &address.last_name,
        &address.company,
        &address.address1,
        &address.address2,
        &address.city,
        &address.state_or_province,
        &address.postal_code,
        &address.country_code,
        &address.phone,
    ]
    .map(|part| part.trim().to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(customer: i64, street: &str) -> Address {
        Address {
            customer_id: Some(customer.try_into().unwrap()),
            address1: street.to_owned(),
            ..Address::default()
        }
    }

    fn created(id: AddressId, customer: i64, street: &str) -> Address {
        Address { id: Some(id), address_type: "residential".to_owned(), ..address(customer, street) }
    }

    fn ids(sent: &[Address], back: Vec<Address>) -> Vec<Option<AddressId>> {
        let sent: Vec<&Address> = sent.iter().collect();
        let id = |outcome| match outcome {
            AddressOutcome::Created(address) => address.id,
            _ => None,
        };
        correlate(&sent, back).into_iter().map(id).collect()
    }

    #[test]
    fn addresses_are_matched_by_content_and_the_dropped_one_is_there_already() {
        let sent = [address(1, "A"), address(1, "B"), address(2, "A"), address(1, "A")];
        let back = vec![created(12, 2, " a"), created(11, 1, "B"), created(10, 1, "A")];
        assert_eq!(ids(&sent, back), [Some(10), Some(11), Some(12), None]);
    }

    #[test]
    fn the_only_one_left_is_the_one_that_the_store_reworded() {
        let sent = [address(1, "A st."), address(1, "B"), address(2, "C st.")];
        let back = vec![created(10, 1, "A Street"), created(11, 1, "B"), created(12, 2, "C Street")];
        assert_eq!(ids(&sent, back), [Some(10), Some(11), Some(12)]);
    }

    #[test]
    fn of_two_left_none_is_guessed() {
        let sent = [address(1, "A st."), address(1, "B st.")];
        assert_eq!(ids(&sent, vec![created(10, 1, "A Street")]), [None, None]);
    }

    #[test]
    fn another_type_is_another_address() {
        let sent = Address { address_type: "commercial".to_owned(), ..address(1, "A") };
        assert!(!is_same(&sent, &created(10, 1, "A")));
        assert!(is_same(&address(1, "A"), &created(10, 1, "A")));
    }
}
