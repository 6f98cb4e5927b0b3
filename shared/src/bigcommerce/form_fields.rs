//! The values of a customer's form fields.

use serde::Deserialize;

use super::{
    client::Client,
    customer::{CustomerId, FormField},
    error::Error,
    list::PAGE,
};

/// The list holds the customer's own values and those of its addresses.
#[derive(Deserialize)]
struct Listed {
    #[serde(default)]
    address_id: Option<u32>,
    #[serde(flatten)]
    field: FormField,
}

impl Client {
    /// The values of the customer's own form fields, without those of its addresses.
    ///
    /// # Errors
    /// When any part of the answer could not be had.
    pub async fn form_field_values(&self, customer: CustomerId) -> Result<Vec<FormField>, Error> {
        let query = [("customer_id", customer.to_string()), ("limit", PAGE.to_string())];
        let listed: Vec<Listed> = self.all("v3/customers/form-field-values", &query).await?;
        Ok(listed.into_iter().filter(Listed::is_of_customer).map(|listed| listed.field).collect())
    }
}

impl Listed {
    fn is_of_customer(&self) -> bool {
        self.address_id.is_none_or(|address| address == 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_of_an_address_is_not_the_customers() {
        let read = |json| serde_json::from_value::<Listed>(json).unwrap();
        let own = read(serde_json::json!({ "customer_id": 1, "name": "Color", "value": ["red"] }));
        let other = read(serde_json::json!({ "address_id": 4, "name": "Door", "value": "2" }));
        assert!(own.is_of_customer() && !other.is_of_customer());
        assert_eq!(own.field.name, "Color");
    }
}
