//! What is wrong with a mapping, for the person who edits it.

use super::{AddressField, Attribute, CustomerField, Direction, Mapping, Transform, groups};
use crate::{group::GroupId, profile::ProfileField, scim::is_text_attribute};

/// Something wrong with a mapping.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Flaw {
    /// The identifier is not mapped.
    #[error("The customer's identifier is not mapped. Map id to a profile field, such as fields.customerId.")]
    IdMissing,
    /// The identifier flows to the store.
    #[error("The customer's identifier is given by the store. Let id flow to the directory only.")]
    IdToStore,
    /// The attribute that holds our identifier is mapped.
    #[error(
        "{0} holds the user's identifier. Take its rule from the mapping, or keep the identifier elsewhere."
    )]
    IdentityMapped(CustomerField),
    /// Several rules have one customer field.
    #[error("{0} is mapped more than once. Keep one of its rules.")]
    FieldTwice(CustomerField),
    /// Several rules have one address field.
    #[error("The address field {0} is mapped more than once. Keep one of its rules.")]
    AddressFieldTwice(AddressField),
    /// Several fields would write one attribute.
    #[error("Several customer fields flow into {0}. Let all but one of them flow to the store only.")]
    AttributeTwice(Attribute),
    /// Groups are mapped by another rule than a group rule.
    #[error("Groups are mapped by group rules only. Take the rule of groups from the mapping.")]
    GroupsMapped,
    /// Several group rules have one group.
    #[error("The group {0} has several group rules, and only the first would hold. Keep one of them.")]
    GroupTwice(GroupId),
    /// A group rule names no customer group.
    #[error("A group rule names no customer group of the store. Choose one, or take the rule out.")]
    NoCustomerGroup,
    /// There are more rules than are looked through.
    #[error("There are more than {MOST_RULES} rules. Take out those that nobody needs.")]
    TooManyRules,
    /// A rule names a profile field that is not defined.
    #[error(
        "{0} is no profile field yet: its values are kept, and seen by nobody. Define it under Profile fields."
    )]
    NoSuchField(Attribute),
    /// A rule names an attribute that users have not.
    #[error("Users have no attribute {0}. Map one that they have, or define a profile field for it.")]
    NoSuchAttribute(Attribute),
    /// There are more group rules than are looked through.
    #[error("There are more than {} group rules. Take out those that hold for nobody.", groups::MOST)]
    TooManyGroupRules,
    /// No customer can be created without this field.
    #[error("{0} is not mapped, and no customer can be created without it. Map it.")]
    FieldMissing(CustomerField),
    /// No address can be created without this field.
    #[error(
        "The address field {0} is not mapped, and no address can be created without it. Map it, or map no address field."
    )]
    AddressFieldMissing(AddressField),
    /// A list cannot be kept in a text attribute.
    #[error("{0} is a list. Map it to a profile field (fields.…).")]
    ListInText(CustomerField),
    /// A state is known only within the country of an address.
    #[error(
        "{0} is no part of an address, so its state's country is unknown. Take the state transforms from its rule."
    )]
    StateOutsideAddress(CustomerField),
    /// The constant stands against the direction of the rule.
    #[error(
        "A constant of {0} stands against the direction in which its values flow. Change one of the two."
    )]
    ConstantAgainstDirection(CustomerField),
}

impl Flaw {
    /// Whether the mapping cannot be live with it.
    pub fn is_in_the_way(&self) -> bool {
        !matches!(self, Flaw::NoSuchField(_))
    }
}

/// How many rules a mapping may have.
const MOST_RULES: usize = 300;

const OF_A_CUSTOMER: [CustomerField; 3] =
    [CustomerField::Email, CustomerField::FirstName, CustomerField::LastName];

const OF_AN_ADDRESS: [AddressField; 5] = [
    AddressField::Address1,
    AddressField::City,
    AddressField::StateOrProvince,
    AddressField::PostalCode,
    AddressField::CountryCode,
];

