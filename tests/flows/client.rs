//! The BigCommerce client against stores that are not well.

mod fake;
mod pace;
mod reads;
mod writes;
