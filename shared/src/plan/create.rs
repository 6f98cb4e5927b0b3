//! One side is missing: it is made from the other, and the two are merged at once, so that what
//! the new one fills in by itself has flowed back before anyone looks again.

use std::collections::BTreeSet;

use super::{Case, DirectoryStep, LinkStep, Plan, StoreStep, absence::Hold, merging, words};
use crate::{
    application::Authority,
    bigcommerce::Customer,
    mapping::{Coverage, CustomerField, Direction, Fields, Limits, Mapping, Refusal},
    merge::AddressChanges,
    report::Action,
    user::User,
};

/// A user from a customer.
pub(super) fn user(customer: &Customer, case: Case<'_>) -> Plan {
    if !case.policies.to_directory.create || case.names_held {
        return Plan::default();
    }
    let mapping = &case.application.mapping;
    let read = mapping.read_customer(customer);
    let mut refused = read.refused;
    refused.extend(Limits(mapping).directory_misses(&read.fields));
    if !refused.is_empty() {
        return words::refused(Authority::Store, refused);
    }
    let fields = without(mapping, read.fields, Direction::ToStore);
    let addresses = if read.coverage == Coverage::Unseen { BTreeSet::new() } else { read.addresses };
    let told = words::created(Action::CreateUser, &fields, &addresses);
    let email = fields.get(&CustomerField::Email).and_then(|email| email.as_str());
    let mut new = User::new(email.unwrap_or_default(), case.now);
    let changes = AddressChanges { add: addresses, ..AddressChanges::default() };
    mapping.write_user(&mut new, &fields, &changes, case.now);
    let merged = merging::merged(&new, customer, None, &Hold::default(), case);
    let mut plan = merged.plan(&new, customer, &Hold::default(), case);
    let created = match std::mem::take(&mut plan.directory) {
        DirectoryStep::Update(user) => user,
        _ => Box::new(new),
    };
    plan.directory = DirectoryStep::Create(created);
    plan.told.insert(0, told);
    words::refuse(&mut plan, &merged.refused);
    plan.link = LinkStep::Set { base: merged.base, held: None, in_scope: false };
    plan
}

/// A customer from a user. What the store could do without is left out where it is refused.
pub(super) fn customer(user: &User, case: Case<'_>) -> Plan {
    let ended = user.unlinked.contains(&case.application.id);
    if !user.active || !case.in_scope || ended || !case.policies.to_store.create {
        return Plan::default();
    }
    let mapping = &case.application.mapping;
    let mut read = mapping.read_user(user);
    let mut refused = read.refused.clone();
    refused.extend(merging::keep_sendable(&mut read, &BTreeSet::new(), Limits(mapping)));
    let mut fields = without(mapping, read.fields, Direction::ToDirectory);
    refused.extend(drop_refused(mapping, &mut fields));
    let missing = Limits(mapping).store_misses(&fields);
    if !missing.is_empty() {
        let unknown = |miss: &Refusal| refused.iter().all(|refusal| refusal.field != miss.field);
        let missing: Vec<Refusal> = missing.into_iter().filter(unknown).collect();
        refused.extend(missing);
        return words::refused(Authority::Directory, refused);
    }
    let as_created = mapping.new_customer(&fields, &read.addresses);
    let as_created = Customer {
        addresses: as_created.addresses.or(Some(Vec::new())),
        attributes: as_created.attributes.or(Some(Vec::new())),
        form_fields: as_created.form_fields.or(Some(Vec::new())),
        ..as_created
    };
    let merged = merging::merged(user, &as_created, None, &Hold::default(), case);
    let mut plan = merged.plan(user, &as_created, &Hold::default(), case);
    plan.told.insert(0, words::created(Action::CreateCustomer, &fields, &read.addresses));
    let refused: Vec<_> = refused.into_iter().map(|refusal| (Authority::Directory, refusal)).collect();
    words::refuse(&mut plan, &refused);
    if !case.policies.to_store.update {
        // Mended values would not be sent either: there is nothing to ask for.
        plan.asked.clear();
    }
    plan.link = LinkStep::Set { base: merged.base, held: None, in_scope: true };
    if let Some(identity) = &mapping.identity {
        fields.insert(CustomerField::Attribute(identity.attribute), user.id.as_str().into());
    }
    plan.store = StoreStep::Create { fields, addresses: read.addresses };
    plan
}

