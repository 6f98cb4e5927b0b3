//! Pointers: whose customer it is. The rows are written with the user (see `uniques`) and read
//! here, for a page of customers at a time.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    Error, Table, Tables,
    batch::Age,
    call::held,
    item::{Item, item, key_of, number, read, text},
    uniques::Diff,
};
use crate::{
    application::ApplicationId,
    bigcommerce::CustomerId,
    user::{Sent, UserId},
};

/// Whose customer it is, or was until the user was deleted: then it is a tombstone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pointer {
    /// The user.
    pub user: UserId,
    /// Of the customer as last seen; an import that finds it unchanged looks no further.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// When the user was deleted, or found to be: see [`Tables::delete_user`] and [`Tables::bury`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gone: Option<Timestamp>,
    /// What was sent to the store and is not known to be taken: see [`Tables::note_sent`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent: Option<Sent>,
}

/// How many customers share a partition of pointers.
const CUSTOMERS_A_PARTITION: u32 = 10_000;

/// A read of a range of pointers is charged for those between, about 25 to a unit; a read by key
/// is charged a unit each.
const POINTERS_A_UNIT: usize = 25;

pub(super) fn pointer_key(application: &ApplicationId, customer: CustomerId) -> Item {
    let partition = partition_key(application, partition_of(customer));
    item([("pk", partition), ("sk", pointer_sort_key(customer))])
}

fn partition_of(customer: CustomerId) -> u32 {
    customer.get() / CUSTOMERS_A_PARTITION
}

fn partition_key(application: &ApplicationId, partition: u32) -> AttributeValue {
    text(format!("link#{application}#{partition}"))
}

fn highest_key(application: &ApplicationId) -> Item {
    item([("pk", text(format!("link#{application}"))), ("sk", text("highest"))])
}

fn read_all<C: FromIterator<(CustomerId, Pointer)>>(rows: Vec<Item>) -> Result<C, Error> {
    let pointer = |row| Ok((key_of(&row, "sk")?.parse().map_err(Error::unreadable)?, read(row)?));
    rows.into_iter().map(pointer).collect()
}

fn pointer_sort_key(customer: CustomerId) -> AttributeValue {
    text(format!("{:010}", customer.get()))
}

impl Tables {
    /// Whose these customers are or were; those that are nobody's are left out.
    pub async fn pointers(
        &self,
        application: &ApplicationId,
        customers: &[CustomerId],
    ) -> Result<HashMap<CustomerId, Pointer>, Error> {
        let mut partitions: BTreeMap<u32, BTreeSet<CustomerId>> = BTreeMap::new();
        for customer in customers {
            partitions.entry(partition_of(*customer)).or_default().insert(*customer);
        }
        let (mut rows, mut keys) = (Vec::new(), Vec::new());
        for wanted in partitions.into_values() {
            match dense(&wanted) {
                Some((first, last)) => {
                    rows.extend(self.pointers_in_partition(application, first, last).await?)
                }
                None => keys.extend(wanted.into_iter().map(|customer| pointer_key(application, customer))),
            }
        }
        rows.extend(self.batch_get(Table::Users, keys).await?);
        let mut found: HashMap<CustomerId, Pointer> = read_all(rows)?;
        found.retain(|customer, _| customers.contains(customer));
        Ok(found)
    }

    /// Whose the customers from `first` to `last` are or were, in order: as last written or a moment
    /// before, at half the cost. Whoever acts on what differs reads it again.
    pub async fn pointers_between(
        &self,
        application: &ApplicationId,
        first: CustomerId,
        last: CustomerId,
    ) -> Result<BTreeMap<CustomerId, Pointer>, Error> {
        let wanted = partition_of(last);
        let Some(highest) = self.highest_partition(application, wanted).await? else {
            return Ok(BTreeMap::new());
        };
        let mut rows = Vec::new();
        let (mut partition, end) = (partition_of(first), wanted.min(highest));
        while partition <= end {
            rows.extend(self.pointers_in(application, partition, (first, last), Age::Lately).await?);
            partition += 1;
        }
        read_all(rows)
    }

    /// Notes how far the partitions of pointers go, before one further on is written: a walk over
    /// all of them ends there. Written once a partition and process.
    pub(super) async fn note_partitions(&self, diff: &Diff<'_>) -> Result<(), Error> {
        for (application, customer, _) in &diff.linked {
            self.note_partition_of(application, *customer).await?;
        }
        Ok(())
    }

    pub(super) async fn note_partition_of(
        &self,
        application: &ApplicationId,
        customer: CustomerId,
    ) -> Result<(), Error> {
        let partition = partition_of(customer);
        // Held over the write: who comes meanwhile finds it written.
        let mut known = self.partitions.lock().await;
        if known.get(application).is_some_and(|known| *known >= partition) {
            return Ok(());
        }
        let update = self
            .client
            .update_item()
            .set_key(Some(highest_key(application)))
            .update_expression("SET partition_number = :partition")
            .condition_expression("attribute_not_exists(pk) OR partition_number < :partition")
            .expression_attribute_values(":partition", number(partition));
        held(self.update(Table::Users, update).await)?;
        known.insert(application.clone(), partition);
        Ok(())
    }

    /// How far the partitions go, `wanted` or further where they do; read once a process as long as that
    /// is far enough.
    async fn highest_partition(
        &self,
        application: &ApplicationId,
        wanted: u32,
    ) -> Result<Option<u32>, Error> {
        #[derive(Deserialize)]
        struct Highest {
            partition_number: u32,
        }
        let mut known = self.partitions.lock().await;
        if let Some(highest) = known.get(application).filter(|highest| **highest >= wanted) {
            return Ok(Some(*highest));
        }
        let row = self.get(Table::Users, highest_key(application)).await?;
        let highest = row.map(read::<Highest>).transpose()?.map(|highest| highest.partition_number);
        known.extend(highest.map(|highest| (application.clone(), highest)));
        Ok(highest)
    }

    async fn pointers_in_partition(
        &self,
        application: &ApplicationId,
        first: CustomerId,
        last: CustomerId,
    ) -> Result<Vec<Item>, Error> {
        self.pointers_in(application, partition_of(first), (first, last), Age::LastWritten).await
    }

    async fn pointers_in(
        &self,
        application: &ApplicationId,
        partition: u32,
        (first, last): (CustomerId, CustomerId),
        age: Age,
    ) -> Result<Vec<Item>, Error> {
        let query = self
            .query_of(Table::Users)
            .consistent_read(age == Age::LastWritten)
            .key_condition_expression("pk = :pk AND sk BETWEEN :first AND :last")
            .set_expression_attribute_values(Some(item([
                (":pk", partition_key(application, partition)),
                (":first", pointer_sort_key(first)),
                (":last", pointer_sort_key(last)),
            ])));
        self.query_all(query).await
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
