//! A pair that is one person, edited on either side.

use serde_json::{Value, json};

use super::*;
use crate::{
    application::{Operations, Policies},
    bigcommerce::Address,
    group::GroupId,
    mapping::{Direction, GroupRule, GroupRules},
    plan::{Pair, UserSeen, model::*, plan, plan_without_store},
    report::{AttentionKind, Outcome},
};

const EMAIL: &str = "ada@x.example";

/// A linked pair in step.
fn pair() -> World {
    let mut world = World { user: Some(user(EMAIL, "Ada", "King")), ..World::new(Policies::default()) };
    let plan = world.plan();
    world.apply(&plan);
    assert!(world.plan().is_empty());
    world
}

fn edit(world: &mut World, change: impl FnOnce(&mut User)) {
    change(world.user.as_mut().unwrap());
}

fn at_store(world: &mut World, change: impl FnOnce(&mut Customer)) {
    change(&mut world.customers[0]);
}

fn told(plan: &Plan) -> Value {
    serde_json::to_value(plan.told.iter().flat_map(|told| &told.changes).collect::<Vec<_>>()).unwrap()
}

#[test]
fn g22_our_own_change_coming_back_plans_nothing() {
    let mut world = pair();
    edit(&mut world, |user| user.name.given_name = Some("Augusta".to_owned()));
    let plan = world.plan();
    assert_eq!(told(&plan), json!([{"field": "first_name", "before": "Ada", "after": "Augusta"}]));
    world.apply(&plan);
    assert!(world.plan().is_empty());
}

#[test]
fn g23_a_conflict_is_told_with_the_value_that_gave_way() {
    let mut world = pair();
    edit(&mut world, |user| user.name.given_name = Some("Augusta".to_owned()));
    at_store(&mut world, |customer| customer.first_name = "Byron".to_owned());
    let plan = world.plan();
    let change = json!([{"field": "first_name", "before": "Byron", "after": "Augusta", "won": "directory"}]);
    assert_eq!(told(&plan), change);
    assert_eq!(plan.told[0].outcome(), Outcome::Conflict);
}

#[test]
fn g45_what_the_store_took_before_a_crash_is_told_afterwards() {
    let mut world = pair();
    edit(&mut world, |user| user.name.given_name = Some("Augusta".to_owned()));
    at_store(&mut world, |customer| customer.first_name = "Augusta".to_owned());
    let plan = world.plan();
    assert_eq!((&plan.store, &plan.directory), (&StoreStep::Nothing, &DirectoryStep::Nothing));
    assert_eq!(told(&plan), json!([{"field": "first_name", "before": "Ada", "after": "Augusta"}]));
    world.apply(&plan);
    assert!(world.plan().is_empty());
}

#[test]
fn g38_a_refused_value_stays_behind_alone_and_is_told_once() {
    let mut world = pair();
    edit(&mut world, |user| {
        user.name.given_name = Some("x".repeat(101));
        user.name.family_name = Some("Lovelace".to_owned());
    });
    let plan = world.plan();
    assert_eq!(plan.asked[0].kind, AttentionKind::Refused);
    assert_eq!(
        plan.asked[0].detail,
        format!(
            "The store refuses first_name “{}…” (1 to 100 characters). Correct it in the directory.",
            "x".repeat(80)
        )
    );
    world.apply(&plan);
    assert_eq!((&*world.customers[0].first_name, &*world.customers[0].last_name), ("Ada", "Lovelace"));
    let again = world.plan();
    assert!(again.told.is_empty() && again.asked == plan.asked && again.link == LinkStep::Keep);
    edit(&mut world, |user| user.name.given_name = Some("Augusta".to_owned()));
    let mended = world.plan();
    assert!(mended.asked.is_empty(), "what was asked before is over");
    world.apply(&mended);
    assert_eq!(world.customers[0].first_name, "Augusta");
    assert!(world.plan().is_empty());
}

#[test]
fn a_needed_value_that_the_store_has_no_more_is_refused() {
    let mut world = pair();
    at_store(&mut world, |customer| customer.last_name = String::new());
    let plan = world.plan();
    assert_eq!(plan.directory, DirectoryStep::Nothing);
    assert_eq!(
        plan.asked[0].detail,
        "The directory refuses last_name without a value (needed in the directory). Correct it at the store."
    );
}

