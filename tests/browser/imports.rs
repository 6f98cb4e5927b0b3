//! Imports: begun, watched, foreseen and applied.

use crate::console::{Console, at_each_width};

#[tokio::test]
async fn an_import_is_foreseen_looked_through_and_applied() {
    at_each_width(12, async |console: &Console| {
        let browser = &console.browser;
        console.go("imports").await;
        browser.says("No import has ended yet").await;
        console.look("imports-empty").await;
        // Webhooks tell nothing of these.
        console.stack.store().set_past_the_rules(1, "company", "Acme");
        console.stack.store().seed(2, 7);
        browser.press_named("Dry run").await;
        browser.says("It goes on by itself").await;
        console.look("import-under-way").await;
        console.settle().await;
        browser.refresh().await.unwrap();
        browser.says("To apply it").await;
        console.look("import-dry").await;
        browser.press_named("Customer by customer").await;
        browser.element("main .tabs a[href*='verdict=']").await;
        browser.press("tbody summary").await;
        console.look("import-verdicts").await;
        browser.press_named("Apply this").await;
        browser.says("What was done").await;
        console.settle().await;
        browser.refresh().await.unwrap();
        console.look("import").await;
        console.go("imports").await;
        browser.element("tbody a").await;
        console.look("imports").await;
    })
    .await;
}
