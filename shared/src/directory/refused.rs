//! Why a user is not written.

use crate::{
    mapping::Refusal,
    scim::{PatchError, ValueError},
    store::{self, Unique},
    user::UserId,
};

/// Why a user is not written; each door says it in its own words.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// There is no such user.
    #[error("the user could not be changed (there is none of this identifier)")]
    NoUser,
    /// Another version than was asked for is there.
    #[error("the user could not be changed (another version is there)")]
    Version,
    /// A value is none of its attribute's.
    #[error("the user could not be written")]
    Value(#[from] ValueError),
    /// The operations cannot be carried out.
    #[error("the user could not be changed")]
    Patch(#[from] PatchError),
    /// A store would refuse a value, and the client wants to know at once.
    #[error("the user could not be written (the store {store} would refuse it)")]
    ByStore {
        /// The store's name.
        store: String,
        /// The value and the rule.
        refusal: Refusal,
    },
    /// A row of a file tells no user.
    #[error("the user could not be written (its row tells none)")]
    Row(String),
    /// Another user has a value that only one may have.
    #[error("the user could not be written (its {what} belongs to another)")]
    Taken {
        /// What kind of value.
        what: Unique,
        /// Who has it.
        by: UserId,
    },
    /// Others go on changing the user.
    #[error("the user could not be written (others were quicker each time)")]
    Busy,
    /// The tables did not take it.
    #[error("the user could not be written")]
    Tables(#[source] store::Error),
}

impl Refused {
    /// What is the matter and what to do next, for a person at the console.
    pub fn sentence(&self) -> String {
        match self {
            Refused::NoUser => "This user is no longer there. Go back to the list.".to_owned(),
            Refused::Version => {
                "Someone changed this user meanwhile. Look at what is there now, and make your change again."
                    .to_owned()
            }
            Refused::Value(ValueError { attribute, rule }) => {
                format!("{attribute}: the value must be {rule}.")
            }
            Refused::Patch(error) => format!("The change cannot be made: {error}."),
            Refused::ByStore { store, refusal } => {
                format!("The store {store} would refuse {refusal}. Correct the value.")
            }
            Refused::Row(told) => told.clone(),
            Refused::Taken { what, .. } => {
                format!("The {what} belongs to another user. Choose another, or change it there first.")
            }
            Refused::Busy => "Others are changing this user at this moment. Try again in a while.".to_owned(),
            Refused::Tables(store::Error::TooLarge(limit)) => {
                format!("This is more than one user can hold ({limit}). Shorten it.")
            }
            Refused::Tables(_) => "The directory cannot be reached now. Try again in a while.".to_owned(),
        }
    }
}

impl From<store::Error> for Refused {
    fn from(error: store::Error) -> Refused {
        match error {
            store::Error::Taken { what, by, .. } => Refused::Taken { what, by },
            error => Refused::Tables(error),
        }
    }
}
