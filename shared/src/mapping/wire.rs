//! Mapped values on their way to the store: what goes into which call.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{
    AddressField, AddressFields, CustomerField, Fields, Mapping,
    address::{RESIDENTIAL, most_similar},
    value::text,
};
use crate::{
    bigcommerce::{Address, AddressId, AttributeValue, Customer, FormField},
    merge::AddressChanges,
};

/// Changed fields, by the call that takes them; what is empty needs no call.
#[derive(Clone, Default, PartialEq)]
pub struct FieldSteps {
    /// For the customer itself, by wire names.
    pub customer: Map<String, Value>,
    /// For the attribute values, each with its attribute's identifier and its text; empty text clears.
    pub attributes: Vec<AttributeValue>,
    /// For the form fields; empty text clears.
    pub form_fields: Vec<FormField>,
}

/// What to do to a customer's addresses.
#[derive(Clone, Default, PartialEq)]
pub struct AddressSteps {
    /// To be created; the customer's identifier is not set.
    pub create: Vec<Address>,
    /// To be written over, with their identifiers.
    pub update: Vec<Address>,
    /// To be deleted.
    pub delete: Vec<AddressId>,
}

/// The changes of a customer's fields as the store takes them; null clears.
pub fn field_steps(changes: &Fields) -> FieldSteps {
    let mut steps = FieldSteps::default();
    for (field, value) in changes {
        let words = || text(value).unwrap_or_default();
        let value = match field {
            CustomerField::Id => continue,
            CustomerField::Attribute(id) => {
                let value = AttributeValue { attribute_id: *id, attribute_value: words(), customer_id: None };
                steps.attributes.push(value);
                continue;
            }
            CustomerField::FormField(name) => {
                let value = if value.is_null() { "".into() } else { value.clone() };
                steps.form_fields.push(FormField { name: name.clone(), value });
                continue;
            }
            CustomerField::CustomerGroupId if value.is_null() => 0.into(),
            CustomerField::AcceptsMarketing if value.is_null() => false.into(),
            CustomerField::CustomerGroupId | CustomerField::AcceptsMarketing | CustomerField::ChannelIds => {
                value.clone()
            }
            _ => words().into(),
        };
        steps.customer.insert(field.to_string(), value);
    }
    steps
}

impl Mapping {
    /// A customer to be created, with all that it is created with.
    pub fn new_customer(&self, fields: &Fields, addresses: &BTreeSet<AddressFields>) -> Customer {
        let words = |field| fields.get(&field).and_then(text);
        let steps = field_steps(fields);
        let mut customer = Customer {
            email: words(CustomerField::Email).unwrap_or_default(),
            first_name: words(CustomerField::FirstName).unwrap_or_default(),
            last_name: words(CustomerField::LastName).unwrap_or_default(),
            company: words(CustomerField::Company),
            phone: words(CustomerField::Phone),
            notes: words(CustomerField::Notes),
            tax_exempt_category: words(CustomerField::TaxExemptCategory),
            customer_group_id: whole(fields.get(&CustomerField::CustomerGroupId)),
            accepts_product_review_abandoned_cart_emails: fields
                .get(&CustomerField::AcceptsMarketing)
                .and_then(Value::as_bool),
            channel_ids: fields
                .get(&CustomerField::ChannelIds)
                .and_then(Value::as_array)
                .map(|ids| ids.iter().filter_map(|id| whole(Some(id))).collect()),
            attributes: some(steps.attributes),
            form_fields: some(steps.form_fields),
            ..Customer::default()
        };
        let filled = addresses.iter().map(|content| self.filled(Address::default(), content, &customer));
        customer.addresses = some(filled.collect());
        customer
    }

    /// What makes the customer's addresses lose and gain what they are to. An address that is
    /// gained in place of a similar one is written over it, so that it keeps its identifier and
    /// whatever is not mapped.
    pub fn address_steps(&self, customer: &Customer, changes: &AddressChanges) -> AddressSteps {
        let read = |address: &Address| Some((address.clone(), self.address_of_customer(address).ok()?));
        let mut lost: Vec<(Address, AddressFields)> =
            customer.addresses.iter().flatten().filter_map(read).collect();
        lost.retain(|(address, content)| address.id.is_some() && changes.remove.contains(content));
        let mut steps = AddressSteps::default();
        for gained in &changes.add {
            match most_similar(gained, lost.iter().map(|(_, content)| content)) {
                Some(place) => steps.update.push(self.filled(lost.swap_remove(place).0, gained, customer)),
                None => steps.create.push(self.filled(Address::default(), gained, customer)),
            }
        }
        steps.delete = lost.iter().filter_map(|(address, _)| address.id).collect();
        steps
    }

