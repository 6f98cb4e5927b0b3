//! A user and a customer that are one person: what flows which way.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use super::{Case, DirectoryStep, LinkStep, Plan, StoreStep, Told, absence::Hold, words};
use crate::{
    application::Authority,
    bigcommerce::Customer,
    mapping::{AddressFields, Attribute, Coverage, CustomerField, Limits, Mapped, Refusal, Rule},
    merge::{AddressMerge, Merge, Terms, merge, merge_addresses},
    report::Action,
    user::{Base, Link, LinkState, User},
};

/// What the merge of a pair came to, checked against what either side takes.
pub(super) struct Merged {
    pub(super) base: Base,
    /// The base with what the store is found to have taken before a look was cut off.
    pub(super) taken: Option<Base>,
    pub(super) user: Mapped,
    pub(super) customer: Mapped,
    pub(super) fields: Merge,
    pub(super) addresses: AddressMerge,
    /// The values that the other side refuses, by the side that holds them.
    pub(super) refused: Vec<(Authority, Refusal)>,
}

/// The two are known to be one person, or found to be where there is no link.
pub(super) fn one_person(
    user: &User,
    link: Option<&Link>,
    customer: &Customer,
    hold: &Hold,
    case: Case<'_>,
) -> Plan {
    let merged = merged(user, customer, link.map(|link| &link.base), hold, case);
    let mut plan = merged.plan(user, customer, hold, case);
    match link {
        None => plan.told.insert(0, Told::done(Action::Link)),
        Some(link) => {
            let (mapping, taken) = (&case.application.mapping, merged.taken.as_ref());
            let told = taken.and_then(|taken| words::taken_before(mapping, &link.base, taken));
            plan.told.splice(0..0, told);
            plan.told.extend(words::moved(mapping, taken.unwrap_or(&link.base), &merged));
        }
    }
    words::refuse(&mut plan, &merged.refused);
    let told_before = link.and_then(|link| link.last_error.as_ref());
    let blocked = plan.asked.first().map(|asked| &asked.detail);
    if blocked.is_some() && blocked == told_before {
        plan.told.retain(|told| told.action != Action::Refuse);
    }
    let state = if blocked.is_some() { LinkState::Blocked } else { LinkState::InStep };
    let in_scope = case.brought(user, link, customer) || case.meets_scope();
    let is_as_before = link.is_some_and(|link| {
        (&merged.base, &hold.held, in_scope) == (&link.base, &link.held, link.in_scope)
            && (state, blocked) == (link.state, told_before)
    });
    if !is_as_before {
        plan.link = LinkStep::Set { base: merged.base, held: hold.held.clone(), in_scope };
    }
    plan.look_again = hold.until;
    plan
}

/// Merges a pair and holds back what the other side refuses: its base stays.
pub(super) fn merged(
    user: &User,
    customer: &Customer,
    base: Option<&Base>,
    hold: &Hold,
    case: Case<'_>,
) -> Merged {
    let mapping = &case.application.mapping;
    let (mut mine, theirs) = (mapping.read_user(user), mapping.read_customer(&hold.unveiled(customer)));
    let apart = hold.remembers_otherwise(customer);
    let taken = base.zip(case.sent).map(|(base, sent)| base.clone().with_sent(sent, &theirs, &apart));
    let base = taken.as_ref().or(base);
    let withheld = withheld(&mine, &theirs, hold, case);
    let shared = user.links.keys().any(|application| *application != case.application.id);
    let terms = Terms { mapping, policies: case.policies, withheld: &withheld, shared };
    let mut fields = merge(base.map(|base| &base.fields), &mine.fields, &theirs.fields, terms);
    let mut refused = refused_fields(&mut fields, base, case);
    let known: BTreeSet<_> =
        base.iter().flat_map(|base| &base.addresses).chain(&theirs.addresses).cloned().collect();
    if case.policies.to_store.update {
        refused.extend(
            keep_sendable(&mut mine, &known, Limits(mapping)).into_iter().map(by(Authority::Directory)),
        );
        refused.extend(mine.refused.iter().cloned().map(by(Authority::Directory)));
    }
    if case.policies.to_directory.update {
        refused.extend(theirs.refused.iter().cloned().map(by(Authority::Store)));
    }
    let addresses = merge_addresses(base.map(|base| &base.addresses), &mine, &theirs, case.policies);
    let base = Base { fields: fields.agreed.clone(), addresses: addresses.agreed.clone() };
    hold.lay_over(customer, &mut fields.to_store);
    Merged { base, taken, user: mine, customer: theirs, fields, addresses, refused }
}

