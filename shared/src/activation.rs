//! How far a user is with setting a password at an application: one record a pair, moved on by
//! what happens and never back by what is heard late.

mod wave;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use wave::{Selection, Skipped, Wave, WaveCounts, WaveState};

/// How far a user is at an application.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ActivationState {
    /// No mail was ever asked for.
    #[default]
    NotInvited,
    /// A mail is to be sent.
    Queued,
    /// The mail was accepted for sending.
    Sent,
    /// The recipient's server took it.
    Delivered,
    /// The link's page was opened.
    Opened,
    /// The link's time is over.
    Expired,
    /// The recipient's server refused the mail.
    Bounced,
    /// The recipient called the mail unwanted.
    Complained,
    /// The password was given to the store.
    PasswordSet,
    /// The store was seen to accept the password.
    Verified,
}

impl ActivationState {
    /// All of them, from the first to the last.
    pub const ALL: [ActivationState; 10] = [
        ActivationState::NotInvited,
        ActivationState::Queued,
        ActivationState::Sent,
        ActivationState::Delivered,
        ActivationState::Opened,
        ActivationState::Expired,
        ActivationState::Bounced,
        ActivationState::Complained,
        ActivationState::PasswordSet,
        ActivationState::Verified,
    ];

    /// The name as it is written: `notInvited`, `passwordSet`, …
    pub fn as_str(self) -> &'static str {
        match self {
            ActivationState::NotInvited => "notInvited",
            ActivationState::Queued => "queued",
            ActivationState::Sent => "sent",
            ActivationState::Delivered => "delivered",
            ActivationState::Opened => "opened",
            ActivationState::Expired => "expired",
            ActivationState::Bounced => "bounced",
            ActivationState::Complained => "complained",
            ActivationState::PasswordSet => "passwordSet",
            ActivationState::Verified => "verified",
        }
    }

    /// Whether the person has set a password, so that no activation mail makes sense any more.
    pub fn is_done(self) -> bool {
        self >= ActivationState::PasswordSet
    }
}

/// One user's activation at one application.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Activation {
    /// How far it is.
    pub state: ActivationState,
    /// Since when.
    pub since: Timestamp,
    /// The key of the last mail that was sent, by which what is heard of it is known to be its.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mail: Option<String>,
    /// The wave that the last mail was sent for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wave: Option<String>,
    /// When the last mail was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<Timestamp>,
    /// When the last mail's link expires.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// How many reminders followed the last mail that was asked for.
    #[serde(skip_serializing_if = "is_zero")]
    pub reminders: u32,
    /// When it is to be looked at next: for a reminder, or because the link has expired.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub look_at: Option<Timestamp>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// Something that happened to an activation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A mail is to be sent.
    Queued,
    /// The mail is not to be sent after all.
    Withdrawn,
    /// It is to be looked at then, and not before.
    Postponed(Timestamp),
    /// A mail was accepted for sending.
    Sent(SentMail),
    /// The mail of this key arrived.
    Delivered(String),
    /// The mail of this key came back.
    Bounced(String),
    /// The mail of this key was called unwanted.
    Complained(String),
    /// The link's page was opened.
    Opened,
    /// The link of the last mail has expired.
    Expired,
    /// The password was given to the store.
    PasswordSet,
    /// The store was seen to accept the password.
    Verified,
}

/// A mail that was accepted for sending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentMail {
    /// Its key.
    pub key: String,
    /// The wave it was sent for.
    pub wave: Option<String>,
    /// When its link expires.
    pub expires_at: Timestamp,
    /// Which reminder it is; 0: none.
    pub reminder: u32,
    /// When the activation is to be looked at next.
    pub look_at: Option<Timestamp>,
}

impl Activation {
    /// The activation after `step`; `None` where that changes nothing: it is known, or late, or of
    /// a mail that a newer one took the place of.
    pub fn after(&self, step: &Step, now: Timestamp) -> Option<Activation> {
        use ActivationState::{
            Bounced, Complained, Delivered, Expired, NotInvited, Opened, PasswordSet, Queued, Sent, Verified,
        };
        let (state, may) = match step {
            Step::Queued => (Queued, self.state != Queued && !self.state.is_done()),
            Step::Withdrawn => (self.before_queued(), self.state == Queued),
            Step::Postponed(at) => return Some(Activation { look_at: Some(*at), ..self.clone() }),
            Step::Sent(mail) => return self.sent(mail, now),
            Step::Delivered(key) => (Delivered, self.is_of(key) && [Queued, Sent].contains(&self.state)),
            Step::Bounced(key) => (Bounced, self.is_of(key) && self.state < Bounced),
            Step::Complained(key) => (Complained, self.is_of(key) && self.state < Complained),
            Step::Opened => (Opened, self.state != NotInvited && self.state < Opened),
            Step::Expired => (Expired, [Sent, Delivered, Opened].contains(&self.state)),
            Step::PasswordSet => (PasswordSet, self.state != PasswordSet),
            Step::Verified => (Verified, self.state != Verified),
        };
        let look_at = self.look_at.filter(|_| state < Expired);
        may.then(|| Activation { state, since: now, look_at, ..self.clone() })
    }

