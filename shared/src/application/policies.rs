//! What may happen at an application without a person, and what becomes of those who leave.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

/// What may happen without a person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Policies {
    /// Whether nothing at all happens for now: what is pending waits until it goes on.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub paused: bool,
    /// Who wins when both sides changed one field differently.
    pub authority: Authority,
    /// What a change at the store may do in the directory.
    pub to_directory: Operations,
    /// What a change in the directory may do at the store.
    pub to_store: Operations,
    /// What to do when a user and a customer that are not linked have one e-mail address.
    pub match_by_email: MatchPolicy,
    /// What the deletion of a customer at the store does to its user.
    pub on_customer_deleted: OnCustomerDeleted,
    /// Which users are customers of this application: a SCIM filter over the user; none: all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// What the deletion of a user, or its leaving of the scope, does to its customer.
    pub on_user_deleted: Offboarding,
    /// What the deactivation of a user does to its customer.
    pub on_user_deactivated: Offboarding,
    /// The domain of the e-mail addresses of customers who cannot sign in. It should reach nobody,
    /// and the store must take it.
    pub tombstone_domain: String,
    /// How much of the store's request quota is left to the merchant's other apps, in percent.
    pub quota_reserve_percent: u8,
    /// After how many hours all customers are compared with the directory again, for what the store
    /// failed to tell although its webhooks are on; 0: never.
    pub survey_every_hours: u16,
    /// After how many hours all customers are imported anew; 0: only when somebody asks.
    pub import_every_hours: u16,
    /// After how many minutes the customers that changed are imported, for who does without
    /// webhooks; 0: only when somebody asks.
    pub import_changes_every_minutes: u16,
    /// How many customers may be found gone in one walk before a person is asked.
    pub deletion_brake: Brake,
}

/// Above both, deletions stop and a person is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Brake {
    /// How many deletions.
    pub number: u32,
    /// Which share of what is linked, in percent.
    pub percent: u8,
}

impl Default for Brake {
    fn default() -> Brake {
        Brake { number: 10, percent: 20 }
    }
}

impl Brake {
    /// One that stops nothing.
    pub const OFF: Brake = Brake { number: u32::MAX, percent: 100 };

    /// Whether `gone` of `known` are too many.
    pub fn stops(self, gone: u64, known: u64) -> bool {
        gone > self.number.into() && gone * 100 > known * u64::from(self.percent)
    }
}

impl Default for Policies {
    fn default() -> Policies {
        Policies {
            paused: false,
            authority: Authority::default(),
            to_directory: Operations::default(),
            to_store: Operations::default(),
            match_by_email: MatchPolicy::default(),
            on_customer_deleted: OnCustomerDeleted::default(),
            scope: None,
            on_user_deleted: Offboarding::DeleteCustomer,
            on_user_deactivated: Offboarding::BlockSignIn { group: None },
            tombstone_domain: "deactivated.invalid".to_owned(),
            quota_reserve_percent: 20,
            survey_every_hours: 24,
            import_every_hours: 0,
            import_changes_every_minutes: 0,
            deletion_brake: Brake::default(),
        }
    }
}

impl Policies {
    /// After what time all customers are imported anew; zero: never by itself.
    pub fn full_every(&self) -> SignedDuration {
        SignedDuration::from_hours(self.import_every_hours.into())
    }

    /// After what time the customers that changed are imported; zero: never by themselves.
    pub fn changes_every(&self) -> SignedDuration {
        SignedDuration::from_mins(self.import_changes_every_minutes.into())
    }

    /// Only what decides what becomes of a pair: nothing of when, how fast and how many.
    pub(super) fn rules(&self) -> Policies {
        let Policies {
            paused,
            quota_reserve_percent,
            survey_every_hours,
            import_every_hours,
            import_changes_every_minutes,
            deletion_brake,
            ..
        } = Policies::default();
        Policies {
            paused,
            quota_reserve_percent,
            survey_every_hours,
            import_every_hours,
            import_changes_every_minutes,
            deletion_brake,
            ..self.clone()
        }
    }
}

/// The side whose value stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Authority {
    /// The directory's value stands.
    #[default]
    Directory,
    /// The store's value stands.
    Store,
}

impl Authority {
    /// The side in words.
    pub fn side(self) -> &'static str {
        match self {
            Authority::Directory => "the directory",
            Authority::Store => "the store",
        }
    }
}

/// Which operations one direction may carry out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Operations {
    /// May create.
    pub create: bool,
    /// May update.
    pub update: bool,
    /// May delete, deactivate or unlink.
    pub delete: bool,
}

impl Default for Operations {
    fn default() -> Operations {
        Operations { create: true, update: true, delete: true }
    }
}

/// What to do when a user and a customer that are not linked have one e-mail address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum MatchPolicy {
    /// They are one person: link them and merge.
    #[default]
    Adopt,
    /// Ask a person.
    Ask,
    /// They are not to be linked: tell a person, change neither.
    Refuse,
}

/// What the deletion of a customer at the store does to its user.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum OnCustomerDeleted {
    /// Delete the user when no other link remains, else unlink.
    #[default]
    DeleteUser,
    /// Deactivate the user when no other link remains, and unlink.
    DeactivateUser,
    /// Unlink only.
    Unlink,
}

/// What becomes of the customer of a user who is deactivated, deleted, or no longer in scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Offboarding {
    /// Nothing: the customer stays as it is.
    Nothing,
    /// Nobody can sign in, and all is given back on return: the e-mail address gives way to one
    /// that reaches nobody, the password to a random one, and the group to this one, if one is given.
    BlockSignIn {
        /// The store's identifier of the customer group.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        group: Option<u32>,
    },
    /// The customer's group gives way to this one, and is given back on return.
    MoveToGroup {
        /// The store's identifier of the customer group.
        group: u32,
    },
    /// The customer is deleted so many days later, unless the user is back by then.
    DeleteAfter {
        /// How many.
        days: u16,
    },
    /// The customer is deleted.
    DeleteCustomer,
}

impl Offboarding {
    /// Whether the customer is deleted, now or later.
    pub fn deletes(self) -> bool {
        matches!(self, Offboarding::DeleteCustomer | Offboarding::DeleteAfter { .. })
    }

    /// Whether the customer's e-mail address is free at once.
    pub fn frees_email(self) -> bool {
        matches!(self, Offboarding::DeleteCustomer | Offboarding::BlockSignIn { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schedule_is_no_rule_and_an_authority_is() {
        let scheduled = Policies { import_every_hours: 24, paused: true, ..Policies::default() };
        assert_eq!(scheduled.rules(), Policies::default().rules());
        let other = Policies { authority: Authority::Store, ..Policies::default() };
        assert_ne!(other.rules(), Policies::default().rules());
    }

    #[test]
    fn a_brake_stops_above_its_number_and_its_share() {
        let brake = Brake { number: 10, percent: 20 };
        assert!(!brake.stops(10, 10), "few are let pass, whatever their share");
        assert!(!brake.stops(20, 100), "and a small share, however many");
        assert!(!Brake::OFF.stops(1_000_000, 1_000_000));
        assert!(brake.stops(11, 50) && brake.stops(21, 100) && brake.stops(1_000, 1_000));
    }
}
