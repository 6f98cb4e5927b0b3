//! A customer's mapped values.

use serde_json::Value;

use super::{
    Attribute, Coverage, CustomerField, Mapped, Mapping, Refusal, Rule,
    transform::{Filling, apply},
    value::canonical,
};
use crate::bigcommerce::Customer;

impl Mapping {
    /// The customer's values. What was not embedded in it is withheld from the comparison: absent
    /// is not empty.
    pub fn read_customer(&self, customer: &Customer) -> Mapped {
        let mut mapped = Mapped::default();
        for rule in &self.rules {
            if !seen(customer, &rule.field) {
                mapped.withheld.insert(rule.field.clone());
                continue;
            }
            match rule.of_customer(customer) {
                Ok(Some(value)) => drop(mapped.fields.insert(rule.field.clone(), value)),
                Ok(None) => {}
                Err(refusal) => mapped.refuse(rule.field.clone(), refusal),
            }
        }
        self.read_addresses(
            &mut mapped,
            customer.addresses.iter().flatten().map(|address| self.address_of_customer(address)),
        );
        if self.address_rules.is_empty() || !addresses_seen(customer) {
            mapped.coverage = Coverage::Unseen;
        }
        mapped
    }
}

impl Rule {
    /// The canonical value of a customer: its default is the one of `to_directory`.
    fn of_customer(&self, customer: &Customer) -> Result<Option<Value>, Refusal> {
        let raw = field(customer, &self.field);
        let value = raw.clone().map_or(Ok(None), |value| canonical(&self.field, value));
        let fits = |value: &Value| !value.is_array() || matches!(self.attribute, Attribute::Field(_));
        let filled = match value {
            Ok(Some(list)) if !fits(&list) => Err("a list fits a profile field only".to_owned()),
            Ok(value) => apply(&self.to_directory, value, None, Filling::Fill),
            Err(rule) => Err(rule.to_owned()),
        };
        self.canonical(raw, filled)
    }
}

fn field(customer: &Customer, field: &CustomerField) -> Option<Value> {
    let text = |text: &Option<String>| text.clone().map(Value::from);
    match field {
        CustomerField::Id => customer.id.map(|id| id.get().into()),
        CustomerField::Email => Some(customer.email.clone().into()),
        CustomerField::FirstName => Some(customer.first_name.clone().into()),
        CustomerField::LastName => Some(customer.last_name.clone().into()),
        CustomerField::Company => text(&customer.company),
        CustomerField::Phone => text(&customer.phone),
        CustomerField::Notes => text(&customer.notes),
        CustomerField::TaxExemptCategory => text(&customer.tax_exempt_category),
        CustomerField::CustomerGroupId => customer.customer_group_id.map(Value::from),
        CustomerField::AcceptsMarketing => {
            customer.accepts_product_review_abandoned_cart_emails.map(Value::from)
        }
        CustomerField::ChannelIds => customer.channel_ids.clone().map(Value::from),
        CustomerField::Attribute(id) => {
            let value = customer.attributes.iter().flatten().find(|value| value.attribute_id == *id)?;
            Some(value.attribute_value.clone().into())
        }
        CustomerField::FormField(name) => {
            let field = customer.form_fields.iter().flatten().find(|field| field.name == *name)?;
            Some(field.value.clone())
        }
    }
}

/// Whether an absent value of `field` is an empty one: lists are embedded only where asked for,
/// and ten items at most.
fn seen(customer: &Customer, field: &CustomerField) -> bool {
    match field {
        CustomerField::Attribute(id) => customer.attributes.as_ref().is_some_and(|values| {
            customer.attribute_count.is_none_or(|count| count as usize <= values.len())
                || values.iter().any(|value| value.attribute_id == *id)
        }),
        CustomerField::FormField(_) => customer.form_fields.is_some(),
        _ => true,
    }
}

fn addresses_seen(customer: &Customer) -> bool {
    customer
        .addresses
        .as_ref()
        .is_some_and(|addresses| customer.address_count.is_none_or(|count| count as usize <= addresses.len()))
}
