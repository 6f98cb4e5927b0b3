//! Walks the whole table of lives. The columns: user, customer | store | directory | link | told |
//! asked. Rows where nothing is planned are left out.

use super::{model::*, *};
use crate::{
    application::{MatchPolicy, Offboarding, OnCustomerDeleted},
    user::Link,
};

const EMAIL: &str = "ada@x.example";

const BY_DEFAULT: &str = "\
none                same     | -        | create          | set   | createUser
none                changed  | -        | create          | set   | createUser
none                other    | -        | create          | set   | createUser
none                several  | -        | -               | -     | refuse                          | Ambiguous
none                among    | -        | -               | -     | refuse                          | Ambiguous
active              none     | create   | -               | set   | createCustomer
active              same     | -        | update          | set   | link updateUser
active              changed  | update   | update          | set   | link updateUser updateCustomer
active              other    | -        | update          | set   | link updateUser
active              several  | -        | -               | -     | refuse                          | Ambiguous
active              among    | -        | -               | -     | refuse                          | Ambiguous
active linked       none     | -        | delete          | break | deleteUser
active linked       changed  | -        | update          | set   | updateUser
active linked       other    | -        | -               | -     | refuse                          | Taken
active linked       several  | -        | -               | -     | refuse                          | Ambiguous
active linked       among    | -        | update          | set   | updateUser
active linked twice none     | -        | -               | break | unlink
active linked twice changed  | -        | update          | set   | updateUser
active linked twice other    | -        | -               | -     | refuse                          | Taken
active linked twice several  | -        | -               | -     | refuse                          | Ambiguous
active linked twice among    | -        | update          | set   | updateUser
inactive            same     | -        | update inactive | set   | link updateUser
inactive            changed  | update   | update inactive | set   | link updateUser updateCustomer
inactive            other    | -        | update inactive | set   | link updateUser
inactive            several  | -        | -               | -     | refuse                          | Ambiguous
inactive            among    | -        | -               | -     | refuse                          | Ambiguous
inactive linked     none     | -        | delete          | break | deleteUser
inactive linked     changed  | -        | update inactive | set   | updateUser
inactive linked     other    | -        | -               | -     | refuse                          | Taken
inactive linked     several  | -        | -               | -     | refuse                          | Ambiguous
inactive linked     among    | -        | update inactive | set   | updateUser
deleted             same     | delete 1 | -               | -     | deleteCustomer
deleted             changed  | delete 1 | -               | -     | deleteCustomer
deleted             among    | delete 1 | -               | -     | deleteCustomer
";

