//! A page of users with how far they are: a bounded number of reads, whatever is asked for.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use shared::{
    activation::{Activation, ActivationState},
    application::ApplicationId,
    user::{User, UserId},
};

use crate::{App, refusal::Refusal};

/// How many users a page shows.
const USERS: usize = 50;
/// How many activations are read for a page of those in one state.
const READ: i32 = 200;

/// A user as the page shows one.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Told {
    pub(super) id: String,
    pub(super) user_name: String,
    pub(super) name: String,
    pub(super) email: String,
    pub(super) state: &'static str,
    #[serde(skip)]
    pub(super) state_name: &'static str,
    #[serde(skip)]
    pub(super) badge: &'static str,
    pub(super) since: Option<Timestamp>,
    pub(super) reminders: u32,
    /// Whether sending a mail makes sense.
    pub(super) may_be_sent: bool,
}

/// Users, and after whom the next page begins.
pub(super) struct Found {
    pub(super) users: Vec<Told>,
    pub(super) next: Option<String>,
}

/// The state of this name; none for all.
pub(super) fn state(name: &str) -> Option<ActivationState> {
    ActivationState::ALL.into_iter().find(|state| state.as_str() == name)
}

/// A state in words.
pub(super) fn name(state: ActivationState) -> &'static str {
    match state {
        ActivationState::NotInvited => "Not invited",
        ActivationState::Queued => "Queued",
        ActivationState::Sent => "Sent",
        ActivationState::Delivered => "Delivered",
        ActivationState::Opened => "Opened the page",
        ActivationState::Expired => "Expired",
        ActivationState::Bounced => "Bounced",
        ActivationState::Complained => "Complained",
        ActivationState::PasswordSet => "Password set",
        ActivationState::Verified => "Verified",
    }
}

fn badge(state: ActivationState) -> &'static str {
    match state {
        ActivationState::NotInvited => "",
        ActivationState::Queued | ActivationState::Sent | ActivationState::Delivered => "info",
        ActivationState::Opened | ActivationState::Expired => "warn",
        ActivationState::Bounced | ActivationState::Complained => "bad",
        ActivationState::PasswordSet | ActivationState::Verified => "good",
    }
}

/// A page of users, those in `state` if one is asked for.
pub(super) async fn page(
    app: &App,
    application: &ApplicationId,
    state: Option<ActivationState>,
    after: &str,
) -> Result<Found, Refusal> {
    let after = Some(after).filter(|after| !after.is_empty()).map(|after| UserId::from(after.to_owned()));
    let now = app.engine.clock.now();
    match state {
        // Who never had a mail has no row to be found by.
        None | Some(ActivationState::NotInvited) => {
            let users = app.tables().page_of_users(after.as_ref(), USERS).await?;
            let next = users.last().filter(|_| users.len() == USERS).map(|user| user.id.to_string());
            let ids: Vec<UserId> = users.iter().map(|user| user.id.clone()).collect();
            let known = app.tables().activations_of(application, &ids).await?;
            let users = users.iter().filter(|user| user.links.contains_key(application));
            let none = Activation::default();
            let told = users.map(|user| told(user, known.get(&user.id).unwrap_or(&none), now));
            Ok(Found {
                users: told.filter(|told| state.is_none_or(|state| told.state == state.as_str())).collect(),
                next,
            })
        }
        Some(state) => {
            let page = app.tables().activations(application, Some(state), after.as_ref(), READ).await?;
            let known: BTreeMap<UserId, Activation> = page.activations.into_iter().collect();
            let ids: Vec<UserId> = known.keys().cloned().collect();
            let users = app.tables().users(&ids).await?;
            let told =
                known.iter().filter_map(|(id, activation)| Some(told(users.get(id)?, activation, now)));
            Ok(Found { users: told.collect(), next: page.next.map(|id| id.to_string()) })
        }
    }
}

fn told(user: &User, activation: &Activation, now: Timestamp) -> Told {
    let state = activation.state_at(now);
    let names = [user.name.given_name.as_deref(), user.name.family_name.as_deref()];
    Told {
        id: user.id.to_string(),
        user_name: user.user_name.clone(),
        name: names.into_iter().flatten().collect::<Vec<_>>().join(" "),
        email: user.primary_email().map(|email| email.value.as_str().to_owned()).unwrap_or_default(),
        state: state.as_str(),
        state_name: name(state),
        badge: badge(state),
        since: (state != ActivationState::NotInvited).then_some(activation.since),
        reminders: activation.reminders,
        may_be_sent: user.active && activation.may_be_sent_again(),
    }
}
