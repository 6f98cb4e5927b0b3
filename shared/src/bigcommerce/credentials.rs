//! A shopper's password: whether it is right, and setting it.

use serde::{Deserialize, Serialize};

use super::{
    client::{Client, Repeat},
    customer::{Customer, CustomerId},
    error::Error,
};
use crate::secret::{EmailAddress, Secret};

/// What the store says to an e-mail address and a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct Validation {
    /// Whether they belong together.
    pub is_valid: bool,
    /// Whose they are.
    #[serde(default)]
    pub customer_id: Option<CustomerId>,
}

#[derive(Serialize)]
struct Given<'a> {
    email: &'a EmailAddress,
    password: &'a str,
    /// Without it the store asks its default storefront.
    #[serde(skip_serializing_if = "Option::is_none")]
    channel_id: Option<u32>,
}

/// The one change of a customer that holds a password.
#[derive(Serialize)]
struct NewPassword<'a> {
    id: CustomerId,
    authentication: New<'a>,
}

#[derive(Serialize)]
struct New<'a> {
    new_password: &'a str,
    force_password_reset: bool,
}

impl Client {
    /// Asks the store whether the password is right. Never repeated: the store counts attempts by a rule
    /// of its own, which has nothing to do with its quota.
    ///
    /// # Errors
    /// [`Error::RateLimited`] after too many attempts; a wrong password is no error.
    pub async fn validate_credentials(
        &self,
        email: &EmailAddress,
        password: &Secret,
    ) -> Result<Validation, Error> {
        self.validate(Given { email, password: password.expose(), channel_id: None }).await
    }

    /// Asks the store whether the customer, as it came back from [`Client::set_password`], can sign in
    /// with the password, at a storefront that the customer may sign in at. Never repeated.
    ///
    /// # Errors
    /// [`Error::RateLimited`] after too many attempts; a wrong password is no error.
    pub async fn prove_password(&self, customer: &Customer, password: &Secret) -> Result<bool, Error> {
        let email = EmailAddress::new(customer.email.as_str());
        let channel_id = customer.channel_ids.as_ref().and_then(|ids| ids.iter().min().copied());
        let given = Given { email: &email, password: password.expose(), channel_id };
        let validation = self.validate(given).await?;
        Ok(validation.is_valid && validation.customer_id == customer.id)
    }

    /// Sets a customer's password, and no other has to be chosen at the next sign-in. Twice does
    /// what once does. Gives the customer as it is now.
    ///
    /// # Errors
    /// [`Error::Refused`] when the password is not what the store wants, [`Error::NotFound`] when
    /// the customer is gone.
    pub async fn set_password(&self, id: CustomerId, password: &Secret) -> Result<Customer, Error> {
        let authentication = New { new_password: password.expose(), force_password_reset: false };
        let change = [NewPassword { id, authentication }];
        let updated: Vec<Customer> = self.data(self.put("v3/customers", &change)).await?;
        updated.into_iter().find(|customer| customer.id == Some(id)).ok_or(Error::Unconfirmed)
    }

    async fn validate(&self, given: Given<'_>) -> Result<Validation, Error> {
        self.ask(self.post("v3/customers/validate-credentials", &given, Repeat::Never)?).await
    }
}
