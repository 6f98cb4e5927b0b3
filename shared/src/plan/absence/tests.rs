//! Users who go and come back.

use jiff::SignedDuration;
use proptest::prelude::*;

use crate::{
    application::{MatchPolicy, Offboarding, Policies},
    bigcommerce::Customer,
    mapping::Identity,
    plan::{LinkStep, StoreStep, model::*},
    report::Action,
    secret::EmailAddress,
    user::{Link, User},
};

const EMAIL: &str = "ada@x.example";
const TOMBSTONE: &str = "user@deactivated.invalid";
const BLOCK: Offboarding = Offboarding::BlockSignIn { group: Some(9) };

/// A pair in step whose customer is in group 3, under one policy for whoever is away.
fn pair(policy: Offboarding) -> World {
    let policies = Policies {
        on_user_deactivated: policy,
        on_user_deleted: policy,
        scope: Some("userType eq \"shopper\"".to_owned()),
        ..Policies::default()
    };
    let mut world = World { user: Some(user(EMAIL, "Ada", "King")), ..World::new(policies) };
    settle(&mut world);
    world.customers[0].customer_group_id = Some(3);
    world
}

fn settle(world: &mut World) {
    for _ in 0..5 {
        let plan = world.plan();
        if plan.is_empty() {
            return;
        }
        world.apply(&plan);
    }
    panic!("no rest: {}", line(&world.plan()));
}

fn edit(world: &mut World, change: impl FnOnce(&mut User)) {
    change(world.user.as_mut().unwrap());
}

fn set_active(world: &mut World, active: bool) {
    edit(world, |user| user.active = active);
}

fn set_email(world: &mut World, email: &str) {
    edit(world, |user| user.emails[0].value = EmailAddress::new(email));
}

fn at_store(world: &World) -> (&str, Option<u32>) {
    (&world.customers[0].email, world.customers[0].customer_group_id)
}

fn email(world: &World) -> &str {
    world.user.as_ref().unwrap().emails[0].value.as_str()
}

fn link(world: &World) -> Option<&Link> {
    world.user.as_ref().unwrap().links.get(&world.application.id)
}

#[test]
fn who_is_blocked_is_given_back_everything_on_return() {
    let mut world = pair(BLOCK);
    set_active(&mut world, false);
    let plan = world.plan();
    assert!(matches!(plan.store, StoreStep::Update { new_password: true, .. }));
    assert_eq!(plan.told[0].action, Action::DeactivateCustomer);
    settle(&mut world);
    assert_eq!((at_store(&world), email(&world)), ((TOMBSTONE, Some(9)), EMAIL));
    set_active(&mut world, true);
    let plan = world.plan();
    assert!(matches!(plan.store, StoreStep::Update { new_password: false, .. }));
    assert_eq!(plan.told[0].action, Action::ReactivateCustomer);
    settle(&mut world);
    assert_eq!((at_store(&world), email(&world)), ((EMAIL, Some(3)), EMAIL));
    assert!(link(&world).unwrap().held.is_none());
}

#[test]
fn no_group_is_given_back_as_none() {
    let mut world = pair(Offboarding::MoveToGroup { group: 9 });
    world.customers[0].customer_group_id = Some(0);
    set_active(&mut world, false);
    settle(&mut world);
    assert_eq!(at_store(&world), (EMAIL, Some(9)));
    set_active(&mut world, true);
    settle(&mut world);
    assert_eq!(at_store(&world), (EMAIL, Some(0)));
}

#[test]
fn what_changes_in_the_directory_meanwhile_is_sent_and_the_email_on_return() {
    let mut world = pair(BLOCK);
    set_active(&mut world, false);
    settle(&mut world);
    set_email(&mut world, "countess@x.example");
    edit(&mut world, |user| user.name.given_name = Some("Augusta".to_owned()));
    settle(&mut world);
    assert_eq!((at_store(&world).0, &*world.customers[0].first_name), (TOMBSTONE, "Augusta"));
    set_active(&mut world, true);
    settle(&mut world);
    assert_eq!(at_store(&world), ("countess@x.example", Some(3)));
}

#[test]
fn what_the_store_had_just_changed_when_it_was_blocked_reaches_the_directory_on_return() {
    let mut world = pair(BLOCK);
    world.customers[0].email = "countess@x.example".to_owned();
    set_active(&mut world, false);
    settle(&mut world);
    assert_eq!((at_store(&world).0, email(&world)), (TOMBSTONE, EMAIL));
    set_active(&mut world, true);
    settle(&mut world);
    assert_eq!((at_store(&world).0, email(&world)), ("countess@x.example", "countess@x.example"));
}

