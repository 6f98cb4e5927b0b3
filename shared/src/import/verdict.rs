//! What an import comes to for one customer, and how many of each there are. Every customer is one
//! of them, so that they add up to the total.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    bigcommerce::CustomerId,
    plan::{DirectoryStep, LinkStep, Plan, StoreStep, Told},
    report::{Action, AttentionKind, Change, Outcome},
    user::UserId,
};

/// What an import comes to for one customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Verdict {
    /// A user is created from it.
    Create,
    /// Its user, or it, is brought up to date with the other.
    Update,
    /// A user who was there is found to be it.
    Adopt,
    /// It is gone, and its user goes with it, or the two are parted.
    Delete,
    /// Its user stays behind in a value: a person is asked.
    Blocked,
    /// Both sides had changed a value and one gave way; or it could be several users, or a value of it
    /// is another user's, and a person is asked.
    Conflict,
    /// Both sides are as last agreed.
    Unchanged,
    /// It cannot be a user: it is not of the documented shape, or the directory refuses a value.
    Invalid,
    /// Someone else is at it at this moment: it is left to a row of work.
    Left,
}

impl Verdict {
    /// All of them.
    pub const ALL: [Verdict; 9] = [
        Verdict::Create,
        Verdict::Update,
        Verdict::Adopt,
        Verdict::Delete,
        Verdict::Blocked,
        Verdict::Conflict,
        Verdict::Unchanged,
        Verdict::Invalid,
        Verdict::Left,
    ];

    /// The verdict that a plan is, for a pair that has a user or not, and is linked or not.
    pub fn of(plan: &Plan, has_user: bool, linked: bool) -> Verdict {
        if plan.stale {
            return Verdict::Left;
        }
        match (&plan.directory, &plan.store, &plan.link) {
            (DirectoryStep::Create(_), _, _) => return Verdict::Create,
            (DirectoryStep::Delete, _, _) | (_, StoreStep::Delete(_), _) => return Verdict::Delete,
            (_, _, LinkStep::Break | LinkStep::Leave) => return Verdict::Delete,
            _ => {}
        }
        if is_contested(plan) {
            return Verdict::Conflict;
        }
        match (plan.asked.is_empty(), has_user) {
            (false, false) => return Verdict::Invalid,
            (false, true) => return Verdict::Blocked,
            (true, _) => {}
        }
        let writes = plan.directory != DirectoryStep::Nothing || plan.store != StoreStep::Nothing;
        match &plan.link {
            LinkStep::Set { .. } if !linked => Verdict::Adopt,
            _ if writes => Verdict::Update,
            _ => Verdict::Unchanged,
        }
    }

    /// Its name, as it is written in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Create => "create",
            Verdict::Update => "update",
            Verdict::Adopt => "adopt",
            Verdict::Delete => "delete",
            Verdict::Blocked => "blocked",
            Verdict::Conflict => "conflict",
            Verdict::Unchanged => "unchanged",
            Verdict::Invalid => "invalid",
            Verdict::Left => "left",
        }
    }
}

fn is_contested(plan: &Plan) -> bool {
    let of_several = |kind| matches!(kind, AttentionKind::Taken | AttentionKind::Ambiguous);
    plan.asked.iter().any(|asked| of_several(asked.kind))
        || plan.told.iter().any(|told| told.outcome() == Outcome::Conflict)
}

/// How many customers came to each verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Counts {
    /// [`Verdict::Create`].
    pub create: u64,
    /// [`Verdict::Update`].
    pub update: u64,
    /// [`Verdict::Adopt`].
    pub adopt: u64,
    /// [`Verdict::Delete`].
    pub delete: u64,
    /// [`Verdict::Blocked`].
    pub blocked: u64,
    /// [`Verdict::Conflict`].
    pub conflict: u64,
    /// [`Verdict::Unchanged`].
    pub unchanged: u64,
    /// [`Verdict::Invalid`].
    pub invalid: u64,
    /// [`Verdict::Left`].
    pub left: u64,
}

