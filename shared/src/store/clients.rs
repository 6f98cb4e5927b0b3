//! Clients of the directory, and the profile fields that it offers them.

use serde::{Deserialize, Serialize};

use super::{Error, Tables};
use crate::{
    client::{Client, ClientId},
    profile::{ProfileField, check_fields, standard_fields},
};

const CLIENT: &str = "client";
const PROFILE: &str = "profile";
const FIELDS: &str = "fields";

#[derive(Default, Serialize, Deserialize)]
struct Fields {
    fields: Vec<ProfileField>,
}

#[derive(Serialize, Deserialize)]
struct Row {
    client: Client,
}

impl Tables {
    /// Writes a client over whatever was there.
    pub async fn put_client(&self, client: &Client) -> Result<(), Error> {
        // In an attribute of its own: the client's `id` is not the row's to lose.
        self.remember(CLIENT, client.id.as_str(), &Row { client: client.clone() }).await
    }

    /// The client of this identifier.
    pub async fn client(&self, id: &ClientId) -> Result<Option<Client>, Error> {
        let row: Option<Row> = self.recall(CLIENT, id.as_str()).await?;
        Ok(row.map(|row| row.client))
    }

    /// All clients, in the order of their identifiers.
    pub async fn clients(&self) -> Result<Vec<Client>, Error> {
        let rows: Vec<Row> = self.recall_all(CLIENT).await?;
        Ok(rows.into_iter().map(|row| row.client).collect())
    }

    /// Writes the profile fields that an admin defined, in place of those before.
    ///
    /// # Errors
    /// [`Error::Rejected`] for what [`check_fields`] refuses.
    pub async fn put_profile_fields(&self, fields: &[ProfileField]) -> Result<(), Error> {
        check_fields(fields).map_err(Error::rejected)?;
        self.remember(PROFILE, FIELDS, &Fields { fields: fields.to_vec() }).await
    }

    /// The profile fields: the standard ones, then those that an admin defined.
    pub async fn profile_fields(&self) -> Result<Vec<ProfileField>, Error> {
        let defined: Option<Fields> = self.recall(PROFILE, FIELDS).await?;
        Ok(standard_fields().into_iter().chain(defined.unwrap_or_default().fields).collect())
    }
}
