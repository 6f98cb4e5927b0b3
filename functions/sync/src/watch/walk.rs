//! Walks on through a store, remembering after each page where it stands.

use jiff::Timestamp;
use shared::{
    report::AttentionKind,
    store,
    survey::{self, Survey, Surveyor},
};

use super::{
    Error, Watched, log,
    tell::{Gone, braked},
};

impl Watched {
    /// Walks a page on; gives the store back if there is more.
    pub(super) async fn walk_on(mut self, until: Timestamp) -> Option<Watched> {
        if let Err(error) = self.walk_a_page(until).await {
            log(&self.application.id, &error);
            return None;
        }
        self.note.survey.is_some().then_some(self)
    }

    async fn walk_a_page(&mut self, until: Timestamp) -> Result<(), Error> {
        let Some(survey) = &self.note.survey else { return Ok(()) };
        let surveyor = Surveyor { engine: &self.app.engine, application: &self.application, everyone: false };
        match surveyor.step(survey, until).await {
            Ok(survey) if survey.finished => self.finish(&survey).await?,
            Ok(survey) => {
                self.note.survey = Some(survey);
                self.keep().await?;
            }
            Err(survey::Error::Braked { gone, known, noted }) => {
                self.brake(&Gone { gone, known, noted }).await?;
            }
            Err(error) => {
                if let survey::Error::Store(error) = &error {
                    self.ask_about_credentials(error).await?;
                }
                return Err(Error::Survey(error));
            }
        }
        Ok(())
    }

    async fn finish(&mut self, survey: &Survey) -> Result<(), store::Error> {
        if self.note.braked.take().is_some() {
            let id = self.application.id.as_str();
            self.app.engine.tables.settle_attention(AttentionKind::Deletions, id).await?;
        }
        tracing::info!(
            application.id = %self.application.id, cause = survey.occasion.cause(), survey.seen = survey.seen,
            survey.gone = survey.gone, survey.noted = survey.noted, "store walked"
        );
        self.note.end(self.app.engine.clock.now());
        self.keep().await
    }

    async fn brake(&mut self, gone: &Gone) -> Result<(), store::Error> {
        self.note.braked = Some(self.application.policies.deletion_brake);
        self.keep().await?;
        self.app.engine.tables.raise(&braked(self, gone)).await?;
        self.note.survey = None;
        self.note.again = false;
        self.keep().await
    }
}
