//! Carries plans out: the store first, then the directory, where the link, the entry and the
//! change are one transaction. Whatever is cut off between the two is found again by the next
//! look, for both sides then agree and only the link's base is behind.

use futures_util::{StreamExt, stream};

use crate::{
    application::Application,
    bigcommerce::{self, Include},
    plan::{Asked, DirectoryStep, Plan, StoreStep, Told, plan, plan_around_taken, plan_without_store},
    report::{Action, AttentionKind},
    secret::fold,
    store::{self, Also, Reservation, Unique},
    user::{LinkState, User},
    work::{Subject, Work},
};

use super::{
    Engine, Part, WRITERS,
    case::Case,
    open::Open,
    outbound::Stored,
    tell::{Scene, ask_about_taken, attention_keys, log},
    verdict::{Trouble, Verdict, all_later},
};

impl Engine {
    /// Plans each case and carries the plans out; a verdict for each of `rows`.
    pub(super) async fn apply(&self, part: Part<'_>, rows: &mut [Work], cases: Vec<Case>) -> Vec<Verdict> {
        let (application, now) = (part.application, self.clock.now());
        let mut verdicts = vec![Verdict::Done; rows.len()];
        let mut planned = Vec::new();
        for case in cases {
            let decided = match before_planning(&case) {
                None => self.bury_unburied(application, &case).await,
                decided => decided,
            };
            if let Some(verdict) = decided {
                verdicts[case.row] = verdict;
                continue;
            }
            let plan = plan(case.pair(application), now);
            if plan.stale {
                verdicts[case.row] = Verdict::Later(stale());
            } else {
                planned.push((case, plan));
            }
        }
        let open = match self.claim_and_open(application, rows, &mut planned, &mut verdicts).await {
            Ok(open) => open,
            Err(error) => return all_later(rows.len(), &error.into()),
        };
        let (planned, open) = self.noted(application, planned, open, &mut verdicts).await;
        let stored = self.carry_to_store(application, &planned).await;
        let written: Vec<(usize, Verdict)> = stream::iter(planned.into_iter().zip(stored).zip(open))
            .map(|(((case, plan), stored), open)| {
                let scene = Scene { part, row: &rows[case.row], open, now };
                self.settle(scene, case, plan, stored)
            })
            .buffer_unordered(WRITERS)
            .collect()
            .await;
        for (row, verdict) in written {
            verdicts[row] = verdict;
        }
        verdicts
    }

    /// Has the rows to itself whose plans write at the store, brakes deletions, and reads what is open about each pair.
    async fn claim_and_open(
        &self,
        application: &Application,
        rows: &mut [Work],
        planned: &mut Vec<(Case, Plan)>,
        verdicts: &mut [Verdict],
    ) -> Result<Vec<Open>, store::Error> {
        let writing = planned.iter().filter(|(_, plan)| plan.store != StoreStep::Nothing);
        let writing: Vec<usize> = writing.map(|(case, _)| case.row).collect();
        for elsewhere in self.claim(rows, writing.into_iter()).await? {
            verdicts[elsewhere] = Verdict::Elsewhere;
            planned.retain(|(case, _)| case.row != elsewhere);
        }
        self.brake(application, rows, planned, verdicts).await?;
        self.open(application, rows, planned).await
    }

    /// Those for which is noted what will be sent, where that is to be noted.
    async fn noted(
        &self,
        application: &Application,
        planned: Vec<(Case, Plan)>,
        open: Vec<Open>,
        verdicts: &mut [Verdict],
    ) -> (Vec<(Case, Plan)>, Vec<Open>) {
        let notes = planned.into_iter().zip(open).map(async |((mut case, plan), open)| {
            let noted = self.note_sent(application, &mut case, &plan).await;
            (case, plan, open, noted)
        });
        let notes: Vec<_> = stream::iter(notes).buffered(WRITERS).collect().await;
        let mut kept = (Vec::new(), Vec::new());
        for (case, plan, open, noted) in notes {
            match noted {
                Ok(()) => {
                    kept.0.push((case, plan));
                    kept.1.push(open);
                }
                Err(store::Error::Moved) => verdicts[case.row] = Verdict::Again,
                Err(error) => verdicts[case.row] = Verdict::Later(error.into()),
            }
        }
        kept
    }

    /// Writes what the plan came to at the store and in the directory.
    async fn settle(
        &self,
        scene: Scene<'_>,
        case: Case,
        plan: Plan,
        stored: Result<Stored, bigcommerce::Error>,
    ) -> (usize, Verdict) {
        let until = plan.look_again;
        let verdict = match stored {
            Ok(stored) => self.write(&scene, &case, plan, stored).await,
            Err(error) if is_refusal(&error) => self.refused(&scene, &case, plan, &error).await,
            Err(error) => {
                self.tell_of_credentials(scene.application(), &error).await;
                Verdict::Later(error.into())
            }
        };
        match (verdict, until) {
            (Verdict::Done, Some(until)) => (case.row, Verdict::Until(until)),
            (verdict, _) => (case.row, verdict),
        }
    }

