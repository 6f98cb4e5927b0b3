//! What is told of mails: tags for SES, entries of the report, and what asks for a person.

use jiff::Timestamp;
use shared::{
    application::ApplicationId,
    mail::{Error, Mail, QueuedMail},
    report::{Action, Attention, AttentionKind, Entry, Outcome},
    store::{self, Returns},
    user::UserId,
};

use super::{App, letter::Dropped};

/// What SES's events of a mail bear. None of it tells who it is to whoever sees no table.
pub(super) fn tags(row: &QueuedMail) -> Vec<(&'static str, String)> {
    let mut tags = vec![("mail", row.id.to_string())];
    tags.extend(row.sending.as_ref().map(|sending| ("key", sending.key.clone())));
    if let Mail::Activation { user, application, wave, .. } = &row.mail {
        tags.push(("user", user.to_string()));
        tags.push(("application", application.to_string()));
        tags.extend(wave.clone().map(|wave| ("wave", wave)));
    }
    tags
}

/// What a person is to know of an activation that was not sent; `None` where there is nothing to do.
pub(super) fn dropped(why: Dropped) -> Option<&'static str> {
    match why {
        Dropped::Suppressed => Some(
            "No activation mail was sent: the address refused an earlier mail, or its owner wants none. Ask the \
             person for another address, or lift the block if the address works again.",
        ),
        Dropped::NoAddress => Some(
            "No activation mail was sent: the user has no e-mail address that a mail can be sent to. Give the user \
             one, then send the mail again.",
        ),
        Dropped::Nobody | Dropped::NeedLess | Dropped::WaveOver => None,
    }
}

/// What is asked where SES refuses mails.
pub(super) fn refused(id: &ApplicationId, name: &str, error: &Error, now: Timestamp) -> Attention {
    Attention {
        about: id.to_string(),
        kind: AttentionKind::Mail,
        application: id.clone(),
        since: now,
        detail: format!(
            "SES refuses the mails of {name}: {error}. See that the sender's address is verified and that the account \
             may send, outside the sandbox too. The mails are tried again by themselves for some hours."
        ),
        waiting: Vec::new(),
    }
}

/// What is asked where too many mails came back.
pub(super) fn returned(id: &ApplicationId, name: &str, returns: Returns, now: Timestamp) -> Attention {
    let Returns { sent, bounced, complained } = returns;
    Attention {
        about: id.to_string(),
        kind: AttentionKind::Returns,
        application: id.clone(),
        since: now,
        detail: format!(
            "Of {sent} activation mails of {name} today, {bounced} came back and {complained} were called unwanted. \
             No more are sent, so that the account keeps its good name. Mend the addresses, then resume the wave."
        ),
        waiting: Vec::new(),
    }
}

impl App {
    /// The entry about a mail to a user at an application; `None` for other mails.
    pub(super) async fn entry_of(
        &self,
        row: &QueuedMail,
        outcome: Outcome,
        detail: &str,
    ) -> Result<Option<Entry>, store::Error> {
        let (user, application, cause) = match &row.mail {
            Mail::Activation { user, application, reminder: 0, .. } => (user, application, "mail/activation"),
            Mail::Activation { user, application, .. } => (user, application, "mail/reminder"),
            Mail::Confirmation { user, applications } => match applications.first() {
                Some(application) => (user, application, "mail/confirmation"),
                None => return Ok(None),
            },
            Mail::Reset { .. } | Mail::SignIn { .. } | Mail::Test { .. } => return Ok(None),
        };
        let (id, at) = match &row.sending {
            // Told again, it is the same entry.
            Some(sending) => (sending.key.clone(), sending.at),
            None => (row.token.clone(), row.asked_at),
        };
        self.entry((id, at), (user, application), cause, outcome, detail).await.map(Some)
    }

    /// An entry about a mail.
    pub(super) async fn entry(
        &self,
        (id, at): (String, Timestamp),
        (user, application): (&UserId, &ApplicationId),
        cause: &str,
        outcome: Outcome,
        detail: &str,
    ) -> Result<Entry, store::Error> {
        let known = self.tables.user_lately(user).await?;
        Ok(Entry {
            id,
            at,
            application: application.clone(),
            customer: known.as_ref().and_then(|user| Some(user.links.get(application)?.customer)),
            identifier: known.map(|user| user.user_name),
            user: Some(user.clone()),
            action: Action::SendMail,
            cause: cause.to_owned(),
            outcome,
            changes: Vec::new(),
            detail: detail.to_owned(),
        })
    }
}
