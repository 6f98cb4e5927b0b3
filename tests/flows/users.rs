//! The directory over SCIM: who may read it, what is found, how it is paged and how it is written.

mod asking;
mod bodies;
mod change;
mod costs;
mod create;
mod filters;
mod pages;
mod resource;
mod tokens;
mod wire;