    /// What is heard of a mail may come before it is written that it was sent: then it is not yet
    /// known which mail is the last.
    fn is_of(&self, key: &str) -> bool {
        self.mail.as_deref() == Some(key)
    }

    /// What is left of it when the mail that is to be sent is not.
    fn before_queued(&self) -> ActivationState {
        if self.mail.is_some() { ActivationState::Sent } else { ActivationState::NotInvited }
    }

    fn sent(&self, mail: &SentMail, now: Timestamp) -> Option<Activation> {
        if self.is_of(&mail.key) || self.state.is_done() {
            return None;
        }
        Some(Activation {
            state: ActivationState::Sent,
            since: now,
            mail: Some(mail.key.clone()),
            wave: mail.wave.clone().or_else(|| self.wave.clone()),
            sent_at: Some(now),
            expires_at: Some(mail.expires_at),
            reminders: mail.reminder,
            look_at: mail.look_at,
        })
    }

    /// The state at `now`: a link expires whether or not anybody has looked.
    pub fn state_at(&self, now: Timestamp) -> ActivationState {
        let over = self.expires_at.is_some_and(|at| at <= now);
        let open = matches!(
            self.state,
            ActivationState::Sent | ActivationState::Delivered | ActivationState::Opened
        );
        if over && open { ActivationState::Expired } else { self.state }
    }

    /// Whether to send the mail again makes sense: none is on its way, no password is set, and nobody
    /// called it unwanted. Whether the address takes mails is not asked here.
    pub fn may_be_sent_again(&self) -> bool {
        !self.state.is_done() && !matches!(self.state, ActivationState::Queued | ActivationState::Complained)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn sent(key: &str) -> Step {
        Step::Sent(SentMail {
            key: key.to_owned(),
            wave: None,
            expires_at: at(1_000),
            reminder: 0,
            look_at: Some(at(500)),
        })
    }

    fn through(steps: &[Step]) -> Activation {
        let start = Activation::default();
        steps.iter().fold(start, |activation, step| activation.after(step, at(1)).unwrap_or(activation))
    }

    #[test]
    fn an_activation_goes_from_the_mail_to_the_verified_password() {
        let of = |key: &str| key.to_owned();
        let steps = [
            Step::Queued,
            sent("a"),
            Step::Delivered(of("a")),
            Step::Opened,
            Step::PasswordSet,
            Step::Verified,
        ];
        for (index, state) in
            ["queued", "sent", "delivered", "opened", "passwordSet", "verified"].into_iter().enumerate()
        {
            assert_eq!(through(&steps[..=index]).state.as_str(), state);
        }
    }

    #[test]
    fn what_is_heard_late_never_goes_back() {
        let key = || "a".to_owned();
        let opened = through(&[sent("a"), Step::Opened]);
        assert_eq!(opened.after(&Step::Delivered(key()), at(2)), None);
        let set = through(&[sent("a"), Step::PasswordSet]);
        for late in [Step::Delivered(key()), Step::Bounced(key()), Step::Opened, Step::Queued, sent("b")] {
            assert_eq!(set.after(&late, at(2)), None, "{late:?}");
        }
        assert_eq!(through(&[sent("a")]).after(&sent("a"), at(2)), None);
    }

    #[test]
    fn what_is_heard_of_an_older_mail_says_nothing_of_the_newer() {
        let again = through(&[sent("a"), Step::Bounced("a".to_owned()), Step::Queued, sent("b")]);
        assert_eq!(again.state, ActivationState::Sent);
        assert_eq!(again.after(&Step::Bounced("a".to_owned()), at(2)), None);
        assert!(again.after(&Step::Bounced("b".to_owned()), at(2)).is_some());
    }

    #[test]
    fn a_link_expires_whether_or_not_anybody_has_looked() {
        let delivered = through(&[sent("a"), Step::Delivered("a".to_owned())]);
        assert_eq!(delivered.state_at(at(999)), ActivationState::Delivered);
        assert_eq!(delivered.state_at(at(1_000)), ActivationState::Expired);
        let set = through(&[sent("a"), Step::PasswordSet]);
        assert_eq!(set.state_at(at(2_000)), ActivationState::PasswordSet);
    }

    #[test]
    fn what_is_not_sent_after_all_is_as_it_was() {
        assert_eq!(through(&[Step::Queued, Step::Withdrawn]).state, ActivationState::NotInvited);
        assert_eq!(through(&[sent("a"), Step::Queued, Step::Withdrawn]).state, ActivationState::Sent);
        assert_eq!(through(&[sent("a")]).after(&Step::Withdrawn, at(2)), None);
    }

    #[test]
    fn a_mail_is_sent_again_only_where_that_makes_sense() {
        let may = |steps: &[Step]| through(steps).may_be_sent_again();
        assert!(may(&[]) && may(&[sent("a")]) && may(&[sent("a"), Step::Opened]));
        assert!(!may(&[Step::Queued]) && !may(&[sent("a"), Step::Complained("a".to_owned())]));
        assert!(!may(&[sent("a"), Step::PasswordSet]));
    }

    #[test]
    fn a_state_is_written_by_its_name() {
        for state in ActivationState::ALL {
            assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
        }
        assert!(ActivationState::ALL.is_sorted());
    }
}
