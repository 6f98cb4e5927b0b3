//! Imports: runs over all customers of a store, or over those that changed. A run is a state that
//! anybody can take up where it stands; what moves it is elsewhere, and the rules are here, pure.
//!
//! * [`Run`]: one import, how far it is and what it came to
//! * [`Job`]: the imports of one application: the run under way, and what the next one needs to know
//! * [`Progress`]: done, total, rate and the time it will take, as a person is told
//! * [`Verdict`], [`Counts`], [`Forecast`]: what it comes to, customer by customer

mod delta;
mod job;
mod progress;
mod run;
mod table;
mod verdict;

pub use delta::{AttributesMapped, Delta, Stage, each_once};
pub use job::{Job, Lease, WhatIf, next_scheduled, scheduled};
pub use progress::Progress;
pub use run::{Asks, Command, Effect, Kind, NotARunId, Place, Run, RunId, State};
pub use table::plain;
pub use verdict::{Counts, Forecast, Foretold, Verdict};
