//! That the oracle can fail: evidence of an honest run, doctored in one place, is found out by the
//! clause that is about it, and by no other.

use std::collections::BTreeSet;

use local::{
    bigcommerce::Entry as Line,
    stack::{Options, Stack},
};
use serde_json::json;
use shared::{
    bigcommerce::CustomerChange,
    report::{Action, AttentionKind},
    secret::EmailAddress,
    store::Also,
    user::{Email, User},
    work::Subject,
};

use super::{Evidence, NOTHING, Row};

/// Two customers of the store's, of whom one is edited and one deleted, and one of the directory's.
async fn honest() -> Evidence {
    let stack = Stack::start(Options { customers: 2, ..Options::default() }).await.unwrap();
    let application = stack.connect("main-store".parse().unwrap(), "Main store").await.unwrap();
    stack.settle().await.unwrap();
    let asked_at = stack.clock().now();
    let mut user = User::new("grace@x.example", asked_at);
    user.emails =
        vec![Email { value: EmailAddress::new("grace@x.example"), kind: None, display: None, primary: true }];
    (user.name.given_name, user.name.family_name) = (Some("Grace".to_owned()), Some("Hopper".to_owned()));
    let also = Also::Work { subject: Subject::User(user.id.clone()), cause: "users".to_owned(), asked_at };
    stack.tables().create_user(&user, &[also]).await.unwrap();
    let customers = stack.store().customers();
    let store = stack.bigcommerce().store(&application);
    let fields = [("company".to_owned(), json!("Analytical Engines"))].into_iter().collect();
    let change = CustomerChange { id: customers[0].id.unwrap(), fields };
    store.update_customers(&[change]).await.unwrap().remove(0).unwrap();
    store.delete_customers(&[customers[1].id.unwrap()]).await.unwrap();
    stack.settle().await.unwrap();
    let evidence = Evidence::of(&stack, &application).await;
    assert_eq!(evidence.problems(&[]), NOTHING);
    evidence
}

/// The clauses that find something once `doctor` has been at it.
fn clauses(honest: &Evidence, doctor: impl FnOnce(&mut Evidence)) -> BTreeSet<String> {
    let mut evidence = honest.clone();
    doctor(&mut evidence);
    evidence.problems(&[]).iter().map(|problem| problem[..3].to_owned()).collect()
}

fn only(clause: &str) -> BTreeSet<String> {
    BTreeSet::from([clause.to_owned()])
}

#[tokio::test]
async fn sides_that_differ_in_a_value_or_a_person_are_found_out() {
    let honest = honest().await;
    let value = clauses(&honest, |evidence| evidence.customers[0].last_name.push('x'));
    let customer = clauses(&honest, |evidence| drop(evidence.customers.remove(0)));
    let counted = clauses(&honest, |evidence| evidence.counted += 1);
    assert_eq!([value, customer, counted], [only("(a)"), only("(a)"), only("(a)")]);
}

#[tokio::test]
async fn a_creation_that_happened_twice_is_found_out_though_one_of_the_two_is_gone() {
    let honest = honest().await;
    let creation = honest.log.iter().find(|line| matches!(line, Line::Creation { .. }));
    let mut again = creation.cloned().unwrap();
    let Line::Creation { customer, email, .. } = &mut again else { panic!("no creation: {again:?}") };
    (*customer, *email) = (99, email.to_uppercase());
    let before = clauses(&honest, |evidence| evidence.log.insert(0, again.clone()));
    let after = clauses(&honest, |evidence| evidence.log.push(again.clone()));
    assert_eq!([before, after], [only("(b)"), only("(b)")]);
}

#[tokio::test]
async fn an_accepted_delivery_without_work_or_without_a_look_is_found_out() {
    let honest = honest().await;
    let edited = format!("customer#main-store#{}", honest.customers[0].id.unwrap());
    let kept = clauses(&honest, |evidence| {
        evidence.arrivals.retain(|kept| kept.subject != edited || kept.cause != "store/customer/updated");
    });
    let delivered = honest.log.iter().rposition(|line| matches!(line, Line::Delivery { .. })).unwrap();
    let looked = clauses(&honest, |evidence| evidence.log.truncate(delivered + 1));
    assert_eq!([kept, looked], [only("(c)"), only("(c)")]);
}

#[tokio::test]
async fn a_report_that_leaves_out_doubles_or_falsifies_an_entry_is_found_out() {
    let honest = honest().await;
    for place in 0..honest.entries.len() {
        let entry = &honest.entries[place];
        let left_out = clauses(&honest, |evidence| drop(evidence.entries.remove(place)));
        assert_eq!(left_out, only("(d)"), "{:?}", entry.action);
        let doubled = clauses(&honest, |evidence| evidence.entries.push(entry.clone()));
        assert_eq!(doubled, only("(d)"), "{:?}", entry.action);
        // Of who is gone nothing is there to be compared.
        let there = honest.users.iter().any(|user| Some(&user.id) == entry.user.as_ref());
        let values = (0..entry.changes.len()).filter(|change| there && entry.changes[*change].field != "id");
        for change in values {
            let falsified = clauses(&honest, |evidence| {
                evidence.entries[place].changes[change].after = json!("something else");
            });
            assert_eq!(falsified, only("(d)"), "{:?}", entry.changes[change].field);
        }
    }
    let actions: Vec<Action> = honest.entries.iter().map(|entry| entry.action).collect();
    for action in [Action::CreateUser, Action::CreateCustomer, Action::UpdateUser, Action::DeleteUser] {
        assert!(actions.contains(&action), "{action:?} of {actions:?}");
    }
}

#[tokio::test]
async fn a_quota_that_was_exceeded_by_two_calls_in_a_window_is_found_out() {
    let honest = honest().await;
    let exceeded = |by| clauses(&honest, |evidence| evidence.calls.most_refused_in_a_window = by);
    assert_eq!([exceeded(1), exceeded(2)], [BTreeSet::new(), only("(e)")]);
}

#[tokio::test]
async fn work_that_is_left_or_dead_and_untold_is_found_out() {
    let honest = honest().await;
    let row = |dead| Row { subject: "customer#main-store#1".to_owned(), dead };
    let left = clauses(&honest, |evidence| evidence.work.push(row(false)));
    let dead = clauses(&honest, |evidence| evidence.work.push(row(true)));
    assert_eq!([left, dead], [only("(f)"), only("(f)")]);
    let told = clauses(&honest, |evidence| {
        evidence.work.push(row(true));
        evidence.attention.push(shared::report::Attention {
            about: row(true).subject,
            kind: AttentionKind::Dead,
            application: evidence.application.id.clone(),
            since: jiff::Timestamp::UNIX_EPOCH,
            detail: String::new(),
            waiting: Vec::new(),
        });
    });
    assert_eq!(told, BTreeSet::new());
}

#[tokio::test]
async fn a_customer_apart_about_whom_nobody_is_asked_is_found_out() {
    let honest = honest().await;
    assert_eq!(honest.problems(&[1]), ["nobody is asked about customer 1"]);
}
