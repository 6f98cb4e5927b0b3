//! Users: found, made, changed, deleted; and many at once.

use crate::console::{Console, at_each_width};

#[tokio::test]
async fn a_user_is_made_changed_looked_at_and_deleted() {
    at_each_width(1, async |console: &Console| {
        let browser = &console.browser;
        console.go("users").await;
        browser.press_named("New user").await;
        browser.says("Postal addresses").await;
        console.look("user-new").await;
        browser.fill("#userName", "grace@example.com").await;
        browser.fill("[name='name.givenName']", "Grace").await;
        browser.fill("[name='name.familyName']", "Hopper").await;
        browser.fill("#email-0", "grace@example.com").await;
        browser.press_named("Save").await;
        browser.says("The user was created").await;
        console.settle().await;
        browser.refresh().await.unwrap();
        browser.says("Last in step").await;
        console.look("user").await;
        browser.press_named("What would be done now").await;
        browser.says("both sides are in step").await;
        console.look("user-trace").await;
        browser.press_named("Provision now").await;
        browser.says("A look at this user was asked for").await;
        console.settle().await;
        browser.says("No look is waiting for its turn").await;
        browser.press("main a[href^='/admin/users/']").await;
        browser.press_named("Edit").await;
        browser.says("Postal addresses").await;
        console.look("user-edit").await;
        browser.fill("[name='name.givenName']", "Grace Brewster").await;
        browser.press_named("Save").await;
        browser.says("Grace Brewster Hopper").await;
        browser.press_named("Delete").await;
        browser.says("This cannot be undone").await;
        console.look("user-delete").await;
        browser.press("main button.danger").await;
        browser.says("The user was deleted").await;
        console.settle().await;
        assert_eq!(console.stack.store().count(), 1);
    })
    .await;
}

#[tokio::test]
async fn users_are_searched_and_picked_over_pages_and_changed_at_once() {
    at_each_width(60, async |console: &Console| {
        let browser = &console.browser;
        console.go("users").await;
        console.look("users").await;
        browser.fill("#q", "nobody at all").await;
        browser.press_named("Search").await;
        browser.says("Nobody is found").await;
        console.look("users-none").await;
        console.open_at("/admin/users").await;
        browser.press("tbody input[name=user]").await;
        browser.press_named("Next page").await;
        browser.says("(1 on other pages)").await;
        browser.press("tbody input[name=user]").await;
        browser.press("button[value=deactivate]").await;
        browser.says("2 users, picked one by one").await;
        console.look("users-change").await;
        browser.press("main form button.primary").await;
        browser.says("2 done").await;
        console.look("users-changed").await;
        console.settle().await;
        console.open_at("/admin/users/bulk").await;
        browser.says("What was done to many users at once").await;
        console.look("users-changes").await;
        console.open_at("/admin/users?status=inactive").await;
        let rows = browser.find_all(fantoccini::Locator::Css("tbody tr")).await.unwrap();
        assert_eq!(rows.len(), 2);
        console.open_at("/admin/users").await;
        browser.press("input[value=matching]").await;
        browser.press_named("Send activation mail").await;
        browser.says("In the name of").await;
        console.look("users-invite").await;
    })
    .await;
}
