//! The console: who may ask for what, and what its screens do.

mod applications;
mod asking;
mod clients;
mod operators;
mod routes;
mod sign_in;
