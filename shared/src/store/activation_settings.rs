//! How each application's activation mails look.

use super::{Error, Tables};
use crate::{
    amendment::Amendment,
    application::{ActivationSettings, ApplicationId},
};

const SETTINGS: &str = "activation-settings";

impl Tables {
    /// How an application's activation mails and its page look; what was never set is as standard.
    pub async fn activation_settings(
        &self,
        application: &ApplicationId,
    ) -> Result<ActivationSettings, Error> {
        Ok(self.recall(SETTINGS, application.as_str()).await?.unwrap_or_default())
    }

    /// Sets how an application's activation mails and its page look, and keeps who did. What is no settings (see
    /// [`ActivationSettings::check`]) is the caller's to refuse.
    pub async fn put_activation_settings(
        &self,
        application: &ApplicationId,
        settings: &ActivationSettings,
        amendment: &Amendment,
    ) -> Result<(), Error> {
        self.remember_with(SETTINGS, application.as_str(), settings, amendment).await
    }
}
