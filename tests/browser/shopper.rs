//! The shopper's way: from the mail to the page, and with the new password into the store.

use local::stack::{Options, Stack};
use serde_json::json;
use shared::mail::{Mail, MailId};

use crate::{
    console::store,
    driver::{Browser, DESKTOP, PHONE},
};

const OLD: &str = "umbrella 3 tidal";
const NEW: &str = "mauve otter 7 canal";

/// A shopper who was sent an activation mail.
struct Shopper {
    stack: Stack,
    browser: Browser,
    email: String,
}

impl Shopper {
    async fn invited(width: u32) -> Option<Shopper> {
        let browser = Browser::open(width).await?;
        browser.open_eyes().await;
        let stack = Stack::start(Options { customers: 1, ..Options::default() }).await.unwrap();
        stack.connect(store(), "Main store").await.unwrap();
        stack.settle().await.unwrap();
        let customer = stack.store().customers()[0].id.unwrap();
        let pointers = stack.tables().pointers(&store(), &[customer]).await.unwrap();
        let user = pointers[&customer].user.clone();
        let email = stack.store().customers()[0].email.clone();
        let id = MailId::activation(&store(), &user);
        let mail = Mail::Activation { user, application: store(), wave: None, reminder: 0 };
        stack.tables().queue_mail(&id, &mail).await.unwrap();
        stack.settle().await.unwrap();
        Some(Shopper { stack, browser, email })
    }

    /// Gives the shopper an old password at the store.
    async fn has_had_a_password(&self) {
        let customer = self.stack.store().customers()[0].id.unwrap();
        self.browser.goto(&format!("{}/customers/{customer}", self.stack.store().url())).await.unwrap();
        self.browser.fill("#password", OLD).await;
        self.browser.leave_by("fieldset button").await;
        self.stack.settle().await.unwrap();
        self.sign_in(OLD, "Welcome").await;
    }

    /// The link of the mail.
    fn link(&self) -> String {
        let text = self.stack.mailbox().mails_to(&self.email).remove(0).text;
        text.split_whitespace().find(|word| word.starts_with("http")).unwrap().to_owned()
    }

    /// Opens the mailbox, and in its newest mail the link: it has a window of its own.
    async fn follow_the_link(&self) {
        self.browser.goto(&format!("{}/mailbox", self.stack.mailbox().url())).await.unwrap();
        let frame = self.browser.element("article iframe").await;
        self.browser.look("mailbox").await;
        frame.enter_frame().await.unwrap();
        self.browser.press("a[href*='/activate/']").await;
        let window = self.browser.windows().await.unwrap().pop().unwrap();
        self.browser.switch_to_window(window).await.unwrap();
    }

    /// Signs in at the store, and reads what it says.
    async fn sign_in(&self, password: &str, told: &str) {
        let browser = &self.browser;
        browser.goto(&format!("{}/sign-in", self.stack.store().url())).await.unwrap();
        browser.fill("[name=email]", &self.email).await;
        browser.fill("[name=password]", password).await;
        browser.press("main button").await;
        browser.says(told).await;
    }
}

#[tokio::test]
async fn a_shopper_goes_from_the_mail_to_a_new_password_and_into_the_store() {
    for width in [DESKTOP, PHONE] {
        let Some(shopper) = Shopper::invited(width).await else { return };
        shopper.has_had_a_password().await;
        shopper.follow_the_link().await;
        let browser = &shopper.browser;
        browser.open_eyes().await;
        browser.refresh().await.unwrap();
        browser.says("Choose your password").await;
        let address = browser.current_url().await.unwrap();
        assert_eq!(address.path(), "/activate", "the token has left the address");
        browser.look("activate").await;
        browser.fill("#password", "password12345").await;
        assert_eq!(browser.ask("return document.querySelectorAll('.met').length > 0").await, json!(true));
        browser.press("#show").await;
        assert_eq!(browser.ask("return document.getElementById('password').type").await, json!("text"));
        browser.press("form > button").await;
        browser.says("This password cannot be used yet").await;
        browser.says("It would soon be guessed").await;
        browser.look("activate-refused").await;
        browser.fill("#password", NEW).await;
        browser.press("form > button").await;
        browser.says("Your password is set").await;
        browser.look("activate-done").await;
        shopper.stack.settle().await.unwrap();
        shopper.sign_in(OLD, "is not right").await;
        browser.look("store-sign-in").await;
        shopper.sign_in(NEW, "Welcome").await;
        browser.look("store-signed-in").await;
        browser.goto(&format!("{}/activate", shopper.stack.api())).await.unwrap();
        browser.look("activate-again").await;
        shopper.browser.close().await;
    }
}

#[tokio::test]
async fn a_shopper_whose_browser_loads_no_scripts_sets_a_password_as_well() {
    for width in [DESKTOP, PHONE] {
        let Some(shopper) = Shopper::invited(width).await else { return };
        let browser = &shopper.browser;
        // With scripts switched off, the driver can ask nothing either.
        browser.tell("Network.enable", json!({})).await;
        browser.tell("Network.setBlockedURLs", json!({ "urls": ["*.js"] })).await;
        browser.goto(&shopper.link()).await.unwrap();
        browser.says("Choose your password").await;
        let shows = browser.element("#show").await;
        assert!(!shows.is_displayed().await.unwrap(), "a button that would do nothing is not shown");
        browser.fill("#password", "short").await;
        browser.press("form > button").await;
        browser.says("This password cannot be used yet").await;
        browser.fill("#password", NEW).await;
        browser.press("form > button").await;
        browser.says("Your password is set").await;
        shopper.stack.settle().await.unwrap();
        shopper.sign_in(NEW, "Welcome").await;
        shopper.browser.close().await;
    }
}
