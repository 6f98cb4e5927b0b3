//! The local stack itself: what the flows stand on.

mod command;
pub(crate) mod engine;
pub(crate) mod gateway;
mod mailbox;
mod triggers;
mod whole;
