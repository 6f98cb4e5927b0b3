//! Walks the whole table of lives. The columns: user, customer | store | directory | link | told |
//! asked. Rows where nothing is planned are left out.

mod away;
mod closed;

use super::{model::*, *};
use crate::{
    application::{MatchPolicy, OnCustomerDeleted},
    bigcommerce::AttributeValue,
    mapping::Identity,
    user::{Absence, Link},
};

const EMAIL: &str = "ada@x.example";

const BY_DEFAULT: &str = "\
none                same    | -        | create          | set   | createUser
none                changed | -        | create          | set   | createUser
none                other   | -        | create          | set   | createUser
none                several | -        | -               | -     | refuse                          | Ambiguous
none                among   | -        | -               | -     | refuse                          | Ambiguous
active              none    | create   | -               | set   | createCustomer
active              same    | -        | update          | set   | link updateUser
active              changed | update   | update          | set   | link updateUser updateCustomer
active              blocked | update   | update          | set   | link updateUser reactivateCustomer
active              made    | -        | update          | set   | link updateUser
active              other   | -        | update          | set   | link updateUser
active              several | -        | -               | -     | refuse                          | Ambiguous
active              among   | -        | -               | -     | refuse                          | Ambiguous
active linked       none    | -        | delete          | break | deleteUser
active linked       changed | -        | update          | set   | updateUser
active linked       blocked | update   | -               | -     | reactivateCustomer
active linked       other   | -        | -               | -     | refuse                          | Taken
active linked       several | -        | -               | -     | refuse                          | Ambiguous
active linked       among   | -        | update          | set   | updateUser
active linked twice none    | -        | -               | break | unlink
active linked twice changed | -        | update          | set   | updateUser
active linked twice blocked | update   | -               | -     | reactivateCustomer
active linked twice other   | -        | -               | -     | refuse                          | Taken
active linked twice several | -        | -               | -     | refuse                          | Ambiguous
active linked twice among   | -        | update          | set   | updateUser
inactive            same    | update   | update inactive | set   | link updateUser deactivateCustomer
inactive            changed | update   | update inactive | set   | link updateUser deactivateCustomer
inactive            blocked | -        | update inactive | set   | link updateUser
inactive            made    | update   | update inactive | set   | link updateUser deactivateCustomer
inactive            other   | update   | update inactive | set   | link updateUser deactivateCustomer
inactive            several | -        | -               | -     | refuse                          | Ambiguous
inactive            among   | -        | -               | -     | refuse                          | Ambiguous
inactive linked     none    | -        | delete          | break | deleteUser
inactive linked     same    | update   | -               | set   | deactivateCustomer
inactive linked     changed | update   | update inactive | set   | updateUser deactivateCustomer
inactive linked     blocked | -        | -               | set
inactive linked     made    | update   | -               | set   | deactivateCustomer
inactive linked     other   | -        | -               | -     | refuse                          | Taken
inactive linked     several | -        | -               | -     | refuse                          | Ambiguous
inactive linked     among   | update   | update inactive | set   | updateUser deactivateCustomer
inactive waits      none    | -        | delete          | break | deleteUser
inactive waits      same    | update   | -               | set   | deactivateCustomer
inactive waits      changed | update   | update inactive | set   | updateUser deactivateCustomer
inactive waits      blocked | -        | -               | set
inactive waits      made    | update   | -               | set   | deactivateCustomer
inactive waits      other   | -        | -               | -     | refuse                          | Taken
inactive waits      several | -        | -               | -     | refuse                          | Ambiguous
inactive waits      among   | update   | update inactive | set   | updateUser deactivateCustomer
inactive held       none    | -        | delete          | break | deleteUser
inactive held       same    | update   | -               | -     | deactivateCustomer
inactive held       changed | update   | update inactive | set   | updateUser deactivateCustomer
inactive held       made    | update   | -               | -     | deactivateCustomer
inactive held       other   | -        | -               | -     | refuse                          | Taken
inactive held       several | -        | -               | -     | refuse                          | Ambiguous
inactive held       among   | update   | update inactive | set   | updateUser deactivateCustomer
returned held       none    | -        | delete          | break | deleteUser
returned held       same    | -        | -               | set
returned held       changed | -        | update          | set   | updateUser
returned held       blocked | update   | -               | set   | reactivateCustomer
returned held       made    | -        | -               | set
returned held       other   | -        | -               | -     | refuse                          | Taken
returned held       several | -        | -               | -     | refuse                          | Ambiguous
returned held       among   | -        | update          | set   | updateUser
outside             made    | delete 1 | -               | leave | deleteCustomer
outside linked      none    | -        | delete          | break | deleteUser
outside linked      changed | -        | update          | set   | updateUser
outside linked      blocked | update   | -               | -     | reactivateCustomer
outside linked      other   | -        | -               | -     | refuse                          | Taken
outside linked      several | -        | -               | -     | refuse                          | Ambiguous
outside linked      among   | -        | update          | set   | updateUser
left linked         none    | -        | -               | leave | unlink
left linked         same    | delete 1 | -               | leave | deleteCustomer
left linked         changed | delete 1 | -               | leave | deleteCustomer
left linked         blocked | delete 1 | -               | leave | deleteCustomer
left linked         made    | delete 1 | -               | leave | deleteCustomer
left linked         other   | -        | -               | -     | refuse                          | Taken
left linked         several | -        | -               | -     | refuse                          | Ambiguous
left linked         among   | delete 1 | -               | leave | deleteCustomer
left held           none    | -        | -               | leave | unlink
left held           same    | delete 1 | -               | leave | deleteCustomer
left held           changed | delete 1 | -               | leave | deleteCustomer
left held           blocked | delete 1 | -               | leave | deleteCustomer
left held           made    | delete 1 | -               | leave | deleteCustomer
left held           other   | -        | -               | -     | refuse                          | Taken
left held           several | -        | -               | -     | refuse                          | Ambiguous
left held           among   | delete 1 | -               | leave | deleteCustomer
deleted             same    | delete 1 | -               | -     | deleteCustomer
deleted             changed | delete 1 | -               | -     | deleteCustomer
deleted             blocked | delete 1 | -               | -     | deleteCustomer
deleted             made    | delete 1 | -               | -     | deleteCustomer
deleted             among   | delete 1 | -               | -     | deleteCustomer
";

