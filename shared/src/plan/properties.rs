//! What holds for every plan.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{model::*, *};
use crate::{
    application::{Authority, MatchPolicy, Offboarding, OnCustomerDeleted},
    bigcommerce,
    mapping::{AddressAttribute, Attribute, CustomerField, Direction, Mapping, Transform},
    user::{Address, PhoneNumber},
};

fn offboarding() -> impl Strategy<Value = Offboarding> {
    prop_oneof![
        Just(Offboarding::Nothing),
        Just(Offboarding::BlockSignIn { group: None }),
        Just(Offboarding::BlockSignIn { group: Some(7) }),
        Just(Offboarding::MoveToGroup { group: 7 }),
        Just(Offboarding::DeleteAfter { days: 0 }),
        Just(Offboarding::DeleteAfter { days: 1 }),
        Just(Offboarding::DeleteCustomer),
    ]
}

fn policies() -> impl Strategy<Value = Policies> {
    let operations =
        || any::<[bool; 3]>().prop_map(|[create, update, delete]| Operations { create, update, delete });
    let open = || prop_oneof![3 => Just(Operations::default()), 1 => operations()];
    let rest = (any::<bool>(), 0..3_u8, 0..3_u8, offboarding(), offboarding());
    (open(), open(), rest, proptest::option::of(Just("active eq true".to_owned()))).prop_map(
        |(to_directory, to_store, (store, matching, gone, deleted, deactivated), scope)| Policies {
            authority: if store { Authority::Store } else { Authority::Directory },
            to_directory,
            to_store,
            match_by_email: [MatchPolicy::Adopt, MatchPolicy::Ask, MatchPolicy::Refuse]
                [usize::from(matching)],
            on_customer_deleted: [
                OnCustomerDeleted::DeleteUser,
                OnCustomerDeleted::DeactivateUser,
                OnCustomerDeleted::Unlink,
            ][usize::from(gone)],
            on_user_deleted: deleted,
            on_user_deactivated: deactivated,
            scope,
            ..Policies::default()
        },
    )
}

/// Mappings beside the default one: every direction, and every kind of transform.
fn mapping() -> impl Strategy<Value = Mapping> {
    let direction =
        || prop_oneof![Just(Direction::Both), Just(Direction::ToDirectory), Just(Direction::ToStore)];
    let transforms = || {
        proptest::collection::vec(
            prop_oneof![
                Just(Transform::Trim),
                Just(Transform::Lower),
                Just(Transform::Upper),
                Just(Transform::Default("Acme".to_owned())),
                Just(Transform::Constant("Retail".to_owned())),
            ],
            0..3,
        )
    };
    (direction(), direction(), transforms(), transforms(), any::<bool>())
        .prop_map(|(first, company, to_store, to_directory, field)| {
            let mut mapping = Mapping::default();
            mapping.rules[2].direction = first;
            let rule = &mut mapping.rules[4];
            rule.direction = company;
            rule.to_store = to_store;
            rule.to_directory = to_directory;
            if field {
                rule.field = CustomerField::FormField("Firm".to_owned());
            }
            mapping.rules[5].attribute = Attribute::Field("phone".to_owned());
            mapping
        })
        .prop_filter("the mapping has no flaw", |mapping| mapping.check().is_empty())
}

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(""), Just("Ada"), Just("ada"), Just(" Bo "), Just("Cy"),
        Just("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"),
    ]
    .prop_map(str::to_owned)
}

fn place() -> impl Strategy<Value = [&'static str; 3]> {
    prop_oneof![
        Just(["TX", "US", "78701"]),
        Just(["Texas", "usa", "78701"]),
        Just(["Teksas", "US", "78701"]),
        Just(["", "DE", "10115"]),
        Just(["", "Atlantis", ""]),
    ]
}

/// The parts of a user's address.
fn users_address() -> impl Strategy<Value = BTreeMap<AddressAttribute, String>> {
    (place(), word(), prop_oneof![Just("1 Main St"), Just("2 Side St"), Just("")]).prop_map(
        |([region, country, code], name, street)| {
            [
                (AddressAttribute::StreetAddress, street),
                (AddressAttribute::Locality, "Town"),
                (AddressAttribute::Region, region),
                (AddressAttribute::Country, country),
                (AddressAttribute::PostalCode, code),
                (AddressAttribute::GivenName, name.as_str()),
            ]
            .into_iter()
            .filter(|(_, part)| !part.is_empty())
            .map(|(attribute, part)| (attribute, part.to_owned()))
            .collect()
        },
    )
}

