//! Trying credentials and webhooks out, without changing anything.

use base64::{Engine, prelude::BASE64_STANDARD};
use jiff::Timestamp;
use ring::hmac;
use serde_json::json;

use super::{
    client::{Client, Repeat},
    customer::CustomerId,
    error::Error,
};
use crate::{
    application::{Application, WEBHOOK_SECRET_HEADER},
    clock::random_id,
};

impl Client {
    /// Whether the credentials may change customers: asks for no change at all, which is refused
    /// for one reason or for another.
    ///
    /// # Errors
    /// When the store cannot be asked, or refuses the credentials as such.
    pub async fn may_change_customers(&self) -> Result<bool, Error> {
        let nothing: [(); 0] = [];
        let call = self.post("v3/customers/attributes", &nothing, Repeat::Never)?;
        match self.tell(call).await {
            Ok(()) | Err(Error::Refused { .. } | Error::NotFound) => Ok(true),
            Err(Error::Forbidden) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Sends a webhook to `destination` as the store of `application` would, signed and with the app
    /// secret: that somebody may have updated this customer. Whether it was taken: `false` where it
    /// was answered by anything but success.
    ///
    /// # Errors
    /// [`Error::Unreachable`] when there was no answer.
    pub async fn rehearse(
        &self,
        application: &Application,
        destination: &str,
        customer: CustomerId,
        now: Timestamp,
    ) -> Result<bool, Error> {
        let id = random_id().replace('-', "");
        let body = json!({
            "producer": format!("stores/{}", application.store_hash),
            "hash": id,
            "created_at": now.as_second(),
            "store_id": "0",
            "scope": "store/customer/updated",
            "data": { "type": "customer", "id": customer },
        })
        .to_string();
        let key = application.credentials.client_secret.expose().as_bytes();
        let signed = format!("{id}.{}.{body}", now.as_second());
        let signature = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), signed.as_bytes());
        let signature = format!("v1,{}", BASE64_STANDARD.encode(signature.as_ref()));
        let request = self.http().post(destination).header("content-type", "application/json");
        let request = request
            .header(WEBHOOK_SECRET_HEADER, application.webhook.app_secret.expose())
            .header("webhook-id", &id)
            .header("webhook-timestamp", now.as_second())
            .header("webhook-signature", signature);
        let answer = request.body(body).send().await.map_err(Error::unreachable)?;
        Ok(answer.status().is_success())
    }
}