    /// `address` with this content; what is not mapped stays, and the recipient is the customer
    /// where none is named.
    fn filled(&self, mut address: Address, content: &AddressFields, customer: &Customer) -> Address {
        for field in self.address_rules.iter().map(|rule| rule.field) {
            match content.get(&field) {
                Some(value) => value.clone_into(field.of_mut(&mut address)),
                None if field == AddressField::AddressType => {
                    RESIDENTIAL.clone_into(&mut address.address_type);
                }
                None => field.of_mut(&mut address).clear(),
            }
        }
        for (name, own) in
            [(&mut address.first_name, &customer.first_name), (&mut address.last_name, &customer.last_name)]
        {
            if name.is_empty() {
                name.clone_from(own);
            }
        }
        address
    }
}

fn whole(value: Option<&Value>) -> Option<u32> {
    u32::try_from(value?.as_u64()?).ok()
}

fn some<T>(items: Vec<T>) -> Option<Vec<T>> {
    (!items.is_empty()).then_some(items)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_changed_field_goes_into_the_call_that_takes_it() {
        let steps = field_steps(&Fields::from([
            (CustomerField::Id, json!(5)),
            (CustomerField::Company, Value::Null),
            (CustomerField::CustomerGroupId, Value::Null),
            (CustomerField::AcceptsMarketing, Value::Null),
            (CustomerField::ChannelIds, Value::Null),
            (CustomerField::Phone, json!("1")),
            (CustomerField::Attribute(3), json!("x")),
            (CustomerField::FormField("Age".to_owned()), json!(5)),
            (CustomerField::FormField("Fax".to_owned()), Value::Null),
        ]));
        let customer = json!({
            "company": "",
            "customer_group_id": 0,
            "accepts_product_review_abandoned_cart_emails": false,
            "channel_ids": null,
            "phone": "1",
        });
        assert_eq!(Value::Object(steps.customer), customer);
        assert_eq!(
            serde_json::to_value(steps.attributes).unwrap(),
            json!([{"attribute_id": 3, "attribute_value": "x"}])
        );
        let form_fields = json!([{"name": "Age", "value": 5}, {"name": "Fax", "value": ""}]);
        assert_eq!(serde_json::to_value(steps.form_fields).unwrap(), form_fields);
    }

    fn stored(id: AddressId, address1: &str, city: &str) -> Address {
        Address {
            id: Some(id),
            address1: address1.to_owned(),
            city: city.to_owned(),
            country_code: "DE".to_owned(),
            address_type: RESIDENTIAL.to_owned(),
            ..Address::default()
        }
    }

    fn content(address1: &str, city: &str) -> AddressFields {
        Mapping::default().address_of_customer(&stored(1, address1, city)).unwrap()
    }

    #[test]
    fn an_edited_address_keeps_its_identifier_and_only_others_are_created_or_deleted() {
        let customer = Customer {
            first_name: "Ada".to_owned(),
            addresses: Some(vec![stored(1, "A", "Bonn"), stored(2, "B", "Köln"), stored(3, "C", "Trier")]),
            ..Customer::default()
        };
        let changes = AddressChanges {
            remove: [content("A", "Bonn"), content("B", "Köln"), content("gone", "already")].into(),
            add: [content("A2", "Bonn"), content("D", "Mainz")].into(),
        };
        let steps = Mapping::default().address_steps(&customer, &changes);
        let updated: Vec<_> =
            steps.update.iter().map(|address| (address.id, address.address1.as_str())).collect();
        assert_eq!(updated, [(Some(1), "A2")]);
        let created: Vec<_> =
            steps.create.iter().map(|address| (address.id, address.address1.as_str())).collect();
        assert_eq!(created, [(None, "D")]);
        assert_eq!(steps.create[0].first_name, "Ada", "the recipient is the customer where none is named");
        assert_eq!(steps.delete, [2]);
    }

    #[test]
    fn a_new_customer_reads_as_it_was_meant() {
        let fields = Fields::from([
            (CustomerField::Email, json!("ada@x.example")),
            (CustomerField::FirstName, json!("Ada")),
            (CustomerField::LastName, json!("King")),
            (CustomerField::AcceptsMarketing, json!(true)),
        ]);
        let mut address = content("A", "Bonn");
        address.insert(AddressField::FirstName, "Ada".to_owned());
        address.insert(AddressField::LastName, "King".to_owned());
        let addresses = BTreeSet::from([address]);
        let mapping = Mapping::default();
        let read = mapping.read_customer(&mapping.new_customer(&fields, &addresses));
        assert_eq!((read.fields, read.addresses), (fields, addresses));
    }
}