#[test]
fn g25_an_address_that_cannot_be_read_hides_no_other_and_loses_none() {
    let mut world = pair();
    let address = |street: &str, state: &str| Address {
        first_name: "Ada".to_owned(),
        last_name: "King".to_owned(),
        address1: street.to_owned(),
        city: "Austin".to_owned(),
        state_or_province: state.to_owned(),
        postal_code: "78701".to_owned(),
        country_code: "US".to_owned(),
        ..Address::default()
    };
    at_store(&mut world, |customer| customer.addresses = Some(vec![address("1 Main St", "Texas")]));
    let plan = world.plan();
    world.apply(&plan);
    at_store(&mut world, |customer| {
        customer.addresses = Some(vec![address("1 Main St", "Teksas"), address("2 Side St", "Texas")]);
    });
    let plan = world.plan();
    world.apply(&plan);
    assert_eq!(world.user.as_ref().unwrap().addresses.len(), 2);
    assert!(
        plan.asked[0].detail.contains("addresses.state_or_province “Teksas”"),
        "{}",
        plan.asked[0].detail
    );
}

#[test]
fn when_the_store_refuses_its_change_still_flows_to_the_directory() {
    let mut world = pair();
    edit(&mut world, |user| user.name.given_name = Some("Augusta".to_owned()));
    at_store(&mut world, |customer| customer.phone = Some("1".to_owned()));
    let plan = world.seen(|pair| plan_without_store(pair, world.now));
    assert_eq!(plan.store, StoreStep::Nothing);
    assert_eq!(told(&plan), json!([{"field": "phone", "after": "1"}]));
    world.apply(&plan);
    let rest = world.plan();
    assert_eq!(told(&rest), json!([{"field": "first_name", "before": "Ada", "after": "Augusta"}]));
}

#[test]
fn g19_an_older_answer_is_not_planned_on() {
    let mut world = pair();
    at_store(&mut world, |customer| {
        customer.first_name = "Augusta".to_owned();
        customer.date_modified = Some(jiff::Timestamp::UNIX_EPOCH);
    });
    assert!(world.plan() == Plan { stale: true, ..Plan::default() });
}

#[test]
fn the_identifier_of_a_created_customer_is_written_with_the_link() {
    let world = pair();
    assert_eq!(world.user.as_ref().unwrap().fields["customerId"], json!(100));
    let link = &world.user.as_ref().unwrap().links[&world.application.id];
    assert_eq!(link.base.fields[&CustomerField::Id], json!(100));
}

#[test]
fn two_stores_with_one_profile_field_for_their_identifiers_do_not_write_in_turns() {
    let mut world = pair();
    let link = world.user.as_ref().unwrap().links[&world.application.id].clone();
    edit(&mut world, |user| {
        user.links.insert("other".parse().unwrap(), link);
        user.fields.insert("customerId".to_owned(), json!(7));
    });
    assert!(world.plan().is_empty());
}

#[test]
fn a_closed_direction_holds_back_what_flows_once_it_opens() {
    let mut world = pair();
    world.application.policies.to_store = Operations { update: false, ..Operations::default() };
    edit(&mut world, |user| user.name.given_name = Some("Augusta".to_owned()));
    assert!(world.plan().is_empty());
    world.application.policies.to_store = Operations::default();
    assert_eq!(told(&world.plan()), json!([{"field": "first_name", "before": "Ada", "after": "Augusta"}]));
}

#[test]
fn a_match_by_email_is_linked_and_merged_without_loss() {
    let mut ada = user(EMAIL, "Ada", "King");
    ada.attributes.insert("organization".to_owned(), "Acme".to_owned());
    let store = Customer { phone: Some("1".to_owned()), ..customer(1, "ADA@x.example", "Ada", "King") };
    let mut world = World { user: Some(ada), customers: vec![store], ..World::new(Policies::default()) };
    let plan = world.plan();
    assert_eq!(
        told(&plan),
        json!([{"field": "id", "after": 1}, {"field": "phone", "after": "1"}, {"field": "company", "after": "Acme"}])
    );
    world.apply(&plan);
    let user = world.user.as_ref().unwrap();
    assert_eq!(
        user.emails[0].value.as_str(),
        EMAIL,
        "an address that differs in case alone is left as it is"
    );
    assert_eq!(world.customers[0].email, "ADA@x.example");
}

#[test]
fn a_pair_without_a_link_is_never_read_as_linked() {
    let world = World::new(Policies::default());
    let (ada, store) = (user(EMAIL, "Ada", "King"), customer(1, EMAIL, "Ada", "King"));
    let pair = Pair {
        application: &world.application,
        user: UserSeen::One(&ada),
        customer: crate::plan::CustomerSeen::One(&store),
        in_scope: true,
        sent: None,
    };
    assert!(matches!(plan(pair, world.now).link, LinkStep::Set { .. }));
}

