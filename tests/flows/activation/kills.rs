//! The function dies at any of its steps: the mail arrives, and once.

use local::mailbox::Fault;
use shared::activation::Selection;

use super::bench::Bench;

#[tokio::test]
async fn a_mail_arrives_once_wherever_the_function_dies_g80() {
    let bench = Bench::start().await;
    let (killer, mut survived) = (bench.stack.killer(), 0);
    for polls in 0..400 {
        let user = bench.user(&format!("user-{polls}@example.com"), |_| {}).await;
        let before = killer.deaths().len();
        killer.kill_next(polls);
        bench.send(&user).await;
        killer.rest();
        let mails = bench.mailbox().mails_to(&format!("user-{polls}@example.com"));
        assert_eq!(mails.len(), 1, "killed after {polls} polls");
        assert_eq!(bench.state(&user).await, "delivered", "killed after {polls} polls");
        assert!(!bench.left(&user).await, "killed after {polls} polls");
        survived = if killer.deaths().len() == before { survived + 1 } else { 0 };
        if survived == 3 {
            return;
        }
    }
    panic!("the function never lived to its end");
}

#[tokio::test]
async fn nobody_has_two_mails_of_a_wave_however_often_the_function_dies_g80() {
    let bench = Bench::start().await;
    let users = bench.users(25).await;
    bench.mailbox().fail_next([Fault::LostAfter, Fault::TooFast, Fault::Unavailable, Fault::FailedAfter]);
    bench.stack.killer().kill_some(7, 0.7, 120);
    let wave = bench.begin(Selection::NeverSet).await;
    for _ in 0..12 {
        bench.stack.round().await.unwrap();
        bench.pass(std::time::Duration::from_secs(61));
    }
    bench.stack.killer().rest();
    bench.stack.settle().await.unwrap();
    assert!(!bench.stack.killer().deaths().is_empty());
    for (n, user) in users.iter().enumerate() {
        assert_eq!(bench.mailbox().mails_to(&format!("user-{n}@example.com")).len(), 1, "user-{n}");
        assert_eq!(bench.state(user).await, "delivered", "user-{n}");
    }
    assert_eq!(bench.wave(&wave).await.counts.queued, 25);
}
