//! The list of operators, and the log of what was changed.

use crate::console::{Console, at_each_width};

#[tokio::test]
async fn an_owner_adds_an_operator_and_takes_them_away_and_both_stand_in_the_log() {
    at_each_width(0, async |console: &Console| {
        let browser = &console.browser;
        console.go("operators").await;
        browser.fill("#email", "grace@example.com").await;
        browser.choose("#role", "admin").await;
        browser.press_named("Save").await;
        browser.says("grace@example.com").await;
        console.look("operators").await;
        let row = "tr:has([action*='grace'])";
        browser.press(&format!("{row} summary")).await;
        browser.says("Nobody can sign in with this address").await;
        console.look("operators-remove").await;
        browser.press(&format!("{row} .sure button")).await;
        browser.says("grace@example.com can sign in no more").await;
        assert!(browser.find_all(fantoccini::Locator::Css(row)).await.unwrap().is_empty());
        console.go("changes").await;
        browser.says("operator grace@example.com").await;
        console.look("changes").await;
    })
    .await;
}
