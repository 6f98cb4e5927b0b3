//! The screens as a person meets them, in a headless Chromium. Each screen walks its main path at
//! desktop and phone width; what was seen is in `target/screenshots/`.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod driver;
mod simulator;
