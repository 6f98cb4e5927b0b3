//! The mapping that works without configuration.

use super::{
    AddressAttribute, AddressField, AddressRule, Attribute, CustomerField, Direction, GroupRules, Mapping,
    Rule, Transform,
};
use crate::bigcommerce;

impl Default for Mapping {
    /// Names, e-mail address, company, telephone, consent to marketing and addresses flow both
    /// ways. The customer's identifier and the channels where it may sign in become the profile
    /// fields `customerId` and `channelIds`.
    fn default() -> Mapping {
        let organization = Attribute::Text("organization".to_owned());
        let marketing = Attribute::Field("acceptsMarketing".to_owned());
        Mapping {
            rules: vec![
                Rule {
                    direction: Direction::ToDirectory,
                    ..rule(Attribute::Field("customerId".to_owned()), CustomerField::Id)
                },
                Rule { required: true, ..text(Attribute::Email, CustomerField::Email) },
                Rule { required: true, ..text(Attribute::GivenName, CustomerField::FirstName) },
                Rule { required: true, ..text(Attribute::FamilyName, CustomerField::LastName) },
                text(organization, CustomerField::Company),
                text(Attribute::PhoneNumber, CustomerField::Phone),
                rule(marketing, CustomerField::AcceptsMarketing),
                Rule {
                    direction: Direction::ToDirectory,
                    ..rule(Attribute::Field("channelIds".to_owned()), CustomerField::ChannelIds)
                },
            ],
            address_rules: ADDRESS
                .into_iter()
                .map(|(attribute, field)| address_rule(attribute, field))
                .collect(),
            groups: GroupRules::default(),
            identity: None,
        }
    }
}

impl Mapping {
    /// With a profile field for each of the store's attributes that has none: `Loyalty number`
    /// becomes `loyaltyNumber`. An attribute whose name holds no letter or digit, or comes to a
    /// field that is mapped already, is left out, and so is the one that holds our identifier.
    pub fn with_attributes(mut self, attributes: &[bigcommerce::Attribute]) -> Mapping {
        for attribute in attributes {
            let Some(id) = attribute.id else { continue };
            let (name, field) = (field_name(&attribute.name), CustomerField::Attribute(id));
            let mapped = Attribute::Field(name.clone());
            if self.identity.as_ref().is_some_and(|identity| identity.attribute == id) {
                continue;
            }
            let is_new = self.rules.iter().all(|rule| rule.attribute != mapped && rule.field != field);
            if is_new && !name.is_empty() {
                self.rules.push(text(mapped, field));
            }
        }
        self
    }
}

/// The words of `name` in one, each after the first with a capital letter.
fn field_name(name: &str) -> String {
    let words = name.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let word = |(place, word): (usize, &str)| match place {
        0 => word.to_ascii_lowercase(),
        _ => word[..1].to_ascii_uppercase() + &word[1..].to_ascii_lowercase(),
    };
    words.enumerate().map(word).collect()
}

const ADDRESS: [(AddressAttribute, AddressField); 11] = [
    (AddressAttribute::GivenName, AddressField::FirstName),
    (AddressAttribute::FamilyName, AddressField::LastName),
    (AddressAttribute::Organization, AddressField::Company),
    (AddressAttribute::StreetAddress, AddressField::Address1),
    (AddressAttribute::ExtendedAddress, AddressField::Address2),
    (AddressAttribute::Locality, AddressField::City),
    (AddressAttribute::Region, AddressField::StateOrProvince),
    (AddressAttribute::PostalCode, AddressField::PostalCode),
    (AddressAttribute::Country, AddressField::CountryCode),
    (AddressAttribute::PhoneNumber, AddressField::Phone),
    (AddressAttribute::Premises, AddressField::AddressType),
];

fn rule(attribute: Attribute, field: CustomerField) -> Rule {
    Rule {
        attribute,
        field,
        direction: Direction::Both,
        authority: None,
        required: false,
        to_store: Vec::new(),
        to_directory: Vec::new(),
    }
}

fn text(attribute: Attribute, field: CustomerField) -> Rule {
    Rule { to_store: vec![Transform::Trim], ..rule(attribute, field) }
}

fn address_rule(attribute: AddressAttribute, field: AddressField) -> AddressRule {
    let further = match field {
        AddressField::StateOrProvince => Some(Transform::StateName),
        AddressField::CountryCode => Some(Transform::CountryAlpha2),
        AddressField::AddressType => Some(Transform::Lower),
        _ => None,
    };
    let to_store = std::iter::once(Transform::Trim).chain(further).collect();
    AddressRule { attribute, field, to_store, to_directory: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_attribute_of_the_store_gets_a_profile_field_of_its_own() {
        let attribute = |id, name: &str| bigcommerce::Attribute {
            id: Some(id),
            name: name.to_owned(),
            kind: "string".to_owned(),
        };
        let attributes = [
            attribute(1, "Loyalty number"),
            attribute(2, "loyalty-NUMBER"),
            attribute(3, "é"),
            attribute(4, "VAT ID"),
        ];
        let mapping = Mapping::default().with_attributes(&attributes);
        let added = &mapping.rules[Mapping::default().rules.len()..];
        let added: Vec<String> =
            added.iter().map(|rule| format!("{} {}", rule.attribute, rule.field)).collect();
        assert_eq!(added, ["fields.loyaltyNumber attributes.1", "fields.vatId attributes.4"]);
        assert_eq!(mapping.clone().with_attributes(&attributes), mapping);
        assert!(mapping.check().is_empty());
    }
}
