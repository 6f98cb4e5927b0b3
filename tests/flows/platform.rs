//! What holds for every function: its rights, its secrets, whom it speaks to, how it starts.

mod busy;
mod console;
mod imports;
mod invoked;
mod lambda;
pub(crate) mod leaks;
mod mails;
mod outbound;
mod pages;
mod rights;
mod starts;
