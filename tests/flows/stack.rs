//! The local stack itself: what the flows stand on.

mod engine;
mod gateway;
mod mailbox;
mod triggers;
mod whole;
