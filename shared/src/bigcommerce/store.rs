//! What the store tells of itself.

use jiff::Timestamp;
use serde::Deserialize;

use super::{client::Client, error::Error};

/// What the store tells of itself; what it does not tell is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct StoreInformation {
    /// The store hash.
    pub id: String,
    /// The number by which its webhooks name it.
    #[serde(deserialize_with = "text_or_number")]
    pub store_id: String,
    /// Its name.
    pub name: Option<String>,
    /// Its host.
    pub domain: Option<String>,
    /// Its storefront's address.
    pub secure_url: Option<String>,
    /// The plan, which decides the quota.
    pub plan_name: Option<String>,
    /// `active`, …
    pub status: Option<String>,
    /// The channel of the default storefront.
    pub default_channel_id: Option<u32>,
}

#[derive(Deserialize)]
struct Time {
    time: i64,
}

impl Client {
    /// The store's time, to the second: the cheapest call that the credentials must be right for.
    ///
    /// # Errors
    /// When there is no answer or no time in it.
    pub async fn time(&self) -> Result<Timestamp, Error> {
        let Time { time } = self.ask(self.get("v2/time", &[])?).await?;
        Timestamp::from_second(time)
            .map_err(|_| Error::Garbled { status: 200, rule: "a time is one of this age" })
    }

    /// What the store tells of itself.
    ///
    /// # Errors
    /// [`Error::Forbidden`] when the credentials lack the scope of store information.
    pub async fn store_information(&self) -> Result<StoreInformation, Error> {
        self.ask(self.get("v2/store", &[])?).await
    }
}

fn text_or_number<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let value = serde_json::Value::deserialize(deserializer)?;
    Ok(value
        .as_str()
        .map_or_else(|| value.as_u64().map(|id| id.to_string()).unwrap_or_default(), str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_that_tells_little_is_read() {
        let told = r#"{"id":"abc123","store_id":1025646,"name":null,"features":{"x":true}}"#;
        let store: StoreInformation = serde_json::from_str(told).unwrap();
        assert_eq!((store.id.as_str(), store.store_id.as_str(), store.name), ("abc123", "1025646", None));
    }
}
