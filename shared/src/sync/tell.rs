//! Tells what happened: entries of the report, lines of the log, and what a person is asked.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::{
    application::{Application, ApplicationId},
    bigcommerce,
    clock::random_id,
    plan::{Asked, Plan, Told},
    report::{Action, Attention, AttentionKey, AttentionKind, Entry, Outcome},
    store::{self, Reservation},
    user::User,
    work::{Subject, Work},
};

use super::{Engine, Part, case::Case, is_about_credentials, open::Open, rows::customer_of};

/// What a case is told about with: where, on whose behalf, when.
pub(super) struct Scene<'a> {
    /// Where.
    pub(super) part: Part<'a>,
    /// The row that asked for the look.
    pub(super) row: &'a Work,
    /// What is open about the pair.
    pub(super) open: Open,
    /// When.
    pub(super) now: Timestamp,
}

impl<'a> Scene<'a> {
    /// The application that the look is about.
    pub(super) fn application(&self) -> &'a Application {
        self.part.application
    }

    /// The entries of a plan. What was refused before is not told again.
    pub(super) fn entries(&self, case: &Case, user: Option<&User>, plan: &Plan) -> Vec<Entry> {
        let again = plan.asked.iter().all(|asked| self.open.tells(&attention(self, case, asked)));
        let news = plan.told.iter().filter(|told| told.action != Action::Refuse || !again);
        news.map(|told| self.entry(case, user, told)).collect()
    }

    fn entry(&self, case: &Case, user: Option<&User>, told: &Told) -> Entry {
        let user = user.or(case.own_user(self.application()));
        let customer = case.customers.first();
        let linked = user.and_then(|user| user.links.get(&self.application().id)).map(|link| link.customer);
        let before = case.link(self.application());
        let subject = customer_of(self.row);
        Entry {
            id: random_id(),
            at: self.now,
            application: self.application().id.clone(),
            user: user.map(|user| user.id.clone()).or(case.gone.as_ref().map(|gone| gone.user.clone())),
            customer: linked
                .or(customer.and_then(|customer| customer.id))
                .or(before.map(|link| link.customer))
                .or(subject),
            identifier: user
                .map(|user| user.user_name.clone())
                .or(customer.map(|customer| customer.email.clone())),
            action: told.action,
            cause: self.row.cause.clone(),
            outcome: told.outcome(),
            changes: told.changes.clone(),
            detail: told.detail.clone(),
        }
    }
}

/// What to ask when a user name or e-mail address is another user's.
pub(super) fn ask_about_taken(taken: &Reservation) -> Asked {
    let Reservation { what, value } = taken;
    Asked {
        kind: AttentionKind::Taken,
        about: Some(taken.key()),
        detail: format!(
            "The {what} {value} belongs to another user, so it was not taken over from the store (it must be unique \
             in the directory). Change it for one of the two; the rest follows by itself."
        ),
    }
}

impl Engine {
    /// Raises what the plan asks.
    pub(super) async fn raise(
        &self,
        scene: &Scene<'_>,
        case: &Case,
        plan: &Plan,
    ) -> Result<(), store::Error> {
        for asked in &plan.asked {
            self.tables.raise(&attention(scene, case, asked)).await?;
        }
        Ok(())
    }

    /// Raises attention once when the store refuses the application's credentials.
    pub async fn tell_of_credentials(&self, application: &Application, error: &bigcommerce::Error) {
        if !is_about_credentials(error) {
            return;
        }
        self.circuits.shut(application, self.clock.now());
        let attention = Attention {
            about: application.id.to_string(),
            kind: AttentionKind::Credentials,
            application: application.id.clone(),
            since: self.clock.now(),
            detail: format!(
                "The store {} refuses the access token ({error}). Create a new API account with the customers scope and \
                 connect the store again; what is pending goes on by itself.",
                application.name
            ),
            waiting: Vec::new(),
        };
        if let Err(error) = self.tables.raise(&attention).await {
            tracing::warn!(application.id = %application.id, %error, "attention not raised");
        }
    }

    /// The store answers: if it had refused the credentials before this look, that is over.
    pub(super) async fn tell_of_answer(&self, application: &Application) {
        if !self.circuits.is_shut(application, self.clock.now())
            && self.circuits.open(&application.id)
            && let Err(error) =
                self.tables.settle_attention(AttentionKind::Credentials, application.id.as_str()).await
        {
            tracing::warn!(application.id = %application.id, %error, "attention not settled");
        }
    }

