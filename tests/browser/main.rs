//! The screens as a person meets them, in a headless Chromium. Each screen walks its main path at
//! desktop and phone width, in a light room and a dark one; what was seen is in
//! `target/screenshots/`.
//!
//! * `driver`: the browser; `sight`: looking at a page
//! * `console`: somebody at the console; `sign_in` to `changes`: its screens
//! * `shopper`: from the mail to the store; `simulator`: the store itself
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod applications;
mod attention;
mod clients;
mod console;
mod driver;
mod files;
mod imports;
mod keyboard;
mod mapping;
mod onboarding;
mod operators;
mod profile_fields;
mod reports;
mod shopper;
mod sight;
mod sign_in;
mod simulator;
mod users;
