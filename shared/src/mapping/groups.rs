//! Which customer group a user's groups come to.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Attribute, CustomerField, Direction, Flaw, Rule, check::twice};
use crate::group::GroupId;

/// Which customer group a user's groups come to: a customer has one. It flows to the store only.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct GroupRules {
    /// In order: of the rules whose group the user is in, the first holds. No rules: the
    /// customer's group is left alone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<GroupRule>,
    /// The customer group of whoever is in none of those groups; `None`: a customer loses the
    /// group that a rule gave it, and keeps any other.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub otherwise: Option<u32>,
}

/// Who is in this group is in that customer group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GroupRule {
    /// The group in the directory.
    pub group: GroupId,
    /// The store's identifier of the customer group.
    pub customer_group: u32,
}

/// How many group rules there may be.
pub(super) const MOST: usize = 200;

/// The customer's group as the group rules map it.
static BY_GROUPS: Rule = Rule {
    attribute: Attribute::Groups,
    field: CustomerField::CustomerGroupId,
    direction: Direction::ToStore,
    authority: None,
    required: false,
    to_store: Vec::new(),
    to_directory: Vec::new(),
};

impl GroupRules {
    /// How the customer's group is mapped, if it is.
    pub(super) fn rule(&self) -> Option<&'static Rule> {
        (!self.rules.is_empty()).then_some(&BY_GROUPS)
    }

    /// The customer group of a user in `groups`.
    pub(super) fn customer_group(&self, groups: &BTreeSet<GroupId>) -> Option<u32> {
        self.rule()?;
        let held = self.rules.iter().find(|rule| groups.contains(&rule.group));
        held.map(|rule| rule.customer_group).or(self.otherwise)
    }

    pub(super) fn check(&self) -> Vec<Flaw> {
        let groups = self.rules.iter().map(|rule| &rule.group);
        let mut flaws: Vec<Flaw> = twice(groups).cloned().map(Flaw::GroupTwice).collect();
        let mut named = self.rules.iter().map(|rule| rule.customer_group).chain(self.otherwise);
        if named.any(|group| group == 0 || i32::try_from(group).is_err()) {
            flaws.push(Flaw::NoCustomerGroup);
        }
        if self.rules.len() > MOST {
            flaws.push(Flaw::TooManyGroupRules);
        }
        flaws
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde_json::json;

    use super::*;
    use crate::{
        bigcommerce::Customer,
        mapping::{Mapping, Rule},
        user::User,
    };

    fn rules(rules: &[(&str, u32)], otherwise: Option<u32>) -> GroupRules {
        let rule = |(group, customer_group): &(&str, u32)| GroupRule {
            group: GroupId::from((*group).to_owned()),
            customer_group: *customer_group,
        };
        GroupRules { rules: rules.iter().map(rule).collect(), otherwise }
    }

    fn customer_group(rules: &GroupRules, groups: &[&str]) -> Option<u32> {
        rules.customer_group(&groups.iter().map(|group| GroupId::from((*group).to_owned())).collect())
    }

    #[test]
    fn the_first_rule_that_holds_wins() {
        let rules = rules(&[("staff", 5), ("wholesale", 7)], Some(1));
        assert_eq!(customer_group(&rules, &["wholesale", "staff", "club"]), Some(5));
        assert_eq!(customer_group(&rules, &["wholesale"]), Some(7));
        assert_eq!(customer_group(&rules, &["club"]), Some(1));
    }

    #[test]
    fn without_rules_the_customers_group_is_left_alone() {
        let mapping = Mapping { groups: rules(&[], Some(1)), ..Mapping::default() };
        assert!(mapping.rule(&CustomerField::CustomerGroupId).is_none());
        assert!(mapping.read_user(&User::new("ada", Timestamp::UNIX_EPOCH)).fields.is_empty());
    }

    #[test]
    fn both_sides_are_read_in_the_customers_vocabulary() {
        let mapping = Mapping { groups: rules(&[("staff", 5)], None), ..Mapping::default() };
        let mut ada = User::new("ada", Timestamp::UNIX_EPOCH);
        ada.groups.insert(GroupId::from("staff".to_owned()));
        let customer = Customer { customer_group_id: Some(5), ..Customer::default() };
        assert_eq!(mapping.read_user(&ada).fields[&CustomerField::CustomerGroupId], json!(5));
        assert_eq!(mapping.read_customer(&customer).fields[&CustomerField::CustomerGroupId], json!(5));
    }

    #[test]
    fn what_is_wrong_with_the_rules_is_named() {
        let flaws = |groups| Mapping { groups, ..Mapping::default() }.check();
        assert_eq!(flaws(rules(&[("staff", 5), ("club", 5)], Some(1))), []);
        let staff = GroupId::from("staff".to_owned());
        assert_eq!(flaws(rules(&[("staff", 5), ("staff", 6)], None)), [Flaw::GroupTwice(staff)]);
        assert_eq!(flaws(rules(&[("staff", 5)], Some(0))), [Flaw::NoCustomerGroup]);
        let names: Vec<String> = (0..=MOST).map(|number| number.to_string()).collect();
        let many: Vec<(&str, u32)> = names.iter().map(|name| (name.as_str(), 1)).collect();
        assert_eq!(flaws(rules(&many, None)), [Flaw::TooManyGroupRules]);
    }

    #[test]
    fn the_customers_group_is_mapped_once_and_groups_by_group_rules_only() {
        let mut mapping = Mapping { groups: rules(&[("staff", 5)], None), ..Mapping::default() };
        let company = mapping.rule(&CustomerField::Company).unwrap().clone();
        let group = Rule { field: CustomerField::CustomerGroupId, direction: Direction::ToStore, ..company };
        mapping.rules.push(group.clone());
        assert_eq!(mapping.check(), [Flaw::FieldTwice(CustomerField::CustomerGroupId)]);
        mapping.groups = GroupRules::default();
        assert_eq!(mapping.check(), []);
        mapping.rules.last_mut().unwrap().attribute = Attribute::Groups;
        assert_eq!(mapping.check(), [Flaw::GroupsMapped]);
    }
}
