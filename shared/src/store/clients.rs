//! Clients of the directory, and the profile fields that it offers them.

use serde::{Deserialize, Serialize};

use super::{
    Error, Table, Tables,
    item::{number, written},
    notes::row_key,
};
use crate::{
    amendment::Amendment,
    client::{Client, ClientId},
    profile::{ProfileField, check_fields, standard_fields},
};

const CLIENT: &str = "client";
const PROFILE: &str = "profile";
const FIELDS: &str = "fields";

/// The profile fields that an admin defined, as they were read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DefinedFields {
    /// The fields.
    pub fields: Vec<ProfileField>,
    /// Grows by one with each change: the condition of the next.
    #[serde(default)]
    pub revision: u64,
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

    /// As [`Tables::put_client`], with the amendment that tells of it.
    pub async fn amend_client(&self, client: &Client, amendment: &Amendment) -> Result<(), Error> {
        let row = Row { client: client.clone() };
        self.remember_with(CLIENT, client.id.as_str(), &row, amendment).await
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
        let revision = self.defined_fields().await?.revision + 1;
        self.remember(PROFILE, FIELDS, &DefinedFields { fields: fields.to_vec(), revision }).await
    }

    /// Writes the profile fields in place of those that were read.
    ///
    /// # Errors
    /// [`Error::Rejected`] for what [`check_fields`] refuses, [`Error::Moved`] when somebody else
    /// changed them since they were read.
    pub async fn change_profile_fields(
        &self,
        before: &DefinedFields,
        fields: &[ProfileField],
    ) -> Result<(), Error> {
        check_fields(fields).map_err(Error::rejected)?;
        let after = DefinedFields { fields: fields.to_vec(), revision: before.revision + 1 };
        let row = written(&after)?.into_iter().chain(row_key(PROFILE, FIELDS)).collect();
        let put = self
            .client
            .put_item()
            .set_item(Some(row))
            .condition_expression("attribute_not_exists(revision) OR revision = :before")
            .expression_attribute_values(":before", number(before.revision));
        self.put(Table::Settings, put).await
    }

    /// The profile fields that an admin defined.
    pub async fn defined_fields(&self) -> Result<DefinedFields, Error> {
        Ok(self.recall(PROFILE, FIELDS).await?.unwrap_or_default())
    }

    /// The profile fields: the standard ones, then those that an admin defined.
    pub async fn profile_fields(&self) -> Result<Vec<ProfileField>, Error> {
        Ok(standard_fields().into_iter().chain(self.defined_fields().await?.fields).collect())
    }
}
