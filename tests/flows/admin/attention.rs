//! What asks for a person, and what mends it.

use local::stack::{Options, Stack};
use reqwest::Method;
use serde_json::json;
use shared::{
    application::{ApplicationId, Brake, Policies},
    operator::Role,
    report::{Attention, AttentionKind},
    store::Way,
    user::UserId,
    work::Subject,
};

use super::asking::{Person, form, sent, started};

const HERE: &str = "/admin/attention";

fn shop() -> ApplicationId {
    "shop".parse().unwrap()
}

async fn raised(stack: &Stack, kind: AttentionKind, about: &str, waiting: Vec<Subject>) {
    let attention = Attention {
        about: about.to_owned(),
        kind,
        application: shop(),
        since: stack.clock().now(),
        detail: format!("Look at {about}."),
        waiting,
    };
    stack.tables().raise(&attention).await.unwrap();
}

async fn dead(stack: &Stack, user: &str) -> Subject {
    let subject = Subject::User(UserId::from(user.to_owned()));
    stack.tables().enqueue(&subject, "users", stack.clock().now()).await.unwrap();
    let row = stack.tables().work(std::slice::from_ref(&subject)).await.unwrap().remove(0);
    stack.tables().put_off(&row, stack.clock().now(), "the store said no", true).await.unwrap();
    raised(stack, AttentionKind::Dead, &subject.to_string(), vec![subject.clone()]).await;
    subject
}

#[tokio::test]
async fn dead_work_is_tried_again_with_one_press_and_asks_for_nobody_any_more() {
    let stack = started().await;
    stack.connect(shop(), "Our shop").await.unwrap();
    let (one, other) = (dead(&stack, "one").await, dead(&stack, "other").await);
    raised(&stack, AttentionKind::Taken, "email#a@example.com", Vec::new()).await;
    let operator = Person::of(&stack, Role::Operator).await;
    let inbox = operator.json(HERE).await.json();
    let groups: Vec<_> =
        inbox["groups"].as_array().unwrap().iter().map(|group| (&group["kind"], &group["count"])).collect();
    assert_eq!(groups, [(&json!("dead"), &json!(2)), (&json!("taken"), &json!(1))]);
    let told =
        operator.send("/admin/attention/dead/look-again", &json!({ "about": [one.to_string()] })).await;
    assert_eq!(told.json(), json!({ "lookedAtAgain": 1 }));
    let rows = stack.tables().work(&[one.clone(), other.clone()]).await.unwrap();
    let mut dead: Vec<_> = rows.iter().map(|row| (row.subject.clone(), row.dead, row.attempts)).collect();
    dead.sort();
    assert_eq!(dead, [(one, false, 0), (other, true, 1)]);
    assert_eq!(operator.form("/admin/attention/dead/look-again", &[]).await.status, 303);
    stack.settle().await.unwrap();
    let inbox = operator.json(HERE).await.json();
    assert_eq!(inbox["groups"].as_array().unwrap().len(), 1, "{inbox}");
}

#[tokio::test]
async fn a_group_is_read_a_page_at_a_time_and_as_a_table() {
    let stack = started().await;
    for number in 0..60 {
        raised(&stack, AttentionKind::Refused, &format!("customer#shop#{}", 100 + number), Vec::new()).await;
    }
    let viewer = Person::of(&stack, Role::Viewer).await;
    let first = viewer.json("/admin/attention/refused").await.json();
    assert_eq!(first["attention"].as_array().unwrap().len(), 50);
    let next = first["next"].as_str().unwrap().replace('#', "%23");
    let second = viewer.json(&format!("/admin/attention/refused?after={next}")).await.json();
    assert_eq!(
        (second["attention"].as_array().unwrap().len(), &second["next"]),
        (10, &serde_json::Value::Null)
    );
    let table =
        sent(viewer.request(Method::GET, "/admin/attention/refused").header("accept", "text/csv")).await;
    assert_eq!((table.header("content-type"), table.text.lines().count()), ("text/csv; charset=utf-8", 51));
    assert_eq!(viewer.json("/admin/attention/nonsense").await.status, 404);
    let page = viewer.page("/admin/attention/refused").await.text;
    assert!(
        page.contains("rel=\"next\"") && !page.contains("look-again"),
        "a viewer is offered nothing to press"
    );
}

/// A store from which so many customers are gone that the brake stops the deletions of their users.
async fn braked() -> (Stack, usize) {
    let stack = Stack::start(Options { customers: 8, ..Options::default() }).await.unwrap();
    let application = stack.connect(shop(), "Our shop").await.unwrap();
    stack.settle().await.unwrap();
    let deletion_brake = Brake { number: 2, percent: 1 };
    let policies = Policies { deletion_brake, ..application.policies.clone() };
    let application = shared::application::Application { policies, ..application };
    stack.tables().put_application(&application).await.unwrap();
    let store = stack.bigcommerce().store(&application);
    let customers = store.page(&Default::default()).await.unwrap().items;
    let ids: Vec<_> = customers.iter().filter_map(|customer| customer.id).collect();
    store.delete_customers(&ids).await.unwrap();
    for _ in 0..5 {
        stack.round().await.unwrap();
    }
    let users = usize::try_from(stack.tables().count_users().await.unwrap()).unwrap();
    (stack, users)
}

#[tokio::test]
async fn deletions_that_the_brake_stopped_go_on_or_are_undone_as_an_admin_says() {
    for (decision, left) in [("approve", 0), ("reject", 8)] {
        let (stack, before) = braked().await;
        assert!(before > 0, "the brake stopped nothing");
        let admin = Person::of(&stack, Role::Admin).await;
        let inbox = admin.json("/admin/attention/deletions").await.json();
        assert_eq!(inbox["attention"][0]["way"], Way::ToDirectory.as_str(), "{inbox}");
        let ruling = json!({ "application": "shop", "way": "to-directory", "decision": decision });
        let told = admin.send("/admin/attention/deletions/decide", &ruling).await;
        assert_eq!(told.status, 200, "{}", told.text);
        stack.settle().await.unwrap();
        assert_eq!(stack.tables().count_users().await.unwrap(), left, "{decision}");
        assert_eq!(admin.send("/admin/attention/deletions/decide", &ruling).await.status, 404);
        let log = stack.tables().amendments(None, 5).await.unwrap().amendments;
        assert!(
            log.iter()
                .any(|one| one.what == "deletions at shop (to-directory)" && one.by == "admin@example.com")
        );
    }
}

#[tokio::test]
async fn a_decision_about_deletions_takes_an_admin_and_words_that_are_known() {
    let stack = started().await;
    let (operator, admin) = (Person::of(&stack, Role::Operator).await, Person::of(&stack, Role::Admin).await);
    let ruling = json!({ "application": "shop", "way": "to-directory", "decision": "approve" });
    assert_eq!(operator.send("/admin/attention/deletions/decide", &ruling).await.status, 403);
    let wrong = json!({ "application": "shop", "way": "up", "decision": "approve" });
    assert_eq!(admin.send("/admin/attention/deletions/decide", &wrong).await.status, 422);
    let request =
        admin.request(Method::POST, "/admin/attention/deletions/decide").header("origin", stack.api());
    assert_eq!(sent(form(request, &[("csrf", &admin.proof), ("application", "shop")])).await.status, 400);
}
