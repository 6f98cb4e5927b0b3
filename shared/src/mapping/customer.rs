//! A customer's mapped values.

use serde_json::Value;

use super::{
    Attribute, Coverage, CustomerField, Identity, Mapped, Mapping, Refusal, Rule,
    transform::{Filling, apply},
    value::canonical,
};
use crate::{bigcommerce::Customer, user::UserId};

impl Mapping {
    /// The customer's values. What was not embedded in it is withheld from the comparison: absent
    /// is not empty.
    pub fn read_customer(&self, customer: &Customer) -> Mapped {
        let mut mapped = Mapped::default();
        for rule in self.all_rules() {
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

impl Mapping {
    /// The user for whom we created this customer, if we did.
    pub fn made_for(&self, customer: &Customer) -> Option<UserId> {
        let Identity { attribute, since } = self.identity.as_ref()?;
        let value = customer.attributes.iter().flatten().find(|value| value.attribute_id == *attribute)?;
        let is_ours = !value.attribute_value.is_empty() && customer.date_created? >= *since;
        is_ours.then(|| UserId::from(value.attribute_value.clone()))
    }
}

impl Rule {
    /// The canonical value of a customer: its default is the one of `to_directory`.
    fn of_customer(&self, customer: &Customer) -> Result<Option<Value>, Refusal> {
        let raw = field(customer, &self.field);
        let value = raw.clone().map_or(Ok(None), |value| canonical(&self.field, value));
        let fits = |value: &Value| !value.is_array() || matches!(self.attribute, Attribute::Field(_));
        let filled = match value {
            Ok(Some(list)) if !fits(&list) => Err("a list fits a profile field only"),
            Ok(value) => apply(&self.to_directory, value, None, Filling::Fill),
            Err(rule) => Err(rule),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{bigcommerce::AttributeValue, mapping::Mapping};

    fn attribute(attribute_id: u32, value: &str) -> AttributeValue {
        AttributeValue { attribute_id, attribute_value: value.to_owned(), customer_id: None }
    }

    fn mapping() -> Mapping {
        let mut mapping = Mapping::default();
        mapping.rules[4].field = CustomerField::Attribute(3);
        mapping.rules[5].field = CustomerField::FormField("Fax".to_owned());
        mapping
    }

    #[test]
    fn what_was_not_embedded_is_not_empty() {
        let mapped = mapping().read_customer(&Customer::default());
        let withheld: Vec<String> = mapped.withheld.iter().map(ToString::to_string).collect();
        assert_eq!(withheld, ["attributes.3", "form_fields.Fax"]);
        assert_eq!(mapped.coverage, Coverage::Unseen);
    }

    #[test]
    fn ten_embedded_attributes_of_twelve_do_not_tell_that_another_is_empty() {
        let of_twelve = |attributes| {
            let customer =
                Customer { attributes: Some(attributes), attribute_count: Some(12), ..Customer::default() };
            mapping().read_customer(&customer)
        };
        assert!(of_twelve(vec![attribute(1, "x")]).withheld.contains(&CustomerField::Attribute(3)));
        let read = of_twelve(vec![attribute(3, "x")]);
        assert_eq!(read.fields[&CustomerField::Attribute(3)], "x");
    }

    #[test]
    fn null_and_empty_and_the_stores_own_defaults_are_absent() {
        let customer = Customer {
            company: Some(String::new()),
            accepts_product_review_abandoned_cart_emails: Some(false),
            ..Customer::default()
        };
        assert!(Mapping::default().read_customer(&customer).fields.is_empty());
    }
}
