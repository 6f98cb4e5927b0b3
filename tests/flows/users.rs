//! The directory over SCIM: who may read it, what is found, how it is paged and how it is written.

mod asking;
mod bodies;
mod bulk;
mod change;
mod conformance;
mod create;
mod faults;
mod filters;
mod groups;
mod pages;
mod providers;
mod resource;
mod tokens;
mod wire;
