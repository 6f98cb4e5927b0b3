//! The tables over the real engine and the real SDK.

mod bench;
mod clients;
mod costs;
mod faults;
mod reports;
mod settings;
mod tombstones;
mod users;
mod work;
