//! A store that does not go on from where a page ended, or gives shorter pages than it was asked for.

use std::{collections::BTreeSet, time::Duration};

use local::{
    bigcommerce::{Entry, Fault, FaultKind},
    stack::Stack,
};
use shared::{
    application::Application,
    bigcommerce::{Customer, CustomerId, NewCustomer},
    survey::{Occasion, Survey, Surveyor},
    sync::Engine,
};

use super::{PAGE, in_step, pass};

/// Walks all of a store that is in step but for one customer of each page; how the walk ended.
async fn walk(stack: &Stack, application: &Application) -> Survey {
    let differing: Vec<CustomerId> = ids(stack).into_iter().step_by(PAGE).collect();
    let before = stack.store().calls().total();
    for id in &differing {
        stack.store().set_past_the_rules(id.get(), "last_name", &format!("Engine {before}"));
    }
    let engine = Engine::new(stack.tables().clone(), stack.bigcommerce().clone(), stack.clock().clone());
    let surveyor = Surveyor { engine: &engine, application, everyone: false };
    let (mut survey, until) = (Survey::new(Occasion::Periodic), stack.clock().now() + super::DAY);
    for _ in 0..4 * stack.store().count() / PAGE {
        survey = surveyor.step(&survey, until).await.unwrap();
        // As it is kept between wakes.
        survey = serde_json::from_value(serde_json::to_value(&survey).unwrap()).unwrap();
        if survey.finished {
            let left = stack.left();
            let noted = |id: &CustomerId| left.iter().any(|row| row.contains(&format!("#{id} ")));
            assert!(left.len() == differing.len() && differing.iter().all(noted), "{left:?}");
            stack.settle().await.unwrap();
            return survey;
        }
    }
    panic!("the walk goes on and on: {survey:?}");
}

fn ids(stack: &Stack) -> BTreeSet<CustomerId> {
    stack.store().customers().iter().filter_map(|customer| customer.id).collect()
}

/// Everybody was seen, and nobody twice.
fn saw_everybody(stack: &Stack, survey: &Survey) {
    let count = stack.store().count() as u64;
    let differing = count.div_ceil(PAGE as u64);
    assert_eq!(
        (survey.seen, survey.known, survey.gone, survey.noted, survey.total),
        (count, count, 0, differing, Some(count))
    );
}

/// A store whose customers came one after the other, three minutes between any two.
async fn grown() -> (Stack, Application) {
    let (stack, application) = in_step(0).await;
    let client = stack.bigcommerce().store(&application);
    for n in 0..60 {
        let customer = Customer {
            email: format!("grown{n}@x.example"),
            first_name: "Ada".to_owned(),
            last_name: "King".to_owned(),
            ..Customer::default()
        };
        client.create_customers(&[NewCustomer { customer, new_password: None }]).await.unwrap();
        pass(&stack, Duration::from_secs(180));
    }
    stack.settle().await.unwrap();
    (stack, application)
}

/// Pages are short, and so many calls of the walk have their cursor refused, from the first on.
fn refuse(stack: &Stack, status: u16, times: Option<u32>) {
    stack.store().clear_faults();
    stack.store().faults([Fault::new(FaultKind::ShortPages { most: PAGE }).on("GET /v3/customers")]);
    let refused = Fault::new(FaultKind::RefuseCursor { status }).on("GET /v3/customers");
    stack.store().faults([Fault { times, ..refused }]);
}

/// How the pages of customers were asked for: the parameters that say which, and the answers.
fn asked(stack: &Stack) -> Vec<(String, u16)> {
    let page = |entry: Entry| match entry {
        Entry::Call { endpoint, uri, status, .. } if endpoint == "GET /v3/customers" => {
            let which = uri
                .split(['?', '&'])
                .filter(|pair| ["after=", "page=", "date_created"].iter().any(|name| pair.starts_with(name)));
            let which: Vec<&str> = which.map(|pair| pair.split('=').next().unwrap()).collect();
            Some((which.join("+"), status.unwrap()))
        }
        _ => None,
    };
    stack.store().log().into_iter().filter_map(page).collect()
}

#[tokio::test]
async fn a_cursor_that_expired_is_gone_around_by_the_date_and_nothing_is_walked_again_g69() {
    let (stack, application) = grown().await;
    for status in [400, 422] {
        refuse(&stack, status, Some(3));
        let before = asked(&stack).len();
        let survey = walk(&stack, &application).await;
        saw_everybody(&stack, &survey);
        let asked = asked(&stack).split_off(before);
        let walked: Vec<(&str, u16)> = asked.iter().map(|(which, status)| (&**which, *status)).collect();
        let around = "date_created%3Amin";
        let on = "date_created%3Amin+after";
        assert_eq!(walked[..4], [("", 200), ("after", status), (around, 200), (on, 200)]);
        assert!(walked[4..8].iter().all(|page| *page == (on, 200)), "{walked:?}");
    }
}

#[tokio::test]
async fn a_store_that_refuses_every_cursor_is_walked_from_date_to_date_g69() {
    let (stack, application) = grown().await;
    refuse(&stack, 422, None);
    let before = stack.store().calls().of("GET /v3/customers");
    let survey = walk(&stack, &application).await;
    saw_everybody(&stack, &survey);
    let pages = stack.store().count() as u64 / PAGE as u64;
    let calls = stack.store().calls().of("GET /v3/customers") - before;
    assert!(calls <= 3 * pages, "a call for a page, one refused, and the looks at what differs: {calls}");
}

#[tokio::test]
async fn a_store_whose_dates_tell_nothing_is_begun_again_and_nobody_is_counted_twice_g69() {
    let (stack, application) = in_step(60).await;
    for times in [Some(2), Some(4), None] {
        refuse(&stack, 422, times);
        let survey = walk(&stack, &application).await;
        saw_everybody(&stack, &survey);
    }
}

#[tokio::test]
async fn what_goes_around_a_cursor_still_finds_who_is_gone_g69() {
    let (stack, application) = grown().await;
    let gone: Vec<CustomerId> = ids(&stack).into_iter().skip(15).step_by(20).collect();
    stack.store().faults([Fault::new(FaultKind::LoseWebhook)]);
    stack.bigcommerce().store(&application).delete_customers(&gone).await.unwrap();
    refuse(&stack, 422, None);
    super::a_day_later(&stack).await;
    stack.store().clear_faults();
    assert_eq!(gone.len(), 3);
    assert_eq!(stack.tables().count_users().await.unwrap(), 57);
}

#[tokio::test]
async fn pages_of_50_though_250_are_asked_for_are_walked_to_the_last_g69() {
    let (stack, application) = in_step(120).await;
    stack.store().faults([Fault::new(FaultKind::ShortPages { most: 50 })]);
    let before = stack.store().calls().of("GET /v3/customers");
    super::a_day_later(&stack).await;
    assert_eq!(stack.store().calls().of("GET /v3/customers") - before, 3);
    let survey = walk(&stack, &application).await;
    assert_eq!((survey.seen, survey.known, survey.gone), (120, 120, 0));
}
