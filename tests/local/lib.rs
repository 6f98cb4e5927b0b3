//! The local stack: the whole system in one process, for trying it out and for its tests.
//!
//! * [`stack`](mod@stack): all of it, started and settled
//! * [`template`]: what `template.yaml` deploys, read by the stack so that the two cannot drift
//! * [`clock`]: a clock driven by hand
//! * [`engine`]: an embedded DynamoDB engine, with a gate for faults in front
//! * [`crowd`]: many users at once
//! * [`triggers`]: what wakes functions: streams and schedules
//! * [`gateway`]: the HTTP API in front of the functions
//! * [`bigcommerce`]: a simulated store that speaks the real wire
//! * [`loopback`]: names below `localhost`
//! * [`mailbox`]: where mails end up

pub mod bigcommerce;
pub mod clock;
pub mod crowd;
pub mod engine;
pub mod gateway;
pub mod loopback;
pub mod mailbox;
pub mod stack;
pub mod template;
pub mod triggers;
