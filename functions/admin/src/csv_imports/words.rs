//! What is told of files, in words.

use shared::{
    csv_import::{RowVerdict, Stage, Target},
    profile::ProfileField,
};

use crate::users::form::{ADDRESS, NAMES, PERSON, WORK};

/// The kind of a stage's badge, and its word.
pub(super) fn stage(stage: Stage) -> (&'static str, &'static str) {
    match stage {
        Stage::Uploading => ("info", "Being sent"),
        Stage::Ready => ("warn", "Asks for you"),
        Stage::Checking => ("info", "Being checked"),
        Stage::Checked => ("warn", "Checked"),
        Stage::Applying => ("info", "Being applied"),
        Stage::Applied => ("good", "Applied"),
        Stage::Cancelled => ("", "Ended"),
    }
}

/// Why something cannot be done with a file that is so far.
pub(super) fn not_now(stage: Stage) -> &'static str {
    match stage {
        Stage::Uploading => "The file is not whole yet: send its parts first.",
        Stage::Ready => "The file was whole already. Say what its columns are, then it can be checked.",
        Stage::Checking | Stage::Applying => {
            "The file is gone over at this moment. Wait for the end, or end it."
        }
        Stage::Checked => "The file was checked. Apply it, or check it anew.",
        Stage::Applied => "The file was applied already. To apply rows again, send them again.",
        Stage::Cancelled => "This was ended, and the file forgotten. Send it again.",
    }
}

/// The kind of a verdict's badge, and its word.
pub(super) fn verdict(verdict: RowVerdict) -> (&'static str, &'static str) {
    match verdict {
        RowVerdict::Create => ("good", "Create"),
        RowVerdict::Update => ("info", "Update"),
        RowVerdict::Unchanged => ("", "Unchanged"),
        RowVerdict::Duplicate => ("warn", "Twice"),
        RowVerdict::Conflict => ("warn", "Conflict"),
        RowVerdict::Invalid => ("bad", "Invalid"),
        RowVerdict::Failed => ("bad", "Failed"),
    }
}

/// What a column can be, for people.
pub(super) fn target(target: &Target, fields: &[ProfileField]) -> String {
    let named = |list: &[(&'static str, &'static str)], name: &str| {
        list.iter().find(|(known, _)| *known == name).map(|(_, label)| (*label).to_owned())
    };
    let text = target.to_string();
    match target {
        Target::Id => "Identifier here".to_owned(),
        Target::UserName => "User name".to_owned(),
        Target::ExternalId => "External identifier".to_owned(),
        Target::Active => "Active".to_owned(),
        Target::Email => "E-mail address".to_owned(),
        Target::PhoneNumber => "Telephone number".to_owned(),
        Target::Name(_) => named(&NAMES, &text).unwrap_or(text),
        Target::Text(name) => named(&PERSON, name).or_else(|| named(&WORK, name)).unwrap_or(text),
        Target::Address(part) => {
            let part = match part.as_str() {
                "streetAddress" => "first line".to_owned(),
                "extendedAddress" => "second line".to_owned(),
                "formatted" => "as shown".to_owned(),
                part => named(&ADDRESS, part).unwrap_or_else(|| part.to_owned()).to_lowercase(),
            };
            format!("Address: {part}")
        }
        Target::Field(name) => {
            let label = fields.iter().find(|field| field.name == *name).map(|field| field.label.as_str());
            format!("Profile field: {}", label.filter(|label| !label.is_empty()).unwrap_or(name))
        }
        Target::Customer(field) => format!("Customer: {field}"),
        Target::CustomerAddresses => "Customer: all addresses in one cell".to_owned(),
        Target::CustomerAddress(number, field) => format!("Customer’s address {number}: {field}"),
    }
}

#[cfg(test)]
mod tests {
    use shared::{
        csv_import::{Layout, targets},
        profile::standard_fields,
    };

    use super::*;

    #[test]
    fn everything_that_a_column_can_be_has_a_name_of_its_own() {
        for layout in [Layout::Plain, Layout::Exported] {
            let mut names: Vec<String> = targets(layout, &standard_fields())
                .iter()
                .map(|one| target(one, &standard_fields()))
                .collect();
            let all = names.len();
            names.sort();
            names.dedup();
            assert_eq!(names.len(), all);
        }
    }
}
