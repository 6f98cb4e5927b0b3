//! Creating and updating customers, ten a call.

use serde::{Serialize, Serializer, ser::Error as _};
use serde_json::{Map, Value};

use super::{
    batch::{Batch, Batches, Row},
    client::{Client, Repeat},
    customer::{Customer, CustomerId},
    customers::Include,
    error::Error,
};
use crate::secret::{EmailAddress, Secret, fold};

const PATH: &str = "v3/customers";

/// A customer to be created.
#[derive(Clone, Debug)]
pub struct NewCustomer {
    /// Its fields; what the store sets itself (`id`, counts, dates) is not sent.
    pub customer: Customer,
    /// Its password; without one the customer cannot sign in before choosing one.
    pub new_password: Option<Secret>,
}

/// What changes of a customer.
#[derive(Clone)]
pub struct CustomerChange {
    /// Whose.
    pub id: CustomerId,
    /// The new values by their wire names. Addresses and attributes are not among them: the store ignores them here.
    pub fields: Map<String, Value>,
}

const SET_BY_THE_STORE: [&str; 5] =
    ["id", "address_count", "attribute_count", "date_created", "date_modified"];

/// Only ever goes to the store: the password is in it.
impl Serialize for NewCustomer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serde_json::to_value(&self.customer).map_err(S::Error::custom)?;
        if let Some(fields) = fields.as_object_mut() {
            fields.retain(|name, _| !SET_BY_THE_STORE.contains(&name.as_str()));
        }
        if let Some(password) = &self.new_password {
            fields["authentication"]["new_password"] = password.expose().into();
        }
        fields.serialize(serializer)
    }
}

impl Serialize for CustomerChange {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let id = std::iter::once(("id", Value::from(self.id.get())));
        let fields = self.fields.iter().map(|(name, value)| (name.as_str(), value.clone()));
        serializer.collect_map(id.chain(fields.filter(|(name, _)| *name != "id")))
    }
}

/// Tells which customer and which fields, and nothing personal.
impl std::fmt::Debug for CustomerChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let fields: Vec<&String> = self.fields.keys().collect();
        f.debug_struct("CustomerChange").field("id", &self.id).field("fields", &fields).finish()
    }
}

impl Client {
    /// Creates customers; the outcomes are in the order of `new`. A row that the store refuses does not
    /// keep the others from being created. When an answer is lost, those who are there are found by
    /// e-mail address and count as created.
    ///
    /// # Errors
    /// When nothing can be said of any row.
    pub async fn create_customers(&self, new: &[NewCustomer]) -> Result<Vec<Result<Customer, Error>>, Error> {
        let folded = new.iter().map(|new| fold(&new.customer.email));
        let mut work = Batches::new(folded.map(|email| Row { key: email.clone(), email: Some(email) }));
        while let Some(batch) = work.take() {
            let rows: Vec<&NewCustomer> = batch.of(new).collect();
            match self.data(self.post(PATH, &rows, Repeat::Unsent)).await {
                Ok(created) => {
                    let rest = settle(&mut work, batch, created);
                    self.find_unconfirmed(&mut work, rest, new).await;
                }
                Err(error) => self.recover(&mut work, batch, new, error).await,
            }
        }
        work.finish()
    }

    /// The store said that all is well, and less came back than was sent.
    async fn find_unconfirmed(&self, work: &mut Batches<Customer>, rest: Batch, new: &[NewCustomer]) {
        match self.already_there(&rest, new).await {
            Ok(found) => {
                let rest = settle(work, rest, found);
                work.settle_all(&rest, &Error::Unconfirmed);
            }
            Err(error) => work.give_up(&rest, &error),
        }
    }

