//! Sees that the hooks of a store are there and on.

use shared::{
    application::{WEBHOOK_SCOPES, WEBHOOK_SECRET_HEADER},
    bigcommerce::{self, Client, HookHeaders, HookRepair},
    report::AttentionKind,
    sync::is_about_credentials,
};

use super::{
    Error, Watched,
    note::Repair,
    tell::{hookless, repaired},
};

impl Watched {
    /// Sets up what is missing or off. A store that does not take a hook is still walked.
    pub(super) async fn see_to_hooks(&mut self) -> Result<(), Error> {
        match self.repair_hooks().await {
            Err(Error::Hooks(error)) if is_about_credentials(&error) => {
                self.ask_about_credentials(&error).await?;
                Err(Error::Hooks(error))
            }
            Err(Error::Hooks(error)) if !error.retryable() => self.ask_about_hooks(&error).await,
            outcome => outcome,
        }
    }

    async fn repair_hooks(&mut self) -> Result<(), Error> {
        let store = self.app.engine.api.store(&self.application);
        let amiss = self.amiss(&store).await.map_err(Error::Hooks)?;
        // Of a store that was never walked, nothing can have been missed.
        if self.note.surveyed.is_some() && !amiss.is_empty() && self.note.repair.is_none() {
            self.note.repair = Some(Repair::new(amiss.len(), self.app.engine.clock.now()));
            self.keep().await?;
        }
        store.repair_hooks(&amiss).await.map_err(Error::Hooks)?;
        self.close_gap().await?;
        if self.note.hookless {
            let id = self.application.id.as_str();
            self.app.engine.tables.settle_attention(AttentionKind::Webhook, id).await?;
            self.note.hookless = false;
            self.keep().await?;
        }
        Ok(())
    }

    async fn amiss(&self, store: &Client) -> Result<Vec<HookRepair>, bigcommerce::Error> {
        let secret = self.application.webhook.app_secret.expose().to_owned();
        let headers = HookHeaders([(WEBHOOK_SECRET_HEADER.to_owned(), secret)].into());
        store.hooks_amiss(&WEBHOOK_SCOPES, &self.destination(), &headers).await
    }

    /// Where the hooks of this store are sent.
    pub(super) fn destination(&self) -> String {
        format!("{}/{}", self.app.webhook_url, self.application.id)
    }

    /// The hooks are on again: tells it, and has looked for what they did not tell. A walk begun
    /// any sooner could miss what happened before they were on.
    async fn close_gap(&mut self) -> Result<(), Error> {
        let Some(repair) = self.note.repair.take() else { return Ok(()) };
        self.app.engine.tables.report(&[repaired(&self.application, repair)]).await?;
        self.note.miss(self.app.engine.clock.now());
        Ok(self.keep().await?)
    }

    async fn ask_about_hooks(&mut self, error: &bigcommerce::Error) -> Result<(), Error> {
        self.note.hookless = true;
        self.keep().await?;
        self.app.engine.tables.raise(&hookless(self, error)).await?;
        Ok(())
    }
}
