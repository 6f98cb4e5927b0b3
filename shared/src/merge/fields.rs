//! The three-way merge of the fields.

use serde_json::Value;

use super::{Conflict, Merge, Terms};
use crate::{
    application::{Authority, Policies},
    mapping::{CustomerField, Direction, Fields, Rule, alike, respelled},
};

/// What becomes of one field.
enum Verdict {
    /// Both sides have it.
    Alike,
    /// It is left as it is.
    Leave,
    /// The winner's value flows to the other side.
    Flows(Authority),
    /// The winner's value flows, and the other had changed too.
    Conflict(Authority),
}

/// Merges the fields of a user and a customer.
pub fn merge(base: Option<&Fields>, user: &Fields, customer: &Fields, terms: Terms<'_>) -> Merge {
    let mut merge = Merge::default();
    for rule in terms.mapping.all_rules() {
        let field = &rule.field;
        let before = base.and_then(|base| base.get(field));
        let (mine, theirs) = (user.get(field), customer.get(field));
        let verdict = match terms.withheld.contains(field) {
            true => Verdict::Leave,
            false => judge(rule, before, mine, theirs, terms),
        };
        match verdict {
            Verdict::Leave => merge.agree(field, before),
            Verdict::Alike if alike(field, before, mine) => merge.agree(field, before),
            Verdict::Alike => merge.agree(field, of(authority(rule, terms), mine, theirs)),
            Verdict::Flows(winner) if !open(winner, terms.policies) => merge.agree(field, before),
            Verdict::Conflict(winner) if !open(winner, terms.policies) => merge.agree(field, before),
            Verdict::Flows(winner) => merge.flow(field, winner, mine, theirs),
            Verdict::Conflict(winner) => {
                merge.flow(field, winner, mine, theirs);
                merge.conflicts.push(Conflict {
                    field: field.clone(),
                    won: winner,
                    kept: of(winner, mine, theirs).cloned().unwrap_or_default(),
                    lost: of(other(winner), mine, theirs).cloned().unwrap_or_default(),
                });
            }
        }
    }
    merge
}

fn judge(
    rule: &Rule,
    before: Option<&Value>,
    user: Option<&Value>,
    customer: Option<&Value>,
    terms: Terms<'_>,
) -> Verdict {
    let changed = |value| !alike(&rule.field, before, value);
    if alike(&rule.field, user, customer) {
        return Verdict::Alike;
    }
    match direction(rule, user, customer) {
        Direction::ToDirectory if changed(customer) => Verdict::Flows(Authority::Store),
        Direction::ToDirectory if terms.shared || customer.is_none() || respelled(user, customer) => {
            Verdict::Leave
        }
        Direction::ToDirectory => Verdict::Flows(Authority::Store),
        Direction::ToStore if changed(user) => Verdict::Flows(Authority::Directory),
        Direction::ToStore if user.is_none() || respelled(user, customer) => Verdict::Leave,
        Direction::ToStore => Verdict::Flows(Authority::Directory),
        Direction::Both => match (changed(user), changed(customer)) {
            (false, _) => Verdict::Flows(Authority::Store),
            (true, false) => Verdict::Flows(Authority::Directory),
            (true, true) => Verdict::Conflict(authority(rule, terms)),
        },
    }
}

/// Whose value stands where both sides changed.
fn authority(rule: &Rule, terms: Terms<'_>) -> Authority {
    rule.authority.unwrap_or(terms.policies.authority)
}

/// A side that reads an absent value as a default cannot be emptied by the other: that would
/// change nothing there.
fn direction(rule: &Rule, user: Option<&Value>, customer: Option<&Value>) -> Direction {
    match rule.flows() {
        Direction::Both if customer.is_none() && rule.fills_for_store() => Direction::ToStore,
        Direction::Both if user.is_none() && rule.fills_for_directory() => Direction::ToDirectory,
        direction => direction,
    }
}

impl Merge {
    /// Takes a change of one side back: its base stays.
    pub(crate) fn hold(&mut self, field: &CustomerField, before: Option<&Value>) {
        self.to_directory.remove(field);
        self.to_store.remove(field);
        self.conflicts.retain(|conflict| conflict.field != *field);
        self.agree(field, before);
    }

    fn agree(&mut self, field: &CustomerField, value: Option<&Value>) {
        match value {
            Some(value) => drop(self.agreed.insert(field.clone(), value.clone())),
            None => drop(self.agreed.remove(field)),
        }
    }

    fn flow(
        &mut self,
        field: &CustomerField,
        from: Authority,
        user: Option<&Value>,
        customer: Option<&Value>,
    ) {
        let value = of(from, user, customer);
        self.agree(field, value);
        let changes = match from {
            Authority::Directory => &mut self.to_store,
            Authority::Store => &mut self.to_directory,
        };
        changes.insert(field.clone(), value.cloned().unwrap_or_default());
    }
}

