//! A run of the stack in which much goes right and much goes wrong.

use local::{
    bigcommerce::{Fault, FaultKind},
    engine,
    stack::Stack,
};
use serde_json::{Map, Value, json};
use shared::{
    application::Application,
    bigcommerce::{Customer, CustomerChange, CustomerId, NewCustomer},
    secret::{EmailAddress, Secret},
    user::{Email, User},
    work::Subject,
};

/// The password of the customers that the run creates.
pub(super) const PASSWORD: &str = "correct-horse-battery-1";

/// Has the stack do everything its functions can do: create, change, refuse, give up, delete.
pub(super) async fn run(stack: &Stack, application: &Application) {
    let customers = customers(stack, application).await;
    stack.settle().await.unwrap();
    change(stack, application, customers[0], json!({ "last_name": "Quillfeather" })).await;
    stack.settle().await.unwrap();
    contest(stack, application, customers[1]).await;
    be_refused(stack, application, customers[2]).await;
    create_from_directory(stack).await;
    let client = stack.bigcommerce().store(application);
    client.delete_customers(&[customers[3]]).await.unwrap();
    stack.settle().await.unwrap();
    fail(stack, application, &customers).await;
    stack.store().faults([Fault::new(FaultKind::DeactivateHooks)]);
    stack.watch().await.unwrap();
    stack.settle().await.unwrap();
}

async fn customers(stack: &Stack, application: &Application) -> Vec<CustomerId> {
    let new = |n: usize| NewCustomer {
        customer: Customer {
            email: format!("zofia{n}@wholesale.example"),
            first_name: "Zofia".to_owned(),
            last_name: "Brzezinska".to_owned(),
            ..Customer::default()
        },
        new_password: Some(Secret::new(PASSWORD)),
    };
    let new: Vec<NewCustomer> = (0..6).map(new).collect();
    let created = stack.bigcommerce().store(application).create_customers(&new).await.unwrap();
    created.into_iter().map(|customer| customer.unwrap().id.unwrap()).collect()
}

async fn change(stack: &Stack, application: &Application, id: CustomerId, fields: Value) {
    let Value::Object(fields) = fields else { panic!("{fields}") };
    let change = CustomerChange { id, fields: Map::from_iter(fields) };
    let changed = stack.bigcommerce().store(application).update_customers(&[change]).await.unwrap();
    changed.into_iter().for_each(|changed| drop(changed.unwrap()));
}

/// A customer takes an address that another user has, then that user gives it up.
async fn contest(stack: &Stack, application: &Application, customer: CustomerId) {
    let (tables, address) = (stack.tables(), "contested@wholesale.example");
    let mut holder = User::new("holder", stack.clock().now());
    holder.emails = vec![
        Email {
            value: EmailAddress::new("holder@wholesale.example"),
            kind: None,
            display: None,
            primary: true,
        },
        Email { value: EmailAddress::new(address), kind: None, display: None, primary: false },
    ];
    let holder = tables.create_user(&holder, &[]).await.unwrap();
    change(stack, application, customer, json!({ "email": address })).await;
    stack.settle().await.unwrap();
    assert!(attention(stack).await.contains(address), "the contest is told");
    let mut after = holder.clone();
    after.emails.truncate(1);
    let released = tables.update_user(&holder, &after, &[]).await.unwrap().released;
    assert_eq!(released.len(), 1);
    change(stack, application, customer, json!({ "email": address, "company": "Wholesale" })).await;
    stack.settle().await.unwrap();
}

/// The directory gives a user a name that is too long for the store, then one that the store refuses
/// without a word that could be read.
async fn be_refused(stack: &Stack, application: &Application, customer: CustomerId) {
    let user = user_of(stack, application, customer).await;
    let mut after = user.clone();
    after.name.family_name = Some("x".repeat(101));
    stack.tables().update_user(&user, &after, &[]).await.unwrap();
    look(stack, Subject::User(user.id.clone())).await;
    stack.store().faults([Fault::new(FaultKind::ServerError { status: 422, html: true, applied: false })
        .on("PUT /v3/customers")
        .times(1)]);
    let user = user_of(stack, application, customer).await;
    let mut after = user.clone();
    after.name.family_name = Some("Refused".to_owned());
    stack.tables().update_user(&user, &after, &[]).await.unwrap();
    look(stack, Subject::User(user.id.clone())).await;
    stack.store().clear_faults();
}

async fn create_from_directory(stack: &Stack) {
    let mut user = User::new("newcomer", stack.clock().now());
    user.name.given_name = Some("New".to_owned());
    user.name.family_name = Some("Comer".to_owned());
    user.emails = vec![Email {
        value: EmailAddress::new("newcomer@wholesale.example"),
        kind: None,
        display: None,
        primary: true,
    }];
    let user = stack.tables().create_user(&user, &[]).await.unwrap();
    look(stack, Subject::User(user.id)).await;
}

/// The store and the tables fail in every way for a while.
async fn fail(stack: &Stack, application: &Application, customers: &[CustomerId]) {
    use engine::Fault as Table;
    change(stack, application, customers[4], json!({ "first_name": "Anders" })).await;
    let faults = [FaultKind::RevokeToken, FaultKind::HtmlOk, FaultKind::Drop { applied: false }];
    for fault in faults {
        stack.store().faults([Fault::new(fault).on("GET /v3/customers")]);
        let faults = [Table::Throttled, Table::Unavailable, Table::LostAnswer, Table::LostRequest];
        stack.engine().gate().fail_some(7, 0.2, &faults);
        for _ in 0..3 {
            stack.round().await.unwrap();
        }
        look(stack, Subject::Customer(application.id.clone(), customers[5])).await;
        stack.engine().gate().mend();
        stack.store().clear_faults();
    }
    // A record that cannot be read is given up in the end; an answer that is no answer never is.
    for customer in [customers[4], customers[5]] {
        stack
            .store()
            .faults([Fault::new(FaultKind::GarbleCustomer { id: customer.get() }).on("GET /v3/customers")]);
    }
    change(stack, application, customers[5], json!({ "first_name": "Given up" })).await;
    stack.settle().await.unwrap();
    stack.store().clear_faults();
    change(stack, application, customers[5], json!({ "first_name": "Taken up" })).await;
}

async fn look(stack: &Stack, subject: Subject) {
    // The tables may be failing: then there is nothing to look at.
    let _ = stack.tables().enqueue(&subject, "users", stack.clock().now()).await;
    stack.round().await.unwrap();
}

async fn user_of(stack: &Stack, application: &Application, customer: CustomerId) -> User {
    let tables = stack.tables();
    let found = tables.pointers(&application.id, &[customer]).await.unwrap();
    tables.user(&found[&customer].user).await.unwrap().unwrap()
}

/// Everything that asks for a person, as text.
pub(super) async fn attention(stack: &Stack) -> String {
    let page = stack.tables().all_attention(None, 100).await.unwrap();
    serde_json::to_string(&page.attention).unwrap()
}
