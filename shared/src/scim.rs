//! SCIM's rules (RFC 7643, RFC 7644): values in, values out. The map:
//!
//! * [`Schemas`]: what attributes there are, and the documents that tell
//! * [`Filter`]: which resources are meant
//! * [`patch`]: changing a resource, whole or not at all; [`GroupPatch`]: a group without its members
//! * [`user_resource`], [`write_user`], [`group_resource`], [`write_group`]: resources and records
//! * [`Projection`]: which attributes are in an answer
//! * [`SortKey`]: in which order resources stand
//!
//! A resource here is in canonical form: names as the schemas write them, values of the kinds that
//! they tell, nothing without a value. What a client sends is brought into it first.

mod draft;
mod filter;
mod group;
mod list;
mod members;
mod name;
mod patch;
mod path;
mod projection;
mod record;
mod resource;
mod schema;
mod sort;
mod value;

pub use filter::{Filter, FilterError, Lookup};
pub use group::{group_resource, write_group};
pub use members::{GroupPatch, MemberChanges};
pub use patch::{MOST_OPERATIONS, PatchError, ScimType, patch};
pub use projection::Projection;
pub use record::write_user;
pub use resource::{entity_tag, is_of_enterprise, is_text_attribute, text_attributes, user_resource};
pub use schema::{
    Attribute, ENTERPRISE, FIELDS, GROUP, Kind, LINKS, Mutability, Returned, Schema, Schemas, USER,
    Uniqueness,
};
pub use sort::{NotASortKey, SortKey};
pub use value::ValueError;
