//! The directory over SCIM: who may read it, what is found, how it is paged and how it is written.

mod asking;
mod pages;
mod resource;
mod tokens;
