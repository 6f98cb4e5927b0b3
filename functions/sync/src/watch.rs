//! Watches that every store goes on telling what happens there. A hook that is off or gone is set
//! up again, and what it did not tell meanwhile is looked for among all customers. The first look
//! at a newly connected store is the same: nothing was told yet.
//!
//! A store may lose a delivery and keep its hook on, and nothing tells of that. So all customers are
//! looked through once a day as well (see [`Policies::survey_every_hours`]): a call for 250 of them.
//!
//! Whatever is about to be done is written into the store's note first. Who is cut off anywhere does
//! it again, and what is told twice is told in the same words under the same key.
//!
//! [`Policies::survey_every_hours`]: shared::application::Policies::survey_every_hours

mod hooks;
mod note;
mod tell;
mod walk;

use std::collections::VecDeque;

use futures_util::{
    StreamExt,
    stream::{self, FuturesUnordered},
};
use jiff::Timestamp;
use shared::{
    application::{Application, ApplicationId},
    bigcommerce::{self, PageQuery},
    report::AttentionKind,
    store, survey,
    sync::is_about_credentials,
};

use crate::{App, identity};
use note::Note;

/// How many stores are seen to at once: each has a quota of its own to wait for.
const STORES: usize = 8;

/// A store under watch.
struct Watched {
    app: App,
    application: Application,
    note: Note,
    /// As it is in the table.
    kept: Note,
}

/// Why one store could not be watched; the others are all the same.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error("the hooks could not be seen to")]
    Hooks(#[source] bigcommerce::Error),
    #[error("the credentials could not be tried")]
    Credentials(#[source] bigcommerce::Error),
    #[error("the tables could not be used")]
    Tables(#[source] store::Error),
    #[error("the walk stopped")]
    Survey(#[source] survey::Error),
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Error {
        Error::Tables(error)
    }
}

/// Sees to every application, at most until `until`; what is left goes on with the next call. All
/// hooks come first, then the stores walk a page each in turn: none waits for another's last page.
pub(crate) async fn watch(app: &App, until: Timestamp) -> Result<(), store::Error> {
    let applications = app.engine.tables.applications().await?;
    let mut waiting: VecDeque<Watched> = stream::iter(applications)
        .map(|application| see_to(app.clone(), application))
        .buffer_unordered(STORES)
        .filter_map(std::future::ready)
        .collect()
        .await;
    let mut walking = FuturesUnordered::new();
    loop {
        while walking.len() < STORES
            && app.engine.clock.now() < until
            && let Some(watched) = waiting.pop_front()
        {
            walking.push(watched.walk_on(until));
        }
        match walking.next().await {
            Some(walked) => waiting.extend(walked),
            None => return Ok(()),
        }
    }
}

/// The store, if it is to be walked.
async fn see_to(app: App, application: Application) -> Option<Watched> {
    let id = application.id.clone();
    let seen_to = async {
        let mut watched = Watched::recall(app, application).await?;
        match watched.see_to_hooks().await {
            // What a walk can find, it finds without them.
            Err(Error::Hooks(error)) if error.retryable() && watched.note.surveyed.is_some() => {
                log(&id, &Error::Hooks(error));
            }
            outcome => outcome?,
        }
        watched.see_to_credentials().await?;
        watched.see_to_identity().await;
        watched.see_to_survey().await?;
        Ok(watched)
    };
    let watched = seen_to.await.map_err(|error| log(&id, &error)).ok()?;
    watched.note.survey.is_some().then_some(watched)
}

impl Watched {
    async fn recall(app: App, application: Application) -> Result<Watched, store::Error> {
        let note = match app.engine.tables.recall(note::KIND, application.id.as_str()).await {
            Err(error @ store::Error::Unreadable(_)) => {
                log(&application.id, &Error::Tables(error));
                Note::unreadable()
            }
            note => note?.unwrap_or_default(),
        };
        Ok(Watched { app, application, kept: note.clone(), note })
    }

    /// Writes the note, if there is anything new in it.
    async fn keep(&mut self) -> Result<(), store::Error> {
        if self.note != self.kept {
            self.app.engine.tables.remember(note::KIND, self.application.id.as_str(), &self.note).await?;
            self.kept = self.note.clone();
        }
        Ok(())
    }

    /// Asks for a person where the store refuses the credentials.
    async fn ask_about_credentials(&mut self, error: &bigcommerce::Error) -> Result<(), store::Error> {
        if is_about_credentials(error) {
            self.note.refused = true;
            self.keep().await?;
            self.app.engine.tell_of_credentials(&self.application, error).await;
        }
        Ok(())
    }

    /// Whether credentials that were refused are taken again. The hooks do not tell: they are there
    /// for whoever has any token.
    async fn see_to_credentials(&mut self) -> Result<(), Error> {
        if !self.note.refused {
            return Ok(());
        }
        let tables = &self.app.engine.tables;
        let query = PageQuery { limit: 1, ..PageQuery::default() };
        match self.app.engine.api.store(&self.application).page(&query).await {
            Ok(_) => {
                tables.settle_attention(AttentionKind::Credentials, self.application.id.as_str()).await?;
                self.note.refused = false;
                Ok(self.keep().await?)
            }
            Err(error) => {
                self.ask_about_credentials(&error).await?;
                Err(Error::Credentials(error))
            }
        }
    }

    /// A store that has no room for it is served all the same.
    async fn see_to_identity(&self) {
        if let Err(error) = identity::see_to(&self.app, &self.application).await {
            let source = std::error::Error::source(&error).map(ToString::to_string);
            tracing::warn!(application.id = %self.application.id, %error, source, "store without our identifiers");
        }
    }

    /// Begins a walk if it is time for one.
    async fn see_to_survey(&mut self) -> Result<(), store::Error> {
        let now = self.app.engine.clock.now();
        if let Some(occasion) = self.note.due(&self.application.policies, now) {
            self.note.begin(occasion, now);
            self.keep().await?;
        }
        Ok(())
    }
}

fn log(id: &ApplicationId, error: &Error) {
    let source = std::error::Error::source(error);
    let source = source.map(|source| match source.source() {
        Some(below) => format!("{source}: {below}"),
        None => source.to_string(),
    });
    tracing::warn!(application.id = %id, %error, source, "store not watched");
}
