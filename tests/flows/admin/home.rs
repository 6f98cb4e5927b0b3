//! The overview.

use local::{
    crowd::{settle, typical},
    stack::{Options, Stack},
};
use serde_json::{Value, json};
use shared::{
    application::{Application, ApplicationId},
    operator::Role,
    report::{Attention, AttentionKind},
    store::Table,
};

use super::asking::{Person, started};

fn shop() -> ApplicationId {
    "shop".parse().unwrap()
}

fn line<'a>(home: &'a Value, name: &str) -> &'a Value {
    let lines = home["applications"][0]["lines"].as_array().unwrap();
    lines.iter().find(|line| line["name"] == name).unwrap_or(&Value::Null)
}

#[tokio::test]
async fn without_a_store_the_overview_says_what_to_do_to_who_may_do_it() {
    let stack = started().await;
    let (viewer, admin) = (Person::of(&stack, Role::Viewer).await, Person::of(&stack, Role::Admin).await);
    assert!(admin.page("/admin").await.text.contains("/admin/applications/connect"));
    let page = viewer.page("/admin").await.text;
    assert!(page.contains("Connect the first store") && !page.contains("/admin/applications/connect"));
}

#[tokio::test]
async fn an_application_that_is_well_is_shown_so_and_one_that_is_not_with_what_mends_it() {
    let stack = Stack::start(Options { customers: 3, ..Options::default() }).await.unwrap();
    let application = stack.connect(shop(), "Our shop").await.unwrap();
    stack.settle().await.unwrap();
    let viewer = Person::of(&stack, Role::Viewer).await;
    let home = viewer.json("/admin").await.json();
    assert_eq!((&home["users"], &home["attention"], &home["backlog"]), (&json!(3), &json!(0), &json!(0)));
    for name in ["Connection", "Webhooks", "Backlog", "Quota"] {
        assert_eq!(line(&home, name)["state"], "good", "{name}: {home}");
    }
    let credentials = shared::application::Credentials {
        access_token: shared::secret::Secret::new("revoked"),
        ..application.credentials.clone()
    };
    stack.tables().put_application(&Application { credentials, ..application }).await.unwrap();
    let home = viewer.json("/admin").await.json();
    assert_eq!(line(&home, "Connection")["state"], "bad");
    for kind in [AttentionKind::Credentials, AttentionKind::Webhook] {
        let detail = "Look.".to_owned();
        let attention = Attention {
            about: "shop".to_owned(),
            kind,
            application: shop(),
            since: stack.clock().now(),
            detail,
            waiting: Vec::new(),
        };
        stack.tables().raise(&attention).await.unwrap();
    }
    let home = viewer.json("/admin").await.json();
    assert_eq!(line(&home, "Connection")["fix"][1], "/admin/applications/shop/credentials");
    assert_eq!((&line(&home, "Webhooks")["state"], &home["attention"]), (&json!("bad"), &json!(2)));
}

/// What a page costs, in read units.
async fn cost(stack: &Stack, viewer: &Person, path: &str) -> f64 {
    let meter = stack.tables().meter();
    let tables = [Table::Users, Table::Work, Table::Jobs, Table::Reports, Table::Settings];
    for table in tables {
        meter.take(table);
    }
    assert_eq!(viewer.json(path).await.status, 200, "{path}");
    tables.map(|table| meter.take(table).read).iter().sum()
}

/// What each page costs where there are so many users, and twice as much that asks for a person.
async fn costs(users: u64) -> Vec<f64> {
    let stack = Stack::start(Options { metered: true, ..Options::default() }).await.unwrap();
    stack.connect(shop(), "Our shop").await.unwrap();
    stack.settle().await.unwrap();
    let crowd: Vec<_> = (0..users).map(typical).collect();
    settle(stack.engine(), stack.tables(), &crowd).await.unwrap();
    for number in 0..users * 2 {
        let about = format!("customer#shop#{}", number + 1);
        let detail = "A value that the store does not take.".to_owned();
        let (kind, since) = (AttentionKind::Refused, stack.clock().now());
        let attention = Attention { about, kind, application: shop(), since, detail, waiting: Vec::new() };
        stack.tables().raise(&attention).await.unwrap();
    }
    stack.leave_work();
    let viewer = Person::of(&stack, Role::Viewer).await;
    let mut costs = Vec::new();
    for path in [
        "/admin",
        "/admin/attention",
        "/admin/attention/refused",
        "/admin/changes",
        "/admin/applications/shop/scope?filter=",
    ] {
        costs.push(cost(&stack, &viewer, path).await);
    }
    costs
}

#[tokio::test]
async fn what_a_page_costs_does_not_grow_with_the_directory() {
    let (few, many) = (costs(600).await, costs(1_800).await);
    for (few, many) in few.iter().zip(&many) {
        assert!(many <= &(few * 1.25 + 1.0), "{few} units became {many}");
    }
    assert!(many[0] < 60.0, "the overview costs {} units", many[0]);
}
