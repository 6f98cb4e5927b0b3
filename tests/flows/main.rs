//! Flows.

mod simulator;
