//! The page's function dies at any step: the link still works, and what is told is told.

use std::time::Duration;

use reqwest::StatusCode;
use shared::one_time::Purpose;

use super::shopper::{GOOD, Town};

#[tokio::test]
async fn whoever_was_answered_nothing_tries_again_and_comes_through() {
    let town = Town::start().await;
    let killer = town.stack.killer_of_requests();
    let mut died = 0;
    for seed in 0..24 {
        let password = format!("{GOOD} {seed}");
        let shopper = town.shopper();
        shopper.open(&town.link(Purpose::Reset).await).await;
        let form = shopper.get("/activate").await.form();
        let fields = [("form", form.as_str()), ("password", password.as_str())];
        killer.kill_some(seed, 1.0, 24);
        let first = shopper.post("/activate", &fields).await;
        killer.rest();
        if first.status == StatusCode::INTERNAL_SERVER_ERROR {
            died += 1;
            // Longer than a link is held.
            town.pass(Duration::from_secs(61));
            let second = shopper.post("/activate", &fields).await;
            let done = second.status == StatusCode::OK || second.says("was used");
            assert!(done, "{seed}: {second:?}");
        } else {
            assert_eq!(first.status, StatusCode::OK);
        }
        town.stack.settle().await.unwrap();
        assert!(town.lets_in(&password).await, "{seed}");
        assert_eq!(town.state().await, "verified");
    }
    let mails = town.stack.mailbox().mails().len();
    assert!(died >= 8, "only {died} died: {:?}", killer.deaths());
    assert!(mails >= 24, "each password that is set is confirmed by mail: {mails}");
    town.stack.leave_work();
}
