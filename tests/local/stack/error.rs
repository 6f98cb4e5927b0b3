//! What can go wrong with a stack.

use super::data;

/// Why a stack could not be started or used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The template holds what cannot be run here.
    #[error("the template cannot be run")]
    Template(#[from] crate::template::Error),
    /// A stream trigger cannot be run here.
    #[error("the template cannot be run")]
    Trigger(#[from] crate::triggers::NotAPattern),
    /// The template names a table or a function that is not there.
    #[error("the template cannot be run (it has no {0})")]
    Missing(&'static str),
    /// The data directory cannot be used.
    #[error("the data cannot be kept")]
    Data(#[from] data::Error),
    /// The engine failed.
    #[error("the engine failed")]
    Engine(#[from] crate::engine::Error),
    /// The API could not be served.
    #[error("the API cannot be served")]
    Gateway(#[from] crate::gateway::Error),
    /// The mailbox could not be served.
    #[error("the mailbox cannot be served")]
    Mailbox(#[source] std::io::Error),
    /// The simulated store failed.
    #[error("the simulated store failed")]
    Store(#[from] crate::bigcommerce::Error),
    /// The store's API failed.
    #[error("the store's API failed")]
    BigCommerce(#[from] shared::bigcommerce::Error),
    /// The tables failed.
    #[error("the tables failed")]
    Tables(#[from] shared::store::Error),
    /// The store's webhooks could not be seen to.
    #[error("the store's webhooks could not be set up")]
    Watch(#[from] crate::triggers::Failed),
    /// The store is not the one that it was taken for.
    #[error("the store could not be connected ({0})")]
    NotConnected(&'static str),
}
