//! The page: from the mail to the store's sign-in, and what keeps others out of it.

use reqwest::{StatusCode, header::HeaderMap};
use shared::{
    mail::{Mail, MailId},
    one_time::{Purpose, Standing},
    report::Outcome,
};

use super::{
    bench::link,
    shopper::{GOOD, OTHER, Town},
};

#[tokio::test]
async fn a_shopper_goes_from_the_mail_to_the_store_and_the_old_password_is_over() {
    let town = Town::start().await;
    let (user, application) = (town.user.id.clone(), town.application.id.clone());
    for password in [OTHER, GOOD] {
        let purpose = if password == OTHER {
            Mail::Activation { user: user.clone(), application: application.clone(), wave: None, reminder: 0 }
        } else {
            Mail::Reset { email: town.email(), application: None }
        };
        town.tables().queue_mail(&MailId::random(), &purpose).await.unwrap();
        town.stack.settle().await.unwrap();
        let mail = town.stack.mailbox().mails_to(town.email().as_str()).pop().unwrap();
        let address = link(&mail);
        let shopper = town.shopper();
        let page = shopper.get(address.strip_prefix(town.stack.api()).unwrap()).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER);
        let page = shopper.get("/activate").await;
        assert!(page.says("Choose your password") && page.says("Main Store"), "{}", page.body);
        let done = shopper.set(password).await;
        assert!(done.status.is_success() && done.says("Your password is set"), "{}", done.body);
        town.stack.settle().await.unwrap();
    }
    assert!(town.lets_in(GOOD).await && !town.lets_in(OTHER).await);
    assert_eq!(town.state().await, "verified");
    let entries = town.entries().await;
    assert_eq!(
        entries.iter().map(|entry| (entry.cause.as_str(), entry.outcome)).collect::<Vec<_>>(),
        [("reset", Outcome::Success), ("activation", Outcome::Success)]
    );
    let mails = town.stack.mailbox().mails_to(town.email().as_str());
    assert_eq!(mails.len(), 4, "each of the two is followed by one that says so");
    assert!(!format!("{mails:?}{}", town.dump()).contains(GOOD));
}

#[tokio::test]
async fn a_scanner_that_follows_a_link_changes_nothing_g78() {
    let town = Town::start().await;
    let token = town.link(Purpose::Activation).await;
    let before = town.dump();
    let path = format!("/activate/{}", token.expose());
    for _ in 0..2 {
        assert_eq!(town.shopper().head(&path).await.status, StatusCode::SEE_OTHER);
        assert_eq!(town.shopper().get(&path).await.status, StatusCode::SEE_OTHER);
        let scanner = town.shopper();
        scanner.get(&path).await;
        assert_eq!(scanner.head("/activate").await.status, StatusCode::OK);
    }
    assert_eq!(town.dump(), before);
    let shopper = town.shopper();
    assert_eq!(shopper.open(&token).await.status, StatusCode::OK);
    assert!(shopper.set(GOOD).await.status.is_success());
    town.stack.settle().await.unwrap();
}

#[tokio::test]
async fn a_form_that_is_not_of_this_browser_and_link_is_refused_g79() {
    let town = Town::start().await;
    let shopper = town.invited().await;
    let theirs = town.shopper().get("/activate/forgot").await.form();
    for form in ["", "x", theirs.as_str()] {
        let page = shopper.post("/activate", &[("form", form), ("password", GOOD)]).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{form}");
    }
    let form = shopper.get("/activate").await.form();
    for (name, value) in [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")] {
        let foreign: HeaderMap = [(name.parse().unwrap(), value.parse().unwrap())].into_iter().collect();
        let page = shopper.post_with("/activate", &foreign, &[("form", &form), ("password", GOOD)]).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{name}");
    }
    assert_eq!(town.store_calls(), 0);
    let own: HeaderMap = [("origin".parse().unwrap(), "null".parse().unwrap())].into_iter().collect();
    let page = shopper.post_with("/activate", &own, &[("form", &form), ("password", GOOD)]).await;
    assert_eq!(page.status, StatusCode::OK, "a page without referrer has no origin to tell");
    town.stack.settle().await.unwrap();
}

#[tokio::test]
async fn the_page_keeps_itself_and_its_address_to_itself_g79() {
    let town = Town::start().await;
    let token = town.link(Purpose::Activation).await;
    let shopper = town.shopper();
    let taken = shopper.get(&format!("/activate/{}", token.expose())).await;
    let form = shopper.get("/activate").await;
    let lost = town.shopper().get("/activate/elsewhere/x").await;
    for page in [&taken, &form, &lost] {
        assert_eq!(page.headers["referrer-policy"], "no-referrer");
        assert_eq!(page.headers["cache-control"], "no-store");
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        assert!(
            policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{policy}"
        );
        assert!(!policy.contains("unsafe"), "{policy}");
        assert!(!page.body.contains(token.expose()), "{}", page.body);
    }
    let loaded = form.body.matches("src=\"").count() + form.body.matches("<link").count();
    assert_eq!((loaded, form.body.matches("=\"/activate/").count()), (3, 3), "{}", form.body);
    assert!(!form.body.contains("://"), "nothing comes from elsewhere");
}

#[tokio::test]
async fn the_page_speaks_the_persons_language_and_escapes_the_stores_name_g84() {
    let town = Town::start().await;
    let mut application = town.application.clone();
    application.name = "<b>Main</b> & Store".to_owned();
    town.tables().put_application(&application).await.unwrap();
    let shopper = town.invited().await;
    let page = shopper.get("/activate").await;
    assert!(page.says("&#60;b&#62;Main&#60;/b&#62;") && !page.says("<b>Main"), "{}", page.body);
    let user = town.tables().user(&town.user.id).await.unwrap().unwrap();
    let mut german = user.clone();
    german.attributes.insert("locale".to_owned(), "de-AT".to_owned());
    town.tables().update_user(&user, &german, &[]).await.unwrap();
    let page = shopper.get("/activate").await;
    assert!(page.says("<html lang=\"de\">") && page.says("Neues Passwort"), "{}", page.body);
}

#[tokio::test]
async fn the_opening_of_the_page_is_noted_and_does_not_use_the_link() {
    let town = Town::start().await;
    let mail = Mail::Activation {
        user: town.user.id.clone(),
        application: town.application.id.clone(),
        wave: None,
        reminder: 0,
    };
    town.tables().queue_mail(&MailId::random(), &mail).await.unwrap();
    town.stack.settle().await.unwrap();
    let token = super::bench::token(&town.stack.mailbox().mails().pop().unwrap());
    town.shopper().open(&token).await;
    assert_eq!(town.state().await, "opened");
    let link = town.tables().one_time_link(&token.hash()).await.unwrap().unwrap();
    assert_eq!(link.standing(town.stack.clock().now()), Standing::Open);
}
