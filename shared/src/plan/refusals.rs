//! What a store would refuse of a user, for whoever wants to know before the user is written.

use super::merging::keep_sendable;
use crate::{
    application::{Application, Operations},
    mapping::{CustomerField, Direction, Limits, Refusal},
    user::User,
};

/// What the application's store would refuse of `user`; empty: nothing, or nothing would be sent.
/// Whether the user is in the application's scope is not looked at.
pub fn store_refusals(user: &User, application: &Application) -> Vec<Refusal> {
    let Operations { create, update, .. } = application.policies.to_store;
    let is_linked = user.links.contains_key(&application.id);
    if !(if is_linked { update } else { create }) {
        return Vec::new();
    }
    let (mapping, limits) = (&application.mapping, Limits(&application.mapping));
    let is_sent = |field: &CustomerField| {
        mapping.rule(field).is_some_and(|rule| rule.flows() != Direction::ToDirectory)
    };
    let mut read = mapping.read_user(user);
    let mut refused: Vec<Refusal> = read.refused.clone();
    refused.retain(|refusal| refusal.field.parse().map_or(true, |field| is_sent(&field)));
    read.fields.retain(|field, _| is_sent(field));
    let taken = read.fields.iter().map(|(field, value)| limits.store_takes(field, value));
    refused.extend(taken.filter_map(Result::err));
    let known = |miss: &Refusal| read.withheld.iter().any(|field| field.to_string() == miss.field);
    refused.extend(limits.store_misses(&read.fields).into_iter().filter(|miss| !known(miss)));
    refused.extend(keep_sendable(&mut read, &Default::default(), limits));
    refused
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        application::Policies,
        mapping::AddressAttribute,
        plan::model::{World, user},
        user::Address,
    };

    fn refused(change: impl FnOnce(&mut User, &mut Application)) -> Vec<String> {
        let mut application = World::new(Policies::default()).application;
        let mut ada = user("ada@x.example", "Ada", "King");
        change(&mut ada, &mut application);
        store_refusals(&ada, &application).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_user_that_the_store_takes_is_not_refused() {
        assert!(refused(|_, _| {}).is_empty());
    }

    #[test]
    fn every_value_that_the_store_would_refuse_is_named_with_its_rule_g38() {
        let refused = refused(|user, _| {
            user.name.given_name = None;
            user.attributes.insert("organization".to_owned(), "x".repeat(256));
            let parts = [(AddressAttribute::Country, "XX".to_owned())].into();
            user.addresses = vec![Address { parts, ..Address::default() }];
        });
        assert!(refused[0].starts_with("addresses.country_code “XX”"), "{refused:?}");
        assert!(refused[1].starts_with("company “xxx") && refused[1].ends_with("(at most 255 characters)"));
        assert_eq!(refused[2..], ["first_name without a value (1 to 100 characters)"]);
    }

    #[test]
    fn what_is_not_sent_is_not_refused() {
        let wrong = |user: &mut User| {
            user.fields.insert("channelIds".to_owned(), "no list".into());
            user.fields.insert("customerId".to_owned(), "no number".into());
        };
        assert!(refused(|user, _| wrong(user)).is_empty());
        let nameless = |user: &mut User| user.name.given_name = None;
        assert_eq!(refused(|user, _| nameless(user)).len(), 1);
        let closed = |user: &mut User, application: &mut Application| {
            nameless(user);
            application.policies.to_store.create = false;
        };
        assert!(refused(closed).is_empty());
    }
}
