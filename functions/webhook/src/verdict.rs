//! What is to be done with a delivery; pure.

use std::fmt;

use axum::http::HeaderMap;
use jiff::Timestamp;
use shared::{
    application::{Application, WEBHOOK_SECRET_HEADER},
    secret::Secret,
    work::Subject,
};

use crate::{
    event::{self, About, Event},
    signature::{self, Finding, only},
};

/// What is to be done with a delivery, and what was found about its signature.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// What is to be done.
    pub decision: Decision,
    /// What was found about the signature, for the log.
    pub signature: Finding,
}

/// What is to be done with a delivery.
#[derive(Clone, Debug, PartialEq)]
pub enum Decision {
    /// The customer may be out of step: keep a row of work, then acknowledge.
    Keep(Notice),
    /// Authentic, but nothing for us: acknowledge, or it would come again for two days.
    Ignore(Ignored),
    /// Authentic, but not to be read.
    Malformed,
    /// Not shown to be a connected store's own.
    Refuse(Refusal),
}

/// What a row of work is made of.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// Which customer to look at.
    pub subject: Subject,
    /// The scope of the event.
    pub scope: &'static str,
    /// When the event came about, by the store's clock, or else when it arrived.
    pub asked_at: Timestamp,
}

/// Why an authentic delivery is nothing for us.
#[derive(Clone, Debug, PartialEq)]
pub enum Ignored {
    /// It comes from a store other than the application's.
    OtherStore,
    /// It is about something other than customers; the scope, cut short.
    OtherScope(String),
    /// It is about a customer, and does not say which.
    NoCustomer(&'static str),
}

/// Why a delivery is not shown to be a connected store's own. The caller is never told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No application goes by this name.
    UnknownApplication,
    /// The header has no app secret, or a wrong one.
    AppSecret,
    /// The signature is not what the application asks for.
    Signature,
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Decision::Keep(_) => "kept",
            Decision::Ignore(Ignored::OtherStore) => "ignored: other store",
            Decision::Ignore(Ignored::OtherScope(_)) => "ignored: other scope",
            Decision::Ignore(Ignored::NoCustomer(_)) => "ignored: no customer",
            Decision::Malformed => "malformed",
            Decision::Refuse(Refusal::UnknownApplication) => "refused: unknown application",
            Decision::Refuse(Refusal::AppSecret) => "refused: app secret",
            Decision::Refuse(Refusal::Signature) => "refused: signature",
        })
    }
}

/// Judges a delivery to `application`, or to no known one. The body is read only once the app
/// secret and the signature have passed.
pub fn verdict(
    application: Option<&Application>,
    headers: &HeaderMap,
    body: &[u8],
    now: Timestamp,
) -> Verdict {
    let refuse = |refusal, signature| Verdict { decision: Decision::Refuse(refusal), signature };
    let knows = knows_app_secret(application, headers);
    let application = match application {
        Some(application) if knows => application,
        None if headers.contains_key(WEBHOOK_SECRET_HEADER) => {
            return refuse(Refusal::UnknownApplication, Finding::NotExamined);
        }
        _ => return refuse(Refusal::AppSecret, Finding::NotExamined),
    };
    let mode = application.webhook.signature;
    let signature = signature::examine(mode, &application.credentials, headers, body, now);
    if !signature.passes(mode) {
        return refuse(Refusal::Signature, signature);
    }
    let decision = event::read(body).map_or(Decision::Malformed, |event| decide(application, event, now));
    Verdict { decision, signature }
}

fn decide(application: &Application, event: Event, now: Timestamp) -> Decision {
    if event.store_hash.as_deref() != Some(&application.store_hash) {
        return Decision::Ignore(Ignored::OtherStore);
    }
    match event.about {
        About::Customer(customer, scope) => Decision::Keep(Notice {
            subject: Subject::Customer(application.id.clone(), customer),
            scope,
            asked_at: event.created_at.unwrap_or(now),
        }),
        About::NoCustomer(scope) => Decision::Ignore(Ignored::NoCustomer(scope)),
        About::Else(scope) => Decision::Ignore(Ignored::OtherScope(scope)),
    }
}

/// Whether the header has the current or the previous app secret. Two secrets are compared
/// whatever there is to compare, so that the time tells neither which of them is the right one
/// nor whether there is an application.
fn knows_app_secret(application: Option<&Application>, headers: &HeaderMap) -> bool {
    let given = only(headers, WEBHOOK_SECRET_HEADER).unwrap_or_default();
    let stand_in = Secret::new("the stand-in of a secret that is not there");
    let is = |secret: Option<&Secret>| secret.unwrap_or(&stand_in).matches(given) & secret.is_some();
    let policy = application.map(|application| &application.webhook);
    let current = is(policy.map(|policy| &policy.app_secret));
    let previous = is(policy.and_then(|policy| policy.previous_app_secret.as_ref()));
    (current | previous) & !given.is_empty()
}

#[cfg(test)]
mod tests;
