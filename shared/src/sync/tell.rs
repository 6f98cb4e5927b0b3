//! Tells what happened: entries of the report, and what a person is asked.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::{
    application::Application,
    bigcommerce,
    clock::random_id,
    plan::{Asked, Plan, Told},
    report::{Action, Attention, AttentionKey, AttentionKind, Entry},
    secret::fold,
    store::{self, Reservation},
    user::{LinkState, User},
    work::{Subject, Work},
};

use super::{Engine, gather::Case};

/// What a case is told about with: where, on whose behalf, when.
pub(super) struct Scene<'a> {
    /// Where.
    pub(super) application: &'a Application,
    /// The row that asked for the look.
    pub(super) row: &'a Work,
    /// The keys of the attention that is open about the pair.
    pub(super) open: BTreeSet<AttentionKey>,
    /// When.
    pub(super) now: Timestamp,
}

impl Scene<'_> {
    /// The entries of a plan. What was refused before is not told again.
    pub(super) fn entries(&self, case: &Case, user: Option<&User>, plan: &Plan) -> Vec<Entry> {
        let again = attention_keys(self, case, plan).is_subset(&self.open);
        let news = plan.told.iter().filter(|told| told.action != Action::Refuse || !again);
        news.map(|told| self.entry(case, user, told)).collect()
    }

    fn entry(&self, case: &Case, user: Option<&User>, told: &Told) -> Entry {
        let customer = case.customers.first();
        let linked = user.and_then(|user| user.links.get(&self.application.id)).map(|link| link.customer);
        let before = case.user.as_ref().and_then(|user| user.links.get(&self.application.id));
        let subject = super::customer_of(self.row);
        Entry {
            id: random_id(),
            at: self.now,
            application: self.application.id.clone(),
            user: user.or(case.user.as_ref()).map(|user| user.id.clone()),
            customer: linked
                .or(customer.and_then(|customer| customer.id))
                .or(before.map(|link| link.customer))
                .or(subject),
            identifier: user
                .or(case.user.as_ref())
                .map(|user| user.user_name.clone())
                .or(customer.map(|customer| customer.email.clone())),
            action: told.action,
            cause: self.row.cause.clone(),
            outcome: told.outcome(),
            changes: told.changes.clone(),
            detail: told.detail.clone(),
        }
    }

    /// What to ask when a user name or e-mail address is another user's.
    pub(super) fn ask_about_taken(&self, taken: &Reservation) -> Attention {
        let Reservation { what, value } = taken;
        Attention {
            about: taken.key(),
            kind: AttentionKind::Taken,
            application: self.application.id.clone(),
            since: self.now,
            detail: format!(
                "The {what} {value} belongs to another user, so the change at the store was not taken over (it must be \
                 unique in the directory). Change it for one of the two; the rest follows by itself."
            ),
            waiting: vec![self.row.subject.clone()],
        }
    }
}

impl Engine {
    /// The keys of the attention open about each planned pair. A linked user tells its own; the
    /// others are looked up.
    pub(super) async fn open_attention(
        &self,
        application: &Application,
        planned: &[(Case, Plan)],
    ) -> Vec<BTreeSet<AttentionKey>> {
        let keys: Vec<AttentionKey> =
            planned.iter().flat_map(|(case, _)| possible_attention(application, case)).collect();
        // Only spares telling twice and tidies up: without it the look itself is still right.
        let found = self.tables.attentions(&keys).await.unwrap_or_default();
        let found: BTreeSet<AttentionKey> = found.iter().map(Attention::key).collect();
        let open = |(case, _): &(Case, Plan)| match linked(application, case) {
            Some(user) => user.links[&application.id].attention.clone(),
            None => possible_attention(application, case).into_iter().filter(|key| found.contains(key)).collect(),
        };
        planned.iter().map(open).collect()
    }

