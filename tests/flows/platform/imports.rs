//! Imports that are foreseen, looked up, applied and cancelled, so that the functions make use of
//! what they may do.

use local::{
    bigcommerce::{Fault, FaultKind},
    stack::Stack,
};
use serde_json::{Value, json};
use shared::{
    application::{Application, Policies},
    csv_import::Stage,
    operator::Role,
};

use crate::admin::asking::{Person, Told};

fn done(told: &Told) -> Value {
    assert!((200..300).contains(&told.status), "{}: {}", told.status, told.text);
    told.json()
}

async fn begin(operator: &Person, application: &Application, dry: bool) -> String {
    let wanted = json!({ "application": application.id, "kind": "full", "dry": dry });
    let run = done(&operator.send("/admin/imports", &wanted).await);
    format!("/admin/imports/{}", run["id"].as_str().unwrap())
}

pub(super) async fn run(stack: &Stack, application: &Application) {
    let operator = Person::of(stack, Role::Operator).await;
    // What a page shows is brought into step by the import, and not by the work of a webhook.
    stack.store().faults([Fault::new(FaultKind::LoseWebhook)]);
    stack.store().seed(3, 3);
    let customers = stack.store().customers();
    let last = customers.last().and_then(|customer| customer.id).unwrap().get();
    stack.store().set_past_the_rules(last, "email", "");
    let dry = begin(&operator, application, true).await;
    stack.settle().await.unwrap();
    done(&operator.json(&format!("{dry}/verdicts")).await);
    done(&operator.send(&format!("{dry}/apply"), &json!({})).await);
    stack.settle().await.unwrap();
    done(&operator.json(&dry).await);
    done(&operator.json("/admin/imports").await);
    foresee_a_scope(stack, &operator, application).await;
    take_files(stack, &operator).await;
    stack.store().set_past_the_rules(last, "email", "mended@wholesale.example");
    let gone = customers.iter().filter_map(|customer| customer.id).find(|id| id.get() < last).unwrap();
    stack.bigcommerce().store(application).delete_customers(&[gone]).await.unwrap();
    begin(&operator, application, false).await;
    stack.settle().await.unwrap();
    let cancelled = begin(&operator, application, false).await;
    done(&operator.send(&format!("{cancelled}/cancel"), &json!({})).await);
    stack.settle().await.unwrap();
    stack.store().clear_faults();
}

/// A file at the console, and one that the sweep goes over: the user has another address by then.
async fn take_files(stack: &Stack, operator: &Person) {
    let (tables, now) = (stack.tables(), stack.clock().now());
    for email in ["filed@example.com", "moved@example.com"] {
        let text = format!("userName,emails,name.givenName,name.familyName\nfiled,{email},Fi,Led\n");
        let file = done(&operator.send("/admin/csv", &json!({ "text": text })).await);
        let file = file["id"].as_str().unwrap();
        done(&operator.send(&format!("/admin/csv/{file}/check"), &json!({})).await);
        let upload = tables.upload(file).await.unwrap().unwrap();
        assert!(tables.put_upload(&mut upload.walked(Stage::Applying, now)).await.unwrap());
        stack.settle().await.unwrap();
        done(&operator.json(&format!("/admin/csv/{file}/rows")).await);
    }
    assert_eq!(tables.users_by_email(&["moved@example.com".to_owned()]).await.unwrap().len(), 1);
}

/// What a scope would do, for which the profile fields are read.
async fn foresee_a_scope(stack: &Stack, operator: &Person, application: &Application) {
    let policies = Policies { scope: Some("active eq true".to_owned()), ..application.policies.clone() };
    let wanted = json!({ "application": application.id, "kind": "full", "dry": true, "policies": policies });
    let run = done(&operator.send("/admin/imports", &wanted).await);
    stack.settle().await.unwrap();
    let run = done(&operator.json(&format!("/admin/imports/{}", run["id"].as_str().unwrap())).await);
    assert_eq!(run["state"], "done", "{run}");
}
