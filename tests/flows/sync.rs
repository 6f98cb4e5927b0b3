//! Fetch and upsert: what happens at a store and in the directory reaches the other side once,
//! whatever fails between, and the report tells it.

mod attention;
mod backlog;
mod basics;
mod bench;
mod brake;
mod deletions;
mod echo;
mod faults;
mod figures;
mod hooks;
mod order;
mod outage;
mod poison;
mod scope;
mod storms;
mod twice;
mod watch;
