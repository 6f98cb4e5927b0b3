//! The report in words for a person.

use shared::report::{Action, Entry, Outcome};

/// What was done.
pub(crate) fn action(action: Action) -> &'static str {
    match action {
        Action::CreateUser => "User created",
        Action::UpdateUser => "User updated",
        Action::DeactivateUser => "User deactivated",
        Action::DeleteUser => "User deleted",
        Action::CreateCustomer => "Customer created",
        Action::UpdateCustomer => "Customer updated",
        Action::DeleteCustomer => "Customer deleted",
        Action::DeactivateCustomer => "Customer deactivated",
        Action::ReactivateCustomer => "Customer reactivated",
        Action::Link => "Linked",
        Action::Unlink => "Unlinked",
        Action::RepairWebhooks => "Webhooks repaired",
        Action::SendMail => "Mail sent",
        Action::SetPassword => "Password set",
        Action::Refuse => "Refused",
    }
}

/// The names by which actions are asked for, in the order of a list.
pub(super) const ACTIONS: [(&str, &str); 15] = [
    ("createUser", "User created"),
    ("updateUser", "User updated"),
    ("deactivateUser", "User deactivated"),
    ("deleteUser", "User deleted"),
    ("createCustomer", "Customer created"),
    ("updateCustomer", "Customer updated"),
    ("deleteCustomer", "Customer deleted"),
    ("deactivateCustomer", "Customer deactivated"),
    ("reactivateCustomer", "Customer reactivated"),
    ("link", "Linked"),
    ("unlink", "Unlinked"),
    ("repairWebhooks", "Webhooks repaired"),
    ("sendMail", "Mail sent"),
    ("setPassword", "Password set"),
    ("refuse", "Refused"),
];

/// How it ended: the kind of the badge and a word.
pub(super) fn outcome(outcome: Outcome) -> (&'static str, &'static str) {
    match outcome {
        Outcome::Success => ("good", "Success"),
        Outcome::Conflict => ("info", "Conflict resolved"),
        Outcome::Blocked => ("warn", "Blocked"),
        Outcome::Failed => ("bad", "Failed"),
    }
}

/// By which way it came about.
pub(super) fn way(cause: &str) -> &'static str {
    match cause.split('/').next().unwrap_or_default() {
        "store" => "Webhook of the store",
        "import" => "Import",
        "survey" => "Walk over all customers",
        "users" | "scim" => "SCIM",
        "console" | "admin" => "Console",
        "csv" => "CSV file",
        "watch" => "Watch over the webhooks",
        "released" => "A value that became free",
        _ => "Another change",
    }
}

/// How it came about, step by step.
pub(super) fn steps(entry: &Entry, application: &str) -> [String; 3] {
    let asked = format!("{} ({}) asked for a look.", way(&entry.cause), entry.cause);
    let compared = match entry.changes.len() {
        0 => format!("The user and the customer at {application} were compared as they were then."),
        1 => format!("The user and the customer at {application} were compared: one field differed."),
        many => format!("The user and the customer at {application} were compared: {many} fields differed."),
    };
    let (_, ended) = outcome(entry.outcome);
    [asked, compared, format!("{}: {}.", action(entry.action), ended.to_lowercase())]
}

/// What to do about it; empty where nothing needs doing.
pub(super) fn advice(entry: &Entry) -> &'static str {
    match (entry.outcome, entry.action) {
        (Outcome::Success, Action::RepairWebhooks) => {
            "Nothing now: what was missed is being looked for. If it comes again, see who changes the store's API \
             accounts or whether its address is reached."
        }
        (Outcome::Success, _) => "",
        (Outcome::Conflict, _) => {
            "Both sides had changed the same field. The value that gave way stands under the changes; write it again \
             where it was right, or change which side has the say in the application's policies."
        }
        (Outcome::Blocked, _) => {
            "Correct the value that is named, in the directory or at the store. The pair is looked at again as soon as \
             either side changes, and the others are not held up."
        }
        (Outcome::Failed, _) => {
            "It was tried for hours. Mend the cause that is named, then have it tried again under Attention."
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_that_can_be_asked_for_has_its_words() {
        for (name, words) in ACTIONS {
            let known: Action = serde_json::from_value(name.into()).unwrap();
            assert_eq!(action(known), words);
        }
    }
}
