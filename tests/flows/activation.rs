//! Activation mails: one at a time, in waves and as reminders; and what SES tells of them.

mod bench;
mod console;
mod faults;
mod kills;
mod reminders;
mod returns;
mod sending;
mod waves;
