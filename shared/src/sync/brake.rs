//! The deletion brake: so many deletions in an hour are no accident that is to be carried out before
//! a person has looked at it. It works both ways.
//!
//! While a person is asked, the deletions wait, and so do further ones. Approved, they go on.
//! Rejected, they are undone: a deleted user is made again from its customer, and a customer that
//! is gone is made again from its user.

use jiff::{SignedDuration, Timestamp};

use crate::{
    application::{Application, OnCustomerDeleted},
    plan::{DirectoryStep, LinkStep, Plan, StoreStep, Told, plan},
    report::{Action, Attention, AttentionKind},
    store::{self, Decision, Way},
    user::User,
    work::Work,
};

use super::{Engine, case::Case, verdict::Verdict};

/// How often deletions that wait are looked at.
const PAUSE: SignedDuration = SignedDuration::from_mins(15);

/// What becomes of deletions.
enum Ruling {
    Pass,
    Stop,
}

impl Engine {
    /// Takes out of `planned` the deletions that are to wait, and turns those about that were rejected.
    pub(super) async fn brake(
        &self,
        application: &Application,
        rows: &[Work],
        planned: &mut Vec<(Case, Plan)>,
        verdicts: &mut [Verdict],
    ) -> Result<(), store::Error> {
        for way in Way::ALL {
            if !planned.iter().any(|(_, plan)| deletes(plan, way)) {
                continue;
            }
            let decision = self.tables.deletions_decided(&application.id, way).await?;
            match decision {
                Some(Decision::Approved { until }) if self.clock.now() < until => continue,
                Some(Decision::Rejected { at, .. }) => {
                    self.undo(
                        application,
                        way,
                        planned.iter_mut().filter(|(case, _)| rows[case.row].asked_at <= at),
                    );
                }
                _ => {}
            }
            if let Ruling::Stop = self.ruling(application, (way, decision), rows, planned).await? {
                let until = self.clock.now() + PAUSE;
                planned.retain(|(case, plan)| {
                    let waits = deletes(plan, way);
                    if waits {
                        verdicts[case.row] = Verdict::Until(until);
                    }
                    !waits
                });
            }
        }
        Ok(())
    }

    async fn ruling(
        &self,
        application: &Application,
        (way, decision): (Way, Option<Decision>),
        rows: &[Work],
        planned: &[(Case, Plan)],
    ) -> Result<Ruling, store::Error> {
        let deletions: Vec<&Case> =
            planned.iter().filter(|(_, plan)| deletes(plan, way)).map(|(case, _)| case).collect();
        let key = (AttentionKind::Deletions, way.about(&application.id));
        if deletions.is_empty() {
            return Ok(Ruling::Pass);
        }
        if !self.tables.attentions(&[key]).await?.is_empty() {
            return Ok(Ruling::Stop);
        }
        // One that failed before was counted then.
        let new = deletions.iter().filter(|case| rows[case.row].attempts == 0).count() as u64;
        let now = self.clock.now();
        let total = self.tables.tally_deletions(&application.id, way.as_str(), now, new).await?;
        let total = total.saturating_sub(undone_in_hour(decision, now));
        let brake = application.policies.deletion_brake;
        if !brake.stops(total, 0) {
            return Ok(Ruling::Pass);
        }
        let linked = deletions.iter().filter(|case| case.link(application).is_some()).count() as u64;
        let known = (self.tables.count_links(&application.id).await? + total).saturating_sub(linked);
        if !brake.stops(total, known) {
            return Ok(Ruling::Pass);
        }
        self.tables.raise(&question(application, way, total, known, now)).await?;
        Ok(Ruling::Stop)
    }

    fn undo<'a>(
        &self,
        application: &Application,
        way: Way,
        planned: impl Iterator<Item = &'a mut (Case, Plan)>,
    ) {
        for (case, plan) in planned.filter(|(_, plan)| deletes(plan, way)) {
            let undone = match way {
                Way::ToStore => self.undone_at_store(application, case),
                Way::ToDirectory => Some(relinked(case)),
            };
            *plan = undone.unwrap_or(std::mem::take(plan));
        }
    }

    /// The customer stays: its user is made again, or active again.
    fn undone_at_store(&self, application: &Application, case: &mut Case) -> Option<Plan> {
        let now = self.clock.now();
        if case.gone.take().is_some() {
            let identity = application.mapping.identity.as_ref().map(|identity| identity.attribute);
            for customer in &mut case.customers {
                // It names a user that will not come back; another one will be this customer.
                let values = customer.attributes.iter_mut();
                values.for_each(|values| values.retain(|value| Some(value.attribute_id) != identity));
            }
            return Some(plan(case.pair(application), now));
        }
        let user = case.user.as_ref().filter(|user| !user.active)?;
        let active = User { active: true, last_modified: now, ..user.clone() };
        let detail = "Active again, for the deletion of its customer was rejected.".to_owned();
        Some(Plan {
            directory: DirectoryStep::Update(Box::new(active)),
            told: vec![Told { action: Action::UpdateUser, changes: Vec::new(), detail }],
            ..Plan::default()
        })
    }
}

/// The user stays, and is looked at anew: a customer is made of it.
fn relinked(case: &mut Case) -> Plan {
    case.user_anew = true;
    let detail = "The customer is made again, for the deletion of its user was rejected.".to_owned();
    let told = vec![Told { action: Action::Unlink, changes: Vec::new(), detail }];
    Plan { link: LinkStep::Leave, told, ..Plan::default() }
}

/// How many of this hour's deletions were undone.
fn undone_in_hour(decision: Option<Decision>, now: Timestamp) -> u64 {
    let hour = |at: Timestamp| at.as_second().div_euclid(3600);
    match decision {
        Some(Decision::Rejected { at, tallied }) if hour(at) == hour(now) => tallied,
        _ => 0,
    }
}

fn deletes(plan: &Plan, way: Way) -> bool {
    let of_user = |told: &Told| matches!(told.action, Action::DeleteUser | Action::DeactivateUser);
    match way {
        Way::ToStore => matches!(plan.store, StoreStep::Delete(_)),
        Way::ToDirectory => plan.told.iter().any(of_user),
    }
}

fn question(application: &Application, way: Way, total: u64, known: u64, now: Timestamp) -> Attention {
    let name = &application.name;
    let what = match (way, application.policies.on_customer_deleted) {
        (Way::ToStore, _) => {
            format!("customers of the store {name}, whose users have left, are to be deleted")
        }
        (Way::ToDirectory, OnCustomerDeleted::DeactivateUser) => {
            format!("users, whose customers are gone from the store {name}, are to be deactivated")
        }
        (Way::ToDirectory, _) => {
            format!("users, whose customers are gone from the store {name}, are to be deleted")
        }
    };
    Attention {
        about: way.about(&application.id),
        kind: AttentionKind::Deletions,
        application: application.id.clone(),
        since: now,
        detail: format!(
            "{total} {what} within an hour, of {known} that are linked, which is more than the deletion brake lets \
             pass. They wait. Approve them, or reject them to have what was deleted made again."
        ),
        waiting: Vec::new(),
    }
}
