//! The rows of the table under the other policies for users who are away.

use std::collections::BTreeSet;

use super::{difference, walk};
use crate::application::{Offboarding, Policies};

/// The rows under a policy for the inactive, beside the default one.
fn of_inactive(policy: Offboarding) -> String {
    difference(&Policies { on_user_deactivated: policy, ..Policies::default() })
}

/// The rows under a policy for the deleted and those who have left the scope.
fn of_gone(policy: Offboarding) -> String {
    difference(&Policies { on_user_deleted: policy, ..Policies::default() })
}

#[test]
fn the_deactivation_of_a_user_may_do_nothing() {
    assert_eq!(
        of_inactive(Offboarding::Nothing),
        "\
inactive            same    | -        | update inactive | set   | link updateUser
inactive            changed | update   | update inactive | set   | link updateUser updateCustomer
inactive            made    | -        | update inactive | set   | link updateUser
inactive            other   | -        | update inactive | set   | link updateUser
inactive linked     changed | -        | update inactive | set   | updateUser
inactive linked     among   | -        | update inactive | set   | updateUser
inactive waits      changed | -        | update inactive | set   | updateUser
inactive waits      among   | -        | update inactive | set   | updateUser
inactive held       changed | -        | update inactive | set   | updateUser
inactive held       among   | -        | update inactive | set   | updateUser
inactive linked     same    | nothing
inactive linked     made    | nothing
inactive waits      same    | nothing
inactive waits      made    | nothing
inactive held       same    | nothing
inactive held       made    | nothing
"
    );
}

#[test]
fn the_deactivation_of_a_user_may_move_the_customer() {
    assert_eq!(
        of_inactive(Offboarding::MoveToGroup { group: 7 }),
        "\
inactive            blocked | update   | update inactive | set   | link updateUser deactivateCustomer
inactive linked     blocked | update   | -               | set   | deactivateCustomer
inactive waits      blocked | update   | -               | set   | deactivateCustomer
inactive held       blocked | update   | -               | -     | deactivateCustomer
"
    );
}

#[test]
fn the_deactivation_of_a_user_may_delete_the_customer() {
    assert_eq!(
        of_inactive(Offboarding::DeleteCustomer),
        "\
inactive            same    | -        | -               | -     | refuse                          | Ambiguous
inactive            changed | -        | -               | -     | refuse                          | Ambiguous
inactive            blocked | -        | -               | -     | refuse                          | Ambiguous
inactive            made    | delete 1 | -               | leave | deleteCustomer
inactive            other   | -        | -               | -     | refuse                          | Ambiguous
inactive linked     none    | -        | -               | leave | unlink
inactive linked     same    | delete 1 | -               | leave | deleteCustomer
inactive linked     changed | delete 1 | -               | leave | deleteCustomer
inactive linked     blocked | delete 1 | -               | leave | deleteCustomer
inactive linked     made    | delete 1 | -               | leave | deleteCustomer
inactive linked     among   | delete 1 | -               | leave | deleteCustomer
inactive waits      none    | -        | -               | leave | unlink
inactive waits      same    | delete 1 | -               | leave | deleteCustomer
inactive waits      changed | delete 1 | -               | leave | deleteCustomer
inactive waits      blocked | delete 1 | -               | leave | deleteCustomer
inactive waits      made    | delete 1 | -               | leave | deleteCustomer
inactive waits      among   | delete 1 | -               | leave | deleteCustomer
inactive held       none    | -        | -               | leave | unlink
inactive held       same    | delete 1 | -               | leave | deleteCustomer
inactive held       changed | delete 1 | -               | leave | deleteCustomer
inactive held       blocked | delete 1 | -               | leave | deleteCustomer
inactive held       made    | delete 1 | -               | leave | deleteCustomer
inactive held       among   | delete 1 | -               | leave | deleteCustomer
"
    );
}

#[test]
fn the_deactivation_of_a_user_may_delete_the_customer_some_days_later() {
    assert_eq!(
        of_inactive(Offboarding::DeleteAfter { days: 3 }),
        "\
inactive            same    | -        | -               | -     | refuse                          | Ambiguous
inactive            changed | -        | -               | -     | refuse                          | Ambiguous
inactive            blocked | -        | -               | -     | refuse                          | Ambiguous
inactive            made    | -        | update inactive | set   | link updateUser                 | later
inactive            other   | -        | -               | -     | refuse                          | Ambiguous
inactive linked     same    | -        | -               | set   |                                 | later
inactive linked     changed | -        | update inactive | set   | updateUser                      | later
inactive linked     blocked | -        | -               | set   |                                 | later
inactive linked     made    | -        | -               | set   |                                 | later
inactive linked     among   | -        | update inactive | set   | updateUser                      | later
inactive waits      same    | -        | -               | -     |                                 | later
inactive waits      changed | -        | update inactive | set   | updateUser                      | later
inactive waits      blocked | -        | -               | set   |                                 | later
inactive waits      made    | -        | -               | -     |                                 | later
inactive waits      among   | -        | update inactive | set   | updateUser                      | later
inactive held       same    | -        | -               | -     |                                 | later
inactive held       changed | -        | update inactive | set   | updateUser                      | later
inactive held       blocked | -        | -               | -     |                                 | later
inactive held       made    | -        | -               | -     |                                 | later
inactive held       among   | -        | update inactive | set   | updateUser                      | later
"
    );
}