fn customers_address() -> impl Strategy<Value = bigcommerce::Address> {
    (place(), word(), prop_oneof![Just("1 Main St"), Just("2 Side St")]).prop_map(
        |([state, country, code], name, street)| bigcommerce::Address {
            id: Some(1),
            first_name: name,
            last_name: "King".to_owned(),
            address1: street.to_owned(),
            city: "Town".to_owned(),
            state_or_province: state.to_owned(),
            postal_code: code.to_owned(),
            country_code: country.to_owned(),
            address_type: "residential".to_owned(),
            ..bigcommerce::Address::default()
        },
    )
}

fn a_user() -> impl Strategy<Value = User> {
    let addresses = proptest::collection::vec(users_address(), 0..3);
    let details = (word(), word(), word(), proptest::option::of(word()), proptest::option::of(any::<bool>()));
    (details, addresses, any::<bool>(), any::<bool>()).prop_map(
        |((given, family, company, phone, marketing), addresses, active, elsewhere)| {
            let home = |parts| Address { parts, kind: Some("home".to_owned()), primary: false };
            let addresses = addresses.into_iter().map(home).collect();
            let mut user = User { active, addresses, ..user("Ada@x.example", &given, &family) };
            user.attributes.insert("organization".to_owned(), company);
            user.fields.extend(phone.clone().map(|phone| ("phone".to_owned(), phone.into())));
            user.phone_numbers.extend(phone.map(|value| PhoneNumber {
                value,
                kind: None,
                display: None,
                primary: false,
            }));
            user.fields.extend(marketing.map(|yes| ("acceptsMarketing".to_owned(), yes.into())));
            if elsewhere {
                let link = crate::user::Link {
                    customer: 9.try_into().unwrap(),
                    base: Base::default(),
                    in_scope: true,
                    held: None,
                    state: crate::user::LinkState::InStep,
                    store_modified: None,
                    synced_at: Timestamp::UNIX_EPOCH,
                    last_error: None,
                    attention: Default::default(),
                };
                user.links.insert("other".parse().unwrap(), link);
            }
            user
        },
    )
}

fn a_customer(id: i64) -> impl Strategy<Value = Customer> {
    let addresses = proptest::collection::vec(customers_address(), 0..3);
    (word(), word(), word(), word(), any::<bool>(), addresses).prop_map(
        move |(first, last, company, phone, marketing, mut addresses)| {
            for (index, address) in addresses.iter_mut().enumerate() {
                address.id = Some(u32::try_from(index).unwrap() + 1);
            }
            Customer {
                company: Some(company),
                phone: Some(phone),
                accepts_product_review_abandoned_cart_emails: Some(marketing),
                addresses: Some(addresses),
                ..customer(id, "ada@x.example", &first, &last)
            }
        },
    )
}

fn world() -> impl Strategy<Value = World> {
    let habit = prop_oneof![Just(Habit::Keeps), Just(Habit::Trims), Just(Habit::Lowers)];
    let customers = prop_oneof![
        1 => Just(Vec::new()).boxed(),
        4 => a_customer(1).prop_map(|customer| vec![customer]).boxed(),
        1 => (a_customer(1), a_customer(2)).prop_map(|(one, other)| vec![one, other]).boxed(),
    ];
    let user = proptest::option::weighted(0.8, a_user());
    (policies(), mapping(), user, customers, any::<[bool; 2]>(), habit).prop_map(
        |(policies, mapping, user, customers, [deleted, in_scope], habit)| {
            let deleted = (user.is_none() && deleted).then(|| 1.try_into().unwrap());
            let in_scope = in_scope && user.is_some();
            let mut world = World { user, deleted, customers, habit, in_scope, ..World::new(policies) };
            world.application.mapping = mapping;
            world
        },
    )
}

