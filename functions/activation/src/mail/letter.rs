//! What a row asks for, as it is to be sent now: to whom, in whose name, in which language; or that
//! it is not to be sent after all.

use std::sync::Arc;

use shared::{
    activation::WaveState,
    application::ApplicationId,
    import::RunId,
    mail::{Language, Mail, QueuedMail, Recipient, Template, name_of},
    one_time::Purpose,
    report::AttentionKind,
    secret::EmailAddress,
    store,
    user::{User, UserId},
};

use super::{
    link::{SIGN_IN_MINUTES, purpose},
    send::Sender,
    stores::Store,
};

/// Whom a mail is for.
pub(super) enum Whom {
    /// A user.
    User(Box<User>),
    /// An operator, by the address.
    Operator(EmailAddress),
    /// Nobody: it is a test.
    Nobody,
}

/// A mail that is to be sent now.
pub(super) struct Errand {
    pub(super) row: QueuedMail,
    pub(super) template: Template,
    pub(super) whom: Whom,
    /// The address as it was in the directory, or was typed in by an operator.
    pub(super) address: EmailAddress,
    pub(super) to: Recipient,
    /// In whose name; `None`: in that of the directory itself.
    pub(super) store: Option<Arc<Store>>,
    pub(super) language: Language,
    /// What its link is for.
    pub(super) purpose: Option<Purpose>,
    /// For how many minutes its link works.
    pub(super) minutes: u32,
}

/// What becomes of a row.
pub(super) enum Plan {
    /// It is sent.
    Send(Box<Errand>),
    /// It is not, and the row ends.
    Drop(Dropped),
    /// It waits: too many mails come back.
    Wait,
}

/// Why a mail is not sent after all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dropped {
    /// Nobody has the address, or who has it is not to have a mail.
    Nobody,
    /// A password was set, or the same mail was sent.
    NeedLess,
    /// Its wave stopped or was ended.
    WaveOver,
    /// The address gets no more mail.
    Suppressed,
    /// The address is none that can be sent to.
    NoAddress,
}

const MINUTES_A_DAY: u32 = 24 * 60;

