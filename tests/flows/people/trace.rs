//! What a look would come to is told step by step, and nothing of it is done.

use serde_json::json;
use shared::{
    application::Offboarding,
    import::Verdict,
    mapping::CustomerField,
    report::Action,
    sync::Match,
    user::{Email, User},
};

use super::Bench;

#[tokio::test]
async fn a_trace_reads_matches_scopes_maps_and_tells_what_would_be_done_without_doing_it() {
    let bench = Bench::with(1).await;
    let (engine, ada) = (bench.engine(), bench.user(1).await);
    let trace = engine.trace(&bench.application, &ada.id).await.unwrap().unwrap();
    assert_eq!((trace.matched, trace.in_scope, trace.version), (Match::Linked, true, ada.version));
    assert_eq!((trace.outcome.verdict, trace.outcome.steps.len()), (Verdict::Unchanged, 0));
    let email = trace.fields.iter().find(|field| field.field == "email").unwrap();
    assert!(email.user == email.customer && email.user == email.agreed && email.user.is_string());

    let mut application = bench.application.clone();
    let company = application.mapping.rules.iter_mut().find(|rule| rule.field == CustomerField::Company);
    company.unwrap().to_store = vec![shared::mapping::Transform::Constant("Acme".to_owned())];
    let tried = engine.trace(&application, &ada.id).await.unwrap().unwrap();
    let step = &tried.outcome.steps[0];
    assert_eq!((tried.outcome.verdict, step.action), (Verdict::Update, Action::UpdateCustomer));
    assert_eq!((step.changes[0].field.as_str(), &step.changes[0].after), ("company", &json!("Acme")));
    assert!(bench.there(&ada.id).await.unwrap() == ada);
    assert!(engine.trace(&application, &"0f0".to_owned().into()).await.unwrap().is_none());
}

#[tokio::test]
async fn a_trace_tells_who_is_nobodys_customer_yet_and_who_is_out_of_scope() {
    let bench = Bench::set(1, |application| {
        application.policies.scope = Some("userType eq \"member\"".to_owned());
    })
    .await;
    let bob = User::new("bob", bench.stack.clock().now());
    let value = shared::secret::EmailAddress::new("bob@x.example");
    let bob = User { emails: vec![Email { value, kind: None, display: None, primary: true }], ..bob };
    let bob = bench.stack.tables().create_user(&bob, &[]).await.unwrap();
    let trace = bench.engine().trace(&bench.application, &bob.id).await.unwrap().unwrap();
    assert_eq!((trace.matched, trace.in_scope), (Match::Nobody, false));
    assert!(trace.scope.is_some() && trace.outcome.steps.is_empty());
    let mut open = bench.application.clone();
    open.policies.scope = None;
    let trace = bench.engine().trace(&open, &bob.id).await.unwrap().unwrap();
    assert_eq!(trace.outcome.verdict, Verdict::Blocked, "the store takes nobody without a name");
    assert!(trace.outcome.asked[0].contains("first_name"), "{:?}", trace.outcome.asked);
}

#[tokio::test]
async fn a_deletion_tells_what_it_does_at_the_store_by_its_policy() {
    for (policy, expected) in [
        (Offboarding::DeleteCustomer, Some(Action::DeleteCustomer)),
        (Offboarding::BlockSignIn { group: None }, Some(Action::DeactivateCustomer)),
        (Offboarding::DeleteAfter { days: 30 }, None),
        (Offboarding::Nothing, None),
    ] {
        let bench = Bench::set(1, |application| application.policies.on_user_deleted = policy).await;
        let ada = bench.user(1).await;
        let foreseen = bench.engine().foresee_deletion(&bench.application, &ada.id).await.unwrap().unwrap();
        assert_eq!(foreseen.steps.first().map(|step| step.action), expected, "{policy:?}");
        let waits = matches!(policy, Offboarding::DeleteAfter { .. });
        assert_eq!(foreseen.later.is_some(), waits, "{policy:?}");
        assert!(bench.there(&ada.id).await.is_some());
    }
}
