//! Profile fields.

use crate::console::{Console, at_each_width};

#[tokio::test]
async fn an_admin_defines_a_profile_field_renames_it_and_removes_it() {
    at_each_width(1, async |console: &Console| {
        let browser = &console.browser;
        console.go("profile-fields").await;
        console.look("profile-fields").await;
        browser.fill("#name", "size").await;
        browser.fill("#label", "Size").await;
        browser.press_named("Define").await;
        browser.says("fields.size").await;
        console.look("profile-field").await;
        browser.fill("#label", "Shirt size").await;
        browser.press_named("Save").await;
        browser.says("The profile field was changed").await;
        browser.press_named("Remove the field").await;
        browser.press_named("Remove it").await;
        browser.says("Define a field").await;
        console.open_at("/admin/profile-fields/size").await;
        browser.element("main a.button").await;
        console.go("profile-fields").await;
        browser.fill("#name", "no good").await;
        browser.leave_by("form[action='/admin/profile-fields'] button").await;
        console.look("profile-field-refused").await;
    })
    .await;
}