#[test]
fn some_days_later_is_like_at_once_when_they_are_over() {
    let rows = |days| {
        let policy = Offboarding::DeleteAfter { days };
        walk(&Policies { on_user_deleted: policy, on_user_deactivated: policy, ..Policies::default() })
    };
    let deleted = |days| {
        let table = rows(days);
        let rows = table.lines().filter(|row| row.contains("| delete 1"));
        rows.map(|row| row[..20].trim().to_owned()).collect::<BTreeSet<String>>()
    };
    assert_eq!(deleted(3), BTreeSet::new());
    let over = ["deleted", "inactive held", "inactive waits", "left held"].map(str::to_owned);
    assert_eq!(deleted(2), BTreeSet::from(over), "who is just found to be away waits from now on");
}

#[test]
fn the_deletion_of_a_user_may_leave_the_customer() {
    assert_eq!(
        of_gone(Offboarding::Nothing),
        "\
left linked         same    | -        | -               | leave | unlink
left linked         changed | -        | -               | leave | unlink
left linked         blocked | -        | -               | leave | unlink
left linked         made    | -        | -               | leave | unlink
left linked         among   | -        | -               | leave | unlink
left held           same    | -        | -               | leave | unlink
left held           changed | -        | -               | leave | unlink
left held           blocked | -        | -               | leave | unlink
left held           made    | -        | -               | leave | unlink
left held           among   | -        | -               | leave | unlink
outside             made    | nothing
deleted             same    | nothing
deleted             changed | nothing
deleted             blocked | nothing
deleted             made    | nothing
deleted             among   | nothing
"
    );
}

#[test]
fn the_deletion_of_a_user_may_block_the_customer() {
    assert_eq!(
        of_gone(Offboarding::BlockSignIn { group: Some(7) }),
        "\
outside             made    | update   | update          | set   | link updateUser deactivateCustomer
left linked         same    | update   | -               | set   | deactivateCustomer
left linked         changed | update   | update          | set   | updateUser deactivateCustomer
left linked         blocked | update   | -               | set   | deactivateCustomer
left linked         made    | update   | -               | set   | deactivateCustomer
left linked         among   | update   | update          | set   | updateUser deactivateCustomer
left held           same    | update   | -               | -     | deactivateCustomer
left held           changed | update   | update          | set   | updateUser deactivateCustomer
left held           blocked | update   | -               | -     | deactivateCustomer
left held           made    | update   | -               | -     | deactivateCustomer
left held           among   | update   | update          | set   | updateUser deactivateCustomer
deleted             same    | update   | -               | -     | deactivateCustomer
deleted             changed | update   | -               | -     | deactivateCustomer
deleted             blocked | update   | -               | -     | deactivateCustomer
deleted             made    | update   | -               | -     | deactivateCustomer
deleted             among   | update   | -               | -     | deactivateCustomer
"
    );
}

#[test]
fn the_deletion_of_a_user_may_delete_the_customer_some_days_later() {
    assert_eq!(
        of_gone(Offboarding::DeleteAfter { days: 3 }),
        "\
outside             made    | -        | update          | set   | link updateUser                 | later
left linked         same    | -        | -               | set   |                                 | later
left linked         changed | -        | update          | set   | updateUser                      | later
left linked         blocked | -        | -               | set   |                                 | later
left linked         made    | -        | -               | set   |                                 | later
left linked         among   | -        | update          | set   | updateUser                      | later
left held           same    | -        | -               | -     |                                 | later
left held           changed | -        | update          | set   | updateUser                      | later
left held           blocked | -        | -               | -     |                                 | later
left held           made    | -        | -               | -     |                                 | later
left held           among   | -        | update          | set   | updateUser                      | later
deleted             same    | -        | -               | -     |                                 | later
deleted             changed | -        | -               | -     |                                 | later
deleted             blocked | -        | -               | -     |                                 | later
deleted             made    | -        | -               | -     |                                 | later
deleted             among   | -        | -               | -     |                                 | later
"
    );
}
