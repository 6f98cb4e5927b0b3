//! Imports: runs over the customers of a store.

mod basics;
pub(crate) mod bench;
mod changes;
mod faults;
mod people;
mod quota;