    /// What flows to the directory still flows when the store refuses its part. Where the pair was
    /// overtaken at the store it is looked at again instead.
    async fn refused(
        &self,
        scene: &Scene<'_>,
        case: &Case,
        refused: Plan,
        error: &bigcommerce::Error,
    ) -> Verdict {
        match self.is_overtaken_at_store(scene, case, &refused.store, error).await {
            Ok(true) => return Verdict::Again,
            Ok(false) => {}
            Err(error) => return Verdict::Later(error.into()),
        }
        let mut plan = plan_without_store(case.pair(scene.application()), scene.now);
        let detail = words_of_refusal(&refused.store, error);
        plan.told.push(Told { action: Action::Refuse, changes: Vec::new(), detail: detail.clone() });
        plan.asked.push(Asked { kind: AttentionKind::Refused, about: None, detail });
        self.write(scene, case, plan, None).await
    }

    /// Whether the refusal tells of a customer that came or went since the pair was read.
    async fn is_overtaken_at_store(
        &self,
        scene: &Scene<'_>,
        case: &Case,
        refused: &StoreStep,
        error: &bigcommerce::Error,
    ) -> Result<bool, bigcommerce::Error> {
        let client = self.api.store(scene.application());
        match (refused, case.user.as_ref().and_then(User::primary_email)) {
            (StoreStep::Update { customer, .. }, _) => {
                Ok(client.customers(&[*customer], Include::NOTHING).await?.is_empty())
            }
            (StoreStep::Create { .. }, Some(email)) if error.says_already_in_use() => {
                let found =
                    client.customers_by_email(std::slice::from_ref(&email.value), Include::NOTHING).await?;
                Ok(!found.is_empty())
            }
            _ => Ok(false),
        }
    }

    async fn write(&self, scene: &Scene<'_>, case: &Case, plan: Plan, stored: Stored) -> Verdict {
        let written = match case.gone {
            Some(_) => self.settle_grave(scene, case, plan.clone()).await,
            None => self.write_directory(scene, case, &plan, stored.clone()).await,
        };
        match written {
            Ok(()) => Verdict::Done,
            Err(store::Error::Moved) => match self.overtaken(scene, case, &plan, &stored).await {
                Ok(verdict) => verdict,
                Err(error) => Verdict::Later(error.into()),
            },
            Err(store::Error::Taken { what, value, .. }) => {
                self.taken(scene, case, stored, Reservation { what, value }).await
            }
            Err(error) => Verdict::Later(error.into()),
        }
    }

    async fn write_directory(
        &self,
        scene: &Scene<'_>,
        case: &Case,
        plan: &Plan,
        stored: Stored,
    ) -> Result<(), store::Error> {
        let step = plan.settled(case.pair(scene.application()), stored.as_ref(), scene.now);
        let step = with_attention(step, scene, case, plan);
        let after = match &step {
            DirectoryStep::Create(user) | DirectoryStep::Update(user) => Some(&**user),
            DirectoryStep::Nothing => case.own_user(scene.application()),
            DirectoryStep::Delete => None,
        };
        self.settle_and_note(scene, case, plan, after).await?;
        let entries = scene.entries(case, after, plan);
        let mut also: Vec<Also> = entries.iter().cloned().map(Also::Entry).collect();
        let flowed = matches!(plan.directory, DirectoryStep::Create(_) | DirectoryStep::Update(_));
        if let Some(user) = after.filter(|_| flowed && scene.part.applications.len() > 1 || case.user_anew) {
            also.push(look_at(user, scene));
        }
        match (&step, &case.user) {
            (DirectoryStep::Delete, Some(user)) => {
                // Its customer is gone here: only the other stores are to be told.
                let done = [scene.application().id.clone()].into();
                self.tables.delete_user(user, &done, &also).await?;
            }
            (DirectoryStep::Create(user), _) => drop(self.tables.create_user(user, &also).await?),
            (DirectoryStep::Update(after), Some(before)) => {
                self.tables.update_user(before, after, &also).await?;
            }
            (DirectoryStep::Nothing | DirectoryStep::Delete | DirectoryStep::Update(_), _) => {
                self.tables.report(&entries).await?;
            }
        }
        log(&entries);
        self.clear_sent(scene.application(), case, after).await?;
        self.raise(scene, case, plan).await
    }

