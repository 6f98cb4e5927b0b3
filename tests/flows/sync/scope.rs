//! Who an application is for; whose customer it is that only the customer itself remembers.

use local::bigcommerce::{Fault, FaultKind};
use shared::{application::MatchPolicy, report::AttentionKind, user::User, work::Subject};

use super::bench::Bench;
use crate::oracle;

const CREATE: &str = "POST /v3/customers";
const UPDATE: &str = "PUT /v3/customers";

async fn for_members() -> Bench {
    Bench::set(0, |application| application.policies.scope = Some(r#"userType eq "member""#.to_owned())).await
}

fn member(user: &mut User) {
    user.attributes.insert("userType".to_owned(), "member".to_owned());
}

impl Bench {
    async fn rewrite(&self, user: &User, change: impl FnOnce(&mut User)) {
        let before = self.stack.tables().user(&user.id).await.unwrap().unwrap();
        let mut after = before.clone();
        change(&mut after);
        self.stack.tables().update_user(&before, &after, &[self.also(&after)]).await.unwrap();
    }
}

#[tokio::test]
async fn only_users_in_scope_are_customers_and_who_leaves_it_is_offboarded() {
    let bench = for_members().await;
    let user = bench.add("ada@x.example", "Ada", "King").await;
    bench.settle().await;
    assert_eq!(bench.stack.store().count(), 0);
    bench.rewrite(&user, member).await;
    bench.all_is_well().await;
    assert_eq!(bench.stack.store().count(), 1);
    bench.rewrite(&user, |user| drop(user.attributes.remove("userType"))).await;
    bench.settle().await;
    assert_eq!((bench.stack.store().count(), oracle::users(&bench.stack).await.len()), (0, 1));
    bench.rewrite(&user, member).await;
    bench.all_is_well().await;
    assert_eq!(bench.stack.store().count(), 1, "who is back in scope is a customer again");
}

#[tokio::test]
async fn a_scope_that_cannot_be_read_offboards_nobody() {
    let bench = for_members().await;
    let user = bench.add("ada@x.example", "Ada", "King").await;
    bench.rewrite(&user, member).await;
    bench.all_is_well().await;
    let mut application = bench.application.clone();
    application.policies.scope = Some("userType eq".to_owned());
    bench.stack.tables().put_application(&application).await.unwrap();
    bench.edit(1, |user| user.name.family_name = Some("Hopper".to_owned())).await;
    for _ in 0..60 {
        while bench.stack.round().await.unwrap() {}
        bench.pass(600);
    }
    assert_eq!((bench.stack.store().count(), bench.stack.left().len()), (1, 1));
    bench.stack.tables().put_application(&bench.application).await.unwrap();
    bench.all_is_well().await;
    assert_eq!(bench.customer(1).unwrap().last_name, "Hopper");
}

#[tokio::test]
async fn a_customer_that_we_made_is_known_again_though_no_match_by_address_is_allowed_g43_g45() {
    for polls in (10..70).step_by(5) {
        let bench = Bench::set(0, |application| application.policies.match_by_email = MatchPolicy::Ask).await;
        bench.add_many(2).await;
        bench.stack.killer().kill_some(1, 1.0, polls);
        let _ = bench.stack.round().await;
        bench.stack.killer().rest();
        bench.all_is_well().await;
        assert_eq!(bench.stack.store().count(), 2);
    }
}

#[tokio::test]
async fn a_customer_made_for_a_user_who_is_gone_and_forgotten_by_all_is_removed_g45() {
    let bench = Bench::with(0).await;
    let user = bench.add("ada@x.example", "Ada", "King").await;
    let subjects = [Subject::User(user.id.clone())];
    let looked = bench.engine().look(&subjects, bench.later(600)).await.unwrap();
    assert_eq!((looked.done, bench.calls(CREATE)), (1, 1));
    // As if the look had died before it linked them, and the user been deleted before the next.
    let written = bench.known(1).await;
    let unlinked = User { links: Default::default(), ..written.clone() };
    let unlinked = bench.stack.tables().update_user(&written, &unlinked, &[]).await.unwrap().user;
    bench.stack.tables().delete_user(&unlinked, &Default::default(), &[]).await.unwrap();
    bench.all_is_well().await;
    assert_eq!((bench.stack.store().count(), oracle::users(&bench.stack).await.len()), (0, 0));
}

#[tokio::test]
async fn an_edit_in_the_directory_that_takes_back_what_a_dead_look_sent_stands_g45() {
    let bench = Bench::with(1).await;
    let first = bench.customer(1).unwrap().company.unwrap_or_default();
    bench.edit(1, |user| drop(user.attributes.insert("organization".to_owned(), "Sent".to_owned()))).await;
    let subjects = [Subject::User(bench.known(1).await.id)];
    let engine = bench.engine();
    let taken = async {
        while bench.customer(1).unwrap().company.as_deref() != Some("Sent") {
            tokio::task::yield_now().await;
        }
    };
    let died = tokio::select! {
        biased;
        () = taken => true,
        _ = engine.look(&subjects, bench.later(600)) => false,
    };
    assert!(died, "the look has not heard that the store took it");
    bench.edit(1, |user| drop(user.attributes.insert("organization".to_owned(), first.clone()))).await;
    bench.all_is_well().await;
    assert_eq!(bench.customer(1).unwrap().company.unwrap_or_default(), first);
    assert_eq!(bench.calls(UPDATE), 2, "what was sent, and what took it back");
}

#[tokio::test]
async fn a_store_that_refuses_the_address_of_who_may_not_sign_in_is_told_with_what_to_do() {
    let bench = Bench::with(1).await;
    let user = bench.known(1).await;
    let email = format!("{}@deactivated.invalid", user.id);
    let blame = local::bigcommerce::Blame::Nobody;
    bench.edit(1, |user| user.active = false).await;
    bench.settle().await;
    let held = bench.customer(1).unwrap().email;
    assert!(held.ends_with("@deactivated.invalid"), "{held} is like {email}");
    bench.edit(1, |user| user.active = true).await;
    bench.all_is_well().await;
    bench.stack.store().faults([Fault::new(FaultKind::RefuseEmail { email: held, blame })]);
    bench.edit(1, |user| user.active = false).await;
    bench.settle().await;
    let asked = oracle::attention(&bench.stack).await;
    assert_eq!(asked.iter().map(|asked| asked.kind).collect::<Vec<_>>(), [AttentionKind::Refused]);
    assert!(asked[0].detail.contains("Choose another domain"), "{}", asked[0].detail);
}
