//! What a look at one user would come to at one store, step by step, without any of it being done:
//! read, match, scope, map, and what would be done.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::{Engine, case::Case, gather::linked_customer, verdict::Failure};
use crate::{
    application::{Application, ApplicationId},
    bigcommerce::{self, CustomerId},
    import::{Foretold, Verdict},
    mapping::{CustomerField, Direction, Mapped, Mapping, Rule},
    plan::{CustomerSeen, Pair, Plan, UserSeen, plan},
    store,
    user::{User, UserId},
    work::{Subject, Work},
};

/// What a look at one user would come to at one store.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Trace {
    /// Where.
    pub application: ApplicationId,
    /// The name by which people know the store.
    pub store: String,
    /// The version of the user that was read.
    pub version: u64,
    /// The customers that were read: the linked one, or those with the user's e-mail address.
    pub customers: Vec<CustomerId>,
    /// How the two belong together.
    pub matched: Match,
    /// The application's scope; `None`: it is for everyone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// Whether the user meets it.
    pub in_scope: bool,
    /// What is mapped, rule by rule.
    pub fields: Vec<Traced>,
    /// What would be done.
    pub outcome: Foreseen,
}

/// How a user and a customer belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Match {
    /// By the link, and the store has the customer.
    Linked,
    /// By the link, and the store has the customer no more.
    LinkedAndGone,
    /// By the e-mail address: one customer has it.
    Email,
    /// Several customers have the e-mail address.
    Several,
    /// No customer is the user's.
    Nobody,
}

/// One mapped field of a pair, in the customer's vocabulary and canonical form.
#[derive(Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Traced {
    /// The directory's attribute.
    pub attribute: String,
    /// The store's field.
    pub field: String,
    /// Which way values flow.
    pub direction: Direction,
    /// The user's value; null for none.
    pub user: Value,
    /// The customer's; null for none.
    pub customer: Value,
    /// What both last agreed on; null for nothing.
    pub agreed: Value,
    /// The rule that a value breaks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

/// What would be done about a pair.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Foreseen {
    /// The customer; `None`: there is none yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer: Option<CustomerId>,
    /// What it comes to.
    pub verdict: Verdict,
    /// Step by step.
    pub steps: Vec<Foretold>,
    /// What a person would be asked.
    pub asked: Vec<String>,
    /// When there will be something to do that no event tells of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub later: Option<Timestamp>,
    /// Whether the next look may come to something else: another is at the pair at this moment, or
    /// what the store answered is older than what was seen before.
    pub waits: bool,
}

impl Foreseen {
    fn of(plan: &Plan, customer: Option<CustomerId>, verdict: Verdict) -> Foreseen {
        Foreseen {
            customer,
            verdict,
            steps: Foretold::each(plan),
            asked: plan.asked.iter().map(|asked| asked.detail.clone()).collect(),
            later: plan.look_again,
            waits: plan.stale,
        }
    }
}