/// A user and a customer that match by e-mail, and differ in first name and company.
fn match_that_differs(change: impl FnOnce(&mut World)) -> World {
    let mut ada = user(EMAIL, "Ada", "King");
    ada.attributes.insert("organization".to_owned(), "Acme".to_owned());
    let store = Customer { company: Some("Byron & Co".to_owned()), ..customer(1, EMAIL, "Augusta", "King") };
    let mut world = World { user: Some(ada), customers: vec![store], ..World::new(Policies::default()) };
    change(&mut world);
    world
}

#[test]
fn what_an_adoption_overwrites_is_told_with_the_value_that_gave_way_g48() {
    let mut world = match_that_differs(|_| {});
    let plan = world.plan();
    assert_eq!((plan.told[0].action, plan.told[2].outcome()), (Action::Link, Outcome::Conflict));
    assert_eq!(
        told(&plan),
        json!([
            {"field": "id", "after": 1},
            {"field": "first_name", "before": "Augusta", "after": "Ada", "won": "directory"},
            {"field": "company", "before": "Byron & Co", "after": "Acme", "won": "directory"},
        ])
    );
    world.apply(&plan);
    assert_eq!(world.customers.len(), 1);
    assert!(world.plan().is_empty());
}

#[test]
fn an_adoption_overwrites_nothing_of_a_store_that_has_the_authority_g48() {
    let world = match_that_differs(|world| world.application.policies.authority = Authority::Store);
    let plan = world.plan();
    assert_eq!(plan.store, StoreStep::Nothing);
    assert!(told(&plan).to_string().contains(r#""after":"Byron & Co","before":"Acme""#));
}

#[test]
fn a_field_may_have_an_authority_of_its_own() {
    let mut world = match_that_differs(|world| {
        let rules = &mut world.application.mapping.rules;
        let company = rules.iter_mut().find(|rule| rule.field == CustomerField::Company);
        company.unwrap().authority = Some(Authority::Store);
    });
    let plan = world.plan();
    world.apply(&plan);
    assert_eq!(world.customers[0].first_name, "Ada");
    assert_eq!(world.user.as_ref().unwrap().attributes["organization"], "Byron & Co");
}

#[test]
fn the_users_groups_decide_the_customers_group_and_a_hand_at_the_store_is_set_right() {
    let mut world = pair();
    let staff = GroupId::from("staff".to_owned());
    let rule = GroupRule { group: staff.clone(), customer_group: 5 };
    world.application.mapping.groups = GroupRules { rules: vec![rule], otherwise: None };
    at_store(&mut world, |customer| customer.customer_group_id = Some(3));
    assert!(world.plan().is_empty(), "who is in no group of the rules keeps the store's");
    let ends_in = |world: &mut World, group| {
        let plan = world.plan();
        world.apply(&plan);
        assert_eq!(world.customers[0].customer_group_id, Some(group));
        assert!(world.plan().is_empty());
    };
    edit(&mut world, |user| user.groups.extend([staff.clone()]));
    ends_in(&mut world, 5);
    at_store(&mut world, |customer| customer.customer_group_id = Some(3));
    ends_in(&mut world, 5);
    edit(&mut world, |user| user.groups.clear());
    ends_in(&mut world, 0);
}

#[test]
fn channels_form_fields_and_the_opt_in_are_sent_as_they_are_mapped() {
    let mut world = pair();
    let rules = &mut world.application.mapping.rules;
    let channels = rules.iter_mut().find(|rule| rule.field == CustomerField::ChannelIds).unwrap();
    channels.direction = Direction::ToStore;
    let fax = Rule {
        attribute: Attribute::Field("fax".to_owned()),
        field: CustomerField::FormField("Fax".to_owned()),
        direction: Direction::Both,
        ..channels.clone()
    };
    rules.push(fax);
    edit(&mut world, |user| {
        user.fields.insert("channelIds".to_owned(), json!([2, 1]));
        user.fields.insert("fax".to_owned(), json!("123"));
        user.fields.insert("acceptsMarketing".to_owned(), json!(true));
    });
    let mut unlinked = world.clone();
    unlinked.customers.clear();
    unlinked.user.as_mut().unwrap().links.clear();
    for mut world in [world, unlinked] {
        let plan = world.plan();
        world.apply(&plan);
        let customer = &world.customers[0];
        assert_eq!(customer.channel_ids, Some(vec![1, 2]));
        assert_eq!(customer.accepts_product_review_abandoned_cart_emails, Some(true));
        assert_eq!(customer.form_fields.as_ref().unwrap()[0].value, json!("123"));
        assert!(world.plan().is_empty());
    }
}
