//! What mails need of applications, read once a call.

use std::{collections::BTreeMap, sync::Arc};

use shared::{
    application::{ActivationSettings, ApplicationId},
    store::{self, Tables},
};
use tokio::sync::Mutex;

/// What mails need of an application.
pub(super) struct Store {
    pub(super) id: ApplicationId,
    pub(super) name: String,
    pub(super) settings: ActivationSettings,
}

/// The applications as they were when a call first needed them.
#[derive(Default)]
pub(super) struct Stores(Mutex<BTreeMap<ApplicationId, Option<Arc<Store>>>>);

impl Stores {
    /// The application; `None` where there is none.
    pub(super) async fn of(
        &self,
        tables: &Tables,
        id: &ApplicationId,
    ) -> Result<Option<Arc<Store>>, store::Error> {
        let mut known = self.0.lock().await;
        if let Some(store) = known.get(id) {
            return Ok(store.clone());
        }
        let store = match tables.application(id).await? {
            None => None,
            Some(application) => Some(Arc::new(Store {
                id: id.clone(),
                name: application.name,
                settings: tables.activation_settings(id).await?,
            })),
        };
        known.insert(id.clone(), store.clone());
        Ok(store)
    }
}
