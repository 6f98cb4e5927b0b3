//! The simulated store, as a shopper meets it.

use local::stack::{Options, Stack};

use crate::driver::{Browser, DESKTOP, PHONE};

#[tokio::test]
async fn a_shopper_who_is_not_known_is_told_so_at_the_store() {
    for width in [DESKTOP, PHONE] {
        let Some(browser) = Browser::open(width).await else { return };
        let stack = Stack::start(Options::default()).await.unwrap();
        browser.goto(&format!("{}/sign-in", stack.store().url())).await.unwrap();
        browser.fill("[name=email]", "nobody@example.com").await;
        browser.fill("[name=password]", "wrong password 1").await;
        browser.press("main button").await;
        browser.says("is not right").await;
        browser.picture("store-sign-in").await;
        browser.close().await;
    }
}
