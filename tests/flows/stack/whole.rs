//! The stack as a whole: started, connected, driven and left.

use std::{collections::BTreeMap, time::Duration};

use local::{
    engine::Fault,
    stack::{Options, Stack, Time},
};
use shared::{application::Application, work::Subject};

use super::engine::Folder;

async fn connected(options: Options) -> (Stack, Application) {
    let stack = Stack::start(options).await.unwrap();
    let application = stack.connect("main-store".parse().unwrap(), "Main store").await.unwrap();
    (stack, application)
}

fn kept_in(folder: &Folder) -> Options {
    Options { data: Some(folder.path().join("data")), ..Options::default() }
}

#[tokio::test]
async fn to_connect_again_changes_nothing() {
    let (stack, first) = connected(Options::default()).await;
    let hooks = || async { stack.bigcommerce().store(&first).hooks().await.unwrap() };
    let before = hooks().await;
    let again = stack.connect(first.id.clone(), "Main store").await.unwrap();
    assert_eq!(again.webhook.app_secret.expose(), first.webhook.app_secret.expose());
    assert_eq!(hooks().await, before);
    assert!(!before.is_empty());
}

#[tokio::test]
async fn settled_a_stack_has_looked_at_every_customer() {
    let (stack, _) = connected(Options { customers: 20, ..Options::default() }).await;
    assert_eq!(stack.left().len(), 20);
    stack.settle().await.unwrap();
    assert_eq!(stack.left(), [""; 0]);
    assert_eq!(stack.tables().count_users().await.unwrap(), 20);
}

#[tokio::test]
async fn settling_waits_for_work_that_is_due_later() {
    let (stack, application) = connected(Options { customers: 1, ..Options::default() }).await;
    stack.settle().await.unwrap();
    let customer = stack.store().customers()[0].id.unwrap();
    let subject = Subject::Customer(application.id.clone(), customer);
    let begun = stack.clock().now();
    stack.tables().enqueue(&subject, "users", begun).await.unwrap();
    let work = stack.tables().work(&[subject]).await.unwrap().remove(0);
    let later = begun + Duration::from_secs(3600);
    stack.tables().put_off(&work, later, "the store is closed", false).await.unwrap();
    stack.settle().await.unwrap();
    assert!(stack.clock().now() >= later);
    assert!(stack.clock().now() < later + Duration::from_secs(120));
}

#[tokio::test]
async fn settling_tells_what_it_cannot_bring_to_an_end() {
    let (stack, _) = connected(Options { customers: 1, ..Options::default() }).await;
    stack.killer().kill_some(1, 1.0, 1);
    let unsettled = stack.settle().await.unwrap_err().to_string();
    assert!(unsettled.contains("customer#main-store#1 (survey/first)"), "{unsettled}");
    stack.leave_work();
}

#[tokio::test]
#[should_panic(expected = "the stack was dropped with work left to do")]
async fn a_stack_that_is_left_with_work_to_do_fails_its_test() {
    let (stack, _) = connected(Options { customers: 1, ..Options::default() }).await;
    assert_eq!(stack.left().len(), 1);
}

#[tokio::test]
async fn functions_that_are_killed_at_any_step_leave_nothing_undone() {
    for seed in 0..5 {
        let (stack, _) = connected(Options { customers: 10, ..Options::default() }).await;
        stack.killer().kill_some(seed, 0.7, 60);
        for _ in 0..5 {
            stack.round().await.unwrap();
        }
        stack.killer().rest();
        stack.settle().await.unwrap();
        assert_eq!(stack.tables().count_users().await.unwrap(), 10, "seed {seed}");
    }
}

#[tokio::test]
async fn a_delivery_that_could_not_be_kept_comes_again() {
    let (stack, application) = connected(Options { customers: 1, ..Options::default() }).await;
    stack.settle().await.unwrap();
    stack.engine().gate().fail("UpdateItem", Fault::Unavailable, 1_000);
    let customer = stack.store().customers()[0].id.unwrap();
    let change = BTreeMap::from([("company".to_owned(), serde_json::json!("Analytical Engines"))]);
    let change = shared::bigcommerce::CustomerChange { id: customer, fields: change.into_iter().collect() };
    stack.bigcommerce().store(&application).update_customers(&[change]).await.unwrap();
    stack.round().await.unwrap();
    assert_eq!(stack.store().pending(), 1);
    stack.engine().gate().mend();
    let begun = stack.clock().now();
    stack.settle().await.unwrap();
    assert_eq!(stack.store().pending(), 0);
    assert!(stack.clock().now() >= begun + Duration::from_secs(60));
}

#[tokio::test]
async fn a_second_run_finds_what_the_first_one_kept() {
    let folder = Folder::new();
    let (stack, first) = connected(Options { customers: 3, ..kept_in(&folder) }).await;
    let (address, secret) = (stack.api().to_owned(), first.webhook.app_secret.expose().to_owned());
    stack.settle().await.unwrap();
    stack.save().await.unwrap();
    drop(stack);
    let (stack, second) = connected(kept_in(&folder)).await;
    assert_eq!(stack.store().count(), 3);
    assert_eq!(stack.tables().count_users().await.unwrap(), 3);
    assert_eq!(second.webhook.app_secret.expose(), secret);
    let hooks = stack.bigcommerce().store(&second).hooks().await.unwrap();
    assert!(hooks.iter().all(|hook| hook.destination.starts_with(stack.api())), "{address} {hooks:?}");
    assert!(!hooks.is_empty());
    stack.settle().await.unwrap();
}

#[tokio::test]
async fn a_data_directory_has_one_user_at_a_time() {
    let folder = Folder::new();
    let stack = Stack::start(kept_in(&folder)).await.unwrap();
    let error = Stack::start(kept_in(&folder)).await.err().unwrap();
    let told = std::error::Error::source(&error).unwrap().to_string();
    assert!(told.contains("is in use") && told.contains(&std::process::id().to_string()), "{told}");
    drop(stack);
    Stack::start(kept_in(&folder)).await.unwrap();
}

#[tokio::test]
async fn data_of_another_format_are_refused_with_what_to_do() {
    let folder = Folder::new();
    drop(Stack::start(kept_in(&folder)).await.unwrap());
    for other in [Some("1"), None] {
        let format = folder.path().join("data").join("format");
        match other {
            Some(other) => std::fs::write(&format, other).unwrap(),
            None => std::fs::remove_file(&format).unwrap(),
        }
        let error = Stack::start(kept_in(&folder)).await.err().unwrap();
        let told = std::error::Error::source(&error).unwrap().to_string();
        assert!(told.contains("another version") && told.contains("--data-dir"), "{told}");
    }
}

#[tokio::test]
async fn the_machines_time_cannot_be_settled() {
    let stack = Stack::start(Options { time: Time::Machine, ..Options::default() }).await.unwrap();
    assert_eq!(
        stack.settle().await.unwrap_err().to_string(),
        "the stack could not settle (its time is the machine's)"
    );
}
