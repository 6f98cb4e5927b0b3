//! The function `activation`, in two binaries: `activation-mail` sends what the jobs table asks
//! for, links and all.

pub mod mail;