fn of<T>(side: Authority, user: T, customer: T) -> T {
    match side {
        Authority::Directory => user,
        Authority::Store => customer,
    }
}

fn other(side: Authority) -> Authority {
    match side {
        Authority::Directory => Authority::Store,
        Authority::Store => Authority::Directory,
    }
}

/// Whether values may flow from this side.
fn open(from: Authority, policies: &Policies) -> bool {
    match from {
        Authority::Directory => policies.to_store.update,
        Authority::Store => policies.to_directory.update,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::{application::Operations, mapping::Mapping};

    const FIELDS: [CustomerField; 4] =
        [CustomerField::Email, CustomerField::FirstName, CustomerField::Company, CustomerField::Phone];

    fn mapping(direction: Direction) -> Mapping {
        let mut mapping = Mapping::default();
        mapping.rules.retain(|rule| FIELDS.contains(&rule.field));
        mapping.rules.iter_mut().for_each(|rule| rule.direction = direction);
        mapping
    }

    fn fields() -> impl Strategy<Value = Fields> {
        let value = prop_oneof![Just("a"), Just("A"), Just("b"), Just("c")].prop_map(Value::from);
        proptest::collection::btree_map(proptest::sample::select(FIELDS.to_vec()), value, 0..4)
    }

    fn direction() -> impl Strategy<Value = Direction> {
        prop_oneof![Just(Direction::Both), Just(Direction::ToDirectory), Just(Direction::ToStore)]
    }

    fn policies() -> impl Strategy<Value = Policies> {
        (any::<bool>(), any::<bool>(), any::<bool>()).prop_map(|(store, one, other)| Policies {
            authority: if store { Authority::Store } else { Authority::Directory },
            to_directory: Operations { update: one, ..Operations::default() },
            to_store: Operations { update: other, ..Operations::default() },
            ..Policies::default()
        })
    }

    fn with(
        mapping: &Mapping,
        policies: &Policies,
        base: Option<&Fields>,
        user: &Fields,
        customer: &Fields,
    ) -> Merge {
        merge(base, user, customer, Terms { mapping, policies, withheld: &BTreeSet::new(), shared: false })
    }

    fn apply(fields: &Fields, changes: &Fields) -> Fields {
        let mut fields = fields.clone();
        fields.extend(changes.clone());
        fields.retain(|_, value| !value.is_null());
        fields
    }

    fn swapped(policies: &Policies) -> Policies {
        Policies {
            authority: other(policies.authority),
            to_directory: policies.to_store,
            to_store: policies.to_directory,
            ..policies.clone()
        }
    }

    fn opposite(direction: Direction) -> Direction {
        match direction {
            Direction::Both => Direction::Both,
            Direction::ToDirectory => Direction::ToStore,
            Direction::ToStore => Direction::ToDirectory,
        }
    }

    proptest! {
        #[test]
        fn open_both_ways_the_two_sides_come_to_agree(
            base in proptest::option::of(fields()), user in fields(), customer in fields(), authority in policies(),
        ) {
            let policies = Policies { authority: authority.authority, ..Policies::default() };
            let merge = with(&mapping(Direction::Both), &policies, base.as_ref(), &user, &customer);
            for side in [apply(&user, &merge.to_directory), apply(&customer, &merge.to_store)] {
                prop_assert_eq!(side.len(), merge.agreed.len());
                for (field, agreed) in &merge.agreed {
                    prop_assert!(alike(field, Some(agreed), side.get(field)));
                }
            }
        }

        #[test]
        fn a_merge_that_was_applied_leaves_nothing_to_merge(
            base in proptest::option::of(fields()), user in fields(), customer in fields(),
            policies in policies(), direction in direction(),
        ) {
            let mapping = mapping(direction);
            let once = with(&mapping, &policies, base.as_ref(), &user, &customer);
            let (user, customer) = (apply(&user, &once.to_directory), apply(&customer, &once.to_store));
            let twice = with(&mapping, &policies, Some(&once.agreed), &user, &customer);
            prop_assert_eq!(&twice, &Merge { agreed: once.agreed, ..Merge::default() });
        }

        #[test]
        fn neither_side_is_favoured_but_by_authority(
            base in proptest::option::of(fields()), user in fields(), customer in fields(),
            policies in policies(), direction in direction(),
        ) {
            let one = with(&mapping(direction), &policies, base.as_ref(), &user, &customer);
            let other = with(&mapping(opposite(direction)), &swapped(&policies), base.as_ref(), &customer, &user);
            prop_assert_eq!(one.to_directory, other.to_store);
            prop_assert_eq!(one.to_store, other.to_directory);
            prop_assert_eq!(one.agreed, other.agreed);
            prop_assert_eq!(one.conflicts.len(), other.conflicts.len());
        }
    }

    fn company(value: &str) -> Fields {
        let value = Some(value).filter(|value| !value.is_empty());
        value.map(|value| (CustomerField::Company, json!(value))).into_iter().collect()
    }

    /// What the directory's and the store's change are, and the base: `-` is no change, `""` is empty.
    fn outcome(direction: Direction, policies: &Policies, [base, user, customer]: [&str; 3]) -> [String; 3] {
        let merge =
            with(&mapping(direction), policies, Some(&company(base)), &company(user), &company(customer));
        [&merge.to_directory, &merge.to_store, &merge.agreed].map(|fields| {
            let shown = fields.get(&CustomerField::Company).map(|value| value.as_str().unwrap_or_default());
            shown.unwrap_or("-").to_owned()
        })
    }

    #[test]
    fn one_sides_change_flows_to_the_other() {
        let policies = Policies::default();
        for (sides, changes) in [
            (["a", "a", "a"], ["-", "-", "a"]),
            (["a", "b", "a"], ["-", "b", "b"]),
            (["a", "a", "b"], ["b", "-", "b"]),
            (["a", "b", "b"], ["-", "-", "b"]),
            (["a", "", "a"], ["-", "", "-"]),
            (["a", "a", ""], ["", "-", "-"]),
            (["", "", "b"], ["b", "-", "b"]),
            (["", "b", ""], ["-", "b", "b"]),
        ] {
            assert_eq!(outcome(Direction::Both, &policies, sides), changes, "{sides:?}");
        }
    }

    #[test]
    fn g23_of_two_different_changes_the_authoritys_stands_and_the_other_is_kept() {
        let (user, customer) = (company("b"), company("c"));
        for (authority, kept, lost) in [(Authority::Directory, "b", "c"), (Authority::Store, "c", "b")] {
            let policies = Policies { authority, ..Policies::default() };
            let merge = with(&mapping(Direction::Both), &policies, Some(&company("a")), &user, &customer);
            assert_eq!(merge.agreed, company(kept));
            let field = CustomerField::Company;
            assert_eq!(
                merge.conflicts,
                [Conflict { field, won: authority, kept: kept.into(), lost: lost.into() }]
            );
        }
    }

    #[test]
    fn a_pinned_field_is_set_right_where_it_was_changed_on_the_wrong_side() {
        let policies = Policies::default();
        for (direction, sides, changes) in [
            (Direction::ToDirectory, ["a", "b", "a"], ["a", "-", "a"]),
            (Direction::ToDirectory, ["a", "b", "c"], ["c", "-", "c"]),
            (Direction::ToDirectory, ["", "b", ""], ["-", "-", "-"]),
            (Direction::ToStore, ["a", "a", "c"], ["-", "a", "a"]),
            (Direction::ToStore, ["a", "", "a"], ["-", "", "-"]),
            (Direction::ToStore, ["", "", "c"], ["-", "-", "-"]),
        ] {
            assert_eq!(outcome(direction, &policies, sides), changes, "{direction:?} {sides:?}");
        }
    }

    #[test]
    fn g22_a_store_that_respells_a_pinned_value_is_not_corrected_for_ever() {
        assert_eq!(
            outcome(Direction::ToStore, &Policies::default(), ["Ada ", "Ada ", "ada"]),
            ["-", "-", "Ada "]
        );
    }

    #[test]
    fn two_stores_do_not_set_a_field_right_in_turns() {
        let (mapping, policies) = (mapping(Direction::ToDirectory), Policies::default());
        let terms =
            Terms { mapping: &mapping, policies: &policies, withheld: &BTreeSet::new(), shared: true };
        let merge = merge(Some(&company("5")), &company("7"), &company("5"), terms);
        assert_eq!(merge, Merge { agreed: company("5"), ..Merge::default() });
    }

    #[test]
    fn a_closed_direction_holds_a_change_back_until_it_opens() {
        let closed = Policies {
            to_store: Operations { update: false, ..Operations::default() },
            ..Policies::default()
        };
        assert_eq!(outcome(Direction::Both, &closed, ["a", "b", "a"]), ["-", "-", "a"]);
        assert_eq!(outcome(Direction::Both, &closed, ["a", "a", "c"]), ["c", "-", "c"]);
        assert_eq!(outcome(Direction::Both, &Policies::default(), ["a", "b", "a"]), ["-", "b", "b"]);
    }

    #[test]
    fn a_field_that_is_not_compared_keeps_its_base() {
        let (mapping, policies) = (mapping(Direction::Both), Policies::default());
        let withheld = BTreeSet::from([CustomerField::Company]);
        let terms = Terms { mapping: &mapping, policies: &policies, withheld: &withheld, shared: false };
        let merge = merge(Some(&company("a")), &company("b"), &company(""), terms);
        assert_eq!(merge, Merge { agreed: company("a"), ..Merge::default() });
    }
}
