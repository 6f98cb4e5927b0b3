//! Signing in by a mail, the overview, and signing out.

use serde_json::json;

use crate::{
    console::{Console, at_each_width, store},
    driver::{DESKTOP, PHONE},
};

#[tokio::test]
async fn an_operator_signs_in_by_the_link_of_a_mail_and_out_again() {
    for width in [DESKTOP, PHONE] {
        let Some(console) = Console::open(width, 0).await else { return };
        let browser = &console.browser;
        console.open_at("/admin").await;
        browser.says("There is no password").await;
        console.look("sign-in").await;
        browser.fill("#email", "owner@example.com").await;
        browser.press("main button").await;
        browser.says("Look into your mailbox").await;
        console.look("sign-in-sent").await;
        console.settle().await;
        let mail = console.stack.mailbox().mails_to("owner@example.com").remove(0);
        let link = mail.text.split_whitespace().find(|word| word.starts_with("http")).unwrap().to_owned();
        browser.goto(&link).await.unwrap();
        browser.says("One press").await;
        console.look("sign-in-confirm").await;
        browser.press("main button").await;
        browser.says("Connect the first store").await;
        console.look("overview-empty").await;
        browser.ask("document.querySelector('form[action=\"/admin/sign-out\"] button').click()").await;
        browser.says("There is no password").await;
        console.open_at("/admin/users").await;
        browser.says("There is no password").await;
        console.browser.close().await;
    }
}

#[tokio::test]
async fn the_overview_says_how_each_store_does_and_leads_on() {
    at_each_width(12, async |console: &Console| {
        let browser = &console.browser;
        browser.says("Main store").await;
        console.look("overview").await;
        if browser.width == PHONE {
            browser.press(".menu").await;
            console.look("menu").await;
        }
        let users = browser.ask("return document.querySelector('.figure').textContent").await;
        assert_eq!(users, json!("12"));
        browser.press(&format!("main a[href='/admin/applications/{}']", store())).await;
        browser.says("The store, asked just now").await;
        console.open_at("/admin/nowhere").await;
        browser.element("main a.button").await;
        console.look("no-such-page").await;
    })
    .await;
}
