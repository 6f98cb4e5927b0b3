//! Imports: one row an application in the jobs table, written only over what was read. So there is
//! one run an application, one who has it at work, and nothing that a person asks is overwritten.

use aws_sdk_dynamodb::types::AttributeValue::Bool;
use serde::{Deserialize, Serialize};

use super::{
    Error, Table, Tables,
    call::held,
    item::{Item, aliases, instant, item, number, read, text, written},
};
use crate::{
    application::ApplicationId,
    clock::random_id,
    import::{Job, Run, RunId},
};

/// The most runs that a list gives.
const MOST_RUNS: i32 = 100;

#[derive(Serialize, Deserialize)]
struct Kept {
    run: Run,
}

fn job_key(application: &ApplicationId) -> Item {
    item([("subject", text(format!("import#{application}")))])
}

fn run_key(id: &RunId) -> Item {
    item([("kind", text(kind(id.application()))), ("id", text(id.rest()))])
}

fn kind(application: &ApplicationId) -> String {
    format!("run#{application}")
}

impl Tables {
    /// The imports of an application; `None` where there never was one.
    pub async fn job(&self, application: &ApplicationId) -> Result<Option<Job>, Error> {
        self.get(Table::Jobs, job_key(application)).await?.map(read).transpose()
    }

    /// The imports of these applications; those that never had one are left out.
    pub async fn jobs(&self, applications: &[ApplicationId]) -> Result<Vec<Job>, Error> {
        let keys = applications.iter().map(job_key).collect();
        self.batch_get(Table::Jobs, keys).await?.into_iter().map(read).collect()
    }

    /// Writes the imports of an application over what was read: as written, unless someone else
    /// wrote first; then `None`.
    pub async fn put_job(&self, before: Option<&Job>, after: &Job) -> Result<Option<Job>, Error> {
        let after = Job { token: random_id(), ..after.clone() };
        let put = self.client.put_item().set_item(Some(self.job_item(&after)?));
        let put = match before {
            None => put.condition_expression("attribute_not_exists(subject)"),
            Some(before) => put
                .condition_expression("#token = :token")
                .set_expression_attribute_names(Some(aliases(&["token"])))
                .expression_attribute_values(":token", text(&before.token)),
        };
        let put = self.put(Table::Jobs, put).await.map(|()| None);
        Ok(held(put)?.then_some(after))
    }

    /// The stream wakes the function for rows that are `waiting`, and for no checkpoint.
    fn job_item(&self, job: &Job) -> Result<Item, Error> {
        let mut row = written(job)?;
        row.extend(job_key(job.run.id.application()));
        row.extend(item([
            ("dueAt", text(instant(job.due_at))),
            ("waiting", Bool(job.is_due(self.clock.now()))),
        ]));
        Ok(row)
    }

    /// Keeps a run that has ended, as long as entries of the report are.
    pub async fn keep_run(&self, run: &Run) -> Result<(), Error> {
        let mut row = written(&Kept { run: run.clone() })?;
        row.extend(run_key(&run.id));
        row.extend(self.expiry(run)?);
        self.put(Table::Settings, self.client.put_item().set_item(Some(row))).await
    }

    pub(super) fn expiry(&self, run: &Run) -> Result<Item, Error> {
        let expires = run.begun_at.checked_add(self.retention).map_err(Error::rejected)?;
        Ok(item([("expiresAt", number(expires.as_second()))]))
    }

    /// The run, under way or ended.
    pub async fn run(&self, id: &RunId) -> Result<Option<Run>, Error> {
        if let Some(job) = self.job(id.application()).await?.filter(|job| job.run.id == *id) {
            return Ok(Some(job.run));
        }
        let kept: Option<Kept> = self.get(Table::Settings, run_key(id)).await?.map(read).transpose()?;
        Ok(kept.map(|kept| kept.run))
    }

    /// The last runs of an application that have ended, newest first, or those before `before`.
    pub async fn runs(
        &self,
        application: &ApplicationId,
        before: Option<&RunId>,
        limit: i32,
    ) -> Result<Vec<Run>, Error> {
        let start = before.filter(|before| before.application() == application).map(run_key);
        let query = self
            .query_of(Table::Settings)
            .key_condition_expression("kind = :kind")
            .expression_attribute_values(":kind", text(kind(application)))
            .scan_index_forward(false)
            .set_exclusive_start_key(start)
            .limit(limit.clamp(1, MOST_RUNS));
        let rows = self.query(query).await?.items;
        rows.into_iter().map(|row| read::<Kept>(row).map(|kept| kept.run)).collect()
    }
}
