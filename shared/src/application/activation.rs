//! How an application's activation mails and its page look, and how long what they carry lasts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    mail::{Language, NotAWording, Recipient, Template, Wording},
    password::{Rules, StoreRule},
};

/// How an application's activation mails and its page look, and how long what they carry lasts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ActivationSettings {
    /// The name that mails and pages bear; `None`: the application's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// The `https` address of the logo.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logo: Option<String>,
    /// The address mails come from, of an identity that SES has verified; `None`: the deployment's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sender: Option<String>,
    /// The address that answers go to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<String>,
    /// The language of those whose own is not known, or not spoken here.
    pub language: Language,
    /// For how many days an activation's link works.
    pub expiry_days: u16,
    /// For how many minutes the link works that a person asked for.
    pub reset_minutes: u16,
    /// After how many days a reminder is sent.
    pub remind_after_days: u16,
    /// How many reminders there are at most.
    pub most_reminders: u8,
    /// How many characters a password has at least.
    pub minimum_length: u16,
    /// What the store asks of a password by itself, where it is set to ask for more than it does
    /// without.
    pub store_rule: StoreRule,
    /// What mails say in the place of the standard wording.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub wording: BTreeMap<Template, BTreeMap<Language, Wording>>,
}

impl Default for ActivationSettings {
    fn default() -> ActivationSettings {
        ActivationSettings {
            display_name: None,
            logo: None,
            sender: None,
            reply_to: None,
            language: Language::En,
            expiry_days: 7,
            reset_minutes: 60,
            remind_after_days: 3,
            most_reminders: 2,
            minimum_length: 12,
            store_rule: StoreRule::default(),
            wording: BTreeMap::new(),
        }
    }
}

/// Why settings cannot be kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSettings {
    /// The name has no letters, too many, or some that no name has.
    #[error("the display name cannot be used (1 to 64 characters on one line)")]
    DisplayName,
    /// The logo's address is none, or is not safe to load.
    #[error("the logo cannot be used (an https address of at most 500 characters)")]
    Logo,
    /// A sender's or answers' address is none.
    #[error("{0} cannot be used (one plain e-mail address)")]
    Address(&'static str),
    /// A number is out of its bounds.
    #[error("{name} cannot be used ({least} to {most})")]
    Number {
        /// Which.
        name: &'static str,
        /// The least it may be.
        least: u16,
        /// The most.
        most: u16,
    },
    /// A wording cannot be used.
    #[error("the wording of {} in {} cannot be used", template.as_str(), language.as_str())]
    Wording {
        /// Of which mail.
        template: Template,
        /// In which language.
        language: Language,
        /// Why.
        #[source]
        why: NotAWording,
    },
}

const LONGEST_NAME: usize = 64;
const LONGEST_LOGO: usize = 500;

impl ActivationSettings {
    /// What a password must be.
    pub fn rules(&self) -> Rules {
        Rules::new(self.minimum_length, self.store_rule)
    }

    /// Whether all of it can be used.
    ///
    /// # Errors
    /// The first that cannot.
    pub fn check(&self) -> Result<(), NotSettings> {
        if self.display_name.as_deref().is_some_and(|name| !is_name(name)) {
            return Err(NotSettings::DisplayName);
        }
        if self.logo.as_deref().is_some_and(|logo| !is_logo(logo)) {
            return Err(NotSettings::Logo);
        }
        for (name, address) in [("the sender", &self.sender), ("the address for answers", &self.reply_to)] {
            if address.as_deref().is_some_and(|address| Recipient::new(address).is_err()) {
                return Err(NotSettings::Address(name));
            }
        }
        self.check_numbers()?;
        self.check_wording()
    }

    fn check_numbers(&self) -> Result<(), NotSettings> {
        let bounds = [
            ("the days a link works", self.expiry_days, 1, 30),
            ("the minutes a link works", self.reset_minutes, 5, 1440),
            ("the days before a reminder", self.remind_after_days, 1, 30),
            ("the number of reminders", self.most_reminders.into(), 0, 5),
            ("the least length of a password", self.minimum_length, 8, 64),
            ("the least length that the store asks for", self.store_rule.minimum, 7, 64),
        ];
        let broken = bounds.into_iter().find(|(_, value, least, most)| !(least..=most).contains(&value));
        broken.map_or(Ok(()), |(name, _, least, most)| Err(NotSettings::Number { name, least, most }))
    }

    fn check_wording(&self) -> Result<(), NotSettings> {
        for (&template, wordings) in &self.wording {
            for (&language, wording) in wordings {
                wording.check().map_err(|why| NotSettings::Wording { template, language, why })?;
            }
        }
        Ok(())
    }
}

fn is_name(name: &str) -> bool {
    let length = name.chars().count();
    !name.trim().is_empty() && length <= LONGEST_NAME && !name.chars().any(char::is_control)
}

fn is_logo(logo: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_graphic() && !b"\"'<>\\`".contains(&byte);
    let rest = logo.strip_prefix("https://").unwrap_or_default();
    logo.len() <= LONGEST_LOGO && !rest.is_empty() && !rest.starts_with('/') && logo.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standard() -> ActivationSettings {
        ActivationSettings::default()
    }

    #[test]
    fn what_stands_without_configuration_can_be_used() {
        assert_eq!(standard().check(), Ok(()));
        let read: ActivationSettings = serde_json::from_str("{}").unwrap();
        assert_eq!(read, standard());
    }

    #[test]
    fn what_would_break_a_header_or_a_page_is_refused_g77_g84() {
        let with = |change: fn(&mut ActivationSettings)| {
            let mut settings = standard();
            change(&mut settings);
            settings.check().is_err()
        };
        assert!(with(|settings| settings.display_name = Some("Shop\r\nBcc: x@y.example".to_owned())));
        assert!(with(|settings| settings.display_name = Some(" ".to_owned())));
        assert!(with(|settings| settings.sender = Some("a@x.example,b@y.example".to_owned())));
        assert!(with(|settings| settings.reply_to = Some("Shop <a@x.example>".to_owned())));
        for logo in
            ["http://x.example/l.png", "javascript:alert(1)", "https://x.example/\"onload=", "https:///"]
        {
            assert!(
                ActivationSettings { logo: Some(logo.to_owned()), ..standard() }.check().is_err(),
                "{logo}"
            );
        }
        assert!(with(|settings| settings.minimum_length = 4));
        assert!(with(|settings| settings.expiry_days = 0));
    }
}
