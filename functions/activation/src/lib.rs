//! The function `activation`, in two binaries: `activation-mail` sends what the jobs table asks
//! for, links and all; `activation-page` is the page that a link leads to.

pub mod mail;
pub mod page;
