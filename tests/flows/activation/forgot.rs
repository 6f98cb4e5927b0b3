//! Asking for a link by e-mail address: what is told, how often it works, and what is not taken.

use std::time::Duration;

use reqwest::{StatusCode, header::HeaderMap};

use super::shopper::Town;

#[tokio::test]
async fn known_unknown_and_disabled_addresses_are_answered_alike_g75() {
    let town = Town::start().await;
    let known = town.email();
    let mut answers = Vec::new();
    for address in [known.as_str(), "nobody@example.com", "disabled@example.com"] {
        if address.starts_with("disabled") {
            let user = town.tables().user(&town.user.id).await.unwrap().unwrap();
            let mut disabled = user.clone();
            disabled.active = false;
            disabled.emails[0].value = shared::secret::EmailAddress::new(address);
            town.tables().update_user(&user, &disabled, &[]).await.unwrap();
        }
        let shopper = town.shopper();
        let form = shopper.get("/activate/forgot").await.form();
        town.stack.engine().gate().forget_calls();
        let page = shopper.post("/activate/forgot", &[("form", &form), ("email", address)]).await;
        let headers: Vec<String> = page.headers.keys().map(|name| name.to_string()).collect();
        answers.push((page.status, page.body, headers, town.stack.engine().gate().calls()));
        town.stack.settle().await.unwrap();
    }
    assert_eq!(answers[0].0, StatusCode::OK);
    assert!(
        answers.iter().all(|answer| *answer == answers[0]),
        "the same steps, the same answer: {answers:#?}"
    );
    assert_eq!(town.stack.mailbox().mails().len(), 1, "only who is there is sent a mail");
    town.stack.leave_work();
}

#[tokio::test]
async fn an_address_is_sent_one_mail_in_ten_minutes_and_is_never_locked_out_g76() {
    let town = Town::start().await;
    let address = town.email();
    let shopper = town.shopper();
    let first = shopper.forgot(address.as_str()).await;
    for spelled in [address.as_str().to_uppercase(), format!(" {address} ", address = address.as_str())] {
        let again = shopper.forgot(&spelled).await;
        assert_eq!((again.status, again.body), (first.status, first.body.clone()));
    }
    town.stack.settle().await.unwrap();
    assert_eq!(town.stack.mailbox().mails_to(address.as_str()).len(), 1);
    town.pass(Duration::from_secs(600));
    assert_eq!(shopper.forgot(address.as_str()).await.status, StatusCode::OK);
    town.stack.settle().await.unwrap();
    assert_eq!(town.stack.mailbox().mails_to(address.as_str()).len(), 2);
}

#[tokio::test]
async fn a_network_that_asks_all_the_time_is_told_when_to_come_back_g76() {
    let town = Town::start().await;
    let shopper = town.shopper();
    let form = shopper.get("/activate/forgot").await.form();
    let mut taken = 0;
    for n in 0..40 {
        let address = format!("somebody-{n}@example.com");
        let page = shopper.post("/activate/forgot", &[("form", &form), ("email", &address)]).await;
        match page.status {
            StatusCode::OK => taken += 1,
            status => {
                assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
                let wait: u64 = page.headers["retry-after"].to_str().unwrap().parse().unwrap();
                assert!((1..=600).contains(&wait), "{wait}");
            }
        }
    }
    assert_eq!(taken, 30);
    town.pass(Duration::from_secs(600));
    assert_eq!(shopper.forgot("somebody@example.com").await.status, StatusCode::OK);
    town.stack.settle().await.unwrap();
    assert!(town.stack.mailbox().mails().is_empty());
}

#[tokio::test]
async fn whatever_is_not_one_address_is_refused_and_no_header_leads_a_link_elsewhere_g77() {
    let town = Town::start().await;
    let address = town.email();
    let shopper = town.shopper();
    let form = shopper.get("/activate/forgot").await.form();
    let known = address.as_str();
    for email in [
        "",
        "a@x.example,b@y.example",
        "a@x.example\0b",
        "a@x.example\r\ncc: b@y.example",
        &format!("{known},evil@x.example"),
        &format!("{known}\r\nbcc: evil@x.example"),
    ] {
        let page = shopper.post("/activate/forgot", &[("form", &form), ("email", email)]).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{email:?}");
    }
    let twice = [("form", form.as_str()), ("email", known), ("email", "evil@x.example")];
    assert_eq!(shopper.post("/activate/forgot", &twice).await.status, StatusCode::BAD_REQUEST);
    let next = [("form", form.as_str()), ("email", known), ("next", "//evil.example")];
    assert_eq!(shopper.post("/activate/forgot", &next).await.status, StatusCode::BAD_REQUEST);
    let evil: HeaderMap =
        [("x-forwarded-host", "evil.example"), ("forwarded", "host=evil.example"), ("host", "evil.example")]
            .into_iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect();
    let fields = [("form", form.as_str()), ("email", known)];
    let page = shopper.post_with("/activate/forgot", &evil, &fields).await;
    assert!(page.status == StatusCode::OK && !page.says("evil"), "{}", page.body);
    town.stack.settle().await.unwrap();
    let mails = town.stack.mailbox().mails();
    assert_eq!((mails.len(), mails[0].to.as_slice()), (1, [known.to_owned()].as_slice()));
    assert!(super::bench::link(&mails[0]).starts_with(&format!("{}/activate/", town.stack.api())));
    assert!(!format!("{mails:?}").contains("evil"));
}
