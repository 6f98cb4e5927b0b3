//! Flows: what happens from end to end, over the real engine, the real wire and real events.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod activation;
mod admin;
mod chaos;
mod client;
mod import;
mod intake;
mod oracle;
mod people;
mod platform;
mod simulator;
mod stack;
mod survey;
mod sync;
mod tables;
mod users;
