//! Imports: foreseen, applied, watched while they move, and stopped by the brake.

use local::bigcommerce::{Fault, FaultKind};

use crate::console::{Console, at_each_width, store};

#[tokio::test]
async fn an_import_is_foreseen_applied_and_watched() {
    at_each_width(3, async |console: &Console| {
        let browser = &console.browser;
        console.go("imports").await;
        browser.says("No import has ended yet").await;
        console.look("imports").await;
        browser.press(".cards summary").await;
        browser.fill(&format!("#hours-{}", store()), "24").await;
        browser.press_named("Save").await;
        browser.says("The schedules are saved").await;
        console.stack.store().faults([Fault::new(FaultKind::LoseWebhook)]);
        console.stack.store().seed(4, 9);
        browser.press_named("Dry run").await;
        browser.says("Under way").await;
        console.look("import-under-way").await;
        console.settle().await;
        // The page that is open finds out by itself.
        browser.says("Apply this").await;
        console.look("import-foreseen").await;
        browser.press("a[href$='verdicts?verdict=create']").await;
        browser.press("tbody summary").await;
        console.look("import-verdicts").await;
        browser.press_named("Apply this").await;
        browser.says("The import has begun").await;
        console.settle().await;
        browser.says("In the report").await;
        browser.element(".badge.good").await;
        console.look("import-done").await;
        assert_eq!(console.stack.tables().count_users().await.unwrap(), 7);
        console.go("imports").await;
        browser.element("tbody .badge.good").await;
        console.look("imports-ended").await;
    })
    .await;
}

#[tokio::test]
async fn deletions_that_the_brake_stopped_are_let_pass_by_who_was_asked() {
    at_each_width(20, async |console: &Console| {
        let (browser, stack) = (&console.browser, &console.stack);
        let application = stack.tables().application(&store()).await.unwrap().unwrap();
        let ids: Vec<_> = stack.store().customers().iter().filter_map(|customer| customer.id).collect();
        stack.store().faults([Fault::new(FaultKind::LoseWebhook)]);
        for ids in ids.chunks(10) {
            stack.bigcommerce().store(&application).delete_customers(ids).await.unwrap();
        }
        console.settle().await;
        console.go("imports").await;
        browser.press_named("Import").await;
        browser.says("Under way").await;
        console.settle().await;
        browser.says("Asks for you").await;
        browser.says("20 of 20 customers").await;
        browser.press("details.confirm summary").await;
        console.look("import-braked").await;
        browser.press_named("Yes, they are gone").await;
        browser.says("goes on, and the users").await;
        console.settle().await;
        browser.element(".badge.good").await;
        assert_eq!(stack.tables().count_users().await.unwrap(), 0);
    })
    .await;
}
