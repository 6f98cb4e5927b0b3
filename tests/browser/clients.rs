//! API clients and their tokens.

use crate::console::{Console, at_each_width};

#[tokio::test]
async fn an_admin_adds_a_client_makes_a_token_that_is_shown_once_and_revokes_it() {
    at_each_width(0, async |console: &Console| {
        let browser = &console.browser;
        console.go("clients").await;
        browser.says("No client yet").await;
        console.look("clients-empty").await;
        browser.fill("#name", "Okta").await;
        browser.fill("#id", "okta").await;
        browser.press_named("Add the client").await;
        browser.says("Without one, the client can do nothing here").await;
        browser.press_named("Make a token").await;
        browser.says("it is kept nowhere").await;
        console.look("client-token").await;
        let token = browser.element("#token").await.text().await.unwrap();
        console.open_at("/admin/clients/okta").await;
        assert!(!browser.source().await.unwrap().contains(&token));
        console.look("client").await;
        browser.press("table summary").await;
        browser.press_named("Revoke the token").await;
        browser.says("opens nothing any more").await;
        console.go("clients").await;
        console.look("clients").await;
    })
    .await;
}
