//! How far a run is, as a person is told: nothing is promised that was not measured.

use serde::Serialize;

use super::{Place, Run, State};

/// How far a run is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    /// How many customers were gone over.
    pub done: u64,
    /// How many there are to go over; absent until the store has told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
    /// Customers a second, while it was at work; absent until a page was gone over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<f64>,
    /// In how many seconds it ends at this rate; absent where it cannot be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eta_seconds: Option<u64>,
}

impl Progress {
    /// How far `run` is.
    pub fn of(run: &Run) -> Progress {
        let (done, total) = match &run.place {
            Place::Full(survey) => (survey.seen, survey.total),
            Place::Incremental(delta) => (delta.seen, delta.total),
        };
        // Customers come and go while a run is on its way.
        let total = match run.state {
            State::Done => Some(done),
            _ => total.map(|total| total.max(done)),
        };
        #[expect(clippy::cast_precision_loss, reason = "a rate is no exact number")]
        let rate = (done > 0 && run.worked_ms > 0).then(|| done as f64 * 1000.0 / run.worked_ms as f64);
        Progress { done, total, rate, eta_seconds: eta(run, done, total) }
    }
}

fn eta(run: &Run, done: u64, total: Option<u64>) -> Option<u64> {
    let left = total?.saturating_sub(done);
    match (run.state, left) {
        (State::Active, 0) => Some(0),
        (State::Active, left) if done > 0 => {
            Some(left.saturating_mul(run.worked_ms).div_ceil(done.saturating_mul(1000)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::import::Effect;

    fn run(seen: u64, total: Option<u64>, worked_ms: u64) -> Run {
        let mut run = Run::full("main-store".parse().unwrap(), Effect::Apply, "ada", Timestamp::UNIX_EPOCH);
        run.worked_ms = worked_ms;
        if let Place::Full(survey) = &mut run.place {
            (survey.seen, survey.total) = (seen, total);
        }
        run
    }

    #[test]
    fn nothing_is_told_before_it_is_known() {
        let progress = Progress::of(&run(0, None, 0));
        assert_eq!(progress, Progress { done: 0, total: None, rate: None, eta_seconds: None });
    }

    #[test]
    fn the_rate_is_that_of_the_time_at_work_and_the_end_follows_from_it() {
        let progress = Progress::of(&run(500, Some(2_000), 2_000));
        assert_eq!((progress.rate, progress.eta_seconds), (Some(250.0), Some(6)));
        let paused = Run { state: State::Paused, ..run(500, Some(2_000), 2_000) };
        assert_eq!(Progress::of(&paused).eta_seconds, None);
    }

    #[test]
    fn a_total_never_falls_behind_what_is_done() {
        assert_eq!(Progress::of(&run(260, Some(250), 1)).total, Some(260));
        let done = Run { state: State::Done, ..run(240, Some(250), 1) };
        assert_eq!(Progress::of(&done).total, Some(240));
    }
}