/// The user of a row: active or not, linked here to customer 1 or not, linked elsewhere or not.
fn of_row(active: bool, linked: bool, elsewhere: bool) -> User {
    let mut user = User { active, ..user(EMAIL, "Ada", "Lovelace") };
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

/// Every row: user, link and customer; the changed customer has another first name than the base.
fn walk(policies: &Policies) -> String {
    let application = model::application(policies.clone());
    let same = customer(1, EMAIL, "Ada", "Lovelace");
    let changed = customer(1, EMAIL, "Augusta", "Lovelace");
    let other = customer(2, EMAIL, "Ada", "Lovelace");
    let several = [other.clone(), customer(3, EMAIL, "Ada", "King")];
    let among = [other.clone(), changed.clone()];
    let customers = [
        ("unknown", CustomerSeen::Unknown),
        ("none", CustomerSeen::None),
        ("same", CustomerSeen::One(&same)),
        ("changed", CustomerSeen::One(&changed)),
        ("other", CustomerSeen::One(&other)),
        ("several", CustomerSeen::Several(&several)),
        ("among", CustomerSeen::Several(&among)),
    ];
    let [active, active_linked, active_both] =
        [(false, false), (true, false), (true, true)].map(|(linked, other)| of_row(true, linked, other));
    let [inactive, inactive_linked] = [false, true].map(|linked| of_row(false, linked, false));
    let gone = active.id.clone();
    let users = [
        ("none", UserSeen::None),
        ("active", UserSeen::One(&active)),
        ("active linked", UserSeen::One(&active_linked)),
        ("active linked twice", UserSeen::One(&active_both)),
        ("inactive", UserSeen::One(&inactive)),
        ("inactive linked", UserSeen::One(&inactive_linked)),
        (
            "deleted",
            UserSeen::Deleted { user: &gone, customer: same.id.unwrap(), since: Timestamp::UNIX_EPOCH },
        ),
    ];
    let mut table = String::new();
    for (user_row, user) in users {
        for (customer_row, customer) in customers {
            let pair = Pair { application: &application, user, customer, in_scope: true, sent: None };
            let plan = plan(pair, Timestamp::UNIX_EPOCH);
            if !plan.is_empty() {
                table.push_str(&format!("{user_row:20}{customer_row:9}| {}\n", line(&plan)));
            }
        }
    }
    table
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

const CLOSED: Operations = Operations { create: false, update: false, delete: false };

#[test]
fn a_match_may_be_asked_about() {
    let policies = Policies { match_by_email: MatchPolicy::Ask, ..Policies::default() };
    assert_eq!(
        difference(&policies),
        "\
active              same     | -        | -               | -     | refuse                          | Ambiguous
active              changed  | -        | -               | -     | refuse                          | Ambiguous
active              other    | -        | -               | -     | refuse                          | Ambiguous
inactive            same     | -        | -               | -     | refuse                          | Ambiguous
inactive            changed  | -        | -               | -     | refuse                          | Ambiguous
inactive            other    | -        | -               | -     | refuse                          | Ambiguous
"
    );
}

#[test]
fn a_match_may_be_refused() {
    let policies = Policies { match_by_email: MatchPolicy::Refuse, ..Policies::default() };
    assert_eq!(
        difference(&policies),
        "\
active              same     | -        | -               | -     | refuse                          | Taken
active              changed  | -        | -               | -     | refuse                          | Taken
active              other    | -        | -               | -     | refuse                          | Taken
inactive            same     | -        | -               | -     | refuse                          | Taken
inactive            changed  | -        | -               | -     | refuse                          | Taken
inactive            other    | -        | -               | -     | refuse                          | Taken
"
    );
}

#[test]
fn the_deletion_of_a_customer_may_deactivate_the_user() {
    let policies = Policies { on_customer_deleted: OnCustomerDeleted::DeactivateUser, ..Policies::default() };
    assert_eq!(
        difference(&policies),
        "\
active linked       none     | -        | update inactive | break | deactivateUser
inactive linked     none     | -        | -               | break | unlink
"
    );
}

#[test]
fn the_deletion_of_a_customer_may_leave_the_user() {
    let policies = Policies { on_customer_deleted: OnCustomerDeleted::Unlink, ..Policies::default() };
    assert_eq!(
        difference(&policies),
        "\
active linked       none     | -        | -               | break | unlink
inactive linked     none     | -        | -               | break | unlink
"
    );
}

#[test]
fn the_deletion_of_a_user_may_leave_the_customer() {
    let policies = Policies { on_user_deleted: Offboarding::Nothing, ..Policies::default() };
    assert_eq!(
        difference(&policies),
        "\
deleted             same     | nothing
deleted             changed  | nothing
deleted             among    | nothing
"
    );
}

#[test]
fn the_deactivation_of_a_user_may_delete_the_customer() {
    let policies = Policies { on_user_deactivated: Offboarding::DeleteCustomer, ..Policies::default() };
    assert_eq!(
        difference(&policies),
        "\
inactive            same     | -        | -               | -     | refuse                          | Ambiguous
inactive            changed  | -        | -               | -     | refuse                          | Ambiguous
inactive            other    | -        | -               | -     | refuse                          | Ambiguous
inactive linked     none     | -        | -               | break | unlink
inactive linked     same     | delete 1 | -               | leave | deleteCustomer
inactive linked     changed  | delete 1 | -               | leave | deleteCustomer
inactive linked     among    | delete 1 | -               | leave | deleteCustomer
"
    );
}

#[test]
fn nothing_is_done_in_a_directory_that_is_closed_but_to_link() {
    let policies = Policies { to_directory: CLOSED, ..Policies::default() };
    assert_eq!(
        difference(&policies),
        "\
active              same     | -        | -               | set   | link
active              changed  | update   | -               | set   | link updateCustomer
active              other    | -        | -               | set   | link
inactive            same     | -        | -               | set   | link
inactive            changed  | update   | -               | set   | link updateCustomer
inactive            other    | -        | -               | set   | link
none                same     | nothing
none                changed  | nothing
none                other    | nothing
active linked       none     | nothing
active linked       changed  | nothing
active linked       among    | nothing
active linked twice none     | nothing
active linked twice changed  | nothing
active linked twice among    | nothing
inactive linked     none     | nothing
inactive linked     changed  | nothing
inactive linked     among    | nothing
"
    );
}

#[test]
fn nothing_is_done_at_a_store_that_is_closed() {
    let policies = Policies { to_store: CLOSED, ..Policies::default() };
    assert_eq!(
        difference(&policies),
        "\
active              changed  | -        | update          | set   | link updateUser
inactive            changed  | -        | update inactive | set   | link updateUser
active              none     | nothing
deleted             same     | nothing
deleted             changed  | nothing
deleted             among    | nothing
"
    );
}
