//! How a stack is set up.

use std::{fmt, path::PathBuf, time::Duration};

use crate::{bigcommerce::Config, clock::ManualClock};

/// How a stack is set up.
#[derive(Debug)]
pub struct Options {
    /// The directory that keeps its data; `None` keeps none.
    pub data: Option<PathBuf>,
    /// Who moves the time.
    pub time: Time,
    /// The port of the API, before those of the store and the mailbox; 0: any free ones.
    pub port: u16,
    /// The simulated store. Its port and its file are the stack's to choose.
    pub store: Config,
    /// How long the functions wait for an answer of the store, in real time; `None`: as deployed.
    pub patience: Option<Duration>,
    /// How many customers a store without any is given.
    pub customers: u32,
    /// Whether the tables count what they consume (see [`shared::store::Meter`]).
    pub metered: bool,
}

/// Who moves the time.
#[derive(Clone)]
pub enum Time {
    /// The test (see [`ManualClock`]); what is pending runs when the stack settles.
    ByHand(ManualClock),
    /// The machine; what is pending runs by itself.
    Machine,
}

impl fmt::Debug for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Time::ByHand(_) => "ByHand",
            Time::Machine => "Machine",
        })
    }
}

/// A stack for a test: it keeps nothing, has free ports and no customers, and its time, which
/// begins in 2026, is moved by hand.
impl Default for Options {
    fn default() -> Options {
        let begin = jiff::Timestamp::constant(1_767_225_600, 0);
        Options {
            data: None,
            time: Time::ByHand(ManualClock::starting_at(begin)),
            port: 0,
            store: Config::default(),
            patience: None,
            customers: 0,
            metered: false,
        }
    }
}
