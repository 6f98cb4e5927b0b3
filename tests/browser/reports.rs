//! The report.

use crate::console::{Console, at_each_width};

#[tokio::test]
async fn a_report_is_narrowed_to_one_person_and_a_row_is_opened() {
    at_each_width(30, async |console: &Console| {
        let browser = &console.browser;
        console.go("reports").await;
        browser.element("tbody summary").await;
        browser.element("svg.chart").await;
        browser.press_named("As a table").await;
        console.look("reports").await;
        let user = console.user(1).await;
        browser.fill("#identifier", &user.user_name).await;
        browser.press_named("Filter").await;
        browser.element(&format!("tbody a[href='/admin/users/{}']", user.id)).await;
        browser.press("tbody summary").await;
        browser.says("Steps").await;
        console.look("report-entry").await;
        browser.fill("#identifier", "nobody@example.com").await;
        browser.press_named("Filter").await;
        browser.element(".empty").await;
        console.look("reports-none").await;
    })
    .await;
}
