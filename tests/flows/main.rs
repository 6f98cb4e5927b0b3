//! Flows.

mod tables;
