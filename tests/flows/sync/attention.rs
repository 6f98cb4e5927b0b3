//! What a person must mend: told once, naming field, value and rule; nobody else waits for it, and
//! it ends by itself.

use local::bigcommerce::FaultKind;
use serde_json::json;
use shared::{
    application::Authority,
    report::{Action, AttentionKind, Outcome},
    secret::EmailAddress,
    user::Email,
};

use super::bench::{Bench, house};
use crate::oracle;

impl Bench {
    /// What a person is asked: what is the matter, and the sentence.
    async fn asked(&self) -> Vec<(AttentionKind, String)> {
        let attention = oracle::attention(&self.stack).await;
        attention.into_iter().map(|asked| (asked.kind, asked.detail)).collect()
    }

    /// The only thing that a person is asked.
    async fn asked_once(&self, kind: AttentionKind) -> String {
        let asked = self.asked().await;
        assert_eq!(asked.len(), 1, "{asked:?}");
        assert_eq!(asked[0].0, kind);
        asked[0].1.clone()
    }

    async fn refusals(&self) -> usize {
        self.told(0).await.iter().filter(|entry| entry.action == Action::Refuse).count()
    }
}

#[tokio::test]
async fn a_customer_without_a_last_name_is_told_once_and_others_go_on_g27() {
    let bench = Bench::with(3).await;
    let id = bench.create("ada@x.example").await;
    bench.stack.store().set_past_the_rules(id, "last_name", "");
    bench.change(2, "company", "Analytical Engines").await;
    bench.well_but_for(&[id]).await;
    let detail = bench.asked_once(AttentionKind::Refused).await;
    assert!(detail.contains("last_name without a value (needed in the directory)"), "{detail}");
    assert_eq!(bench.known(2).await.attributes["organization"], "Analytical Engines");
    for round in 0..3 {
        bench.change(id, "company", format!("Round {round}")).await;
        bench.well_but_for(&[id]).await;
    }
    assert_eq!(bench.refusals().await, 1);
    bench.change(id, "last_name", "King").await;
    bench.all_is_well().await;
}

#[tokio::test]
async fn a_refused_customer_that_is_deleted_asks_for_nobody_any_more() {
    let bench = Bench::with(0).await;
    let id = bench.create("ada@x.example").await;
    bench.stack.store().set_past_the_rules(id, "last_name", "");
    bench.well_but_for(&[id]).await;
    bench.delete(id).await;
    bench.all_is_well().await;
}

#[tokio::test]
async fn another_reason_is_told_though_the_first_is_open() {
    let bench = Bench::with(0).await;
    let mut person = super::bench::person("ada@x.example");
    person["addresses"] = json!([house("Austin")]);
    bench.call("POST", "customers", json!([person])).await;
    bench.stack.store().set_past_the_rules(1, "last_name", "");
    bench.well_but_for(&[1]).await;
    bench.stack.store().set_past_the_rules(1, "state_or_province", "Atlantis");
    bench.change(1, "last_name", "King").await;
    bench.well_but_for(&[1]).await;
    let detail = bench.asked_once(AttentionKind::Refused).await;
    assert!(detail.contains("addresses.state_or_province “Atlantis”"), "{detail}");
    assert_eq!(bench.refusals().await, 2);
}

#[tokio::test]
async fn a_linked_customer_whose_value_is_refused_keeps_the_rest_in_step() {
    let bench = Bench::with(0).await;
    let id = bench.create("ada@x.example").await;
    bench.settle().await;
    bench.stack.store().set_past_the_rules(id, "last_name", "");
    for company in ["One", "Two"] {
        bench.change(id, "company", company).await;
        bench.well_but_for(&[id]).await;
        assert_eq!(bench.known(id).await.attributes["organization"], company);
    }
    assert_eq!(bench.refusals().await, 1);
    assert!(bench.asked_once(AttentionKind::Refused).await.contains("last_name"));
    bench.change(id, "last_name", "Byron").await;
    bench.all_is_well().await;
}

#[tokio::test]
async fn a_user_that_the_store_cannot_take_is_told_once_and_mended_in_the_directory() {
    let bench = Bench::with(0).await;
    let before = bench.add("ada@x.example", &"A".repeat(101), "King").await;
    bench.settle().await;
    let detail = bench.asked_once(AttentionKind::Refused).await;
    assert!(detail.contains("first_name “AAA") && detail.contains("(1 to 100 characters)"), "{detail}");
    let mut after = before.clone();
    after.name.given_name = Some("Ada".to_owned());
    let subject = shared::work::Subject::User(before.id.clone());
    let asked_at = bench.stack.clock().now();
    let also = shared::store::Also::Work { subject, cause: "users".to_owned(), asked_at };
    bench.stack.tables().update_user(&before, &after, &[also]).await.unwrap();
    bench.all_is_well().await;
    assert_eq!((bench.stack.store().count(), bench.refusals().await), (1, 1));
}

/// Two customers, the second of which wants the e-mail address of the first.
async fn rivals() -> (Bench, u32, u32) {
    let bench = Bench::with(2).await;
    let (first, second) = (bench.create("first@x.example").await, bench.create("second@x.example").await);
    bench.settle().await;
    // The store lets the address go before the directory does.
    bench
        .edit(first, |user| {
            user.emails.push(Email {
                value: EmailAddress::new("wanted@x.example"),
                kind: None,
                display: None,
                primary: false,
            });
        })
        .await;
    bench.change(second, "email", "wanted@x.example").await;
    bench.change(second, "company", "Rivals").await;
    bench.change(1, "company", "Others").await;
    bench.well_but_for(&[second]).await;
    (bench, first, second)
}

