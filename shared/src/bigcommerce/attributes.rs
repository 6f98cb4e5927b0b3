//! Customer attributes: their definitions (at most 50 a store) and their values.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Serialize, Serializer};
use serde_json::json;

use super::{
    batch::{Batches, Row},
    client::{Client, Repeat},
    customer::{Attribute, AttributeValue, CustomerId},
    customers::zoneless,
    error::Error,
    list::{Cursor, Envelope, PAGE, Page},
};

const DEFINITIONS: &str = "v3/customers/attributes";
const VALUES: &str = "v3/customers/attribute-values";

/// A value is written under another name than it is read.
struct Written<'a>(&'a AttributeValue);

impl Serialize for Written<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let AttributeValue { attribute_id, attribute_value, customer_id } = self.0;
        json!({ "customer_id": customer_id, "attribute_id": attribute_id, "value": attribute_value })
            .serialize(serializer)
    }
}

impl Client {
    /// The attributes that the store defines.
    ///
    /// # Errors
    /// When any part of the answer could not be had.
    pub async fn attributes(&self) -> Result<Vec<Attribute>, Error> {
        self.all(DEFINITIONS, &[("limit", PAGE.to_string())]).await
    }

    /// Defines attributes: all of them or, on an error, none that is known of. None is no request.
    ///
    /// # Errors
    /// [`Error::Refused`] for a name that is taken or more than 50 attributes.
    pub async fn create_attributes(&self, new: &[Attribute]) -> Result<Vec<Attribute>, Error> {
        if new.is_empty() {
            return Ok(Vec::new());
        }
        self.data(self.post(DEFINITIONS, &new, Repeat::Unsent)).await
    }

    /// All attribute values of these customers.
    ///
    /// # Errors
    /// When any part of the answer could not be had.
    pub async fn attribute_values(&self, customers: &[CustomerId]) -> Result<Vec<AttributeValue>, Error> {
        let ids: BTreeSet<CustomerId> = customers.iter().copied().collect();
        let values: Vec<String> = ids.iter().map(CustomerId::to_string).collect();
        self.all_by(VALUES, "customer_id:in", &values, &[("limit", PAGE.to_string())]).await
    }

    /// A page of the attribute values that changed since `since`, of whichever customers.
    ///
    /// # Errors
    /// When the answer could not be had.
    pub async fn changed_attribute_values(
        &self,
        since: Timestamp,
        after: Option<&Cursor>,
    ) -> Result<Page<AttributeValue>, Error> {
        let mut query = vec![("limit", PAGE.to_string()), ("date_modified:min", zoneless(since))];
        query.extend(after.map(Cursor::parameter));
        let page: Envelope<Vec<AttributeValue>> = self.ask(self.get(VALUES, &query)?).await?;
        let next = page.next();
        Ok(Page { items: page.data, garbled: Vec::new(), next, total: None })
    }

    /// Creates or replaces attribute values (each with its `customer_id`); the outcomes are in the order of
    /// `values`. One that the store refuses does not keep the others from being written.
    ///
    /// # Errors
    /// When nothing can be said of any of them.
    pub async fn put_attribute_values(
        &self,
        values: &[AttributeValue],
    ) -> Result<Vec<Result<(), Error>>, Error> {
        let key = |value: &AttributeValue| format!("{:?} {}", value.customer_id, value.attribute_id);
        let mut work = Batches::new(values.iter().map(|value| Row { key: key(value), email: None }));
        while let Some(batch) = work.take() {
            let rows: Vec<Written<'_>> = batch.of(values).map(Written).collect();
            let answer = match self.put(VALUES, &rows) {
                Ok(call) => self.tell(call).await,
                Err(error) => Err(error),
            };
            match answer {
                Ok(()) => drop(work.settle_found(batch, |_, _| Some(()))),
                Err(error) => work.failed(batch, &error),
            }
        }
        work.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_read_under_one_name_and_written_under_another() {
        let read: AttributeValue = serde_json::from_value(
            json!({ "customer_id": 1, "attribute_id": 2, "attribute_value": "x", "id": 9 }),
        )
        .unwrap();
        let written = serde_json::to_value(Written(&read)).unwrap();
        assert_eq!(written, json!({ "customer_id": 1, "attribute_id": 2, "value": "x" }));
    }
}
