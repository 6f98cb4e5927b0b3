//! Connecting the simulated store, as a merchant would.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde_json::json;
use shared::{
    application::{
        Application, ApplicationId, Credentials, Policies, SignatureMode, WEBHOOK_SECRET_HEADER,
        WebhookPolicy,
    },
    bigcommerce::{Client, HookHeaders, NewHook},
    client::{ApiToken, Client as ApiClient, ClientId},
    clock::random_id,
    mapping::Mapping,
    one_time::OneTimeLink,
    operator::Role,
    secret::{EmailAddress, Secret},
    store::{self, token_hash},
};

use super::{Error, Stack, functions::OWNER};
use crate::bigcommerce::Simulator;

/// How long the link holds that is told at the start.
const SIGN_IN_HOLDS: SignedDuration = SignedDuration::from_hours(24);

impl Stack {
    /// Connects the store as an application, or makes sure that it still is: checks the
    /// credentials, registers the webhooks and keeps the application. Done again, it keeps what it
    /// finds and changes only what has changed at the store.
    ///
    /// # Errors
    /// When the store refuses the credentials or a webhook, or is another one.
    pub async fn connect(&self, id: ApplicationId, name: &str) -> Result<Application, Error> {
        self.connect_to(&self.store, id, name).await
    }

    /// As [`Stack::connect`], with another store.
    ///
    /// # Errors
    /// As [`Stack::connect`].
    pub async fn connect_to(
        &self,
        store: &Simulator,
        id: ApplicationId,
        name: &str,
    ) -> Result<Application, Error> {
        let application = match self.tables.application(&id).await? {
            Some(known) => Application { credentials: credentials(store), ..known },
            None => self.new_application(store, id, name).await?,
        };
        let client = self.bigcommerce.store(&application);
        client.time().await?;
        if client.store_information().await?.id != application.store_hash {
            return Err(Error::NotConnected("its hash is another than the one given"));
        }
        // Kept before the first webhook can come, which is refused by an application that is not there.
        self.tables.put_application(&application).await?;
        let destination = format!("{}/webhooks/{}", self.api(), application.id);
        let secret = application.webhook.app_secret.expose().to_owned();
        let headers = HookHeaders(BTreeMap::from([(WEBHOOK_SECRET_HEADER.to_owned(), secret)]));
        redirect_hooks(&client, &application.id, &destination, &headers).await?;
        self.watch().await?;
        Ok(self.tables.application(&application.id).await?.unwrap_or(application))
    }

    /// Has the function see to the store's webhooks and look for what they did not tell, as its
    /// schedule does.
    ///
    /// # Errors
    /// When the function failed.
    pub async fn watch(&self) -> Result<(), Error> {
        Ok((self.sync)(json!({ "wake": "watch" })).await.map(drop)?)
    }

    /// The token that opens the directory and the console: that of the last run, or else a new one.
    ///
    /// # Errors
    /// When it cannot be kept.
    pub async fn token(&self) -> Result<Secret, Error> {
        if let Some(token) = self.data.token()
            && let Some(kept) = self.tables.api_token(&token_hash(token.expose())).await?
            && kept.role.is_some()
        {
            return Ok(token);
        }
        let id = ClientId::try_from("local".to_owned()).expect("it is lower-case letters");
        if self.tables.client(&id).await?.is_none() {
            self.tables.put_client(&ApiClient::new(id.clone(), "This machine")).await?;
        }
        let token = ApiToken { role: Some(Role::Owner), ..ApiToken::new(id.clone(), self.clock.now()) };
        let token = match self.tables.create_api_token(&token).await {
            Err(store::Error::TooManyTokens) => {
                self.revoke_tokens_of(&id).await?;
                self.tables.create_api_token(&token).await?
            }
            made => made?,
        };
        self.data.remember_token(&token)?;
        Ok(token)
    }

    /// A link by which the console's owner signs in, once, as its mail would have it.
    ///
    /// # Errors
    /// When it cannot be kept.
    pub async fn sign_in_link(&self) -> Result<String, Error> {
        let owner = EmailAddress::new(OWNER);
        self.tables.seed_owner(&owner).await?;
        let link = OneTimeLink::to_sign_in(owner, self.clock.now(), SIGN_IN_HOLDS);
        let token = self.tables.issue(&link).await?;
        Ok(format!("{}/admin/sign-in/{}", self.api(), token.expose()))
    }

    /// Tokens whose text is lost: nobody can use them.
    async fn revoke_tokens_of(&self, client: &ClientId) -> Result<(), Error> {
        for hash in self.tables.tokens_of(client).await?.into_keys() {
            self.tables.revoke_api_token(&hash).await?;
        }
        Ok(())
    }

    /// What the store has attributes for is mapped to profile fields.
    async fn new_application(
        &self,
        store: &Simulator,
        id: ApplicationId,
        name: &str,
    ) -> Result<Application, Error> {
        let application = Application {
            id,
            name: name.to_owned(),
            store_hash: store.account().store_hash,
            credentials: credentials(store),
            webhook: WebhookPolicy {
                app_secret: Secret::new(random_id()),
                previous_app_secret: None,
                signature: SignatureMode::default(),
            },
            mapping: Mapping::default(),
            policies: Policies::default(),
        };
        let attributes = self.bigcommerce.store(&application).attributes().await?;
        Ok(Application { mapping: Mapping::default().with_attributes(&attributes), ..application })
    }
}

fn credentials(store: &Simulator) -> Credentials {
    let account = store.account();
    Credentials {
        client_id: account.client_id,
        client_secret: account.client_secret,
        previous_client_secret: None,
        access_token: account.access_token,
    }
}

/// A run at another port has webhooks of its own: they are to come here.
async fn redirect_hooks(
    client: &Client,
    application: &ApplicationId,
    destination: &str,
    headers: &HookHeaders,
) -> Result<(), Error> {
    let path = format!("/webhooks/{application}");
    for hook in client.hooks().await? {
        if hook.destination.ends_with(&path) && hook.destination != destination {
            let redirected = NewHook {
                scope: hook.scope,
                destination: destination.to_owned(),
                headers: headers.clone(),
                is_active: true,
            };
            client.update_hook(hook.id, &redirected).await?;
        }
    }
    Ok(())
}