    /// A user name or e-mail address that the plan gave is another user's: the rest flows, and a
    /// person is asked.
    async fn taken(&self, scene: &Scene<'_>, case: &Case, stored: Stored, taken: Reservation) -> Verdict {
        match self.is_a_race(case, &taken).await {
            Ok(true) => return Verdict::Again,
            Ok(false) => {}
            Err(error) => return Verdict::Later(error.into()),
        }
        let mut plan = plan_around_taken(case.pair(scene.application()), scene.now);
        let asked = ask_about_taken(&taken);
        plan.told.push(Told { action: Action::Refuse, changes: Vec::new(), detail: asked.detail.clone() });
        plan.asked.push(asked);
        let written = match self.write_directory(scene, case, &plan, stored).await {
            // It may have been set free before it was known that somebody waits for it.
            Ok(()) => self.is_taken(&taken).await,
            Err(error) => Err(error),
        };
        match written {
            Ok(true) => Verdict::Done,
            Ok(false) | Err(store::Error::Moved) => Verdict::Again,
            Err(error) => Verdict::Later(error.into()),
        }
    }

    async fn is_taken(&self, value: &Reservation) -> Result<bool, store::Error> {
        match value.what {
            Unique::Email => {
                Ok(!self.tables.users_by_email(std::slice::from_ref(&value.value)).await?.is_empty())
            }
            Unique::UserName => Ok(self.tables.user_by_user_name(&value.value).await?.is_some()),
            Unique::ExternalId | Unique::Customer => Ok(true),
        }
    }

    /// Whether the value was taken by the same person's record, made a moment ago by someone else.
    async fn is_a_race(&self, case: &Case, taken: &Reservation) -> Result<bool, store::Error> {
        if taken.what == Unique::Customer {
            return Ok(true);
        }
        let (None, Some(customer)) = (&case.user, case.customers.first()) else { return Ok(false) };
        Ok(!self.tables.users_by_email(&[fold(&customer.email)]).await?.is_empty())
    }
}

/// A user that changed because of one store is looked at for the other stores too.
fn look_at(user: &User, scene: &Scene<'_>) -> Also {
    Also::Work {
        subject: Subject::User(user.id.clone()),
        cause: scene.row.cause.clone(),
        asked_at: scene.row.asked_at,
    }
}

/// The step with what is asked of a person on the link, where there is one.
fn with_attention(step: DirectoryStep, scene: &Scene<'_>, case: &Case, plan: &Plan) -> DirectoryStep {
    let mut user = match (&step, case.own_user(scene.application())) {
        (DirectoryStep::Create(user) | DirectoryStep::Update(user), _) => (**user).clone(),
        (DirectoryStep::Nothing, Some(user)) => user.clone(),
        (DirectoryStep::Delete, _) | (DirectoryStep::Nothing, None) => return step,
    };
    let Some(link) = user.links.get_mut(&scene.application().id) else { return step };
    link.attention = attention_keys(scene, case, plan);
    link.last_error = plan.asked.first().map(|asked| asked.detail.clone());
    link.state = if plan.asked.is_empty() { LinkState::InStep } else { LinkState::Blocked };
    match step {
        DirectoryStep::Create(_) => DirectoryStep::Create(Box::new(user)),
        _ if case.user.as_ref() == Some(&user) => DirectoryStep::Nothing,
        _ => DirectoryStep::Update(Box::new(user)),
    }
}

/// The verdict on what is not planned about.
fn before_planning(case: &Case) -> Option<Verdict> {
    let reason = "the customer with the user's e-mail address is yet to be taken from a deleted user";
    match case {
        Case { overtaken: true, .. } => Some(Verdict::Again),
        Case { waits: true, .. } => {
            let reason = reason.to_owned();
            Some(Verdict::Later(Trouble { reason, outage: true, ..Trouble::default() }))
        }
        _ => None,
    }
}

fn words_of_refusal(refused: &StoreStep, error: &bigcommerce::Error) -> String {
    let words = error.message();
    match refused {
        StoreStep::Update { new_password: true, .. } => format!(
            "The store refused the e-mail address that keeps the customer from signing in: {words}. Choose another \
             domain for such addresses in the application's policies."
        ),
        _ => format!(
            "The store refused the change: {words}. Correct the value in the directory; it is sent again with the next \
             change."
        ),
    }
}

fn is_refusal(error: &bigcommerce::Error) -> bool {
    matches!(error, bigcommerce::Error::Refused { .. } | bigcommerce::Error::NotFound)
}

fn stale() -> Trouble {
    Trouble {
        reason: "the store answered with an older state than was seen before".to_owned(),
        ..Trouble::default()
    }
}