fn drop_refused(mapping: &Mapping, fields: &mut Fields) -> Vec<Refusal> {
    let mut refused = Vec::new();
    fields.retain(|field, value| {
        let taken = Limits(mapping).store_takes(field, value);
        taken.map_err(|refusal| refused.push(refusal)).is_ok()
    });
    refused
}

/// The fields that are not pinned to this direction.
fn without(mapping: &Mapping, mut fields: Fields, pinned: Direction) -> Fields {
    fields.retain(|field, _| mapping.rule(field).is_some_and(|rule| rule.flows() != pinned));
    fields
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        application::{OnCustomerDeleted, Policies},
        bigcommerce::Address,
        plan::model::{World, customer, user},
    };

    const EMAIL: &str = "Ada@x.example";

    fn world() -> World {
        World::new(Policies::default())
    }

    #[test]
    fn a_user_made_of_a_customer_has_its_email_for_a_user_name() {
        let mut world = World { customers: vec![customer(1, EMAIL, "Ada", "King")], ..world() };
        let plan = world.plan();
        world.apply(&plan);
        let user = world.user.as_ref().unwrap();
        assert_eq!((user.user_name.as_str(), user.emails[0].primary), (EMAIL, true));
        assert!(world.plan().is_empty());
    }

    #[test]
    fn g66_a_customer_that_the_directory_refuses_is_no_user_and_says_why() {
        let nameless = World { customers: vec![customer(1, "", "Ada", "")], ..world() };
        let plan = nameless.plan();
        assert_eq!((&plan.directory, &plan.link), (&DirectoryStep::Nothing, &LinkStep::Keep));
        assert_eq!(
            plan.asked[0].detail,
            "The directory refuses email without a value (needed in the directory). Correct it at the store. \
             The directory refuses last_name without a value (needed in the directory). Correct it at the store."
        );
        assert_eq!(plan.told[0].action, Action::Refuse);
    }

    #[test]
    fn g27_a_customer_with_an_address_in_an_unknown_place_is_no_user() {
        let address =
            Address { address1: "1".to_owned(), country_code: "XX".to_owned(), ..Address::default() };
        let lost = Customer { addresses: Some(vec![address]), ..customer(1, EMAIL, "Ada", "King") };
        let plan = World { customers: vec![lost], ..world() }.plan();
        assert_eq!(plan.directory, DirectoryStep::Nothing);
        assert!(plan.asked[0].detail.contains("addresses.country_code “XX”"));
    }

    #[test]
    fn g38_a_user_that_the_store_refuses_is_no_customer_and_says_why() {
        let plan = World { user: Some(user(EMAIL, &"x".repeat(101), "")), ..world() }.plan();
        assert_eq!(plan.store, StoreStep::Nothing);
        let detail = &plan.asked[0].detail;
        assert!(detail.contains("first_name “xxx") && detail.contains("(1 to 100 characters)"), "{detail}");
        assert!(detail.contains("last_name without a value"), "{detail}");
    }

    #[test]
    fn what_the_store_can_do_without_is_left_out_where_it_is_refused() {
        let mut ada = user(EMAIL, "Ada", "King");
        ada.attributes.insert("organization".to_owned(), "x".repeat(256));
        let mut world = World { user: Some(ada), ..world() };
        let plan = world.plan();
        assert!(plan.asked[0].detail.contains("company"));
        world.apply(&plan);
        assert_eq!(world.customers[0].company.as_deref(), Some(""));
    }

    #[test]
    fn what_the_store_has_deleted_is_not_created_there_again() {
        let policies = Policies { on_customer_deleted: OnCustomerDeleted::Unlink, ..Policies::default() };
        let mut world = World { user: Some(user(EMAIL, "Ada", "King")), ..World::new(policies) };
        let plan = world.plan();
        world.apply(&plan);
        world.customers.clear();
        let plan = world.plan();
        world.apply(&plan);
        assert!(world.plan().is_empty());
        world.customers.push(customer(2, EMAIL, "Ada", "King"));
        let plan = world.plan();
        world.apply(&plan);
        let user = world.user.as_ref().unwrap();
        assert!(
            user.unlinked.is_empty() && user.links.len() == 1,
            "a new customer with its address is linked"
        );
    }
}
