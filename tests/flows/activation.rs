//! Activation mails: one at a time, in waves and as reminders; and what SES tells of them.

mod bench;
mod console;
mod deaths;
mod faults;
mod forgot;
mod kills;
mod links;
mod page;
mod passwords;
mod reminders;
mod returns;
mod sending;
mod shopper;
mod waves;
