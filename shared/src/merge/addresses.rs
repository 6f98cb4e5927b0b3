//! The three-way merge of two sets of addresses: what one side gained or lost, the other gains or
//! loses. An address that both sides edited stays in both edits; none is lost.

use std::collections::BTreeSet;

use super::{AddressChanges, AddressMerge};
use crate::{
    application::Policies,
    mapping::{AddressFields, Coverage, Mapped},
};

type Addresses = BTreeSet<AddressFields>;

/// Merges the addresses of a user and a customer. A side whose addresses were not all readable
/// loses none by what is missing; a side that was not seen is left alone, and so is the other.
pub fn merge_addresses(
    base: Option<&Addresses>,
    user: &Mapped,
    customer: &Mapped,
    policies: &Policies,
) -> AddressMerge {
    let base = base.cloned().unwrap_or_default();
    if user.coverage == Coverage::Unseen || customer.coverage == Coverage::Unseen {
        return AddressMerge { agreed: base, ..AddressMerge::default() };
    }
    let (mine, theirs) = (supposed(&base, user), supposed(&base, customer));
    let gained = mine.difference(&base).chain(theirs.difference(&base));
    let mut agreed: Addresses = mine.intersection(&theirs).chain(gained).cloned().collect();
    let to_directory = towards(&agreed, &mine, &user.addresses);
    let to_store = towards(&agreed, &theirs, &customer.addresses);
    let mut merge = AddressMerge { to_directory, to_store, ..AddressMerge::default() };
    if !policies.to_directory.update {
        hold(&mut agreed, &mut merge.to_directory);
    }
    if !policies.to_store.update {
        hold(&mut agreed, &mut merge.to_store);
    }
    AddressMerge { agreed, ..merge }
}

/// What a side has, and what it may have among the addresses that could not be read.
fn supposed(base: &Addresses, side: &Mapped) -> Addresses {
    match side.coverage {
        Coverage::Partial => side.addresses.union(base).cloned().collect(),
        Coverage::Whole | Coverage::Unseen => side.addresses.clone(),
    }
}

fn towards(agreed: &Addresses, supposed: &Addresses, there: &Addresses) -> AddressChanges {
    AddressChanges {
        add: agreed.difference(supposed).cloned().collect(),
        remove: supposed.difference(agreed).filter(|address| there.contains(*address)).cloned().collect(),
    }
}

/// Takes changes back: the base stays as to these addresses, so that they flow later.
fn hold(agreed: &mut Addresses, changes: &mut AddressChanges) {
    let AddressChanges { add, remove } = std::mem::take(changes);
    agreed.retain(|address| !add.contains(address));
    agreed.extend(remove);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{application::Operations, mapping::AddressField};

    fn address(city: &str) -> AddressFields {
        AddressFields::from([(AddressField::City, city.to_owned())])
    }

    fn side(addresses: &Addresses, coverage: Coverage) -> Mapped {
        Mapped { addresses: addresses.clone(), coverage, ..Mapped::default() }
    }

    fn addresses() -> impl Strategy<Value = Addresses> {
        proptest::collection::btree_set("[a-f]".prop_map(|city| address(&city)), 0..5)
    }

    fn coverage() -> impl Strategy<Value = Coverage> {
        prop_oneof![Just(Coverage::Whole), Just(Coverage::Partial), Just(Coverage::Unseen)]
    }

    fn policies() -> impl Strategy<Value = Policies> {
        (any::<bool>(), any::<bool>()).prop_map(|(one, other)| Policies {
            to_directory: Operations { update: one, ..Operations::default() },
            to_store: Operations { update: other, ..Operations::default() },
            ..Policies::default()
        })
    }

    fn apply(addresses: &Addresses, changes: &AddressChanges) -> Addresses {
        addresses.difference(&changes.remove).chain(&changes.add).cloned().collect()
    }

    proptest! {
        #[test]
        fn open_both_ways_the_two_sides_come_to_agree(
            base in proptest::option::of(addresses()), user in addresses(), customer in addresses(),
        ) {
            let (mine, theirs) = (side(&user, Coverage::Whole), side(&customer, Coverage::Whole));
            let merge = merge_addresses(base.as_ref(), &mine, &theirs, &Policies::default());
            prop_assert_eq!(&apply(&user, &merge.to_directory), &merge.agreed);
            prop_assert_eq!(&apply(&customer, &merge.to_store), &merge.agreed);
        }

        #[test]
        fn a_merge_that_was_applied_leaves_nothing_to_merge(
            base in proptest::option::of(addresses()), user in addresses(), customer in addresses(),
            of_user in coverage(), of_customer in coverage(), policies in policies(),
        ) {
            let (mine, theirs) = (side(&user, of_user), side(&customer, of_customer));
            let once = merge_addresses(base.as_ref(), &mine, &theirs, &policies);
            let mine = side(&apply(&user, &once.to_directory), of_user);
            let theirs = side(&apply(&customer, &once.to_store), of_customer);
            let twice = merge_addresses(Some(&once.agreed), &mine, &theirs, &policies);
            prop_assert_eq!(&twice, &AddressMerge { agreed: once.agreed, ..AddressMerge::default() });
        }

        #[test]
        fn no_address_is_lost_that_one_side_touched_alone(
            base in addresses(), user in addresses(), customer in addresses(),
            of_user in coverage(), of_customer in coverage(),
        ) {
            let (mine, theirs) = (side(&user, of_user), side(&customer, of_customer));
            let merge = merge_addresses(Some(&base), &mine, &theirs, &Policies::default());
            for gained in user.difference(&base) {
                prop_assert!(!merge.to_directory.remove.contains(gained));
            }
            for gained in customer.difference(&base) {
                prop_assert!(!merge.to_store.remove.contains(gained));
            }
            let removed = merge.to_directory.remove.iter().chain(&merge.to_store.remove);
            for removed in removed {
                prop_assert!(base.contains(removed), "only what both once had is ever removed");
                prop_assert!(!user.contains(removed) || !customer.contains(removed));
            }
        }
    }

    #[test]
    fn an_address_that_both_sides_edit_stays_in_both_edits() {
        let set = |cities: &[&str]| cities.iter().map(|city| address(city)).collect::<Addresses>();
        let (mine, theirs) = (side(&set(&["b"]), Coverage::Whole), side(&set(&["c"]), Coverage::Whole));
        let merge = merge_addresses(Some(&set(&["a"])), &mine, &theirs, &Policies::default());
        assert_eq!(merge.agreed, set(&["b", "c"]));
    }

    #[test]
    fn an_address_that_cannot_be_read_is_not_taken_for_a_removed_one() {
        let set = |cities: &[&str]| cities.iter().map(|city| address(city)).collect::<Addresses>();
        let (mine, theirs) =
            (side(&set(&["a", "b"]), Coverage::Whole), side(&set(&["b"]), Coverage::Partial));
        let merge = merge_addresses(Some(&set(&["a", "b"])), &mine, &theirs, &Policies::default());
        assert_eq!(merge, AddressMerge { agreed: set(&["a", "b"]), ..AddressMerge::default() });
    }
}