#[tokio::test]
async fn an_e_mail_address_of_another_user_is_flagged_and_all_else_goes_on_g24() {
    let (bench, _, second) = rivals().await;
    let detail = bench.asked_once(AttentionKind::Taken).await;
    assert!(detail.contains("e-mail address wanted@x.example belongs to another user"), "{detail}");
    let user = bench.known(second).await;
    assert_eq!(user.primary_email().unwrap().value.as_str(), "second@x.example");
    assert_eq!(user.attributes["organization"], "Rivals");
    assert_eq!(bench.known(1).await.attributes["organization"], "Others");
    let refused = bench.told(0).await.into_iter().find(|entry| entry.action == Action::Refuse).unwrap();
    assert_eq!((refused.outcome, refused.detail), (Outcome::Blocked, detail));
    bench.change(second, "company", "Again").await;
    bench.well_but_for(&[second]).await;
    assert_eq!(bench.refusals().await, 1);
}

#[tokio::test]
async fn a_taken_e_mail_address_that_is_given_up_is_taken_over_by_itself_g24() {
    let (bench, first, second) = rivals().await;
    bench.edit(first, |user| user.emails.truncate(1)).await;
    bench.all_is_well().await;
    let user = bench.known(second).await;
    assert_eq!((user.user_name.as_str(), user.emails.len()), ("wanted@x.example", 1));
}

#[tokio::test]
async fn a_taken_e_mail_address_that_is_no_longer_wanted_is_forgotten_g24() {
    let (bench, _, second) = rivals().await;
    bench.change(second, "email", "second@x.example").await;
    bench.all_is_well().await;
}

#[tokio::test]
async fn who_waits_for_a_taken_address_goes_on_waiting_when_another_gives_up_g24() {
    let (bench, first, second) = rivals().await;
    let third = bench.create("third@x.example").await;
    bench.settle().await;
    bench.change(second, "email", "second@x.example").await;
    bench.settle().await;
    bench.change(third, "email", "wanted@x.example").await;
    bench.well_but_for(&[third]).await;
    bench.edit(first, |user| user.emails.truncate(1)).await;
    bench.all_is_well().await;
    assert_eq!(bench.known(third).await.user_name, "wanted@x.example");
}

#[tokio::test]
async fn a_new_customer_with_the_second_address_of_a_customers_user_waits_for_it_g24() {
    let (bench, first, second) = rivals().await;
    bench.change(second, "email", "second@x.example").await;
    let third = bench.create("wanted@x.example").await;
    bench.well_but_for(&[third]).await;
    bench.change(third, "company", "Again").await;
    bench.well_but_for(&[third]).await;
    assert_eq!(bench.refusals().await, 2, "once for each of the two");
    bench.edit(first, |user| user.emails.truncate(1)).await;
    bench.all_is_well().await;
    assert_eq!(bench.known(third).await.user_name, "wanted@x.example");
}

#[tokio::test]
async fn a_new_customer_that_waits_and_takes_another_address_waits_no_more_g24() {
    let (bench, _, second) = rivals().await;
    bench.change(second, "email", "second@x.example").await;
    let third = bench.create("wanted@x.example").await;
    bench.well_but_for(&[third]).await;
    bench.change(third, "email", "third@x.example").await;
    bench.all_is_well().await;
}

#[tokio::test]
async fn a_poison_record_is_parked_alone_and_told_and_revived_g27() {
    let bench = Bench::with(20).await;
    bench
        .stack
        .store()
        .faults([local::bigcommerce::Fault::new(FaultKind::GarbleCustomer { id: 7 }).on("GET")]);
    for id in 1..=20 {
        bench.change(id, "company", format!("Company {id}")).await;
    }
    bench.well_but_for(&[7]).await;
    let detail = bench.asked_once(AttentionKind::Dead).await;
    assert!(detail.contains("Given up after 12 attempts") && detail.contains("documented shape"), "{detail}");
    let failed: Vec<_> =
        bench.told(0).await.into_iter().filter(|entry| entry.outcome == Outcome::Failed).collect();
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0].customer.map(|id| id.get()), Some(7));
    for id in (1..=20).filter(|id| *id != 7) {
        assert_eq!(bench.known(id).await.attributes["organization"], format!("Company {id}"));
    }
    bench.stack.store().clear_faults();
    bench.change(7, "company", "Mended").await;
    bench.all_is_well().await;
    assert_eq!(bench.known(7).await.attributes["organization"], "Mended");
}

#[tokio::test]
async fn the_loser_of_a_change_on_both_sides_is_in_the_report_g23() {
    for (authority, stands) in [(Authority::Directory, "Here"), (Authority::Store, "There")] {
        let bench = Bench::set(1, |application| application.policies.authority = authority).await;
        let told = bench.count().await;
        bench.change(1, "company", "There").await;
        bench
            .edit(1, |user| drop(user.attributes.insert("organization".to_owned(), "Here".to_owned())))
            .await;
        bench.all_is_well().await;
        assert_eq!(bench.customer(1).unwrap().company.as_deref(), Some(stands));
        assert_eq!(bench.known(1).await.attributes["organization"], stands);
        let entry = bench.told(told).await.remove(0);
        assert_eq!(entry.outcome, Outcome::Conflict);
        let change = &entry.changes[0];
        let loser = if stands == "Here" { "There" } else { "Here" };
        assert_eq!(
            (change.won, &change.before, &change.after),
            (Some(authority), &json!(loser), &json!(stands))
        );
    }
}
