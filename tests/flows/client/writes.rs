//! Writing customers and addresses: refusals, lost answers, answers in another order.

use std::sync::{Arc, Mutex};

use axum::{
    http::{Method, StatusCode},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use shared::bigcommerce::{Address, AddressOutcome, Client, Customer, CustomerChange, Error, NewCustomer};

use super::fake::{Fake, Seen, broken_off, data, html, refused};

/// A store of customers that takes or refuses a batch whole.
#[derive(Clone, Default)]
struct Shop(Arc<Mutex<Vec<Value>>>);

impl Shop {
    fn serve(&self, seen: &Seen) -> Response {
        match seen.method {
            Method::GET => data(self.named(&seen.values("email:in"))),
            Method::POST => self.create(seen.body.as_array().unwrap()),
            _ => self.update(seen.body.as_array().unwrap()),
        }
    }

    fn named(&self, emails: &[String]) -> Vec<Value> {
        let is_named = |customer: &&Value| {
            emails.iter().any(|email| customer["email"].as_str().unwrap().eq_ignore_ascii_case(email))
        };
        self.0.lock().unwrap().iter().filter(is_named).cloned().collect()
    }

    fn create(&self, rows: &[Value]) -> Response {
        for row in rows {
            let email = row["email"].as_str().unwrap();
            if !self.named(&[email.to_owned()]).is_empty() {
                let words = format!("Error creating customers: email {email} already in use");
                return refused(422, "Create customers failed.", json!({ ".customer_create": words }));
            }
            if row["first_name"].is_null() {
                return refused(422, "Create customers failed.", json!({}));
            }
        }
        let mut customers = self.0.lock().unwrap();
        let first = customers.len();
        for (n, row) in rows.iter().enumerate() {
            let mut customer = row.clone();
            customer["id"] = json!(first + n + 1);
            customers.push(customer);
        }
        data(customers[first..].to_vec())
    }

    fn update(&self, rows: &[Value]) -> Response {
        let count = self.0.lock().unwrap().len() as u64;
        match rows.iter().position(|row| row["id"].as_u64().unwrap() > count) {
            Some(gone) => {
                let errors = json!({ (format!("{gone}.id")): "invalid customer ID" });
                refused(422, "Update customers failed.", errors)
            }
            None => data(rows.to_vec()),
        }
    }

    fn emails(&self) -> Vec<String> {
        let customers = self.0.lock().unwrap();
        let mut emails: Vec<String> =
            customers.iter().map(|customer| customer["email"].as_str().unwrap().to_owned()).collect();
        emails.sort();
        emails
    }
}

fn new(n: usize) -> NewCustomer {
    let customer = Customer {
        email: format!("P{n}@x.example"),
        first_name: "Pat".to_owned(),
        last_name: "Smith".to_owned(),
        ..Customer::default()
    };
    NewCustomer { customer, new_password: None }
}

fn ten() -> Vec<NewCustomer> {
    (0..10).map(new).collect()
}

fn all_ten() -> Vec<String> {
    (0..10).map(|n| format!("P{n}@x.example")).collect()
}

/// Each outcome is of the customer it was asked for.
async fn creates_all(client: &Client, new: &[NewCustomer]) {
    let (client, rows) = (client.clone(), new.to_vec());
    let outcomes = tokio::spawn(async move { client.create_customers(&rows).await }).await.unwrap().unwrap();
    assert_eq!(outcomes.len(), new.len());
    for (outcome, new) in outcomes.iter().zip(new) {
        let created = outcome.as_ref().unwrap();
        assert!(created.id.is_some() && created.email.eq_ignore_ascii_case(&new.customer.email));
    }
}

#[tokio::test]
async fn one_poison_in_ten_keeps_nobody_else_out_g46() {
    for poison in 0..10 {
        let shop = Shop::default();
        let fake = Fake::start({
            let shop = shop.clone();
            move |_, seen| shop.serve(seen)
        })
        .await;
        let mut rows = ten();
        rows[poison].customer.first_name.clear();
        let outcomes = fake.client().create_customers(&rows).await.unwrap();
        let refused: Vec<usize> = (0..10).filter(|row| outcomes[*row].is_err()).collect();
        assert_eq!((refused, shop.emails().len()), (vec![poison], 9));
        assert_eq!(outcomes[poison].as_ref().unwrap_err().message(), "Create customers failed.");
        assert!(fake.calls() <= 9, "{} calls", fake.calls());
    }
}

#[tokio::test]
async fn who_has_an_account_already_is_named_and_told_g47_g48() {
    let shop = Shop::default();
    shop.create(&[json!({ "email": "p4@X.example", "first_name": "Other" })]);
    let fake = Fake::start({
        let shop = shop.clone();
        move |_, seen| shop.serve(seen)
    })
    .await;
    let outcomes = fake.client().create_customers(&ten()).await.unwrap();
    let error = outcomes[4].as_ref().unwrap_err();
    assert!(error.says_already_in_use() && !error.retryable());
    assert!(!error.to_string().contains('@') && error.message().contains("P4@x.example"));
    assert_eq!((outcomes.iter().filter(|outcome| outcome.is_ok()).count(), fake.calls()), (9, 2));
}

#[tokio::test]
async fn an_answer_that_is_lost_after_the_deed_creates_nobody_twice_g44() {
    for lost in [html as fn(u16) -> Response, |_| broken_off()] {
        let shop = Shop::default();
        let fake = Fake::start({
            let shop = shop.clone();
            move |n, seen| {
                let answer = shop.serve(seen);
                if n == 0 { lost(502) } else { answer }
            }
        })
        .await;
        creates_all(&fake.client(), &ten()).await;
        assert_eq!((shop.emails(), fake.calls()), (all_ten(), 2));
    }
}

#[tokio::test]
async fn an_answer_that_is_lost_before_the_deed_is_made_good_g44() {
    let shop = Shop::default();
    let fake = Fake::start({
        let shop = shop.clone();
        move |n, seen| if n == 0 { html(503) } else { shop.serve(seen) }
    })
    .await;
    creates_all(&fake.client(), &ten()).await;
    assert_eq!((shop.emails(), fake.calls()), (all_ten(), 3));
}

#[tokio::test]
async fn a_deed_that_is_done_late_is_found_after_the_refusal_g44() {
    let shop = Shop::default();
    let late: Arc<Mutex<Option<Seen>>> = Arc::default();
    let fake = Fake::start({
        let shop = shop.clone();
        move |n, seen| match n {
            0 => {
                *late.lock().unwrap() = Some(seen.clone());
                html(504)
            }
            2 => {
                shop.serve(late.lock().unwrap().as_ref().unwrap());
                shop.serve(seen)
            }
            _ => shop.serve(seen),
        }
    })
    .await;
    creates_all(&fake.client(), &ten()).await;
    assert_eq!((shop.emails(), fake.calls()), (all_ten(), 4));
}

#[tokio::test]
async fn outcomes_are_matched_by_email_and_not_by_position_g58() {
    let shop = Shop::default();
    let fake = Fake::start({
        let shop = shop.clone();
        move |n, seen| {
            let answer = shop.serve(seen);
            if n > 0 {
                return answer;
            }
            let mut some = shop.named(&all_ten());
            some.truncate(7);
            some.reverse();
            data(some)
        }
    })
    .await;
    creates_all(&fake.client(), &ten()).await;
    assert_eq!((shop.emails(), fake.calls()), (all_ten(), 2));
}

#[tokio::test]
async fn a_store_that_is_down_is_told_once_for_all_rows() {
    let fake = Fake::start(|_, _| refused(401, "Unauthorized", json!({}))).await;
    let rows: Vec<NewCustomer> = (0..30).map(new).collect();
    assert!(matches!(fake.client().create_customers(&rows).await, Err(Error::Unauthorized)));
    assert_eq!(fake.calls(), 1);
}

#[tokio::test]
async fn a_customer_that_is_gone_is_told_and_the_others_are_updated_g49() {
    let shop = Shop::default();
    shop.create(&[json!({ "email": "a@x.example", "first_name": "A" })]);
    let fake = Fake::start(move |_, seen| shop.serve(seen)).await;
    let change = |id: i64| CustomerChange {
        id: id.try_into().unwrap(),
        fields: json!({ "phone": "1" }).as_object().unwrap().clone(),
    };
    let outcomes = fake.client().update_customers(&[change(7), change(1)]).await.unwrap();
    assert!(matches!(outcomes[0], Err(Error::NotFound)));
    assert_eq!(outcomes[1].as_ref().unwrap().phone.as_deref(), Some("1"));
}

#[tokio::test]
async fn an_address_that_the_store_drops_is_there_already_also_after_a_lost_answer() {
    let fake = Fake::start(|n, seen| {
        if n == 0 {
            return broken_off();
        }
        let mut row = seen.body[1].clone();
        row["id"] = json!(77);
        data(json!([row]))
    })
    .await;
    let address = |street: &str| Address {
        customer_id: Some(1.try_into().unwrap()),
        address1: street.to_owned(),
        ..Address::default()
    };
    let outcomes = fake.client().create_addresses(&[address("A"), address("B")]).await.unwrap();
    assert_eq!(*outcomes[0].as_ref().unwrap(), AddressOutcome::AlreadyThere);
    let Ok(AddressOutcome::Created(created)) = &outcomes[1] else { panic!() };
    assert_eq!(fake.calls(), 2);
    assert_eq!((created.id, created.address1.as_str()), (Some(77), "B"));
}

#[tokio::test]
async fn a_deletion_is_confirmed_by_204_and_not_by_a_page() {
    let fake =
        Fake::start(|n, _| if n == 0 { StatusCode::NO_CONTENT.into_response() } else { html(200) }).await;
    let ids = [1.try_into().unwrap(), 2.try_into().unwrap()];
    fake.client().delete_customers(&ids).await.unwrap();
    assert_eq!(fake.seen()[0].values("id:in"), ["1", "2"]);
    assert!(fake.client().delete_customers(&ids).await.is_err());
}
