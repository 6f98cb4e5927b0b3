//! What would be done, in words: made of the plan, and of nothing else.

use jiff::Timestamp;
use serde_json::Value;
use shared::{
    import::{Foretold, Verdict},
    report::Action,
    sync::Foreseen,
};

/// What a step does, as one says it before it is done.
pub(super) fn step(action: Action) -> &'static str {
    match action {
        Action::CreateUser => "The user is created.",
        Action::UpdateUser => "The user is updated.",
        Action::DeactivateUser => "The user is deactivated.",
        Action::DeleteUser => "The user is deleted.",
        Action::CreateCustomer => "A customer is created.",
        Action::UpdateCustomer => "The customer is updated.",
        Action::DeleteCustomer => "The customer is deleted, with everything the store keeps with it.",
        Action::DeactivateCustomer => "The customer stays and can no longer sign in as before.",
        Action::ReactivateCustomer => "The customer is given back what was taken.",
        Action::Link => "The user and the customer are linked.",
        Action::Unlink => "The link ends; the customer stays as it is.",
        Action::RepairWebhooks => "Webhooks are set up again.",
        Action::SendMail => "A mail is sent.",
        Action::SetPassword => "The password is set at the store.",
        Action::Refuse => "Nothing can be done.",
    }
}

/// What it comes to, in a word or two.
pub(super) fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Create => "Creates",
        Verdict::Update => "Updates",
        Verdict::Adopt => "Links",
        Verdict::Delete => "Ends the link",
        Verdict::Blocked => "Blocked",
        Verdict::Conflict => "Conflict",
        Verdict::Unchanged => "In step",
        Verdict::Invalid => "Cannot be",
        Verdict::Left => "Waits",
    }
}

/// A value as a table shows it.
pub(super) fn value(value: &Value) -> String {
    match value {
        Value::Null => "—".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// What is foreseen of a deletion, where no step is to be taken now.
pub(super) fn of_deletion(foreseen: &Foreseen) -> Option<String> {
    let nothing = foreseen.steps.is_empty() && foreseen.asked.is_empty();
    let day = |at: &Timestamp| at.strftime("%Y-%m-%d").to_string();
    nothing.then(|| match &foreseen.later {
        Some(later) => format!("The customer stays for now, and is deleted on {}.", day(later)),
        None => "The customer stays as it is, and is nobody's.".to_owned(),
    })
}

/// A step with what it says of itself.
pub(super) fn told(foretold: &Foretold) -> String {
    match foretold.detail.is_empty() {
        true => step(foretold.action).to_owned(),
        false => format!("{} {}", step(foretold.action), foretold.detail),
    }
}

/// What a step did, as one says it after.
pub(super) fn done(action: Action) -> &'static str {
    match action {
        Action::CreateUser => "The user was created.",
        Action::UpdateUser => "The user was updated.",
        Action::DeactivateUser => "The user was deactivated.",
        Action::DeleteUser => "The user was deleted.",
        Action::CreateCustomer => "A customer was created.",
        Action::UpdateCustomer => "The customer was updated.",
        Action::DeleteCustomer => "The customer was deleted.",
        Action::DeactivateCustomer => "The customer was kept from signing in, or moved.",
        Action::ReactivateCustomer => "The customer was given back what was taken.",
        Action::Link => "The user and the customer were linked.",
        Action::Unlink => "The link ended.",
        Action::RepairWebhooks => "Webhooks were set up again.",
        Action::SendMail => "A mail was sent.",
        Action::SetPassword => "The password was set at the store.",
        Action::Refuse => "Nothing could be done.",
    }
}
