//! The console: who may ask for what, and what its screens do.

mod applications;
pub(crate) mod asking;
mod clients;
mod operators;
mod routes;
mod sign_in;
