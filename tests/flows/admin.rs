//! The console: who may ask for what, and what its screens do.

mod asking;
mod operators;
mod routes;
