//! Imports: runs over the customers of a store.

mod basics;
mod bench;
