//! The only code that speaks to BigCommerce.
//!
//! * [`Api`]: one a process: the address, the connections, the clock, the limiter of each store
//! * [`Client`]: one application's door to its store; each endpoint has a file of its own
//! * [`Error`]: what can go wrong, and whether trying again may help; `answer` and `problem` read it
//! * `quota`, `pace`, `limit`: the store's quota, shared with the merchant's other apps
//! * `list`, `chunks`: pages, cursors and filters by many values
//! * `batch`, `blame`: writes of ten rows that the store takes or refuses whole

mod addresses;
mod answer;
mod api;
mod attributes;
mod batch;
mod blame;
mod changes;
mod chunks;
mod client;
mod credentials;
mod customer;
mod customers;
mod error;
mod form_fields;
mod groups;
mod hooks;
mod limit;
mod list;
mod pace;
mod probe;
mod problem;
mod quota;
mod store;

pub use addresses::AddressOutcome;
pub use api::Api;
pub use changes::{CustomerChange, NewCustomer};
pub use client::Client;
pub use credentials::Validation;
pub use customer::{
    Address, AddressId, Attribute, AttributeValue, Authentication, Customer, CustomerId, FormField,
};
pub use customers::{Include, PageQuery};
pub use error::{Error, Reasons};
pub use groups::CustomerGroup;
pub use hooks::{BlockedDomain, Hook, HookHeaders, HookId, HookRepair, HookStatus, HooksAdmin, NewHook};
pub use list::{Cursor, Page};
pub use quota::Quota;
pub use store::StoreInformation;
