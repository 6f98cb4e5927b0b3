//! The tables over the real engine and the real SDK.

mod bench;
mod clients;
mod costs;
mod directory;
mod faults;
mod groups;
mod lists;
mod members;
mod one_time;
mod ranks;
mod reports;
mod seals;
mod settings;
mod tombstones;
mod users;
mod work;
