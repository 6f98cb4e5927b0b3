//! SES that is slow, spent, down, or does not answer: each mail arrives, and once.

use std::time::Duration;

use local::mailbox::Fault;

use super::bench::Bench;

#[tokio::test]
async fn mails_keep_to_the_rate_of_the_account_g80() {
    let bench = Bench::start().await;
    bench.mailbox().limit(1.0, 200.0);
    let users = bench.users(12).await;
    for user in &users {
        bench.ask(user).await;
    }
    bench.stack.settle().await.unwrap();
    let mails = bench.mailbox().mails();
    assert_eq!(mails.len(), 12);
    let spans = mails.windows(2).map(|pair| pair[1].at.duration_since(pair[0].at).as_millis());
    assert!(spans.min() >= Some(1_000), "more than one a second");
}

#[tokio::test]
async fn who_is_too_fast_waits_and_loses_nothing_g80() {
    let bench = Bench::start().await;
    let users = bench.users(3).await;
    bench.mailbox().fail_next([Fault::TooFast; 12]);
    for user in &users {
        bench.ask(user).await;
    }
    bench.stack.settle().await.unwrap();
    for user in &users {
        assert_eq!(bench.state(user).await, "delivered");
    }
    assert_eq!(bench.mailbox().mails().len(), 3);
}

#[tokio::test]
async fn what_the_quota_of_the_day_leaves_over_is_sent_the_next_day_g80() {
    let bench = Bench::start().await;
    bench.mailbox().limit(50.0, 4.0);
    let users = bench.users(6).await;
    for user in &users {
        bench.ask(user).await;
    }
    bench.stack.leave_work();
    for _ in 0..4 {
        bench.stack.round().await.unwrap();
    }
    assert_eq!(bench.mailbox().mails().len(), 4);
    bench.pass(Duration::from_secs(24 * 3600));
    bench.stack.settle().await.unwrap();
    assert_eq!(bench.mailbox().mails().len(), 6);
    let told: std::collections::BTreeSet<String> =
        bench.mailbox().mails().into_iter().flat_map(|mail| mail.to).collect();
    assert_eq!(told.len(), 6);
}

#[tokio::test]
async fn a_mail_that_ses_failed_to_take_is_sent_later_g80() {
    for fault in [Fault::Unavailable, Fault::Failed, Fault::Lost, Fault::NotVerified, Fault::QuotaSpent] {
        let bench = Bench::start().await;
        let ada = bench.user("ada@example.com", |_| {}).await;
        bench.mailbox().fail_next([fault; 3]);
        bench.send(&ada).await;
        assert_eq!(bench.mailbox().mails().len(), 1, "{fault:?}");
        assert_eq!(bench.state(&ada).await, "delivered", "{fault:?}");
        assert!(!bench.left(&ada).await, "{fault:?}");
    }
}

#[tokio::test]
async fn a_mail_whose_answer_was_lost_is_not_sent_again_g80() {
    for fault in [Fault::LostAfter, Fault::FailedAfter] {
        let bench = Bench::start().await;
        let ada = bench.user("ada@example.com", |_| {}).await;
        bench.mailbox().fail_next([fault]);
        bench.send(&ada).await;
        bench.days(1).await;
        assert_eq!(bench.mailbox().mails().len(), 1, "{fault:?}");
        assert_eq!(bench.state(&ada).await, "delivered", "{fault:?}");
        assert_eq!(bench.entries().await.len(), 1, "{fault:?}");
    }
}

/// The one case in which a person may have two mails: SES neither answers nor tells. The link of the
/// first is void then.
#[tokio::test]
async fn a_mail_of_which_ses_says_nothing_at_all_is_sent_again_after_a_while_g80() {
    let bench = Bench::start().await;
    let ada = bench.user("ada@example.com", |_| {}).await;
    bench.mailbox().fail_next([Fault::LostAfter]);
    bench.mailbox().lose_events(true);
    bench.ask(&ada).await;
    bench.stack.leave_work();
    for _ in 0..3 {
        bench.stack.round().await.unwrap();
    }
    bench.pass(Duration::from_secs(14 * 60));
    bench.stack.round().await.unwrap();
    assert_eq!(bench.mailbox().mails().len(), 1, "the event may still come");
    bench.stack.settle().await.unwrap();
    let mails = bench.mailbox().mails();
    assert_eq!(mails.len(), 2);
    let now = bench.stack.clock().now();
    let first = bench.tables().one_time_link(&super::bench::token(&mails[0]).hash()).await.unwrap().unwrap();
    assert_eq!(first.standing(now), shared::one_time::Standing::Superseded);
    assert_eq!(bench.state(&ada).await, "sent");
}

#[tokio::test]
async fn what_ses_refuses_asks_a_person_and_is_given_up_in_the_end() {
    let bench = Bench::start().await;
    let ada = bench.user("ada@example.com", |_| {}).await;
    bench.mailbox().fail_next([Fault::NotVerified; 20]);
    bench.send(&ada).await;
    assert!(bench.mailbox().mails().is_empty() && bench.left(&ada).await);
    let asked = bench.tables().all_attention(None, 10).await.unwrap().attention;
    assert!(asked[0].detail.contains("MessageRejected"), "{}", asked[0].detail);
    // Asked for again, it is tried again.
    bench.mailbox().fail_next([]);
    while bench.mailbox().mails().is_empty() {
        bench.send(&ada).await;
    }
    assert_eq!(bench.mailbox().mails().len(), 1);
}
