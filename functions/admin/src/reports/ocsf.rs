//! An entry as an account change of the Open Cybersecurity Schema Framework (class 3001, schema 1.3):
//! <https://schema.ocsf.io/1.3.0/classes/account_change>.

use serde_json::{Value, json};
use shared::report::{Action, Outcome};

use super::Line;

const CATEGORY: u32 = 3; // Identity & Access Management
const CLASS: u32 = 3001; // Account Change

/// What was done, as the schema numbers and names it.
fn activity(action: Action) -> (u32, &'static str) {
    match action {
        Action::CreateUser | Action::CreateCustomer => (1, "Create"),
        Action::ReactivateCustomer => (2, "Enable"),
        Action::SetPassword => (3, "Password Change"),
        Action::DeactivateUser | Action::DeactivateCustomer => (5, "Disable"),
        Action::DeleteUser | Action::DeleteCustomer => (6, "Delete"),
        Action::UpdateUser | Action::UpdateCustomer | Action::Link | Action::Unlink => (99, "Update"),
        Action::RepairWebhooks | Action::SendMail | Action::Refuse => (0, "Unknown"),
    }
}

/// How bad it is, and how it ended.
fn severity(outcome: Outcome) -> ((u32, &'static str), (u32, &'static str)) {
    match outcome {
        Outcome::Success => ((1, "Informational"), (1, "Success")),
        Outcome::Conflict => ((2, "Low"), (1, "Success")),
        Outcome::Blocked => ((3, "Medium"), (2, "Failure")),
        Outcome::Failed => ((4, "High"), (2, "Failure")),
    }
}

pub(super) fn account_change(line: &Line) -> Value {
    let entry = &line.entry;
    let (activity, activity_name) = activity(entry.action);
    let ((severity_id, severity), (status_id, status)) = severity(entry.outcome);
    let fields: Vec<&str> = entry.changes.iter().map(|change| change.field.as_str()).collect();
    json!({
        "activity_id": activity,
        "activity_name": activity_name,
        "category_uid": CATEGORY,
        "category_name": "Identity & Access Management",
        "class_uid": CLASS,
        "class_name": "Account Change",
        "type_uid": CLASS * 100 + activity,
        "time": entry.at.as_millisecond(),
        "severity_id": severity_id,
        "severity": severity,
        "status_id": status_id,
        "status": status,
        "status_detail": entry.detail,
        "message": line.what(),
        "metadata": {
            "version": "1.3.0",
            "uid": entry.id,
            "product": { "name": "Clientele", "vendor_name": "Clientele" },
        },
        "actor": { "app_name": entry.cause },
        "user": { "name": entry.identifier, "uid": entry.user },
        "user_result": { "name": entry.identifier, "uid": entry.customer.map(|id| id.to_string()) },
        "unmapped": { "application": entry.application, "fields": fields },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_made_of_class_and_activity() {
        for (action, expected) in
            [(Action::CreateUser, 300_101), (Action::DeleteCustomer, 300_106), (Action::Link, 300_199)]
        {
            assert_eq!(CLASS * 100 + activity(action).0, expected);
        }
    }
}
