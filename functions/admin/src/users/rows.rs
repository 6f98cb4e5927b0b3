//! Users as lists show them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use shared::{
    application::ApplicationId,
    bigcommerce::CustomerId,
    user::{Link, LinkState, User, UserId},
};

use super::called;

/// A user as a list shows it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Row {
    pub(super) id: UserId,
    pub(super) name: String,
    pub(super) user_name: String,
    pub(super) email: Option<String>,
    pub(super) active: bool,
    pub(super) links: Vec<LinkRow>,
    pub(super) last_modified: Timestamp,
    /// Whether it was picked on the page before.
    #[serde(skip)]
    pub(super) picked: bool,
}

/// A link as it is shown.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LinkRow {
    pub(super) application: ApplicationId,
    /// The store's name.
    pub(super) store: String,
    pub(super) customer: CustomerId,
    pub(super) blocked: bool,
    /// Whether the customer was offboarded while the user is there.
    pub(super) held: bool,
    pub(super) synced_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) last_error: Option<String>,
}

impl Row {
    pub(super) fn of(user: &User, stores: &BTreeMap<ApplicationId, String>, picked: &[UserId]) -> Row {
        Row {
            id: user.id.clone(),
            name: called(user),
            user_name: user.user_name.clone(),
            email: user.primary_email().map(|email| email.value.as_str().to_owned()),
            active: user.active,
            links: links(user, stores),
            last_modified: user.last_modified,
            picked: picked.contains(&user.id),
        }
    }
}

/// The user's links; the name of a store that is no longer connected is its identifier.
pub(super) fn links(user: &User, stores: &BTreeMap<ApplicationId, String>) -> Vec<LinkRow> {
    let row = |(application, link): (&ApplicationId, &Link)| LinkRow {
        application: application.clone(),
        store: stores.get(application).cloned().unwrap_or_else(|| application.to_string()),
        customer: link.customer,
        blocked: link.state == LinkState::Blocked,
        held: link.held.is_some(),
        synced_at: link.synced_at,
        last_error: link.last_error.clone(),
    };
    user.links.iter().map(row).collect()
}

impl LinkRow {
    /// How the pair stands, in words.
    pub(super) fn state(&self) -> &'static str {
        match (self.blocked, self.held) {
            (true, _) => "Not in step",
            (false, true) => "Sign-in blocked at the store",
            (false, false) => "In step",
        }
    }
}
