//! What mails say: a subject, paragraphs and the words on the button, with a few known placeholders.

use serde::{Deserialize, Serialize};

/// Which mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Template {
    /// With the link to set the first password.
    Activation,
    /// The same, some days later.
    Reminder,
    /// With the link to set a new password.
    Reset,
    /// That a password was set.
    Confirmation,
    /// With the link by which an operator signs in.
    SignIn,
}

impl Template {
    /// All of them.
    pub const ALL: [Template; 5] =
        [Template::Activation, Template::Reminder, Template::Reset, Template::Confirmation, Template::SignIn];

    /// The name as it is written: `activation`, `signIn`, …
    pub fn as_str(self) -> &'static str {
        match self {
            Template::Activation => "activation",
            Template::Reminder => "reminder",
            Template::Reset => "reset",
            Template::Confirmation => "confirmation",
            Template::SignIn => "signIn",
        }
    }

    /// The one of this name.
    pub fn named(name: &str) -> Option<Template> {
        Template::ALL.into_iter().find(|template| template.as_str() == name)
    }

    /// Whether it has a button with a link.
    pub fn has_link(self) -> bool {
        self != Template::Confirmation
    }
}

/// What a mail says. `{store}` stands for the store's name, `{name}` for the person's, `{validity}`
/// for how long the link works; the subject, which is a header, knows `{store}` alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Wording {
    /// The subject.
    pub subject: String,
    /// Paragraphs, with an empty line between two.
    pub body: String,
    /// What the button says; empty for mails without one.
    #[serde(default)]
    pub button: String,
}

/// Why a wording cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAWording {
    /// The subject is empty, too long or more than a line.
    #[error("the subject cannot be used (1 to 150 characters on one line)")]
    Subject,
    /// The body is empty or too long.
    #[error("the text cannot be used (1 to 4,000 characters)")]
    Body,
    /// The button's words are too long or more than a line.
    #[error("the button cannot be used (60 characters at most, on one line)")]
    Button,
    /// There is no such placeholder there.
    #[error(
        "a placeholder is not known here ({{store}} in the subject; {{store}}, {{name}} and {{validity}} in the text)"
    )]
    Placeholder,
}

const LONGEST_SUBJECT: usize = 150;
const LONGEST_BODY: usize = 4_000;
const LONGEST_BUTTON: usize = 60;

impl Wording {
    /// Whether it can be used.
    ///
    /// # Errors
    /// The first rule that it breaks.
    pub fn check(&self) -> Result<(), NotAWording> {
        let fits = |text: &str, most| text.chars().count() <= most;
        let is_line = |text: &str| !text.chars().any(char::is_control);
        let fits_subject = fits(&self.subject, LONGEST_SUBJECT) && is_line(&self.subject);
        if self.subject.trim().is_empty() || !fits_subject {
            return Err(NotAWording::Subject);
        }
        let is_text = |letter: char| !letter.is_control() || matches!(letter, '\n' | '\r');
        if self.body.trim().is_empty() || !fits(&self.body, LONGEST_BODY) || !self.body.chars().all(is_text) {
            return Err(NotAWording::Body);
        }
        if !fits(&self.button, LONGEST_BUTTON) || !is_line(&self.button) {
            return Err(NotAWording::Button);
        }
        let known = placeholders_are_of(&self.subject, &["store"])
            && placeholders_are_of(&self.body, &["store", "name", "validity"])
            && placeholders_are_of(&self.button, &["store"]);
        if known { Ok(()) } else { Err(NotAWording::Placeholder) }
    }
}

fn placeholders_are_of(text: &str, known: &[&str]) -> bool {
    let mut pieces = text.split('{');
    let first_is_closed = pieces.next().is_none_or(|first| !first.contains('}'));
    first_is_closed
        && pieces.all(|piece| {
            piece.split_once('}').is_some_and(|(name, rest)| known.contains(&name) && !rest.contains('}'))
        })
}

/// `text` with its placeholders filled. A value's own braces are not looked at again.
pub(super) fn filled(text: &str, values: &[(&str, &str)]) -> String {
    let mut whole = String::with_capacity(text.len());
    let mut pieces = text.split('{');
    whole.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        let filled = piece.split_once('}').and_then(|(name, rest)| {
            values.iter().find(|(known, _)| *known == name).map(|(_, value)| (value, rest))
        });
        match filled {
            Some((value, rest)) => whole.extend([value, rest]),
            None => whole.extend(["{", piece]),
        }
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wording(subject: &str, body: &str) -> Wording {
        Wording { subject: subject.to_owned(), body: body.to_owned(), button: "Go".to_owned() }
    }

    #[test]
    fn only_known_placeholders_may_stand_in_a_wording() {
        assert_eq!(wording("{store}", "Hello {name}: {validity}").check(), Ok(()));
        for (subject, body) in [("{name}", "x"), ("x", "{link}"), ("x", "{"), ("x", "}"), ("x", "{{name}}")] {
            assert_eq!(wording(subject, body).check(), Err(NotAWording::Placeholder), "{subject} {body}");
        }
    }

    #[test]
    fn a_subject_is_one_line_g77() {
        for subject in ["", " ", "a\r\nBcc: x@y.example", "a\0b", &"a".repeat(151)] {
            assert_eq!(wording(subject, "x").check(), Err(NotAWording::Subject), "{subject:?}");
        }
        assert_eq!(wording("x", &"a".repeat(4_001)).check(), Err(NotAWording::Body));
    }

    #[test]
    fn a_value_cannot_bring_placeholders_of_its_own_g84() {
        let filled = filled("{name} at {store}", &[("name", "{store}"), ("store", "{name}")]);
        assert_eq!(filled, "{store} at {name}");
    }

    #[test]
    fn a_template_is_found_by_its_name() {
        for template in Template::ALL {
            assert_eq!(Template::named(template.as_str()), Some(template));
            assert_eq!(serde_json::to_value(template).unwrap(), template.as_str());
        }
    }
}