impl Counts {
    /// Counts `more` customers that came to `verdict`.
    pub fn add(&mut self, verdict: Verdict, more: u64) {
        *self.of_mut(verdict) += more;
    }

    /// How many came to `verdict`.
    pub fn of(mut self, verdict: Verdict) -> u64 {
        *self.of_mut(verdict)
    }

    /// All customers that are accounted for: those of the store and those that are gone from it.
    pub fn total(self) -> u64 {
        Verdict::ALL.into_iter().map(|verdict| self.of(verdict)).sum()
    }

    /// Those whose pair is not as both sides had last agreed.
    pub fn changed(self) -> u64 {
        self.total() - self.unchanged
    }

    fn of_mut(&mut self, verdict: Verdict) -> &mut u64 {
        match verdict {
            Verdict::Create => &mut self.create,
            Verdict::Update => &mut self.update,
            Verdict::Adopt => &mut self.adopt,
            Verdict::Delete => &mut self.delete,
            Verdict::Blocked => &mut self.blocked,
            Verdict::Conflict => &mut self.conflict,
            Verdict::Unchanged => &mut self.unchanged,
            Verdict::Invalid => &mut self.invalid,
            Verdict::Left => &mut self.left,
        }
    }
}

/// What an import would do about one customer, as a dry run keeps it.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Forecast {
    /// The customer.
    pub customer: CustomerId,
    /// The user it is, or would be taken for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<UserId>,
    /// What it comes to.
    pub verdict: Verdict,
    /// What would be done, step by step, and to which fields.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Foretold>,
    /// What a person would be asked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asked: Vec<String>,
}

/// One step of a forecast.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Foretold {
    /// What would be done.
    pub action: Action,
    /// The fields it would change.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
    /// What would be told, where the action does not say it all.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
}

impl Foretold {
    /// The steps of a plan.
    pub(crate) fn each(plan: &Plan) -> Vec<Foretold> {
        let step = |told: &Told| Foretold {
            action: told.action,
            changes: told.changes.clone(),
            detail: told.detail.clone(),
        };
        plan.told.iter().map(step).collect()
    }
}

impl Forecast {
    /// The forecast that a plan is.
    pub fn of(customer: CustomerId, user: Option<UserId>, verdict: Verdict, plan: &Plan) -> Forecast {
        let asked = plan.asked.iter().map(|asked| asked.detail.clone()).collect();
        Forecast { customer, user, verdict, steps: Foretold::each(plan), asked }
    }

    /// Of a customer that is not of the documented shape.
    pub fn garbled(customer: CustomerId) -> Forecast {
        let asked =
            "The store's record of this customer cannot be read. Look at it in the store's control panel.";
        let asked = vec![asked.to_owned()];
        Forecast { customer, user: None, verdict: Verdict::Invalid, steps: Vec::new(), asked }
    }

    /// Every field that would change, in one line of a table: `company: "" → "Acme"`.
    pub fn fields(&self) -> String {
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let changes = self.steps.iter().flat_map(|step| &step.changes);
        let lines: Vec<String> = changes
            .map(|change| format!("{}: {} → {}", change.field, text(&change.before), text(&change.after)))
            .collect();
        lines.join("; ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_customer_counts_once() {
        let mut counts = Counts::default();
        for (more, verdict) in (1..).zip(Verdict::ALL) {
            counts.add(verdict, more);
            assert_eq!(counts.of(verdict), more, "{}", verdict.name());
        }
        assert_eq!((counts.total(), counts.changed()), (45, 45 - counts.unchanged));
    }

    #[test]
    fn a_verdict_is_named_as_it_is_written() {
        for verdict in Verdict::ALL {
            assert_eq!(serde_json::to_value(verdict).unwrap(), verdict.name());
        }
    }

    #[test]
    fn a_plan_that_does_nothing_leaves_the_customer_unchanged() {
        assert_eq!(Verdict::of(&Plan::default(), true, true), Verdict::Unchanged);
        assert_eq!(Verdict::of(&Plan { stale: true, ..Plan::default() }, true, true), Verdict::Left);
    }
}
