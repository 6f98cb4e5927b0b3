//! Whether a shopper's password is right.

use serde::{Deserialize, Serialize};

use super::{
    client::{Client, Repeat},
    customer::CustomerId,
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
        let given = Given { email, password: password.expose() };
        self.ask(self.post("v3/customers/validate-credentials", &given, Repeat::Never)?).await
    }
}
