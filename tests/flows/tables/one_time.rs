//! One-time links: who may use one, how often, how long, and what that costs.

use std::time::Duration;

use futures_util::future::join_all;
use jiff::SignedDuration;
use shared::{
    one_time::{OneTimeLink, Purpose, Standing, Token, TokenHash},
    secret::EmailAddress,
    store::{Table, Tables, Usage},
    user::UserId,
};

use super::{
    bench::{Bench, Fault},
    costs::bench as metered,
};

const HOUR: SignedDuration = SignedDuration::from_hours(1);
const ANSWER_LOST: Fault = Fault::AnsweredInstead(500, r#"{"__type": "InternalServerError"}"#);

fn ada() -> UserId {
    UserId::from("ada".to_owned())
}

fn link(bench: &Bench, purpose: Purpose) -> OneTimeLink {
    let email = EmailAddress::new("ada@x.example");
    OneTimeLink::to_set_a_password(purpose, &ada(), email, bench.clock.now(), HOUR)
}

async fn issued(bench: &Bench, purpose: Purpose) -> TokenHash {
    bench.tables.issue(&link(bench, purpose)).await.unwrap().hash()
}

async fn standing(bench: &Bench, hash: &TokenHash) -> Option<Standing> {
    let found = bench.tables.one_time_link(hash).await.unwrap();
    found.map(|link| link.standing(bench.clock.now()))
}

async fn redeems(tables: &Tables, bench: &Bench, hash: &TokenHash) -> bool {
    tables.redeem(hash, bench.clock.now()).await.unwrap().is_some()
}

#[tokio::test]
async fn of_many_who_redeem_one_link_at_once_exactly_one_does_g70() {
    let bench = Bench::start().await;
    let hash = issued(&bench, Purpose::SignIn).await;
    let all = join_all((0..20).map(|_| redeems(&bench.tables, &bench, &hash))).await;
    assert_eq!(all.into_iter().filter(|done| *done).count(), 1);
    assert_eq!(standing(&bench, &hash).await, Some(Standing::Used));
    assert!(!redeems(&bench.tables, &bench, &hash).await, "a used link replayed");
}

#[tokio::test]
async fn the_stored_time_ends_a_link_though_its_row_is_still_there_g71() {
    let bench = Bench::start().await;
    let hash = issued(&bench, Purpose::Reset).await;
    bench.clock.advance(Duration::from_secs(3600));
    assert_eq!(standing(&bench, &hash).await, Some(Standing::Expired));
    assert!(!redeems(&bench.tables, &bench, &hash).await);
    assert!(bench.raw("settings").await.contains("expiresAt"), "the table may drop it some day");
}

#[tokio::test]
async fn only_the_newest_link_of_a_person_is_good_g72() {
    let bench = Bench::start().await;
    let first = issued(&bench, Purpose::Activation).await;
    let second = issued(&bench, Purpose::Reset).await;
    let sign_in = issued(&bench, Purpose::SignIn).await;
    assert_eq!(standing(&bench, &first).await, Some(Standing::Superseded));
    assert!(!redeems(&bench.tables, &bench, &first).await);
    assert!(redeems(&bench.tables, &bench, &second).await);
    assert!(redeems(&bench.tables, &bench, &sign_in).await, "another class of its own");
}

#[tokio::test]
async fn a_token_that_is_not_ours_is_looked_for_and_nothing_is_written_g73() {
    let bench = metered().await;
    let hash = Token::random().hash();
    bench.tables.meter().take(Table::Settings);
    assert!(!redeems(&bench.tables, &bench, &hash).await);
    assert_eq!(bench.tables.meter().take(Table::Settings), Usage { read: 1.0, ..Usage::default() });
}

#[tokio::test]
async fn the_table_holds_no_token_g74() {
    let bench = Bench::start().await;
    let token = bench.tables.issue(&link(&bench, Purpose::Activation)).await.unwrap();
    let raw = bench.raw("settings").await;
    assert!(raw.contains(token.hash().as_str()) && !raw.contains(token.expose()));
}

#[tokio::test]
async fn who_holds_a_link_keeps_others_off_until_it_is_given_back_or_the_lease_ends() {
    let bench = Bench::start().await;
    let hash = issued(&bench, Purpose::Activation).await;
    let lease = SignedDuration::from_secs(60);
    let hold = async || bench.tables.hold(&hash, bench.clock.now(), lease).await.unwrap();
    let first = hold().await.unwrap();
    assert!(hold().await.is_none() && !redeems(&bench.tables, &bench, &hash).await);
    bench.tables.give_back(&first).await.unwrap();
    let second = hold().await.unwrap();
    bench.clock.advance(Duration::from_secs(60));
    let third = hold().await.unwrap();
    assert!(!bench.tables.use_up(&second, bench.clock.now()).await.unwrap(), "it was lost");
    assert!(bench.tables.use_up(&third, bench.clock.now()).await.unwrap());
    bench.tables.give_back(&third).await.unwrap();
    assert_eq!(standing(&bench, &hash).await, Some(Standing::Used), "what is used stays used");
}

#[tokio::test]
async fn a_use_whose_answer_was_lost_is_still_its_callers() {
    let bench = Bench::start().await;
    let hash = issued(&bench, Purpose::SignIn).await;
    bench.wire.faults([Fault::Passes, Fault::Passes, ANSWER_LOST]);
    assert!(redeems(&bench.tables, &bench, &hash).await);
    assert!(!redeems(&bench.tables, &bench, &hash).await);
}

#[tokio::test]
async fn a_link_costs_two_writes_to_make_two_reads_to_see_and_one_write_to_use() {
    let bench = metered().await;
    let taken = || bench.tables.meter().take(Table::Settings);
    taken();
    let hash = issued(&bench, Purpose::Activation).await;
    assert_eq!(taken(), Usage { write: 2.0, ..Usage::default() });
    standing(&bench, &hash).await;
    assert_eq!(taken(), Usage { read: 2.0, ..Usage::default() });
    redeems(&bench.tables, &bench, &hash).await;
    assert_eq!(taken(), Usage { read: 2.0, write: 1.0, ..Usage::default() });
}
