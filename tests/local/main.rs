//! Starts the local stack.
fn main() {}
