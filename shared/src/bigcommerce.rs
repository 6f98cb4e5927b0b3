//! The only code that speaks to BigCommerce.

mod customer;

pub use customer::{
    Address, AddressId, Attribute, AttributeValue, Authentication, Customer, CustomerId, FormField,
};
