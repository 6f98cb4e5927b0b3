//! The attribute mapping of a store: draft, trial on one user and on everyone, live, history.

use crate::console::{Console, at_each_width, store};

#[tokio::test]
async fn a_mapping_is_edited_tried_on_one_user_and_on_everyone_and_made_live() {
    at_each_width(4, async |console: &Console| {
        let browser = &console.browser;
        console.open_at(&format!("/admin/applications/{}", store())).await;
        browser.press(".tabs a[href$='/mapping']").await;
        browser.says("Save the draft").await;
        console.look("mapping").await;
        browser.fill("tr:has([name=field][value=company]) [name=toStore]", "uper").await;
        browser.press_named("Save the draft").await;
        browser.says("is no transform").await;
        console.look("mapping-refused").await;
        browser.fill("tr:has([name=field][value=company]) [name=toStore]", "constant=Acme").await;
        browser.press_named("Save the draft").await;
        browser.says("not live").await;
        console.look("mapping-draft").await;
        browser.press_named("Test on one user").await;
        browser.says("Choose a user").await;
        browser.fill("#user", "1").await;
        browser.press_named("Test").await;
        browser.says("The customer is updated.").await;
        console.look("mapping-test").await;
        what_if(console).await;
        browser.fill("#note", "One company for all.").await;
        browser.press_named("Make live").await;
        browser.says("What changes from now on is mapped by it").await;
        browser.press_named("History").await;
        browser.says("One company for all.").await;
        console.look("mapping-history").await;
        browser.press("tbody a[href$='/history/1']").await;
        browser.says("Version 1 of the mapping").await;
        console.look("mapping-version").await;
        console.settle().await;
    })
    .await;
}

/// Tries the draft on everyone, and comes back to it.
async fn what_if(console: &Console) {
    let here = format!("/admin/applications/{}/mapping", store());
    console.open_at(&here).await;
    console.browser.press_named("What would it do to everyone?").await;
    console.browser.says("The run tells what the draft would do to everyone").await;
    console.settle().await;
    console.browser.refresh().await.unwrap();
    console.browser.says("Customer by customer").await;
    console.look("mapping-what-if").await;
    console.open_at(&here).await;
    console.browser.says("not live").await;
}
