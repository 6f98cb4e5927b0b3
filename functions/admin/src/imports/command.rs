//! What is asked of a run that is not over: of whoever has it at work, or else of its row.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    response::Response,
};
use serde_json::{Value, json};
use shared::{
    amendment::Amendment,
    import::{Asks, Command, Job, Kind, Run, RunId},
    report::AttentionKind,
};

use super::{HERE, address, begin::at_the_same_time, told::Told};
use crate::{App, caller::Caller, refusal::Refusal};

pub(super) async fn pause(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(run): Path<String>,
) -> Result<Response, Refusal> {
    app.ask(&caller, &run, Command::Pause, "The import pauses at the end of its page.").await
}

pub(super) async fn resume(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(run): Path<String>,
) -> Result<Response, Refusal> {
    app.ask(&caller, &run, Command::Resume, "The import goes on where it stood.").await
}

pub(super) async fn cancel(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(run): Path<String>,
) -> Result<Response, Refusal> {
    app.ask(&caller, &run, Command::Cancel, "The import ends here. What it did stays done.").await
}

/// Lets the deletions of a run pass that the brake stopped, those of its further pages too.
pub(super) async fn approve(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(run): Path<String>,
) -> Result<Response, Refusal> {
    let job = app.open_job(&run).await?;
    let approved = job.run.approved(caller.name(), caller.now).ok_or_else(|| {
        let detail = "The import does not wait for deletions to be approved. Look at it again.";
        Refusal::conflict(detail).go_on("The import", address(&job.run.id))
    })?;
    let after = json!({ "decision": "approve", "detail": job.run.detail });
    let what = format!("deletions of import {}", job.run.id);
    app.tables().amend(&Amendment::new(caller.name(), what, &Value::Null, &after, caller.now)).await?;
    app.settle(&job.run).await?;
    let after = Job { run: approved, lease: None, asked: None, due_at: caller.now, ..job.clone() };
    let job = app.tables().put_job(Some(&job), &after).await?.ok_or_else(at_the_same_time)?;
    let flash = "The import goes on, and the users of customers that are gone go with them.";
    caller.done(&address(&job.run.id), flash, &Told::under_way(job))
}

fn run_id(text: &str) -> Result<RunId, Refusal> {
    text.parse().map_err(|_| no_run())
}

fn no_run() -> Refusal {
    Refusal::missing("There is no such import, or no longer. Look at the list.").go_on("Imports", HERE)
}

fn not_now(run: &RunId) -> Refusal {
    Refusal::conflict(
        "The import is not where this can be done: an active one is paused, a paused or stopped one resumed, and one \
         that has ended stays so.",
    )
    .go_on("The import", address(run))
}

impl App {
    /// The run of this identifier, under way or ended.
    pub(super) async fn run(&self, id: &str) -> Result<Run, Refusal> {
        self.tables().run(&run_id(id)?).await?.ok_or_else(no_run)
    }

    /// The run of this identifier, with what is to be known while it is under way.
    pub(super) async fn told_run(&self, id: &str) -> Result<Told, Refusal> {
        let id = run_id(id)?;
        match self.tables().job(id.application()).await?.filter(|job| job.run.id == id) {
            Some(job) => Ok(Told::under_way(job)),
            None => Ok(Told::ended(self.run(&id.to_string()).await?)),
        }
    }

    /// The row of this run, for as long as no other has taken its place.
    async fn open_job(&self, id: &str) -> Result<Job, Refusal> {
        let id = run_id(id)?;
        if let Some(job) = self.tables().job(id.application()).await?.filter(|job| job.run.id == id) {
            return Ok(job);
        }
        self.run(&id.to_string()).await?;
        Err(not_now(&id))
    }

    async fn ask(
        &self,
        caller: &Caller,
        run: &str,
        command: Command,
        flash: &str,
    ) -> Result<Response, Refusal> {
        let job = self.open_job(run).await?;
        let now = caller.now;
        let run = job.run.asked(command, now).ok_or_else(|| not_now(&job.run.id))?;
        let at_work = job.lease.as_ref().is_some_and(|lease| lease.until > now);
        let after = match (at_work, run.state.is_open()) {
            (true, _) => Job { asked: Some(command), ..job.clone() },
            (false, true) => Job { run, lease: None, asked: None, due_at: now, ..job.clone() },
            (false, false) => {
                self.settle(&job.run).await?;
                self.tables().keep_run(&run).await?;
                job.ended(run)
            }
        };
        let job = self.tables().put_job(Some(&job), &after).await?.ok_or_else(at_the_same_time)?;
        caller.done(&address(&job.run.id), flash, &Told::under_way(job))
    }

    /// Nobody is asked any more about the deletions of a run that goes on or ends.
    async fn settle(&self, run: &Run) -> Result<(), Refusal> {
        if run.kind == Kind::Full && run.asks == Some(Asks::Deletions) {
            let id = run.id.application().as_str();
            self.tables().settle_attention(AttentionKind::Deletions, id).await?;
        }
        Ok(())
    }
}