/// Nothing to do, and nothing to say but what a person was asked already.
fn is_quiet(plan: &Plan) -> bool {
    let steps = Plan { told: Vec::new(), asked: Vec::new(), ..plan.clone() };
    steps.is_empty() && plan.told.iter().all(|told| told.action == Action::Refuse)
}

fn settle(world: &mut World) -> usize {
    (0..10)
        .find(|_| {
            let plan = world.plan();
            world.apply(&plan);
            is_quiet(&plan)
        })
        .unwrap_or(10)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn a_plan_that_was_applied_leaves_nothing_to_plan(world in world(), user in a_user(), other in a_customer(1)) {
        let mut world = World { habit: Habit::Keeps, ..world };
        let once = world.plan();
        world.apply(&once);
        let twice = world.plan();
        prop_assert!(is_quiet(&twice), "{}\n{}", line(&once), line(&twice));
        // Now linked, both sides are edited.
        let links = world.user.as_ref().map(|user| user.links.clone()).unwrap_or_default();
        world.user = world.user.map(|before| User { links, unlinked: before.unlinked, ..user });
        world.in_scope = !world.in_scope && world.user.is_some();
        if !world.customers.is_empty() {
            world.customers[0] = Customer { id: world.customers[0].id, date_modified: Some(world.now), ..other };
        }
        let once = world.plan();
        world.apply(&once);
        let twice = world.plan();
        prop_assert!(is_quiet(&twice), "{}\n{}", line(&once), line(&twice));
    }

    #[test]
    fn g22_a_store_that_respells_what_it_is_sent_comes_to_rest(world in world()) {
        let mut world = world;
        let rounds = settle(&mut world);
        prop_assert!(rounds < 5, "{:?} {}", world.habit, line(&world.plan()));
    }
}

/// Edits of what flows to the store; the last one stands.
fn edit(world: &mut World, edited: &User) {
    if let Some(user) = &mut world.user {
        user.name = edited.name.clone();
        user.attributes = edited.attributes.clone();
        user.addresses = edited.addresses.clone();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn an_edit_that_takes_back_what_a_cut_off_look_had_sent_is_not_lost_g45(
        edits in proptest::collection::vec((a_user(), any::<bool>()), 1..4), last in a_user(), authority in any::<bool>(),
    ) {
        let authority = if authority { Authority::Store } else { Authority::Directory };
        let mut world = World {
            user: Some(User { active: true, name: user("", "Ada", "King").name, ..last }), ..World::new(Policies { authority, ..Policies::default() })
        };
        settle(&mut world);
        let agreed = world.user.clone().unwrap();
        for (edited, is_taken) in edits {
            edit(&mut world, &edited);
            let (plan, before) = (world.plan(), world.customers.clone());
            world.apply_cut_off(&plan);
            if !is_taken {
                world.customers = before;
            }
        }
        edit(&mut world, &agreed);
        settle(&mut world);
        let mine = world.application.mapping.read_user(&agreed);
        prop_assert_eq!(&world.application.mapping.read_user(world.user.as_ref().unwrap()).fields, &mine.fields);
        if let Some(customer) = world.customers.first() {
            let theirs = world.application.mapping.read_customer(customer);
            for field in [CustomerField::FirstName, CustomerField::LastName, CustomerField::Company] {
                prop_assert_eq!(theirs.fields.get(&field), mine.fields.get(&field));
            }
        }
    }
}

#[test]
fn g22_no_ping_pong_in_a_thousand_rounds_with_stores_that_lower_or_trim() {
    for habit in [Habit::Trims, Habit::Lowers] {
        for direction in [Direction::Both, Direction::ToStore, Direction::ToDirectory] {
            let mut ada = user("Ada@X.example", " Ada", "Lovelace ");
            ada.attributes.insert("organization".to_owned(), " Acme GmbH ".to_owned());
            let mut world = World { user: Some(ada), habit, ..World::new(Policies::default()) };
            for rule in &mut world.application.mapping.rules[4..] {
                rule.direction = direction;
                rule.to_store.clear();
            }
            let writes = (0..1000).filter(|_| {
                let plan = world.plan();
                world.apply(&plan);
                !is_quiet(&plan)
            });
            assert!(writes.count() <= 3, "{habit:?} {direction:?}");
        }
    }
}
