//! The rows of the table where a direction is closed.

use super::{difference, walk};
use crate::application::{Operations, Policies};

const CLOSED: Operations = Operations { create: false, update: false, delete: false };

#[test]
fn nothing_is_done_in_a_directory_that_is_closed_but_to_link() {
    let policies = Policies { to_directory: CLOSED, ..Policies::default() };
    assert_eq!(
        difference(&policies),
        "\
active              same    | -        | -               | set   | link
active              changed | update   | -               | set   | link updateCustomer
active              blocked | update   | -               | set   | link reactivateCustomer
active              made    | -        | -               | set   | link
active              other   | -        | -               | set   | link
inactive            same    | update   | -               | set   | link deactivateCustomer
inactive            changed | update   | -               | set   | link deactivateCustomer
inactive            blocked | -        | -               | set   | link
inactive            made    | update   | -               | set   | link deactivateCustomer
inactive            other   | update   | -               | set   | link deactivateCustomer
inactive linked     changed | update   | -               | set   | deactivateCustomer
inactive linked     among   | update   | -               | set   | deactivateCustomer
inactive waits      changed | update   | -               | set   | deactivateCustomer
inactive waits      among   | update   | -               | set   | deactivateCustomer
inactive held       changed | update   | -               | -     | deactivateCustomer
inactive held       among   | update   | -               | -     | deactivateCustomer
returned held       changed | -        | -               | set
returned held       among   | -        | -               | set
none                same    | nothing
none                changed | nothing
none                other   | nothing
active linked       none    | nothing
active linked       changed | nothing
active linked       among   | nothing
active linked twice none    | nothing
active linked twice changed | nothing
active linked twice among   | nothing
inactive linked     none    | nothing
inactive waits      none    | nothing
inactive held       none    | nothing
returned held       none    | nothing
outside linked      none    | nothing
outside linked      changed | nothing
outside linked      among   | nothing
left linked         none    | nothing
left held           none    | nothing
"
    );
}

#[test]
fn nothing_is_done_at_a_store_that_is_closed() {
    let policies = Policies { to_store: CLOSED, ..Policies::default() };
    assert_eq!(
        difference(&policies),
        "\
active              changed | -        | update          | set   | link updateUser
active              blocked | -        | update          | set   | link updateUser
active linked       blocked | -        | -               | set
active linked twice blocked | -        | -               | set
inactive            same    | -        | update inactive | set   | link updateUser
inactive            changed | -        | update inactive | set   | link updateUser
inactive            made    | -        | update inactive | set   | link updateUser
inactive            other   | -        | update inactive | set   | link updateUser
inactive linked     changed | -        | update inactive | set   | updateUser
inactive linked     among   | -        | update inactive | set   | updateUser
inactive waits      changed | -        | update inactive | set   | updateUser
inactive waits      among   | -        | update inactive | set   | updateUser
inactive held       changed | -        | update inactive | set   | updateUser
inactive held       among   | -        | update inactive | set   | updateUser
outside             made    | -        | update          | set   | link updateUser
outside linked      blocked | -        | -               | set
left linked         changed | -        | update          | set   | updateUser
left linked         blocked | -        | -               | set
left linked         among   | -        | update          | set   | updateUser
left held           changed | -        | update          | set   | updateUser
left held           among   | -        | update          | set   | updateUser
active              none    | nothing
inactive linked     same    | nothing
inactive linked     made    | nothing
inactive waits      same    | nothing
inactive waits      made    | nothing
inactive held       same    | nothing
inactive held       made    | nothing
returned held       same    | nothing
returned held       blocked | nothing
returned held       made    | nothing
left linked         same    | nothing
left linked         made    | nothing
left held           same    | nothing
left held           blocked | nothing
left held           made    | nothing
deleted             same    | nothing
deleted             changed | nothing
deleted             blocked | nothing
deleted             made    | nothing
deleted             among   | nothing
"
    );
}

#[test]
fn a_store_that_may_not_be_deleted_from_keeps_whoever_is_away_as_they_are() {
    let to_store = Operations { delete: false, ..Operations::default() };
    assert_eq!(
        difference(&Policies { to_store, ..Policies::default() }),
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
outside             made    | -        | update          | set   | link updateUser
left linked         changed | -        | update          | set   | updateUser
left linked         blocked | -        | -               | set
left linked         among   | -        | update          | set   | updateUser
left held           changed | -        | update          | set   | updateUser
left held           among   | -        | update          | set   | updateUser
inactive linked     same    | nothing
inactive linked     made    | nothing
inactive waits      same    | nothing
inactive waits      made    | nothing
inactive held       same    | nothing
inactive held       made    | nothing
left linked         same    | nothing
left linked         made    | nothing
left held           same    | nothing
left held           blocked | nothing
left held           made    | nothing
deleted             same    | nothing
deleted             changed | nothing
deleted             blocked | nothing
deleted             made    | nothing
deleted             among   | nothing
"
    );
}

#[test]
fn who_is_back_waits_for_a_store_that_is_closed() {
    let table = walk(&Policies { to_store: CLOSED, ..Policies::default() });
    let of_returned: Vec<&str> = table.lines().filter(|row| row.starts_with("returned held")).collect();
    assert_eq!(
        of_returned.join("\n") + "\n",
        "\
returned held       none    | -        | delete          | break | deleteUser
returned held       changed | -        | update          | set   | updateUser
returned held       other   | -        | -               | -     | refuse                          | Taken
returned held       several | -        | -               | -     | refuse                          | Ambiguous
returned held       among   | -        | update          | set   | updateUser
"
    );
}