    /// Tells of a row of work that is given up, once until it is in step again.
    pub(super) async fn tell_of_death(
        &self,
        row: &Work,
        application: &ApplicationId,
        reason: &str,
    ) -> Result<(), store::Error> {
        let attention = Attention {
            about: row.subject.to_string(),
            kind: AttentionKind::Dead,
            application: application.clone(),
            since: self.clock.now(),
            detail: format!(
                "Given up after {} attempts: {reason}. Mend the cause, then retry it; a new change retries it too.",
                row.attempts + 1
            ),
            waiting: vec![row.subject.clone()],
        };
        if self.tables.raise(&attention).await? {
            self.tables.report(&[death(row, attention)]).await?;
        }
        Ok(())
    }

    /// A row that had failed is in step: what was told of its failures is over. That the store
    /// answers again may have been noticed by another process than the one that was refused.
    pub(super) async fn recovered(&self, row: &Work) -> Result<(), store::Error> {
        self.tables.settle_attention(AttentionKind::Dead, &row.subject.to_string()).await?;
        let answered = match &row.subject {
            Subject::Customer(application, _) => vec![application.clone()],
            Subject::User(_) => self.tables.applications().await?.into_iter().map(|known| known.id).collect(),
        };
        for application in answered {
            self.tables.settle_attention(AttentionKind::Credentials, application.as_str()).await?;
        }
        Ok(())
    }
}

fn death(row: &Work, attention: Attention) -> Entry {
    let user = match &row.subject {
        Subject::User(user) => Some(user.clone()),
        Subject::Customer(..) => None,
    };
    Entry {
        id: random_id(),
        at: attention.since,
        application: attention.application,
        user,
        customer: customer_of(row),
        identifier: None,
        action: Action::Refuse,
        cause: row.cause.clone(),
        outcome: Outcome::Failed,
        changes: Vec::new(),
        detail: attention.detail,
    }
}

/// A line of the log for each entry: who and which fields, and nothing personal.
pub(super) fn log(entries: &[Entry]) {
    for entry in entries {
        let fields: Vec<&str> = entry.changes.iter().map(|change| change.field.as_str()).collect();
        tracing::info!(
            application = %entry.application,
            user = entry.user.as_ref().map(tracing::field::display),
            customer = entry.customer.map(tracing::field::display),
            fields = (!fields.is_empty()).then(|| tracing::field::display(fields.join(","))),
            cause = %entry.cause,
            "{}", event(entry.action)
        );
    }
}

fn event(action: Action) -> &'static str {
    match action {
        Action::CreateUser => "user.created",
        Action::UpdateUser => "user.updated",
        Action::DeactivateUser => "user.deactivated",
        Action::DeleteUser => "user.deleted",
        Action::CreateCustomer => "customer.created",
        Action::UpdateCustomer => "customer.updated",
        Action::DeleteCustomer => "customer.deleted",
        Action::DeactivateCustomer => "customer.deactivated",
        Action::ReactivateCustomer => "customer.reactivated",
        Action::Link => "pair.linked",
        Action::Unlink => "pair.unlinked",
        Action::RepairWebhooks => "webhooks.repaired",
        Action::SendMail => "mail.sent",
        Action::SetPassword => "password.set",
        Action::Refuse => "pair.refused",
    }
}

/// The keys of what `plan` asks about the pair.
pub(super) fn attention_keys(scene: &Scene<'_>, case: &Case, plan: &Plan) -> BTreeSet<AttentionKey> {
    plan.asked.iter().map(|asked| attention(scene, case, asked).key()).collect()
}

fn attention(scene: &Scene<'_>, case: &Case, asked: &Asked) -> Attention {
    Attention {
        about: asked.about.clone().unwrap_or_else(|| about(scene, case)),
        kind: asked.kind,
        application: scene.application().id.clone(),
        since: scene.now,
        detail: asked.detail.clone(),
        waiting: vec![scene.row.subject.clone()],
    }
}

/// What the attention about a pair is about: the linked or the only customer, else the user.
pub(super) fn about(scene: &Scene<'_>, case: &Case) -> String {
    let linked = case.link(scene.application()).map(|link| link.customer);
    let only = match case.customers.as_slice() {
        [customer] => customer.id,
        _ => None,
    };
    match (linked.or(only), case.own_user(scene.application())) {
        (Some(customer), _) => Subject::Customer(scene.application().id.clone(), customer).to_string(),
        (None, Some(user)) => about_user(scene.application(), user),
        (None, None) => scene.row.subject.to_string(),
    }
}

/// What attention is about where it is about a user's lack of a customer.
pub(super) fn about_user(application: &Application, user: &User) -> String {
    format!("user#{}@{}", user.id, application.id)
}
