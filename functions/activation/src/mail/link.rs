//! The one-time link of a mail.

use jiff::{SignedDuration, Timestamp};
use shared::{
    one_time::{OneTimeLink, Purpose},
    secret::Secret,
    store,
};

use super::{
    App,
    letter::{Errand, Whom},
};

/// For how many minutes an operator's link works.
pub(super) const SIGN_IN_MINUTES: u32 = 15;

impl App {
    /// Writes the link that an errand carries, which voids the older ones of the same person; gives
    /// its address.
    pub(super) async fn issue(
        &self,
        errand: &Errand,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<Option<Secret>, store::Error> {
        let Some(purpose) = errand.purpose else { return Ok(None) };
        let lifetime = expires_at.duration_since(now);
        let (link, path) = match &errand.whom {
            Whom::Nobody => return Ok(Some(Secret::new(&*self.public_url))),
            Whom::User(user) => {
                let email = errand.address.clone();
                let link = OneTimeLink::to_set_a_password(purpose, &user.id, email, now, lifetime);
                let application = errand.store.as_ref().map(|store| store.id.clone());
                (OneTimeLink { application, ..link }, "activate")
            }
            Whom::Operator(email) => (OneTimeLink::to_sign_in(email.clone(), now, lifetime), "admin/sign-in"),
        };
        let token = self.tables.issue(&link).await?;
        Ok(Some(Secret::new(format!("{}/{path}/{}", self.public_url, token.expose()))))
    }
}

/// When the link of an errand expires.
pub(super) fn expiry(errand: &Errand, now: Timestamp) -> Timestamp {
    now + SignedDuration::from_mins(errand.minutes.into())
}

/// What the links of a mail are for, where it has any.
pub(super) fn purpose(template: shared::mail::Template) -> Option<Purpose> {
    use shared::mail::Template;
    match template {
        Template::Activation | Template::Reminder => Some(Purpose::Activation),
        Template::Reset => Some(Purpose::Reset),
        Template::SignIn => Some(Purpose::SignIn),
        Template::Confirmation => None,
    }
}
