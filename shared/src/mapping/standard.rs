//! The mapping that works without configuration.

use super::{
    AddressAttribute, AddressField, AddressRule, Attribute, CustomerField, Direction, Mapping, Rule,
    Transform,
};

impl Default for Mapping {
    /// Names, e-mail address, company, telephone, consent to marketing and addresses flow both
    /// ways; the customer's identifier becomes the profile field `customerId`.
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
            ],
            address_rules: ADDRESS
                .into_iter()
                .map(|(attribute, field)| address_rule(attribute, field))
                .collect(),
        }
    }
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