/// The user of a row, linked here to customer 1 or not, linked elsewhere or not.
fn of_row(linked: bool, elsewhere: bool) -> User {
    let mut user = user(EMAIL, "Ada", "Lovelace");
    let world =
        World { customers: vec![customer(1, EMAIL, "Ada", "Lovelace")], ..World::new(Policies::default()) };
    let mut world = World { user: Some(user.clone()), ..world };
    let plan = world.plan();
    world.apply(&plan);
    let link: Link = world.user.unwrap().links.remove(&world.application.id).unwrap();
    if linked {
        user.links.insert(world.application.id.clone(), link.clone());
        user.fields.insert("customerId".to_owned(), 1.into());
    }
    if elsewhere {
        user.links.insert("other".parse().unwrap(), link);
    }
    user
}

/// The linked user of a row, met in scope before, as long as `change` leaves it so.
fn linked_row(change: impl FnOnce(&mut User, &mut Link)) -> User {
    let mut user = of_row(true, false);
    let (application, mut link) = user.links.pop_first().unwrap();
    link.in_scope = true;
    change(&mut user, &mut link);
    user.links.insert(application, link);
    user
}

fn held(why: Absence) -> Option<Held> {
    Some(Held { why, since: Timestamp::UNIX_EPOCH, email: Some(EMAIL.to_owned()), group: Some(0) })
}

/// The users of the rows, and whether they are in scope.
fn users() -> Vec<(&'static str, bool, Option<User>)> {
    let inactive = |user| User { active: false, ..user };
    let waits = |user: &mut User, link: &mut Link| {
        user.active = false;
        link.held = held(Absence::Inactive).map(|held| Held { email: None, group: None, ..held });
    };
    vec![
        ("none", false, None),
        ("active", true, Some(of_row(false, false))),
        ("active linked", true, Some(of_row(true, false))),
        ("active linked twice", true, Some(of_row(true, true))),
        ("inactive", true, Some(inactive(of_row(false, false)))),
        ("inactive linked", true, Some(inactive(of_row(true, false)))),
        ("inactive waits", true, Some(linked_row(waits))),
        (
            "inactive held",
            true,
            Some(linked_row(|user, link| {
                user.active = false;
                link.held = held(Absence::Inactive);
            })),
        ),
        ("returned held", true, Some(linked_row(|_, link| link.held = held(Absence::Inactive)))),
        ("outside", false, Some(of_row(false, false))),
        ("outside linked", false, Some(of_row(true, false))),
        ("left linked", false, Some(linked_row(|_, _| {}))),
        ("left held", false, Some(linked_row(|_, link| link.held = held(Absence::OutOfScope)))),
    ]
}

/// The customers of the rows; the changed one has another first name than the base, the blocked
/// one was offboarded, and the one made was created for the user.
fn customers() -> Vec<(&'static str, Vec<Customer>)> {
    let same = || customer(1, EMAIL, "Ada", "Lovelace");
    let other = || customer(2, EMAIL, "Ada", "Lovelace");
    let changed = || customer(1, EMAIL, "Augusta", "Lovelace");
    let value = AttributeValue { attribute_id: 9, attribute_value: "user".to_owned(), customer_id: None };
    let made =
        Customer { attributes: Some(vec![value]), date_created: Some(Timestamp::UNIX_EPOCH), ..same() };
    vec![
        ("none", vec![]),
        ("same", vec![same()]),
        ("changed", vec![changed()]),
        ("blocked", vec![customer(1, "user@deactivated.invalid", "Ada", "Lovelace")]),
        ("made", vec![made]),
        ("other", vec![other()]),
        ("several", vec![other(), customer(3, EMAIL, "Ada", "King")]),
        ("among", vec![other(), changed()]),
    ]
}

