//! The local stack.

pub mod bigcommerce;
