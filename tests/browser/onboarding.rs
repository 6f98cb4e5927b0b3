//! Activation mails: who was sent one, sending them, and how they read.

use crate::console::{Console, at_each_width};

#[tokio::test]
async fn an_operator_sends_activation_mails_to_some_and_to_all_and_sees_how_far_they_are() {
    at_each_width(8, async |console: &Console| {
        let browser = &console.browser;
        console.go("onboarding").await;
        browser.press("input[name=user]").await;
        console.look("onboarding").await;
        browser.press_named("Send to the selected").await;
        browser.says("The mails are on their way").await;
        console.look("wave-begun").await;
        console.settle().await;
        assert_eq!(console.stack.mailbox().mails().len(), 1);
        console.go("onboarding").await;
        browser.press_named("To all who never set a password").await;
        console.look("onboarding-to-all").await;
        browser.press_named("Send the mails").await;
        browser.says("The mails are on their way").await;
        console.settle().await;
        browser.refresh().await.unwrap();
        browser.says("were sent a mail within the last day").await;
        console.look("wave").await;
        assert_eq!(console.stack.mailbox().mails().len(), 8);
    })
    .await;
}

#[tokio::test]
async fn an_admin_rewords_a_mail_sees_it_as_its_reader_and_sends_a_test() {
    at_each_width(1, async |console: &Console| {
        let browser = &console.browser;
        console.go("onboarding").await;
        browser.press_named("Mails and wording").await;
        browser.says("Look and times").await;
        console.look("mails").await;
        browser.press("main a[href$='/mails/activation/en']").await;
        browser.says("This is the standard wording").await;
        browser.fill("#subject", "Welcome to {store}").await;
        browser.press_named("Save").await;
        browser.says("This wording is the application's own").await;
        browser.says("Welcome to Main store").await;
        console.look("mail-wording").await;
        browser.fill("#email", "grace@example.com").await;
        browser.press_named("Send the test").await;
        browser.says("A test is on its way to grace@example.com").await;
        console.settle().await;
        assert_eq!(console.stack.mailbox().mails_to("grace@example.com").len(), 1);
        browser.press_named("Back to the standard wording").await;
        browser.says("This is the standard wording").await;
    })
    .await;
}