#[test]
fn a_person_who_edits_a_blocked_customer_is_set_right_and_nothing_reaches_the_directory() {
    let mut world = pair(BLOCK);
    set_active(&mut world, false);
    settle(&mut world);
    world.customers[0].email = "opened@x.example".to_owned();
    world.customers[0].customer_group_id = Some(4);
    let plan = world.plan();
    assert!(matches!(plan.store, StoreStep::Update { new_password: true, .. }));
    settle(&mut world);
    assert_eq!((at_store(&world), email(&world)), ((TOMBSTONE, Some(9)), EMAIL));
    world.customers[0].email = "opened@x.example".to_owned();
    set_active(&mut world, true);
    settle(&mut world);
    assert_eq!((at_store(&world), email(&world)), ((EMAIL, Some(3)), EMAIL));
}

#[test]
fn a_block_that_was_cut_off_is_remembered_by_what_was_noted_g45() {
    for back_at_once in [true, false] {
        let mut world = pair(BLOCK);
        set_active(&mut world, false);
        let plan = world.plan();
        world.apply_cut_off(&plan);
        assert_eq!(at_store(&world), (TOMBSTONE, Some(9)));
        if !back_at_once {
            settle(&mut world);
        }
        set_active(&mut world, true);
        settle(&mut world);
        assert_eq!((at_store(&world), email(&world)), ((EMAIL, Some(3)), EMAIL));
    }
}

#[test]
fn our_address_is_never_the_users_though_nobody_noted_it_or_the_domain_is_another_now() {
    let mut world = pair(BLOCK);
    world.customers[0].email = "user@some.other.invalid".to_owned();
    settle(&mut world);
    assert_eq!((at_store(&world).0, email(&world)), (EMAIL, EMAIL));
    set_active(&mut world, false);
    settle(&mut world);
    world.application.policies.tombstone_domain = "nobody.example".to_owned();
    set_active(&mut world, true);
    settle(&mut world);
    assert_eq!((at_store(&world).0, email(&world)), (EMAIL, EMAIL));
}

#[test]
fn a_customer_is_deleted_some_days_later_unless_the_user_is_back() {
    let mut world = pair(Offboarding::DeleteAfter { days: 30 });
    set_active(&mut world, false);
    let plan = world.plan();
    world.apply(&plan);
    let until = plan.look_again.unwrap();
    assert_eq!(
        until.duration_since(world.now),
        SignedDuration::from_hours(30 * 24) - SignedDuration::from_secs(1)
    );
    assert!(world.plan().is_empty() && world.plan().look_again == Some(until));
    set_active(&mut world, true);
    settle(&mut world);
    assert!(link(&world).unwrap().held.is_none() && world.plan().look_again.is_none());
    set_active(&mut world, false);
    settle(&mut world);
    world.now = world.plan().look_again.unwrap();
    settle(&mut world);
    assert!(world.customers.is_empty() && link(&world).is_none());
    set_active(&mut world, true);
    settle(&mut world);
    assert_eq!(world.customers.len(), 1, "who returns later is created anew");
}

#[test]
fn who_is_disabled_and_then_leaves_waits_from_the_day_of_leaving() {
    let mut world = pair(Offboarding::DeleteAfter { days: 30 });
    set_active(&mut world, false);
    settle(&mut world);
    let disabled = world.plan().look_again.unwrap();
    world.now += SignedDuration::from_hours(29 * 24);
    world.in_scope = false;
    settle(&mut world);
    assert_eq!(world.plan().look_again.unwrap().duration_since(disabled).as_hours(), 29 * 24);
}

#[test]
fn who_leaves_the_scope_goes_and_who_comes_back_is_created_anew() {
    let mut world = pair(Offboarding::DeleteCustomer);
    world.in_scope = false;
    settle(&mut world);
    assert!(world.customers.is_empty() && link(&world).is_none());
    assert!(world.user.as_ref().unwrap().unlinked.is_empty());
    world.in_scope = true;
    settle(&mut world);
    assert_eq!(world.customers.len(), 1);
}

#[test]
fn a_user_made_of_a_customer_stays_until_it_was_once_in_scope() {
    let mut world = World { user: None, in_scope: false, ..pair(Offboarding::DeleteCustomer) };
    settle(&mut world);
    assert!(!link(&world).unwrap().in_scope);
    world.in_scope = true;
    settle(&mut world);
    assert!(link(&world).unwrap().in_scope);
    world.in_scope = false;
    assert_eq!(world.plan().link, LinkStep::Leave);
}

#[test]
fn a_user_out_of_scope_is_no_customer_and_takes_none_of_the_stores() {
    let mut world = World { user: Some(user(EMAIL, "Ada", "King")), in_scope: false, ..pair(BLOCK) };
    assert!(world.plan().is_empty());
    world.customers.clear();
    assert!(world.plan().is_empty());
}

#[test]
fn an_application_without_a_scope_that_gets_one_parts_only_with_whom_it_brought() {
    let brought = |world: &mut World| {
        world.application.policies.scope = None;
        settle(world);
        world.application.policies.scope = Some("userType eq \"shopper\"".to_owned());
        world.in_scope = false;
        world.plan().link == LinkStep::Leave
    };
    let created = World { customers: Vec::new(), ..pair(Offboarding::DeleteCustomer) };
    let ours = World { user: Some(user(EMAIL, "Ada", "King")), ..created };
    let theirs = World { user: None, ..pair(Offboarding::DeleteCustomer) };
    assert!(brought(&mut ours.clone()) && !brought(&mut theirs.clone()));
}

