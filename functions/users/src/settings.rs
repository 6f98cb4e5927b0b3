//! What people have set, as it was read a moment ago.

use std::{collections::BTreeMap, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use shared::{
    client::{Client, ClientId},
    profile::ProfileField,
    scim::Schemas,
    store,
};
use tokio::sync::Mutex;

use crate::App;

/// How long it holds: a change is served after this time at the latest. Tokens are not among it.
const HOLDS: SignedDuration = SignedDuration::from_secs(10);

/// What people have set: it changes seldom, and each request needs it.
#[derive(Debug)]
pub(crate) struct Settings {
    clients: BTreeMap<ClientId, Arc<Client>>,
    /// The profile fields that users have.
    pub(crate) fields: Vec<ProfileField>,
    /// What there is of users.
    pub(crate) users: Schemas,
    /// What there is of groups.
    pub(crate) groups: Schemas,
}

/// The settings as last read.
pub(crate) type Kept = Mutex<Option<(Timestamp, Arc<Settings>)>>;

impl App {
    pub(crate) async fn settings(&self) -> Result<Arc<Settings>, store::Error> {
        let now = self.clock.now();
        let mut kept = self.kept.lock().await;
        if let Some((read, settings)) = kept.as_ref()
            && now.duration_since(*read).abs() < HOLDS
        {
            return Ok(settings.clone());
        }
        let settings = Arc::new(Settings::read(self).await?);
        *kept = Some((now, settings.clone()));
        Ok(settings)
    }
}

impl Settings {
    async fn read(app: &App) -> Result<Settings, store::Error> {
        let fields = app.tables.profile_fields().await?;
        let clients = app.tables.clients().await?.into_iter();
        Ok(Settings {
            clients: clients.map(|client| (client.id.clone(), Arc::new(client))).collect(),
            users: Schemas::user(&fields),
            groups: Schemas::group(),
            fields,
        })
    }

    /// The client as it was set up; one that nobody set up is as clients are by default.
    pub(crate) fn client(&self, id: &ClientId) -> Arc<Client> {
        let known = self.clients.get(id).cloned();
        known.unwrap_or_else(|| Arc::new(Client::new(id.clone(), id.as_str())))
    }
}
