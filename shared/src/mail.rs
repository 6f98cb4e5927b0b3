//! Mails: what may be asked for, the rows that ask for it, what mails say, and the only code that
//! speaks to SES.

mod address;
mod language;
mod render;
mod ses;
mod wording;
mod words;

use std::{fmt, str::FromStr};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    application::ApplicationId, clock::random_id, secret::EmailAddress, store::token_hash, user::UserId,
};

pub use address::{NotARecipient, Recipient};
pub use language::Language;
pub use render::{Letter, Rendered, name_of};
pub use ses::{Cause, Error, Mailer, Message, Quota};
pub use wording::{NotAWording, Template, Wording};

/// The identifier of a mail to send, which is the key under which it is asked for: asked twice
/// before it is sent, it is one mail. Letters, digits, hyphens, underscores and full stops, at most
/// 160: what SES lets a message's tag hold.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct MailId(String);

/// The text is no identifier of a mail.
#[derive(Debug, thiserror::Error)]
#[error("no identifier of a mail (1 to 160 letters, digits, hyphens, underscores and full stops)")]
pub struct NotAMailId;

const LONGEST_ID: usize = 160;

impl MailId {
    /// An identifier that no other mail has.
    pub fn random() -> MailId {
        MailId(random_id())
    }

    /// Of a user's activation mail at an application.
    pub fn activation(application: &ApplicationId, user: &UserId) -> MailId {
        MailId(format!("activation.{application}.{user}"))
    }

    /// Of a reset that the owner of an address asked for.
    pub fn reset(email: &EmailAddress) -> MailId {
        MailId(format!("reset.{}", token_hash(&email.folded())))
    }

    /// Of the link by which an operator signs in.
    pub fn sign_in(email: &EmailAddress) -> MailId {
        MailId(format!("signIn.{}", token_hash(&email.folded())))
    }

    /// The identifier as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MailId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for MailId {
    type Err = NotAMailId;

    fn from_str(text: &str) -> Result<MailId, NotAMailId> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        let fits = (1..=LONGEST_ID).contains(&text.len()) && text.bytes().all(allowed);
        if fits { Ok(MailId(text.to_owned())) } else { Err(NotAMailId) }
    }
}

impl<'de> Deserialize<'de> for MailId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<MailId, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A mail that is asked for. Whom it goes to, and what it says, is found when it is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "kind")]
pub enum Mail {
    /// The link with which a user sets the first password.
    Activation {
        /// Whose.
        user: UserId,
        /// In the name of which application.
        application: ApplicationId,
        /// The wave it is part of.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        wave: Option<String>,
        /// Which reminder it is; 0: none.
        #[serde(default)]
        reminder: u32,
    },
    /// The link with which a person sets a new password; the address is as it was typed in, and
    /// nobody may have it.
    Reset {
        /// The address.
        email: EmailAddress,
        /// In the name of which application; `None`: of the first that the user is linked to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        application: Option<ApplicationId>,
    },
    /// That a password was set.
    Confirmation {
        /// Whose.
        user: UserId,
        /// Where; the first gives its name to the mail.
        applications: Vec<ApplicationId>,
    },
    /// The link with which an operator signs in; nobody may have the address.
    SignIn {
        /// The address.
        email: EmailAddress,
    },
    /// A mail as it would be, with a made-up person and a link that leads nowhere.
    Test {
        /// To whom.
        email: EmailAddress,
        /// In the name of which application.
        application: ApplicationId,
        /// In which language, as `en`.
        language: String,
        /// Which mail: `activation`, `reminder`, `reset`, `confirmation`.
        template: String,
    },
}

/// A mail that is asked for, as its row has it: outstanding until the row is deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QueuedMail {
    /// Which.
    pub id: MailId,
    /// What is asked for.
    pub mail: Mail,
    /// Fresh each time the mail is asked for: who read it before sending may finish the row only
    /// while it stands.
    pub token: String,
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// When it is to be sent, or looked at again.
    pub due_at: Timestamp,
    /// How often it failed.
    #[serde(default)]
    pub attempts: u32,
    /// Why it failed last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
    /// Who has it at work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sending: Option<Sending>,
    /// Given up: stays until a person retries it or it is asked for again.
    #[serde(default)]
    pub dead: bool,
}

/// Who has a mail at work, and how far that is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Sending {
    /// The key of this sending, which the message carries as a tag.
    pub key: String,
    /// When it was taken up.
    pub at: Timestamp,
    /// Until when nobody else takes it up.
    pub until: Timestamp,
    /// Whether the message may have been handed over: from then on only SES knows.
    #[serde(default)]
    pub handed_over: bool,
    /// When the link that it carries expires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

impl QueuedMail {
    /// Whether it may be taken up now.
    pub fn is_due(&self, now: Timestamp) -> bool {
        let free = self.sending.as_ref().is_none_or(|sending| sending.until <= now);
        !self.dead && self.due_at <= now && free
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_holds_what_a_tag_may_g77() {
        let application = "main-store".parse().unwrap();
        let id = MailId::activation(&application, &UserId::random());
        assert_eq!(id.as_str().parse::<MailId>().unwrap(), id);
        let reset = MailId::reset(&EmailAddress::new("Ada@Example.com\r\nBcc: x@y.example"));
        assert!(reset.as_str().parse::<MailId>().is_ok());
        assert_eq!(MailId::reset(&EmailAddress::new("ada@example.com")).as_str().len(), 49);
        for other in ["", "a b", "a#b", "ä", &"a".repeat(161)] {
            assert!(other.parse::<MailId>().is_err(), "{other}");
        }
    }

    #[test]
    fn an_address_is_one_key_however_it_is_spelled() {
        let key = |email: &str| MailId::reset(&EmailAddress::new(email));
        assert_eq!(key("Ada@Example.com"), key(" ada@example.COM "));
        assert_ne!(
            key("ada@example.com").to_string(),
            MailId::sign_in(&EmailAddress::new("ada@example.com")).to_string()
        );
    }

    #[test]
    fn a_mail_is_taken_up_by_one_at_a_time() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let row = QueuedMail {
            id: MailId::random(),
            mail: Mail::SignIn { email: EmailAddress::new("a@b.example") },
            token: "t".to_owned(),
            asked_at: at(0),
            due_at: at(10),
            attempts: 0,
            last_error: None,
            sending: None,
            dead: false,
        };
        assert!(!row.is_due(at(9)) && row.is_due(at(10)));
        let sending =
            Sending { key: "k".to_owned(), at: at(10), until: at(20), handed_over: false, expires_at: None };
        let held = QueuedMail { sending: Some(sending), ..row.clone() };
        assert!(!held.is_due(at(19)) && held.is_due(at(20)));
        assert!(!QueuedMail { dead: true, ..row }.is_due(at(10)));
        assert!(!format!("{held:?}").contains("a@b.example"));
    }
}