    /// Raises what the plan asks and settles what was asked before and is over.
    pub(super) async fn raise_and_settle(
        &self,
        scene: &Scene<'_>,
        case: &Case,
        plan: &Plan,
    ) -> Result<(), store::Error> {
        for asked in &plan.asked {
            self.tables.raise(&attention(scene, case, asked)).await?;
        }
        let asked = attention_keys(scene, case, plan);
        for (kind, about) in scene.open.difference(&asked) {
            self.tables.settle_attention(*kind, about).await?;
        }
        Ok(())
    }

    /// Flags a pair whose change could not be taken over, and tells so once.
    pub(super) async fn flag(&self, scene: &Scene<'_>, case: &Case, raised: &Attention) -> Result<(), store::Error> {
        let known = scene.open.contains(&raised.key());
        let told = Told { action: Action::Refuse, changes: Vec::new(), detail: raised.detail.clone() };
        let entry = scene.entry(case, case.user.as_ref(), &told);
        match linked(scene.application, case) {
            Some(before) if !known => {
                let mut after = before.clone();
                if let Some(link) = after.links.get_mut(&scene.application.id) {
                    link.state = LinkState::Blocked;
                    link.last_error = Some(raised.detail.clone());
                    link.attention.insert(raised.key());
                }
                self.tables.update_user(before, &after, &[store::Also::Entry(entry)]).await?;
            }
            None if !known => self.tables.report(&[entry]).await?,
            _ => {}
        }
        self.tables.raise(raised).await?;
        Ok(())
    }

    /// Raises attention once when the store refuses the application's credentials.
    pub(super) async fn tell_of_credentials(&self, application: &Application, error: &bigcommerce::Error) {
        if !super::is_about_credentials(error) {
            return;
        }
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

    /// Raises attention about a row of work that is given up.
    pub(super) async fn tell_of_death(&self, row: &Work, reason: &str) -> Result<(), store::Error> {
        let Subject::Customer(application, _) = &row.subject else { return Ok(()) };
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
        self.tables.raise(&attention).await?;
        Ok(())
    }
}

/// The keys of what `plan` asks about the pair.
pub(super) fn attention_keys(scene: &Scene<'_>, case: &Case, plan: &Plan) -> BTreeSet<AttentionKey> {
    plan.asked.iter().map(|asked| attention(scene, case, asked).key()).collect()
}

fn attention(scene: &Scene<'_>, case: &Case, asked: &Asked) -> Attention {
    let about = asked.about.clone().unwrap_or_else(|| about(scene.application, case, case.user.as_ref()));
    Attention {
        about,
        kind: asked.kind,
        application: scene.application.id.clone(),
        since: scene.now,
        detail: asked.detail.clone(),
        waiting: vec![scene.row.subject.clone()],
    }
}

/// What the attention about a pair is about: the customer where there is one, else the user.
fn about(application: &Application, case: &Case, user: Option<&User>) -> String {
    let linked = user.and_then(|user| user.links.get(&application.id)).map(|link| link.customer);
    match (linked.or(case.customers.first().and_then(|customer| customer.id)), user) {
        (Some(customer), _) => Subject::Customer(application.id.clone(), customer).to_string(),
        (None, Some(user)) => format!("user#{}@{}", user.id, application.id),
        (None, None) => application.id.to_string(),
    }
}

/// What may have been asked about a pair that has no link to remember it.
fn possible_attention(application: &Application, case: &Case) -> Vec<AttentionKey> {
    if linked(application, case).is_some() {
        return Vec::new();
    }
    let about = about(application, case, case.user.as_ref());
    let kinds = [AttentionKind::Refused, AttentionKind::Ambiguous, AttentionKind::Dead];
    let mut keys: Vec<AttentionKey> = kinds.map(|kind| (kind, about.clone())).to_vec();
    keys.extend(case.customers.first().map(|customer| {
        (AttentionKind::Taken, Reservation::email(fold(&customer.email)).key())
    }));
    keys
}

fn linked<'a>(application: &Application, case: &'a Case) -> Option<&'a User> {
    case.user.as_ref().filter(|user| user.links.contains_key(&application.id))
}
