//! Imports: runs over the customers of a store.

mod basics;
mod bench;
mod changes;
mod door;
mod faults;
mod people;
mod quota;
