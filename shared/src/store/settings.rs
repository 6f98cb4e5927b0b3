//! Applications: their secrets are sealed before they are written and opened when they are read.

use serde::{Deserialize, Serialize};

use super::{
    Error, Table, Tables,
    item::{Item, item, key_of, read, text, written},
};
use crate::{
    amendment::Amendment,
    application::{Application, ApplicationId, Credentials, Policies, SignatureMode, WebhookPolicy},
    mapping::Mapping,
    secret::Secret,
    vault::Vault,
};

/// An application as it lies in the table.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    id: ApplicationId,
    name: String,
    store_hash: String,
    client_id: String,
    client_secret: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous_client_secret: Option<String>,
    access_token: String,
    app_secret: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous_app_secret: Option<String>,
    signature: SignatureMode,
    mapping: Mapping,
    policies: Policies,
}

impl Row {
    fn sealed(application: &Application, vault: &Vault) -> Result<Row, Error> {
        let seal = |field: &str, secret: &Secret| {
            vault.seal(&application.id, field, secret).map_err(Error::rejected)
        };
        let seal_any =
            |field, secret: &Option<Secret>| secret.as_ref().map(|secret| seal(field, secret)).transpose();
        let Application { credentials, webhook, .. } = application;
        Ok(Row {
            id: application.id.clone(),
            name: application.name.clone(),
            store_hash: application.store_hash.clone(),
            client_id: credentials.client_id.clone(),
            client_secret: seal("clientSecret", &credentials.client_secret)?,
            previous_client_secret: seal_any("previousClientSecret", &credentials.previous_client_secret)?,
            access_token: seal("accessToken", &credentials.access_token)?,
            app_secret: seal("appSecret", &webhook.app_secret)?,
            previous_app_secret: seal_any("previousAppSecret", &webhook.previous_app_secret)?,
            signature: webhook.signature,
            mapping: application.mapping.clone(),
            policies: application.policies.clone(),
        })
    }

    fn opened(self, vault: &Vault) -> Result<Application, Error> {
        let open = |field: &str, sealed: &str| vault.open(&self.id, field, sealed).map_err(Error::unreadable);
        let open_any =
            |field, sealed: &Option<String>| sealed.as_deref().map(|sealed| open(field, sealed)).transpose();
        let credentials = Credentials {
            client_id: self.client_id,
            client_secret: open("clientSecret", &self.client_secret)?,
            previous_client_secret: open_any("previousClientSecret", &self.previous_client_secret)?,
            access_token: open("accessToken", &self.access_token)?,
        };
        let webhook = WebhookPolicy {
            app_secret: open("appSecret", &self.app_secret)?,
            previous_app_secret: open_any("previousAppSecret", &self.previous_app_secret)?,
            signature: self.signature,
        };
        Ok(Application {
            id: self.id,
            name: self.name,
            store_hash: self.store_hash,
            credentials,
            webhook,
            mapping: self.mapping,
            policies: self.policies,
        })
    }
}

impl Tables {
    /// The application, with its secrets.
    pub async fn application(&self, id: &ApplicationId) -> Result<Option<Application>, Error> {
        let key = item([("kind", text("application")), ("id", text(id.as_str()))]);
        self.get(Table::Settings, key).await?.map(|row| self.opened(row)).transpose()
    }

    /// All applications, with their secrets, in the order of their identifiers. One that cannot
    /// be read is logged and left out: it must not stop the others.
    pub async fn applications(&self) -> Result<Vec<Application>, Error> {
        let query =
            self.query_of(Table::Settings).key_condition_expression("kind = :kind").consistent_read(true);
        let rows = self.query_all(query.expression_attribute_values(":kind", text("application"))).await?;
        Ok(rows.into_iter().filter_map(|row| self.readable(row)).collect())
    }

    fn readable(&self, row: Item) -> Option<Application> {
        let application = key_of(&row, "id").unwrap_or_default();
        self.opened(row)
            .inspect_err(|error| tracing::error!(application, ?error, "application.unreadable"))
            .ok()
    }

    fn opened(&self, row: Item) -> Result<Application, Error> {
        read::<Row>(row)?.opened(&self.vault)
    }

    /// Writes the application over whatever was there.
    pub async fn put_application(&self, application: &Application) -> Result<(), Error> {
        let row = self.application_row(application)?;
        self.put(Table::Settings, self.client.put_item().set_item(Some(row))).await
    }

    /// As [`Tables::put_application`], with the amendment that tells of it.
    pub async fn amend_application(
        &self,
        application: &Application,
        amendment: &Amendment,
    ) -> Result<(), Error> {
        self.amend_with(self.application_row(application)?, amendment).await
    }

    /// Forgets the application and its credentials, and tells of it. Links to its customers stay with
    /// their users: connected again, the store's customers are found by them.
    pub async fn remove_application(&self, id: &ApplicationId, amendment: &Amendment) -> Result<(), Error> {
        self.forget_with("application", id.as_str(), amendment).await
    }

    fn application_row(&self, application: &Application) -> Result<Item, Error> {
        let mut row = written(&Row::sealed(application, &self.vault)?)?;
        row.extend(item([("kind", text("application"))]));
        Ok(row)
    }
}
