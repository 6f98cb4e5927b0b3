//! The console: who may ask for what, and what its screens do.

mod applications;
pub(crate) mod asking;
mod attention;
mod clients;
mod files;
mod home;
mod imports;
mod mapping;
mod operators;
mod reports;
mod routes;
mod sign_in;
mod store;
mod users;