/// Why it cannot be told what would be done.
#[derive(Debug, thiserror::Error)]
pub enum Untold {
    /// The tables did not answer.
    #[error("it could not be foreseen (the tables did not answer)")]
    Tables(#[source] store::Error),
    /// The store did not answer, or not as it should.
    #[error("it could not be foreseen (the store did not answer)")]
    Store(#[source] bigcommerce::Error),
    /// Who is in scope cannot be told.
    #[error("it could not be foreseen (the application's scope is no SCIM filter)")]
    Scope,
}

impl From<Failure> for Untold {
    fn from(failure: Failure) -> Untold {
        match failure {
            Failure::Tables(error) => Untold::Tables(error),
            Failure::BigCommerce(error) => Untold::Store(error),
            Failure::Scope(super::scope::Error::Tables(error)) => Untold::Tables(error),
            Failure::Scope(super::scope::Error::NotAFilter) => Untold::Scope,
        }
    }
}

impl Engine {
    /// What a look at the user would come to at `application`, which may have another mapping or
    /// other policies than it has; `None`: there is no such user. Both sides are read, and
    /// nothing is written.
    ///
    /// # Errors
    /// When the tables or the store do not answer.
    pub async fn trace(&self, application: &Application, user: &UserId) -> Result<Option<Trace>, Untold> {
        let Some(case) = self.case_of(application, user).await? else { return Ok(None) };
        let Some(user) = case.user.as_ref() else { return Ok(None) };
        let planned = plan(case.pair(application), self.clock.now());
        let linked = user.links.contains_key(&application.id);
        let verdict = Verdict::of(&planned, true, linked);
        let customer = case.customers.first().and_then(|customer| customer.id);
        let customer = linked_customer(user, application).or(customer);
        Ok(Some(Trace {
            application: application.id.clone(),
            store: application.name.clone(),
            version: user.version,
            customers: case.customers.iter().filter_map(|customer| customer.id).collect(),
            matched: matched(user, &case, application),
            scope: application.policies.scope.clone(),
            in_scope: case.in_scope,
            fields: traced(&application.mapping, user, &case, application),
            outcome: Foreseen {
                waits: planned.stale || case.waits,
                ..Foreseen::of(&planned, customer, verdict)
            },
        }))
    }

    /// What the deletion of the user would do at `application`; `None`: there is no such user, or
    /// none of its customers. Both sides are read, and nothing is written.
    ///
    /// # Errors
    /// When the tables or the store do not answer.
    pub async fn foresee_deletion(
        &self,
        application: &Application,
        user: &UserId,
    ) -> Result<Option<Foreseen>, Untold> {
        let Some(case) = self.case_of(application, user).await? else { return Ok(None) };
        let linked = case.user.as_ref().and_then(|user| linked_customer(user, application));
        let Some(customer) = linked else { return Ok(None) };
        let now = self.clock.now();
        let there = case.customers.iter().find(|there| there.id == Some(customer));
        let pair = Pair {
            application,
            user: UserSeen::Deleted { user, customer, since: now },
            customer: there.map_or(CustomerSeen::None, CustomerSeen::One),
            in_scope: false,
            sent: case.sent.as_ref(),
        };
        let planned = plan(pair, now);
        Ok(Some(Foreseen::of(&planned, Some(customer), Verdict::of(&planned, false, true))))
    }

    /// The pair of one user at one application.
    async fn case_of(&self, application: &Application, user: &UserId) -> Result<Option<Case>, Failure> {
        let row = Work::unwritten(Subject::User(user.clone()), "console", self.clock.now());
        Ok(self.gather_users(application, &[row]).await?.pop())
    }
}

fn matched(user: &User, case: &Case, application: &Application) -> Match {
    match (linked_customer(user, application), case.customers.as_slice()) {
        (Some(_), []) => Match::LinkedAndGone,
        (Some(_), _) => Match::Linked,
        (None, []) => Match::Nobody,
        (None, [_]) => Match::Email,
        (None, _) => Match::Several,
    }
}

fn traced(mapping: &Mapping, user: &User, case: &Case, application: &Application) -> Vec<Traced> {
    let ours = mapping.read_user(user);
    let theirs = case.customers.first().map(|customer| mapping.read_customer(customer)).unwrap_or_default();
    let base = user.links.get(&application.id).map(|link| &link.base);
    let value =
        |mapped: &Mapped, field: &CustomerField| mapped.fields.get(field).cloned().unwrap_or_default();
    let one = |rule: &Rule| {
        let name = rule.field.to_string();
        let refused = ours.refused.iter().chain(&theirs.refused).find(|refusal| refusal.field == name);
        Traced {
            attribute: rule.attribute.to_string(),
            field: name.clone(),
            direction: rule.flows(),
            user: value(&ours, &rule.field),
            customer: value(&theirs, &rule.field),
            agreed: base.and_then(|base| base.fields.get(&rule.field)).cloned().unwrap_or_default(),
            refused: refused.map(ToString::to_string),
        }
    };
    mapping.all_rules().map(one).collect()
}
