//! The directory over SCIM: who may read it, what is found, how it is paged and how it is written.

mod asking;
mod change;
mod create;
mod pages;
mod resource;
mod tokens;