    /// After a lost answer the rows that are there are adopted and the others sent once more. A refusal
    /// of what was sent once more may be of rows that were created late: those are looked for again.
    async fn recover(&self, work: &mut Batches<Customer>, batch: Batch, new: &[NewCustomer], error: Error) {
        let lost = error.leaves_in_doubt();
        let refused_after_loss = batch.in_doubt && matches!(error, Error::Refused { .. });
        if !lost && !refused_after_loss {
            return work.failed(batch, &error);
        }
        let found = match self.already_there(&batch, new).await {
            Ok(found) => found,
            Err(unknown) => return work.give_up(&batch, &unknown),
        };
        let (sent, lost_before) = (batch.rows.len(), batch.in_doubt);
        let rest = settle(work, batch, found);
        match (lost, rest.rows.len() == sent) {
            (true, _) if lost_before => work.give_up(&rest, &error),
            (true, _) => work.put_back(Batch { in_doubt: true, ..rest }),
            (false, true) => work.failed(rest, &error),
            (false, false) => work.put_back(Batch { in_doubt: false, ..rest }),
        }
    }

    /// The youngest first: with several of one address it is the one just created.
    async fn already_there(&self, batch: &Batch, new: &[NewCustomer]) -> Result<Vec<Customer>, Error> {
        let emails: Vec<EmailAddress> =
            batch.of(new).map(|new| EmailAddress::new(new.customer.email.as_str())).collect();
        let mut found = self.customers_by_email(&emails, Include::NOTHING).await?;
        found.sort_by_key(|customer| std::cmp::Reverse(customer.id));
        Ok(found)
    }

    /// Updates customers; the outcomes are in the order of `changes`. A row that the store refuses does
    /// not keep the others from being updated; one whose customer is gone is [`Error::NotFound`].
    ///
    /// # Errors
    /// When nothing can be said of any row.
    pub async fn update_customers(
        &self,
        changes: &[CustomerChange],
    ) -> Result<Vec<Result<Customer, Error>>, Error> {
        let mut work = Batches::new(changes.iter().map(|change| Row {
            key: change.id.to_string(),
            email: change.fields.get("email").and_then(Value::as_str).map(fold),
        }));
        while let Some(batch) = work.take() {
            let rows: Vec<&CustomerChange> = batch.of(changes).collect();
            match self.data::<Vec<Customer>>(self.put(PATH, &rows)).await {
                Ok(mut updated) => {
                    let rest = work.settle_found(batch, |row, _| {
                        take(&mut updated, |customer| customer.id == Some(changes[row].id))
                    });
                    work.settle_all(&rest, &Error::Unconfirmed);
                }
                Err(error) => work.failed(batch, &error),
            }
        }
        work.finish()
    }
}

/// By e-mail address: neither the order nor the number of what comes back is that of what was sent.
fn settle(work: &mut Batches<Customer>, batch: Batch, mut found: Vec<Customer>) -> Batch {
    work.settle_found(batch, |_, row| {
        take(&mut found, |customer| customer.id.is_some() && fold(&customer.email) == row.key)
    })
}

/// Takes the first such item out of `items`.
pub(super) fn take<T>(items: &mut Vec<T>, is_wanted: impl Fn(&T) -> bool) -> Option<T> {
    items.iter().position(is_wanted).map(|position| items.remove(position))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_customer_is_sent_without_what_the_store_sets() {
        let customer = Customer {
            id: Some(7.try_into().unwrap()),
            email: "a@x.example".to_owned(),
            address_count: Some(1),
            date_created: Some(jiff::Timestamp::UNIX_EPOCH),
            ..Customer::default()
        };
        let sent = |new_password| {
            serde_json::to_value(NewCustomer { customer: customer.clone(), new_password }).unwrap()
        };
        assert_eq!(sent(None), serde_json::json!({ "email": "a@x.example" }));
        assert_eq!(
            sent(Some(Secret::new("pass"))),
            serde_json::json!({ "email": "a@x.example", "authentication": { "new_password": "pass" } })
        );
    }

    #[test]
    fn a_change_is_sent_with_its_own_identifier() {
        let fields = serde_json::json!({ "id": 9, "phone": "" });
        let change =
            CustomerChange { id: 7.try_into().unwrap(), fields: fields.as_object().unwrap().clone() };
        assert_eq!(serde_json::to_value(change).unwrap(), serde_json::json!({ "id": 7, "phone": "" }));
    }
}
