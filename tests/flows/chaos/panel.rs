//! The merchant at the store's own pages: what is done there passes no gate and costs no quota.

use reqwest::{StatusCode, header::LOCATION};
use shared::bigcommerce::{Address, Customer, CustomerId};

use super::Town;

/// What is typed into the form of address `number`: no two are alike.
fn typed(number: u32) -> Vec<(&'static str, String)> {
    let address = address(number);
    vec![
        ("first_name", address.first_name),
        ("last_name", address.last_name),
        ("address1", address.address1),
        ("city", address.city),
        ("state_or_province", address.state_or_province),
        ("postal_code", address.postal_code),
        ("country_code", address.country_code),
    ]
}

/// Address `number`.
pub(super) fn address(number: u32) -> Address {
    Address {
        first_name: "Ada".to_owned(),
        last_name: "King".to_owned(),
        address1: format!("{number} Main St"),
        city: "Austin".to_owned(),
        state_or_province: "Texas".to_owned(),
        postal_code: "78701".to_owned(),
        country_code: "US".to_owned(),
        address_type: "residential".to_owned(),
        ..Address::default()
    }
}

/// Which address it is.
pub(super) fn number(address1: &str) -> u32 {
    address1.split(' ').next().unwrap().parse().unwrap()
}

impl Town {
    /// Sends a form; where the answer leads, if it was taken.
    async fn form(&self, path: &str, typed: &[(&str, String)]) -> Option<String> {
        let escaped = |text: &str| text.replace('@', "%40").replace(' ', "+");
        let body: Vec<String> =
            typed.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
        let request = self
            .browser
            .post(format!("{}{path}", self.stack.store().url()))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body.join("&"));
        let response = request.send().await.unwrap();
        let location = response.headers().get(LOCATION)?.to_str().unwrap().to_owned();
        (response.status() == StatusCode::SEE_OTHER).then_some(location)
    }

    /// A new customer; `None` where the address is taken.
    pub(super) async fn add(&self, email: &str) -> Option<CustomerId> {
        let names = [("first_name", "Ada"), ("last_name", "King"), ("email", email)];
        let typed = names.map(|(name, value)| (name, value.to_owned()));
        let location = self.form("/customers", &typed).await?;
        Some(location.rsplit('/').next().unwrap().parse().unwrap())
    }

    /// One field of a customer, changed.
    pub(super) async fn change(&self, customer: CustomerId, field: &str, value: &str) -> bool {
        self.form(&format!("/customers/{customer}"), &[(field, value.to_owned())]).await.is_some()
    }

    pub(super) async fn remove(&self, customer: CustomerId) {
        self.form(&format!("/customers/{customer}/delete"), &[]).await.unwrap();
    }

    pub(super) async fn add_address(&self, customer: CustomerId, number: u32) -> bool {
        self.form(&format!("/customers/{customer}/addresses"), &typed(number)).await.is_some()
    }

    /// An address, changed into another.
    pub(super) async fn change_address(&self, customer: CustomerId, address: u32, number: u32) -> bool {
        self.form(&format!("/customers/{customer}/addresses/{address}"), &typed(number)).await.is_some()
    }

    pub(super) async fn remove_address(&self, customer: CustomerId, address: u32) {
        self.form(&format!("/customers/{customer}/addresses/{address}/delete"), &[]).await.unwrap();
    }

    /// A customer as the store has it.
    pub(super) fn customer(&self, customer: CustomerId) -> Option<Customer> {
        self.stack.store().customers().into_iter().find(|known| known.id == Some(customer))
    }
}
