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