impl Mapping {
    /// What is wrong with the mapping; empty: nothing.
    pub fn check(&self) -> Vec<Flaw> {
        let mut flaws = self.check_id();
        flaws.extend(twice(self.all_rules().map(|rule| &rule.field)).cloned().map(Flaw::FieldTwice));
        let written = self.rules.iter().filter(|rule| rule.flows() != Direction::ToStore);
        flaws.extend(twice(written.map(|rule| &rule.attribute)).cloned().map(Flaw::AttributeTwice));
        let missing = OF_A_CUSTOMER.into_iter().filter(|field| self.rule(field).is_none());
        flaws.extend(missing.map(Flaw::FieldMissing));
        flaws.extend((self.rules.len() > MOST_RULES).then_some(Flaw::TooManyRules));
        flaws.extend(self.check_identity());
        flaws.extend(self.groups.check());
        flaws.extend(self.check_values());
        flaws.extend(self.check_addresses());
        flaws
    }

    /// What is wrong with the mapping in a directory with these profile fields; empty: nothing.
    pub fn check_with(&self, fields: &[ProfileField]) -> Vec<Flaw> {
        let mut flaws = self.check();
        for attribute in self.rules.iter().map(|rule| &rule.attribute) {
            match attribute {
                Attribute::Field(name) if fields.iter().all(|field| field.name != *name) => {
                    flaws.push(Flaw::NoSuchField(attribute.clone()));
                }
                Attribute::Text(name) if !is_text_attribute(name) => {
                    flaws.push(Flaw::NoSuchAttribute(attribute.clone()));
                }
                _ => {}
            }
        }
        flaws
    }

    fn check_id(&self) -> Vec<Flaw> {
        match self.rule(&CustomerField::Id) {
            None => vec![Flaw::IdMissing],
            Some(rule) if rule.direction != Direction::ToDirectory => vec![Flaw::IdToStore],
            Some(_) => Vec::new(),
        }
    }

    fn check_identity(&self) -> Option<Flaw> {
        let field = CustomerField::Attribute(self.identity.as_ref()?.attribute);
        self.rule(&field).is_some().then_some(Flaw::IdentityMapped(field))
    }

    fn check_values(&self) -> Vec<Flaw> {
        let mut flaws = Vec::new();
        for rule in &self.rules {
            if rule.attribute == Attribute::Groups {
                flaws.push(Flaw::GroupsMapped);
            }
            let transforms = || rule.to_store.iter().chain(&rule.to_directory);
            if rule.field == CustomerField::ChannelIds && !matches!(rule.attribute, Attribute::Field(_)) {
                flaws.push(Flaw::ListInText(rule.field.clone()));
            }
            if transforms().any(|transform| matches!(transform, Transform::StateCode | Transform::StateName))
            {
                flaws.push(Flaw::StateOutsideAddress(rule.field.clone()));
            }
            let against = match rule.flows() {
                Direction::ToStore => &rule.to_directory[..],
                Direction::ToDirectory => &rule.to_store[..],
                Direction::Both => &[],
            };
            if against.iter().any(|transform| matches!(transform, Transform::Constant(_))) {
                flaws.push(Flaw::ConstantAgainstDirection(rule.field.clone()));
            }
        }
        flaws
    }

    fn check_addresses(&self) -> Vec<Flaw> {
        let fields = || self.address_rules.iter().map(|rule| &rule.field);
        let mut flaws: Vec<Flaw> = twice(fields()).copied().map(Flaw::AddressFieldTwice).collect();
        if !self.address_rules.is_empty() {
            let missing = OF_AN_ADDRESS.into_iter().filter(|field| !fields().any(|mapped| mapped == field));
            flaws.extend(missing.map(Flaw::AddressFieldMissing));
        }
        flaws
    }
}

