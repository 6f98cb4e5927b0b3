//! The console: who may ask for what, and what its screens do.

mod asking;
mod mapping;
mod operators;
mod routes;
mod store;
mod users;
