//! A stream's records handed to a function, in batches and in order, as Lambda hands them over:
//! a batch that fails comes again, from its first failed record if the function names it, and in
//! halves; what fails too often is given up.
//!
//! Lambda tries both halves of a bisected batch by themselves. Here the first half comes next and
//! then whatever follows it, which ends alike.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};
use shared::clock::Clock;
use tokio::sync::Mutex;

use super::{Function, NotAPattern, filter::Filter};
use crate::{
    engine::{Engine, Error},
    template::StreamTrigger,
};

/// How often a stream that was empty is looked at again.
const POLL: Duration = Duration::from_millis(100);
/// How long a failed batch waits.
const RETRY: Duration = Duration::from_secs(1);

/// Hands the records of one stream to one function.
pub struct StreamPump {
    engine: Arc<Engine>,
    trigger: StreamTrigger,
    filter: Filter,
    function: Function,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The last record that is done with.
    position: Option<String>,
    /// How often the batch that follows has failed.
    failures: u32,
    /// How many records the batch that follows may have, while a failed one is bisected.
    limit: Option<usize>,
}

/// What came of a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// There was nothing to hand over.
    Quiet,
    /// The records are done with.
    Done(usize),
    /// The batch failed; some of its first records may be done with.
    Failed,
    /// The batch failed for the last time and is passed over.
    GivenUp(usize),
}

struct Batch {
    records: Vec<Value>,
    /// The last record read, those that the filter kept back included.
    end: Option<String>,
}

impl StreamPump {
    /// A pump that begins with the oldest record there is.
    ///
    /// # Errors
    /// When the trigger's filter uses what is not known here.
    pub fn new(
        engine: Arc<Engine>,
        trigger: StreamTrigger,
        function: Function,
    ) -> Result<Arc<StreamPump>, NotAPattern> {
        let filter = Filter::new(&trigger.patterns)?;
        Ok(Arc::new(StreamPump { engine, trigger, filter, function, state: Mutex::default() }))
    }

    /// Hands over one batch of what is there now, without waiting for more.
    ///
    /// # Errors
    /// When the stream cannot be read.
    pub async fn turn(&self) -> Result<Turn, Error> {
        let mut state = self.state.lock().await;
        let batch = self.next_batch(&state)?;
        if batch.records.is_empty() {
            state.position = batch.end.or(state.position.take());
            return Ok(Turn::Quiet);
        }
        let answer = (self.function)(json!({ "Records": batch.records })).await;
        let failed = match &answer {
            Ok(answer) => self.first_failed(answer, &batch.records),
            Err(error) => {
                tracing::warn!(table = self.trigger.table, %error, "a batch failed");
                Some(0)
            }
        };
        Ok(match failed {
            None => state.pass(batch),
            Some(index) => self.fail(&mut state, batch, index),
        })
    }

    /// Hands over batches until the task is aborted; one that is not full waits for more.
    pub async fn run(self: Arc<Self>, clock: Clock) {
        loop {
            let wait = match self.wait_for_batch(&clock).await {
                Ok(()) => self.turn().await,
                Err(error) => Err(error),
            };
            match wait {
                Ok(Turn::Done(_) | Turn::GivenUp(_)) => {}
                Ok(Turn::Quiet) => clock.sleep(POLL).await,
                Ok(Turn::Failed) => clock.sleep(RETRY).await,
                Err(error) => {
                    tracing::error!(table = self.trigger.table, %error, "a stream cannot be read");
                    clock.sleep(RETRY).await;
                }
            }
        }
    }

    /// Forgets the records that are done with.
    ///
    /// # Errors
    /// When the engine's file cannot be written.
    pub async fn forget_done(&self) -> Result<(), Error> {
        match &self.state.lock().await.position {
            Some(position) => self.engine.forget_records(&self.trigger.table, position),
            None => Ok(()),
        }
    }

    async fn wait_for_batch(&self, clock: &Clock) -> Result<(), Error> {
        let there = self.next_batch(&*self.state.lock().await)?.records.len();
        if there > 0 && there < self.trigger.batch_size {
            clock.sleep(self.trigger.window).await;
        }
        Ok(())
    }

    fn next_batch(&self, state: &State) -> Result<Batch, Error> {
        let size = state.limit.unwrap_or(self.trigger.batch_size);
        let mut batch = Batch { records: Vec::new(), end: None };
        loop {
            let after = batch.end.as_deref().or(state.position.as_deref());
            let read = self.engine.records(&self.trigger.table, after, size - batch.records.len())?;
            let Some(last) = read.last() else { return Ok(batch) };
            batch.end = sequence_number(last);
            batch.records.extend(read.into_iter().filter(|record| self.filter.lets_pass(record)));
            if batch.records.len() == size {
                return Ok(batch);
            }
        }
    }

    /// An answer that names an unknown record, or none where it should, is the failure of the whole batch.
    fn first_failed(&self, answer: &Value, records: &[Value]) -> Option<usize> {
        let failures = answer["batchItemFailures"].as_array().filter(|_| self.trigger.reports_failures)?;
        let place = |failure: &Value| {
            let number = failure["itemIdentifier"].as_str();
            records.iter().position(|record| sequence_number(record).as_deref() == number).unwrap_or(0)
        };
        failures.iter().map(place).min()
    }

    fn fail(&self, state: &mut State, batch: Batch, first: usize) -> Turn {
        if first > 0 {
            state.position = sequence_number(&batch.records[first - 1]);
            state.failures = 0;
        }
        let failed = batch.records.len() - first;
        if self.trigger.bisect && failed > 1 && first == 0 {
            state.limit = Some(failed.div_ceil(2));
            return Turn::Failed;
        }
        state.failures += 1;
        if self.trigger.retries.is_some_and(|retries| state.failures > retries) {
            tracing::error!(table = self.trigger.table, records = failed, "a batch is given up");
            state.pass(batch);
            return Turn::GivenUp(failed);
        }
        Turn::Failed
    }
}

impl State {
    fn pass(&mut self, batch: Batch) -> Turn {
        *self = State { position: batch.end, failures: 0, limit: None };
        Turn::Done(batch.records.len())
    }
}

fn sequence_number(record: &Value) -> Option<String> {
    Some(record["dynamodb"]["SequenceNumber"].as_str()?.to_owned())
}
