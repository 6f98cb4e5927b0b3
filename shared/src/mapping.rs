//! Which directory attribute is which customer field, and how values travel between them.
//!
//! Values are compared in one vocabulary, the customer's, and in canonical form: what `to_store`
//! makes of what `to_directory` makes of a value, on either side. So no spelling that a side
//! prefers is ever taken for a change. Empty text, null, group 0, no marketing and an empty list
//! are an absent key. A value that reads alike is left as it is spelled.
//!
//! Constants and defaults stand for the side they come from: those of `to_store` for the user's
//! value, those of `to_directory` for the customer's. They reach the other side as changes do.

mod address;
mod check;
mod customer;
mod difference;
mod file;
mod groups;
mod limits;
mod names;
mod standard;
mod transform;
mod user;
mod value;
mod wire;

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::application::Authority;

pub use check::Flaw;
pub use difference::Difference;
pub use file::{LARGEST_FILE, NotAMapping};
pub use groups::{GroupRule, GroupRules};
pub(crate) use limits::Limits;
pub use names::{AddressAttribute, AddressField, Attribute, CustomerField, NotMappable};
pub use transform::{NotATransform, read_transforms, write_transforms};
pub use value::alike;
pub(crate) use value::respelled;
pub use wire::{AddressSteps, FieldSteps, field_steps};

/// Mapped values in the customer's vocabulary, in canonical form: an empty value is an absent key.
pub type Fields = BTreeMap<CustomerField, Value>;

/// The content of one address in the customer's vocabulary, in canonical form.
pub type AddressFields = BTreeMap<AddressField, String>;

/// The mapping of an application: its rules for customers and for their addresses.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Mapping {
    /// One rule a customer field.
    pub rules: Vec<Rule>,
    /// One rule an address field; none: addresses are left alone.
    #[serde(default)]
    pub address_rules: Vec<AddressRule>,
    /// Which customer group a user's groups come to.
    #[serde(default)]
    pub groups: GroupRules,
    /// Where a customer that we create says whose it is; none: nowhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<Identity>,
}

/// The attribute at the store that holds our user's identifier, in each customer that we create.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Identity {
    /// The store's identifier of the attribute.
    pub attribute: u32,
    /// Since when this directory writes it: what an older customer says is of another directory.
    pub since: Timestamp,
}

/// One customer field and the attribute it is mapped to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rule {
    /// The directory's side.
    pub attribute: Attribute,
    /// The store's side.
    pub field: CustomerField,
    /// Which way values flow.
    #[serde(default)]
    pub direction: Direction,
    /// Who wins when both sides changed the field differently; `None`: as the application says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authority: Option<Authority>,
    /// Whether the directory refuses a customer without a value.
    #[serde(default)]
    pub required: bool,
    /// Applied in order to what goes to the store, and to both sides before they are compared.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub to_store: Vec<Transform>,
    /// Applied in order to what goes to the directory.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub to_directory: Vec<Transform>,
}

/// One address field and the part of the user's address it is mapped to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AddressRule {
    /// The directory's side.
    pub attribute: AddressAttribute,
    /// The store's side.
    pub field: AddressField,
    /// Applied in order to what goes to the store, and to both sides before they are compared.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub to_store: Vec<Transform>,
    /// Applied in order to what goes to the directory.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub to_directory: Vec<Transform>,
}

/// Which way the values of a rule flow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Direction {
    /// Both ways, by the merge.
    #[default]
    Both,
    /// The store's value always stands.
    ToDirectory,
    /// The directory's value always stands.
    ToStore,
}