/// Every row: user, link and customer, two days after what is remembered.
fn walk(policies: &Policies) -> String {
    let mut application = model::application(policies.clone());
    application.mapping.identity = Some(Identity { attribute: 9, since: Timestamp::UNIX_EPOCH });
    let now = Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_hours(48);
    let (users, customers, gone) = (users(), customers(), UserId::from("user".to_owned()));
    let deleted =
        UserSeen::Deleted { user: &gone, customer: CustomerId::FIRST, since: Timestamp::UNIX_EPOCH };
    let mut table = String::new();
    let rows = users.iter().map(|(name, in_scope, user)| {
        (*name, *in_scope, user.as_ref().map_or(UserSeen::None, UserSeen::One))
    });
    for (user_row, in_scope, user) in rows.chain([("deleted", false, deleted)]) {
        let found = customers.iter().map(|(name, customers)| (*name, seen_as(customers)));
        for (customer_row, customer) in found.chain([("unknown", CustomerSeen::Unknown)]) {
            let pair = Pair { application: &application, user, customer, in_scope, sent: None };
            let plan = plan(pair, now);
            if plan != Plan::default() {
                table.push_str(&format!("{user_row:20}{customer_row:8}| {}\n", line(&plan)));
            }
        }
    }
    table
}

fn seen_as(customers: &[Customer]) -> CustomerSeen<'_> {
    match customers {
        [] => CustomerSeen::None,
        [one] => CustomerSeen::One(one),
        several => CustomerSeen::Several(several),
    }
}

/// The rows of the table that differ from those of the default policies.
fn difference(policies: &Policies) -> String {
    let usual = walk(&Policies::default());
    let name = |line: &str| line.split('|').next().unwrap_or_default().to_owned();
    let now = walk(policies);
    let mut rows = String::new();
    for line in now.lines().filter(|line| !usual.lines().any(|other| other == *line)) {
        rows.push_str(&format!("{line}\n"));
    }
    for line in usual.lines().filter(|line| !now.lines().any(|other| name(other) == name(line))) {
        rows.push_str(&format!("{}| nothing\n", name(line)));
    }
    rows
}

#[test]
fn the_whole_table_by_default() {
    assert_eq!(walk(&Policies::default()), BY_DEFAULT);
}

#[test]
fn a_match_may_be_asked_about() {
    let policies = Policies { match_by_email: MatchPolicy::Ask, ..Policies::default() };
    assert_eq!(
        difference(&policies),
        "\
active              same    | -        | -               | -     | refuse                          | Ambiguous
active              changed | -        | -               | -     | refuse                          | Ambiguous
active              blocked | -        | -               | -     | refuse                          | Ambiguous
active              other   | -        | -               | -     | refuse                          | Ambiguous
inactive            same    | -        | -               | -     | refuse                          | Ambiguous
inactive            changed | -        | -               | -     | refuse                          | Ambiguous
inactive            blocked | -        | -               | -     | refuse                          | Ambiguous
inactive            other   | -        | -               | -     | refuse                          | Ambiguous
"
    );
}

#[test]
fn a_match_may_be_refused() {
    let policies = Policies { match_by_email: MatchPolicy::Refuse, ..Policies::default() };
    assert_eq!(
        difference(&policies),
        "\
active              same    | -        | -               | -     | refuse                          | Taken
active              changed | -        | -               | -     | refuse                          | Taken
active              blocked | -        | -               | -     | refuse                          | Taken
active              other   | -        | -               | -     | refuse                          | Taken
inactive            same    | -        | -               | -     | refuse                          | Taken
inactive            changed | -        | -               | -     | refuse                          | Taken
inactive            blocked | -        | -               | -     | refuse                          | Taken
inactive            other   | -        | -               | -     | refuse                          | Taken
"
    );
}

#[test]
fn the_deletion_of_a_customer_may_deactivate_the_user() {
    let policies = Policies { on_customer_deleted: OnCustomerDeleted::DeactivateUser, ..Policies::default() };
    assert_eq!(
        difference(&policies),
        "\
active linked       none    | -        | update inactive | break | deactivateUser
inactive linked     none    | -        | -               | break | unlink
inactive waits      none    | -        | -               | break | unlink
inactive held       none    | -        | -               | break | unlink
returned held       none    | -        | update inactive | break | deactivateUser
outside linked      none    | -        | update inactive | break | deactivateUser
"
    );
}

#[test]
fn the_deletion_of_a_customer_may_leave_the_user() {
    let policies = Policies { on_customer_deleted: OnCustomerDeleted::Unlink, ..Policies::default() };
    assert_eq!(
        difference(&policies),
        "\
active linked       none    | -        | -               | break | unlink
inactive linked     none    | -        | -               | break | unlink
inactive waits      none    | -        | -               | break | unlink
inactive held       none    | -        | -               | break | unlink
returned held       none    | -        | -               | break | unlink
outside linked      none    | -        | -               | break | unlink
"
    );
}