#[test]
fn a_deleted_users_customer_is_blocked_once_g40() {
    let mut world = pair(BLOCK);
    world.user = None;
    world.deleted = world.customers[0].id;
    settle(&mut world);
    assert_eq!(at_store(&world), (TOMBSTONE, Some(9)));
    world.deleted = None;
    assert!(world.plan().is_empty(), "nor does it become a user once it is forgotten");
}

#[test]
fn a_customer_made_for_a_user_who_is_gone_is_no_new_user_g40() {
    let mut world = pair(BLOCK);
    let since = world.now;
    world.application.mapping.identity = Some(Identity { attribute: 9, since });
    world.customers.clear();
    edit(&mut world, |user| user.links.clear());
    let plan = world.plan();
    world.apply_cut_off(&plan);
    let made = world.customers[0].clone();
    assert_eq!(made.attributes.as_ref().unwrap()[0].attribute_value, "user");
    world.user = None;
    assert!(world.plan().is_empty());
    let older = since - SignedDuration::from_secs(1);
    world.customers = vec![Customer { date_created: Some(older), ..made }];
    assert!(!world.plan().is_empty(), "what an older customer says is of another directory");
}

#[test]
fn a_customer_made_by_a_look_that_was_cut_off_is_linked_whatever_matches_do() {
    let mut world = World { customers: Vec::new(), ..pair(BLOCK) };
    edit(&mut world, |user| user.links.clear());
    world.application.mapping.identity = Some(Identity { attribute: 9, since: world.now });
    world.application.policies.match_by_email = MatchPolicy::Refuse;
    let plan = world.plan();
    world.apply_cut_off(&plan);
    settle(&mut world);
    assert!(link(&world).unwrap().in_scope);
}

#[test]
fn a_return_that_was_cut_off_takes_no_change_of_the_directory_back() {
    use Event::{Active, CutOff, Email, Look};
    let mut world = pair(BLOCK);
    for event in [Active(false), Email(0), Look, Active(true), CutOff, Active(false), Look] {
        happens(&mut world, event);
    }
    set_active(&mut world, true);
    settle(&mut world);
    assert_eq!((at_store(&world), email(&world)), (("ada0@x.example", Some(3)), "ada0@x.example"));
}

#[derive(Clone, Debug)]
enum Event {
    Active(bool),
    InScope(bool),
    Email(u8),
    Name(u8),
    Policy(Offboarding),
    Look,
    CutOff,
}

fn event() -> impl Strategy<Value = Event> {
    let policy = prop_oneof![
        Just(Offboarding::BlockSignIn { group: None }),
        Just(BLOCK),
        Just(Offboarding::MoveToGroup { group: 8 }),
        Just(Offboarding::DeleteAfter { days: 1000 }),
    ];
    prop_oneof![
        any::<bool>().prop_map(Event::Active),
        any::<bool>().prop_map(Event::InScope),
        (0..3_u8).prop_map(Event::Email),
        (0..3_u8).prop_map(Event::Name),
        policy.prop_map(Event::Policy),
        Just(Event::Look),
        Just(Event::CutOff),
    ]
}

fn happens(world: &mut World, event: Event) {
    match event {
        Event::Active(active) => set_active(world, active),
        Event::InScope(in_scope) => world.in_scope = in_scope,
        Event::Email(which) => set_email(world, &format!("ada{which}@x.example")),
        Event::Name(which) => edit(world, |user| user.name.given_name = Some(format!("Ada {which}"))),
        Event::Policy(policy) => {
            world.application.policies.on_user_deactivated = policy;
            world.application.policies.on_user_deleted = policy;
        }
        Event::Look => {
            let plan = world.plan();
            world.apply(&plan);
        }
        Event::CutOff => {
            let plan = world.plan();
            world.apply_cut_off(&plan);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn whoever_comes_and_goes_and_is_cut_off_at_the_end_has_what_was_had(
        events in proptest::collection::vec(event(), 0..12),
    ) {
        let mut world = pair(BLOCK);
        let (mut last, mut name) = (EMAIL.to_owned(), "Ada".to_owned());
        for event in events {
            match event {
                Event::Email(which) => last = format!("ada{which}@x.example"),
                Event::Name(which) => name = format!("Ada {which}"),
                _ => {}
            }
            happens(&mut world, event);
            prop_assert_eq!(email(&world), &last, "the directory keeps what it was told");
        }
        world.in_scope = true;
        set_active(&mut world, true);
        settle(&mut world);
        prop_assert_eq!((at_store(&world), email(&world)), ((&*last, Some(3)), &*last));
        prop_assert_eq!(&world.customers[0].first_name, &name);
    }
}
