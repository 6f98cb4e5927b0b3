//! Connecting a store, its policies, its webhooks, and letting it go.

use crate::{
    console::{Console, at_each_width, store},
    driver::{DESKTOP, PHONE},
};

#[tokio::test]
async fn a_store_is_connected_once_the_values_of_its_account_work() {
    for width in [DESKTOP, PHONE] {
        let Some(console) = Console::open(width, 3).await else { return };
        let browser = &console.browser;
        console.sign_in().await;
        console.go("applications").await;
        console.look("applications-empty").await;
        browser.press_named("Connect a store").await;
        browser.says("Make the API account at the store").await;
        console.look("connect").await;
        let account = console.stack.store().account();
        let typed = [
            ("#name", "Our shop"),
            ("#id", "shop"),
            ("#storeHash", &account.store_hash),
            ("#clientId", &account.client_id),
            ("#clientSecret", account.client_secret.expose()),
        ];
        for (field, text) in typed {
            browser.fill(field, text).await;
        }
        browser.fill("#accessToken", "wrong").await;
        browser.press_named("Try and connect").await;
        browser.says("refuses the access token").await;
        console.look("connect-refused").await;
        browser.fill("#clientSecret", account.client_secret.expose()).await;
        browser.fill("#accessToken", account.access_token.expose()).await;
        browser.press_named("Try and connect").await;
        browser.says("The store, asked just now").await;
        console.look("application").await;
        console.go("applications").await;
        console.look("applications").await;
        console.stack.watch().await.unwrap();
        console.settle().await;
        assert_eq!(console.stack.tables().count_users().await.unwrap(), 3);
        console.browser.close().await;
    }
}

#[tokio::test]
async fn policies_are_kept_or_refused_where_they_stand_and_a_scope_is_tried_first() {
    at_each_width(3, async |console: &Console| {
        let browser = &console.browser;
        console.open_at(&format!("/admin/applications/{}/policies", store())).await;
        browser.fill("#scope", "userName eq").await;
        browser.press_named("Save the policies").await;
        browser.says("Nothing was saved").await;
        console.look("policies-refused").await;
        browser.fill("#scope", "active eq true").await;
        browser.choose("#authority", "store").await;
        browser.press_named("Save the policies").await;
        browser.says("The policies are saved").await;
        console.open_at(&format!("/admin/applications/{}/policies", store())).await;
        console.look("policies").await;
        browser.press_named("See who is in the saved scope").await;
        browser.says("What it would be for").await;
        console.look("scope").await;
        console.settle().await;
    })
    .await;
}

#[tokio::test]
async fn webhooks_are_set_up_again_and_a_store_is_paused_and_let_go() {
    at_each_width(1, async |console: &Console| {
        let browser = &console.browser;
        let here = format!("/admin/applications/{}", store());
        console.open_at(&here).await;
        browser.choose("#signature", "require").await;
        browser.press_named("Set up again and try").await;
        browser.element("main [role=status]").await;
        console.settle().await;
        browser.press_named("Pause").await;
        browser.says("What changes at either side waits").await;
        console.look("application-paused").await;
        browser.press_named("Go on").await;
        browser.says("what changes meanwhile waits").await;
        browser.press(".tabs a[href$='/credentials']").await;
        browser.says("The new account is tried").await;
        console.look("credentials").await;
        console.open_at(&here).await;
        browser.press_named("Disconnect…").await;
        browser.fill("#sure", store().as_str()).await;
        console.look("disconnect").await;
        browser.press_named("Disconnect the store").await;
        browser.says("No store is connected").await;
    })
    .await;
}
