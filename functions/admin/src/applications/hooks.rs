//! A store's webhooks: set up, proved by a round trip, deleted. Where they are sent is ours to say:
//! no address comes from a request.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    response::Response,
};
use serde::Deserialize;
use serde_json::json;
use shared::{
    application::{
        Application, ApplicationId, SignatureMode, WEBHOOK_SCOPES, WEBHOOK_SECRET_HEADER, WebhookPolicy,
    },
    bigcommerce::{Client, CustomerId, Error, HookHeaders, PageQuery},
    clock::random_id,
    report::AttentionKind,
    secret::Secret,
};

use super::address;
use crate::{App, caller::Caller, input::Sent, refusal::Refusal};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Wanted {
    #[serde(default)]
    signature: Option<SignatureMode>,
    /// Whether the app secret is to be another one.
    #[serde(default)]
    rotate: bool,
}

/// Sets the webhooks up again, with another app secret where that is asked for, and proves them.
pub(super) async fn save(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    wanted: Sent<Wanted>,
) -> Result<Response, Refusal> {
    let before = app.application(&id).await?;
    let mut after = before.clone();
    after.webhook.signature = wanted.value.signature.unwrap_or(before.webhook.signature);
    if wanted.value.rotate {
        after.webhook.app_secret = app_secret();
        after.webhook.previous_app_secret = Some(before.webhook.app_secret.clone());
    }
    // Kept before a webhook can come with the new secret, which would be refused.
    app.keep(&caller, Some(&before), &after).await?;
    app.set_hooks_up(&after).await?;
    let proved = app.round_trip(&after).await;
    let flash = match proved {
        RoundTrip::Whole => "The webhooks are on, and one made the whole way round.",
        RoundTrip::Broken => {
            "The webhooks are on, but one that was sent to try did not come in. See that the address below can be reached."
        }
    };
    caller.done(
        &address(&after),
        flash,
        &json!({ "webhooks": WEBHOOK_SCOPES.len(), "roundTrip": proved.is_whole() }),
    )
}

/// How a webhook went that was sent to try.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum RoundTrip {
    /// It came in at the webhooks' address, was known for the store's own, and was taken.
    Whole,
    Broken,
}

impl RoundTrip {
    pub(super) fn is_whole(self) -> bool {
        self == RoundTrip::Whole
    }
}

/// A fresh app secret.
pub(super) fn app_secret() -> Secret {
    Secret::new(random_id())
}

/// How the webhooks of a new application are known to be its own.
pub(super) fn policy() -> WebhookPolicy {
    WebhookPolicy { app_secret: app_secret(), previous_app_secret: None, signature: SignatureMode::default() }
}

impl App {
    /// Where the webhooks of this store are sent.
    pub(super) fn destination(&self, application: &Application) -> String {
        format!("{}/{}", self.webhook_url, application.id)
    }

    /// Sets up what is missing or not as it is to be, as the watch does, and settles what was asked.
    pub(super) async fn set_hooks_up(&self, application: &Application) -> Result<(), Refusal> {
        let store = self.engine.api.store(application);
        let secret = application.webhook.app_secret.expose().to_owned();
        let headers = HookHeaders([(WEBHOOK_SECRET_HEADER.to_owned(), secret)].into());
        let amiss = store.hooks_amiss(&WEBHOOK_SCOPES, &self.destination(application), &headers).await?;
        store.repair_hooks(&amiss).await?;
        self.tables().settle_attention(AttentionKind::Webhook, application.id.as_str()).await?;
        Ok(())
    }

    /// Sends a webhook as the store would, to the address that the store itself has for us: that
    /// somebody, if there is anybody, may have been updated. To look at them once more does no harm.
    pub(super) async fn round_trip(&self, application: &Application) -> RoundTrip {
        let store = self.engine.api.store(application);
        let told = self.try_the_way(&store, application).await;
        if let Err(error) = &told {
            tracing::warn!(application.id = %application.id, ?error, "console.round_trip_failed");
        }
        if told.unwrap_or(false) { RoundTrip::Whole } else { RoundTrip::Broken }
    }

    async fn try_the_way(&self, store: &Client, application: &Application) -> Result<bool, Error> {
        let destination = self.destination(application);
        let hooks = store.hooks().await?;
        let ours = hooks.iter().filter(|hook| hook.is_active && hook.destination == destination);
        if ours.count() < WEBHOOK_SCOPES.len() {
            return Ok(false);
        }
        let query = PageQuery { limit: 1, ..PageQuery::default() };
        let customers = store.page(&query).await?.items;
        let customer = customers.first().and_then(|customer| customer.id).unwrap_or(CustomerId::FIRST);
        store.rehearse(application, &destination, customer, self.engine.clock.now()).await
    }

    /// Deletes the webhooks that are sent here.
    pub(super) async fn delete_hooks(&self, application: &Application) -> Result<(), Error> {
        let store = self.engine.api.store(application);
        let destination = self.destination(application);
        for hook in store.hooks().await?.into_iter().filter(|hook| hook.destination == destination) {
            store.delete_hook(hook.id).await?;
        }
        Ok(())
    }

    /// Settles what was asked about an application as a whole.
    pub(super) async fn settle_all(&self, id: &ApplicationId) -> Result<(), Refusal> {
        let kinds = [AttentionKind::Webhook, AttentionKind::Credentials, AttentionKind::Deletions];
        for kind in kinds {
            self.tables().settle_attention(kind, id.as_str()).await?;
        }
        Ok(())
    }
}