/// A named way to change a single value. Each is idempotent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Transform {
    /// Without surrounding white space.
    Trim,
    /// Lower case.
    Lower,
    /// Upper case.
    Upper,
    /// Any name or code of a country to its ISO 3166-1 alpha-2 code.
    CountryAlpha2,
    /// Any name or code of a country to its ISO 3166-1 alpha-3 code.
    CountryAlpha3,
    /// Any name or code of a country to its English name.
    CountryName,
    /// A state's name or code to the code after the hyphen of ISO 3166-2, within the address's country.
    StateCode,
    /// A state's name or code to its full name, within the address's country.
    StateName,
    /// This value, whatever was there; such a rule is pinned to the direction it stands in.
    Constant(String),
    /// This value where there is none.
    Default(String),
}

/// One side's mapped values.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mapped {
    /// The fields.
    pub fields: Fields,
    /// The addresses that could be read.
    pub addresses: BTreeSet<AddressFields>,
    /// How many of the addresses those are.
    pub coverage: Coverage,
    /// What could not be read.
    pub refused: Vec<Refusal>,
    /// The fields that are not to be compared: refused, or not asked for.
    pub withheld: BTreeSet<CustomerField>,
}

/// How many of a side's addresses were read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Coverage {
    /// All: an address that is not among them is not there.
    #[default]
    Whole,
    /// Some were refused: an address that is not among them may be one of those.
    Partial,
    /// They were not asked for, or addresses are not mapped.
    Unseen,
}

/// A value that one side holds and a rule of the other refuses.
#[derive(Clone, PartialEq)]
pub struct Refusal {
    /// Which: `first_name`, `addresses.state_or_province`, …
    pub field: String,
    /// What was refused; null for no value.
    pub value: Value,
    /// The broken rule.
    pub rule: Cow<'static, str>,
}

impl Refusal {
    pub(crate) fn new(field: impl fmt::Display, value: Value, rule: impl Into<Cow<'static, str>>) -> Refusal {
        Refusal { field: field.to_string(), value, rule: rule.into() }
    }
}

/// Field, value and rule, for a person.
impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 80;
        let value = match &self.value {
            Value::Null => "without a value".to_owned(),
            Value::String(text) if text.chars().count() > SHOWN => {
                format!("“{}…”", text.chars().take(SHOWN).collect::<String>())
            }
            Value::String(text) => format!("“{text}”"),
            other => other.to_string(),
        };
        write!(f, "{} {value} ({})", self.field, self.rule)
    }
}

/// Tells which field and rule, and nothing personal.
impl fmt::Debug for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Refusal({}: {})", self.field, self.rule)
    }
}

impl Mapping {
    /// The rule of a customer field.
    pub fn rule(&self, field: &CustomerField) -> Option<&Rule> {
        self.all_rules().find(|rule| rule.field == *field)
    }

    /// The rules, and how the customer's group is mapped by group rules.
    pub(crate) fn all_rules(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter().chain(self.groups.rule())
    }

    pub(crate) fn maps_user_name(&self) -> bool {
        self.rules.iter().any(|rule| rule.attribute == Attribute::UserName)
    }
}

impl Direction {
    /// Between the attribute at its left and the field at its right.
    pub fn arrow(self) -> &'static str {
        match self {
            Direction::Both => "↔",
            Direction::ToDirectory => "←",
            Direction::ToStore => "→",
        }
    }
}

impl Rule {
    /// Which way values flow: a constant flows one way, whatever else is said.
    pub fn flows(&self) -> Direction {
        let constant =
            |transforms: &[Transform]| transforms.iter().any(|t| matches!(t, Transform::Constant(_)));
        match self.direction {
            Direction::Both if constant(&self.to_store) => Direction::ToStore,
            Direction::Both if constant(&self.to_directory) => Direction::ToDirectory,
            direction => direction,
        }
    }

    /// Whether an absent value of the user is not empty, but a default.
    pub(crate) fn fills_for_store(&self) -> bool {
        self.to_store.iter().any(|transform| matches!(transform, Transform::Default(_)))
    }

    /// Whether an absent value of the customer is not empty, but a default.
    pub(crate) fn fills_for_directory(&self) -> bool {
        self.to_directory.iter().any(|transform| matches!(transform, Transform::Default(_)))
    }
}
