//! What is kept of an attempt: an entry of the report for each store, how far the activation is,
//! and a mail that says so. Nothing of the password.

use std::error::Error;

use shared::{
    activation::Step,
    clock::random_id,
    mail::{Mail, MailId},
    one_time::{Purpose, Token},
    report::{Action, Entry, Outcome},
    store,
};

use super::{
    App, Trouble,
    case::{Case, Store},
    set::Given,
};

impl App {
    /// Tells what came of it at each store; where it is set at all of them, `done` is the link's
    /// token and the person is sent a mail.
    pub(super) async fn tell(
        &self,
        case: &Case,
        given: &[Given],
        done: Option<&Token>,
    ) -> Result<(), Trouble> {
        let all = || case.stores.iter().zip(given);
        for (store, given) in all() {
            log(case, store, given);
            self.step(case, store, given).await?;
        }
        let entries: Vec<Entry> = all().map(|(store, given)| self.entry(case, store, given)).collect();
        self.tables.report(&entries).await?;
        if let Some(token) = done {
            self.confirm(case, token).await?;
        }
        Ok(())
    }

    async fn step(&self, case: &Case, store: &Store, given: &Given) -> Result<(), store::Error> {
        let step = match given {
            Given::Proved => Step::Verified,
            Given::Unproved => Step::PasswordSet,
            Given::Refused(_) | Given::Failed(_) => return Ok(()),
        };
        let (user, now) = (&case.user.id, self.clock.now());
        self.tables.set_activation(user, &store.application.id, &step, now).await.map(drop)
    }

    /// A mail of its own for each link: told twice, it is sent once.
    async fn confirm(&self, case: &Case, token: &Token) -> Result<(), store::Error> {
        let id = format!("confirmation.{}", token.hash().as_str());
        let id: MailId = id.parse().unwrap_or_else(|_| MailId::random());
        let applications = case.stores.iter().map(|store| store.application.id.clone()).collect();
        self.tables.queue_mail(&id, &Mail::Confirmation { user: case.user.id.clone(), applications }).await
    }

    fn entry(&self, case: &Case, store: &Store, given: &Given) -> Entry {
        let (outcome, detail) = words(given);
        Entry {
            id: random_id(),
            at: self.clock.now(),
            application: store.application.id.clone(),
            user: Some(case.user.id.clone()),
            customer: Some(store.customer),
            identifier: Some(case.user.user_name.clone()),
            action: Action::SetPassword,
            cause: cause(case.link.purpose).to_owned(),
            outcome,
            changes: Vec::new(),
            detail,
        }
    }
}

fn cause(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Activation => "activation",
        Purpose::Reset => "reset",
        Purpose::SignIn => "sign-in",
    }
}

fn words(given: &Given) -> (Outcome, String) {
    match given {
        Given::Proved => (Outcome::Success, String::new()),
        Given::Unproved => (
            Outcome::Success,
            "The store took the password but could not be asked whether it works. If the person cannot \
             sign in, send a new link."
                .to_owned(),
        ),
        Given::Refused(says) => (
            Outcome::Blocked,
            format!(
                "The store does not take the password that was chosen: {says} The person was told and may \
                 choose another; if the store asks for more than the page says, set that in the \
                 application's activation settings."
            ),
        ),
        Given::Failed(failure) => (
            Outcome::Failed,
            format!(
                "The password could not be set ({failure}{}). The person was told to try again, and the \
                 link still works.",
                failure.source().map(|source| format!(": {source}")).unwrap_or_default()
            ),
        ),
    }
}

/// One line a store: identifiers, and no words of the store's.
fn log(case: &Case, store: &Store, given: &Given) {
    let (user, application) = (&case.user.id, &store.application.id);
    match given {
        Given::Proved => tracing::info!(user.id = %user, application.id = %application, "password.set"),
        Given::Unproved => {
            tracing::warn!(user.id = %user, application.id = %application, "password.unproved");
        }
        Given::Refused(_) => {
            tracing::info!(user.id = %user, application.id = %application, "password.refused");
        }
        Given::Failed(failure) => tracing::warn!(
            user.id = %user,
            application.id = %application,
            error = failure as &dyn Error,
            "password.failed"
        ),
    }
}
