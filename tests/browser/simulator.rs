//! The simulated store, as a shopper and a merchant meet it.

use local::stack::{Options, Stack};

use crate::driver::{Browser, DESKTOP, PHONE};

#[tokio::test]
async fn the_store_shows_its_customers_and_lets_nobody_in_who_is_not_known() {
    for width in [DESKTOP, PHONE] {
        let Some(browser) = Browser::open(width).await else { return };
        browser.open_eyes().await;
        let stack = Stack::start(Options { customers: 30, ..Options::default() }).await.unwrap();
        browser.goto(&stack.store().url()).await.unwrap();
        browser.says("30 customers").await;
        browser.look("store-customers").await;
        browser.press("tbody a").await;
        browser.says("Login access").await;
        browser.look("store-customer").await;
        browser.goto(&format!("{}/sign-in", stack.store().url())).await.unwrap();
        browser.fill("[name=email]", "nobody@example.com").await;
        browser.fill("[name=password]", "wrong password 1").await;
        browser.press("main button").await;
        browser.says("is not right").await;
        browser.look("store-sign-in-refused").await;
        browser.close().await;
    }
}