/// The names that come up again, each once.
pub(super) fn twice<'a, T: Ord + 'a>(names: impl Iterator<Item = &'a T>) -> impl Iterator<Item = &'a T> {
    let mut count = std::collections::BTreeMap::new();
    names.for_each(|name| *count.entry(name).or_insert(0) += 1);
    count.into_iter().filter(|(_, count)| *count > 1).map(|(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{mapping::Rule, profile::standard_fields};

    fn flaws(change: impl FnOnce(&mut Mapping)) -> Vec<Flaw> {
        let mut mapping = Mapping::default();
        change(&mut mapping);
        mapping.check()
    }

    fn rule<'a>(mapping: &'a mut Mapping, field: &CustomerField) -> &'a mut Rule {
        mapping.rules.iter_mut().find(|rule| rule.field == *field).unwrap()
    }

    #[test]
    fn the_default_mapping_has_no_flaw() {
        assert_eq!(Mapping::default().check(), []);
    }

    #[test]
    fn the_identifier_is_mapped_and_flows_to_the_directory_only() {
        assert_eq!(flaws(|mapping| drop(mapping.rules.remove(0))), [Flaw::IdMissing]);
        assert_eq!(
            flaws(|mapping| rule(mapping, &CustomerField::Id).direction = Direction::Both),
            [Flaw::IdToStore]
        );
    }

    #[test]
    fn nothing_is_mapped_twice() {
        let double = |mapping: &mut Mapping| {
            let company = rule(mapping, &CustomerField::Company).clone();
            mapping.rules.push(Rule { attribute: Attribute::Field("firm".to_owned()), ..company });
            mapping.address_rules.push(mapping.address_rules[2].clone());
        };
        assert_eq!(
            flaws(double),
            [Flaw::FieldTwice(CustomerField::Company), Flaw::AddressFieldTwice(AddressField::Company)]
        );
    }

    #[test]
    fn one_attribute_takes_the_values_of_one_field_only() {
        let notes = |direction| {
            move |mapping: &mut Mapping| {
                let company = rule(mapping, &CustomerField::Company).clone();
                mapping.rules.push(Rule { field: CustomerField::Notes, direction, ..company });
            }
        };
        let organization = Attribute::Text("organization".to_owned());
        assert_eq!(flaws(notes(Direction::Both)), [Flaw::AttributeTwice(organization)]);
        assert_eq!(flaws(notes(Direction::ToStore)), []);
    }

    #[test]
    fn each_missing_address_field_is_named() {
        let keep = |fields: &'static [AddressField]| {
            move |mapping: &mut Mapping| mapping.address_rules.retain(|rule| fields.contains(&rule.field))
        };
        assert_eq!(flaws(keep(&[])), [], "addresses need not be mapped");
        assert_eq!(
            flaws(keep(&[AddressField::Address1, AddressField::City, AddressField::CountryCode])),
            [
                Flaw::AddressFieldMissing(AddressField::StateOrProvince),
                Flaw::AddressFieldMissing(AddressField::PostalCode)
            ]
        );
    }

    #[test]
    fn what_a_customer_cannot_be_without_is_mapped() {
        let flaws = flaws(|mapping| mapping.rules.retain(|rule| rule.field != CustomerField::LastName));
        assert_eq!(flaws, [Flaw::FieldMissing(CustomerField::LastName)]);
    }

    #[test]
    fn rules_that_could_not_hold_are_named() {
        let list = |mapping: &mut Mapping| {
            let organization = Attribute::Text("organization".to_owned());
            mapping.rules.retain(|rule| rule.attribute != organization);
            rule(mapping, &CustomerField::ChannelIds).attribute = organization;
        };
        assert_eq!(flaws(list), [Flaw::ListInText(CustomerField::ChannelIds)]);
        let state = |mapping: &mut Mapping| {
            rule(mapping, &CustomerField::Company).to_store = vec![Transform::StateName]
        };
        assert_eq!(flaws(state), [Flaw::StateOutsideAddress(CustomerField::Company)]);
        let constant = |mapping: &mut Mapping| {
            let company = rule(mapping, &CustomerField::Company);
            company.direction = Direction::ToStore;
            company.to_directory = vec![Transform::Constant("x".to_owned())];
        };
        assert_eq!(flaws(constant), [Flaw::ConstantAgainstDirection(CustomerField::Company)]);
    }

    #[test]
    fn a_rule_names_what_users_have() {
        let mut mapping = Mapping::default();
        assert_eq!(mapping.check_with(&standard_fields()), []);
        let [organization, field] =
            ["organisation", "fields.size"].map(|name| name.parse::<Attribute>().unwrap());
        rule(&mut mapping, &CustomerField::Company).attribute = organization.clone();
        rule(&mut mapping, &CustomerField::Phone).attribute = field.clone();
        let expected = [Flaw::NoSuchAttribute(organization), Flaw::NoSuchField(field)];
        let told = mapping.check_with(&standard_fields());
        assert_eq!(told, expected);
        assert!(told[0].is_in_the_way() && !told[1].is_in_the_way());
    }

    #[test]
    fn a_flaw_is_a_sentence_for_a_person() {
        assert_eq!(
            Flaw::AddressFieldMissing(AddressField::PostalCode).to_string(),
            "The address field postal_code is not mapped, and no address can be created without it. \
             Map it, or map no address field."
        );
    }
}
