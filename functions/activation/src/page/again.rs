//! New links. What is typed in is only written down: whether anybody has the address is looked up
//! by who sends the mail, so the answer and its time tell nothing.

use shared::{
    application::ApplicationId,
    mail::{Mail, MailId},
    one_time::{OneTimeLink, Purpose, Token},
    secret::EmailAddress,
    user::UserId,
};

use super::{App, Trouble, throttle::TooOften, visit::Visit};

impl App {
    /// Asks for a link to be sent to whoever has this address.
    pub(super) async fn ask_by_email(
        &self,
        email: EmailAddress,
        application: Option<ApplicationId>,
        visit: &Visit,
    ) -> Result<Result<(), TooOften>, Trouble> {
        if let Err(too_often) = self.may_ask(visit).await? {
            return Ok(Err(too_often));
        }
        if self.may_be_sent(&email).await? {
            let id = MailId::reset(&email);
            self.tables.queue_mail(&id, &Mail::Reset { email, application }).await?;
        }
        Ok(Ok(()))
    }

    /// Asks for a link in the place of one that is over.
    pub(super) async fn ask_again(
        &self,
        token: &Token,
        visit: &Visit,
    ) -> Result<Result<(), TooOften>, Trouble> {
        if let Err(too_often) = self.may_ask(visit).await? {
            return Ok(Err(too_often));
        }
        let link = self.tables.one_time_link(&token.hash()).await?;
        if let Some(link) = link.filter(|link| link.purpose != Purpose::SignIn)
            && self.may_be_sent(&link.email).await?
        {
            let (id, mail) = renewed(link);
            self.tables.queue_mail(&id, &mail).await?;
        }
        Ok(Ok(()))
    }
}

/// The mail that takes the place of the one with this link: an activation that was not used stays
/// one, so that its link lasts as long.
fn renewed(link: OneTimeLink) -> (MailId, Mail) {
    match (link.purpose, link.application) {
        (Purpose::Activation, Some(application)) if link.used_at.is_none() => {
            let user = UserId::from(link.subject);
            let id = MailId::activation(&application, &user);
            (id, Mail::Activation { user, application, wave: None, reminder: 0 })
        }
        (_, application) => (MailId::reset(&link.email), Mail::Reset { email: link.email, application }),
    }
}
