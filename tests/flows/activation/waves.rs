//! Waves: many mails asked for at once.

use std::collections::BTreeMap;

use shared::{
    activation::{ActivationState, Selection, Skipped, Step, WaveState},
    scim::Filter,
};

use super::bench::{Bench, ids};

#[tokio::test]
async fn a_wave_sends_everybody_who_never_set_a_password_one_mail() {
    let bench = Bench::start().await;
    let users = bench.users(230).await;
    let now = bench.stack.clock().now();
    for done in &users[..2] {
        bench.tables().set_activation(&done.id, bench.id(), &Step::PasswordSet, now).await.unwrap();
    }
    bench.user("idle@example.com", |user| user.active = false).await;
    bench.user("elsewhere@example.com", |user| user.links.clear()).await;
    bench.user("ä@example.com", |_| {}).await;
    let wave = bench.begin(Selection::NeverSet).await;
    bench.stack.settle().await.unwrap();
    let wave = bench.wave(&wave).await;
    assert!(wave.is_over() && wave.state == WaveState::Walked);
    assert_eq!((wave.counts.seen, wave.counts.queued, wave.counts.sent), (233, 228, 228));
    let expected =
        [(Skipped::Done, 2), (Skipped::Inactive, 1), (Skipped::NotLinked, 1), (Skipped::NoAddress, 1)];
    assert_eq!(wave.counts.skipped, BTreeMap::from(expected));
    assert_eq!(bench.mailbox().mails().len(), 228);
    let tallies = bench.tables().activation_tallies(bench.id()).await.unwrap();
    assert_eq!((tallies[&ActivationState::Delivered], tallies[&ActivationState::PasswordSet]), (228, 2));
    assert_eq!(tallies.values().sum::<u64>(), 230);
}

#[tokio::test]
async fn a_second_wave_on_the_same_day_goes_to_nobody_twice_unless_named() {
    let bench = Bench::start().await;
    let users = bench.users(3).await;
    bench.begin(Selection::NeverSet).await;
    bench.stack.settle().await.unwrap();
    let again = bench.begin(Selection::NeverSet).await;
    bench.stack.settle().await.unwrap();
    assert_eq!(bench.wave(&again).await.counts.skipped, BTreeMap::from([(Skipped::Recent, 3)]));
    assert_eq!(bench.mailbox().mails().len(), 3);
    bench.begin(Selection::Users(ids(&users[..1]))).await;
    bench.stack.settle().await.unwrap();
    assert_eq!(bench.mailbox().mails().len(), 4);
}

#[tokio::test]
async fn a_wave_may_be_for_those_who_meet_a_filter_or_are_named() {
    let bench = Bench::start().await;
    let users = bench.users(4).await;
    let filter =
        Filter::parse("userName eq \"user-1@example.com\" or userName eq \"user-3@example.com\"").unwrap();
    bench.begin(Selection::Filter(filter)).await;
    bench.stack.settle().await.unwrap();
    let to = |bench: &Bench| {
        let mut to: Vec<String> = bench.mailbox().mails().into_iter().flat_map(|mail| mail.to).collect();
        to.sort();
        to
    };
    assert_eq!(to(&bench), ["user-1@example.com", "user-3@example.com"]);
    bench.begin(Selection::Users(ids(&users[..1]))).await;
    bench.stack.settle().await.unwrap();
    assert_eq!(to(&bench), ["user-0@example.com", "user-1@example.com", "user-3@example.com"]);
}

#[tokio::test]
async fn a_wave_that_a_person_ends_sends_no_more_and_one_begun_again_sends_the_rest_g80() {
    let bench = Bench::start().await;
    bench.mailbox().limit(10.0, 20.0);
    let users = bench.users(40).await;
    let wave = bench.begin(Selection::NeverSet).await;
    bench.stack.round().await.unwrap();
    let sent = bench.mailbox().mails().len();
    assert!((1..=20).contains(&sent), "{sent} were sent");
    bench.tables().set_wave(&wave.id, WaveState::Stopped, "").await.unwrap();
    bench.mailbox().limit(50.0, 50_000.0);
    bench.stack.settle().await.unwrap();
    assert_eq!(bench.mailbox().mails().len(), sent);
    let tallies = bench.tables().activation_tallies(bench.id()).await.unwrap();
    assert_eq!(tallies[&ActivationState::Queued], 0, "none waits for a mail that does not come");
    let stopped = bench.wave(&wave).await;
    bench.tables().begin_wave(&stopped.resumed()).await.unwrap();
    bench.stack.settle().await.unwrap();
    for n in 0..users.len() {
        assert_eq!(bench.mailbox().mails_to(&format!("user-{n}@example.com")).len(), 1, "user-{n}");
    }
    let wave = bench.wave(&wave).await;
    assert_eq!((wave.counts.sent, wave.is_over()), (40, true));
}
