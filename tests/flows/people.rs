//! What the console's screens of users stand on: searches, mappings as they are worked on, what would
//! be done.

mod search;
