//! What distinguishes one mapping from another, rule by rule, for the person who is about to make it
//! live.

use std::{collections::BTreeMap, fmt::Display};

use serde::Serialize;

use super::{AddressRule, GroupRules, Mapping, Rule};

/// One difference between two mappings.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", tag = "difference")]
pub enum Difference {
    /// A rule that the first has not.
    Added {
        /// The customer's field, or `address <field>`.
        field: String,
        /// The rule in words.
        after: String,
    },
    /// A rule that the second has not.
    Removed {
        /// The customer's field, or `address <field>`.
        field: String,
        /// The rule in words.
        before: String,
    },
    /// A rule that is another.
    Changed {
        /// The customer's field, or `address <field>`.
        field: String,
        /// The first's rule in words.
        before: String,
        /// The second's.
        after: String,
    },
    /// The rules stand in another order; values flow as before.
    Reordered,
}

impl Mapping {
    /// The rules in words, by what they are about.
    pub fn in_words(&self) -> BTreeMap<String, String> {
        let rules = self.rules.iter().map(|rule| (rule.field.to_string(), rule.to_string()));
        let addresses =
            self.address_rules.iter().map(|rule| (format!("address {}", rule.field), rule.to_string()));
        rules.chain(addresses).chain(group_rules(&self.groups)).collect()
    }

    /// What distinguishes `after` from this mapping, in the order of this one's rules; empty: nothing.
    pub fn differences(&self, after: &Mapping) -> Vec<Difference> {
        let one = |rule: &Rule| (rule.field.to_string(), rule.to_string());
        let address = |rule: &AddressRule| (format!("address {}", rule.field), rule.to_string());
        let mut found = between(self.rules.iter().map(one), after.rules.iter().map(one));
        found
            .extend(between(self.address_rules.iter().map(address), after.address_rules.iter().map(address)));
        found.extend(between(group_rules(&self.groups), group_rules(&after.groups)));
        if found.is_empty() && self != &(Mapping { identity: self.identity.clone(), ..after.clone() }) {
            found.push(Difference::Reordered);
        }
        found
    }
}

fn between(
    before: impl Iterator<Item = (String, String)>,
    after: impl Iterator<Item = (String, String)>,
) -> Vec<Difference> {
    let mut after: Vec<(String, String)> = after.collect();
    let mut found = Vec::new();
    for (field, before) in before {
        match after.iter().position(|(other, _)| *other == field).map(|place| after.remove(place).1) {
            None => found.push(Difference::Removed { field, before }),
            Some(after) if after != before => found.push(Difference::Changed { field, before, after }),
            Some(_) => {}
        }
    }
    found.extend(after.into_iter().map(|(field, after)| Difference::Added { field, after }));
    found
}

/// The order of group rules decides, so that they are compared as one.
fn group_rules(groups: &GroupRules) -> impl Iterator<Item = (String, String)> {
    let rules = groups.rules.iter().map(|rule| format!("{} → {}", rule.group, rule.customer_group));
    let otherwise = groups.otherwise.map(|group| format!("otherwise {group}"));
    let whole: Vec<String> = rules.chain(otherwise).collect();
    (!whole.is_empty()).then(|| ("customer_group_id by groups".to_owned(), whole.join(", "))).into_iter()
}

/// `name.givenName ↔ first_name, required, to the store: trim`
impl Display for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} {}", self.attribute, self.flows().arrow(), self.field)?;
        if let Some(authority) = self.authority {
            write!(f, ", {} wins", authority.side())?;
        }
        if self.required {
            f.write_str(", required")?;
        }
        super::transform::write_steps(f, &self.to_store, &self.to_directory)
    }
}

impl Display for AddressRule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ↔ {}", self.attribute, self.field)?;
        super::transform::write_steps(f, &self.to_store, &self.to_directory)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::{CustomerField, Direction, Transform};

    #[test]
    fn each_rule_that_came_went_or_changed_is_told_in_words() {
        let before = Mapping::default();
        assert_eq!(before.differences(&before), []);
        let mut after = before.clone();
        after.rules.retain(|rule| rule.field != CustomerField::Company);
        let phone = after.rules.iter_mut().find(|rule| rule.field == CustomerField::Phone).unwrap();
        phone.direction = Direction::ToStore;
        phone.to_store.push(Transform::Default("none".to_owned()));
        let told = before.differences(&after);
        assert_eq!(
            told,
            [
                Difference::Removed {
                    field: "company".to_owned(),
                    before: "organization ↔ company; to the store: trim".to_owned()
                },
                Difference::Changed {
                    field: "phone".to_owned(),
                    before: "phoneNumbers ↔ phone; to the store: trim".to_owned(),
                    after: "phoneNumbers → phone; to the store: trim, default “none”".to_owned()
                },
            ]
        );
        assert_eq!(after.differences(&before).len(), 2);
        let mut turned = before.clone();
        turned.rules.reverse();
        assert_eq!(before.differences(&turned), [Difference::Reordered]);
    }
}