impl Sender<'_> {
    /// What is to become of a row.
    pub(super) async fn plan(&self, row: QueuedMail) -> Result<Plan, store::Error> {
        match row.mail.clone() {
            Mail::Activation { user, application, wave, reminder } => {
                self.plan_activation(row, &user, &application, wave.as_deref(), reminder).await
            }
            Mail::Reset { email, application } => self.plan_reset(row, email, application).await,
            Mail::Confirmation { user, applications } => {
                self.plan_confirmation(row, &user, &applications).await
            }
            Mail::SignIn { email } => self.plan_sign_in(row, email).await,
            Mail::Test { email, application, language, template } => {
                let Some(store) = self.store(&application).await? else {
                    return Ok(Plan::Drop(Dropped::Nobody));
                };
                let language = Language::of_tag(&language).unwrap_or(store.settings.language);
                let template = Template::named(&template).unwrap_or(Template::Activation);
                self.errand(row, (template, Whom::Nobody, email), Some(store), language).await
            }
        }
    }

    async fn plan_activation(
        &self,
        row: QueuedMail,
        user: &UserId,
        application: &ApplicationId,
        wave: Option<&str>,
        reminder: u32,
    ) -> Result<Plan, store::Error> {
        if let Some(wave) = wave.and_then(|wave| wave.parse::<RunId>().ok()) {
            let states = self.app.tables.wave_states(std::slice::from_ref(&wave)).await?;
            if !states.get(&wave).copied().is_some_and(WaveState::sends) {
                return Ok(Plan::Drop(Dropped::WaveOver));
            }
        }
        let activation = self.app.tables.activation(user, application).await?;
        let was_sent = match (wave, reminder) {
            (Some(wave), _) => activation.wave.as_deref() == Some(wave),
            (None, 0) => false,
            (None, reminder) => activation.reminders + 1 != reminder,
        };
        if activation.state.is_done() || was_sent {
            return Ok(Plan::Drop(Dropped::NeedLess));
        }
        let user = self.app.tables.user(user).await?;
        let user = user.filter(|user| user.active && user.links.contains_key(application));
        let (Some(user), Some(store)) = (user, self.store(application).await?) else {
            return Ok(Plan::Drop(Dropped::Nobody));
        };
        if self.is_stopped(application).await? {
            return Ok(if wave.is_some() { Plan::Drop(Dropped::WaveOver) } else { Plan::Wait });
        }
        let template = if reminder > 0 { Template::Reminder } else { Template::Activation };
        let Some(email) = user.primary_email().map(|email| email.value.clone()) else {
            return Ok(Plan::Drop(Dropped::NoAddress));
        };
        self.to_user(row, template, user, email, store).await
    }

    /// Whether so many mails of an application came back that a person is asked.
    async fn is_stopped(&self, application: &ApplicationId) -> Result<bool, store::Error> {
        let about = (AttentionKind::Returns, application.to_string());
        Ok(!self.app.tables.attentions(&[about]).await?.is_empty())
    }

    async fn plan_reset(
        &self,
        row: QueuedMail,
        email: EmailAddress,
        application: Option<ApplicationId>,
    ) -> Result<Plan, store::Error> {
        let folded = email.folded();
        let found = self.app.tables.users_by_email(std::slice::from_ref(&folded)).await?;
        let user = match found.get(&folded) {
            Some(user) => self.app.tables.user(user).await?.filter(|user| user.active),
            None => None,
        };
        let Some(user) = user else { return Ok(Plan::Drop(Dropped::Nobody)) };
        // What was typed in may only look like the address: the mail goes to the one we have.
        let ours =
            user.emails.iter().map(|email| &email.value).find(|email| email.folded() == folded).cloned();
        let linked =
            application.filter(|id| user.links.contains_key(id)).or(user.links.keys().next().cloned());
        let (Some(ours), Some(application)) = (ours, linked) else { return Ok(Plan::Drop(Dropped::Nobody)) };
        match self.store(&application).await? {
            Some(store) => self.to_user(row, Template::Reset, user, ours, store).await,
            None => Ok(Plan::Drop(Dropped::Nobody)),
        }
    }

    async fn plan_confirmation(
        &self,
        row: QueuedMail,
        user: &UserId,
        applications: &[ApplicationId],
    ) -> Result<Plan, store::Error> {
        let user = self.app.tables.user(user).await?;
        let store = match applications.first() {
            Some(application) => self.store(application).await?,
            None => None,
        };
        let (Some(user), Some(store)) = (user, store) else { return Ok(Plan::Drop(Dropped::Nobody)) };
        match user.primary_email().map(|email| email.value.clone()) {
            Some(email) => self.to_user(row, Template::Confirmation, user, email, store).await,
            None => Ok(Plan::Drop(Dropped::NoAddress)),
        }
    }

    async fn plan_sign_in(&self, row: QueuedMail, email: EmailAddress) -> Result<Plan, store::Error> {
        match self.app.tables.operator(&email).await? {
            None => Ok(Plan::Drop(Dropped::Nobody)),
            Some(operator) => {
                let whom = Whom::Operator(operator.email.clone());
                self.errand(row, (Template::SignIn, whom, operator.email), None, Language::En).await
            }
        }
    }

    async fn to_user(
        &self,
        row: QueuedMail,
        template: Template,
        user: User,
        email: EmailAddress,
        store: Arc<Store>,
    ) -> Result<Plan, store::Error> {
        let language = Language::of_user(&user).unwrap_or(store.settings.language);
        self.errand(row, (template, Whom::User(Box::new(user)), email), Some(store), language).await
    }

    async fn errand(
        &self,
        row: QueuedMail,
        (template, whom, address): (Template, Whom, EmailAddress),
        store: Option<Arc<Store>>,
        language: Language,
    ) -> Result<Plan, store::Error> {
        let Ok(to) = Recipient::new(address.as_str()) else { return Ok(Plan::Drop(Dropped::NoAddress)) };
        if self.app.tables.suppression(&address).await?.is_some() {
            return Ok(Plan::Drop(Dropped::Suppressed));
        }
        let settings = store.as_ref().map(|store| &store.settings);
        let minutes = match (template, settings) {
            (Template::Activation | Template::Reminder, Some(settings)) => {
                u32::from(settings.expiry_days) * MINUTES_A_DAY
            }
            (Template::Reset, Some(settings)) => settings.reset_minutes.into(),
            _ => SIGN_IN_MINUTES,
        };
        let purpose = purpose(template);
        Ok(Plan::Send(Box::new(Errand {
            row,
            template,
            whom,
            address,
            to,
            store,
            language,
            purpose,
            minutes,
        })))
    }

    async fn store(&self, id: &ApplicationId) -> Result<Option<Arc<Store>>, store::Error> {
        self.stores.of(&self.app.tables, id).await
    }
}

impl Errand {
    /// Who is greeted.
    pub(super) fn name(&self) -> &str {
        match &self.whom {
            Whom::User(user) => name_of(user),
            Whom::Nobody => "Ada",
            Whom::Operator(_) => "",
        }
    }

    /// Whether somebody waits for it.
    pub(super) fn is_awaited(&self) -> bool {
        !matches!(self.row.mail, Mail::Activation { .. })
    }
}
