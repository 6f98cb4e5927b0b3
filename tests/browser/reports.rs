//! The report.

use crate::console::{Console, at_each_width};

const FILTER: &str = "form[role='search'] button";

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
        browser.leave_by(FILTER).await;
        browser.element(&format!("tbody a[href='/admin/users/{}']", user.id)).await;
        browser.press("tbody summary").await;
        browser.says("Steps").await;
        console.look("report-entry").await;
        browser.fill("#identifier", "nobody@example.com").await;
        browser.leave_by(FILTER).await;
        browser.element(".empty").await;
        console.look("reports-none").await;
        browser.leave_by("a[href^='/admin/reports/verify']").await;
        browser.says("held against the seals").await;
        console.look("reports-verify").await;
    })
    .await;
}
