//! Pointers: whose customer it is. The rows are written with the user (see `uniques`) and read
//! here, for a page of customers at a time.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};

use super::{
    Error, Table, Tables,
    call::held,
    item::{Item, aliases, item, key_of, read, text},
};
use crate::{application::ApplicationId, bigcommerce::CustomerId, user::UserId};

/// Whose customer it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pointer {
    /// The user.
    pub user: UserId,
    /// Of the customer as last seen; an import that finds it unchanged looks no further.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
}

/// How many customers share a partition of pointers.
const CUSTOMERS_A_PARTITION: u32 = 10_000;

/// A read of a range of pointers is charged for those between, about 25 to a unit; a read by key
/// is charged a unit each.
const POINTERS_A_UNIT: usize = 25;

pub(super) fn pointer_key(application: &ApplicationId, customer: CustomerId) -> Item {
    let partition = customer.get() / CUSTOMERS_A_PARTITION;
    item([("pk", text(format!("link#{application}#{partition}"))), ("sk", pointer_sort_key(customer))])
}

fn pointer_sort_key(customer: CustomerId) -> AttributeValue {
    text(format!("{:010}", customer.get()))
}

impl Tables {
    /// Whose these customers are; those that are nobody's are left out.
    pub async fn pointers(
        &self,
        application: &ApplicationId,
        customers: &[CustomerId],
    ) -> Result<HashMap<CustomerId, Pointer>, Error> {
        let mut partitions: BTreeMap<u32, BTreeSet<CustomerId>> = BTreeMap::new();
        for customer in customers {
            partitions.entry(customer.get() / CUSTOMERS_A_PARTITION).or_default().insert(*customer);
        }
        let (mut rows, mut keys) = (Vec::new(), Vec::new());
        for wanted in partitions.into_values() {
            match dense(&wanted) {
                Some((first, last)) => rows.extend(self.pointers_between(application, first, last).await?),
                None => keys.extend(wanted.into_iter().map(|customer| pointer_key(application, customer))),
            }
        }
        rows.extend(self.batch_get(Table::Users, keys).await?);
        let mut found = HashMap::new();
        for row in rows {
            let customer = key_of(&row, "sk")?.parse().map_err(Error::unreadable)?;
            found.insert(customer, read(row)?);
        }
        found.retain(|customer, _| customers.contains(customer));
        Ok(found)
    }

    async fn pointers_between(
        &self,
        application: &ApplicationId,
        first: CustomerId,
        last: CustomerId,
    ) -> Result<Vec<Item>, Error> {
        let mut key = pointer_key(application, first);
        let (pk, sk) = (key.remove("pk"), key.remove("sk"));
        let query = self
            .query_of(Table::Users)
            .consistent_read(true)
            .key_condition_expression("pk = :pk AND sk BETWEEN :first AND :last")
            .set_expression_attribute_values(
                pk.zip(sk)
                    .map(|(pk, sk)| item([(":pk", pk), (":first", sk), (":last", pointer_sort_key(last))])),
            );
        self.query_all(query).await
    }

    /// Keeps the fingerprint of a customer as just seen. `false`: it is no longer this user's.
    pub async fn mark_seen(
        &self,
        application: &ApplicationId,
        customer: CustomerId,
        user: &UserId,
        fingerprint: &str,
    ) -> Result<bool, Error> {
        let update = self
            .client
            .update_item()
            .set_key(Some(pointer_key(application, customer)))
            .update_expression("SET fingerprint = :fingerprint")
            .condition_expression("#user = :user")
            .set_expression_attribute_names(Some(aliases(&["user"])))
            .expression_attribute_values(":fingerprint", text(fingerprint))
            .expression_attribute_values(":user", text(user.as_str()));
        held(self.update(Table::Users, update).await)
    }
}

/// The range of `wanted`, where reading all of it costs less than reading them by key.
fn dense(wanted: &BTreeSet<CustomerId>) -> Option<(CustomerId, CustomerId)> {
    let (first, last) = (*wanted.first()?, *wanted.last()?);
    let width = (last.get() - first.get()) as usize + 1;
    (wanted.len() > 1 && width < wanted.len() * POINTERS_A_UNIT).then_some((first, last))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn customers(ids: &[i64]) -> BTreeSet<CustomerId> {
        ids.iter().map(|id| CustomerId::try_from(*id).unwrap()).collect()
    }

    #[test]
    fn a_page_of_customers_is_read_as_a_range_and_a_few_far_apart_by_key() {
        assert!(dense(&customers(&[1, 2, 3, 5, 8])).is_some());
        assert!(dense(&customers(&[1, 49])).is_some());
        assert!(dense(&customers(&[1, 9999])).is_none());
        assert!(dense(&customers(&[7])).is_none());
        assert!(dense(&customers(&[])).is_none());
    }
}