/// The fields that are not compared.
fn withheld(mine: &Mapped, theirs: &Mapped, hold: &Hold, case: Case<'_>) -> BTreeSet<CustomerField> {
    let mut withheld: BTreeSet<_> = mine.withheld.union(&theirs.withheld).cloned().collect();
    withheld.extend(hold.withheld());
    if case.names_held {
        let names = |rule: &&Rule| matches!(rule.attribute, Attribute::Email | Attribute::UserName);
        withheld.extend(case.application.mapping.rules.iter().filter(names).map(|rule| rule.field.clone()));
    }
    withheld
}

fn by(side: Authority) -> impl Fn(Refusal) -> (Authority, Refusal) {
    move |refusal| (side, refusal)
}

fn refused_fields(fields: &mut Merge, base: Option<&Base>, case: Case<'_>) -> Vec<(Authority, Refusal)> {
    let limits = Limits(&case.application.mapping);
    let at_store = fields
        .to_store
        .iter()
        .map(|(field, value)| (field, limits.store_takes(field, value).map_err(by(Authority::Directory))));
    let in_directory = fields
        .to_directory
        .iter()
        .map(|(field, value)| (field, limits.directory_takes(field, value).map_err(by(Authority::Store))));
    let refused: Vec<_> = at_store
        .chain(in_directory)
        .filter_map(|(field, taken)| Some((field.clone(), taken.err()?)))
        .collect();
    for (field, _) in &refused {
        fields.hold(field, base.and_then(|base| base.fields.get(field)));
    }
    refused.into_iter().map(|(_, refusal)| refusal).collect()
}

/// Leaves out the addresses that would be sent and that the store refuses.
pub(super) fn keep_sendable(
    user: &mut Mapped,
    known: &BTreeSet<AddressFields>,
    limits: Limits<'_>,
) -> Vec<Refusal> {
    let mut refused = Vec::new();
    if user.coverage != Coverage::Unseen {
        user.addresses.retain(|address| {
            let taken = if known.contains(address) { Ok(()) } else { limits.store_takes_address(address) };
            taken.map_err(|refusal| refused.push(refusal)).is_ok()
        });
    }
    if !refused.is_empty() {
        user.coverage = Coverage::Partial;
    }
    refused
}

impl Merged {
    /// The steps on both sides, without the link's.
    pub(super) fn plan(&self, user: &User, customer: &Customer, hold: &Hold, case: Case<'_>) -> Plan {
        let mut plan = Plan::default();
        if let Some(told) = words::changed(self, Authority::Directory) {
            let mut written = user.clone();
            let mapping = &case.application.mapping;
            mapping.write_user(
                &mut written,
                &self.fields.to_directory,
                &self.addresses.to_directory,
                case.now,
            );
            plan.directory = DirectoryStep::Update(Box::new(written));
            plan.told.push(told);
        }
        let told = words::changed(self, Authority::Store).map(|told| words::of_hold(told, customer, hold));
        if let (Some(told), Some(customer)) = (told, customer.id) {
            let (fields, addresses) = (self.fields.to_store.clone(), self.addresses.to_store.clone());
            let new_password = hold.locks(&fields);
            plan.store = StoreStep::Update { customer, fields, addresses, new_password };
            plan.told.push(told);
        }
        plan
    }
}
