//! Connecting the simulated store, as a merchant would.

use std::collections::BTreeMap;

use shared::{
    application::{
        Application, ApplicationId, Credentials, Policies, SignatureMode, WEBHOOK_SECRET_HEADER,
        WebhookPolicy,
    },
    bigcommerce::{Client, CustomerId, HookHeaders, NewHook, PageQuery},
    clock::random_id,
    mapping::Mapping,
    secret::Secret,
    work::Subject,
};

use super::{Error, Stack};

/// The events that the store is asked for. Whether the first stands for the others too is not
/// documented; an event that comes twice is one row of work.
const SCOPES: [&str; 3] =
    ["store/customer/*", "store/customer/address/*", "store/customer/channel/login/access/updated"];

impl Stack {
    /// Connects the store as an application, or makes sure that it still is: checks the
    /// credentials, registers the webhooks and keeps the application. Done again, it keeps what it
    /// finds and changes only what has changed at the store.
    ///
    /// # Errors
    /// When the store refuses the credentials or a webhook, or is another one.
    pub async fn connect(&self, id: ApplicationId, name: &str) -> Result<Application, Error> {
        let application = match self.tables.application(&id).await? {
            Some(known) => Application { credentials: self.credentials(), ..known },
            None => self.new_application(id, name),
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
        client.ensure_hooks(&SCOPES, &destination, &headers).await?;
        Ok(application)
    }

    /// Asks for a look at each customer that the store has; returns how many there are.
    ///
    /// # Errors
    /// When the customers cannot be read or the rows of work not be written.
    pub async fn look_at_all_customers(&self, application: &Application) -> Result<usize, Error> {
        let client = self.bigcommerce.store(application);
        let (mut query, mut customers) = (PageQuery::default(), 0);
        loop {
            let page = client.page(&query).await?;
            for customer in page.items.iter().filter_map(|customer| customer.id) {
                self.look_at(&application.id, customer).await?;
                customers += 1;
            }
            match page.next {
                Some(next) => query.after = Some(next),
                None => return Ok(customers),
            }
        }
    }

    async fn look_at(&self, application: &ApplicationId, customer: CustomerId) -> Result<(), Error> {
        let subject = Subject::Customer(application.clone(), customer);
        Ok(self.tables.enqueue(&subject, "import", self.clock.now()).await?)
    }

    fn new_application(&self, id: ApplicationId, name: &str) -> Application {
        Application {
            id,
            name: name.to_owned(),
            store_hash: self.store.account().store_hash,
            credentials: self.credentials(),
            webhook: WebhookPolicy {
                app_secret: Secret::new(random_id()),
                previous_app_secret: None,
                signature: SignatureMode::default(),
            },
            mapping: Mapping::default(),
            policies: Policies::default(),
        }
    }

    fn credentials(&self) -> Credentials {
        let account = self.store.account();
        Credentials {
            client_id: account.client_id,
            client_secret: account.client_secret,
            previous_client_secret: None,
            access_token: account.access_token,
        }
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
